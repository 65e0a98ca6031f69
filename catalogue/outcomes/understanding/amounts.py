"""The numbers of a sentence: how great, of what, compared how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from catalogue.outcomes.understanding.reading import Read, Unit

#: Numbers that may be years, and ages.
_FIRST_YEAR, _LAST_YEAR, _OLDEST = 1900, 2100, 120
#: How far behind a number its noun may stand (5,000 newly diagnosed adult AML patients).
_NOUN = 5


@dataclass(eq=False)
class Amount:
    """A number or two, in the units from ``begin`` to before ``end``.

    ``compare`` is how it is compared; ``unit`` is people, percent, items, or time, of which
    one is ``months`` long.  ``age`` and ``year`` tell what it must be; ``of`` that it stands
    before something it is a part of.
    """

    begin: int
    end: int
    low: float
    high: float | None = None
    compare: str = ""
    unit: str = ""
    months: float = 1
    age: bool = False
    year: bool = False
    of: bool = False
    #: Other units that belong to it.
    also: list[int] = field(default_factory=list)

    def places(self) -> Iterator[int]:
        """The units it is made of."""
        yield from range(self.begin, self.end)
        yield from self.also

    def span(self, default: str) -> tuple[float | None, float | None]:
        """The interval it means; ``default`` is how a bare number is compared."""
        if self.high is not None:
            return min(self.low, self.high), max(self.low, self.high)
        compare = self.compare or default
        if compare in ("least", "from"):
            return self.low, None
        return (None, self.low) if compare in ("most", "until", "each") else (self.low, self.low)


def amounts(read: Read) -> Iterator[Amount]:
    """The numbers of a sentence that nothing else was made of."""
    units, at, counted = read.units, 0, ""
    while at < len(units):
        if units[at].number is None or units[at].use is not None:
            at += 1
            continue
        found = _Reader(read, at, counted).amount
        counted = found.unit or counted
        yield found
        at = max(found.end, at + 1)


class _Reader:
    """Reads one amount; ``counted`` is what the number before it was of."""

    def __init__(self, read: Read, at: int, counted: str) -> None:
        self._read, self._units, self._at = read, read.units, at
        self._counted = counted
        low, end = self._number(at)
        self.amount = Amount(at, end, low)
        self._second()
        self._behind()
        self._before()
        self._noun()
        self._kind()

    def _unit(self, at: int) -> Unit:
        """A unit that is there and not used yet; else one that is nothing."""
        if 0 <= at < len(self._units) and self._units[at].use is None:
            return self._units[at]
        return Unit(0, 0)

    def _number(self, at: int) -> tuple[float, int]:
        value = self._units[at].number or 0.0
        end = at + 1
        while end - at < 3 and (times := self._unit(end).roles.get("times")):
            if self._unit(end).number is not None and not self._adjacent(end):
                break
            value *= float(times[0])
            end += 1
        return value, end

    def _adjacent(self, at: int) -> bool:
        return "to" not in self._unit(at - 1).roles

    def _second(self) -> None:
        """A second number: *40 to 60*, *between 2010 and 2020*, *8 of 17*."""
        one, joint = self.amount, self._unit(self.amount.end)
        if self._unit(one.end + 1).number is None:
            one.of = joint.has("of")
            return
        if joint.has("of"):
            one.of = True
            one.end += 2
        elif joint.has("to") and (not joint.has("and") or self._compared("between")):
            high, end = self._number(one.end + 1)
            if high > one.low or self._compared("between"):
                one.high, one.end, one.compare = high, end, "between"

    def _compared(self, how: str) -> bool:
        return any(self._unit(self.amount.begin - n).has("compare", how) for n in (1, 2))

    def _behind(self) -> None:
        """What stands behind: *or more*, *years*, *and older*, *+*."""
        one = self.amount
        for _ in range(3):
            unit = self._unit(one.end)
            if (months := unit.roles.get("time")) and not one.unit:
                one.unit, one.months = "time", float(months[0])
            elif unit.has("unit") and not one.unit:
                one.unit = unit.roles["unit"][0]
            elif (how := unit.roles.get("compare-after")) and not one.compare:
                if self._unit(one.end + 1).number is not None:
                    return  # “at least” of the next number
                one.compare, _, age = how[0].partition("-")
                one.age |= bool(age)
            else:
                return
            one.end += 1

    def _before(self) -> None:
        """What stands before: *more than*, *since*, *aged over*."""
        one = self.amount
        at = one.begin - 1
        while one.begin - at < 3 and self._unit(at).has("filler") and not self._how(at):
            at -= 1
        if how := self._how(at):
            if one.high is None or not one.compare:
                years = [each for each in how if each in ("from", "until")] if self._year() else []
                one.compare = one.compare or (*years, *how)[0]
            one.age |= self._unit(at).has("compare-age") and not self._unit(at).has("compare")
            one.begin = at
        if self._about(one.begin - 1, "typical_age"):
            one.age, one.begin = True, one.begin - 1
        elif self._about(one.end, "typical_age"):
            one.age, one.end = True, one.end + 1
            if after := self._unit(one.end).roles.get("compare-after"):
                one.compare, one.end = after[0].partition("-")[0], one.end + 1
        if self._about(one.begin - 1, "year"):
            one.year = self._year()
            one.begin -= one.year

    def _how(self, at: int) -> Sequence[str]:
        unit = self._unit(at)
        return unit.roles.get("compare-age") or unit.roles.get("compare") or ()

    def _about(self, at: int, kind: str) -> bool:
        return self._unit(at).has("about", kind)

    def _noun(self) -> None:
        """People it counts, behind what else is said of them, or before it."""
        one = self.amount
        if one.unit or one.age:
            return
        for at in range(one.end, one.end + _NOUN):
            unit = self._unit(at)
            if unit.has("unit", "people"):
                one.unit = "people"
                one.also.append(at)
                return
            if unit.end == 0 or unit.splits or unit.number is not None or unit.roles.keys() & _ENDS:
                break
        before = self._unit(one.begin - 1)
        if before.has("unit", "people") and one.low > _OLDEST and not self._year():
            one.unit = "people"
            one.also.append(one.begin - 1)
        elif self._counted == "people" and self._unit(one.end).has("with") and not self._year():
            one.unit = "people"  # 1,000 people with this and 300 with that

    def _kind(self) -> None:
        one = self.amount
        if one.unit in ("", "time") and not one.age and self._like_ages(one):
            one.age = True
        if not one.unit and not one.age and self._year():
            one.year |= one.compare in ("", "from", "until", "between", "exact", "most")

    def _like_ages(self, one: Amount) -> bool:
        """Whether it is said of people directly before it: *men over 65*, *patients under 18 years*."""
        at = one.begin - 1
        while at > 0 and self._read.tokens[self._units[at].begin].text == "(":
            at -= 1
        before = self._units[at] if at >= 0 else Unit(0, 0)
        said = one.compare in ("least", "most", "between") or one.high is not None
        ages = any(means.startswith("typical_age=") for means in before.roles.get("means", ()))
        people = ages or before.has("unit", "people")
        year = one.unit != "time" or one.months == 12
        return people and said and year and (one.high or one.low) <= _OLDEST

    def _like_years(self) -> bool:
        values = [one for one in (self.amount.low, self.amount.high) if one is not None]
        return all(_FIRST_YEAR <= one <= _LAST_YEAR and one == int(one) for one in values)

    def _year(self) -> bool:
        """Whether it is written as years are: four figures, not in words."""
        unit = self._units[self._at]
        text = self._read.text(unit.begin, unit.end)
        return len(text) == 4 and text.isdecimal() and self._like_years()


#: Roles that no noun of a number stands behind.
_ENDS = frozenset({"about", "with", "compare", "not"})
