"""What one dataset says of one thing, where several stand side by side."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Side:
    """What one of them says: drawn for the page, and as it is told to programs.

    Two sides with the same ``key`` say the same.  ``state`` is a code where there are states
    (of an outcome).  ``silence`` is what stands where nothing is stated.
    """

    key: Hashable
    drawn: Sequence[Markup | str] = ()
    more: int = 0
    values: Sequence[Any] = field(default_factory=tuple)
    state: str = ""
    silence: str = ""
    reason: str = ""

    @property
    def stated(self) -> bool:
        """Whether anything is stated."""
        return not self.silence

    @property
    def texts(self) -> list[str]:
        """What is drawn, as plain texts; the silence if there is nothing."""
        if self.silence:
            return [self.silence]
        more = [f"and {self.more:,} more"] if self.more else []
        return [*(_plain(one) for one in self.drawn), *more]


def silent_side(silence: str = "Not stated", reason: str = "") -> Side:
    """A side that says nothing, or why nothing is said."""
    return Side(("silent", silence), silence=silence, reason=reason)


def bare(value: Any) -> Any:
    """A part without the names that each description gives its own parts."""
    if isinstance(value, list):
        return [bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: bare(one)
        for key, one in value.items()
        if not (key == "id" and isinstance(one, str) and one.startswith("#"))
    }


def size_of(value: Any) -> int:
    """How much is in a value."""
    if isinstance(value, dict | list):
        return sum(size_of(one) for one in (value.values() if isinstance(value, dict) else value))
    return 1


def _plain(drawn: Markup | str) -> str:
    if not isinstance(drawn, Markup):
        return " ".join(drawn.split())
    # A word ends where an element does, which cutting the tags out would not show.
    return " ".join(Markup(_TAG.sub(" ", drawn)).unescape().split())  # noqa: S704 - made plain
