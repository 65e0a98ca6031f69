"""The query language: what somebody types, read once into what they said.

::

    heart failure registry      every word must be there
    "heart failure"             these words side by side, and no synonyms
    -trial, NOT trial           not this
    AML OR CLL                  either of the two beside it
    cardio*                     words that begin so (three letters at least)
    title:heart                 in one field
    spatial:Sweden              by a facet, in words or codes
    country:Sweden              a facet may be called by a word that only its label has
    number_of_unique_individuals:>5000   by a range: >5000, <100, 100..5000
    (a OR b) -(c d)             brackets hold parts together

Nothing is refused: what cannot be read as an operator is read as words, and a note says
so where that may surprise.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from catalogue.search.analysis import terms

#: Brackets and operators deeper than this, and words beyond this many, are not read.
DEEPEST, MOST_ITEMS = 8, 64
SHORTEST_PREFIX = 3

_LEXEME = re.compile(
    r"""
    (?P<quoted>["“”„«»](?P<inner>[^"“”„«»]*)["“”„«»]?)
    | (?P<field>[A-Za-z_]{2,40}):(?=[^\s:/])
    | (?P<without>(?<![^\s(])-(?=[^\s-]))
    | (?P<open>\()
    | (?P<close>\))
    | (?P<word>[^\s()"“”„«»]+)
    """,
    re.X,
)
_SPAN = re.compile(r"(?:(?P<sign>[<>])=?(?P<one>[\d.]+))|(?P<low>[\d.]*)\.\.(?P<high>[\d.]*)\Z")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words side by side."""

    text: str


@dataclass(frozen=True, slots=True)
class Begins:
    """The beginning of a word."""

    text: str


@dataclass(frozen=True, slots=True)
class InField:
    """Something in one field, facet or range."""

    name: str
    part: Word | Quoted | Begins


@dataclass(frozen=True, slots=True)
class Without:
    """Not this."""

    part: Part


@dataclass(frozen=True, slots=True)
class Either:
    """One of these."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class All:
    """All of these, in the order typed."""

    parts: tuple[Part, ...]


Part = Word | Quoted | Begins | InField | Without | Either | All


@dataclass
class Said:
    """What was read, and what could not be."""

    parts: tuple[Part, ...] = ()
    notes: list[str] = field(default_factory=list)


def read(text: str, fields: Collection[str], called: Mapping[str, str] | None = None) -> Said:
    """Read a query; never raises.

    ``fields`` are the names that may stand before a colon; ``called`` gives the names of some
    by a term of what people call them.
    """
    return _Reader(text, fields, called or {}).said


class _Reader:
    def __init__(self, text: str, fields: Collection[str], called: Mapping[str, str]) -> None:
        self._lexemes = list(_LEXEME.finditer(text))
        self._fields, self._called, self._at, self._items = fields, called, 0, 0
        self.said = Said()
        self.said.parts = tuple(self._sequence(0))
        if self._items > MOST_ITEMS:
            self.said.notes.append(f"Only the first {MOST_ITEMS} words were looked for.")

    def _sequence(self, depth: int) -> Iterator[Part]:
        """The parts up to a closing bracket; ``OR`` joins the two beside it."""
        parts: list[Part] = []
        joining = False
        while (match := self._next()) is not None:
            if match["close"]:
                if depth:
                    break
                continue
            if match["word"] == "OR":
                joining = bool(parts)
                continue
            if match["word"] in ("AND", "&", "&&", "|", "||"):
                continue
            part = self._part(match, depth)
            if part is None:
                continue
            if joining and not isinstance(part, Without):
                before = parts.pop()
                first = before.parts if isinstance(before, Either) else (before,)
                part = Either((*first, part))
            parts.append(part)
            joining = False
        yield from parts

    def _next(self) -> re.Match[str] | None:
        if self._at >= len(self._lexemes):
            return None
        self._at += 1
        return self._lexemes[self._at - 1]

    def _part(self, match: re.Match[str], depth: int) -> Part | None:
        while depth >= DEEPEST and _leads(match):
            if (following := self._next()) is None:
                return None
            match = following
        if match["close"]:  # nothing stands behind a minus or a field; whoever opened reads on
            self._at -= 1
            return None
        if match["without"] or match["word"] == "NOT":
            following = self._next()
            part = self._part(following, depth + 1) if following else None
            return None if part is None or isinstance(part, Without) else Without(part)
        if match["open"]:
            if depth >= DEEPEST:
                return None
            inner = tuple(self._sequence(depth + 1))
            return inner[0] if len(inner) == 1 else All(inner) if inner else None
        if match["field"]:
            return self._in_field(match["field"], depth)
        self._items += 1
        if self._items > MOST_ITEMS:
            return None
        if match["quoted"]:
            return Quoted(match["inner"]) if match["inner"].strip() else None
        return self._word(match["word"])

    def _in_field(self, name: str, depth: int) -> Part | None:
        following = self._next()
        part = self._part(following, depth + 1) if following else None
        if not isinstance(part, Word | Quoted | Begins):
            return part
        if (known := self._field(name)) is not None:
            return InField(known, part)
        self.said.notes.append(f"There is no field “{name}”; it was looked for as a word.")
        return All((Word(name), part))

    def _field(self, name: str) -> str | None:
        if name.lower() in self._fields:
            return name.lower()
        found = terms(name)
        return self._called.get(found[0]) if len(found) == 1 else None

    def _word(self, text: str) -> Word | Begins | None:
        bare = text.rstrip("*")
        letters = sum(map(str.isalnum, bare))
        if bare != text and letters >= SHORTEST_PREFIX:
            return Begins(bare)
        if bare != text and letters:
            self.said.notes.append(
                f"“{text[:20]}” is too short for a beginning, which needs {SHORTEST_PREFIX} "
                f"letters; “{bare}” was looked for as a word."
            )
        return Word(bare) if letters else None


def _leads(match: re.Match[str]) -> bool:
    """Whether something only says how what follows is meant: a minus or a field."""
    return bool(match["without"] or match["field"] or match["word"] == "NOT")


def span_of(text: str) -> tuple[float | None, float | None] | None:
    """The interval written as ``>5000``, ``<100``, ``100..5000``, ``100..`` or ``100``.

    Both ends belong to it.  None if the text is none of these.
    """
    if (match := _SPAN.match(text.strip())) is None:
        number = _number(text.strip())
        return None if number is None else (number, number)
    if match["sign"]:
        one = _number(match["one"])
        if one is None or match.end() != len(text.strip()):
            return None
        return (one, None) if match["sign"] == ">" else (None, one)
    low, high = _number(match["low"]), _number(match["high"])
    if (match["low"] and low is None) or (match["high"] and high is None):
        return None
    if low is None and high is None:
        return None
    return (high, low) if low is not None and high is not None and high < low else (low, high)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None
