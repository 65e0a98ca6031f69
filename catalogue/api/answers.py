"""How the interface answers: JSON with an ETag, made only for those who lack it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from catalogue.errors import NotAcceptable
from catalogue.web.current import absolute as absolute
from catalogue.web.current import catalogue, viewer

JSON, JSON_LD = "application/json", "application/ld+json"


class Written(str):
    """A part of an answer that is JSON already.

    Thousands of small objects a request cost more to make, to write and to collect again
    than the search itself.
    """


def answer(
    make: Callable[[], Mapping[str, Any]], *state: object, offers: Sequence[str] = (JSON,)
) -> Response:
    """An answer that holds for a state of the catalogue; ``next`` of it is a ``Link`` as well.

    ``state`` is what the answer follows from beside the program and its tables.
    """
    content_type = wanted(offers)
    response = Response(content_type=content_type)
    tag = tag_of(content_type, *_audience(), *state)
    response.set_etag(tag)
    response.headers["Vary"] = "Accept"
    # Members may see more than everybody; a shared cache must not hand that on.
    response.headers["Cache-Control"] = "private, no-cache" if viewer.signed_in else "no-cache"
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        return response
    content = make()
    if content.get("next"):
        response.headers["Link"] = f'<{content["next"]}>; rel="next"'
    response.set_data(object_of(content))
    return response


def object_of(members: Mapping[str, Any]) -> Written:
    """A JSON object of its members, some of which may be written already."""
    return Written("{" + ",".join(f"{dumps(key)}:{_part(members[key])}" for key in members) + "}")


def _part(value: Any) -> str:
    return value if isinstance(value, Written) else dumps(value)


#: JSON as short as it goes: indented, it would take Python's slow way of writing.
dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def tag_of(*state: object) -> str:
    """A short name for a state, and for what the program makes of it."""
    said = repr((catalogue.version, *state))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def with_query(address: str, parameters: Iterable[tuple[str, str]]) -> str:
    """An address with parameters, in their order."""
    query = urlencode(list(parameters))
    if not query:
        return address
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _audience() -> tuple[object, ...]:
    """What of the asker the answer follows from; nothing for everybody."""
    if not viewer.signed_in:
        return ()
    return (viewer.user, viewer.role, sorted(viewer.roles))


def wanted(offers: Sequence[str]) -> str:
    """The media type that ``Accept`` asks for; raises :class:`NotAcceptable` if it is no JSON."""
    accept = request.headers.get("Accept")
    if not accept or not accept.strip():
        return offers[0]
    best = parse_accept_header(accept, MIMEAccept).best_match(offers)
    if best is None:
        raise NotAcceptable(f"This is to be had as {' or '.join(offers)} only.")
    return best
