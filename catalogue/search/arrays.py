"""Matching and ranking in arrays: a tree of terms over the postings of one segment.

A posting list is decoded once into arrays and kept; conjunction is a comparison of bits,
a score one expression over all postings of a term.  Whoosh's own matchers take some
2.5 µs a hit in Python; this takes some 0.02 µs.

The score of a term in a record is that of its best field, and a little of the others
(the "disjunction max" of Lucene): BM25 with k1 = 1.2, b = 0.75, times the field's boost.
Source: Robertson and Zaragoza 2009, doi:10.1561/1500000019.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogue.search.columns import Columns, Mask
from catalogue.search.tree import (
    And,
    Best,
    Boost,
    Exact,
    Fields,
    Leaf,
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

Array = NDArray[Any]

K1, B, TIE = 1.2, 0.75, 0.1
#: An occurrence is one number: the field above this bit, the place in it below.
FIELD_BIT = 22
_PLACES = (1 << FIELD_BIT) - 1
#: How many terms a prefix may stand for: the commonest ones.
MOST_EXPANSIONS = 1_000
#: What a segment may keep of decoded postings and of scores, in bytes each.
_KEPT = 64 * 1024 * 1024
#: The weight of a facet value that is looked for as one looks for a word.
TAG_BOOST = 3.0


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a term stands: its documents, and in them every occurrence.

    ``occurrences`` holds ``field << 22 | place`` in order, document after document;
    ``counts`` tells how many belong to each document.
    """

    documents: Array
    counts: Array
    occurrences: Array

    @property
    def bytes(self) -> int:
        """The memory they take."""
        return int(self.documents.nbytes + self.counts.nbytes + self.occurrences.nbytes)


NOWHERE = Postings(*(np.zeros(0, dtype=np.uint32) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Scored:
    """Documents in order, with a score each."""

    documents: Array
    scores: Array

    @property
    def bytes(self) -> int:
        """The memory they take."""
        return int(self.documents.nbytes + self.scores.nbytes)


@dataclass(frozen=True, slots=True)
class Expansion:
    """The terms that a prefix stands for, and how many records have any of them."""

    terms: tuple[str, ...]
    frequency: int


@dataclass(frozen=True)
class Weights:
    """What scores need to know of the whole index: numbers of documents, lengths, boosts.

    ``generation`` names the state of the index that they hold for.
    """

    generation: str
    documents: int
    frequency: Callable[[str], int]
    tagged: Callable[[Tagged], int]
    beginning: Callable[[str], Expansion]
    average_lengths: Array
    boosts: Array

    def idf(self, frequency: int) -> float:
        """How much rarity counts."""
        return math.log(1 + (self.documents - frequency + 0.5) / (frequency + 0.5))


class Keeper:
    """Keeps what was used last, as much as fits into some bytes.  Safe between threads."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most, self._bytes = most, 0
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object) -> Any:
        """What is kept under a key; None if nothing is."""
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: object, value: Any) -> Any:
        """Keep a value, and let go of the oldest if there is too much."""
        with self._lock:
            if (before := self._kept.pop(key, None)) is not None:
                self._bytes -= before.bytes + 200
            self._kept[key] = value
            self._bytes += value.bytes + 200
            while self._bytes > self._most and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.bytes + 200
        return value


class Arrays:
    """One segment, ready to be asked.

    ``decode`` gives the postings of a term and is asked once a term.
    """

    def __init__(
        self, columns: Columns, decode: Callable[[str], Postings], fields: Sequence[str]
    ) -> None:
        self.columns, self._decode = columns, decode
        self._field = {name: number for number, name in enumerate(fields)}
        self._postings, self._leaves = Keeper(), Keeper()

    def evaluate(self, node: Node, weights: Weights) -> tuple[Mask, Array]:
        """Which documents match, and the score of each."""
        match node:
            case And(parts):
                return self._all(parts, weights)
            case Or(parts, least):
                return self._some(parts, least, weights)
            case Best(parts):
                return self._best(parts, weights)
            case Not(part):
                mask, _ = self.evaluate(part, weights)
                return ~mask, np.zeros(len(mask), dtype=np.float32)
            case Boost(part, factor):
                mask, scores = self.evaluate(part, weights)
                return mask, scores * np.float32(factor)
            case Prefer(part, others):
                return self._preferred(part, others, weights)
            case _:
                return self._dense(self.leaf(node, weights))

    def _all(self, parts: Sequence[Node], weights: Weights) -> tuple[Mask, Array]:
        mask, scores = self.evaluate(parts[0], weights)
        for part in parts[1:]:
            if isinstance(part, Not):
                mask = mask & ~self.evaluate(part.part, weights)[0]
                continue
            also, more = self.evaluate(part, weights)
            mask = mask & also
            scores = scores + more
        return mask, scores

    def _some(self, parts: Sequence[Node], least: int, weights: Weights) -> tuple[Mask, Array]:
        matched = np.zeros(self.columns.size, dtype=np.uint32)
        scores = np.zeros(self.columns.size, dtype=np.float32)
        for documents, more in self._each(parts, weights):
            matched[documents] += 1
            scores[documents] += more
        return matched >= least, scores

    def _best(self, parts: Sequence[Node], weights: Weights) -> tuple[Mask, Array]:
        found = np.zeros(self.columns.size, dtype=np.bool_)
        scores = np.zeros(self.columns.size, dtype=np.float32)
        for documents, more in self._each(parts, weights):
            found[documents] = True
            scores[documents] = np.maximum(scores[documents], more)
        return found, scores

    def _each(self, parts: Iterable[Node], weights: Weights) -> Iterator[tuple[Array, Array]]:
        """The documents and scores of each part.

        Leaves go in by their own documents only; there may be many.
        """
        for part in parts:
            factor, inner = (part.factor, part.part) if isinstance(part, Boost) else (1.0, part)
            if isinstance(inner, And | Or | Best | Not | Boost | Prefer):
                mask, scores = self.evaluate(inner, weights)
                yield mask, scores[mask] * np.float32(factor)
            else:
                leaf = self.leaf(inner, weights)
                yield leaf.documents, leaf.scores * np.float32(factor)

    def _preferred(
        self, part: Node, others: Sequence[tuple[Node, float]], weights: Weights
    ) -> tuple[Mask, Array]:
        mask, scores = self.evaluate(part, weights)
        bonus = np.zeros(self.columns.size, dtype=np.float32)
        for other, more in others:
            also, _ = self.evaluate(other, weights)
            bonus[also] = np.maximum(bonus[also], np.float32(more))
        return mask, scores + bonus

    def _dense(self, leaf: Scored) -> tuple[Mask, Array]:
        mask = np.zeros(self.columns.size, dtype=np.bool_)
        scores = np.zeros(self.columns.size, dtype=np.float32)
        mask[leaf.documents] = True
        scores[leaf.documents] = leaf.scores
        return mask, scores

    # leaves -------------------------------------------------------------------------

    def leaf(self, leaf: Leaf, weights: Weights) -> Scored:
        """The documents of a leaf with their scores; kept as long as the weights hold."""
        key = (leaf, weights.generation)
        if (kept := self._leaves.get(key)) is not None:
            return kept  # type: ignore[no-any-return]
        return self._leaves.put(key, self._scored(leaf, weights))  # type: ignore[no-any-return]

    def _scored(self, leaf: Leaf, weights: Weights) -> Scored:
        match leaf:
            case Term(term, fields):
                postings = self.postings(term)
                return self._bm25(postings, fields, weights.idf(weights.frequency(term)), weights)
            case Phrase(terms, _, fields):
                idf = sum(weights.idf(weights.frequency(term)) for term in terms)
                return self._bm25(self._adjacent(leaf), fields, idf, weights)
            case Prefix(start, fields):
                return self._prefix(start, fields, weights)
            case Exact(terms):
                documents = self.postings(exact_term(terms)).documents
                return Scored(documents, np.ones(len(documents), dtype=np.float32))
            case Tagged(facet, values):
                found = np.zeros(0, dtype=np.int64)
                if facet in self.columns.facets:
                    found = np.flatnonzero(self.columns.facets[facet].mask(values))
                score = TAG_BOOST * weights.idf(weights.tagged(leaf))
                return Scored(found, np.full(len(found), score, dtype=np.float32))
            case Within(name, low, high):
                found = np.flatnonzero(self.columns.within(name, low, high))
                return Scored(found, np.zeros(len(found), dtype=np.float32))

    def _bm25(self, postings: Postings, fields: Fields, idf: float, weights: Weights) -> Scored:
        """BM25 in each field, the best field of each document, and a little of the others."""
        owners, field, tf = self._runs(postings)
        if fields:
            wanted = np.isin(field, [self._field[f] for f in fields if f in self._field])
            owners, field, tf = owners[wanted], field[wanted], tf[wanted]
        if not len(owners):
            return Scored(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
        lengths = self.columns.lengths[field, owners]
        norm = K1 * (1 - B + B * lengths / weights.average_lengths[field])
        scores = weights.boosts[field] * (idf * (K1 + 1)) * (tf / (tf + norm))
        first = np.flatnonzero(np.concatenate(([True], owners[1:] != owners[:-1])))
        best = np.maximum.reduceat(scores, first)
        best += TIE * (np.add.reduceat(scores, first) - best)
        return Scored(owners[first].astype(np.int64), best.astype(np.float32))

    @staticmethod
    def _runs(postings: Postings) -> tuple[Array, Array, Array]:
        """For every document and field: the two, and how often the term stands there."""
        owner = np.repeat(postings.documents, postings.counts)
        field = postings.occurrences >> FIELD_BIT
        if not len(owner):
            return owner, field, owner.astype(np.float32)
        changes = (owner[1:] != owner[:-1]) | (field[1:] != field[:-1])
        first = np.flatnonzero(np.concatenate(([True], changes)))
        tf = np.diff(np.append(first, len(owner))).astype(np.float32)
        return owner[first], field[first], tf

    def _adjacent(self, phrase: Phrase) -> Postings:
        """The places where the terms of a phrase stand at their distances."""
        found: Array | None = None
        lists = sorted(
            (
                (self.postings(term), place)
                for term, place in zip(phrase.terms, phrase.places, strict=True)
            ),
            key=lambda pair: len(pair[0].occurrences),
        )
        for postings, place in lists:
            owner = np.repeat(postings.documents, postings.counts).astype(np.uint64)
            keys = (owner << np.uint64(32)) | postings.occurrences.astype(np.uint64)
            keys = keys[(postings.occurrences & _PLACES) >= place] - np.uint64(place)
            found = keys if found is None else found[_among(found, keys)]
            if not len(found):
                return NOWHERE
        assert found is not None
        documents, counts = np.unique(found >> np.uint64(32), return_counts=True)
        occurrences = (found & np.uint64(0xFFFFFFFF)).astype(np.uint32)
        return Postings(documents.astype(np.uint32), counts, occurrences)

    def _prefix(self, start: str, fields: Fields, weights: Weights) -> Scored:
        """Every term that begins so, as one term; the commonest where there are too many."""
        found = weights.beginning(start)
        together = self.together(start, found.terms)
        return self._bm25(together, fields, weights.idf(found.frequency), weights)

    def together(self, start: str, terms: Sequence[str]) -> Postings:
        """The postings of some terms with one beginning, as if they were one term."""
        key = (start, terms)
        if (kept := self._postings.get(key)) is not None:
            return kept  # type: ignore[no-any-return]
        lists = [found for term in terms if len((found := self.postings(term)).documents)]
        if not lists:
            return NOWHERE
        owner = np.concatenate([np.repeat(one.documents, one.counts) for one in lists])
        places = np.concatenate([one.occurrences for one in lists])
        keys = np.sort((owner.astype(np.uint64) << np.uint64(32)) | places.astype(np.uint64))
        documents, counts = np.unique(keys >> np.uint64(32), return_counts=True)
        occurrences = (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32)
        found = Postings(documents.astype(np.uint32), counts, occurrences)
        return self._postings.put(key, found)  # type: ignore[no-any-return]

    def postings(self, term: str) -> Postings:
        """The postings of a term, decoded once."""
        if (kept := self._postings.get(term)) is not None:
            return kept  # type: ignore[no-any-return]
        return self._postings.put(term, self._decode(term))  # type: ignore[no-any-return]


def exact_term(terms: Sequence[str]) -> str:
    """The term under which a whole name is indexed."""
    return "=" + " ".join(terms)


def _among(some: Array, others: Array) -> Mask:
    """Which of some sorted numbers are among other sorted numbers."""
    places = np.searchsorted(others, some)
    places[places == len(others)] = 0
    found: Mask = others[places] == some if len(others) else np.zeros(len(some), dtype=np.bool_)
    return found
