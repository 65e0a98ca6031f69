"""Columns of one segment as arrays: facets, ranges, order; counted without a loop.

A segment never changes, so its columns are made once, by whoever writes it, and laid
beside it in one file that readers map into memory.  The file is a cache: a missing or
damaged one is made again from the stored values.

A facet of few values is kept as bits, one row a value, and so are the classes of ranges:
counting is then one AND and one population count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogue import arrayfile
from catalogue.search.engine import Filter
from catalogue.search.entry import Fields

Mask = NDArray[np.bool_]
Array = NDArray[Any]
Bits = NDArray[np.uint64]

_MAGIC = b"columns3"
#: Up to this many values a facet is a matrix of bits, one row a value.
_MOST_ROWS = 160
#: So many words of bits are counted in the time of one ordinal that is looked up.
_WORDS_AN_ORDINAL = 8


class Facet:
    """One facet of a segment: for every document the ordinals of its values."""

    def __init__(self, values: Sequence[str], starts: Array, ordinals: Array) -> None:
        self.values = values
        self.starts, self.ordinals = starts, ordinals
        self.any: Mask = starts[1:] > starts[:-1]

    @cached_property
    def ordinal(self) -> Mapping[str, int]:
        """The ordinal of each value."""
        return {value: place for place, value in enumerate(self.values)}

    @cached_property
    def _owners(self) -> Array:
        """The document of every ordinal."""
        return np.repeat(np.arange(len(self.any), dtype=np.uint32), np.diff(self.starts))

    @cached_property
    def _any_bits(self) -> Bits:
        return packed(self.any)

    @cached_property
    def _bits(self) -> Bits | None:
        if len(self.values) > _MOST_ROWS:
            return None
        rows = np.zeros((len(self.values), -len(self.any) // 64 * -64), dtype=np.bool_)
        rows[self.ordinals, self._owners] = True
        return packed(rows)

    def mask(self, values: Iterable[str]) -> Mask:
        """Which documents have one of some values."""
        known = [self.ordinal[value] for value in values if value in self.ordinal]
        if not known:
            return np.zeros(len(self.any), dtype=np.bool_)
        if (bits := self._bits) is not None:
            row = np.bitwise_or.reduce(bits[known], axis=0)
            return np.unpackbits(row.view(np.uint8), count=len(self.any)).view(np.bool_)
        wanted = np.zeros(len(self.values), dtype=np.bool_)
        wanted[known] = True
        found = np.zeros(len(self.any), dtype=np.bool_)
        found[self._owners[wanted[self.ordinals]]] = True
        return found

    def count(self, hits: Hits) -> Array:
        """How many hits have each value: through the hits if they are few, else all at once."""
        looked_up = hits.total * len(self.ordinals) / max(len(self.any), 1)
        bits = self._bits
        if bits is not None and bits.size < looked_up * _WORDS_AN_ORDINAL:
            return _counted(bits, hits)
        if looked_up * 2 > len(self.ordinals):
            return np.bincount(self.ordinals[hits.mask[self._owners]], minlength=len(self.values))
        begin, end = self.starts[hits.documents], self.starts[hits.documents + 1]
        places = _ragged(begin, end - begin)
        return np.bincount(self.ordinals[places], minlength=len(self.values))

    def missing(self, hits: Hits) -> int:
        """How many hits have no value."""
        return hits.total - int(np.bitwise_count(self._any_bits & hits.bits).sum())


class Hits:
    """The hits of one question in a segment, in the forms that counting needs."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self.total = int(np.count_nonzero(mask))

    @cached_property
    def documents(self) -> Array:
        """The document numbers."""
        return np.flatnonzero(self.mask)

    @cached_property
    def bits(self) -> Bits:
        """One bit a document."""
        return packed(self.mask)


def packed(rows: Mask) -> Bits:
    """The last axis as bits, in words of 64."""
    bits = np.packbits(rows, axis=-1)
    if short := -bits.shape[-1] % 8:
        bits = np.pad(bits, [(0, 0)] * (bits.ndim - 1) + [(0, short)])
    return bits.view(np.uint64)


def _counted(bits: Bits, hits: Hits) -> Array:
    """How many hits each row has."""
    counted: Array = np.bitwise_count(bits & hits.bits).sum(axis=1, dtype=np.uint32)
    return counted


class Columns:
    """Every column of a segment."""

    def __init__(
        self, arrays: Mapping[str, Array], said: Mapping[str, Any], fields: Fields
    ) -> None:
        self._fields = fields
        self._kept: dict[str, Bits] = {}
        self.records: Array = arrays["record"]
        self.size = len(self.records)
        self.modified: Array = arrays["modified"]
        self.title_ranks: Array = arrays["title"]
        self.lengths: Array = arrays["lengths"]
        self._kinds, self._kind = said["kinds"], arrays["kind"]
        self._titles, self._title_starts = arrays["titles"], arrays["title_starts"]
        self.facets = {
            name: Facet(values, arrays[f"starts/{name}"], arrays[f"ordinals/{name}"])
            for name, values in said["facets"].items()
        }
        self.lows = {name: arrays[f"low/{name}"] for name in said["ranges"]}
        self.highs = {name: arrays[f"high/{name}"] for name in said["ranges"]}

    @classmethod
    def of(cls, documents: Sequence[Mapping[str, Any]], fields: Fields) -> Columns:
        """The columns of documents as :func:`stored` tells them."""
        return cls(*_arrays(documents, fields), fields)

    @classmethod
    def kept(
        cls, file: Path, documents: Iterable[Mapping[str, Any]], fields: Fields, size: int
    ) -> Columns:
        """The columns in a file; made and kept there if they are not."""
        said = [list(fields.boosts), list(fields.facets), list(fields.ranges), size]
        try:
            arrays, header = arrayfile.load(file, _MAGIC)
            if header["said"] == said:
                return cls(arrays, header, fields)
        except (OSError, ValueError, KeyError):
            pass
        arrays, header = _arrays(list(documents), fields)
        header["said"] = said
        arrayfile.save(file, _MAGIC, arrays, header)
        return cls(arrays, header, fields)

    def kind(self, kind: str) -> Mask:
        """Which documents are of a kind."""
        found: Mask = self._kind == (self._kinds.index(kind) if kind in self._kinds else 255)
        return found

    def title(self, document: int) -> str:
        """The title a document is sorted by."""
        begin, end = self._title_starts[document], self._title_starts[document + 1]
        return bytes(self._titles[begin:end]).decode("utf-8", "surrogatepass")

    def filtered(self, name: str, condition: Filter) -> Mask:
        """Which documents fulfil a filter."""
        if name in self.lows:
            nothing = np.zeros(self.size, dtype=np.bool_)
            found = np.isnan(self.lows[name]) if condition.missing else nothing
            for first, last in condition.spans:
                found = found | self.within(name, first, last)
            return found
        facet = self.facets.get(name)
        if facet is None:
            return np.full(self.size, condition.missing)
        found = facet.mask(condition.values)
        return found | ~facet.any if condition.missing else found

    def within(self, name: str, first: float | None, last: float | None) -> Mask:
        """Which documents state a range that overlaps the one from ``first`` to ``last``."""
        if name not in self.lows:
            return np.zeros(self.size, dtype=np.bool_)
        low, high = self.lows[name], self.highs[name]
        found: Mask = ~np.isnan(low)
        if first is not None:
            found &= high >= first
        if last is not None:
            found &= low <= last
        return found

    def classes(self, name: str, hits: Hits) -> tuple[list[int], int]:
        """How many hits overlap each class of a range, and how many state nothing.

        A class reaches from an edge to just below the next one.
        """
        counted = [int(number) for number in _counted(self._overlaps(name), hits)]
        return counted[:-1], hits.total - counted[-1]

    def _overlaps(self, name: str) -> Bits:
        """Which documents overlap each class, and in the last row which state any range."""
        if name not in self._kept:
            low, high = self.lows[name], self.highs[name]
            edges = np.array(self._fields.ranges[name])[:, None]
            rows = np.empty((len(edges) + 1, self.size), dtype=np.bool_)
            rows[:-1] = (high >= edges) & (low < np.append(edges[1:], [[np.inf]], axis=0))
            rows[-1] = ~np.isnan(low)
            self._kept[name] = packed(rows)
        return self._kept[name]


def _ragged(begins: Array, lengths: Array) -> Array:
    """The places of several stretches, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    places: Array = np.arange(total) + np.repeat(begins - (ends - lengths), lengths)
    return places


def _arrays(
    documents: Sequence[Mapping[str, Any]], fields: Fields
) -> tuple[dict[str, Array], dict[str, Any]]:
    kinds = sorted({document["kind"] for document in documents})
    titles = [document["title"] for document in documents]
    encoded = [title.encode("utf-8", "surrogatepass") for title in titles]
    order = sorted(range(len(titles)), key=lambda n: (titles[n], documents[n]["record"]))
    ranks = np.empty(len(titles), dtype=np.uint32)
    ranks[order] = np.arange(len(titles), dtype=np.uint32)
    arrays: dict[str, Array] = {
        "record": np.array([document["record"] for document in documents], dtype=np.int64),
        "modified": np.array([document["modified"] for document in documents], dtype=np.float64),
        "kind": np.array([kinds.index(document["kind"]) for document in documents], dtype=np.uint8),
        "title": ranks,
        "titles": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        "title_starts": _starts([len(title) for title in encoded]),
        "lengths": np.array(
            [
                [min(document["lengths"].get(name, 0), 65_535) for document in documents]
                for name in fields.boosts
            ],
            dtype=np.uint16,
        ).reshape(len(fields.boosts), len(documents)),
    }
    facets: dict[str, list[str]] = {}
    for name in fields.facets:
        values = [document["facets"].get(name, ()) for document in documents]
        known = sorted({value for some in values for value in some})
        place = {value: number for number, value in enumerate(known)}
        facets[name] = known
        arrays[f"starts/{name}"] = _starts([len(some) for some in values])
        arrays[f"ordinals/{name}"] = np.array(
            [place[value] for some in values for value in some], dtype=np.uint32
        )
    nothing = (np.nan, np.nan)
    for name in fields.ranges:
        bounds = np.array(
            [document["ranges"].get(name, nothing) for document in documents], dtype=np.float64
        ).reshape(len(documents), 2)
        arrays[f"low/{name}"] = np.ascontiguousarray(bounds[:, 0])
        arrays[f"high/{name}"] = np.ascontiguousarray(bounds[:, 1])
    return arrays, {"kinds": kinds, "facets": facets, "ranges": list(fields.ranges)}


def _starts(lengths: Sequence[int]) -> Array:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
