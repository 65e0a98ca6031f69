"""``If-Match``: a change is meant for the state that its author has read, and for no other."""

from __future__ import annotations

from flask import request

from catalogue.api.parameters import Parameter
from catalogue.errors import Changed, Unconditional

IF_MATCH = Parameter(
    "If-Match",
    'The `ETag` of the state that the change is meant for, as in `If-Match: "5f2c…"`. '
    "`*` means whatever state there is.",
    {"type": "string", "maxLength": 1_000},
    place="header",
)


def ask() -> None:
    """Refuse a change that does not say what it is meant for."""
    if not request.headers.get("If-Match", "").strip():
        raise Unconditional(
            "Say in If-Match which state of the record you have read: send its ETag. "
            "So nobody overwrites what somebody else has written meanwhile."
        )


def hold(etag: str, what: str = "record") -> None:
    """Raise :class:`Changed` if a thing in this state is not what the asker holds."""
    if not request.headers.get("If-Match", "").strip():
        return
    # Compared strongly (RFC 9110, 13.1.1): a weak tag never fits.
    if not request.if_match.contains(etag):
        raise Changed(
            f"The {what} is no longer what If-Match says: somebody changed it since you read it. "
            "Read it again and repeat your change."
        )
