"""What every page of the harvester stands on: who may come in, one source, one of its runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, current_app, request, url_for
from sqlalchemy import select

from catalogue.harvest.models import OUTCOMES, Run, Source
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.permissions import may_over_all
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.guard import signed_in_only
from catalogue.web.harvest.words import (
    STANDING,
    STATES,
    answers_of,
    asked_of,
    finds_of,
    kinds_of,
    problems_of,
    reconciled,
    summary_of,
)
from catalogue.web.paths import path_of
from catalogue.web.views import missing, pages

blueprint = pages("harvest", __name__)


@blueprint.before_request
def only_for_those_who_look_after_it() -> Response | None:
    """Reviewers see, administrators take steps; those who are nobody yet sign in."""
    if response := signed_in_only():
        return response
    catalogue.sources.allow(
        viewer, "see harvest" if request.method in ("GET", "HEAD") else "harvest"
    )
    return None


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {
        "may_harvest": may_over_all(viewer, "harvest"),
        "outcomes": OUTCOMES,
        "standing": STANDING,
        "states": STATES,
        "summary_of": summary_of,
        "asked_of": asked_of,
        "answers_of": answers_of,
        "reconciled": reconciled,
        "finds_of": finds_of,
        "kinds_of": kinds_of,
        "problems_of": problems_of,
        "way_to": way_to,
    }


def opened(key: str) -> Source:
    """A source, to be read."""
    return catalogue.sources.get(session, key)


def opened_run(key: str, number: int) -> tuple[Source, Run]:
    """A source and one of its runs, to be read."""
    source = opened(key)
    return source, catalogue.sources.run(session, source, number)


def ring() -> None:
    """Let a worker know that there is something to do."""
    current_app.extensions["jobs"].ring()


def outcome_asked_for(*more: str) -> str:
    """The outcome that the address asks for, or one of the other words; empty for all."""
    wanted = request.args.get("outcome", "")
    if wanted and wanted not in OUTCOMES and wanted not in more:
        raise missing(f'There is no outcome "{wanted[:40]}"; there are those on the page.')
    return wanted


def records_of(numbers: Iterable[int | None]) -> Mapping[int, Record]:
    """Some records by their numbers."""
    wanted = {one for one in numbers if one is not None}
    found = session.scalars(select(Record).where(Record.id.in_(wanted)))
    return {record.id: record for record in found}


def way_to(record: Record) -> str:
    """The page of a record that the viewer may open; empty if there is none."""
    if record.state == PUBLISHED:
        return f"/{path_of(record)}"
    if catalogue.workspace.may(session, viewer, "view", record):
        return url_for("workspace.show", kind=record.kind, key=record.key)
    return ""
