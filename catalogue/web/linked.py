"""One address, several representations: suffixes, ``Accept``, profiles, ETags, gzip, ``Link``.

Source of what is said of profiles: Content Negotiation by Profile (W3C), its profiles for
HTTP headers and for parameters of addresses; a parameter goes before a header.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from catalogue.errors import BadRequest
from catalogue.rdf.formats import FORMATS, Format, negotiate
from catalogue.rdf.graph import Graphs
from catalogue.web.current import catalogue

#: What a rule takes as the suffix of a format.
SUFFIX = "any(" + ",".join(FORMATS) + ")"
#: Below so many bytes nothing is gained by packing.
_SMALL = 1_000
#: The parameters that say how a description is told.
PROFILE, SELF_CONTAINED = "profile", "self_contained"
_BOOLEANS = {"true": True, "false": False}


def wanted(suffix: str | None, *, html: bool = True) -> Format | None:
    """The format asked for by suffix or ``Accept``; None for the page."""
    if suffix is not None:
        return FORMATS[suffix]
    return negotiate(request.headers.get("Accept"), html=html)


@dataclass(frozen=True)
class Telling:
    """How a description is told: under which profile, and with or without what it refers to."""

    graphs: Graphs
    self_contained: bool
    #: What the address itself says of it; to be kept in addresses that lead on from there.
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """Its part of an ETag."""
        return f"{self.graphs.profile.version[:8]}-{'whole' if self.self_contained else 'bare'}"

    def links(
        self, address: str, format: Format, here: Mapping[str, str] | None = None
    ) -> list[str]:
        """The profiles this follows, and the same document under the others, for ``Link``.

        ``here`` is what else the address says of which document it is.
        """
        profiles = catalogue.profiles
        kept = {name: said for name, said in self.query.items() if name != PROFILE}
        kept = {**(here or {}), **kept}
        found = []
        for token, one in profiles.items():
            is_default = one is profiles.in_force
            query = urlencode(kept if is_default else {**kept, PROFILE: token})
            found.append(
                f"<{address}{'?' * bool(query)}{query}>; "
                f'rel="{"canonical" if is_default else "alternate"}"; '
                f'type="{format.media_type}"; profile="{one.profile.iri}"'
            )
        return found + [f'<{one}>; rel="profile"' for one in self.graphs.profile.conforms_to]

    def say(self, response: AnyResponse) -> None:
        """Name the profiles that an answer follows, the most special first."""
        followed = reversed(self.graphs.profile.conforms_to)
        response.headers["Content-Profile"] = ", ".join(f"<{one}>" for one in followed)
        response.headers["Vary"] = "Accept, Accept-Profile, Accept-Encoding"


def profile_wanted(*, self_contained: bool) -> Telling:
    """How a description is to be told, by ``?profile=``, ``Accept-Profile``, ``?self_contained=``.

    ``self_contained`` is what holds if the address does not say.  Raises :class:`BadRequest`
    for a profile or a switch that there is not; a header that names none gets the default.
    """
    query = {n: request.args[n] for n in (PROFILE, SELF_CONTAINED) if request.args.get(n)}
    if name := query.get(PROFILE):
        found = catalogue.profiles.named(name)
        if found is None:
            tokens = ", ".join(catalogue.profiles)
            raise BadRequest(f'There is no profile "{name[:80]}"; the profiles are {tokens}.')
        query[PROFILE] = found.profile.name
    else:
        found = catalogue.profiles.negotiate(request.headers.get("Accept-Profile", ""))
    switch = query.get(SELF_CONTAINED)
    if switch is not None and switch not in _BOOLEANS:
        raise BadRequest(f'{SELF_CONTAINED} is true or false, not "{switch[:20]}".')
    whole = self_contained if switch is None else _BOOLEANS[switch]
    return Telling(found, whole, query)


def answer(
    make: Callable[[], bytes | str],
    content_type: str,
    tag: str,
    *,
    alternates: str = "",
    telling: Telling | None = None,
) -> Response:
    """An answer with an ETag; made only if the asker does not have it already."""
    response = Response(content_type=content_type)
    tag = f"{tag}-{telling.tag}" if telling else tag
    response.set_etag(tag)
    response.headers["Vary"] = "Accept, Accept-Encoding"
    response.headers["Cache-Control"] = "no-cache"
    if alternates:
        add_links(response, alternates)
    if telling:
        telling.say(response)
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
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
    links = formats_of(path)
    links += [f'<{profile}>; rel="profile"' for profile in catalogue.profile.conforms_to]
    response.headers["Link"] = ", ".join(links)
    return response


def formats_of(path: str, query: Mapping[str, str] | None = None) -> list[str]:
    """The formats of a record, for ``Link``."""
    base, asked = catalogue.settings.public_address, "?" + urlencode(query) if query else ""
    return [
        f'<{base}{path}.{one.suffix}{asked}>; rel="alternate"; type="{one.media_type}"'
        for one in FORMATS.values()
    ]
