"""What the store holds: published records from their fragments, vocabularies, our own terms."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.profile.names import Names
from catalogue.profile.reference import own_terms
from catalogue.rdf.dumps import fragments
from catalogue.rdf.formats import N_TRIPLES
from catalogue.rdf.fragments import piece
from catalogue.rdf.graph import Graphs
from catalogue.records.models import Fragment, Record
from catalogue.sparql.store import Graph

#: Changes when a store of an older program must be built anew.
_LAYOUT = "1"


class Contents:
    """The named graphs of one catalogue."""

    def __init__(self, graphs: Graphs, vocabularies: Path) -> None:
        self._profile, self._names = graphs.profile, Names(graphs.base)
        self._vocabularies = vocabularies
        said = (_LAYOUT, graphs.base, self._profile.version, self._profile.vocabularies.version)
        #: Changes when every graph may be another.
        self.version = hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]

    def fixed(self) -> Iterator[Graph]:
        """The vocabularies, each named as its scheme, and our own terms."""
        for name, vocabulary in self._profile.vocabularies.items():
            file = self._vocabularies / f"{name}.ttl"
            yield Graph(vocabulary.iri, _ntriples(file.read_bytes()))
        yield Graph(self._profile.own, _ntriples(own_terms(self._profile).encode()))

    def records(self, session: Session) -> Iterator[Graph]:
        """Every published record, in constant memory."""
        for reference, triples in fragments(session, N_TRIPLES):
            yield Graph(self._names.absolute(reference), triples)

    def changed(self, session: Session, records: Iterable[int]) -> Sequence[Graph]:
        """Some records as they are now; those that are not public any more have no statements."""
        rows = session.execute(
            select(Record.iri, Fragment.ntriples)
            .outerjoin(Fragment, Fragment.record_id == Record.id)
            .where(Record.id.in_(set(records)))
            .order_by(Record.id)
        )
        return [
            Graph(self._names.absolute(iri), piece(N_TRIPLES, found) if found else None)
            for iri, found in rows
        ]


def _ntriples(turtle: bytes) -> bytes:
    parsed = ox.parse(turtle, format=ox.RdfFormat.TURTLE)
    return bytes(ox.serialize(parsed, format=ox.RdfFormat.N_TRIPLES) or b"")
