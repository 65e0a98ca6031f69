"""Criteria as they come about from a sentence, and the units they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalogue.outcomes.questions import Criterion, Span
from catalogue.outcomes.understanding.reading import Read, Unit
from catalogue.profile.criteria import CONDITION

#: What became of a name that the sentence says no to.
EXCLUDED = object()


@dataclass(eq=False)
class Draft:
    """A criterion that comes about; ``places`` are the units it was made of."""

    kind: str
    values: list[str] = field(default_factory=list)
    span: Span | None = None
    qualifiers: dict[str, list[str] | float] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)

    def criterion(self, kinds: Mapping[str, Sequence[str]]) -> Criterion:
        """It as a criterion; the qualifiers in the order of the table."""
        return Criterion(
            self.kind,
            tuple(dict.fromkeys(self.values)),
            self.span,
            tuple(
                (name, tuple(dict.fromkeys(said)) if isinstance(said, list) else said)
                for name in kinds[self.kind]
                if (said := self.qualifiers.get(name))
            ),
        )

    def copy(self) -> Draft:
        """Another one like it."""
        qualifiers = {k: [*v] if isinstance(v, list) else v for k, v in self.qualifiers.items()}
        return Draft(self.kind, [*self.values], self.span, qualifiers, [*self.places])


class Drafts:
    """The criteria of one sentence; ``notes`` tells what could not be done."""

    def __init__(self, read: Read) -> None:
        self.read, self.units = read, read.units
        self.drafts: list[Draft] = []
        self.notes: list[str] = []

    def take(self, draft: Draft, places: Sequence[int]) -> None:
        """Make some units a part of a criterion."""
        for at in places:
            self.units[at].use = draft
        draft.places += places
        if draft not in self.drafts:
            self.drafts.append(draft)

    def free(self) -> Iterator[tuple[int, Unit]]:
        """The units that nothing was made of so far."""
        yield from ((at, one) for at, one in enumerate(self.units) if one.use is None)

    def of(self, *kinds: str) -> list[Draft]:
        """The criteria of some kinds."""
        return [one for one in self.drafts if one.kind in kinds]

    def between(self, begin: int, end: int) -> Sequence[Unit]:
        """The units between two, whichever comes first."""
        return self.units[min(begin, end) + 1 : max(begin, end)]

    def said(self, unit: Unit) -> str:
        """A unit as it was typed."""
        return self.read.text(unit.begin, unit.end)

    def finish(self) -> None:
        """One criterion of what is asked twice, all in the order of the sentence; tell guesses."""
        kept: list[Draft] = []
        for one in sorted(self.drafts, key=lambda draft: min(draft.places)):
            same = next((d for d in kept if _same(d, one)), None)
            if same is None:
                kept.append(one)
                continue
            same.qualifiers = {**one.qualifiers, **same.qualifiers}
            for at in one.places:
                self.units[at].use = same
            same.places += one.places
        self.drafts = kept
        for unit in self.units:
            if unit.guess and unit.use in self.drafts:
                self.notes.append(f"“{self.said(unit)}” was taken for “{unit.guess}”.")


def near(at: int) -> Callable[[Draft], int]:
    """How far criteria are from a unit, for sorting."""
    return lambda draft: min(abs(at - place) for place in draft.places)


def _same(one: Draft, other: Draft) -> bool:
    """Whether two say the same, or one of them no more than the other."""
    if (one.kind, {*one.values}, one.span) != (other.kind, {*other.values}, other.span):
        return False
    ours, theirs = _asked(one), _asked(other)
    if one.kind != CONDITION and ours != theirs:
        return False
    return all(ours[name] == theirs[name] for name in ours.keys() & theirs.keys())


def _asked(one: Draft) -> dict[str, frozenset[str] | float]:
    """What is asked beside it, whatever the order."""
    return {
        name: frozenset(said) if isinstance(said, list) else said
        for name, said in one.qualifiers.items()
    }
