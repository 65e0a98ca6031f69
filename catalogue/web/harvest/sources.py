"""The sources: how each stands, what waits for somebody, and the steps that are taken with one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from catalogue.accounts.models import Organisation
from catalogue.harvest.models import ASKING, AT_WORK, FAILED, FULL, PREVIEW, PROTOCOLS, Run
from catalogue.records.models import Record
from catalogue.tending import workers
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.harvest.frame import blueprint, opened, ring, way_to
from catalogue.web.harvest.options import options_of
from catalogue.web.harvest.words import (
    EDITS,
    INCOMPLETE,
    OFTEN,
    curie,
    problems_of,
)
from catalogue.web.people import persons
from catalogue.web.posted import go, said
from catalogue.web.spreadsheets import as_csv
from catalogue.web.views import Paged, page, page_number

#: How many runs a page tells.
_RUNS = 15


@blueprint.get("/harvest")
def every() -> Response:
    """The other catalogues that are harvested, and what waits for somebody."""
    standings = catalogue.sources.standings(session)
    return page(
        "harvest/sources.html",
        standings=standings,
        asking=[(one.source, one.now) for one in standings if one.now and one.now.state == ASKING],
        failed=[
            (one.source, one.last) for one in standings if one.last and one.last.state == FAILED
        ],
        protocols=PROTOCOLS,
        often=OFTEN,
        worker=bool(workers(session)),
        pairs=catalogue.pairs.count(session),
    )


@blueprint.get("/harvest/<slug:key>")
def show(key: str) -> Response:
    """One source: how it stands, its items and runs, and what of them is not read."""
    source, number = opened(key), page_number()
    runs, total = catalogue.sources.runs(session, source, page=number, size=_RUNS)
    last, now = catalogue.sources.last(session, source), catalogue.sources.at_work(session, source)
    listing = session.scalar(select(Record).where(Record.iri == source.listed_in))
    return page(
        "harvest/source.html",
        source=source,
        last=last,
        now=now or (last if last and last.state == ASKING else None),
        looked=_failed_preview(runs, number, last),
        tally=catalogue.sources.tally(session, source),
        paged=Paged(runs, total, number, _RUNS),
        people=persons(one.author for one in runs if one.author),
        unread=catalogue.sources.unread(session, source),
        curie=curie,
        organisation=session.get(Organisation, source.organisation)
        if source.organisation
        else None,
        listing=(listing, way_to(listing)) if listing else None,
        labels={
            name: one.label for name, one in catalogue.profile.records["dataset"].properties.items()
        },
        options=options_of(source, last),
        protocols=PROTOCOLS,
        often=OFTEN,
        edits=EDITS,
        incomplete=INCOMPLETE,
        at_work=AT_WORK,
        worker=bool(workers(session)),
    )


@blueprint.get("/harvest/<slug:key>/problems.csv")
def problems(key: str) -> Response:
    """What is wrong with the items of a source, for a spreadsheet."""
    source = opened(key)
    lines = (
        (item.remote_id, record.title if record else "", item.outcome, said_, _address(record))
        for item, record in catalogue.sources.every_faulty(session, source)
        for said_ in problems_of(item.kind, item.problems)
    )
    columns = ("id there", "title", "outcome", "problem", "record")
    return as_csv(f"problems-{source.key}", columns, lines)


@blueprint.post("/harvest/<slug:key>/read")
def read(key: str) -> AnyResponse:
    """Ask for a run: of all there is, or of the first few without a change."""
    mode = PREVIEW if said("mode") == PREVIEW else FULL
    with catalogue.database.write() as writing:
        source = catalogue.sources.get(writing, key)
        number = catalogue.sources.ask(writing, viewer, source, mode).id
    ring()
    return go(url_for("harvest.run", key=key, number=number))


@blueprint.post("/harvest/<slug:key>/pause")
def pause(key: str) -> AnyResponse:
    """Take a source off the timetable, or put it on again."""
    paused = said("paused") == "yes"
    with catalogue.database.write() as writing:
        source = catalogue.sources.get(writing, key)
        catalogue.sources.pause(writing, viewer, source, paused=paused)
    flash("It is not read by itself any more." if paused else "It is read by itself again.")
    return go(url_for("harvest.show", key=key))


def _failed_preview(runs: Sequence[Run], number: int, last: Run | None) -> Run | None:
    """The newest run, if it was a look that failed: nothing else on the page would tell why."""
    if number > 1 or not runs or (runs[0].mode, runs[0].state) != (PREVIEW, FAILED):
        return None
    return runs[0] if last is None or last.id < runs[0].id else None


def _address(record: Record | None) -> str:
    way = way_to(record) if record else ""
    return catalogue.settings.public_address + way[1:] if way else ""
