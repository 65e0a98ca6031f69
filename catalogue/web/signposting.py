"""Typed links that lead a program from a record's page to all that belongs to it.

Level 1 of FAIR Signposting is a few ``Link`` headers; level 2 a document with every link, of
the page and of what it leads to (a link set, RFC 9264).  Only what everybody may see is told.
Source: https://signposting.org/FAIR/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Response
from sqlalchemy import select
from werkzeug.urls import iri_to_uri

from catalogue.profile import Document
from catalogue.rdf.formats import FORMATS
from catalogue.rdf.listing import LISTED_IN
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Facet, Record
from catalogue.records.naming import names_of
from catalogue.records.visibility import public
from catalogue.web import croissant, schema_org, words
from catalogue.web.current import catalogue, session
from catalogue.web.linked import PROFILE
from catalogue.web.names import remember, target
from catalogue.web.paths import path as path_for
from catalogue.web.paths import path_of
from catalogue.web.schema_data import licences, media_type, web

#: Of a relation with more links, and of those beyond this length, only the link set tells: a
#: header that proxies cut off is worse than a short one.
_MOST, _LONGEST = 20, 2_400
#: How many members of a catalogue its link set lists; of a larger one the feed tells.
_MOST_MEMBERS = 1_000
JSON, TEXT = "application/linkset+json", "application/linkset"
#: Where persistent identifiers live, the most usual first.
_PERSISTENT = re.compile(
    r"https?://(?:(?:dx\.)?doi\.org|hdl\.handle\.net|ror\.org|orcid\.org|n2t\.net|identifiers\.org"
    r"|w3id\.org|purl\.org)/\S+\Z"
)
_DOI = re.compile(r"(?:doi:\s*)?(10\.\d{4,9}/\S+)\Z", re.I)


@dataclass(frozen=True)
class Link:
    """One typed link; without an anchor it begins at the record's page."""

    rel: str
    href: str
    type: str = ""
    profile: str = ""
    anchor: str = ""

    def __str__(self) -> str:
        """As ``Link`` and ``application/linkset`` write it."""
        said = {"rel": self.rel, "type": self.type, "profile": self.profile, "anchor": self.anchor}
        attributes = "".join(f'; {key}="{value}"' for key, value in said.items() if value)
        return f"<{self.href}>{attributes}"


def add_signposts(response: Response, record: Record) -> Response:
    """The links of level 1 on a record's page, and where the whole set is."""
    found = [*(spared(record, lambda: list(_of_page(record))) or ()), _to_linkset(record)]
    kept, length = list[str](), 0
    for rel in dict.fromkeys(one.rel for one in found):
        same = [str(one) for one in found if one.rel == rel]
        size = sum(map(len, same))
        if len(same) <= _MOST and (length + size <= _LONGEST or rel == "linkset"):
            kept += same
            length += size
    _add(response, kept)
    return response


def add_described(response: Response, record: Record) -> Response:
    """On a document about a record: which page it describes, and where the whole set is."""
    _add(response, map(str, (Link("describes", _page(record), "text/html"), _to_linkset(record))))
    return response


def linkset(record: Record) -> list[Link]:
    """Every link of a record's page, and those back from what it leads to."""
    page = _page(record)
    found = [*_of_page(record, whole=True), *_members(record)]
    back = {"describedby": "describes", "item": "collection"}
    return [
        *(Link(one.rel, one.href, one.type, one.profile, page) for one in found),
        *(
            Link(back[one.rel], page, "text/html", anchor=one.href)
            for one in found
            if one.rel in back and not (one.rel == "item" and record.kind == "catalogue")
        ),
    ]


def as_json(links: Iterable[Link]) -> str:
    """A link set as JSON (RFC 9264, 4.2); attributes of others' making are lists."""
    contexts: dict[str, dict[str, list[dict[str, object]]]] = {}
    for one in links:
        told: dict[str, object] = {"href": one.href}
        if one.type:
            told["type"] = one.type
        if one.profile:
            told["profile"] = [one.profile]
        contexts.setdefault(one.anchor, {}).setdefault(one.rel, []).append(told)
    sets = [{"anchor": anchor, **relations} for anchor, relations in contexts.items()]
    return json.dumps({"linkset": sets}, indent=1)


def as_text(links: Iterable[Link]) -> str:
    """A link set as one long ``Link`` field (RFC 9264, 4.1)."""
    return ",\n".join(map(str, links)) + "\n"


# ------------------------------------------------------------------------------------


def _of_page(record: Record, *, whole: bool = False) -> Iterator[Link]:
    """The links of a page; ``whole`` adds the profiles beside the one in force."""
    shape = catalogue.records.shape(record.kind)
    document = public(shape, record)
    if document is None:
        return
    names = names_of(record, catalogue.settings.public_address)
    yield Link("cite-as", _cited(document) or iri_to_uri(names.absolute(record.iri)))
    yield Link("type", "https://schema.org/AboutPage")
    yield Link("type", f"https://schema.org/{schema_org.type_of(record.kind)}")
    yield from _descriptions(record, whole=whole)
    if licence := _licence(document):
        yield Link("license", licence)
    for part in document.get("distribution", ()):
        for address in web(part.get("download_url", ())):
            yield Link("item", iri_to_uri(address), media_type(part))
    authors = document.get("creator") or [document.get("publisher")]
    remember(one for one in authors if isinstance(one, str))
    for reference in authors:
        if isinstance(reference, str) and (to := target(reference)).title.text:
            address = names.absolute(reference) if to.path else to.address
            yield Link("author", iri_to_uri(address))
    for reference in document.get(LISTED_IN, ()):
        if (to := target(reference)).path:
            yield Link("collection", _absolute(to.path), "text/html")


def _descriptions(record: Record, *, whole: bool) -> Iterator[Link]:
    """The documents that describe a record, those under the profile in force first."""
    address, profiles = _page(record), catalogue.profiles
    if path := croissant.path_to(record):
        yield Link("describedby", _absolute(path), croissant.MEDIA_TYPE, croissant.CONFORMS_TO)
    for token, graphs in profiles.items():
        is_default = graphs is profiles.in_force
        if (is_default or whole) and record.kind in graphs.profile.records:
            query = "" if is_default else f"?{PROFILE}={token}"
            for one in FORMATS.values():
                href = f"{address}.{one.suffix}{query}"
                yield Link("describedby", href, one.media_type, graphs.profile.iri)


def _members(record: Record) -> Iterator[Link]:
    """What a catalogue lists, if that is not too much for one document."""
    if record.kind != "catalogue":
        return
    found = session.execute(
        select(Record.kind, Record.slug)
        .join(Facet, Facet.record_id == Record.id)
        .where(Facet.field == LISTED_IN, Facet.value == record.iri, Record.state == PUBLISHED)
        .limit(_MOST_MEMBERS + 1)
    ).all()
    if len(found) <= _MOST_MEMBERS:
        for kind, slug in sorted(map(tuple, found)):
            yield Link("item", _absolute(path_for(kind, slug)), "text/html")


def _to_linkset(record: Record) -> Link:
    return Link("linkset", f"{_page(record)}/linkset.json", JSON)


def _cited(document: Document) -> str:
    """The persistent identifier among the identifiers; empty if there is none."""
    others = (part.get("notation", "") for part in document.get("other_identifier", ()))
    for text in (*document.get("identifier", ()), *others):
        if match := _DOI.match(text.strip()):
            return iri_to_uri(f"https://doi.org/{match[1]}")
        if _PERSISTENT.match(text.strip()):
            return iri_to_uri(text.strip())
    return ""


def _licence(document: Document) -> str:
    """The licence that all distributions have; empty if one has another, or none."""
    found = {
        next((iri_to_uri(one) for one in licences(part) if words.is_web(one)), "")
        for part in document.get("distribution", ())
    }
    return found.pop() if len(found) == 1 else ""


def _page(record: Record) -> str:
    return _absolute(path_of(record))


def _absolute(path: str) -> str:
    return iri_to_uri(catalogue.settings.public_address + path)


def _add(response: Response, links: Iterable[str]) -> None:
    said = [response.headers["Link"]] if "Link" in response.headers else []
    response.headers["Link"] = ", ".join([*said, *links])
