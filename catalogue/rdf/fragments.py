"""The cached RDF of every published record, and the dump made of it.

A record's fragment is written once a revision; a dump is their concatenation, in constant
memory and without touching rdflib.
"""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence

import pyoxigraph as ox
import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue.rdf import listing
from catalogue.rdf.formats import N_TRIPLES, TURTLE, Format
from catalogue.rdf.graph import Graphs
from catalogue.rdf.soundness import sound
from catalogue.rdf.turtle import Turtle, header, ntriples
from catalogue.records.damage import spared
from catalogue.records.models import Fragment, Record

log = structlog.get_logger()
#: Fragments read from the database at a time.
_CHUNK = 1000


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
        listing.keep(session, records, {record.id: self.scopes(record) for record in records})

    def scopes(self, record: Record) -> set[str]:
        """The scopes that list a record; a damaged one is in those of its kind only."""
        shape = self.graphs.records.shape(record.kind)
        found = spared(record, lambda: listing.scopes_of(shape, record))
        return {listing.EVERYTHING} if found is None else found

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
        listing.clear(session)


def fragments(session: Session, column: str) -> Iterator[bytes]:
    """Every fragment in the order of records, in constant memory."""
    wanted = getattr(Fragment, column)
    last = 0
    while True:
        rows = session.execute(
            select(Fragment.record_id, wanted)
            .where(Fragment.record_id > last)
            .order_by(Fragment.record_id)
            .limit(_CHUNK)
        ).all()
        if not rows:
            return
        for _, content in rows:
            yield content
        last = rows[-1][0]


def dump(session: Session, format: Format, prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """The whole catalogue as a document, piece by piece and in constant memory.

    Turtle and N-Triples are the cached fragments put together; the other formats are
    streamed through a temporary file.
    """
    if format is TURTLE:
        yield header(prefixes).encode()
        yield from _joined(fragments(session, "turtle"))
    elif format is N_TRIPLES:
        yield from _joined(gzip.decompress(one) for one in fragments(session, "ntriples"))
    else:
        with tempfile.TemporaryFile() as file:
            ox.serialize(_triples(session), file, format=format.oxigraph, prefixes=dict(prefixes))
            file.seek(0)
            while piece := file.read(1 << 20):
                yield piece


def _triples(session: Session) -> Iterator[ox.Triple]:
    for one in fragments(session, "ntriples"):
        for quad in ox.parse(gzip.decompress(one), format=ox.RdfFormat.N_TRIPLES):
            yield quad.triple


def dump_gzip(session: Session) -> Iterator[bytes]:
    """The whole catalogue as N-Triples in gzip: the members as they lie in the database."""
    yield from _joined(fragments(session, "ntriples"))


def _joined(pieces: Iterator[bytes], size: int = 1 << 20) -> Iterator[bytes]:
    """Small pieces put together to large ones: fewer writes."""
    waiting: list[bytes] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield b"".join(waiting)
