"""Grids: what datasets state of some items, one line a dataset, in the four states.

The states come from the facts; here they are laid beside each other, counted and put in order.
What one dataset says, with the statement behind it, is told by :mod:`catalogue.outcomes.sets`;
both must agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from catalogue.outcomes.columns import Array, Mask
from catalogue.outcomes.sets import Member
from catalogue.outcomes.states import ItemState
from catalogue.outcomes.table import Table
from catalogue.vocabulary import Concept


@dataclass(frozen=True)
class Grid:
    """What datasets state of some items: one line a dataset, one column an item.

    ``answers`` tells which lines state anything; that an item does not apply because of a
    treatment or stage is no answer of its own.  ``titles`` put lines in the order of titles.
    """

    members: Sequence[Member]
    records: Array
    states: Array
    answers: Mask
    titles: Array

    @cached_property
    def met(self) -> Array:
        """How many items each collects."""
        found: Array = np.count_nonzero(self.states == ItemState.COLLECTED, axis=1)
        return found

    @cached_property
    def applicable(self) -> Array:
        """How many items apply to each."""
        found: Array = np.count_nonzero(self.states != ItemState.NOT_APPLICABLE, axis=1)
        return found

    @cached_property
    def counts(self) -> Sequence[Mapping[ItemState, int]]:
        """Of each item, how many datasets are in each state."""
        return [
            {state: int((column == state).sum()) for state in ItemState} for column in self.states.T
        ]

    def ordered(self) -> Grid:
        """The greatest share first, then the most items, then titles; the silent ones at the end."""
        share = self.met / np.maximum(self.applicable, 1)
        return self.lines(np.lexsort((self.titles, -self.met, -share, ~self.answers)))

    def answering(self) -> Grid:
        """Only the lines that state anything."""
        return self.lines(self.answers)

    def columns(self, order: Sequence[int]) -> Grid:
        """The items in another order."""
        members = [self.members[place] for place in order]
        states = self.states[:, list(order)]
        return Grid(members, self.records, states, self.answers, self.titles)

    @classmethod
    def empty(cls, members: Sequence[Member]) -> Grid:
        """A grid without a line."""
        none = np.zeros(0, dtype=np.int64)
        states = np.zeros((0, len(members)), dtype=np.int8)
        return cls(members, none, states, none.astype(np.bool_), none)

    def lines(self, which: Array | slice) -> Grid:
        """Some of the lines, in the order in which they are named."""
        return Grid(
            self.members,
            self.records[which],
            self.states[which],
            self.answers[which],
            self.titles[which],
        )

    def __len__(self) -> int:
        return len(self.records)


def grid_of_set(table: Table, collection: Concept, members: Sequence[Member]) -> Grid:
    """What all datasets state of the items of a set."""
    return _laid(table, members, table.coverage(collection.iri).states.T)


def grid_of_wholes(table: Table, members: Sequence[Member]) -> Grid:
    """What all datasets state of some wholes, such as domains of outcomes."""
    columns = [_of_whole(table, one) for one in members]
    return _laid(table, members, np.stack(columns, axis=1) if columns else None)


def _laid(table: Table, members: Sequence[Member], states: Array | None) -> Grid:
    answers = np.zeros(table.size, dtype=np.bool_)
    for one in members:
        items = () if one.whole else (one.concept.iri,)
        answers |= table.outcome_states(one.subjects, items) != ItemState.UNKNOWN
    if states is None:
        states = np.zeros((table.size, 0), dtype=np.int8)
    return Grid(members, table.records, states, answers, table.title_ranks)


def _of_whole(table: Table, one: Member) -> Array:
    """One subject is enough for a yes; a no takes all of them."""
    each = np.stack([table.outcome_states((value,)) for value in one.subjects])
    found = np.full(table.size, ItemState.UNKNOWN, dtype=np.int8)
    denied = (each != ItemState.UNKNOWN).all(axis=0)
    found[denied] = each.min(axis=0)[denied]  # one of them could be collected and is not
    found[(each == ItemState.COLLECTED).any(axis=0)] = ItemState.COLLECTED
    return found
