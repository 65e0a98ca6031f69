"""Ranges: numbers and years that datasets can be narrowed by.

A row of ``ranges.csv`` makes one interval of one property (how many people) or of two (from
the youngest to the oldest age).  A dataset answers a question when its interval overlaps the
one asked for; a dataset that states nothing neither does nor does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.errors import FaultyTable
from catalogue.profile.tables import Row

Interval = tuple[float, float]


@dataclass(frozen=True)
class Range:
    """One range: where its bounds stand in a document, and the edges of its classes.

    ``first`` and ``last`` are paths of property names; they are equal where one property
    gives both bounds.  ``step`` is the smallest difference of two values.
    """

    name: str
    label: str
    unit: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    edges: tuple[float, ...]
    note: str
    step: float = 0.01
    is_year: bool = False

    @classmethod
    def of(cls, name: str, row: Row) -> Range:
        """Read a row; raises :class:`FaultyTable` that says what is wrong with it."""
        try:
            edges = tuple(float(edge) for edge in row["edges"].split())
        except ValueError:
            raise FaultyTable(f'edges "{row["edges"]}" are not numbers') from None
        if not edges or list(edges) != sorted(set(edges)):
            raise FaultyTable("edges must be numbers that go up, such as 0 100 1000")
        if not row["label"] or not row["from"]:
            raise FaultyTable("label and from are needed")
        first = tuple(row["from"].split("."))
        last = tuple(row["to"].split(".")) if row["to"] else first
        return cls(name, row["label"], row["unit"], first, last, edges, row["note"])

    @property
    def is_span(self) -> bool:
        """Whether its two bounds are two properties."""
        return self.first != self.last

    def interval(self, document: Mapping[str, Any]) -> Interval | None:
        """The interval of a document over all its values; None if it states none.

        A span with one bound only is open at the other: data that reach from 2006 on.
        """
        lows = [
            number for value in values_at(document, self.first) if (number := number_in(value))[0]
        ]
        highs = [
            number for value in values_at(document, self.last) if (number := number_in(value))[0]
        ]
        if not lows and not highs:
            return None
        low = min((number for _, number in lows), default=-math.inf)
        high = max((number for _, number in highs), default=math.inf)
        if self.is_span and self._goes_on(document):
            high = math.inf
        return (low, high) if low <= high else (high, low)

    def _goes_on(self, document: Mapping[str, Any]) -> bool:
        """Whether one of several parts has a beginning and no end."""
        if len(self.first) < 2 or self.first[:-1] != self.last[:-1]:
            return False
        return any(
            isinstance(part, Mapping) and part.get(self.first[-1]) and not part.get(self.last[-1])
            for part in values_at(document, self.first[:-1])
        )


def values_at(document: Any, path: Sequence[str]) -> Iterator[Any]:
    """Every value at the end of a path."""
    if not path:
        yield from document if isinstance(document, list) else (document,)
    elif isinstance(document, list):
        for part in document:
            yield from values_at(part, path)
    elif isinstance(document, Mapping) and document.get(path[0]) is not None:
        yield from values_at(document[path[0]], path[1:])


def number_in(value: Any) -> tuple[bool, float]:
    """A number, or the year of a date; whether it was one."""
    if isinstance(value, bool):
        return False, 0
    if isinstance(value, int | float):
        return math.isfinite(value), float(value)
    if isinstance(value, str):
        try:
            return True, float(value) if "-" not in value[1:] else float(value[:4])
        except ValueError:
            return False, 0
    return False, 0
