"""One state of what all datasets state, and what can be asked of it at once.

Every answer is an array with one number for every dataset, in the order of ``records``; so a
coverage table, a cube and the fit for a question are sums over arrays.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from catalogue.memory import Memory
from catalogue.outcomes.columns import Array, Columns, Mask, joined
from catalogue.outcomes.intervals import YES
from catalogue.outcomes.judging import Judge
from catalogue.outcomes.questions import Criterion
from catalogue.outcomes.states import ItemState

#: How many answers of one state are kept.
_KEPT = 32
#: Between two titles of the arrays there is room for as many of what changed beside them.
_ROOM = 1 << 20


@dataclass(frozen=True)
class Coverage:
    """How much of a core outcome set every dataset collects.

    ``states`` has a row for every item; ``collected`` and ``unknown`` count over the items
    that apply to the dataset, ``applicable`` how many those are.
    """

    items: Sequence[str]
    states: Array

    @cached_property
    def collected(self) -> Array:
        """How many items every dataset collects."""
        found: Array = np.count_nonzero(self.states == ItemState.COLLECTED, axis=0)
        return found

    @cached_property
    def applicable(self) -> Array:
        """How many items apply to every dataset."""
        found: Array = np.count_nonzero(self.states != ItemState.NOT_APPLICABLE, axis=0)
        return found

    @cached_property
    def unknown(self) -> Array:
        """Of how many items nobody knows."""
        found: Array = np.count_nonzero(self.states == ItemState.UNKNOWN, axis=0)
        return found


class Table:
    """What all datasets state.  ``position`` is the change up to which it is the catalogue's.

    ``judge`` holds the arrays of most; ``beside`` is what ``changed`` since those were made.
    """

    def __init__(
        self,
        judge: Judge,
        beside: Columns,
        changed: Collection[int],
        position: int,
    ) -> None:
        base = judge.columns
        self.position, self.scope = position, judge.scope
        self._base, self._beside = base, beside
        self._live = _unchanged(base, changed)
        self._judges = (judge, Judge(beside, judge.scope))
        self._known = Memory(_KEPT)
        #: The numbers of the records, one a dataset; no answer comes in another order.
        self.records: Array = np.concatenate((base.records[self._live], beside.records))

    @staticmethod
    def folded(base: Columns, beside: Columns, changed: Collection[int]) -> Columns:
        """The columns with what changed beside them, as one."""
        return joined(base, beside, _unchanged(base, changed))

    @property
    def size(self) -> int:
        """How many datasets there are."""
        return len(self.records)

    def answers(self, criterion: Criterion) -> Array:
        """How every dataset answers a criterion: ``NO``, ``OPEN`` or ``YES`` of ``intervals``."""
        return self._asked(criterion, lambda judge: judge(criterion))

    def having(self, kind: str, values: Sequence[str] = (), stages: Sequence[str] = ()) -> Mask:
        """Which datasets state one of some concepts, or a narrower one, for a kind of criterion.

        ``stages`` are asked of the same part: they are concepts of the first that the kind may
        be asked beside its subject.  Without ``values`` any will do.
        """
        kinds = self.scope.plan.kinds[kind]
        names = [name for name, list_of in kinds.qualifiers.items() if list_of]
        beside = ((names[0], tuple(stages)),) if stages else ()
        found: Mask = self.answers(Criterion(kind, tuple(values), None, beside)) == YES
        return found

    def outcome_states(
        self, subjects: Collection[str], items: Collection[str] = (), part: str = ""
    ) -> Array:
        """What every dataset states about an outcome, or an item of a set.

        0 is unknown, 1 collected, 2 not collected, 3 not applicable.
        """
        plan = self.scope.plan
        where = part or next(iter(plan.statings))
        question = ("outcome", where, tuple(sorted(subjects)), tuple(sorted(items)))
        return self._asked(question, lambda judge: judge.states(where, subjects, items))

    def coverage(self, collection: str) -> Coverage:
        """How much of a core outcome set every dataset collects.

        An item that belongs to stages or treatments that a dataset does not have is not
        applicable to it.
        """
        items = self.scope.members(collection)
        states = self._asked(
            ("set", collection),
            lambda judge: np.array(judge.items(collection), dtype=np.int8).reshape(
                len(items), judge.columns.size
            ),
        )
        return Coverage(items, states)

    def places(self, records: Sequence[int]) -> Array:
        """Where some records stand; those that are not in the table are left out."""
        order = self._by_record
        known = self.records[order]
        wanted = np.asarray(records, dtype=np.int64)
        found = np.searchsorted(known, wanted)
        found[found == len(known)] = 0
        there = known[found] == wanted if len(known) else np.zeros(len(wanted), dtype=np.bool_)
        places: Array = order[found[there]] if len(known) else np.zeros(0, dtype=np.int64)
        return places

    @cached_property
    def _by_record(self) -> Array:
        return np.argsort(self.records, kind="stable")

    @cached_property
    def title_ranks(self) -> Array:
        """Numbers that put the datasets in the order of their titles."""
        base, own = self._base, self._beside
        beside = np.zeros(own.size, dtype=np.int64)
        for number, place in enumerate(own.by_title.tolist(), start=1):
            at = bisect_left(base.by_title, own.title(place), key=base.title)
            beside[place] = at * _ROOM - _ROOM + number
        return np.concatenate((base.title_ranks[self._live] * _ROOM, beside))

    def _asked(self, question: Hashable, ask: Callable[[Judge], Array]) -> Array:
        def answer() -> Array:
            base, beside = (judge.known(question, partial(ask, judge)) for judge in self._judges)
            found = np.concatenate((base[..., self._live], beside), axis=-1)
            found.flags.writeable = False
            return found

        return self._known(question, answer)


def _unchanged(columns: Columns, changed: Collection[int]) -> Mask:
    """Which rows are of no record that changed."""
    mask: Mask = ~np.isin(columns.records, np.fromiter(changed, dtype=np.int64))
    return mask
