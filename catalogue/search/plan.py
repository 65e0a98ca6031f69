"""A plan: what to look for, made of criteria that know where they come from.

Every criterion keeps the words, the names it also stands for and the concepts, so that the
page can show the expansion and each hit can say why it is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalogue.search.analysis import tokens
from catalogue.search.thesaurus import ABBREVIATION, CODE, NARROWER, SPELLING, Name
from catalogue.search.tree import (
    EVERYWHERE,
    And,
    Best,
    Boost,
    Fields,
    Node,
    Or,
    Phrase,
    Prefer,
    Term,
    both,
)
from catalogue.vocabulary import Concept

#: The kind of a variant that is the statement of a concept, whatever the words around it.
STATED = "stated"
#: What a variant counts, against words that were typed.
_WEIGHTS: Mapping[str, float] = {NARROWER: 0.6, CODE: 0.6, SPELLING: 0.9, STATED: 0.25}
_SYNONYM_WEIGHT = 0.8
#: What no sum of scores reaches: each further criterion that is fulfilled, where not all are.
_EACH = 1000.0
_BONUS_OF_OPTIONAL = 0.2


@dataclass(frozen=True)
class Variant:
    """One thing that is looked for beside the words typed; ``key`` takes it away."""

    key: str
    text: str
    kind: str
    node: Node
    language: str = "en"


@dataclass(frozen=True)
class Criterion:
    """One thing a hit must fulfil: as typed, or by one of the variants.

    ``loosely`` are the bare words of a phrase or field, to be offered where that finds nothing.
    """

    said: str
    typed: Node
    node: Node
    terms: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    removed: tuple[Variant, ...] = ()
    concepts: tuple[Concept, ...] = ()
    wider: str = ""
    optional: bool = False
    negated: bool = False
    loosely: str = ""


@dataclass(frozen=True)
class Choice:
    """An acronym that means several things: which one was chosen, if any."""

    said: str
    concepts: tuple[Concept, ...]
    chosen: str = ""


@dataclass
class Plan:
    """What to look for, and what to tell of it."""

    criteria: list[Criterion] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    corrections: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    bonuses: tuple[tuple[Node, float], ...] = ()

    @property
    def required(self) -> list[Criterion]:
        """The criteria that every hit must fulfil; optional ones where there are no others."""
        found = [one for one in self.criteria if not one.optional and not one.negated]
        return found or [one for one in self.criteria if not one.negated]

    @property
    def where(self) -> Node | None:
        """Everything that every hit must fulfil."""
        return self._with(both([one.node for one in self.required]))

    def some(self, least: int) -> Node | None:
        """At least so many of the criteria, those that fulfil most first."""
        parts = tuple(Prefer(one.node, ((one.node, _EACH),)) for one in self.required)
        return self._with(Or(parts, least)) if parts else None

    def _with(self, node: Node | None) -> Node | None:
        if node is None:
            return both([one.node for one in self.criteria])
        optional = [
            (one.node, _BONUS_OF_OPTIONAL)
            for one in self.criteria
            if one not in self.required and not one.negated
        ]
        if optional:
            node = Prefer(node, tuple(optional))
        if self.bonuses:
            node = Prefer(node, self.bonuses)
        negated = tuple(one.node for one in self.criteria if one.negated)
        return And((node, *negated)) if negated else node


def joined(inside: list[Criterion], word: str, *, any_of: bool) -> Criterion | None:
    """Several criteria as one."""
    if not inside:
        return None
    if len(inside) == 1:
        return inside[0]
    nodes = tuple(one.node for one in inside)
    return Criterion(
        word.join(one.said for one in inside),
        Best(tuple(one.typed for one in inside)) if any_of else And(nodes),
        Or(nodes) if any_of else And(nodes),
        tuple(term for one in inside for term in one.terms),
        tuple(variant for one in inside for variant in one.variants),
        tuple(variant for one in inside for variant in one.removed),
        tuple(concept for one in inside for concept in one.concepts),
    )


def each_once(variants: Sequence[Variant]) -> list[Variant]:
    """The variants without repeats, in their order."""
    return list({one.key: one for one in reversed(variants)}.values())[::-1]


def key_of(name: Name) -> str:
    """The key of a name among variants: an acronym as written, else in small letters."""
    return name.text if name.kind == ABBREVIATION else name.text.casefold()


def any_of(typed: Node, variants: Sequence[Variant], factor: float = 1) -> Node:
    """The words as typed, or any of the variants, which count less."""
    others = tuple(
        Boost(one.node, _WEIGHTS.get(one.kind, _SYNONYM_WEIGHT) * factor)
        for one in variants
        if one.node != typed
    )
    return Best((typed, *others)) if others else typed


def of_terms(some: Sequence[str], fields: Fields = EVERYWHERE) -> Node:
    """One word is a term; a word of several pieces (EQ-5D) has them side by side."""
    if len(some) == 1:
        return Term(some[0], fields)
    if any(len(term) < 2 or term.isdigit() for term in some):
        return Phrase(tuple(some), tuple(range(len(some))), fields)
    return And(tuple(Term(term, fields) for term in some))


def side_by_side(text: str, fields: Fields = EVERYWHERE) -> Node:
    """The words of a text at the distances they have in it; there must be one at least."""
    found = [token for token in tokens(text) if token.term]
    if len(found) == 1:
        return Term(found[0].term, fields)
    places = tuple(token.place - found[0].place for token in found)
    return Phrase(tuple(token.term for token in found), places, fields)
