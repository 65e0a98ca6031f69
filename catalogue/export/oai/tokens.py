"""Where a list goes on: a word that only we can write, and that needs nothing kept here.

It holds the request and the last change that was told, rather than the number of a page, so
that what changes meanwhile hides nothing: it comes again at the end.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from catalogue.export.oai.requests import TOKEN, Asked, Refusal

_LONGEST = 2_000


@dataclass(frozen=True)
class Place:
    """A place in a list: what was asked, after what it goes on, how many came before.

    ``after`` is the number of a change, or the scope of a set.
    """

    verb: str
    prefix: str = ""
    set: str = ""
    from_: str = ""
    until: str = ""
    after: int | str = 0
    told: int = 0

    def moved(self, after: int | str, more: int) -> Place:
        """The place after so many more."""
        return replace(self, after=after, told=self.told + more)


def written(place: Place) -> str:
    """The token for a place."""
    return str(_serializer().dumps(astuple(place)))


def place_of(asked: Asked) -> Place:
    """Where a request begins or goes on; refuses a token that was not written for its verb."""
    if not (token := asked[TOKEN]):
        return Place(
            asked.verb, asked["metadataPrefix"], asked["set"], asked["from"], asked["until"]
        )
    try:
        place = Place(*_serializer().loads(token)) if len(token) <= _LONGEST else None
    except (BadData, TypeError):  # not ours, or of another version of this program
        place = None
    if place is None or place.verb != asked.verb:
        raise Refusal(
            "badResumptionToken",
            "This catalogue did not write that token for this verb; begin again without it.",
        )
    return place


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="oai")
