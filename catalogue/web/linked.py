"""One address, several representations: suffixes, ``Accept``, ETags, gzip, ``Link`` headers."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable

from flask import Response, request

from catalogue.rdf.formats import FORMATS, Format, negotiate
from catalogue.web.current import catalogue

#: What a rule takes as the suffix of a format.
SUFFIX = "any(" + ",".join(FORMATS) + ")"
#: Below so many bytes nothing is gained by packing.
_SMALL = 1_000


def wanted(suffix: str | None, *, html: bool = True) -> Format | None:
    """The format asked for by suffix or ``Accept``; None for the page."""
    if suffix is not None:
        return FORMATS[suffix]
    return negotiate(request.headers.get("Accept"), html=html)


def answer(
    make: Callable[[], bytes | str], content_type: str, tag: str, *, alternates: str = ""
) -> Response:
    """An answer with an ETag; made only if the asker does not have it already."""
    response = Response(content_type=content_type)
    response.set_etag(tag)
    response.headers["Vary"] = "Accept, Accept-Encoding"
    response.headers["Cache-Control"] = "no-cache"
    if alternates:
        add_links(response, alternates)
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
    else:
        response.set_data(make())
        _pack(response, tag)
    return response


def digest(said: object) -> str:
    """Part of a tag: a short name for all that an answer depends on."""
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _pack(response: Response, tag: str) -> None:
    """Send it packed to whoever can unpack it; the tag is weak then, for the bytes are others."""
    if request.accept_encodings["gzip"] and len(response.get_data()) > _SMALL:
        response.set_data(gzip.compress(response.get_data(), compresslevel=1, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(tag, weak=True)


def add_links(response: Response, path: str) -> Response:
    """Tell of the other representations and of the profile they follow."""
    base = catalogue.settings.public_address
    links = [
        f'<{base}{path}.{one.suffix}>; rel="alternate"; type="{one.media_type}"'
        for one in FORMATS.values()
    ]
    links += [f'<{profile}>; rel="profile"' for profile in catalogue.profile.conforms_to]
    response.headers["Link"] = ", ".join(links)
    return response
