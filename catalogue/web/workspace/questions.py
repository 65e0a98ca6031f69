"""The questions of people who look for data, for those who look after records or over all."""

from __future__ import annotations

from flask import Response

from catalogue.outcomes.owners.owners import Wanted
from catalogue.records.models import Record
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.views import page
from catalogue.web.workspace.frame import blueprint
from catalogue.web.workspace.lacking import way_to


@blueprint.get("/workspace/questions")
def questions() -> Response:
    """What people want to know of records that nobody looks after, for the coordinator."""
    wanted = catalogue.owners.orphaned(session, viewer)
    return page("workspace/questions.html", wanted=wanted, way_of=way_of)


def way_of(wanted: Wanted) -> str:
    """The field in the form that a question is about."""
    return way_to(wanted.record, wanted.place.whole)


def wanted_by_field(record: Record) -> dict[str, list[Wanted]]:
    """What people want to know of a record, by the field of the form."""
    found: dict[str, list[Wanted]] = {}
    for one in catalogue.owners.open_of(session, record):
        found.setdefault(one.place.whole.name, []).append(one)
    return found
