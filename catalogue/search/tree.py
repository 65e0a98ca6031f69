"""What is looked for, as a tree of values: the language that every engine answers.

    Term Phrase Prefix Exact Tagged   leaves
    And Or Best Not Boost Prefer      what holds leaves together

A leaf that names no fields looks in all of them; its score is that of its best field.
``Or`` adds the scores of its parts, ``Best`` takes the highest one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Fields = frozenset[str]
EVERYWHERE: Fields = frozenset()


@dataclass(frozen=True, slots=True)
class Term:
    """One term, in any of some fields."""

    term: str
    fields: Fields = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms at given distances from the first, in one field."""

    terms: tuple[str, ...]
    places: tuple[int, ...]
    fields: Fields = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every term that begins so."""

    start: str
    fields: Fields = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Exact:
    """A name that consists of just these terms: a title, or another name of a record."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A facet that has one of some values."""

    facet: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Within:
    """A range that overlaps the one from ``low`` to ``high``; None is without bound."""

    range: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class And:
    """Every part; the scores add up."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least ``least`` of the parts; the scores add up."""

    parts: tuple[Node, ...]
    least: int = 1


@dataclass(frozen=True, slots=True)
class Best:
    """Any part; the highest score counts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything without the part."""

    part: Node


@dataclass(frozen=True, slots=True)
class Boost:
    """A part whose score is multiplied."""

    part: Node
    factor: float


@dataclass(frozen=True, slots=True)
class Prefer:
    """A part; whoever also matches one of the others has a bonus (the highest one counts)."""

    part: Node
    others: tuple[tuple[Node, float], ...]


Leaf = Term | Phrase | Prefix | Exact | Tagged | Within
Node = Leaf | And | Or | Best | Not | Boost | Prefer


def leaves(node: Node) -> Iterator[Leaf]:
    """The leaves that a hit may be a hit for; not those it must be without."""
    match node:
        case And(parts) | Or(parts) | Best(parts):
            for part in parts:
                yield from leaves(part)
        case Boost(part) | Prefer(part):
            yield from leaves(part)
        case Not():
            return
        case _:
            yield node


def both(parts: list[Node]) -> Node | None:
    """The conjunction of some parts; None of none."""
    return parts[0] if len(parts) == 1 else And(tuple(parts)) if parts else None
