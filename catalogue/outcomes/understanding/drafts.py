"""Criteria as they come about from a sentence: names first, then what stands beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalogue.outcomes.questions import Criterion, Questions, Span
from catalogue.outcomes.understanding.amounts import Amount, amounts
from catalogue.outcomes.understanding.names import STAGE, TIMING, Names
from catalogue.outcomes.understanding.reading import Read, Unit
from catalogue.outcomes.understanding.sayings import Sayings
from catalogue.outcomes.understanding.sets import Sets
from catalogue.profile.criteria import LEAST
from catalogue.vocabulary import Concept

CONDITION, OUTCOME, INSTRUMENT, SET = "condition", "outcome", "instrument", "core_outcome_set"
PERSONS, COMPLETE, TOTAL = "persons", "completeness_percent", "number_of_unique_individuals"
AGE, YEAR, FREQUENCY, FOLLOW_UP = "typical_age", "year", "frequency", "follow_up_median_years"
#: Nobody is followed longer, and a bare number below is no number of people.
_LONGEST_FOLLOW_UP, _FEWEST = 100, 50
#: How far a number may stand from what it is about, in units; a comma counts as more.
_FARTHEST, _BREAK = 9, 5


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


class Drafting:
    """Makes the criteria of one sentence; ``notes`` tells what it could not do."""

    def __init__(
        self, read: Read, names: Names, sayings: Sayings, sets: Sets, questions: Questions
    ) -> None:
        self._read, self._units = read, read.units
        self._names, self._sayings, self._questions = names, sayings, questions
        self.drafts: list[Draft] = []
        self.notes: list[str] = []
        self._excluded()
        for found in sets.found(read):
            draft = Draft(SET, [found.set.iri])
            self._take(draft, found.places)
            if found.full:
                draft.qualifiers[LEAST] = float(len(found.set.members))
        self._conditions()
        self._criteria()
        self._stages()
        self._qualifiers()
        self._amounts()
        self._intervals()
        self._told_apart()
        for unit in self._units:
            if unit.guess and unit.use in self.drafts:
                self.notes.append(f"“{self._said(unit)}” was taken for “{unit.guess}”.")

    # taking --------------------------------------------------------------------------

    def _take(self, draft: Draft, places: Sequence[int]) -> None:
        for at in places:
            self._units[at].use = draft
        draft.places += places
        if draft not in self.drafts:
            self.drafts.append(draft)

    def _free(self) -> Iterator[tuple[int, Unit]]:
        """The units that nothing was made of so far."""
        yield from ((at, one) for at, one in enumerate(self._units) if one.use is None)

    def _of(self, *kinds: str) -> list[Draft]:
        return [one for one in self.drafts if one.kind in kinds]

    def _between(self, begin: int, end: int) -> Sequence[Unit]:
        return self._units[min(begin, end) + 1 : max(begin, end)]

    def _said(self, unit: Unit) -> str:
        return self._read.text(unit.begin, unit.end)

    # names ---------------------------------------------------------------------------

    def _excluded(self) -> None:
        """What a sentence says no to: nothing can be asked of it."""
        for at, unit in self._free():
            if not unit.has("not"):
                continue
            after = at + 1
            while after < len(self._units) and after - at < 4 and self._units[after].passes:
                after += 1
            if after < len(self._units) and self._units[after].is_name:
                name = self._units[after]
                name.plain = True
                for one in self._units[at : after + 1]:
                    one.use = EXCLUDED
                self.notes.append(
                    f"A question cannot exclude; “{self._said(name)}” was not asked for."
                )

    def _conditions(self) -> None:
        """The conditions, and what may be a condition or an outcome."""
        sure: list[int] = []
        either: list[int] = []
        for at, unit in self._free():
            if unit.plain:
                continue
            condition = unit.named.get(CONDITION)
            stage = unit.named.get(STAGE) or (condition and self._names.stage_of(condition))
            if stage:
                self._stage_by_name(at, stage)
            elif condition:
                (either if OUTCOME in unit.named else sure).append(at)
        if either and not sure and not self._of(CONDITION):
            sure.append(either.pop(0))
        for at in sure:
            self._units[at].named = {CONDITION: self._units[at].named[CONDITION]}
        for at in either:
            self._units[at].named.pop(CONDITION)

    def _stage_by_name(self, at: int, stage: Concept) -> None:
        """A name that says condition and stage at once."""
        conditions = self._names.conditions_of(stage)
        if conditions:
            draft = Draft(CONDITION, [conditions[0].iri], qualifiers={STAGE: [stage.iri]})
            self._take(draft, [at])

    def _criteria(self) -> None:
        """A criterion of each name; names that stand in a row may be alternatives of one."""
        last: tuple[int, Draft] | None = None
        for at, unit in self._free():
            for draft in self._made(unit):
                before = self._joined(last, at, draft)
                if before is not None:
                    before.values += draft.values
                    self._take(before, [at])
                    last = at, before
                else:
                    self._take(draft, [at])
                    last = at, draft
        self.drafts.sort(key=lambda one: one.places[0])

    def _made(self, unit: Unit) -> Iterator[Draft]:
        if unit.plain:
            return
        for kind, concept in unit.named.items():
            if kind in self._questions.kinds:
                yield Draft(kind, [concept.iri])
                return
        for means in unit.roles.get("means", ()):
            kind, _, value = means.partition("=")
            if kind in self._questions.kinds:
                found = self._questions.criterion(kind, value)
                yield Draft(kind, [*found.values], found.span)

    def _joined(self, last: tuple[int, Draft] | None, at: int, draft: Draft) -> Draft | None:
        """The criterion of which a name is another alternative."""
        if draft.kind in self._sayings.either:
            return next(iter(self._of(draft.kind)), None)
        if last is None or last[1].kind != draft.kind or draft.span is not None:
            return None
        between = self._between(last[0], at)
        links = [
            one for one in between if one.has("or") or self._read.tokens[one.begin].text == "/"
        ]
        others = [
            one
            for one in between
            if one not in links and not one.splits and not one.has("filler") and not one.has("and")
        ]
        if others or not links:
            return self._listed(last, at, draft) if not others else None
        return last[1]

    def _listed(self, last: tuple[int, Draft], at: int, draft: Draft) -> Draft | None:
        """The same where the *or* comes at the end of a list: *AML, CLL or MM*."""
        if any(one.has("and") and not one.has("filler") for one in self._between(last[0], at)):
            return None
        place = at
        for after in range(at + 1, min(at + 12, len(self._units))):
            unit = self._units[after]
            if draft.kind in unit.named:
                place = after
            elif unit.has("or") and after == place + 1:
                return last[1] if self._commas(last[0], at) else None
            elif not unit.splits:
                return None
        return None

    def _commas(self, begin: int, end: int) -> bool:
        between = self._between(begin, end)
        return bool(between) and all(one.splits or one.has("or") for one in between)

    # beside names --------------------------------------------------------------------

    def _stages(self) -> None:
        """Stages of the conditions that are spoken of."""
        for at, unit in self._free():
            stages = list(unit.stages)
            for means in unit.roles.get("means", ()):
                if means.startswith(f"{STAGE}="):
                    stages += self._qualifying(STAGE, means)
            for draft in sorted(self._of(CONDITION), key=_near(at)) if stages else ():
                fitting = [one for one in stages if self._fits(one, draft)]
                if fitting:
                    known = draft.qualifiers.setdefault(STAGE, [])
                    assert isinstance(known, list)
                    known.append(fitting[0].iri)
                    self._take(draft, [at])
                    break

    def _fits(self, stage: Concept, draft: Draft) -> bool:
        concepts = [one for iri in draft.values if (one := self._names.concept(iri))]
        return any(
            self._names.related(condition, concept)
            for condition in self._names.conditions_of(stage)
            for concept in concepts
        )

    def _qualifying(self, name: str, means: str) -> list[Concept]:
        """The concepts that some words mean as a qualifier."""
        codes = means.partition("=")[2].replace("&", ",").split(",")
        kinds = self._questions.kinds.values()
        lists = [one for kind in kinds if (one := kind.qualifiers.get(name))]
        return [lists[0].by_code[code] for code in codes if lists and code in lists[0].by_code]

    def _qualifiers(self) -> None:
        """Instruments of outcomes, and when they are measured."""
        for draft in self._of(INSTRUMENT):
            at = draft.places[0]
            for outcome in self._of(OUTCOME):
                between = self._between(outcome.places[-1], at)
                if outcome.places[-1] < at and self._by(between):
                    outcome.qualifiers[INSTRUMENT] = draft.values
                    self.drafts.remove(draft)
                    self._take(outcome, [*draft.places, *self._withs(outcome.places[-1], at)])
                    break
        for at, unit in self._free():
            said = [m for m in unit.roles.get("means", ()) if m.startswith(f"{TIMING}=")]
            times = [one for means in said for one in self._qualifying(TIMING, means)]
            if TIMING in unit.named and not unit.plain:
                times.append(unit.named[TIMING])
            measured = sorted(self._of(OUTCOME, INSTRUMENT), key=_near(at))
            if times and measured:
                self._timed(measured[0], times, at, both=any("&" in one for one in said))

    def _by(self, between: Sequence[Unit]) -> bool:
        """Whether nothing but *measured with* or an opening bracket stands between."""
        said = [one for one in between if not one.has("filler") or one.has("with")]
        return len(said) == 1 and (said[0].has("with") or self._said(said[0]) == "(")

    def _withs(self, begin: int, end: int) -> list[int]:
        places = range(begin + 1, end)
        return [at for at in places if self._units[at].use is None and self._units[at].has("with")]

    def _timed(self, draft: Draft, times: Sequence[Concept], at: int, *, both: bool) -> None:
        """Say when something is measured; what is to be measured twice is two criteria."""
        self._take(draft, [at])
        if not both or TIMING in draft.qualifiers:
            known = draft.qualifiers.setdefault(TIMING, [])
            assert isinstance(known, list)
            known += [one.iri for one in times]
            return
        place = self.drafts.index(draft)
        copies = [draft, *(draft.copy() for _ in times[1:])]
        for one, time in zip(copies, times, strict=True):
            one.qualifiers[TIMING] = [time.iri]
        self.drafts[place : place + 1] = copies

    # numbers -------------------------------------------------------------------------

    def _amounts(self) -> None:
        found = list(amounts(self._read))
        # What a time is about is found for all at once: each word counts for the nearest one.
        about = self._about(found)
        for one in found:
            self._amount(one, about.get(one))

    def _amount(self, one: Amount, about: tuple[int, str] | None) -> None:
        places = [at for at in one.places() if self._units[at].use is None]
        kind = self._kind_of(one, about)
        if kind == SET:
            draft = self._nearest(SET, one)
            draft.qualifiers[LEAST] = one.low
        elif kind == PERSONS:
            if one.span("least")[0] is None:
                return self._cannot(one, "can ask for at least so many people, not for fewer")
            draft = self._nearest(CONDITION, one)
            draft.qualifiers[PERSONS] = one.span("least")[0] or 0.0
        elif kind == COMPLETE:
            draft = self._nearest(OUTCOME, one)
            draft.qualifiers[COMPLETE] = one.low
        elif kind in self._questions.kinds:
            span = self._span(kind, one)
            if span is None:
                return None
            draft = next((d for d in self._of(kind) if kind == AGE), None) or Draft(kind)
            draft.span = span
        else:
            return None
        if about is not None and kind == about[1]:
            places.append(about[0])
        return self._take(draft, places)

    def _kind_of(self, one: Amount, about: tuple[int, str] | None) -> str:
        """What a number is about; empty if that cannot be seen."""
        if one.age:
            return AGE
        if one.unit == "percent":
            return COMPLETE if about and about[1] == COMPLETE and self._of(OUTCOME) else ""
        if self._of(SET) and (one.unit == "items" or one.of or self._before_set(one)):
            return SET
        if one.unit == "time":
            years = one.months == 12 and one.low <= _LONGEST_FOLLOW_UP
            recent = self._units[one.begin - 1].has("recent") if one.begin else False
            return about[1] if about else FOLLOW_UP if years and not recent else ""
        if one.year:
            return YEAR
        if one.unit == "people" or (one.compare and not one.unit and one.low >= _FEWEST):
            total = about is not None and about[1] == TOTAL
            return PERSONS if self._of(CONDITION) and not total else TOTAL
        return ""

    def _before_set(self, one: Amount) -> bool:
        at = one.end
        while at < len(self._units) and self._units[at].use is None and self._units[at].passes:
            at += 1
        use = self._units[at].use if at < len(self._units) else None
        return isinstance(use, Draft) and use.kind == SET and not one.unit

    def _span(self, kind: str, one: Amount) -> Span | None:
        """The interval in the unit of a kind; None, with a note, if the kind cannot be asked so."""
        test = self._questions.kinds[kind].test
        low, high = one.span({"least": "least", "most": "most"}.get(test, "exact"))
        if kind == FREQUENCY and high is None:
            low, high = high, low  # at least every six months: no longer between two
        if (test == "least" and low is None) or (test == "most" and high is None):
            way = "no less" if test == "least" else "no more"
            self._cannot(one, f"can ask for {way} than a number here")
            return None
        if one.unit == "time" and kind != AGE:
            factor = one.months / (12 if self._questions.kinds[kind].unit == "years" else 1)
            low, high = (None if n is None else _rounded(n * factor) for n in (low, high))
        return (low, None) if test == "least" else (None, high) if test == "most" else (low, high)

    def _cannot(self, one: Amount, why: str) -> None:
        said = self._read.text(self._units[one.begin].begin, self._units[one.end - 1].end)
        self.notes.append(f"“{said}” was not understood: a question {why}.")

    def _nearest(self, kind: str, one: Amount) -> Draft:
        """The criterion a number belongs to: the next one, else the one before."""
        after = [d for d in self._of(kind) if max(d.places) >= one.end]
        return min(after, key=_near(one.end)) if after else self._of(kind)[-1]

    def _about(self, found: Sequence[Amount]) -> dict[Amount, tuple[int, str]]:
        """The words that say what numbers are about, each for the number it stands nearest to."""
        pairs = []
        for one in found:
            for at, unit in self._free():
                for kind in unit.roles.get("about", ()):
                    if at in range(one.begin, one.end) or not _fit(kind, one):
                        continue
                    far = self._far(one, at, found)
                    if far <= (_FARTHEST if kind != TOTAL else 3):
                        pairs.append((far, at, kind, one))
        about: dict[Amount, tuple[int, str]] = {}
        taken: set[int] = set()
        for _, at, kind, one in sorted(pairs, key=lambda pair: pair[:2]):
            if one not in about and at not in taken:
                about[one] = at, kind
                taken.add(at)
        return about

    def _far(self, one: Amount, at: int, found: Sequence[Amount]) -> int:
        edge = one.begin if at < one.begin else one.end - 1
        between = self._between(at, edge)
        others = sum(
            other is not one and min(at, edge) < other.begin < max(at, edge) for other in found
        )
        breaks = sum(unit.splits or unit.has("and") for unit in between)
        return len(between) + _BREAK * (breaks + others)

    def _intervals(self) -> None:
        """How often data are refreshed, in a word: *updated yearly*."""
        for at, unit in list(self._free()):
            if not (how := unit.roles.get("interval")) or self._of(FREQUENCY):
                continue
            cues = [
                cue
                for cue, one in self._free()
                if one.has("about", FREQUENCY) and len(self._between(cue, at)) <= 4
            ]
            if cues and FREQUENCY in self._questions.kinds:
                cue = min(cues, key=lambda place: abs(place - at))
                draft = Draft(FREQUENCY, span=(None, float(how[0])))
                compared = [p for p in range(min(cue, at), max(cue, at)) if self._is_compare(p)]
                self._take(draft, [cue, *compared, at])

    def _is_compare(self, at: int) -> bool:
        return self._units[at].use is None and self._units[at].has("compare")

    def _told_apart(self) -> None:
        """One criterion of what is asked twice, and all in the order of the sentence."""
        kept: list[Draft] = []
        for one in sorted(self.drafts, key=lambda draft: min(draft.places)):
            same = next((d for d in kept if _same(d, one)), None)
            if same is None:
                kept.append(one)
                continue
            same.qualifiers = {**one.qualifiers, **same.qualifiers}
            for at in one.places:
                self._units[at].use = same
            same.places += one.places
        self.drafts = kept


#: What became of a name that the sentence says no to.
EXCLUDED = object()


def _same(one: Draft, other: Draft) -> bool:
    """Whether two say the same, or one of them no more than the other."""
    if (one.kind, {*one.values}, one.span) != (other.kind, {*other.values}, other.span):
        return False
    shared = one.qualifiers.keys() & other.qualifiers.keys()
    if one.kind != CONDITION and one.qualifiers != other.qualifiers:
        return False
    return all(one.qualifiers[name] == other.qualifiers[name] for name in shared)


def _fit(kind: str, one: Amount) -> bool:
    """Whether a number of that unit can be about that."""
    if kind == TOTAL:
        return one.unit in ("", "people")
    if kind == COMPLETE:
        return one.unit == "percent"
    return one.unit == "time" and kind not in (AGE, YEAR, SET)


def _rounded(number: float) -> float:
    """A time without the days that months differ by."""
    return round(number, 1 if number >= 1 else 2)


def _near(at: int) -> Callable[[Draft], int]:
    return lambda draft: min(abs(at - place) for place in draft.places)
