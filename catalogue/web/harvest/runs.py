"""The runs of a source: how far one is, what it asks, what it found, and its undoing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, flash, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.harvest.models import (
    AT_WORK,
    FAILED,
    FINISHED,
    FULL,
    PREVIEW,
    PROTOCOLS,
    RESUMABLE,
    STOPPED,
    WRITING,
    Run,
    Source,
)
from catalogue.tending import workers
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.harvest.frame import (
    blueprint,
    opened_run,
    outcome_asked_for,
    records_of,
    ring,
    way_to,
)
from catalogue.web.harvest.words import problems_of
from catalogue.web.people import persons
from catalogue.web.posted import go, said
from catalogue.web.spreadsheets import as_csv
from catalogue.web.views import Paged, page, page_number

#: How many finds, pages with problems and missing ids a page tells.
_FINDS, _PAGES, _MISSING = 50, 20, 20
#: What is asked for where the finds that are not taken in yet are meant.
_TO_COME = "to-come"


@blueprint.get("/harvest/<slug:key>/runs/<int:number>")
def run(key: str, number: int) -> Response:
    """One run: how far it is or what it came to, what it asks, and what it found."""
    source, run = opened_run(key, number)
    wanted, at = outcome_asked_for(_TO_COME), page_number()
    finds, total = catalogue.sources.finds(
        session,
        run,
        outcome=("" if wanted == _TO_COME else wanted) if wanted else None,
        page=at,
        size=_FINDS,
        entries_first=run.mode == PREVIEW,
    )
    faulty, faults = catalogue.sources.pages(session, run, size=_PAGES, faulty=True)
    return page(
        "harvest/run.html",
        paged=Paged(finds, total, at, _FINDS),
        wanted=wanted,
        records=records_of(one.record_id for one in finds),
        items=catalogue.sources.numbers(session, source, [one.name for one in finds]),
        protocols=PROTOCOLS,
        elsewhere=_elsewhere(source, run),
        waiting=catalogue.sources.finds(session, run, outcome="", size=0)[1],
        faulty=faulty,
        more_faulty=faults - len(faulty),
        people=persons([run.author] if run.author else []),
        can_go_on=run.state in RESUMABLE and _is_last(source, run),
        can_be_undone=_can_be_undone(source, run),
        **_state(source, run),
    )


@blueprint.get("/harvest/<slug:key>/runs/<int:number>/state")
def run_state(key: str, number: int) -> Response:
    """How far a run is: the part of its page that changes while it is at work."""
    source, run = opened_run(key, number)
    return Response(render_template("harvest/_state.html", **_state(source, run)))


@blueprint.get("/harvest/<slug:key>/runs/<int:number>.csv")
def finds(key: str, number: int) -> Response:
    """What a run found new, changed or wrong, for a spreadsheet."""
    source, run = opened_run(key, number)
    address = catalogue.settings.public_address
    lines = (
        (
            find.outcome,
            find.title,
            find.remote_id,
            address + way_to(record)[1:] if record and way_to(record) else "",
            "; ".join(problems_of(find.kind, find.problems)),
        )
        for find, record in catalogue.sources.every_find(session, run)
    )
    columns = ("outcome", "title", "id there", "record", "problems")
    return as_csv(f"{source.key}-run-{run.id}", columns, lines)


# steps ----------------------------------------------------------------------------------


@blueprint.post("/harvest/<slug:key>/runs/<int:number>/stop")
def stop(key: str, number: int) -> AnyResponse:
    """Have a run stop; it can be gone on with."""
    with catalogue.database.write() as writing:
        catalogue.sources.stop(writing, viewer, _run(writing, key, number))
    ring()
    return _back(key, number)


@blueprint.post("/harvest/<slug:key>/runs/<int:number>/resume")
def resume(key: str, number: int) -> AnyResponse:
    """Have a run that stopped or failed go on where it was."""
    with catalogue.database.write() as writing:
        catalogue.sources.resume(writing, viewer, _run(writing, key, number))
    ring()
    return _back(key, number)


@blueprint.post("/harvest/<slug:key>/runs/<int:number>/answer")
def answer(key: str, number: int) -> AnyResponse:
    """Answer what a run asks."""
    with catalogue.database.write() as writing:
        catalogue.sources.answer(writing, viewer, _run(writing, key, number), said("answer"))
    ring()
    return _back(key, number)


@blueprint.get("/harvest/<slug:key>/runs/<int:number>/undo")
def ask_to_undo(key: str, number: int) -> Response:
    """What undoing a run does, and the button."""
    catalogue.sources.allow(viewer)
    source, run = opened_run(key, number)
    possible = _can_be_undone(source, run)
    return page("harvest/undo.html", source=source, run=run, possible=possible)


@blueprint.post("/harvest/<slug:key>/runs/<int:number>/undo")
def undo(key: str, number: int) -> AnyResponse:
    """Have everything that a run changed put back as it was."""
    with catalogue.database.write() as writing:
        catalogue.sources.undo(writing, viewer, _run(writing, key, number))
    ring()
    flash("It is being undone. The source is paused, or the next run would do the same again.")
    return _back(key, number)


# what is told ---------------------------------------------------------------------------


def _state(source: Source, run: Run) -> dict[str, Any]:
    missing = run.missing or []
    left = 0
    if run.state == WRITING:
        _, left = catalogue.sources.finds(session, run, outcome="", size=1)
    return {
        "source": source,
        "run": run,
        "works": run.state in AT_WORK,
        "worker": bool(workers(session)),
        "left": left,
        "missing": missing[:_MISSING],
        "more_missing": max(len(missing) - _MISSING, 0),
    }


def _elsewhere(source: Source, run: Run) -> str:
    """Where a feed was found, if that is not where the source was said to be; else empty."""
    pages, _ = catalogue.sources.pages(session, run, size=1)
    found = pages[0].address if pages and run.protocol == "dcat" else ""
    return found if found and _place(found) != _place(source.address) else ""


def _place(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.netloc.lower(), parts.path.rstrip("/")


def _run(writing: Any, key: str, number: int) -> Run:
    return catalogue.sources.run(writing, catalogue.sources.get(writing, key), number)


def _is_last(source: Source, run: Run) -> bool:
    last = catalogue.sources.last(session, source)
    return run.mode != FULL or last is None or last.id == run.id


def _can_be_undone(source: Source, run: Run) -> bool:
    ended = run.mode == FULL and run.state in (FINISHED, STOPPED, FAILED)
    return ended and _is_last(source, run)


def _back(key: str, number: int) -> AnyResponse:
    return go(url_for("harvest.run", key=key, number=number))
