"""One state of an index made of segments: what it answers, over all of them.

Segments are asked one after the other with the same weights, so that a score does not
depend on how records are spread over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np

from catalogue.search.arrays import (
    MOST_EXPANSIONS,
    Array,
    Arrays,
    Expansion,
    Keeper,
    Postings,
    Weights,
)
from catalogue.search.columns import Columns, Hits, Mask
from catalogue.search.engine import MODIFIED, RELEVANCE, TITLE, Found, Request
from catalogue.search.entry import Fields
from catalogue.search.tree import Tagged

#: How many answers of one state are kept.
_KEPT = 512


class Files(Protocol):
    """What a segment is read from."""

    columns: Columns

    def postings(self, term: str) -> Postings:
        """The postings of a term."""

    def frequency(self, term: str) -> int:
        """How many documents have a term."""

    def terms_from(self, start: str) -> Iterable[tuple[str, int]]:
        """The terms that begin so, with how many documents have each."""

    def spellings(self, kind: str) -> Iterable[tuple[str, int]]:
        """The readable words of a kind."""


class Segment:
    """One segment in one state: shared arrays, and the deletions of the state."""

    def __init__(
        self, name: str, files: Files, deleted: frozenset[int], same: Segment | None = None
    ) -> None:
        self.name, self.files, self.deleted = name, files, deleted
        self.columns = files.columns
        self._shared: dict[str, Any] = same._shared if same else {}

    def arrays(self, fields: Sequence[str]) -> Arrays:
        """The arrays, decoded as they are asked and shared by later states."""
        if "arrays" not in self._shared:
            self._shared["arrays"] = Arrays(self.columns, self.files.postings, fields)
        return self._shared["arrays"]  # type: ignore[no-any-return]

    @cached_property
    def live(self) -> Mask:
        """Which documents are not deleted."""
        live = np.ones(self.columns.size, dtype=np.bool_)
        live[list(self.deleted)] = False
        return live

    def among_live(self, documents: Array) -> int:
        """How many of some documents are not deleted."""
        return int(np.count_nonzero(self.live[documents])) if self.deleted else len(documents)

    @cached_property
    def lengths(self) -> tuple[Array, Array]:
        """The lengths of the fields added up, and how many documents have each field."""
        lengths = self.columns.lengths
        if "lengths" not in self._shared:
            self._shared["lengths"] = _added_up(lengths)
        total, having = self._shared["lengths"]
        gone_total, gone = _added_up(lengths[:, list(self.deleted)])
        return total - gone_total, having - gone

    def spellings(self, kind: str) -> Mapping[str, int]:
        """The readable words of a kind, those of deleted documents included."""
        key = f"spellings/{kind}"
        if key not in self._shared:
            self._shared[key] = dict(self.files.spellings(kind))
        return self._shared[key]  # type: ignore[no-any-return]

    def documents(self, record: int) -> Iterator[int]:
        """Where a record is, if it is here."""
        if "order" not in self._shared:
            self._shared["order"] = np.argsort(self.columns.records, kind="stable")
        order = self._shared["order"]
        records = self.columns.records
        begin = int(np.searchsorted(records, record, sorter=order))
        for place in order[begin:]:
            if records[place] != record:
                return
            if int(place) not in self.deleted:
                yield int(place)


def _added_up(lengths: Array) -> tuple[Array, Array]:
    return lengths.sum(axis=1, dtype=np.int64), np.count_nonzero(lengths, axis=1)


class Snapshot:
    """A state of the index; answers are kept as long as it is the newest."""

    def __init__(self, generation: str, segments: Sequence[Segment], fields: Fields) -> None:
        self.generation, self.segments, self.fields = generation, segments, fields
        self._names = list(fields.boosts)
        self.frequency = lru_cache(20_000)(self._frequency)
        self.find = lru_cache(_KEPT)(self._find)
        self._beginning = lru_cache(_KEPT)(self._expanded)
        self._matched = Keeper()

    def _frequency(self, term: str) -> int:
        return sum(
            segment.among_live(segment.arrays(self._names).postings(term).documents)
            if segment.deleted
            else segment.files.frequency(term)
            for segment in self.segments
        )

    def spellings(self, kind: str) -> Mapping[str, int]:
        """The readable words of records of a kind."""
        found: dict[str, int] = {}
        for segment in self.segments:
            for word, frequency in segment.spellings(kind).items():
                found[word] = found.get(word, 0) + frequency
        return found

    def documents(self, record: int) -> Iterator[int]:
        """The numbers of the documents of a record over all segments."""
        base = 0
        for segment in self.segments:
            for place in segment.documents(record):
                yield base + place
            base += segment.columns.size

    @cached_property
    def weights(self) -> Weights:
        """What scores need to know of all segments, without what is deleted."""
        total, having = np.zeros(len(self._names)), np.zeros(len(self._names))
        for segment in self.segments:
            total, having = total + segment.lengths[0], having + segment.lengths[1]
        return Weights(
            self.generation,
            sum(segment.columns.size - len(segment.deleted) for segment in self.segments),
            self.frequency,
            self._tagged,
            self._beginning,
            np.asarray(np.maximum(total / np.maximum(having, 1), 1), dtype=np.float32),
            np.array(list(self.fields.boosts.values()), dtype=np.float32),
        )

    def _tagged(self, leaf: Tagged) -> int:
        return sum(
            int(
                np.count_nonzero(
                    segment.columns.facets[leaf.facet].mask(leaf.values) & segment.live
                )
            )
            for segment in self.segments
            if leaf.facet in segment.columns.facets
        )

    def _expanded(self, start: str) -> Expansion:
        """The commonest terms that begin so, and how many records have any of them."""
        found: dict[str, int] = {}
        for segment in self.segments:
            for term, frequency in segment.files.terms_from(start):
                found[term] = found.get(term, 0) + frequency
        terms = tuple(sorted(found, key=lambda term: (-found[term], term))[:MOST_EXPANSIONS])
        frequency = sum(
            segment.among_live(segment.arrays(self._names).together(start, terms).documents)
            for segment in self.segments
        )
        return Expansion(terms, frequency)

    def _find(self, request: Request) -> Found:
        matched = self.matched(request)
        counts = {name: matched.counts(name) for name in request.facets}
        classes = {
            name: matched.classes(name, len(self.fields.ranges.get(name, ())))
            for name in request.ranges
        }
        return Found(
            sum(part.hits.total for part in matched.parts),
            _page(matched.parts, request),
            {name: found for name, (found, _) in counts.items() if found},
            {name: found for name, (found, _) in classes.items()},
            {name: missing for name, (_, missing) in (*counts.items(), *classes.items())},
        )

    def matched(self, request: Request) -> Matched:
        """What a request finds; the same for every page, order and choice of facets."""
        key = (request.where, request.kind, frozenset(request.filters.items()))
        if (kept := self._matched.get(key)) is not None:
            return kept  # type: ignore[no-any-return]
        found = Matched([self._part(one, request) for one in self.segments if one.columns.size])
        if request.limit or request.facets or request.ranges:
            self._matched.put(key, found)
        return found

    def forget(self) -> None:
        """Let go of every answer that is kept; what was decoded stays."""
        self._matched = Keeper()
        self.find.cache_clear()

    def _part(self, segment: Segment, request: Request) -> Part:
        """The hits in a segment."""
        columns = segment.columns
        mask, scores = segment.live & columns.kind(request.kind), None
        if request.where is not None:
            matched, scores = segment.arrays(self._names).evaluate(request.where, self.weights)
            mask = mask & matched
        filters = {name: columns.filtered(name, one) for name, one in request.filters.items()}
        return Part(columns, mask, filters, scores)


class Part:
    """What a segment gives to an answer: the hits, their scores, and the hits without a filter."""

    def __init__(
        self, columns: Columns, mask: Mask, filters: Mapping[str, Mask], scores: Array | None
    ) -> None:
        self.columns, self.scores = columns, scores
        self.hits = Hits(_all(mask, filters.values()))
        self._without = {
            name: Hits(_all(mask, (one for other, one in filters.items() if other != name)))
            for name in filters
        }

    def without(self, name: str) -> Hits:
        """The hits that there are without the filter of a facet or range."""
        return self._without.get(name, self.hits)

    @property
    def bytes(self) -> int:
        """The memory it takes, the document numbers of all hits included."""
        number = 1 + len(self._without)
        return number * 10 * self.columns.size + (0 if self.scores is None else self.scores.nbytes)

    def order(self, sort: str) -> Array:
        """A number for each hit; the lowest comes first, and titles decide between equals."""
        columns, documents = self.columns, self.hits.documents
        if sort == RELEVANCE and self.scores is not None:
            return -np.round(self.scores[documents].astype(np.float64), 4)
        if sort == MODIFIED:
            return -columns.modified[documents]
        if sort in columns.highs:
            high = columns.highs[sort][documents]
            return np.where(np.isnan(high), np.inf, -high)
        return columns.title_ranks[documents].astype(np.float64)

    def best(self, sort: str, most: int) -> Iterator[tuple[float, str, int]]:
        """The first hits with what they are ordered by: the number, the title, the record."""
        columns, documents, order = self.columns, self.hits.documents, self.order(sort)
        if most < len(documents):
            # Ties at the edge are all kept, for their titles to decide.
            kept = order <= np.partition(order, most - 1)[most - 1]
            documents, order = documents[kept], order[kept]
        by_title = sort == TITLE or (sort == RELEVANCE and self.scores is None)
        for place in np.lexsort((columns.title_ranks[documents], order))[:most].tolist():
            document = int(documents[place])
            number = 0.0 if by_title else float(order[place])
            yield number, columns.title(document), int(columns.records[document])


class Matched:
    """The hits of a question in every segment; what was counted of them once is known."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.bytes = sum(part.bytes for part in parts)
        self._counts: dict[str, tuple[dict[str, int], int]] = {}
        self._classes: dict[str, tuple[list[int], int]] = {}

    def counts(self, name: str) -> tuple[dict[str, int], int]:
        """How many hits have each value of a facet, without its own filter; how many have none."""
        if name not in self._counts:
            self._counts[name] = self._counted(name)
        return self._counts[name]

    def _counted(self, name: str) -> tuple[dict[str, int], int]:
        into: dict[str, int] = {}
        missing = 0
        for part in self.parts:
            hits, facet = part.without(name), part.columns.facets.get(name)
            if not hits.total:
                continue
            if facet is None:
                missing += hits.total
                continue
            missing += facet.missing(hits)
            numbers = facet.count(hits)
            places = np.flatnonzero(numbers)
            for place, number in zip(places.tolist(), numbers[places].tolist(), strict=True):
                value = facet.values[place]
                into[value] = into.get(value, 0) + number
        return into, missing

    def classes(self, name: str, number: int) -> tuple[list[int], int]:
        """How many hits overlap each class of a range, and how many state none."""
        if name not in self._classes:
            self._classes[name] = self._classed(name, number)
        return self._classes[name]

    def _classed(self, name: str, number: int) -> tuple[list[int], int]:
        classes, missing = [0] * number, 0
        for part in self.parts:
            hits = part.without(name)
            if not hits.total or name not in part.columns.lows:
                missing += hits.total
                continue
            found, stating_nothing = part.columns.classes(name, hits)
            missing += stating_nothing
            classes = [a + b for a, b in zip(classes, found, strict=True)]
        return classes, missing


def _page(parts: Sequence[Part], request: Request) -> list[int]:
    """The records of the page asked for: the best of every segment, merged."""
    most = request.offset + request.limit
    if not request.limit:
        return []
    found = sorted(one for part in parts for one in part.best(request.sort, most))
    return [record for _, _, record in found[request.offset : most]]


def _all(mask: Mask, others: Iterable[Mask]) -> Mask:
    for other in others:
        mask = mask & other
    return mask
