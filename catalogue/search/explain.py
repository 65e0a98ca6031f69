"""Why a record is a hit: which criterion, by which words, in which fields; and a snippet.

This is worked out from the record itself, for the few hits of a page, so every engine
explains alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from catalogue.profile.ranges import Interval
from catalogue.search.analysis import Token, Wanted, tokens
from catalogue.search.entry import Called
from catalogue.search.plan import Criterion
from catalogue.search.tree import (
    And,
    Best,
    Boost,
    Exact,
    Fields,
    Node,
    Not,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Tagged,
    Term,
    Within,
    leaves,
)

#: The kind of a reason that is the words as typed.
WORDS = "words"
#: How long a snippet is, in characters, and how short a text gives none.
_LENGTH, _SHORTEST = 230, 60
#: How many variants are told for one criterion.
_MOST_VARIANTS = 2


@dataclass(frozen=True)
class Reason:
    """One way in which a record fulfils a criterion: by what, of which kind, in which fields."""

    said: str
    by: str
    kind: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A part of a text, marked if it is what was looked for."""

    text: str
    marked: bool = False


@dataclass(frozen=True)
class Why:
    """Why a record is a hit, and what of it is not there.

    ``snippet`` is the place in the longest telling text where most of it stands; empty if
    it stands in none.
    """

    reasons: tuple[Reason, ...]
    lacking: tuple[str, ...]
    snippet: tuple[Piece, ...]
    terms: frozenset[str]


class Told(Protocol):
    """What can be a hit: a record or a variable, as far as it is searched."""

    def texts(self, called: Called) -> Mapping[str, list[str]]:
        """Its texts by field."""

    @property
    def facets(self) -> Mapping[str, list[str]]:
        """Its values by facet."""

    @property
    def ranges(self) -> Mapping[str, Interval]:
        """The intervals it states."""

    @property
    def names(self) -> frozenset[tuple[str, ...]]:
        """What it is called, as terms."""


class _Reading:
    """A record, read for some terms."""

    def __init__(self, record: Told, called: Called, wanted: Wanted) -> None:
        self.record = record
        self.texts = [
            (name, text, found)
            for name, some in record.texts(called).items()
            for text in some
            if (found := wanted.tokens(text))
        ]
        self.where: dict[str, list[tuple[int, Token]]] = {}
        for number, (_, _, found) in enumerate(self.texts):
            for token in found:
                for term in (token.term, token.exact):
                    if term:
                        self.where.setdefault(term, []).append((number, token))

    def may_fulfil(self, needs: frozenset[str] | None) -> bool:
        """Whether a node with such needs (``_needs``) is worth a look."""
        return needs is None or not needs.isdisjoint(self.where)

    def fields(self, node: Node) -> tuple[str, ...] | None:
        """The fields in which a node is fulfilled; None if it is not."""
        match node:
            case Term(term, fields):
                return self._named(self.where.get(term, ()), fields)
            case Prefix(start, fields):
                found = [
                    one for term in self.where if term.startswith(start) for one in self.where[term]
                ]
                return self._named(found, fields)
            case Phrase(terms, places, fields):
                return self._named(list(self._phrase(terms, places)), fields)
            case Tagged(facet, values):
                return (facet,) if values & set(self.record.facets.get(facet, ())) else None
            case Within(name, low, high):
                interval = self.record.ranges.get(name)
                if interval is None:
                    return None
                inside = (low is None or interval[1] >= low) and (
                    high is None or interval[0] <= high
                )
                return (name,) if inside else None
            case Exact(terms):
                return ("title",) if terms in self.record.names else None
            case Boost(part) | Prefer(part):
                return self.fields(part)
            case Not(part):
                return () if self.fields(part) is None else None
            case And(parts):
                each = [self.fields(part) for part in parts]
                return None if None in each else _together(each)
            case Or(parts, least):
                each = [one for one in map(self.fields, parts) if one is not None]
                return _together(each) if len(each) >= least else None
            case Best(parts):
                each = [one for one in map(self.fields, parts) if one is not None]
                return _together(each) if len(each) == len(parts) else None

    def _phrase(self, terms: Sequence[str], places: Sequence[int]) -> Iterator[tuple[int, Token]]:
        rest = list(zip(terms[1:], places[1:], strict=True))
        for number, token in self.where.get(terms[0], ()):
            if all(
                any(
                    n == number and other.place == token.place + place
                    for n, other in self.where.get(term, ())
                )
                for term, place in rest
            ):
                yield number, token

    def _named(self, found: Iterable[tuple[int, Token]], fields: Fields) -> tuple[str, ...] | None:
        names = dict.fromkeys(self.texts[number][0] for number, _ in found)
        kept = tuple(name for name in names if not fields or name in fields)
        return kept or None


class Explainer:
    """Explains hits of one search; ``prose`` are the properties to cite from."""

    def __init__(self, criteria: Sequence[Criterion], prose: Collection[str]) -> None:
        self._criteria, self._prose = criteria, prose
        self._wanted = Wanted(
            term
            for one in criteria
            for node in (one.typed, one.node, *(variant.node for variant in one.variants))
            for term in _terms(node)
        )
        # A disease may stand for hundreds of names, of which a record has one or two.
        self._needs = [[_needs(variant.node) for variant in one.variants] for one in criteria]

    def why(self, record: Told, called: Called) -> Why:
        """Why a record is a hit."""
        texts = _Reading(record, called, self._wanted)
        reasons: list[Reason] = []
        lacking: list[str] = []
        marked: set[str] = set()
        for one, needs in zip(self._criteria, self._needs, strict=True):
            if one.negated:
                continue
            found = list(_reasons(one, needs, texts, marked))
            reasons += found
            if not found and not one.optional:
                lacking.append(one.said)
        snippet = tuple(_snippet(texts, marked, self._prose))
        return Why(tuple(reasons), tuple(lacking), snippet, frozenset(marked))


def _reasons(
    one: Criterion, needs: Sequence[frozenset[str] | None], texts: _Reading, marked: set[str]
) -> Iterator[Reason]:
    if (fields := texts.fields(one.typed)) is not None:
        marked |= set(_terms(one.typed))
        yield Reason(one.said, one.said, WORDS, fields)
    told = 0
    for variant, needed in zip(one.variants, needs, strict=True):
        if texts.may_fulfil(needed) and (fields := texts.fields(variant.node)) is not None:
            marked |= set(_terms(variant.node))
            if told < _MOST_VARIANTS:
                told += 1
                yield Reason(one.said, variant.text, variant.kind, fields)


def _terms(node: Node) -> Iterator[str]:
    for leaf in leaves(node):
        match leaf:
            case Term(term):
                yield term
            case Phrase(terms):
                yield from terms
            case Prefix(start):
                yield start + "*"


def _needs(node: Node) -> frozenset[str] | None:
    """Terms without any of which a node is not fulfilled; None if it may be without terms."""
    match node:
        case Term(term):
            return frozenset((term,))
        case Phrase(terms):
            return frozenset(terms[:1])
        case Boost(part) | Prefer(part):
            return _needs(part)
        case And(parts):
            return next((some for part in parts if (some := _needs(part)) is not None), None)
        case Or(parts) | Best(parts):
            each = [some for part in parts if (some := _needs(part)) is not None]
            return frozenset().union(*each) if len(each) == len(parts) else None
        case _:
            return None


def _is_marked(token: Token, marked: Iterable[str]) -> bool:
    if token.exact in marked or token.term in marked:
        return bool(token.term or token.exact)
    return any(one[-1] == "*" and token.term.startswith(one[:-1]) for one in marked)


def pieces(text: str, marked: frozenset[str]) -> list[Piece]:
    """A text with the words that were looked for marked."""
    return _cut(text, [token for token in tokens(text) if _is_marked(token, marked)], 0, len(text))


def _snippet(texts: _Reading, marked: set[str], prose: Collection[str]) -> Iterator[Piece]:
    """The stretch of a text with the most different words that were looked for."""
    best: tuple[int, int, int, str, list[Token]] = (0, 0, 0, "", [])
    for name, text, found in texts.texts:
        if len(text) < _SHORTEST or name not in prose:
            continue
        hits = [token for token in found if _is_marked(token, marked)]
        for at, token in enumerate(hits):
            inside = [one for one in hits[at:] if one.end <= token.start + _LENGTH * 0.8]
            different = len({one.term for one in inside})
            if (different, len(inside)) > best[:2]:
                best = (different, len(inside), token.start, text, hits)
    if not best[0]:
        return
    _, _, start, text, hits = best
    begin = _edge(text, max(0, start - _LENGTH // 5), forwards=True) if start else 0
    end = _edge(text, min(len(text), begin + _LENGTH), forwards=False)
    if begin > 0:
        yield Piece("… ")
    yield from _cut(text, hits, begin, end)
    if end < len(text):
        yield Piece(" …")


def _edge(text: str, at: int, *, forwards: bool) -> int:
    """The nearest place between words."""
    if at in (0, len(text)):
        return at
    space = text.find(" ", at) if forwards else text.rfind(" ", 0, at)
    return at if space < 0 else space + 1 if forwards else space


def _cut(text: str, hits: Iterable[Token], begin: int, end: int) -> list[Piece]:
    found: list[Piece] = []
    at = begin
    for token in hits:
        if token.start < at or token.end > end:
            continue
        if token.start > at:
            found.append(Piece(text[at : token.start]))
        found.append(Piece(text[token.start : token.end], marked=True))
        at = token.end
    if at < end:
        found.append(Piece(text[at:end]))
    return found


def _together(each: Iterable[tuple[str, ...] | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for some in each for name in some or ()))
