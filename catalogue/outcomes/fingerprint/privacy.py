"""Rounding and suppression: the few lines on which everything rests.

* A count below the minimum is not told: it is *few* (``None``), and so is none at all.
* Every other count is rounded up to the next hundred.
* What is few is taken out **before** anything is added up.  Totals then do not depend on it in
  any way, so there is nothing that subtracting could find.
* A total is never so near the least that its parts allow that it would give them away.
* A number that was released stays until the new count is at least the minimum away from
  everything that the old number may stand for: two releases do not tell who came between.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

#: Counts are rounded up to multiples of this.
ROUNDING = 100
#: A total that is nearer than this to the least that its parts allow is told as the next one.
_NEAR = ROUNDING // 2
#: A count that is few: told as "fewer than the minimum".
FEW = None

Number = int | None
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Rule:
    """How counts are told; ``minimum`` is the least count that is told at all."""

    minimum: int

    def told(self, count: int) -> Number:
        """A count as the world may see it."""
        return FEW if count < self.minimum else -(-count // ROUNDING) * ROUNDING

    def settled(self, count: int, before: Mapping[Key, Number] | None, key: Key) -> Number:
        """A count as the world may see it after what was released before; None: nothing was.

        What was not in the release before is treated as few in it: that is what its silence
        may have meant.
        """
        if before is None:
            return self.told(count)
        old = before.get(key, FEW)
        low, high = self.behind(old)
        far = count >= high + self.minimum or count + self.minimum <= low
        return self.told(count) if far else old

    def total(
        self, count: int, least: int, before: Mapping[Key, Number] | None, key: Key
    ) -> Number:
        """A total beside its parts, which together stand for ``least`` at the least.

        Ten parts of 100 and a total of 100 would say that each is exactly ten.  Where the least
        is as near as that, the total is told as the next one.
        """
        told = self.settled(count, before, key)
        if told is not FEW and told - least < _NEAR:
            return told + ROUNDING
        return told

    def least(self, parts: Iterable[Number]) -> int:
        """What parts that are told stand for together, at the least."""
        return sum(self.behind(one)[0] for one in parts if one is not FEW)

    @staticmethod
    def least_of_total(total: Number, least: int) -> int:
        """What a total stands for at the least, which may have been told as the next one."""
        if total is FEW:
            return 0
        moved = total - ROUNDING - least < _NEAR
        return least if moved else max(least, total - ROUNDING + 1)

    def behind(self, told: Number) -> tuple[int, int]:
        """The counts that a number may stand for at the moment it is first told."""
        if told is FEW:
            return 0, self.minimum - 1
        return max(told - ROUNDING + 1, self.minimum), told

    @property
    def least_people(self) -> int:
        """Of fewer people no fingerprint is made."""
        return max(ROUNDING, 10 * self.minimum)

    @property
    def least_distribution(self) -> int:
        """Of fewer no percentiles are told: a tenth of them must be well above the minimum."""
        return 20 * self.minimum

    @property
    def least_shares(self) -> int:
        """Of fewer no shares are told: half a step of 5 % must be the minimum at least."""
        return 40 * self.minimum
