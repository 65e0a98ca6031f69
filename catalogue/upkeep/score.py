"""How much a description says, line by line, with what each missing answer would bring.

One line is one row of the property table that the form asks.  It weighs what the profile says
of it, and one more for each criterion or filter that it answers; a row that is optional and
that nobody can search by weighs nothing.  An honest reason counts half: more than silence,
less than a value.  The score tells how much is said, never how good the data are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalogue.profile import Document, Profile, Property, Shape
from catalogue.profile.form import fields_of, is_asked
from catalogue.profile.shape import reasons_in
from catalogue.profile.values import Nested
from catalogue.records.records import CONFIRMED

STATED, PARTLY, REASON, SILENT = "stated", "partly stated", "a reason given", "not stated"
_BY_OBLIGATION = {"mandatory": 4, "recommended": 2}
_EHDS = 3
#: So many criteria and filters of a row count at most.
_MOST_ANSWERED = 3
#: What an honest reason is worth, and a part without what is recommended in it.
_HALF = 0.5


@dataclass(frozen=True)
class Line:
    """What one row of the table brings.

    ``answers`` are the criteria and filters that it answers, ``missing`` what is recommended
    within its parts and not said there.
    """

    field: Property
    state: str
    points: float
    most: int
    answers: Sequence[str]
    missing: Sequence[str] = ()

    @property
    def gain(self) -> float:
        """What would be won if it were stated in full."""
        return self.most - self.points


@dataclass(frozen=True)
class Score:
    """All lines of a description."""

    lines: Sequence[Line]

    @cached_property
    def points(self) -> float:
        """What it has."""
        return sum(one.points for one in self.lines)

    @cached_property
    def most(self) -> int:
        """What it could have."""
        return sum(one.most for one in self.lines)

    @property
    def percent(self) -> int:
        """The score of 100; 100 only where nothing is left to say."""
        return int(100 * self.points / self.most) if self.most else 0

    @property
    def to_do(self) -> Sequence[Line]:
        """What can be won, the most first."""
        return sorted((one for one in self.lines if one.gain), key=lambda one: -one.gain)


class Scoring:
    """Scores documents under a profile.  Safe between threads."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def score(self, shape: Shape, document: Mapping[str, Any]) -> Score:
        """The score of a document; of an empty one zero, never an error."""
        return Score(list(self._lines(shape, document)))

    def _lines(self, shape: Shape, document: Mapping[str, Any]) -> Iterator[Line]:
        reasons = reasons_in(document)
        for field in fields_of(shape):
            one = field.property
            if one.name == CONFIRMED or not is_asked(one, document, shape):
                continue
            answers = self._answers.get(one.name, ()) if shape.path == "dataset" else ()
            weight = self._weight(one, document) + min(len(answers), _MOST_ANSWERED)
            if not weight:
                continue
            values = one.values(document)
            missing = sorted(_missing(one, values, self._profile))
            if values:
                share = 1 - _HALF * len(missing) / max(1, _recommended(one))
                yield Line(
                    one, PARTLY if missing else STATED, weight * share, weight, answers, missing
                )
            elif one.name in reasons:
                yield Line(one, REASON, weight * _HALF, weight, answers)
            else:
                yield Line(one, SILENT, 0, weight, answers)

    def _weight(self, one: Property, document: Mapping[str, Any]) -> int:
        weight = _BY_OBLIGATION.get(one.obligation_in(document, self._profile), 0)
        asked = one.ehds is not None and one.ehds.holds(document, self._profile.vocabularies.code)
        return max(weight, _EHDS if asked else 0)

    @cached_property
    def _answers(self) -> Mapping[str, Sequence[str]]:
        """The criteria and filters by the property of a dataset that answers them."""
        found: dict[str, dict[str, None]] = {}
        for kind in self._profile.criteria.values():
            found.setdefault(kind.path[0], {})[kind.label] = None
        for one in self._profile.records["dataset"].stored:
            inner = one.value.shape.stored if isinstance(one.value, Nested) else ()
            for each in (one, *inner):
                if each.facet is not None:
                    found.setdefault(one.name, {})[each.label] = None
        for range_ in self._profile.ranges.values():
            found.setdefault(range_.first[0], {})[range_.label] = None
        return {name: tuple(labels) for name, labels in found.items()}


def _recommended(one: Property) -> int:
    if not isinstance(one.value, Nested):
        return 0
    return sum(_counts(row) for row in one.value.shape.stored)


def _counts(row: Property) -> bool:
    return row.obligation == "recommended" and row.tier != "automatic"


def _missing(one: Property, parts: Sequence[Document], profile: Profile) -> set[str]:
    """The labels of what is recommended in parts and lacking in some of them."""
    if not isinstance(one.value, Nested):
        return set()
    code_of = profile.vocabularies.code
    return {
        row.label
        for row in one.value.shape.stored
        if _counts(row)
        for part in parts
        if not row.values(part)
        and row.name not in reasons_in(part)
        and (row.asked is None or row.asked.holds(part, code_of))
    }
