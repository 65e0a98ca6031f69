"""How columns answer criteria, as array expressions.

An answer is a number for every dataset: :data:`NO`, :data:`OPEN` (not stated) or :data:`YES`;
so *and* is the least of several, *or* the greatest.  Nothing that is not stated becomes a no:
there is a no only where what is stated excludes the yes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from catalogue.memory import Memory
from catalogue.outcomes.columns import Array, Columns, Mask, Parts, Ragged, Spans
from catalogue.outcomes.intervals import NO, OPEN, YES, at_least, best_of, held
from catalogue.outcomes.questions import Criterion, Span, least_of
from catalogue.outcomes.scope import Scope
from catalogue.outcomes.stated import INAPPLICABLE
from catalogue.outcomes.states import ItemState
from catalogue.profile.criteria import CriterionKind

_KEPT = 96


@dataclass(frozen=True)
class _Said:
    """What parts say: which collect their subject, which do not, and what those say of it."""

    met: Mask
    denied: Mask
    says: Array


class Judge:
    """Holds columns against criteria.  ``scope`` knows what concepts stand for."""

    def __init__(self, columns: Columns, scope: Scope) -> None:
        self.columns, self.scope, self.plan = columns, scope, columns.plan
        #: Answers that were worked out.
        self.known = Memory(_KEPT)
        self._states: dict[str, _Said] = {}

    def __call__(self, criterion: Criterion) -> Array:
        """How every dataset answers a criterion."""
        kind = self.plan.kinds[criterion.kind]
        if kind.is_number:
            return self._number(kind, criterion.span or (None, None))
        if not criterion.values and kind.part and kind.test != "any":
            return self._something(kind)
        if kind.test == "coverage":
            return _or([self._coverage(one, least_of(criterion)) for one in criterion.values])
        if kind.test == "domain":
            return _or([self._domain(kind, one) for one in criterion.values])
        if kind.test == "state":
            return _or([self._state(kind, one, criterion) for one in criterion.values])
        if not kind.part:
            return self._plain(kind, criterion.values)
        if kind.test == "named":
            return _or([self._named(kind, one, criterion) for one in criterion.values])
        return _or([self._any(kind, one, criterion) for one in criterion.values or ("",)])

    def _something(self, kind: CriterionKind) -> Array:
        """Whether a dataset states anything for a kind, whatever it is."""
        parts = self.columns.parts[kind.part]
        some = parts.concepts[kind.subject].any & self._said(kind.part).met
        found = np.full(self.columns.size, OPEN, dtype=np.int8)
        found[parts.owners[some]] = YES
        return found

    # concepts -----------------------------------------------------------------------

    def _tri(self, column: Ragged, values: Collection[str]) -> Array:
        """Whether rows name one of some concepts or a narrower one.

        A broader one leaves it open, and so does one that is not of the same list.
        """
        columns, scope = self.columns, self.scope
        found = np.where(column.any, np.int8(NO), np.int8(OPEN))
        open_ = columns.known(scope.around(values))
        found[column.rows(open_ + columns.beyond(column, scope.list_of(values)))] = OPEN
        found[column.rows(columns.known(scope.below(values)))] = YES
        return found

    def _plain(self, kind: CriterionKind, values: Sequence[str]) -> Array:
        column = self.columns.concepts[kind.subject]
        if not values:
            return np.where(column.any, np.int8(YES), np.int8(OPEN))
        found = self._tri(column, values)
        if kind.test == "named":
            found[found == NO] = OPEN
        return found

    def _qualified(self, parts: Parts, criterion: Criterion) -> Array:
        """How parts answer what is asked of them beside their subject."""
        found = np.full(parts.count, YES, dtype=np.int8)
        for name, asked in criterion.qualifiers:
            if isinstance(asked, int | float):
                found = np.minimum(found, at_least(parts.numbers[name], asked))
            else:
                found = np.minimum(found, self._tri(parts.concepts[name], asked))
        return found

    def _any(self, kind: CriterionKind, value: str, criterion: Criterion) -> Array:
        """Whether a part is of the subject; people are counted as :meth:`_too_few` says."""
        parts = self.columns.parts[kind.part]
        subjects = parts.concepts[kind.subject]
        rows = (
            self._tri(subjects, (value,))
            if value
            else np.where(subjects.any, np.int8(YES), np.int8(OPEN))
        )
        counts = []
        pure = np.ones(parts.count, dtype=np.bool_)
        if value:
            self._told_beside(kind, value, parts, rows, pure)
        possible = rows > NO
        for name, asked in criterion.qualifiers:
            if isinstance(asked, int | float):
                counts.append((parts.numbers[name], float(asked)))
            else:
                column = parts.concepts[name]
                answer = self._tri(column, asked)
                possible &= answer > NO
                pure &= self._only(column, asked)
                rows = np.minimum(rows, answer)
        excluded = np.zeros(self.columns.size, dtype=np.bool_)
        for persons, least in counts:
            enough = np.where(pure & (persons >= least), np.int8(YES), np.int8(OPEN))
            rows = np.minimum(rows, enough)
            if value:
                excluded |= self._too_few(kind, value, parts, possible, persons, least)
        found = best_of(np.full(self.columns.size, OPEN, dtype=np.int8), parts.owners, rows)
        found[excluded & (found == OPEN)] = NO
        return found

    def _told_beside(
        self, kind: CriterionKind, value: str, parts: Parts, rows: Array, pure: Mask
    ) -> None:
        """Answer for parts of a broader subject by what stands beside it.

        A part on prostate cancer whose stage is *localised* is on localised prostate cancer; one
        whose stages are all other conditions is not.  Numbers count where no other is named.
        """
        broader = parts.concepts[kind.subject].having(
            self.columns.known(map(self.plan.short, self.scope.above(value)))
        )
        for (part, name), known in self.plan.implied.items():
            if part != kind.part or not (same := self.scope.same(part, name, value)):
                continue
            column = parts.concepts[name]
            answer = self._tri(column, same)
            others = self._only(column, tuple(known.values()))
            rows[broader & (answer == YES)] = YES
            rows[broader & (answer == NO) & others] = NO
            pure &= ~broader | self._only(column, same)

    def _of_subject(self, kind: CriterionKind, value: str, parts: Parts) -> Array:
        """The parts of a subject: those that name it, and broader ones that say so beside it."""
        known = self.columns.known
        subjects = parts.concepts[kind.subject]
        found = subjects.having(known([self.plan.short(value)]))
        above = map(self.plan.short, self.scope.above(value))
        broader: Mask | None = None
        for (part, name), _ in self.plan.implied.items():
            if part == kind.part and (same := self.scope.same(part, name, value)):
                broader = subjects.having(known(above)) if broader is None else broader
                found |= broader & parts.concepts[name].having(known(self.scope.below(same)))
        return np.flatnonzero(found)

    def _only(self, column: Ragged, values: Collection[str]) -> Mask:
        """Which rows name concepts of a kind, and no others."""
        wanted = column.rows(self.columns.known(self.scope.below(values)))
        of_them = np.bincount(wanted, minlength=column.size)
        found: Mask = column.any & (of_them == np.diff(column.starts))
        return found

    def _too_few(
        self,
        kind: CriterionKind,
        value: str,
        parts: Parts,
        possible: Mask,
        persons: Array,
        least: float,
    ) -> Mask:
        """Which datasets state that there are fewer people than that.

        There are no more people with a condition than all parts of it count, nor more than
        all parts of a broader one do; where one of them has no number nobody knows.
        """
        size = self.columns.size
        found = np.zeros(size, dtype=np.bool_)
        for one in (value, *self.scope.above(value)):
            rows = self._of_subject(kind, one, parts)
            rows = rows[possible[rows]]
            owners = parts.owners[rows]
            counted = np.bincount(owners, weights=persons[rows], minlength=size).astype(np.float64)
            if one == value:
                itself = rows
            else:  # a broader part that speaks of these people alone is no count of all
                counted[owners[np.isin(rows, itself)]] = np.inf
            found[owners[counted[owners] < least]] = True
        return found

    # statements ---------------------------------------------------------------------

    def _said(self, part: str) -> _Said:
        """What the parts of a property say of their subjects."""
        if part not in self._states:
            self._states[part] = self._say(part)
        return self._states[part]

    def _say(self, part: str) -> _Said:
        parts, stating = self.columns.parts[part], self.plan.statings.get(part)
        if stating is None:
            every = np.ones(parts.count, dtype=np.bool_)
            return _Said(every, ~every, np.zeros(0, dtype=np.int8))
        state, subject = parts.concepts[stating.state], parts.concepts[stating.subject]
        known = self.columns.known
        met = state.having(known([stating.met]))
        inapplicable = state.having(known([self.scope.inapplicable(part)]))
        says = np.full(parts.count, ItemState.NOT_COLLECTED, dtype=np.int8)
        says[inapplicable] = ItemState.NOT_APPLICABLE
        return _Said(met & subject.any, subject.any & state.any & ~met, says)

    def _subjects(self, part: str) -> Ragged:
        return self.columns.parts[part].concepts[self.plan.statings[part].subject]

    def _state(self, kind: CriterionKind, value: str, criterion: Criterion) -> Array:
        parts, said = self.columns.parts[kind.part], self._said(kind.part)
        subjects, known = self._subjects(kind.part), self.columns.known
        denied = subjects.rows(known([self.plan.short(value)]))
        collected = subjects.rows(known(self.scope.below([value])))
        collected = collected[said.met[collected]]
        found = np.full(self.columns.size, OPEN, dtype=np.int8)
        found[parts.owners[denied[said.denied[denied]]]] = NO
        return self._of_rows(found, parts, collected, criterion)

    def _of_rows(self, found: Array, parts: Parts, rows: Array, criterion: Criterion) -> Array:
        """Answers with those of some parts laid over them."""
        return best_of(found, parts.owners[rows], self._qualified(parts, criterion)[rows])

    def _named(self, kind: CriterionKind, value: str, criterion: Criterion) -> Array:
        """Whether something collected names a concept; what is not named is not stated."""
        parts, said = self.columns.parts[kind.part], self._said(kind.part)
        column = parts.concepts[kind.subject]
        named = column.rows(self.columns.known(self.scope.below([value])))
        found = np.full(self.columns.size, OPEN, dtype=np.int8)
        if kind.part in self.plan.statings:
            found[self._denied(kind.part, self.scope.served(kind, value))] = NO
        return self._of_rows(found, parts, named[said.met[named]], criterion)

    def _denied(self, part: str, subjects: Sequence[str]) -> Array:
        """The datasets that say of every one of some subjects that it is not collected."""
        wanted = self.columns.known(map(self.plan.short, subjects))
        if not subjects or len(wanted) < len(set(subjects)):
            return np.zeros(0, dtype=np.int64)  # there is one of which nobody says anything
        parts, column, said = self.columns.parts[part], self._subjects(part), self._said(part)
        collected = column.rows(self.columns.known(self.scope.below(subjects)))
        each = [rows[said.denied[rows]] for rows in column.each(wanted)]
        pairs = [np.unique(parts.owners[rows]) for rows in each]
        denied = np.bincount(np.concatenate(pairs), minlength=self.columns.size)
        denied[parts.owners[collected[said.met[collected]]]] = 0
        return np.flatnonzero(denied == len(wanted))

    def _domain(self, kind: CriterionKind, value: str) -> Array:
        subjects = self.scope.under(kind, value)
        parts, column = self.columns.parts[kind.part], self._subjects(kind.part)
        some = column.rows(self.columns.known(self.scope.below(subjects)))
        found = np.full(self.columns.size, OPEN, dtype=np.int8)
        found[self._denied(kind.part, subjects)] = NO
        found[parts.owners[some[self._said(kind.part).met[some]]]] = YES
        return found

    # sets ---------------------------------------------------------------------------

    def states(self, part: str, subjects: Collection[str], items: Collection[str] = ()) -> Array:
        """What every dataset states about an item: its :class:`ItemState`.

        A statement answers that names one of ``items``, or one of ``subjects``.  Something
        narrower that is collected answers too; that it is not collected does not.
        """
        parts, said, known = self.columns.parts[part], self._said(part), self.columns.known
        subject, short = self._subjects(part), self.plan.short
        named = np.concatenate(
            [
                np.zeros(0, dtype=np.uint32),
                *(
                    parts.concepts[name].rows(known(map(short, items)))
                    for name in self.scope.items(part)
                ),
            ]
        )
        itself = subject.rows(known(map(short, subjects)))
        below = subject.rows(known(self.scope.below(subjects)))
        found = np.zeros(self.columns.size, dtype=np.int8)
        for rows in (itself, named):  # who names the item itself has the last word
            denied = np.sort(rows[said.denied[rows]])[::-1]  # of several the first one holds
            found[parts.owners[denied]] = said.says[denied]
        for rows in (below, named):
            found[parts.owners[rows[said.met[rows]]]] = ItemState.COLLECTED
        return found

    def lacking(self, value: str) -> Mask:
        """Which datasets cannot have what a concept stands for.

        Those do that say that such things do not apply to them, and those that state concepts
        of its list, and neither this one nor a broader one.  What is stated of a property whose
        values are never complete excludes nothing.  Where the list belongs to parts, every part
        must state some.
        """
        size = self.columns.size
        found = np.zeros(size, dtype=np.bool_)
        for part, name in self.scope.places(value):
            column = self.columns.concepts[INAPPLICABLE]
            found |= column.having(self.columns.known([part or name]))
            if name in self.plan.incomplete:
                continue
            if part:
                parts = self.columns.parts[part]
                column = parts.concepts[name]
                rows = self._tri(column, (value,)) == NO
                some = parts.any.copy()
                some[parts.owners[~rows]] = False
                found |= some
            else:
                found |= self._tri(self.columns.concepts[name], (value,)) == NO
        return found

    def items(self, collection: str) -> list[Array]:
        """What every dataset states about each item of a set.

        An item that belongs to a stage or treatment that a dataset does not have does not apply.
        """
        return [self._item(one) for one in self.scope.members(collection)]

    def _item(self, item: str) -> Array:
        member = self.scope.member(item)
        found = self.states(member.part, member.subjects, (item,))
        if member.applies_to:
            lacking = np.ones(self.columns.size, dtype=np.bool_)
            for one in member.applies_to:
                lacking &= self.lacking(one)
            found[lacking & (found != ItemState.COLLECTED)] = ItemState.NOT_APPLICABLE
        return found

    def _coverage(self, collection: str, least: float) -> Array:
        collected, unknown = np.zeros((2, self.columns.size), dtype=np.int32)
        for states in self.items(collection):
            collected += states == ItemState.COLLECTED
            unknown += states == ItemState.UNKNOWN
        found = np.full(self.columns.size, OPEN, dtype=np.int8)
        found[collected + unknown < least] = NO
        found[collected >= least] = YES
        return found

    # numbers ------------------------------------------------------------------------

    def _number(self, kind: CriterionKind, asked: Span) -> Array:
        spans, (low, _) = self._spans(kind), asked
        found = held(spans, kind.test, asked)
        if kind.ceiling and low is not None:
            top = self.columns.spans[kind.ceiling]
            below = np.zeros(spans.size, dtype=np.bool_)
            below[top.owners[top.high < low]] = True
            found[below & (spans.starts[1:] == spans.starts[:-1])] = NO
        return found

    def _spans(self, kind: CriterionKind) -> Spans:
        """The numbers that answer; concepts that stand for numbers are those numbers."""
        if kind.subject in self.columns.spans:
            return self.columns.spans[kind.subject]
        column = self.columns.concepts[kind.subject]
        numbers = np.array([*map(self.scope.number, self.columns.names), np.nan])
        return Spans(column.starts, numbers[column.values], numbers[column.values])


def _or(answers: Sequence[Array]) -> Array:
    found = answers[0]
    for one in answers[1:]:
        found = np.maximum(found, one)
    return found
