"""From a tree to a query of Tantivy, with scores or without.

Scores follow ``arrays.py``: BM25 in the best field of a record, and a little of the others.
Tantivy takes rarity from each field by itself, and the average length over all records,
those without the field included; :meth:`Queries._best_field` puts that right by factors.
What need not be scored is asked of one field that has every term once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from catalogue.search.arrays import K1, MOST_EXPANSIONS, TAG_BOOST, TIE, B
from catalogue.search.engine import Filter, Request
from catalogue.search.entry import Fields
from catalogue.search.tantivy_documents import (
    ANY,
    MISSING,
    clean,
    facet_field,
    name_key,
    tantivy,
    words_field,
)
from catalogue.search.tree import (
    And,
    Best,
    Boost,
    Exact,
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

Query = Any

_KEPT = 2_000


class Queries:
    """The queries of one state; those of leaves are made once."""

    def __init__(self, searcher: Any, schema: Any, fields: Fields) -> None:
        self._searcher, self._schema, self._fields = searcher, schema, fields
        self._documents: int = searcher.doc_freq("holds", ANY)
        self._all = _free(tantivy.Query.all_query())
        self._nothing = tantivy.Query.empty_query()
        self.frequency = lru_cache(20_000)(self._frequency)
        self._matching = lru_cache(_KEPT)(self._match_leaf)
        self._scored = lru_cache(_KEPT)(self._score_leaf)
        self._factor = lru_cache(_KEPT)(self._length_factor)

    def asked(self, request: Request, without: str = "", scored: bool = False) -> Query:
        """What a request asks for, all of it or without one of its filters."""
        parts = [_free(self.term("kind", request.kind))]
        if request.where is not None:
            parts.append(self.compiled(request.where, scored))
        for name, condition in request.filters.items():
            if name != without:
                parts.append(_free(self._filtered(name, condition)))
        return both(*parts)

    def compiled(self, node: Node, scored: bool) -> Query:
        """The query of a tree."""
        make = tantivy.Query
        match node:
            case And(parts):
                return self._every(parts, scored)
            case Or(parts, least):
                should = [(tantivy.Occur.Should, self.compiled(part, scored)) for part in parts]
                return make.boolean_query(should, least)
            case Best(parts):
                some = [self.compiled(part, scored) for part in parts]
                return make.disjunction_max_query(some, 0.0)
            case Not(part):
                return self._without(self.compiled(part, False))
            case Boost(part, factor) if scored:
                return make.boost_query(self.compiled(part, scored), factor)
            case Prefer(part, others) if scored and others:
                bonus = make.disjunction_max_query(
                    [
                        make.const_score_query(self.compiled(one, False), more)
                        for one, more in others
                    ],
                    0.0,
                )
                preferred = self.compiled(part, scored)
                return make.boolean_query(
                    [(tantivy.Occur.Must, preferred), (tantivy.Occur.Should, bonus)]
                )
            case Boost(part) | Prefer(part):
                return self.compiled(part, scored)
            case _:
                return self._scored(node) if scored else self._matching(node)

    def number(self, query: Query) -> int:
        """How many records match, deleted ones left out."""
        told = self._searcher.aggregate(query, {"": {"value_count": {"field": "record"}}})
        return int(told[""]["value"])

    def term(self, field: str, value: str | int, option: str = "basic") -> Query:
        """What has a value in a field."""
        value = clean(value) if isinstance(value, str) else value
        return tantivy.Query.term_query(self._schema, field, value, option)

    def among(self, field: str, values: Iterable[str | int]) -> Query:
        """What has one of some values in a field."""
        some = [clean(value) if isinstance(value, str) else value for value in values]
        return tantivy.Query.term_set_query(self._schema, field, some)

    def between(self, field: str, low: float, high: float) -> Query:
        """What has a number from one to another in a field, bounds included."""
        kind = tantivy.FieldType.Float
        return tantivy.Query.range_query(self._schema, field, kind, float(low), float(high))

    # trees --------------------------------------------------------------------------

    def _every(self, parts: Sequence[Node], scored: bool) -> Query:
        found = [
            (tantivy.Occur.MustNot, self.compiled(part.part, False))
            if isinstance(part, Not)
            else (tantivy.Occur.Must, self.compiled(part, scored))
            for part in parts
        ]
        if all(isinstance(part, Not) for part in parts):
            found.append((tantivy.Occur.Must, self._all))
        return tantivy.Query.boolean_query(found)

    def _without(self, query: Query) -> Query:
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, self._all), (tantivy.Occur.MustNot, query)]
        )

    def _filtered(self, name: str, condition: Filter) -> Query:
        if name in self._fields.ranges:
            some = [self._overlapping(name, low, high) for low, high in condition.spans]
            if condition.missing:
                some.append(self._without(self._overlapping(name, None, None)))
            return _any(some)
        if name not in self._fields.facets:
            return self._all if condition.missing else self._nothing
        also = {MISSING} if condition.missing else set()
        return self.among(facet_field(name), condition.values - {MISSING} | also)

    # leaves -------------------------------------------------------------------------

    def _match_leaf(self, leaf: Leaf) -> Query:
        """The records of a leaf, whatever they score."""
        match leaf:
            case Term(term, fields):
                return _any([self.term(field, term) for field in self._places(fields)])
            case Prefix(start, fields):
                begun = self._beginning(start)
                return _any([self.among(field, begun) for field in self._places(fields)])
            case Phrase(terms, _, fields):
                return _any([self._phrase(name, leaf) for name in self._having(terms, fields)])
            case Exact(terms):
                return self.term("names", name_key(terms))
            case Tagged(facet, values):
                if facet not in self._fields.facets:
                    return self._nothing
                return self.among(facet_field(facet), values - {MISSING})
            case Within(name, low, high):
                return self._overlapping(name, low, high)

    def _score_leaf(self, leaf: Leaf) -> Query:
        """The records of a leaf with their scores."""
        match leaf:
            case Term(term, fields):
                return self._best_field(
                    (term,), fields, lambda name: self.term(words_field(name), term, "freq")
                )
            case Phrase(terms, _, fields):
                return self._best_field(terms, fields, lambda name: self._phrase(name, leaf))
            case Prefix(start, fields):
                return self._score_prefix(start, fields)
            case Exact():
                return tantivy.Query.const_score_query(self._matching(leaf), 1.0)
            case Tagged():
                query = self._matching(leaf)
                score = TAG_BOOST * self._rarity(self.number(query))
                return tantivy.Query.const_score_query(query, score)
            case Within():
                return _free(self._matching(leaf))

    def _best_field(
        self, terms: Sequence[str], fields: frozenset[str], make: Callable[[str], Query]
    ) -> Query:
        """A term or phrase in its best field, weighed by its rarity over all fields."""
        rarity = sum(self._rarity(self.frequency(term)) for term in terms)
        some = []
        for name in self._having(terms, fields):
            field = words_field(name)
            own = sum(self._rarity(self._standing(field, term)) for term in terms)
            some.append(tantivy.Query.boost_query(make(name), self._factor(name) * rarity / own))
        return tantivy.Query.disjunction_max_query(some, TIE)

    def _score_prefix(self, start: str, fields: frozenset[str]) -> Query:
        """A prefix scores like one term that stands once in a text of usual length."""
        begun = self._beginning(start)
        rarity = self._rarity(self.number(self.among("terms", begun)))
        some = [
            tantivy.Query.const_score_query(self.among(field, begun), boost * rarity)
            for name, boost in self._fields.boosts.items()
            if (not fields or name in fields)
            and self._searcher.terms_with_prefix(field := words_field(name), clean(start), limit=1)
        ]
        return tantivy.Query.disjunction_max_query(some, TIE)

    def _phrase(self, name: str, phrase: Phrase) -> Query:
        field = words_field(name)
        if len(phrase.terms) == 1:
            return self.term(field, phrase.terms[0], "freq")
        pairs = list(zip(phrase.places, map(clean, phrase.terms), strict=True))
        return tantivy.Query.phrase_query(self._schema, field, pairs)

    def _overlapping(self, name: str, low: float | None, high: float | None) -> Query:
        """The records whose range overlaps another one."""
        if name not in self._fields.ranges:
            return self._nothing
        stated = self.between(f"low/{name}", -math.inf, math.inf if high is None else high)
        return stated if low is None else both(stated, self.between(f"high/{name}", low, math.inf))

    def _having(self, terms: Sequence[str], fields: frozenset[str]) -> list[str]:
        """The properties in which all of some terms stand somewhere."""
        return [
            name
            for name in self._fields.boosts
            if (not fields or name in fields)
            and all(self._standing(words_field(name), term) for term in terms)
        ]

    def _standing(self, field: str, term: str) -> int:
        """How many records have a term in a field, deleted ones included."""
        found: int = self._searcher.doc_freq(field, clean(term))
        return found

    def _places(self, fields: frozenset[str]) -> list[str]:
        """Where to look for a term that need not be scored."""
        if not fields:
            return ["terms"]
        return [words_field(name) for name in self._fields.boosts if name in fields]

    def _beginning(self, start: str) -> list[str]:
        """The commonest terms that begin so."""
        found = self._searcher.terms_with_prefix("terms", clean(start), limit=MOST_EXPANSIONS)
        return [term for term, _ in found]

    # weights ------------------------------------------------------------------------

    def _frequency(self, term: str) -> int:
        return self.number(self.term("terms", term))

    def _rarity(self, frequency: int) -> float:
        """How much rarity counts."""
        documents = max(self._documents, frequency)
        return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))

    def _length_factor(self, name: str) -> float:
        """The boost of a field, so that a text of usual length scores as it should."""
        having: int = self._searcher.doc_freq("holds", name)
        too_short = self._documents / max(having, 1)
        usual = 1 + K1 * (1 - B + B * too_short)
        return self._fields.boosts[name] * usual / (1 + K1)


def both(*parts: Query) -> Query:
    """What matches every part; the scores add up."""
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])


def _any(parts: Sequence[Query]) -> Query:
    if len(parts) == 1:
        return parts[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])


def _free(query: Query) -> Query:
    """A condition that adds nothing to the score."""
    return tantivy.Query.const_score_query(query, 0.0)
