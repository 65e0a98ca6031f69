"""Fit: every dataset held against every criterion of a question, in three states.

A criterion is *met*, *not met*, or it is *not stated* whether it is; what nobody stated is
never a no, and hides nothing.  Datasets come by how many criteria they meet, then by how
many they leave open, then by how well the free words fit, then by title.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from sqlalchemy.orm import Session

from catalogue.outcomes.questions import Question


class State(StrEnum):
    """How a dataset answers a criterion."""

    MET = "met"
    UNMET = "not met"
    UNKNOWN = "not stated"


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
    to which the facts are those of the catalogue.
    """

    question: Question
    total: int
    groups: Mapping[int, int]
    states: Sequence[Mapping[State, int]]
    fits: Sequence[Fit]
    position: int

    @property
    def full(self) -> int:
        """How many datasets meet every criterion."""
        return self.groups.get(len(self.question.criteria), 0) if self.question.criteria else 0


class Fitter:
    """Holds datasets against questions.  Safe between threads."""

    def fit(self, session: Session, question: Question, offset: int = 0, limit: int = 50) -> Fitted:
        """One page of the datasets, best first, with the counts over all of them."""
        raise NotImplementedError

    def fit_one(self, session: Session, question: Question, record: int) -> Fit | None:
        """How one dataset answers; None if the world may not see it."""
        raise NotImplementedError

    def listed(self, session: Session, question: Question) -> Mapping[int, tuple[int, int]]:
        """The datasets that meet all criteria or all but one, best first: met, not stated.

        Of a question with one criterion those that meet it.
        """
        raise NotImplementedError
