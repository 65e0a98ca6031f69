"""The page of one dataset, in the order in which a researcher reads.

What it is; who can use it and how; how many people, where and when; then every section of
the profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from catalogue.records.visibility import WITHHELD
from catalogue.web.current import catalogue, session
from catalogue.web.datasets import blueprint
from catalogue.web.upkeep import tell_view
from catalogue.web.views import record_page

#: What somebody must know to decide whether to ask for the data, and what answers it.
DECISION: Mapping[str, tuple[str, ...]] = {
    "Who can use it": ("access_rights", "who_may_apply"),
    "How": ("access_route", "access_conditions"),
    "How long it takes": ("access_time_months",),
    "What it costs": ("access_cost",),
    "Whom to ask": ("contact_point",),
}
#: What is told of every dataset at a glance; what stands beside a name is told below it.
#: People in the dataset and people with a condition are never one number.
AT_A_GLANCE: tuple[tuple[str, ...], ...] = (
    ("number_of_unique_individuals", "individuals_counted_on", "active_individuals"),
    ("studied_condition",),
    ("min_typical_age", "max_typical_age"),
    ("source_type",),
    ("spatial",),
    ("temporal",),
    ("follow_up_median_years", "follow_up_maximum_years"),
    ("frequency", "lag_months"),
    ("linkage",),
    ("omop_status", "omop_cdm_version"),
    ("custodian", "landing_page"),
)
#: The sections that come first; the others follow in the order of the profile.
_READ_FIRST = (
    "People",
    "Health",
    "Outcomes",
    "Coverage",
    "Access",
    "Contact",
    "Variables",
    "Quality and origin",
    "Linkage",
    "OMOP",
    "Related",
    "Files and access points",
    "Versions",
    "Who",
)
#: What the header of a dataset's page tells itself.
_IN_HEADER = ("title", "alternative", "description", "demonstration", WITHHELD)


#: What the template of a dataset's page needs beside the record.
CONTEXT: Mapping[str, Any] = {
    "in_header": _IN_HEADER,
    "read_first": _READ_FIRST,
    "questions": DECISION,
    "facts": AT_A_GLANCE,
    "asks_owner": True,
}


@blueprint.get("/datasets/<slug:slug>")
def show(slug: str) -> Response:
    """A dataset as a page, or as data for those who prefer it."""
    response = record_page("dataset", slug, "datasets/show.html", **CONTEXT)
    if response.mimetype == "text/html" and "at" not in request.args:
        tell_view(catalogue.records.by_slug(session, "dataset", slug))
    return response
