"""Links in mails: signed, for one purpose, for a time, and (but for the way out) for one use.

What makes a link work once is in what it is bound to: the stamp of an account, which
changes when the link was used, or the row of an invitation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from catalogue.errors import Gone

Clock = Callable[[], datetime]
#: How long a link works, by purpose; the purpose is also where it leads.
LIFETIMES = {
    "confirm": timedelta(days=3),
    "reset": timedelta(hours=1),
    "email": timedelta(days=3),
    "invitation": timedelta(days=14),
    "unsubscribe": timedelta(days=3650),  # an old mail must still lead out
    "check": timedelta(days=45),
}
_PATHS = {
    "confirm": "confirm/",
    "reset": "reset/",
    "email": "account/email/",
    "invitation": "invitation/",
    "unsubscribe": "unsubscribe/",
    "check": "checks/",
}


class DeadLink(Gone):
    """A link that was used, is too old, or was never ours."""

    title = "This link does not work any more"

    def __init__(self) -> None:
        super().__init__(
            "A link in a mail works once and for a limited time. Look for a newer mail from us, "
            "or ask for another link where you asked for this one."
        )


def utc() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


class Links:
    """Makes links and reads them."""

    def __init__(self, key: str, address: str, clock: Clock = utc) -> None:
        self._key = key
        self._address = address
        self._now = clock

    def make(self, purpose: str, **bound: Any) -> str:
        """The whole address of a link."""
        until = int((self._now() + LIFETIMES[purpose]).timestamp())
        token = self._serializer(purpose).dumps({**bound, "until": until})
        return f"{self._address}{_PATHS[purpose]}{token}"

    def read(self, purpose: str, token: str) -> dict[str, Any]:
        """What a link is bound to; raises :class:`DeadLink`."""
        try:
            bound: dict[str, Any] = self._serializer(purpose).loads(token)
        except BadData:
            raise DeadLink from None
        if bound["until"] < self._now().timestamp():
            raise DeadLink
        return bound

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        # The purpose is the salt: a link for one thing never does for another.
        return URLSafeSerializer(self._key, salt=f"catalogue.link.{purpose}")
