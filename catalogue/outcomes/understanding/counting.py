"""Numbers put to what they speak of: people, years, ages, times, items of a set."""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.outcomes.questions import Questions, Span
from catalogue.outcomes.understanding.amounts import Amount, amounts
from catalogue.outcomes.understanding.drafts import Draft, Drafts, near
from catalogue.profile.criteria import CONDITION, LEAST, OUTCOME, SET

PERSONS, COMPLETE, TOTAL = "persons", "completeness_percent", "number_of_unique_individuals"
AGE, YEAR, FREQUENCY, FOLLOW_UP = "typical_age", "year", "frequency", "follow_up_median_years"
#: Nobody is followed longer, and a bare number below is no number of people.
_LONGEST_FOLLOW_UP, _FEWEST = 100, 50
#: How far a number may stand from what it is about, in units; a comma counts as more.
_FARTHEST, _BREAK = 9, 5


class Counting:
    """Puts the numbers of a sentence to its criteria, or makes criteria of them."""

    def __init__(self, all_: Drafts, questions: Questions) -> None:
        self._all, self._questions = all_, questions
        self._amounts()
        self._intervals()

    def _amounts(self) -> None:
        found = list(amounts(self._all.read))
        # What a time is about is found for all at once: each word counts for the nearest one.
        about = self._about(found)
        for one in found:
            self._amount(one, about.get(one))

    def _amount(self, one: Amount, about: tuple[int, str] | None) -> None:
        places = [at for at in one.places() if self._all.units[at].use is None]
        kind = self._kind_of(one, about)
        if kind == SET:
            if one.span("least")[0] is None or one.low < 1:
                return self._cannot(one, "can ask for at least so many items, not for fewer")
            draft = self._nearest(SET, one)
            draft.qualifiers[LEAST] = one.low
        elif kind == PERSONS:
            if one.span("least")[0] is None:
                return self._cannot(one, "can ask for at least so many people, not for fewer")
            self._unbounded(one)
            draft = self._nearest(CONDITION, one)
            draft.qualifiers[PERSONS] = one.span("least")[0] or 0.0
        elif kind == COMPLETE:
            draft = self._nearest(OUTCOME, one)
            draft.qualifiers[COMPLETE] = one.low
        elif kind in self._questions.kinds:
            span = self._span(kind, one)
            if span is None:
                return None
            draft = next((d for d in self._all.of(kind) if kind == AGE), None) or Draft(kind)
            draft.span = span
        else:
            return None
        if about is not None and kind == about[1]:
            places.append(about[0])
        return self._all.take(draft, places)

    def _kind_of(self, one: Amount, about: tuple[int, str] | None) -> str:
        """What a number is about; empty if that cannot be seen."""
        if one.age:
            return AGE
        if one.unit == "percent":
            return COMPLETE if about and about[1] == COMPLETE and self._all.of(OUTCOME) else ""
        if self._all.of(SET) and (one.unit == "items" or one.of or self._before_set(one)):
            return SET
        if one.unit == "time":
            years = one.months == 12 and one.low <= _LONGEST_FOLLOW_UP
            recent = self._all.units[one.begin - 1].has("recent") if one.begin else False
            return about[1] if about else FOLLOW_UP if years and not recent else ""
        if one.year:
            return YEAR
        if one.unit == "people" or (one.compare and not one.unit and one.low >= _FEWEST):
            total = about is not None and about[1] == TOTAL
            return PERSONS if self._all.of(CONDITION) and not total else TOTAL
        return ""

    def _before_set(self, one: Amount) -> bool:
        at = one.end
        while (
            at < len(self._all.units)
            and self._all.units[at].use is None
            and self._all.units[at].passes
        ):
            at += 1
        use = self._all.units[at].use if at < len(self._all.units) else None
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
        if test == "least":
            self._unbounded(one)
        if one.unit == "time" and kind != AGE:
            factor = one.months / (12 if self._questions.kinds[kind].unit == "years" else 1)
            low, high = (None if n is None else _rounded(n * factor) for n in (low, high))
        return (low, None) if test == "least" else (None, high) if test == "most" else (low, high)

    def _unbounded(self, one: Amount) -> None:
        """Say that an upper bound is not asked for."""
        if one.high is not None:
            self._cannot(one, "asks for at least so many here; the greater number was left out")

    def _cannot(self, one: Amount, why: str) -> None:
        said = self._all.read.text(
            self._all.units[one.begin].begin, self._all.units[one.end - 1].end
        )
        how = "only in part" if one.high is not None else "not"
        self._all.notes.append(f"“{said}” was {how} understood: a question {why}.")

    def _nearest(self, kind: str, one: Amount) -> Draft:
        """The criterion a number belongs to: the next one, else the one before."""
        after = [d for d in self._all.of(kind) if max(d.places) >= one.end]
        return min(after, key=near(one.end)) if after else self._all.of(kind)[-1]

    def _about(self, found: Sequence[Amount]) -> dict[Amount, tuple[int, str]]:
        """The words that say what numbers are about, each for the number it stands nearest to."""
        pairs = []
        for one in found:
            for at, unit in self._all.free():
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
        between = self._all.between(at, edge)
        others = sum(
            other is not one and min(at, edge) < other.begin < max(at, edge) for other in found
        )
        breaks = sum(unit.splits or unit.has("and") for unit in between)
        return len(between) + _BREAK * (breaks + others)

    def _intervals(self) -> None:
        """How often data are refreshed, in a word: *updated yearly*."""
        for at, unit in list(self._all.free()):
            if not (how := unit.roles.get("interval")) or self._all.of(FREQUENCY):
                continue
            cues = [
                cue
                for cue, one in self._all.free()
                if one.has("about", FREQUENCY) and len(self._all.between(cue, at)) <= 4
            ]
            if cues and FREQUENCY in self._questions.kinds:
                cue = min(cues, key=lambda place: abs(place - at))
                draft = Draft(FREQUENCY, span=(None, float(how[0])))
                compared = [p for p in range(min(cue, at), max(cue, at)) if self._is_compare(p)]
                self._all.take(draft, [cue, *compared, at])

    def _is_compare(self, at: int) -> bool:
        return self._all.units[at].use is None and self._all.units[at].has("compare")


def _fit(kind: str, one: Amount) -> bool:
    """Whether a number of that unit can be about that."""
    if kind == TOTAL:
        return one.unit in ("", "people")
    if kind == COMPLETE:
        return one.unit == "percent"
    return one.unit == "time" and kind not in (AGE, YEAR, SET)


def _rounded(number: float) -> float:
    """A time without the days that months differ by."""
    return round(number, 1 if number >= 0.95 else 2)
