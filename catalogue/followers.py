"""The views that follow from the change log: facets, RDF and search."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from catalogue.records.damage import spared
from catalogue.records.models import Facet, Record
from catalogue.records.records import Records
from catalogue.records.visibility import public
from catalogue.search.engine import SearchEngine
from catalogue.search.entry import Called, Entry, entry_of, facets_of


class FacetFollower:
    """The ``facets`` follower: facet values and links in SQL, for counts and backlinks."""

    name = "facets"

    def __init__(self, records: Records) -> None:
        self.records = records
        self.version = _views_of_tables(records)

    applied = None

    def beside(self) -> None:
        """A table is built anew in place, in one transaction a batch."""

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Write the values of these records anew."""
        session.execute(delete(Facet).where(Facet.record_id.in_([r.id for r in records])))
        rows: list[dict[str, object]] = []
        for record in records:
            found = spared(record, partial(self.values, record))
            rows += [
                {"record_id": record.id, "field": field, "value": value, "kind": record.kind}
                for field, value in sorted(found or ())
            ]
        if rows:
            session.execute(insert(Facet), rows)

    def values(self, record: Record) -> set[tuple[str, str]]:
        """Every (field, value) of a record that the world may see; references are values too."""
        shape = self.records.shape(record.kind)
        document = public(shape, record)
        if document is None:
            return set()
        links = ((one.name, reference) for one, reference in shape.references(document))
        return {*facets_of(shape, document), *links}

    def clear(self, session: Session) -> None:
        """Forget every value."""
        session.execute(delete(Facet))


class SearchFollower:
    """The ``search`` follower: the full-text index."""

    name = "search"

    def __init__(self, records: Records, engine: SearchEngine) -> None:
        self.records = records
        self.engine = engine

    @property
    def version(self) -> str:
        """The version of the index: it changes when an index is lost or its fields change."""
        return f"{self.engine.version}-{_views_of_tables(self.records)}"

    @property
    def applied(self) -> int:
        """How far the log was read for what the index holds."""
        return self.engine.position

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Bring the index up to date; records named in others are looked up as they are now."""
        entries, gone = [], []
        for record in (*records, *_naming(session, records)):
            make = partial(entry_of, self.records, session, record)
            if entry := spared(record, make):
                entries.append(entry)
            else:
                gone.append(record.id)
        self.engine.update(entries, gone, position)

    def clear(self, session: Session) -> None:
        """Nothing is cleared: an index is built beside the one in use."""

    def beside(self) -> IndexBeside:
        """A new index, to be filled while this one answers."""
        return IndexBeside(self)


class IndexBeside:
    """A search index that is being built while another one answers."""

    def __init__(self, follower: SearchFollower) -> None:
        self._in_use = follower.engine
        self._new = SearchFollower(follower.records, follower.engine.beside())

    def fill(self, session: Session, records: Iterable[Record], position: int) -> None:
        """Take in every record as one segment."""
        called = Called(self._new.records, session)
        entries = (
            entry
            for record in records
            if (entry := spared(record, partial(self._entry, session, record, called)))
        )
        self._new.engine.update(entries, (), position)

    def _entry(self, session: Session, record: Record, called: Called) -> Entry | None:
        return entry_of(self._new.records, session, record, called)

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Take in what changed meanwhile."""
        self._new.apply(session, records, position)

    def take_over(self) -> None:
        """Answer from the new index from now on."""
        self._in_use.take_over(self._new.engine)


def _views_of_tables(records: Records) -> str:
    """Changes with the property table and with the labels and hierarchies of vocabularies."""
    profile = records.profile
    return hashlib.sha256((profile.version + profile.vocabularies.version).encode()).hexdigest()[
        :16
    ]


def _naming(session: Session, records: Sequence[Record]) -> Sequence[Record]:
    """The records that name one of these, whose name may be another now.

    A record at its first revision had no other name; so a first load does nothing twice.
    """
    changed = [record.iri for record in records if record.revision > 1]
    if not changed:
        return ()
    naming = select(Facet.record_id).where(Facet.value.in_(changed))
    known = [record.id for record in records]
    return session.scalars(
        select(Record).where(Record.id.in_(naming), Record.id.not_in(known))
    ).all()
