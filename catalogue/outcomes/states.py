"""What a dataset states of an outcome or an item of a set: one of four states, never two.

Arrays hold the numbers, pages and documents the names; unknown is what nobody has spoken of.
"""

from __future__ import annotations

from enum import IntEnum


class ItemState(IntEnum):
    """What a dataset states about an item."""

    COLLECTED = 1
    NOT_COLLECTED = 2
    NOT_APPLICABLE = 3
    UNKNOWN = 0

    @property
    def said(self) -> str:
        """The state in words: ``not collected``."""
        return self.name.lower().replace("_", " ")

    @property
    def key(self) -> str:
        """The state in JSON: ``not_collected``."""
        return self.name.lower()

    @property
    def slug(self) -> str:
        """The state in an address, and the code by which a statement says it: ``not-collected``."""
        return self.name.lower().replace("_", "-")
