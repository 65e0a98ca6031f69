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
#: Outcomes that a run counts, but keeps no find of.
_ONLY_COUNTED = ("unchanged",)


@dataclass(frozen=True)
class Option:
    """Something that can be said of how a protocol is read."""

    name: str
    label: str
    hint: str
    long: bool = False


#: What can be said beside the address, by protocol.
OPTIONS: Mapping[str, Sequence[Option]] = {
    "ckan": (
        Option(
            "fq",
            "Only what this filter finds",
            "In the words of the CKAN API, for example organization:ghent-university-hospital",
        ),
    ),
    "oai-pmh": (
        Option("set", "Only this set", "Its setSpec, for example health. Empty: everything."),
        Option(
            "prefix",
            "Metadata prefix",
            "Empty: the richest that the source has, DCAT before Dublin Core.",
        ),
    ),
    "sparql": (
        Option("graph", "Only this named graph", "Its IRI. Empty: the default graph."),
        Option(
            "query",
            "Query for the datasets",
            "A SELECT whose variable ?dataset gives each one. Empty: everything that is a "
            "dcat:Dataset.",
            long=True,
        ),
    ),
    "table": (
        Option("sheet", "Sheet", "The name of the sheet in a workbook. Empty: the first."),
        Option(
            "identifier",
            "Column with the identifier",
            "Its heading. What stands there must never change, or the row counts as another one.",
        ),
    ),
}
#: How what is said of a protocol is called, by its name.
OPTION_LABELS: Mapping[str, str] = {
    one.name: one.label for some in OPTIONS.values() for one in some
}


@dataclass(frozen=True)
class Answer:
    """A way to go on from a question: what the button says, and what it does."""

    name: str
    button: str
    does: str


def summary_of(run: Run) -> str:
    """What a run came to, in a line: ``812 there, 3 new, 1 changed, 2 problems``."""
    counts = run.counts or {}
    told = [f"{number(run.entries)} {'read' if run.state in AT_WORK else 'there'}"]
    told += [f"{number(counts[name])} {said}" for name, said in _SHORT.items() if counts.get(name)]
    if failed := counts.get("failed"):
        told.append(f"{number(failed)} {_many(failed, 'problem')}")
    if len(told) == 1 and run.state == FINISHED and run.mode != PREVIEW:
        told.append("nothing new")
    return ", ".join(told)


def reconciled(run: Run) -> str:
    """How what was read compares with what the source says it has."""
    if run.mode == PREVIEW:
        if run.stated is None:
            return f"These are the first {number(run.entries)}."
        return f"These are the first {number(run.entries)} of {number(run.stated)}."
    if run.stated is None:
        return f"{number(run.entries)} read. The source does not say how many it has."
    of = f"{number(run.entries)} of {number(run.stated)}"
    if run.entries < run.stated:
        return f"{of}: {number(run.stated - run.entries)} missing."
    if run.entries > run.stated:
        return (
            f"{number(run.entries)} read, though the source says that it has {number(run.stated)}."
        )
    return f"{of}: none is missing."


def asked_of(source: Source, run: Run) -> str:
    """What a run asks, in words."""
    asked = run.question or {}
    if asked.get("is") == "new-ids":
        return (
            "Much that was there is not there any more, and as much came under new ids. The "
            "source may have changed how it names its descriptions."
        )
    gone, of = _number(asked, "withdrawn", "gone", "number"), _number(asked, "of", "records")
    told = f"{number(gone)} of {number(of)} records" if gone and of else "Many records"
    return f"{told} are not there any more: more than the {source.brake} % that may go unasked."


def answers_of(run: Run) -> Sequence[Answer]:
    """The ways to go on from what a run asks."""
    asked = run.question or {}
    gone = _number(asked, "withdrawn", "gone", "number")
    new = _number(asked, "created", "new")
    going = (
        f"{number(gone)} {_many(gone, 'record')} will be withdrawn"
        if gone
        else ("What is gone will be withdrawn")
    )
    if asked.get("is") == "new-ids":
        added = f", and {number(new)} new ones added" if new else ", and the new ones added"
        return (
            Answer(
                "match",
                "They are the same under new ids",
                "Each record goes on under its new id, with its address, history and edits. "
                "Nothing is withdrawn.",
            ),
            Answer("go-on", "They are others", f"{going}{added}."),
            Answer("stop", "Stop", "Nothing is changed."),
        )
    return (
        Answer("go-on", "Go on", f"{going}. They can be brought back by undoing the run."),
        Answer("stop", "Stop", "Nothing is changed."),
    )


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


def _number(asked: Mapping[str, Any], *names: str) -> int:
    return next((asked[one] for one in names if isinstance(asked.get(one), int)), 0)


def _many(count: int, one: str) -> str:
    return one if count == 1 else f"{one}s"
