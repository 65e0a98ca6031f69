"""The cached RDF of every published record: written once a revision, read by pages and dumps."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Sequence
from functools import partial

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session

from catalogue.rdf import listing
from catalogue.rdf.graph import Graphs
from catalogue.rdf.soundness import sound
from catalogue.rdf.turtle import Turtle, ntriples
from catalogue.records.damage import spared
from catalogue.records.models import Fragment, Record

log = structlog.get_logger()


class FragmentFollower:
    """The ``rdf`` follower: keeps the fragment of each published record."""

    name = "rdf"

    def __init__(self, graphs: Graphs) -> None:
        self.graphs = graphs
        self._turtle = Turtle(graphs.profile.prefixes)
        # Another public address or another table makes every fragment another.
        said = f"{graphs.base}{graphs.profile.version}{listing.VERSION}"
        self.version = hashlib.sha256(said.encode()).hexdigest()[:16]

    applied = None

    def beside(self) -> None:
        """A table is built anew in place, in one transaction a batch."""

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Write the fragments of these records anew; withdrawn ones lose theirs."""
        session.execute(delete(Fragment).where(Fragment.record_id.in_([r.id for r in records])))
        session.add_all(filter(None, map(self.fragment, records)))
        listing.keep(session, records, dict(self._scopes(records)))

    def _scopes(self, records: Sequence[Record]) -> Iterator[tuple[int, listing.Scopes]]:
        """The scopes of each record that is not damaged, by its number."""
        for record in records:
            shape = self.graphs.records.shape(record.kind)
            found = spared(record, partial(listing.scopes_of, shape, record))
            if found is not None:
                yield record.id, found

    def fragment(self, record: Record) -> Fragment | None:
        """The fragment of one record; what cannot be serialised is left out and named."""
        found = spared(record, lambda: self.graphs.fragment(record))
        if found == []:
            return None
        statements, fault = ([], "the record is damaged") if found is None else sound(found)
        if fault:
            log.warning("left out of RDF", record=record.iri, fault=fault)
        return Fragment(
            record_id=record.id,
            revision=record.revision,
            kind=record.kind,
            turtle=self._turtle.write(statements).encode(),
            ntriples=gzip.compress(ntriples(statements).encode(), compresslevel=1, mtime=0),
            fault=fault,
        )

    def clear(self, session: Session) -> None:
        """Forget every fragment."""
        session.execute(delete(Fragment))
        listing.count(session)
