"""Sources: the catalogues that are harvested, added, changed, paused and given up.

Administrators look after them, reviewers may read.  Whatever takes its time is asked for here
and done by a worker: the answer is 202, and what is asked for again tells how far it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, after_this_request, current_app
from sqlalchemy.orm import Session

from catalogue.accounts.models import Organisation
from catalogue.api import cursors, preconditions
from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import absolute, with_query
from catalogue.api.changing import merged, organisation
from catalogue.api.copies import moment, persons
from catalogue.api.harvest_forms import NewSource, SourceChanges
from catalogue.api.operations import PREFIX, Example, Operation
from catalogue.api.parameters import Parameter, choice, path, refuse, size
from catalogue.api.workspace import MERGE_PATCH
from catalogue.harvest.checking import SAYS
from catalogue.harvest.models import WAYS_TO_LEAVE, Run, Source
from catalogue.harvest.seen import Standing
from catalogue.harvest.sources import etag_of
from catalogue.profile import Names, Profile
from catalogue.web.current import catalogue

TAG = "Harvesting"
RULE = "/harvest/sources/<slug:key>"
KEY = path("key", "The key of the source.", maxLength=64)
ONE = {"key": "national-portal"}
_WAY = Parameter(
    "way",
    "What becomes of its records: `keep` leaves them as records of our own, `withdraw` takes them "
    "out of the world's sight, `delete` erases what they said as well.",
    {"type": "string", "enum": list(WAYS_TO_LEAVE)},
    required=True,
)
_NEW = {
    "title": "National portal",
    "address": "https://data.example.org/catalog.ttl",
    "schedule": "daily",
    "organisation": "university-hospital",
}


def of_source(_: Profile) -> Sequence[Parameter]:
    """The parameters in the address of one source."""
    return (KEY,)


@personal(
    "/harvest/sources",
    Operation("list_sources", TAG, "List what is harvested", "HarvestSources"),
)
def every(acting: Acting) -> Response:
    """The catalogues that are harvested, by title; for administrators and reviewers."""
    catalogue.sources.allow(acting.viewer, "see harvest")
    found = [_source(acting.session, one) for one in catalogue.sources.standings(acting.session)]
    links = {"self": absolute(f"{PREFIX}/harvest/sources"), "page": absolute("harvest")}
    return told({"total": len(found), "items": found, "links": links})


@personal(
    "/harvest/sources",
    Operation(
        "add_source",
        TAG,
        "Add a source",
        "HarvestSource",
        examples=lambda: [Example("", sent=_NEW)],
        method="POST",
        body=NewSource,
        status=201,
        located=True,
        tagged=True,
    ),
)
def add(acting: Acting) -> Response:
    """Add a catalogue to harvest. Nothing is read before its time, or before a run is asked for."""
    catalogue.sources.allow(acting.viewer)
    said = dict(acting.said)
    key = said.pop("key", "")
    made = catalogue.sources.add(acting.session, acting.viewer, _meant(acting, said), key=key)
    return _told(acting, made, 201)


@personal(
    RULE,
    Operation(
        "read_source",
        TAG,
        "Read a source",
        "HarvestSource",
        of_source,
        lambda: [Example("", ONE)],
        missing=True,
        tagged=True,
    ),
)
def show(acting: Acting, key: str) -> Response:
    """A catalogue that is harvested: how it is read, when, and how the last run went."""
    return _told(acting, opened(acting, key))


@personal(
    RULE,
    Operation(
        "change_source",
        TAG,
        "Change a source",
        "HarvestSource",
        of_source,
        lambda: [Example("", ONE, sent={"schedule": "weekly", "fields": {"keyword": "source"}})],
        method="PATCH",
        body=SourceChanges,
        accepts=(MERGE_PATCH, "application/json"),
        missing=True,
        matches="heeded",
        tagged=True,
    ),
)
def change(acting: Acting, key: str) -> Response:
    """Say something else of a source; what is not said stays. It holds from the next run on."""
    source = to_change(acting, key)
    said = dict(acting.said)
    for name in {"options", "fields"} & said.keys():
        said[name] = merged(getattr(source, name), said[name])
    done = catalogue.sources.change(acting.session, acting.viewer, source, _meant(acting, said))
    return _told(acting, done)


@personal(
    RULE,
    Operation(
        "leave_source",
        TAG,
        "Give a source up",
        "HarvestSource",
        lambda profile: (KEY, _WAY),
        lambda: [Example("", ONE, [("way", "keep")])],
        method="DELETE",
        missing=True,
        matches="heeded",
        status=202,
        tagged=True,
    ),
)
def leave(acting: Acting, key: str) -> Response:
    """Give a source up. A worker does with its records what `way` says; then it answers 404."""
    source = to_change(acting, key)
    way = choice("way", acting.asked, ("", *WAYS_TO_LEAVE))
    if not way:
        raise refuse("way", f"Say what becomes of its records: {', '.join(WAYS_TO_LEAVE)}.")
    catalogue.sources.leave(acting.session, acting.viewer, source, way)
    ring()
    return _told(acting, source, 202)


@personal(
    f"{RULE}/pause",
    Operation(
        "pause_source",
        TAG,
        "Take a source off the timetable",
        "HarvestSource",
        of_source,
        lambda: [Example("", ONE)],
        method="POST",
        missing=True,
        matches="heeded",
        tagged=True,
    ),
)
def pause(acting: Acting, key: str) -> Response:
    """Let the timetable pass a source by; runs can be asked for all the same."""
    source = to_change(acting, key)
    catalogue.sources.pause(acting.session, acting.viewer, source)
    return _told(acting, source)


@personal(
    f"{RULE}/resume",
    Operation(
        "resume_source",
        TAG,
        "Put a source on the timetable again",
        "HarvestSource",
        of_source,
        lambda: [Example("", ONE)],
        method="POST",
        missing=True,
        matches="heeded",
        tagged=True,
    ),
)
def resume(acting: Acting, key: str) -> Response:
    """Let the timetable read a source again that was paused."""
    source = to_change(acting, key)
    catalogue.sources.pause(acting.session, acting.viewer, source, paused=False)
    return _told(acting, source)


# what all of harvesting shares --------------------------------------------------------


def opened(acting: Acting, key: str, action: str = "see harvest") -> Source:
    """A source, for somebody who may see what is harvested or look after it."""
    catalogue.sources.allow(acting.viewer, action)
    return catalogue.sources.get(acting.session, key)


def to_change(acting: Acting, key: str) -> Source:
    """A source to do something with, if it is what the asker holds."""
    source = opened(acting, key, "harvest")
    preconditions.hold(etag_of(source), "source")
    return source


def address(source: Source, *steps: object) -> str:
    """The address of a source here, or of something below it."""
    return absolute("/".join((f"{PREFIX}/harvest/sources", source.key, *map(str, steps))))


def ring() -> None:
    """Tell a worker, once what was asked for is written down."""

    @after_this_request
    def answered(response: Response) -> Response:
        current_app.extensions["jobs"].ring()
        return response


class Part:
    """A part of a long list: how many are asked for, after which, and where the next begins."""

    def __init__(self, acting: Acting, here: str, *list_: object) -> None:
        self.here, self.most = here, size(acting.asked)
        self.list_ = (here, *list_)
        self.asked = [pair for pair in acting.asked if pair[0] != "cursor"]
        self.after = cursors.read(self.list_, dict(acting.asked).get("cursor", ""))

    def of(
        self, total: int, shown: Sequence[Mapping[str, Any]], last: Sequence[Any], *, more: bool
    ) -> dict[str, Any]:
        """The part with what is shown in it; ``last`` is the place of the last of that."""
        cursor = [("cursor", cursors.written(self.list_, last))] if more else []
        return {
            "total": total,
            "items": list(shown),
            "next": with_query(self.here, [*self.asked, *cursor]) if more else None,
            "links": {"self": with_query(self.here, self.asked)},
        }


def run_as_told(source: Source, run: Run) -> dict[str, Any]:
    """A run in a list."""
    here = address(source, "runs", run.id)
    return {
        "number": run.id,
        "mode": run.mode,
        "state": run.state,
        "author": persons([run.author])[run.author],
        "asked": moment(run.asked),
        "began": moment(run.began),
        "ended": moment(run.ended),
        "protocol": run.protocol,
        "pages": run.pages,
        "entries": run.entries,
        "kinds": run.kinds,
        "stated": run.stated,
        "missing": list(run.missing or ()),
        "complete": run.complete,
        "counts": run.counts,
        "question": run.question or None,
        "answer": run.answer,
        "stopping": bool(run.wish),
        "error": run.error,
        "links": {
            "self": here,
            "page": absolute(f"harvest/{source.key}/runs/{run.id}"),
            "source": address(source),
            "finds": f"{here}/finds",
            "pages": f"{here}/pages",
        },
    }


def _told(acting: Acting, source: Source, status: int = 200) -> Response:
    location = address(source) if status == 201 else ""
    said = _source(acting.session, catalogue.sources.standing(acting.session, source))
    return told(said, status, etag=said["etag"], location=location)


def _source(session: Session, standing: Standing) -> dict[str, Any]:
    source = standing.source
    number = source.organisation
    holder = None if number is None else session.get(Organisation, number)
    return {
        "key": source.key,
        **{name: getattr(source, name) for name in SAYS},
        "organisation": holder and {"key": holder.key, "name": holder.name},
        "state": source.state,
        "leaving": source.leaving,
        "due": moment(source.due),
        "created": moment(source.created),
        "author": persons([source.author])[source.author],
        "etag": etag_of(source),
        "last": standing.last and run_as_told(source, standing.last),
        "now": standing.now and run_as_told(source, standing.now),
        "links": {
            "self": address(source),
            "page": absolute(f"harvest/{source.key}"),
            **{name: address(source, name) for name in ("runs", "items", "unread")},
        },
    }


def _meant(acting: Acting, said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of a source in the words of the catalogue."""
    meant = dict(said)
    if key := said.get("organisation"):
        meant["organisation"] = organisation(acting, key).id
    elif key == "":
        meant["organisation"] = None
    if listed_in := said.get("listed_in"):
        meant["listed_in"] = Names(catalogue.settings.public_address).relative(listed_in)
    return meant
