"""What a search engine must answer: every entry looked at, straight from the definitions.

It is as slow as it is plain, and takes the same updates as an engine, so that the two can
be compared after any of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from catalogue.search.engine import MODIFIED, TITLE, Filter, Request
from catalogue.search.entry import Entry, Fields
from catalogue.search.tree import (
    And,
    Best,
    Boost,
    Exact,
    Node,
    Not,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Tagged,
    Term,
    Within,
)


@dataclass(frozen=True)
class Answer:
    """What is right: all hits, in order where a column gives one, and the counts."""

    hits: Sequence[int]
    ordered: bool
    counts: Mapping[str, Mapping[str, int]]
    classes: Mapping[str, Sequence[int]]
    missing: Mapping[str, int]


class Read:
    """An entry with its words: for every property and term the places."""

    def __init__(self, entry: Entry, fields: Fields) -> None:
        self.entry, self._fields = entry, fields

    @cached_property
    def words(self) -> Mapping[str, Mapping[str, set[int]]]:
        """The places by property and term; an acronym is a second term at its place."""
        words: dict[str, dict[str, set[int]]] = {}
        for name, place, term, exact in self.entry.occurrences():
            for one in (term, exact):
                if one and name in self._fields.boosts:
                    words.setdefault(name, {}).setdefault(one, set()).add(place)
        return words

    def within(self, fields: frozenset[str]) -> list[Mapping[str, set[int]]]:
        """The words of some properties, or of all."""
        return [words for name, words in self.words.items() if not fields or name in fields]

    def matches(self, node: Node) -> bool:
        """Whether the entry is a hit."""
        match node:
            case Term(term, fields):
                return any(term in words for words in self.within(fields))
            case Phrase(terms, places, fields):
                return any(_stands(terms, places, words) for words in self.within(fields))
            case Prefix(start, fields):
                return any(
                    term.startswith(start) for words in self.within(fields) for term in words
                )
            case Exact(terms):
                return terms in self.entry.names
            case Tagged(facet, values):
                return bool(values & set(self.facet(facet)))
            case Within(name, low, high):
                return self.overlaps(name, low, high)
            case And(parts):
                return all(self.matches(part) for part in parts)
            case Or(parts, least):
                return sum(self.matches(part) for part in parts) >= least
            case Best(parts):
                return any(self.matches(part) for part in parts)
            case Not(part):
                return not self.matches(part)
            case Boost(part) | Prefer(part):
                return self.matches(part)

    def facet(self, name: str) -> Sequence[str]:
        """The values of a facet."""
        return self.entry.facets.get(name, ()) if name in self._fields.facets else ()

    def states(self, name: str) -> bool:
        """Whether anything is stated for a facet or range."""
        if name in self._fields.ranges:
            return name in self.entry.ranges
        return bool(self.facet(name))

    def overlaps(self, name: str, low: float | None, high: float | None) -> bool:
        """Whether a range is stated and reaches into another one."""
        if name not in self.entry.ranges:
            return False
        first, last = self.entry.ranges[name]
        return (low is None or last >= low) and (high is None or first <= high)

    def fulfils(self, name: str, condition: Filter) -> bool:
        """Whether a filter lets the entry through."""
        if condition.missing and not self.states(name):
            return True
        if name in self._fields.ranges:
            return any(self.overlaps(name, low, high) for low, high in condition.spans)
        return bool(condition.values & set(self.facet(name)))


class Oracle:
    """The entries as they are after some updates."""

    def __init__(self, fields: Fields) -> None:
        self.fields, self.position = fields, 0
        self.entries: dict[int, Read] = {}

    def update(self, entries: Iterable[Entry], gone: Sequence[int], position: int) -> None:
        """Take in an update as an engine does."""
        for record in gone:
            self.entries.pop(record, None)
        for entry in entries:
            self.entries[entry.record] = Read(entry, self.fields)
        self.position = position

    def find(self, request: Request) -> Answer:
        """The right answer to a request, over all pages."""
        where = request.where
        asked = [
            read
            for read in self.entries.values()
            if read.entry.kind == request.kind and (where is None or read.matches(where))
        ]

        def hits(without: str = "") -> list[Read]:
            return [
                read
                for read in asked
                if all(
                    read.fulfils(name, condition)
                    for name, condition in request.filters.items()
                    if name != without
                )
            ]

        counts: dict[str, Mapping[str, int]] = {}
        for name in request.facets:
            if found := Counter(value for read in hits(name) for value in read.facet(name)):
                counts[name] = found
        ends = {name: (*edges[1:], float("inf")) for name, edges in self.fields.ranges.items()}
        classes = {
            name: [
                sum(_reaches(read.entry, name, begin, end) for read in hits(name))
                for begin, end in zip(self.fields.ranges[name], ends[name], strict=True)
            ]
            for name in request.ranges
        }
        missing = {
            name: sum(not read.states(name) for read in hits(name))
            for name in (*request.facets, *request.ranges)
        }
        key = _order(request, self.fields)
        found = sorted((read.entry for read in hits()), key=key)
        return Answer([e.record for e in found], key is not _by_record, counts, classes, missing)

    def frequency(self, term: str) -> int:
        """How many entries have a term."""
        return sum(read.matches(Term(term)) for read in self.entries.values())

    def spellings(self, kind: str) -> Mapping[str, int]:
        """How many entries of a kind have each readable word."""
        return Counter(
            word
            for read in self.entries.values()
            if read.entry.kind == kind
            for word in read.entry.spellings
        )


def _stands(terms: Sequence[str], places: Sequence[int], words: Mapping[str, set[int]]) -> bool:
    return any(
        all(begin + place in words.get(term, ()) for term, place in zip(terms, places, strict=True))
        for begin in words.get(terms[0], ())
    )


def _reaches(entry: Entry, name: str, begin: float, end: float) -> bool:
    """Whether a range reaches into the class from an edge to just below the next one."""
    if name not in entry.ranges:
        return False
    low, high = entry.ranges[name]
    return high >= begin and low < end


def _order(request: Request, fields: Fields):
    """What the hits are ordered by; titles and then records decide between equals."""
    sort = request.sort
    if sort == MODIFIED:
        return lambda entry: (-entry.modified.timestamp(), entry.title.casefold(), entry.record)
    if sort in fields.ranges:
        nothing = (0, float("-inf"))
        return lambda entry: (
            -entry.ranges.get(sort, nothing)[1],
            entry.title.casefold(),
            entry.record,
        )
    if sort == TITLE or request.where is None:
        return lambda entry: (entry.title.casefold(), entry.record)
    return _by_record


def _by_record(entry: Entry) -> int:
    """Scores are an engine's own."""
    return entry.record
