"""Where a list goes on: a word that only we can write and that only fits its own list.

It holds the place of the last item rather than the number of a page, so that what is
published or withdrawn meanwhile neither repeats an item nor hides one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from catalogue.api.answers import tag_of
from catalogue.api.parameters import refuse

_LONGEST = 2_000


def written(list_: object, place: Sequence[Any]) -> str:
    """The cursor for going on in a list after a place."""
    return str(_serializer().dumps([tag_of(list_)[:8], *place]))


def read(list_: object, cursor: str) -> list[Any] | None:
    """The place in a cursor, None without one; refuses a cursor that was not written for the list."""
    if not cursor:
        return None
    try:
        found = _serializer().loads(cursor) if len(cursor) <= _LONGEST else None
    except BadData:
        found = None
    if not isinstance(found, list) or not found:
        raise refuse(
            "cursor",
            "This catalogue did not write it; begin without a cursor and follow `next`.",
        )
    if found[0] != tag_of(list_)[:8]:
        raise refuse(
            "cursor",
            "It belongs to another search or list; keep the other parameters as they were, "
            "or begin without a cursor.",
        )
    return found[1:]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="cursor")
