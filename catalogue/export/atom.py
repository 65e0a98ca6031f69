"""A search as an Atom feed: what is new among the datasets that answer it.

The parameters are those of the page of results; the order is always the newest description
first.  Sources: RFC 4287 (Atom), RFC 5005 section 3 (paged feeds).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import defer

from catalogue.changes import Change
from catalogue.export import blueprint, xml
from catalogue.profile import Document, Shape
from catalogue.profile.dates import instant
from catalogue.records.models import Record
from catalogue.records.naming import names_of
from catalogue.search.engine import MODIFIED, RELEVANCE
from catalogue.search.query import Query
from catalogue.web.current import catalogue, last_change, session
from catalogue.web.linked import answer
from catalogue.web.names import remember, target
from catalogue.web.results import chips
from catalogue.web.sections import BROKEN
from catalogue.web.summaries import card
from catalogue.web.words import Phrase

log = structlog.get_logger()
#: Entries on a page of the feed.
_SIZE = 50
_TYPE = "application/atom+xml"


@blueprint.get("/datasets.atom")
def follow() -> Response:
    """The datasets that answer a query as an Atom feed, the newest description first."""
    query = replace(catalogue.given.query(request.args.items(multi=True), _SIZE), sort=MODIFIED)
    generation = catalogue.finder.engine.reader().generation
    state = f"{query.address('')}-{last_change()}-{generation}-{catalogue.version}"
    tag = f"atom-{hashlib.sha256(state.encode()).hexdigest()[:20]}"
    return answer(lambda: _feed(query), f"{_TYPE}; charset=utf-8", tag)


def _feed(query: Query) -> str:
    found = catalogue.finder.find(query, counting=False)
    # What holds only most of the words is no news to somebody who follows all of them.
    total, numbers = (0, ()) if found.relaxed else (found.total, found.records)
    records = _records(numbers)
    content = (
        xml.text("id", _address(query.turned(1))),
        xml.text("title", _title(query)),
        xml.text("updated", instant(max((one.modified for one in records), default=_last()))),
        *(_link(relation, address) for relation, address in _pages(query, total)),
        _link(
            "alternate", query.address(catalogue.settings.public_address + "datasets"), "text/html"
        ),
        xml.element("author", xml.text("name", catalogue.settings.title)),
        *(entry for one in records if (entry := _spared(one))),
    )
    root = {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"}
    return xml.DECLARATION + xml.element("feed", content, root)


def _records(numbers: Sequence[int]) -> list[Record]:
    """Some records in the order of their numbers; who they refer to is looked up at once."""
    wanted = select(Record).where(Record.id.in_(numbers)).options(defer(Record.draft))
    known = {record.id: record for record in session.scalars(wanted)}
    records = [known[one] for one in numbers if one in known]
    remember(record.publisher for record in records if record.publisher)
    return records


def _last() -> datetime:
    """When the catalogue last changed: a feed without entries has no moment of its own."""
    change = session.get(Change, last_change())
    return change.at if change else datetime.fromtimestamp(0, UTC)


def _title(query: Query) -> str:
    """The search in words."""
    said = [f"“{query.text}”"] if query.text else []
    said += [f"{chip.label}: {chip.value}" for chip in chips(query)]
    which = f" – {', '.join(said)}" if said else ""
    return f"{catalogue.settings.title}: datasets{which}"


def _address(query: Query) -> str:
    plain = replace(query, sort=RELEVANCE)  # the feed has one order, which needs no words
    return plain.address(catalogue.settings.public_address + "datasets.atom")


def _pages(query: Query, total: int) -> Iterator[tuple[str, str]]:
    """This page, the first one, and those beside it."""
    yield "self", _address(query)
    yield "first", _address(query.turned(1))
    if query.page > 1:
        yield "previous", _address(query.turned(query.page - 1))
    if total > query.offset + query.size and query.page < query.deepest:
        yield "next", _address(query.turned(query.page + 1))


def _link(relation: str, address: str, type: str = _TYPE) -> str:
    return xml.element("link", "", {"rel": relation, "type": type, "href": address})


def _spared(record: Record) -> str:
    try:
        return _entry(record)
    except BROKEN as error:
        log.warning("record cannot be told in a feed", record=record.iri, error=str(error))
        return ""


def _entry(record: Record) -> str:
    """A dataset as an entry; empty if the world may not see it, or it cannot be read."""
    known = card(record)
    if known.summary is None or known.described is None:
        return ""
    shape, document = known.described.shape, known.described.document
    base, title = catalogue.settings.public_address, catalogue.settings.title
    page = base + known.summary.path
    holders = [
        target(value).title.text
        for one in shape
        if one.column == "publisher"
        for value in one.values(document)
    ]
    return xml.element(
        "entry",
        (
            xml.text("id", names_of(record, base).absolute(record.iri)),
            _phrase("title", known.summary.title),
            xml.text("updated", instant(record.modified)),
            xml.text("published", instant(record.issued or record.created)),
            xml.element("author", xml.text("name", next(filter(None, holders), title))),
            _link("alternate", page, "text/html"),
            _link("alternate", f"{page}.ttl", "text/turtle"),
            _phrase("summary", known.summary.excerpt),
            *map(_category, dict.fromkeys(_subjects(shape, document))),
        ),
    )


def _phrase(name: str, said: Phrase) -> str:
    return xml.text(name, said.text, {"xml:lang": said.language})


def _subjects(shape: Shape, document: Document) -> Iterator[str]:
    """The concepts by which people browse first."""
    facets = catalogue.profile.facets
    for name, value in shape.facets(document):
        if facets[name].leading and facets[name].value.kind == "concept":
            yield value


def _category(value: str) -> str:
    label = catalogue.vocabularies.label(value)
    return xml.element("category", "", {"term": value, "label": label})
