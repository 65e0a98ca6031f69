"""What many datasets state, as arrays: one row a dataset, and ragged columns beside it.

A question is then a handful of array expressions, however many datasets there are.  Columns
never change; of two, :func:`joined` makes one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogue.outcomes.stated import Plan, Stated

Array = NDArray[Any]
Mask = NDArray[np.bool_]
Arrays = Mapping[str, Array]


class Ragged:
    """Values of rows: any number each, as ordinals.  Rows are found by value."""

    def __init__(self, starts: Array, values: Array) -> None:
        self.starts, self.values = starts, values

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.starts) - 1

    @cached_property
    def any(self) -> Mask:
        """Which rows have a value."""
        found: Mask = self.starts[1:] > self.starts[:-1]
        return found

    @cached_property
    def _by_value(self) -> tuple[Array, Array]:
        """The rows in the order of their values, and where those of each value begin."""
        order = np.argsort(self.values, kind="stable")
        most = int(self.values.max()) + 1 if len(self.values) else 0
        begins = np.searchsorted(self.values[order], np.arange(most + 1))
        return owners_of(self.starts)[order], begins

    @cached_property
    def ordinals(self) -> Array:
        """The values that some row has."""
        _, begins = self._by_value
        return np.flatnonzero(begins[1:] > begins[:-1])

    def each(self, ordinals: Iterable[int]) -> list[Array]:
        """The rows that have each of some values."""
        rows, begins = self._by_value
        most = len(begins) - 1
        return [rows[begins[one] : begins[one + 1]] for one in ordinals if one < most]

    def rows(self, ordinals: Iterable[int]) -> Array:
        """The rows that have one of some values; one that has two may come twice."""
        found = self.each(ordinals)
        return np.concatenate(found) if found else np.zeros(0, dtype=np.uint32)

    def having(self, ordinals: Iterable[int]) -> Mask:
        """Which rows have one of some values."""
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[self.rows(ordinals)] = True
        return mask


class Spans:
    """Intervals of rows: any number each; a bound that is not stated is not a number."""

    def __init__(self, starts: Array, low: Array, high: Array) -> None:
        self.starts, self.low, self.high = starts, low, high

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.starts) - 1

    @cached_property
    def owners(self) -> Array:
        """The row of every interval."""
        return owners_of(self.starts)


class Parts:
    """The parts of a property: which dataset each belongs to, and what it says."""

    def __init__(
        self, starts: Array, concepts: Mapping[str, Ragged], numbers: Mapping[str, Array]
    ) -> None:
        self.starts, self.concepts, self.numbers = starts, concepts, numbers

    @property
    def count(self) -> int:
        """How many parts there are."""
        return int(self.starts[-1])

    @cached_property
    def owners(self) -> Array:
        """The dataset of every part."""
        return owners_of(self.starts)

    @cached_property
    def any(self) -> Mask:
        """Which datasets have a part."""
        found: Mask = self.starts[1:] > self.starts[:-1]
        return found


class Columns:
    """The columns of some datasets.  ``names`` are the concepts that the ordinals stand for."""

    def __init__(self, plan: Plan, arrays: Arrays, names: Sequence[str]) -> None:
        self.plan, self.arrays, self.names = plan, arrays, names
        self.records: Array = arrays["record"]
        self.size = len(self.records)
        self.ordinal: Mapping[str, int] = {name: place for place, name in enumerate(names)}
        self._beyond: dict[str, Mask] = {}
        self.concepts = {name: self._ragged(f"c/{name}") for name in plan.lists}
        self.spans = {
            name: Spans(arrays[f"n/{name}"], arrays[f"n/{name}/low"], arrays[f"n/{name}/high"])
            for name in plan.spans
        }
        self.parts = {
            part: Parts(
                arrays[f"p/{part}"],
                {name: self._ragged(f"p/{part}/{name}") for name in one.concepts},
                {name: arrays[f"p/{part}/{name}"] for name in one.numbers},
            )
            for part, one in plan.parts.items()
        }

    def _ragged(self, name: str) -> Ragged:
        return Ragged(self.arrays[name], self.arrays[f"{name}/values"])

    def known(self, names: Iterable[str]) -> list[int]:
        """The ordinals of some concepts, each once; of those that no dataset names there is none."""
        found = (self.ordinal.get(name, -1) for name in names)
        return [one for one in dict.fromkeys(found) if one >= 0]

    def beyond(self, column: Ragged, list_of: str) -> list[int]:
        """The ordinals in a column that are not of a list."""
        if list_of not in self._beyond:
            start = f"{list_of}/"
            others = [not name.startswith(start) for name in self.names]
            self._beyond[list_of] = np.array(others, dtype=np.bool_)
        found: list[int] = column.ordinals[self._beyond[list_of][column.ordinals]].tolist()
        return found

    @property
    def title_ranks(self) -> Array:
        """The place of every dataset in the order of titles."""
        return self.arrays["title/rank"]

    @cached_property
    def by_title(self) -> Array:
        """The datasets in the order of their titles."""
        return np.argsort(self.title_ranks)

    def title(self, place: int) -> bytes:
        """The title of a dataset, as it is put in order."""
        begin, end = self.arrays["title"][place : place + 2].tolist()
        return self.arrays["title/values"][begin:end].tobytes()

    @classmethod
    def of(cls, plan: Plan, stated: Sequence[tuple[int, Stated]]) -> Columns:
        """The columns of some datasets: their records' numbers and what they state."""
        ordinals: dict[str, int] = {}

        def place(name: str) -> int:
            return ordinals.setdefault(name, len(ordinals))

        titles = [one.title.encode("utf-8", "replace") for _, one in stated]
        arrays: dict[str, Array] = {
            "record": np.array([record for record, _ in stated], dtype=np.int64),
            "title": _starts(len(title) for title in titles),
            "title/values": np.frombuffer(b"".join(titles), dtype=np.uint8),
        }
        arrays["title/rank"] = _ranks(titles)
        for name in plan.lists:
            some = [one.concepts.get(name, ()) for _, one in stated]
            _concepts(arrays, f"c/{name}", some, place)
        for name in plan.spans:
            spans = [one.spans.get(name, ()) for _, one in stated]
            arrays[f"n/{name}"] = _starts(map(len, spans))
            bounds = [bound for some in spans for bound in some]
            for end, key in enumerate(("low", "high")):
                arrays[f"n/{name}/{key}"] = np.array(
                    [_bound(bound[end]) for bound in bounds], dtype=np.float64
                )
        for part, plan_of in plan.parts.items():
            kept = [one.parts.get(part, ()) for _, one in stated]
            arrays[f"p/{part}"] = _starts(map(len, kept))
            rows = [row for some in kept for row in some]
            for name in plan_of.concepts:
                _concepts(arrays, f"p/{part}/{name}", [row.get(name, ()) for row in rows], place)
            for name in plan_of.numbers:
                arrays[f"p/{part}/{name}"] = np.array(
                    [_bound(row.get(name)) for row in rows], dtype=np.float64
                )
        return cls(plan, arrays, list(ordinals))


def joined(first: Columns, second: Columns, keep: Mask) -> Columns:
    """The rows of the first that are to be kept, and every row of the second."""
    plan = first.plan
    names = list(dict.fromkeys((*first.names, *second.names)))
    place = {name: number for number, name in enumerate(names)}
    again = np.array([place[name] for name in second.names] or [0], dtype=np.uint32)
    arrays: dict[str, Array] = {"record": np.concatenate((first.records[keep], second.records))}

    def starts(name: str, mask: Mask) -> Mask:
        """Join a column of starts; gives which of the first's values stay."""
        lengths = np.diff(first.arrays[name])
        own = np.diff(second.arrays[name])
        arrays[name] = _summed(np.concatenate((lengths[mask], own)))
        stay: Mask = np.repeat(mask, lengths)
        return stay

    def values(name: str, stay: Mask, turn: Array | None = None) -> None:
        own = second.arrays[name]
        arrays[name] = np.concatenate(
            (first.arrays[name][stay], own if turn is None or not len(own) else turn[own])
        )

    values("title/values", starts("title", keep))
    arrays["title/rank"] = _ranks(_titles(arrays))
    for name in plan.lists:
        values(f"c/{name}/values", starts(f"c/{name}", keep), again)
    for name in plan.spans:
        stay = starts(f"n/{name}", keep)
        for key in ("low", "high"):
            values(f"n/{name}/{key}", stay)
    for part, one in plan.parts.items():
        rows = starts(f"p/{part}", keep)
        for name in one.concepts:
            values(f"p/{part}/{name}/values", starts(f"p/{part}/{name}", rows), again)
        for name in one.numbers:
            values(f"p/{part}/{name}", rows)
    return Columns(plan, arrays, names)


def _titles(arrays: Arrays) -> list[bytes]:
    whole, starts = arrays["title/values"].tobytes(), arrays["title"].tolist()
    return [whole[begin:end] for begin, end in pairwise(starts)]


def _ranks(titles: Sequence[bytes]) -> Array:
    ranks = np.empty(len(titles), dtype=np.int64)
    ranks[sorted(range(len(titles)), key=titles.__getitem__)] = np.arange(len(titles))
    return ranks


def owners_of(starts: Array) -> Array:
    """The row of every value of a ragged column."""
    return np.repeat(np.arange(len(starts) - 1, dtype=np.uint32), np.diff(starts))


def _concepts(
    arrays: dict[str, Array], name: str, some: Sequence[Sequence[str]], place: Callable[[str], int]
) -> None:
    arrays[name] = _starts(map(len, some))
    ordinals = [place(value) for values in some for value in values]
    arrays[f"{name}/values"] = np.array(ordinals, dtype=np.uint32)


def _starts(lengths: Iterable[int]) -> Array:
    return _summed(np.fromiter(lengths, dtype=np.int64))


def _summed(lengths: Array) -> Array:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _bound(value: float | None) -> float:
    return math.nan if value is None else value
