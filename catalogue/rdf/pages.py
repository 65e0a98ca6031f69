"""A scope in pages that every harvester can walk.

A page begins after the record that ended the one before (keyset), so nothing is read twice
or passed over while records come and go; an edited record does not move.  Its last page has
no ``next``.  One page is told in three ways: as a Hydra view, as an LDP container, and by the
``Link`` header that the view of the web adds.
Sources: Hydra Core Vocabulary; Linked Data Platform 1.0; the readers' rules are told in
``docs/harvesting.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from catalogue.changes import Change
from catalogue.profile import Document, Names
from catalogue.profile.dates import datatype_of, instant
from catalogue.rdf.formats import Format
from catalogue.rdf.fragments import kept, piece
from catalogue.rdf.graph import CATALOGUE, Graphs
from catalogue.rdf.listing import NETWORK, Scope
from catalogue.records.models import Facet, Fragment, Listing, Record
from catalogue.terms import RDF_TYPE, XSD, Statement, iri, literal

_LAST = 2**62


@dataclass(frozen=True)
class Page:
    """One page of a scope: its records, of how many, in which state of the catalogue."""

    scope: Scope
    after: int
    records: Sequence[int]
    total: int | None
    links: Mapping[str, int]
    changed: str


@dataclass(frozen=True)
class Address:
    """Where the pages of a feed are: one path, and what is asked for besides the page."""

    path: str
    asked: tuple[tuple[str, str], ...] = ()

    def page(self, after: int) -> str:
        """The address of the page after a record."""
        cursor = [("after", str(after))] if after else []
        query = urlencode([*cursor, *self.asked])
        return f"{self.path}?{query}" if query else self.path


def page_of(session: Session, scope: Scope, after: int, size: int, position: int) -> Page:
    """The page after a record as of a change; empty if nothing comes after it any more.

    ``links`` holds for each relation (first, previous, next, last) the record it begins after.
    """
    found = scope.after(session, after, size + 1)
    links = {"first": 0}
    if after:
        earlier = scope.before(session, after, size + 1)
        links["previous"] = earlier[size] if len(earlier) > size else 0
    if len(found) > size:
        links["next"] = found[size - 1]
    total = scope.total(session)
    if total is not None:
        rest = total % size or size
        final = scope.before(session, _LAST, rest + 1)
        links["last"] = final[rest] if len(final) > rest else 0
    change = session.get(Change, position)
    changed = instant(change.at) if change else ""
    return Page(scope, after, found[:size], total, links, changed)


@dataclass(frozen=True)
class _Root:
    """The catalogue that a page belongs to: its reference, and the record it comes from."""

    reference: str
    record: int | None
    described: bool


class Pages:
    """Writes pages; ``title`` names the catalogue where no record stands for it.

    Under the records' own profile a page is made of cached fragments.  Under a narrower one, or
    ``self_contained``, its records are described anew: that takes longer.
    """

    def __init__(self, graphs: Graphs, title: str, *, self_contained: bool = False) -> None:
        self.graphs = graphs
        self.title = title
        self.self_contained = self_contained

    def write(self, session: Session, page: Page, address: Address, format: Format) -> bytes:
        """A page in a format: its records, whom they name, the catalogue, the page itself."""
        root = self._root(session, page.scope)
        members = session.execute(
            select(Record.iri, Record.kind, Record.key, Listing.scope)
            .join(
                Listing,
                and_(
                    Listing.record_id == Record.id, Listing.scope == root.reference, ~Listing.gone
                ),
                isouter=True,
            )
            .where(Record.id.in_(page.records))
            .order_by(Record.id)
        ).all()
        numbers = [*page.records, *self._beside(session, page, root)]
        about = [*self._head(session, page, root), *self._view(page, root, members, address)]
        writer = format.writer(self.graphs.records.profile.prefixes)
        if self.self_contained or self.graphs.is_narrower:
            records = session.scalars(
                select(Record).where(Record.id.in_(numbers)).order_by(Record.id)
            ).all()
            whole = self.self_contained
            statements = self.graphs.together(session, records, self_contained=whole)
            return writer.once([writer.piece([*statements, *about]).encode()])
        rows = session.scalars(
            select(kept(format)).where(Fragment.record_id.in_(numbers)).order_by(Fragment.record_id)
        )
        # What several records tell, of a licence for example, is told once.
        return writer.once([*(piece(format, row) for row in rows), writer.piece(about).encode()])

    def _term(self, name: str) -> str:
        # What is said of pages is no matter of the profile that records are told under.
        return iri(self.graphs.records.profile.expand(name))

    def _root(self, session: Session, scope: Scope) -> _Root:
        reference = scope.name or self.graphs.network.removeprefix(self.graphs.base)
        found = session.execute(
            select(Fragment.record_id, Fragment.kind).join(Record).where(Record.iri == reference)
        ).one_or_none()
        record = found.record_id if found else None
        if found and found.kind == "catalogue":
            return _Root(reference, record, described=True)
        # Of an organisation's datasets as a whole nobody wrote a description.
        return _Root(reference + ("#catalogue" if found else ""), record, described=False)

    def _beside(self, session: Session, page: Page, root: _Root) -> Sequence[int]:
        """The catalogue or organisation itself, and the organisations that are named.

        The pages of the whole network tell of its catalogues as well.
        """
        own = [root.record] if root.record else []
        kinds = ("agent", "catalogue") if page.scope.name == NETWORK else ("agent",)
        named = select(Facet.value).where(Facet.record_id.in_([*page.records, *own]))
        found = select(Record.id).where(Record.iri.in_(named), Record.kind.in_(kinds))
        return [*own, *session.scalars(found)]

    def _head(self, session: Session, page: Page, root: _Root) -> Iterator[Statement]:
        """What is said of the catalogue besides its own description, or in place of one."""
        names = Names(self.graphs.base, root.reference)
        node, shape = iri(names.absolute(root.reference)), self.graphs.profile[CATALOGUE]
        if not root.described:
            yield from shape.statements(self._stand_in(session, page.scope), node, names)
        if page.changed:
            yield (
                node,
                shape["modified"].predicate,
                literal(page.changed, datatype_of(page.changed)),
            )

    def _stand_in(self, session: Session, scope: Scope) -> Document:
        """A description of a catalogue that nobody described."""
        holder = session.scalar(select(Record).where(Record.iri == scope.name))
        title = f"{self.title}: {holder.title}" if holder else self.title
        document: Document = {
            "title": {"en": title},
            "description": {"en": f"The datasets described in {title}."},
            "language": [self.graphs.profile.vocabularies["language"].by_code["ENG"].iri],
        }
        return {**document, "publisher": holder.iri} if holder else document

    def _view(
        self, page: Page, root: _Root, members: Sequence[Row[str, str, str, str]], address: Address
    ) -> Iterator[Statement]:
        names = Names(self.graphs.base)
        catalogue = names.absolute(root.reference)
        node, view = iri(catalogue), iri(address.page(page.after))
        yield node, RDF_TYPE, self._term("hydra:Collection")
        if page.total is not None:
            yield node, self._term("hydra:totalItems"), literal(str(page.total), XSD + "integer")
        yield node, self._term("hydra:view"), view
        for record in members:
            if record.scope is None:  # what lists itself there says so in its own fragment
                yield from self.graphs.member(catalogue, record)
        yield view, RDF_TYPE, self._term("hydra:PartialCollectionView")
        for relation, after in page.links.items():
            yield view, self._term(f"hydra:{relation}"), iri(address.page(after))
        # Readers of LDP know no pages: to them the next one is a container within this one.
        yield view, RDF_TYPE, self._term("ldp:DirectContainer")
        yield view, self._term("ldp:membershipResource"), node
        yield (
            view,
            self._term("ldp:hasMemberRelation"),
            self.graphs.profile[CATALOGUE]["dataset"].predicate,
        )
        for record in members:
            if record.kind != "service":
                yield view, self._term("ldp:contains"), iri(names.absolute(record.iri))
        if "next" in page.links:
            yield view, self._term("ldp:contains"), iri(address.page(page.links["next"]))
