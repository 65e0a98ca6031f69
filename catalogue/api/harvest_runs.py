"""Runs: one reading of a source each, asked for, stopped, gone on with, answered, undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response

from catalogue.api.acting import Acting, personal, told
from catalogue.api.copies import NUMBER_RULE, moment, number
from catalogue.api.harvest import (
    KEY,
    ONE,
    RULE,
    TAG,
    Part,
    address,
    opened,
    ring,
    run_as_told,
)
from catalogue.api.harvest_forms import WAITING, NewRun, RunAnswer
from catalogue.api.harvest_items import broken_rules, records_as_told
from catalogue.api.operations import Example, Operation
from catalogue.api.parameters import PAGING, Parameter, choice, flag, is_set
from catalogue.harvest.models import FULL, OUTCOMES, Find, Page, Run, Source
from catalogue.profile import Profile
from catalogue.tending import workers
from catalogue.web.current import catalogue

_RUN_RULE = f"{RULE}/runs/{NUMBER_RULE}"
_NUMBER = number("number", "The number of a run of the source.")
_RUN = {**ONE, "number": "1"}
_OUTCOME = Parameter(
    "outcome",
    "Only those that came to it; `waiting` is what is not taken in yet.",
    {"type": "string", "enum": [*OUTCOMES, WAITING]},
)


def _of_run(_: Profile) -> Sequence[Parameter]:
    return (KEY, _NUMBER)


@personal(
    f"{RULE}/runs",
    Operation(
        "list_runs",
        TAG,
        "List the runs of a source",
        "HarvestRuns",
        lambda profile: (KEY, *PAGING),
        lambda: [Example("", ONE)],
        missing=True,
    ),
)
def every(acting: Acting, key: str) -> Response:
    """How a source was read so far, the newest first."""
    source = opened(acting, key)
    part = Part(acting, address(source, "runs"))
    below = part.after[0] if part.after else 0
    found, total = catalogue.sources.runs(acting.session, source, size=part.most + 1, below=below)
    shown = found[: part.most]
    return told(
        part.of(
            total,
            [run_as_told(source, one) for one in shown],
            (shown[-1].id,) if shown else (),
            more=len(found) > part.most,
        )
    )


@personal(
    f"{RULE}/runs",
    Operation(
        "ask_for_run",
        TAG,
        "Ask for a run",
        "HarvestRun",
        lambda profile: (KEY,),
        lambda: [
            Example("Read all of it", ONE, sent={"mode": "full"}),
            Example("See the first descriptions", ONE, sent={"mode": "preview"}),
        ],
        method="POST",
        body=NewRun,
        missing=True,
        status=202,
        located=True,
    ),
)
def ask(acting: Acting, key: str) -> Response:
    """Have a worker read a source. A preview shows the first descriptions and writes nothing."""
    source = opened(acting, key, "harvest")
    mode = acting.said.get("mode", FULL)
    run = catalogue.sources.ask(acting.session, acting.viewer, source, mode)
    ring()
    return _told(acting, source, run, 202)


@personal(
    _RUN_RULE,
    Operation(
        "read_run",
        TAG,
        "Read a run",
        "HarvestRun",
        _of_run,
        lambda: [Example("", _RUN)],
        missing=True,
    ),
)
def show(acting: Acting, key: str, number: int) -> Response:
    """Where a run stands, how far it is, what came of it, and what it asks."""
    source = opened(acting, key)
    return _told(acting, source, catalogue.sources.run(acting.session, source, number))


def _step(
    name: str, title: str, said: str, do: Callable[[Acting, Run], None], **more: Any
) -> Callable[..., Response]:
    """An operation that does something with a run and tells where it stands then."""

    def take(acting: Acting, key: str, number: int) -> Response:
        source = opened(acting, key, "harvest")
        run = catalogue.sources.run(acting.session, source, number)
        do(acting, run)
        acting.session.flush()
        ring()
        return _told(acting, source, run, 202)

    take.__doc__ = said
    sent = {"answer": "go-on"} if "body" in more else None
    operation = Operation(
        f"{name}_run",
        TAG,
        title,
        "HarvestRun",
        _of_run,
        lambda: [Example("", _RUN, sent=sent)],
        method="POST",
        missing=True,
        status=202,
        **more,
    )
    return personal(f"{_RUN_RULE}/{name}", operation)(take)


stop = _step(
    "stop",
    "Stop a run",
    "Have a run stop after the page or batch it is at. It can be gone on with.",
    lambda acting, run: catalogue.sources.stop(acting.session, acting.viewer, run),
)
resume = _step(
    "resume",
    "Go on with a run",
    "Have a run that stopped or failed go on where it was, unless a later one has begun.",
    lambda acting, run: catalogue.sources.resume(acting.session, acting.viewer, run),
)
answer = _step(
    "answer",
    "Answer what a run asks",
    "Decide what a run stopped for: `go-on`, `match` (take new ids over), or `stop`.",
    lambda acting, run: catalogue.sources.answer(
        acting.session, acting.viewer, run, acting.said["answer"]
    ),
    body=RunAnswer,
)
undo = _step(
    "undo",
    "Undo a run",
    "Have everything that the last run changed put back as it was before. The source is paused, "
    "or the timetable would do the same again.",
    lambda acting, run: catalogue.sources.undo(acting.session, acting.viewer, run),
)


@personal(
    f"{_RUN_RULE}/finds",
    Operation(
        "list_finds",
        TAG,
        "List what a run found",
        "HarvestFinds",
        lambda profile: (KEY, _NUMBER, _OUTCOME, *PAGING),
        lambda: [Example("", _RUN, [("outcome", "failed")])],
        missing=True,
    ),
)
def finds(acting: Acting, key: str, number: int) -> Response:
    """What a run found new, changed or wrong; of what was unchanged there is only the count.

    While the run is at work finds move from one outcome to another.
    """
    source = opened(acting, key)
    run = catalogue.sources.run(acting.session, source, number)
    outcome = choice("outcome", acting.asked, ("", *OUTCOMES, WAITING)) or None
    part = Part(acting, address(source, "runs", run.id, "finds"), outcome)
    found, total = catalogue.sources.finds(
        acting.session,
        run,
        outcome="" if outcome == WAITING else outcome,
        size=part.most + 1,
        after=tuple(part.after) if part.after else None,
    )
    shown = found[: part.most]
    return told(
        part.of(
            total,
            _finds(acting, shown),
            (shown[-1].outcome, shown[-1].rank, shown[-1].name) if shown else (),
            more=len(found) > part.most,
        )
    )


@personal(
    f"{_RUN_RULE}/pages",
    Operation(
        "list_pages",
        TAG,
        "List the pages of a run",
        "HarvestPages",
        lambda profile: (
            KEY,
            _NUMBER,
            flag("faulty", "`true` for those with something wrong only."),
            *PAGING,
        ),
        lambda: [Example("", _RUN, [("faulty", "true")])],
        missing=True,
    ),
)
def pages(acting: Acting, key: str, number: int) -> Response:
    """The pages that a run read, in their order, with what was wrong with each."""
    source = opened(acting, key)
    run = catalogue.sources.run(acting.session, source, number)
    faulty = is_set("faulty", acting.asked)
    part = Part(acting, address(source, "runs", run.id, "pages"), faulty)
    after = part.after[0] if part.after else None
    found, total = catalogue.sources.pages(
        acting.session, run, size=part.most + 1, faulty=faulty, after=after
    )
    shown = found[: part.most]
    return told(
        part.of(
            total,
            [_page(one) for one in shown],
            (shown[-1].number,) if shown else (),
            more=len(found) > part.most,
        )
    )


def _told(acting: Acting, source: Source, run: Run, status: int = 200) -> Response:
    found = catalogue.sources.outcomes(acting.session, run)
    waiting = found.pop("", 0)
    progress = {
        "read": run.entries,
        "of": run.stated,
        "taken": sum(found.values()),
        "waiting": waiting,
        "working": run.lease is not None and run.lease > datetime.now(UTC),
        "workers": len(workers(acting.session)),
    }
    said = {**run_as_told(source, run), "progress": progress}
    return told(said, status, location=said["links"]["self"] if status == 202 else "")


def _finds(acting: Acting, found: Sequence[Find]) -> list[dict[str, Any]]:
    records = records_as_told(acting.session, (one.record_id for one in found))
    return [
        {
            "remote_id": one.remote_id,
            "kind": one.kind,
            "iri": one.iri,
            "title": one.title,
            "outcome": one.outcome or WAITING,
            "record": records.get(one.record_id),
            "problems": broken_rules(one.problems),
        }
        for one in found
    ]


def _page(one: Page) -> dict[str, Any]:
    return {
        "number": one.number,
        "address": one.address,
        "found": one.found,
        "at": moment(one.at),
        "problems": list(one.problems or ()),
    }
