"""Core outcome sets in a sentence: by their programme, their condition and words for a set.

Nobody writes the whole name of a set.  *ICHOM heart failure set*, *MDS-COS* and *the PIONEER
core outcomes* are sets because two of the three are said, the condition perhaps elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalogue.outcomes.understanding.names import Names
from catalogue.outcomes.understanding.reading import Read, Unit
from catalogue.outcomes.understanding.sayings import folded
from catalogue.profile.criteria import CONDITION, SET, STAGE, CriterionKind
from catalogue.search.analysis import terms
from catalogue.vocabulary import Concept

#: What counts for a set: its programme, its condition, words of its name.
_PROGRAMME, _CONDITION, _WORDS = 4.0, 3.0, 0.5


@dataclass(frozen=True)
class FoundSet:
    """A set that is spoken of, the units that do, and how much of it is asked for in words."""

    set: Concept
    places: Sequence[int]
    share: float


class Sets:
    """The sets of the criteria that ask for coverage."""

    def __init__(self, kinds: Mapping[str, CriterionKind], names: Names) -> None:
        self._names = names
        self._sets = [
            one
            for kind in kinds.values()
            if kind.test == "coverage" and kind.vocabulary is not None
            for one in kind.vocabulary.collections.values()
            if one.members
        ]
        #: The years that sets are told apart by.
        self._years = {part for one in self._sets for part in one.code.split("-")}
        self._programmes = {
            phrase: name
            for one in self._sets
            for name in _programmes(one)
            for phrase in [folded(name)]
        }

    def found(self, read: Read) -> Iterator[FoundSet]:
        """The sets that a sentence speaks of."""
        at = 0
        while at < len(read.units):
            places, end = self._together(read, at)
            programmes = {name for n in places if (name := self._programme(read, n))}
            cued = any(read.units[n].has("about", SET) for n in places)
            if programmes or cued:
                best = self._best(read, places, programmes, cued=cued)
                if best is not None:
                    said = self._full(read, places)
                    shares = [float(read.units[one].roles["full"][0]) for one in said]
                    yield FoundSet(best, [*places, *said], min(shares, default=0))
            at = end

    def _together(self, read: Read, at: int) -> tuple[list[int], int]:
        """The units from one on that may be one set, and where to go on."""
        places: list[int] = []
        end = at
        while end < len(read.units):
            unit = read.units[end]
            if self._belongs(read, end):
                places.append(end)
            elif not places or not unit.has("joins"):
                break
            end += 1
        return places, max(end, at + 1)

    def _belongs(self, read: Read, at: int) -> bool:
        unit = read.units[at]
        if unit.use is not None or unit.plain:
            return False
        named = CONDITION in unit.named or STAGE in unit.named or bool(unit.stages)
        if unit.number is not None:
            return str(int(unit.number)) in self._years and bool(self._programme(read, at - 1))
        said = unit.has("unit", "items") or unit.has("about", SET)
        return named or said or bool(self._programme(read, at))

    def _programme(self, read: Read, at: int) -> str:
        unit = read.units[at]
        phrase = tuple(one.folded for one in read.tokens[unit.begin : unit.end])
        return self._programmes.get(phrase, "")

    def _full(self, read: Read, places: Sequence[int]) -> list[int]:
        """The units that say that all of it is meant."""
        begin = places[0]
        while begin and _leads(read.units[begin - 1]):
            begin -= 1
        end = places[-1] + 1
        while end < len(read.units) and _leads(read.units[end]):
            end += 1
        near = range(begin, end)
        return [at for at in near if read.units[at].use is None and read.units[at].has("full")]

    def _best(
        self, read: Read, places: Sequence[int], programmes: set[str], *, cued: bool
    ) -> Concept | None:
        here = self._conditions(read.units[at] for at in places)
        conditions = here or self._conditions(read.units)
        items = any(read.units[at].has("unit", "items") for at in places)
        if not (programmes and (cued or items or here)) and not (cued and conditions):
            return None
        said = {term for at in places for term in terms(read.text(*_ends(read.units[at])))}
        scored = [
            (self._score(one, programmes, conditions, said), -number, one)
            for number, one in enumerate(self._sets)
        ]
        best = max(scored, default=None)
        if best is None or best[0] < _CONDITION or (programmes and best[0] < _PROGRAMME):
            return None
        rivals = [one for one in scored if one[0] == best[0]]
        return best[2] if len(rivals) == 1 or best[0] >= _CONDITION + _PROGRAMME else None

    def _conditions(self, units: Sequence[Unit] | Iterator[Unit]) -> list[Concept]:
        found: list[Concept] = []
        for unit in units:
            if CONDITION in unit.named:
                found.append(unit.named[CONDITION])
            elif STAGE in unit.named:
                found += self._names.conditions_of(unit.named[STAGE])[:1]
        return found

    def _score(
        self, one: Concept, programmes: set[str], conditions: Sequence[Concept], said: set[str]
    ) -> float:
        made = {folded(name) for name in _programmes(one)}
        score = _PROGRAMME * bool({folded(name) for name in programmes} & made)
        about = [self._names.concept(iri) for iri in one.notes.get("condition", ())]
        if any(self._names.related(a, b) for a in about if a for b in conditions):
            score += _CONDITION + any(one in about for one in conditions)
        elif conditions:
            return 0.0
        shared = said & set(terms(" ".join((*one.texts(), one.code.replace("-", " ")))))
        return score + _WORDS * len(shared) / (1 + len(terms(one.label())) / 100)


def _programmes(one: Concept) -> list[str]:
    """Who made a set: the name of the programme, and how the code begins."""
    named = [name.strip() for some in one.notes.get("programme", ()) for name in some.split("/")]
    return [*named, one.code.partition("-")[0]]


def _leads(unit: Unit) -> bool:
    """Whether words may stand between a set and what share of it is meant."""
    return unit.has("joins") or unit.has("full") or unit.passes


def _ends(unit: Unit) -> tuple[int, int]:
    return unit.begin, unit.end
