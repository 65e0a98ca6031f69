"""The cached RDF of every published record: written once a revision, read by pages and dumps.

It is kept in each format, so that a page or a dump is pieces put together, whatever the format.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalogue.rdf import listing
from catalogue.rdf.formats import FORMATS, JSON_LD, N_TRIPLES, RDF_XML, TURTLE, Format
from catalogue.rdf.graph import Graphs
from catalogue.rdf.soundness import sound
from catalogue.records.damage import spared
from catalogue.records.models import Fragment, Record
from catalogue.terms import Statement

log = structlog.get_logger()
#: Changes when pieces of the same statements would look different.
_VERSION = "2"
#: Where the pieces of a format are; all but Turtle, which is asked for most, are packed.
_KEPT: Mapping[str, InstrumentedAttribute[bytes]] = {
    TURTLE.suffix: Fragment.turtle,
    N_TRIPLES.suffix: Fragment.ntriples,
    RDF_XML.suffix: Fragment.rdf_xml,
    JSON_LD.suffix: Fragment.json_ld,
}


def kept(format: Format) -> InstrumentedAttribute[bytes]:
    """The column that holds the pieces of a format."""
    return _KEPT[format.suffix]


def piece(format: Format, content: bytes) -> bytes:
    """The piece in such a column; empty if it is damaged, so that one breaks no document."""
    if format is TURTLE:
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        log.error("damaged fragment", format=format.label, error=repr(error))
        return b""


def _packed(text: str) -> bytes:
    return gzip.compress(text.encode(), compresslevel=1, mtime=0)


class FragmentFollower:
    """The ``rdf`` follower: keeps the fragment of each published record."""

    name = "rdf"

    def __init__(self, graphs: Graphs) -> None:
        self.graphs = graphs
        prefixes = graphs.profile.prefixes
        self._writers = {one.suffix: one.writer(prefixes) for one in FORMATS.values()}
        # Another public address or another table makes every fragment another.
        said = f"{graphs.base}{graphs.profile.version}{listing.VERSION}{_VERSION}{sorted(prefixes.items())}"
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
            turtle=self._piece(TURTLE, statements).encode(),
            ntriples=_packed(self._piece(N_TRIPLES, statements)),
            rdf_xml=_packed(self._piece(RDF_XML, statements)),
            json_ld=_packed(self._piece(JSON_LD, statements)),
            fault=fault,
        )

    def _piece(self, format: Format, statements: Sequence[Statement]) -> str:
        return self._writers[format.suffix].piece(statements)

    def clear(self, session: Session) -> None:
        """Forget every fragment."""
        session.execute(delete(Fragment))
        listing.count(session)
