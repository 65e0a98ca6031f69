"""The catalogue in pages that every harvester can walk.

Order is that of first listing and never changes, so a record that is edited during a walk
does not jump.  One Hydra view a page, its address with the reader's own suffix.
Source: Hydra Core Vocabulary; the readers' rules are told in ``docs/harvesting.md``.
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue.changes import Change, head
from catalogue.errors import NotFound
from catalogue.profile.dates import datatype_of
from catalogue.rdf.formats import TURTLE, Format, convert
from catalogue.rdf.graph import CATALOGUE, Graphs
from catalogue.rdf.turtle import Turtle, header, ntriples
from catalogue.records.models import Facet, Fragment, Record
from catalogue.terms import RDF_TYPE, XSD, Statement, iri, literal

HYDRA = "http://www.w3.org/ns/hydra/core#"
#: The kinds a feed lists; organisations stand beside the datasets that name them.
LISTED = ("dataset", "series", "service")


@dataclass(frozen=True)
class Page:
    """One page: which records, of how many, at which position of the change log."""

    number: int
    size: int
    total: int
    records: Sequence[int]
    position: int
    changed: str

    @property
    def last(self) -> int:
        """The number of the last page; 1 if there is nothing."""
        return max(1, math.ceil(self.total / self.size))

    def links(self) -> list[tuple[str, int]]:
        """The pages one can go to: relation and number; no ``next`` on the last one."""
        links = [("first", 1), ("last", self.last)]
        if self.number > 1:
            links.append(("prev", self.number - 1))
        if self.number < self.last:
            links.append(("next", self.number + 1))
        return links


def page_of(session: Session, number: int, size: int) -> Page:
    """A page of the feed; raises :class:`NotFound` beyond the last one."""
    total = session.execute(
        select(func.count()).select_from(Fragment).where(Fragment.kind.in_(LISTED))
    ).scalar_one()
    records = session.scalars(
        select(Fragment.record_id)
        .where(Fragment.kind.in_(LISTED))
        .order_by(Fragment.record_id)
        .offset((number - 1) * size)
        .limit(size)
    ).all()
    position = head(session)
    change = session.get(Change, position)
    changed = f"{change.at:%Y-%m-%dT%H:%M:%SZ}" if change else ""
    page = Page(number, size, total, records, position, changed)
    if number > page.last:
        raise NotFound(f"There are {page.last} pages; page {number} is not one of them.")
    return page


def write_page(session: Session, graphs: Graphs, page: Page, address: str, format: Format) -> bytes:
    """A page in a format: its datasets, the organisations and catalogues, the view."""
    wanted = [*page.records, *_beside(session, page)]
    rows = session.execute(
        select(Fragment.turtle, Fragment.ntriples)
        .where(Fragment.record_id.in_(wanted))
        .order_by(Fragment.record_id)
    ).all()
    view = list(_view(graphs, page, address))
    prefixes = graphs.profile.prefixes
    if format is TURTLE:
        pieces = [header(prefixes).encode(), *(row.turtle for row in rows)]
        return b"".join((*pieces, Turtle(prefixes).write(view).encode()))
    source = b"".join(gzip.decompress(row.ntriples) for row in rows) + ntriples(view).encode()
    return source if format.suffix == "nt" else convert(source, format, prefixes)


def _beside(session: Session, page: Page) -> Sequence[int]:
    """The organisations and catalogues that the records of a page refer to."""
    named = select(Facet.value).where(Facet.record_id.in_(page.records))
    return session.scalars(
        select(Record.id).where(Record.iri.in_(named), Record.kind.in_(("agent", "catalogue")))
    ).all()


def _view(graphs: Graphs, page: Page, address: str) -> Iterator[Statement]:
    collection = iri(graphs.network)
    view = iri(f"{address}?page={page.number}")
    relations = {"prev": "previous"}
    yield collection, RDF_TYPE, iri(HYDRA + "Collection")
    modified = graphs.profile[CATALOGUE]["modified"].predicate
    if page.changed:
        yield collection, modified, literal(page.changed, datatype_of(page.changed))
    yield collection, iri(HYDRA + "totalItems"), literal(str(page.total), XSD + "integer")
    yield collection, iri(HYDRA + "view"), view
    yield view, RDF_TYPE, iri(HYDRA + "PartialCollectionView")
    for relation, number in page.links():
        name = relations.get(relation, relation)
        yield view, iri(HYDRA + name), iri(f"{address}?page={number}")
