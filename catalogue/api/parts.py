"""The parts of a search: where one ends and the next begins, while the catalogue changes.

A place in a search is how many hits came before, in which state of the index, and the last
of them.  In another state those are looked for near their old place, and the next part
begins after them; so a hit is neither told twice nor passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.api import cursors
from catalogue.api.answers import absolute, tag_of
from catalogue.api.parameters import refuse
from catalogue.search.finder import Answer, Finder
from catalogue.search.query import DEEPEST, Query

#: How far a hit may have moved since the part before, and still be found again.
_MARGIN = 100
#: How many of the last hits a place names, for some may be withdrawn meanwhile.
_REMEMBERED = 3

Place = Sequence[Any]


@dataclass(frozen=True, eq=False)
class Window(Query):
    """A query for the hits from any one on, not only from the first of a page."""

    start: int = 0

    @property
    def offset(self) -> int:
        """How many hits come before the window."""
        return self.start

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Window) and self.start == other.start and super().__eq__(other)

    def __hash__(self) -> int:
        return hash((super().__hash__(), self.start))


@dataclass(frozen=True)
class Part:
    """Some hits of an answer, and how many come before them."""

    answer: Answer
    records: Sequence[int]
    begin: int

    @property
    def next(self) -> str:
        """The cursor to go on with; empty at the end."""
        end = self.begin + len(self.records)
        if not self.records or end >= self.answer.total:
            return ""
        place = (end, _state(self.answer), list(self.records[-_REMEMBERED:]))
        return cursors.written(_same(self.answer.query), place)


def place_of(query: Query, cursor: str) -> Place | None:
    """The place in a cursor; None at the beginning.  Refuses to go on for ever."""
    place = cursors.read(_same(query), cursor)
    if place and place[0] >= DEEPEST:
        raise refuse(
            "cursor",
            f"A search ends after {DEEPEST:,} items. Narrow it; or, to have everything, read the "
            f"feed {absolute('catalogue')} or the dump {absolute('dump.nt.gz')}.",
        )
    return place


def part_of(finder: Finder, query: Query, place: Place | None, *, counting: bool) -> Part:
    """The part of a search that begins at a place."""
    if place is None:
        answer = finder.find(query, counting=counting)
        return Part(answer, answer.records, 0)
    begin, state, last = place
    answer = finder.find(_window(query, begin, query.size), counting=counting)
    if _state(answer) == state:
        return Part(answer, answer.records, begin)
    start = max(0, begin - _MARGIN)
    answer = finder.find(_window(query, start, query.size + 2 * _MARGIN), counting=counting)
    known = [one for one in last if one in answer.records]
    first = answer.records.index(known[-1]) + 1 if known else begin - start
    return Part(answer, answer.records[first : first + query.size], start + first)


def _window(query: Query, start: int, size: int) -> Window:
    return Window(**{**vars(query), "page": 1, "size": size}, start=start)


def _same(query: Query) -> list[tuple[str, str]]:
    """What parts of one search have in common; how large they are may change."""
    return query.turned(1).parameters()


def _state(answer: Answer) -> str:
    return tag_of(answer.generation)[:8]
