"""Who looks: nobody known, a person who signed in, or a program with a person's token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

#: What a person may be in an organisation, from the least to the most.
ROLES = ("reader", "contributor", "editor", "manager")
#: Those of them that answer for its descriptions.
EDITORS = ("editor", "manager")
#: What a person may be over all organisations.
ROLES_OVER_ALL = ("reviewer", "administrator")


@dataclass(frozen=True)
class Viewer:
    """One who looks, or acts; ``may`` (permissions) decides by this alone.

    ``role`` is one of :data:`ROLES_OVER_ALL` or empty; ``roles`` gives one of :data:`ROLES`
    by the number of the organisation; ``reads_only`` marks a token that may not change
    anything.
    """

    user: int | None = None
    name: str = ""
    role: str = ""
    roles: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    reads_only: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether it is known who looks."""
        return self.user is not None

    @property
    def author(self) -> str:
        """How revisions and comments name the person; the name itself may change or go."""
        return f"user:{self.user}" if self.signed_in else ""


#: Everybody: somebody who has not signed in.
ANYBODY = Viewer()
