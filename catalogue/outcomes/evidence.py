"""What a dataset states about a criterion, in plain words, and whom one would ask for the rest.

The answers are those of :mod:`catalogue.outcomes.judging` over the same facts; here they are
only told.  Which parts of a description bear an answer is found by judging each part alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any

import structlog

from catalogue.outcomes.columns import Array, Columns, Mask
from catalogue.outcomes.intervals import NO, OPEN, YES
from catalogue.outcomes.judging import Judge
from catalogue.outcomes.questions import Criterion, least_of
from catalogue.outcomes.scope import Scope
from catalogue.outcomes.stated import Bounds, Plan, Stated
from catalogue.outcomes.states import ItemState
from catalogue.profile import Document, Shape
from catalogue.profile.criteria import LEAST, CriterionKind
from catalogue.profile.names import anchor_of, section_slug
from catalogue.profile.shape import Property, reasons_in
from catalogue.profile.units import beside
from catalogue.profile.values import ConceptValue
from catalogue.records.damage import WRONG_FORM

log = structlog.get_logger()

NOT_STATED, UNREADABLE = "Not stated", "What is stated here cannot be read"
#: How many values are told; how many more there are is said.
_MOST_TOLD = 4
#: What is told of a part: the words, the path of what is missing, and the anchor.
Told = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True)
class _Alone:
    """Every part of a property of every document, judged alone.

    ``starts`` tells where the parts of each document begin.
    """

    judge: Judge
    starts: Sequence[int]

    def answers(self, criterion: Criterion, place: int) -> Array:
        """How the parts of a document answer."""
        found = self.judge.known(criterion, lambda: self.judge(criterion))
        return found[self.starts[place] : self.starts[place + 1]]


class Witness:
    """Tells what some documents state; they are given with what was read from each."""

    def __init__(
        self, plan: Plan, scope: Scope, every: Sequence[tuple[Document, Stated]], judge: Judge
    ) -> None:
        self.plan, self.scope, self._every, self._judge = plan, scope, every, judge
        self._alone: dict[str, _Alone] = {}

    def answers(self, criterion: Criterion) -> list[tuple[int, Told]]:
        """How every document answers a criterion, and what it tells."""
        found = self._judge(criterion).tolist()
        return [
            (answer, self._spared(criterion, place, answer)) for place, answer in enumerate(found)
        ]

    def _spared(self, criterion: Criterion, place: int, answer: int) -> Told:
        """What is told; a description that was damaged by hand costs its words, not the page."""
        try:
            return self._told(criterion, place, answer)
        except WRONG_FORM as error:
            log.error("damaged description", criterion=criterion.kind, error=repr(error))
            return UNREADABLE, self.plan.kinds[criterion.kind].path, ""

    def _told(self, criterion: Criterion, place: int, answer: int) -> Told:
        """What a document states, the path to ask for, and where it stands on its page."""
        kind, (document, stated) = self.plan.kinds[criterion.kind], self._every[place]
        if kind.test == "coverage":
            return self._set(kind, criterion, place)
        if kind.part:
            return self._parts(kind, criterion, place, answer)
        if kind.is_number and kind.subject in self.plan.spans:
            return self._number(kind, document, stated, answer)
        return self._concepts(kind, criterion, place, answer)

    # words --------------------------------------------------------------------------

    def _label(self, value: str) -> str:
        """A concept by its label, given as an IRI or by list and code."""
        vocabularies = self.plan.vocabularies
        scheme, _, code = value.partition("/")
        if scheme in vocabularies and code in vocabularies[scheme].by_code:
            return vocabularies[scheme].by_code[code].label()
        return vocabularies.label(value)

    def _silent(self, document: Document, *names: str) -> str:
        """That nothing is stated, with the reason if one is given."""
        reasons = reasons_in(document)
        reason = next((reasons[name] for name in names if name in reasons), "")
        label = self.plan.vocabularies.label(reason) if reason else ""
        return f"{NOT_STATED} (reason: {_small(label)})" if label else NOT_STATED

    def _section(self, name: str) -> str:
        """The section of the page in which a property stands."""
        group = self.plan.shape[name].group if name in self.plan.shape.properties else ""
        return section_slug(group)

    # plain properties ---------------------------------------------------------------

    def _concepts(self, kind: CriterionKind, criterion: Criterion, place: int, answer: int) -> Told:
        document, facts = self._every[place]
        stated, where = facts.concepts.get(kind.subject, []), self._section(kind.subject)
        if not stated:
            return self._silent(document, kind.subject), kind.path, where
        wanted = {*self.scope.below(criterion.values)}
        met = [one for one in stated if one in wanted]
        told = _several(self._label(one) for one in (met if answer == YES and met else stated))
        if answer == OPEN:
            more = "this one is not named" if kind.test == "named" else "no more is said"
            told = f"{told}; {more}"
        return told, kind.path, where

    def _number(self, kind: CriterionKind, document: Document, stated: Stated, answer: int) -> Told:
        spans, where = stated.spans.get(kind.subject, []), self._section(kind.path[0])
        path = kind.path
        if kind.range and answer == OPEN and any(high is None for _, high in spans):
            path = kind.range.last[:1]
        if spans:
            is_year = kind.range is not None and kind.range.is_year
            told = _several(_span(one, kind.unit, is_year=is_year) for one in spans)
            if not self.plan.spans_in(kind.subject, document):
                return f"{told}, by its fingerprint", path, "fingerprint"
            return told + self._dated(self.plan.shape, kind.subject, document), path, where
        if kind.ceiling and (top := stated.spans.get(kind.ceiling)):
            label = self.plan.shape[kind.ceiling].label
            return f"{label}: {_span(top[0], '', is_year=False)}", path, where
        return self._silent(document, kind.subject, *kind.path), path, where

    def _dated(self, shape: Shape, name: str, document: Mapping[str, Any]) -> str:
        """When a number was counted: the date that is asked for where the number is given."""
        for one in shape.stored:
            if one.value.kind == "date" and one.asked and str(one.asked) == f"{name} is given":
                for value in one.values(document):
                    return f", {value}"
        return ""

    # parts --------------------------------------------------------------------------

    def _parts_alone(self, part: str) -> _Alone:
        if part not in self._alone:
            rows = [stated.parts.get(part, []) for _, stated in self._every]
            each = [Stated("", {}, {}, {part: [row]}) for some in rows for row in some]
            judge = Judge(Columns.of(self.plan, list(enumerate(each))), self.scope)
            self._alone[part] = _Alone(judge, [0, *accumulate(map(len, rows))])
        return self._alone[part]

    def _parts(self, kind: CriterionKind, criterion: Criterion, place: int, answer: int) -> Told:
        document = self._every[place][0]
        documents = self.plan.shape[kind.part].values(document)
        where = self._section(kind.part)
        if not documents:
            return self._silent(document, kind.part), kind.path, where
        bearing = self._bearing(kind, criterion, place, answer)
        parts = [one for one, bears in zip(documents, bearing, strict=True) if bears]
        parts.sort(key=lambda one: one.get(kind.subject) not in criterion.values)
        if answer == NO and not parts:
            if kind.part in self.plan.statings:
                return "Everything that it stands for is stated as not collected", kind.path, where
            subjects = [one.get(kind.subject, "") for one in documents]
            return _several(map(self._label, dict.fromkeys(subjects))), kind.path, where
        if not parts:
            return self._silent(document, kind.part), kind.path, where
        path, missing = kind.path, ""
        if answer == OPEN:
            missing = self._missing(kind, criterion, parts)
            path = (kind.part, missing) if missing else kind.path
        told = _several(self._part(kind, criterion, one) for one in parts)
        if missing:
            label = self.plan.inside(kind.part)[missing].label
            told = f"{told}; {_small(label)} not stated"
        elif answer == OPEN:
            told = f"{told}; no more is said"
        return told, path, anchor_of(parts[0]) or where

    def _bearing(self, kind: CriterionKind, criterion: Criterion, place: int, answer: int) -> Mask:
        """Which parts of a document bear its answer."""
        judged = self._parts_alone(kind.part)
        alone = judged.answers(criterion, place)
        bare = judged.answers(Criterion(criterion.kind, criterion.values), place)
        found: Mask = alone == YES
        if answer != YES and kind.part in self.plan.statings:
            found = bare != OPEN
        elif answer != YES:  # a part of the very subject tells more than one of a broader one
            found = (bare == YES) & ~found
            found = found if found.any() else (bare == OPEN)
        return found

    def _missing(
        self, kind: CriterionKind, criterion: Criterion, parts: Sequence[Mapping[str, Any]]
    ) -> str:
        """The first of what is asked beside the subject that a part does not state."""
        inside = self.plan.inside(kind.part)
        names = [name for name, _ in criterion.qualifiers if name != LEAST]
        return next((name for name in names for part in parts if not inside[name].values(part)), "")

    def _part(self, kind: CriterionKind, criterion: Criterion, part: Mapping[str, Any]) -> str:
        """One part: its subject, its state, and what may be asked beside it."""
        inside, stating = self.plan.inside(kind.part), self.plan.statings.get(kind.part)
        subject = stating.subject if stating else kind.subject
        names = [name for name in kind.qualifiers if name != LEAST]
        if kind.subject != subject:
            names.insert(0, kind.subject)
        asked = {*names[:1], *(name for name, _ in criterion.qualifiers)}
        said = [_small(self._label(str(part.get(stating.state, ""))))] if stating else []
        for name in names:
            if not isinstance(inside[name].value, ConceptValue):
                said.append(self._figure(inside, name, part, kind.unit))
            elif name in asked:
                said += map(self._label, inside[name].values(part))
        label, told = self._label(str(part.get(subject, ""))), ", ".join(filter(None, said))
        return f"{label}: {told}" if told else label

    def _figure(self, inside: Shape, name: str, part: Mapping[str, Any], unit: str) -> str:
        """A number of a part, with its unit and the date of the count."""
        one: Property = inside[name]
        own = one.value.values or unit
        numbers = [value for value in one.values(part) if isinstance(value, int | float)]
        if not numbers:
            return ""
        told = _with_unit(numbers[0], "%" if own == "percent" else own)
        return told + self._dated(inside, name, part)

    # sets ---------------------------------------------------------------------------

    def _set(self, kind: CriterionKind, criterion: Criterion, place: int) -> Told:
        """How much of a set is collected; of several the one of which most is."""
        judge = self._judge
        best = (-1, "")
        for value in criterion.values:
            items = judge.known(("set", value), partial(judge.items, value))
            states = [int(one[place]) for one in items]
            collected, unknown = states.count(ItemState.COLLECTED), states.count(ItemState.UNKNOWN)
            applicable = len(states) - states.count(ItemState.NOT_APPLICABLE)
            told = f"{collected} of {applicable} applicable items"
            if unknown:
                told += f", {unknown} not stated"
            if len(criterion.values) > 1:
                told = f"{self._label(value)}: {told}"
            if collected > best[0]:
                best = (collected, told)
        least = f" (asked for {_figure(least_of(criterion))})" if least_of(criterion) > 1 else ""
        return best[1] + least, (kind.part,), self._section(kind.part)


def _small(text: str) -> str:
    """A label within a sentence; abbreviations stay as they are."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _several(texts: Iterable[str]) -> str:
    every = list(dict.fromkeys(filter(None, texts)))
    if len(every) <= _MOST_TOLD + 1:
        return "; ".join(every)
    return f"{'; '.join(every[:_MOST_TOLD])}; and {len(every) - _MOST_TOLD} more"


def _figure(number: float, *, is_year: bool = False) -> str:
    if float(number).is_integer():
        return f"{int(number)}" if is_year else f"{int(number):,}"
    return f"{number:,.10g}"


def _with_unit(number: float, unit: str, *, is_year: bool = False) -> str:
    return f"{_figure(number, is_year=is_year)} {beside(number, unit)}".strip()


def _span(bounds: Bounds, unit: str, *, is_year: bool) -> str:
    low, high = bounds
    if low is not None and low == high:
        return _with_unit(low, unit, is_year=is_year)
    if high is not None and math.isinf(high):
        return f"from {_figure(low, is_year=is_year)} on" if low is not None else NOT_STATED
    first = "beginning not stated" if low is None else _figure(low, is_year=is_year)
    last = "end not stated" if high is None else _figure(high, is_year=is_year)
    return f"{first} to {last} {unit}".strip()
