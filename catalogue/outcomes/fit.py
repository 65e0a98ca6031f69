"""Fit: every dataset held against every criterion of a question, in three states.

A criterion is *met*, *not met*, or it is *not stated* whether it is; what nobody stated is
never a no, and hides nothing.  Datasets come by how many criteria they meet, then by how
many they leave open, then by how well the free words fit, then by title.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from catalogue.outcomes.columns import Array, Columns
from catalogue.outcomes.evidence import Witness
from catalogue.outcomes.facts import KIND, Facts
from catalogue.outcomes.fingerprint.released import Counted, counted
from catalogue.outcomes.intervals import NO, OPEN, YES
from catalogue.outcomes.judging import Judge
from catalogue.outcomes.questions import Question
from catalogue.outcomes.stated import Stated
from catalogue.outcomes.table import Table
from catalogue.profile import Document
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.records import Records
from catalogue.records.visibility import public
from catalogue.search.finder import Finder
from catalogue.search.query import Query

#: How many datasets the free words put in order.
_MOST_RANKED = 10_000
#: How many descriptions are read at a time.
_BATCH = 500


class State(StrEnum):
    """How a dataset answers a criterion."""

    MET = "met"
    UNMET = "not met"
    UNKNOWN = "not stated"


_STATES = {YES: State.MET, OPEN: State.UNKNOWN, NO: State.UNMET}


@dataclass(frozen=True)
class Verdict:
    """The answer of one dataset to one criterion, with the evidence.

    ``said`` is what the dataset states, in words (“6,700 people with heart failure, 2020”);
    for *not stated* it says what is missing or the reason given.  ``path`` is the property to
    ask the owner for; ``anchor`` is where the evidence stands on the dataset's page.
    """

    state: State
    said: str
    path: tuple[str, ...]
    anchor: str = ""


@dataclass(frozen=True)
class Fit:
    """One dataset: its verdicts in the order of the criteria."""

    record: int
    verdicts: Sequence[Verdict]

    @cached_property
    def met(self) -> int:
        """How many criteria it meets."""
        return sum(one.state is State.MET for one in self.verdicts)

    @cached_property
    def unknown(self) -> int:
        """How many it leaves open."""
        return sum(one.state is State.UNKNOWN for one in self.verdicts)


@dataclass(frozen=True)
class Fitted:
    """What a question found.

    ``groups`` tells how many datasets meet all criteria, all but one, and so on: the number
    met → how many datasets.  ``states`` tells for each criterion how many datasets are in
    each state.  ``fits`` is the page asked for, best first.  ``position`` is the change up
    to which the facts are those of the catalogue.  ``without`` tells for each criterion how
    many datasets meet all the others, ``open`` how many may meet all but do not state it.
    """

    question: Question
    total: int
    groups: Mapping[int, int]
    states: Sequence[Mapping[State, int]]
    fits: Sequence[Fit]
    position: int
    without: Sequence[int] = ()
    open: int = 0

    @property
    def full(self) -> int:
        """How many datasets meet every criterion."""
        return self.groups.get(len(self.question.criteria), 0) if self.question.criteria else 0


class Fitter:
    """Holds datasets against questions.  Safe between threads."""

    def __init__(self, records: Records, facts: Facts, finder: Finder) -> None:
        self._records, self._facts, self._finder = records, facts, finder

    def fit(self, session: Session, question: Question, offset: int = 0, limit: int = 50) -> Fitted:
        """One page of the datasets, best first, with the counts over all of them.

        Raises :class:`~catalogue.errors.Unavailable` while the facts are read anew.
        """
        table = self._facts.table(session)
        answers = [table.answers(one) for one in question.criteria]
        met, unknown = _counted(answers, table.size)
        places = self._ordered(table, question, met, unknown, offset + limit)
        numbers = np.bincount(met, minlength=1)
        return Fitted(
            question,
            table.size,
            {place: int(numbers[place]) for place in range(len(numbers) - 1, -1, -1)},
            [_states(one) for one in answers],
            self._page(session, question, table.records[places[offset:]].tolist()),
            table.position,
            [int(np.count_nonzero(met - (one == YES) == len(answers) - 1)) for one in answers],
            int(np.count_nonzero((met + unknown == len(answers)) & (unknown > 0))),
        )

    def fit_one(self, session: Session, question: Question, record: int) -> Fit | None:
        """How one dataset answers; None if the world may not see it."""
        found = self._told(session, question, [record])
        return found[0] if found else None

    def listed(self, session: Session, question: Question) -> Mapping[int, tuple[int, int]]:
        """The datasets that meet all criteria or all but one, best first: met, not stated.

        Of a question with one criterion those that meet it.
        """
        table = self._facts.table(session)
        answers = [table.answers(one) for one in question.criteria]
        met, unknown = _counted(answers, table.size)
        least = max(len(answers) - 1, min(len(answers), 1))
        enough = int(np.count_nonzero(met >= least))
        places = self._ordered(table, question, met, unknown, enough)
        return {
            int(record): (int(ours), int(open_))
            for record, ours, open_ in zip(
                table.records[places], met[places], unknown[places], strict=True
            )
        }

    def _ordered(
        self, table: Table, question: Question, met: Array, unknown: Array, many: int
    ) -> Array:
        """The places of so many datasets, best first."""
        score = met.astype(np.int64) * (len(question.criteria) + 1) + unknown
        among = np.arange(table.size)
        if many < table.size:
            of_score = np.bincount(score, minlength=1)
            reached = np.cumsum(of_score[::-1]) >= many
            among = np.flatnonzero(score >= len(of_score) - 1 - int(np.argmax(reached)))
        rank = self._text_ranks(table, question.text)[among]
        order = np.lexsort((table.records[among], table.title_ranks[among], rank, -score[among]))
        places: Array = among[order[:many]]
        return places

    def _text_ranks(self, table: Table, text: str) -> Array:
        """How well the datasets fit some words, the best first; words hide nothing."""
        ranks = np.full(table.size, _MOST_RANKED, dtype=np.int64)
        if text:
            answer = self._finder.find(Query(text=text, size=_MOST_RANKED), counting=False)
            places = table.places(answer.records)
            ranks[places] = np.arange(len(places))
        return ranks

    def _page(self, session: Session, question: Question, records: Sequence[int]) -> list[Fit]:
        """What the datasets of a page say, not too many at a time: a file may want them all."""
        begins = range(0, len(records), _BATCH)
        return [
            fit
            for begin in begins
            for fit in self._told(session, question, records[begin : begin + _BATCH])
        ]

    def _told(self, session: Session, question: Question, records: Sequence[int]) -> list[Fit]:
        """What some datasets say for themselves; what the world may not see is left out."""
        wanted = select(Record).where(Record.id.in_(records), Record.kind == KIND)
        known = {one.id: one for one in session.scalars(wanted.options(defer(Record.draft)))}
        plan, scope = self._facts.plan, self._facts.scope
        told = counted(session, list(known.values()))
        there: dict[int, tuple[Document, Stated]] = {}
        for number in records:
            if number in known:
                found = spared(known[number], partial(self._read, known[number], told.get(number)))
                if found is not None:
                    there[number] = found
        columns = Columns.of(plan, [(number, stated) for number, (_, stated) in there.items()])
        witness = Witness(plan, scope, list(there.values()), Judge(columns, scope))
        answers = [witness.answers(one) for one in question.criteria]
        return [
            Fit(
                number,
                [Verdict(_STATES[one[place][0]], *one[place][1]) for one in answers],
            )
            for place, number in enumerate(there)
        ]

    def _read(self, record: Record, told: Counted | None) -> tuple[Document, Stated] | None:
        document = public(self._records.shape(KIND), record)
        return None if document is None else (document, self._facts.plan.read(document, told))


def _counted(answers: Sequence[Array], size: int) -> tuple[Array, Array]:
    """How many criteria every dataset meets, and how many it leaves open."""
    met, unknown = np.zeros((2, size), dtype=np.int16)
    for one in answers:
        met += one == YES
        unknown += one == OPEN
    return met, unknown


def _states(answers: Array) -> dict[State, int]:
    numbers = np.bincount(answers, minlength=YES + 1)
    return {state: int(numbers[answer]) for answer, state in _STATES.items()}
