"""What the pages of the harvester say of sources, runs and finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.harvest.models import (
    ASKING,
    AT_WORK,
    FAILED,
    FINISHED,
    HOLD,
    LOCAL,
    OUTCOMES,
    PREVIEW,
    PUBLISH,
    READING,
    SOURCE,
    STOPPED,
    SUPERSEDED,
    UNDOING,
    UNDONE,
    WAITING,
    WRITING,
    Run,
    Source,
)
from catalogue.rdf.listing import LISTED
from catalogue.web.current import catalogue
from catalogue.web.words import number

#: How the state of a run is called.
STATES: Mapping[str, str] = {
    WAITING: "Waits for a worker",
    READING: "Reads",
    WRITING: "Takes in",
    UNDOING: "Is being undone",
    ASKING: "Waits for an answer",
    STOPPED: "Stopped",
    FAILED: "Failed",
    FINISHED: "Finished",
    UNDONE: "Undone",
    SUPERSEDED: "Given up for a later run",
}
#: What stands of an item: runs that find it unchanged leave that as it was.
STANDING: Mapping[str, str] = {
    **OUTCOMES,
    "created": "taken in",
    "updated": "taken in, changed since",
    "unchanged": "taken in as it was",
    "returned": "there again",
}
#: How often a source is read.
OFTEN: Mapping[str, str] = {
    "manual": "Only when somebody asks",
    "hourly": "Every hour",
    "daily": "Every day",
    "weekly": "Every week",
    "monthly": "Every month",
}
#: Whose word counts, and what that means.
EDITS: Mapping[str, tuple[str, str]] = {
    LOCAL: (
        "Ours",
        "What somebody edited here stays. Where the source says something else meanwhile, the "
        "item shows both.",
    ),
    SOURCE: (
        "The source’s",
        "Where the source changes a field, that takes the place of an edit here. The history of "
        "the record keeps what was written.",
    ),
}
#: What becomes of a description that lacks what publishing needs.
INCOMPLETE: Mapping[str, tuple[str, str]] = {
    HOLD: (
        "Hold it as a draft",
        "Nobody else sees it until somebody here has added what it lacks.",
    ),
    PUBLISH: (
        "Publish it with what it has",
        "Everybody finds it; what it lacks is shown as not stated, and other portals may refuse it.",
    ),
}
#: How counts are told in a line.
_SHORT: Mapping[str, str] = {
    "created": "new",
    "updated": "changed",
    "returned": "there again",
    "held": "held as drafts",
    "kept": "kept as edited here",
    "withdrawn": "withdrawn",
    "missing": "not there now",
}
#: What a run asks about that found much gone, and as much under other ids.
NEW_IDS = "new-ids"
#: Outcomes that a run counts, but keeps no find of.
_ONLY_COUNTED = ("unchanged",)


@dataclass(frozen=True)
class Answer:
    """A way to go on from a question: what the button says, and what it does."""

    name: str
    button: str
    does: str


def summary_of(run: Run) -> str:
    """What a run came to, in a line: ``812 there, 3 new, 1 changed, 2 problems``."""
    counts = run.counts or {}
    if run.state == FAILED and not run.entries:
        return "nothing could be read"
    if run.mode == PREVIEW and run.state == FINISHED and not _read(run):
        return "nothing was found"
    told = [_there(run)]
    told += [f"{number(counts[name])} {said}" for name, said in _SHORT.items() if counts.get(name)]
    if failed := counts.get("failed"):
        told.append(f"{number(failed)} {_many(failed, 'problem')}")
    if len(told) == 1 and run.state == FINISHED and run.mode != PREVIEW:
        told.append("nothing new")
    return ", ".join(told)


def _there(run: Run) -> str:
    if run.state not in AT_WORK:
        return f"{number(_read(run))} {'looked at' if run.mode == PREVIEW else 'there'}"
    of = f" of {number(run.stated)}" if run.stated and run.mode != PREVIEW else ""
    return f"{number(run.entries)}{of} read"


def _read(run: Run) -> int:
    """How many descriptions were read of all kinds, those of organisations too."""
    return max(sum(run.kinds.values()), run.entries)


def kinds_of(run: Run) -> str:
    """What was read by kind: ``60 datasets, 1 organisation``; empty if it was all datasets."""
    if set(run.kinds) <= {"dataset"}:
        return ""
    records = catalogue.profile.records
    return ", ".join(
        f"{number(count)} {(shape.label if count == 1 else shape.plural).lower()}"
        for kind, shape in records.items()
        if (count := run.kinds.get(kind, 0))
    )


def reconciled(run: Run) -> str:
    """How what was read compares with what the source says it has."""
    read = _counted(run)
    if run.mode == PREVIEW:
        if not run.entries:
            if run.stated:
                return f"None of the {number(run.stated)} that it says it has could be read."
            return "No description was found."
        if run.stated == run.entries:
            return f"These are all {number(run.entries)}."
        of = f" of {number(run.stated)}" if run.stated is not None else ""
        return f"These are the first {number(run.entries)}{of}."
    if run.stated is None:
        others = _read(run) - run.entries
        beside = f" beside {number(others)} catalogues and organisations" if others > 1 else ""
        return f"{number(run.entries)} read{beside}. The source does not say how many it has."
    of = f"{number(read)} of {number(run.stated)}"
    if read < run.stated:
        return f"{of}: {number(run.stated - read)} missing."
    if read > run.stated:
        return f"{number(read)} read, though the source says that it has {number(run.stated)}."
    return f"{of}: none is missing."


def _counted(run: Run) -> int:
    """How many were read of what the source counts: datasets only, or series and services too."""
    datasets, series, services = (run.kinds.get(kind, 0) for kind in LISTED)
    ways = (datasets, datasets + series, datasets + services, datasets + series + services)
    return run.stated if run.stated in ways else run.entries


def asked_of(source: Source, run: Run) -> str:
    """What a run asks, in words."""
    asked = run.question or {}
    count, of = asked.get("count", 0), asked.get("of", 0)
    gone = f"{number(count)} of {number(of)} records {'is' if count == 1 else 'are'} not there any more"
    if asked.get("is") == NEW_IDS:
        return (
            f"{gone}, and {number(asked.get('alike', 0))} came with the same titles under new "
            "ids. The source may have changed how it names its descriptions."
        )
    return f"{gone}: more than {source.brake} %, so it asks first."


def answers_of(run: Run) -> Sequence[Answer]:
    """The ways to go on from what a run asks."""
    asked = run.question or {}
    count, alike = asked.get("count", 0), asked.get("alike", 0)
    stop = Answer("stop", "Stop", "Nothing is changed.")
    if asked.get("is") != NEW_IDS:
        withdrawn = f"{number(count)} {_many(count, 'record')} will be withdrawn"
        back = "Undoing the run brings them back."
        return Answer("go-on", "Go on", f"{withdrawn}. {back}"), stop
    return (
        Answer(
            "match",
            "They are the same under new ids",
            f"{number(alike)} {_many(alike, 'record')} will go on under new ids, each with its "
            f"address here, its history and its edits.{_others(count - alike)}",
        ),
        Answer(
            "go-on",
            "They are others",
            f"The new ones become records of their own, and {number(count)} of the old ones are "
            "withdrawn when their days are over.",
        ),
        stop,
    )


def _others(count: int) -> str:
    """What becomes of those that came under no new id."""
    if count <= 0:
        return ""
    go = "other one is" if count == 1 else f"other {number(count)} are"
    return f" The {go} withdrawn when {'its' if count == 1 else 'their'} days are over."


def finds_of(run: Run) -> Sequence[tuple[str, str, int, bool]]:
    """The outcomes of a run: name, words, how many, and whether its finds can be listed."""
    counts = run.counts or {}
    return [
        (name, said, counts[name], name not in _ONLY_COUNTED)
        for name, said in OUTCOMES.items()
        if counts.get(name)
    ]


def problems_of(kind: str, problems: Iterable[Any] | None) -> Sequence[str]:
    """Problems in words, each once, with the field that they are about."""
    return list(dict.fromkeys(_told(kind, problems or ())))


def curie(iri: str) -> str:
    """An IRI of RDF with a prefix that we know; whole if there is none."""
    for prefix, namespace in catalogue.profile.prefixes.items():
        if namespace and iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def _told(kind: str, problems: Iterable[Any]) -> Iterator[str]:
    shape = catalogue.profile.records.get(kind)
    for one in problems:
        if not isinstance(one, Mapping):
            yield str(one)
            continue
        message, path = str(one.get("message", "")), one.get("path") or ()
        field = shape.properties.get(str(path[0])) if shape and path else None
        yield f"{field.label}: {message}" if field and field.label not in message else message


def _many(count: int, one: str) -> str:
    return one if count == 1 else f"{one}s"
