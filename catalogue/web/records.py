"""Organisations, catalogues, series and services: a list of each, and a page of each."""

from __future__ import annotations

from typing import Any

from flask import Response

from catalogue.records.models import Record
from catalogue.web import counts
from catalogue.web.current import catalogue, session
from catalogue.web.paths import KINDS
from catalogue.web.views import page, page_number, pages, record_page

blueprint = pages("records", __name__)
_PATHS = "any(" + ",".join(path for path, kind in KINDS.items() if kind != "dataset") + ")"
_IN_HEADER = ("name", "title", "alternative", "summary", "description", "demonstration")
#: What is told before the datasets, of whichever kind of record has it.
_AT_A_GLANCE = (
    ("agent_type",),
    ("studied_condition",),
    ("spatial",),
    ("homepage",),
    ("endpoint_url",),
    ("publisher",),
    ("listed_in",),
    ("grant_number",),
    ("frequency",),
    ("asset_category",),
    ("landing_page",),
    ("concerns_condition",),
)


@blueprint.get(f"/<{_PATHS}:path>")
def every(path: str) -> Response:
    """Every record of a kind, by title."""
    shape = catalogue.records.shape(KINDS[path])
    return page("records/list.html", shape=shape, paged=counts.listed(shape.path, page_number()))


@blueprint.get(f"/<{_PATHS}:path>/<slug:slug>")
def show(path: str, slug: str) -> Response:
    """A record, and the datasets that refer to it."""
    kind = KINDS[path]
    record = catalogue.records.by_slug(session, kind, slug)
    return record_page(kind, slug, "records/show.html", **context(record))


def context(record: Record) -> dict[str, Any]:
    """What the template of such a record's page needs beside the record."""
    referring = counts.referring(record.kind)
    fields = [one.name for one in referring]
    within = [one.name for one in counts.referring(record.kind, record.kind)]
    return {
        "in_header": _IN_HEADER,
        "facts": _AT_A_GLANCE,
        "facet": next((one for one in referring if one.name in catalogue.profile.facets), None),
        "paged": counts.having(record.iri, fields, page_number()),
        "within": counts.having(record.iri, within, 1, record.kind),
    }
