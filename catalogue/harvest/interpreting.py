"""What a description comes to as a document of ours: never an error, but problems in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from catalogue.errors import Problem
from catalogue.harvest.merge import aligned
from catalogue.harvest.releases import Releases
from catalogue.profile import Document, Names, Profile, Shape
from catalogue.rdf.graph import record_in
from catalogue.rdf.listing import LISTED, LISTED_IN
from catalogue.terms import RDF_TYPE, Statement, Statements, iri

#: Changes when a description would be read in another way: all are then read anew.
VERSION = "1"
#: A value that cannot be kept is left out, and what is left is looked at again, so many times.
_MOST_ROUNDS = 50
#: The most problems that are kept of one description.
MOST_PROBLEMS = 40


@dataclass(frozen=True)
class Read:
    """A description as a document, what had to be left out of it, and what no row reads.

    A document of which nothing is left is empty; the problems say why.
    """

    document: Document
    problems: list[Problem] = field(default_factory=list)
    unread: Sequence[str] = ()


@dataclass(frozen=True)
class Told:
    """What is read: a description, and what its source adds to it.

    ``before`` is what was made of it the last time; ``listed_in`` the catalogue here that lists
    what comes from the source.
    """

    kind: str
    iri: str
    form: str
    raw: bytes
    before: Document | None = None
    listed_in: str = ""


class Interpreter:
    """Reads descriptions under a profile; ``base`` is our public address."""

    def __init__(self, profile: Profile, releases: Releases, base: str) -> None:
        self._profile = profile
        self._releases = releases
        self._names = Names(base)
        said = (VERSION, profile.version, profile.vocabularies.version, releases.version, base)
        self._version = hashlib.sha256(repr(said).encode()).hexdigest()

    def digest(self, hash: str, listed_in: str) -> str:
        """What tells whether a description has to be read anew: its hash, and how it is read."""
        return hashlib.sha256(f"{hash} {self._version} {listed_in}".encode()).hexdigest()

    def reference(self, iri: str) -> str:
        """How documents of ours refer to an IRI."""
        return self._names.relative(iri)

    def read(self, told: Told) -> Read:
        """The document of a description: typed, its parts named as they were before."""
        read = self._of_json(told) if told.form == "json" else self._of_rdf(told)
        if not read.document:
            return read
        shape = self._profile.records[told.kind]
        document = aligned(shape, _listed(shape, read.document, told.listed_in), told.before)
        document, left_out = typed(shape, document)
        document.pop("id", None)
        return Read(shape.identify(document), [*read.problems, *left_out], read.unread)

    def _of_rdf(self, told: Told) -> Read:
        statements, notes = self._releases.modern(_statements(told.raw))
        graph = Statements(statements)
        one = record_in(self._profile, graph, told.kind, told.iri, self._names)
        if one is None:
            return Read({}, [Problem((), "nothing in it can be read", rule="reading")])
        problems = [Problem((), note, "warning", "release") for note in notes]
        return Read(one.document, problems, self._unread(graph))

    def _of_json(self, told: Told) -> Read:
        return Read(dict(json.loads(told.raw)))

    def _unread(self, graph: Statements) -> list[str]:
        """The properties in a description that no row has for a thing of that class."""
        left: set[str] = set()
        for subject in graph.subjects():
            known: set[str] = set()
            for class_ in graph.objects(subject, RDF_TYPE):
                known |= self._rows.get(class_, set())
            used = set(graph.predicates(subject))
            left |= used - (known or self._all_rows)
        return sorted(one[1:-1] for one in left)

    @cached_property
    def _rows(self) -> Mapping[str, set[str]]:
        """The properties that the profile has rows for, by class."""
        rows: dict[str, set[str]] = {}
        for shape in self._profile.values():
            for class_ in (shape.class_, *shape.also):
                rows.setdefault(iri(class_), {RDF_TYPE}).update(one.predicate for one in shape)
        return rows

    @cached_property
    def _all_rows(self) -> set[str]:
        return set().union(*self._rows.values())


def _listed(shape: Shape, document: Document, catalogue: str) -> Document:
    """A document with the catalogue here that its source is listed in."""
    if not catalogue or shape.path not in LISTED or LISTED_IN not in shape.properties:
        return document
    said = document.get(LISTED_IN, [])
    return {**document, LISTED_IN: list(dict.fromkeys([*said, catalogue]))}


def typed(shape: Shape, document: Document) -> tuple[Document, list[Problem]]:
    """The document as far as its values are of their kinds, and what had to be left out."""
    left_out: list[Problem] = []
    for _ in range(_MOST_ROUNDS):
        loaded, problems = shape.load(document)
        if not problems:
            return loaded, left_out
        left_out += [_softened(one) for one in problems]
        document = without(document, [one.path for one in problems])
    return {}, left_out


def without(document: Document, paths: Iterable[Sequence[str | int]]) -> Document:
    """A document without the values at some paths; a path that leads nowhere takes its field."""
    document = json.loads(json.dumps(document))
    # From the back, so that the numbers of the others in a list stay right.
    for path in sorted(set(map(tuple, paths)), key=_place, reverse=True):
        _take_out(document, path)
    return document


def _place(path: Sequence[str | int]) -> list[tuple[int, int, str]]:
    return [(0, step, "") if isinstance(step, int) else (1, 0, step) for step in path]


def _take_out(document: Document, path: Sequence[str | int]) -> None:
    if not path:
        document.clear()
        return
    at: Any = document
    for step in path[:-1]:
        if isinstance(at, list) and isinstance(step, int) and step < len(at):
            at = at[step]
        elif isinstance(at, dict) and step in at:
            at = at[str(step)]
        else:
            break
    last = path[-1]
    if isinstance(at, list) and isinstance(last, int) and last < len(at):
        del at[last]
    elif isinstance(at, dict) and last in at:
        del at[str(last)]
    else:
        document.pop(str(path[0]), None)


def _softened(problem: Problem) -> Problem:
    """A problem of a value that was left out: what is left may be published."""
    return Problem(problem.path, f"left out: {problem.message}", "warning", problem.rule or "type")


def _statements(raw: bytes) -> Iterable[Statement]:
    """The statements of canonical N-Triples."""
    for line in raw.decode("utf-8").split("\n"):  # a text may hold what else ends a line
        if line:
            subject, predicate, rest = line.split(" ", 2)
            yield subject, predicate, rest[:-2]


def as_json(problems: Sequence[Problem]) -> list[dict[str, Any]] | None:
    """Problems as they are kept; None if there are none."""
    kept = [
        {
            "path": list(one.path),
            "message": one.message[:500],
            "severity": one.severity,
            "rule": one.rule,
        }
        for one in problems[:MOST_PROBLEMS]
    ]
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        kept.append({"path": [], "message": f"and {more} more", "severity": "warning", "rule": ""})
    return kept or None


def of_json(kept: Sequence[dict[str, Any]] | None) -> list[Problem]:
    """Problems that were kept."""
    return [
        Problem(tuple(one["path"]), one["message"], one["severity"], one["rule"])
        for one in kept or ()
    ]
