"""The forms in which a record is to be had: Dublin Core, and DCAT-AP as RDF/XML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.export import xml
from catalogue.export.oai import dublin_core
from catalogue.instance import Catalogue
from catalogue.profile import Document, Shape
from catalogue.rdf.formats import RDF_XML
from catalogue.rdf.fragments import kept, piece
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Facet, Fragment, Record
from catalogue.records.naming import names_of
from catalogue.records.visibility import public

#: What is made of some records, by their numbers; one that cannot be told is left out.
Made = Mapping[int, str]
_MOST_NAMES = 20_000


@dataclass(frozen=True)
class Form:
    """A form with its schema and namespace, and what makes it of some records."""

    schema: str
    namespace: str
    make: Callable[[Catalogue, Session, Sequence[Record]], Made]


@dataclass(frozen=True)
class _Shown:
    """What everybody may see of a record."""

    shape: Shape
    document: Document
    references: frozenset[str]


def _oai_dc(catalogue: Catalogue, session: Session, records: Sequence[Record]) -> Made:
    shown = {one: spared(one, partial(_shown, catalogue, one)) for one in records}
    named = {reference for seen in shown.values() if seen for reference in seen.references}
    titles = _titles(session, named)
    base = catalogue.settings.public_address

    def write(record: Record, seen: _Shown) -> str:
        return dublin_core.write(seen.shape, seen.document, names_of(record, base), titles)

    made = {
        record.id: spared(record, partial(write, record, seen))
        for record, seen in shown.items()
        if seen
    }
    return {number: said for number, said in made.items() if said}


def _shown(catalogue: Catalogue, record: Record) -> _Shown | None:
    shape = catalogue.records.shape(record.kind)
    document = public(shape, record)
    if document is None:
        return None
    return _Shown(shape, document, frozenset(map(str, dublin_core.references(shape, document))))


def _titles(session: Session, references: set[str]) -> Mapping[str, str]:
    """The names of records that everybody may see; of a monster's, as many as can be asked for."""
    wanted = select(Record.iri, Record.title).where(
        Record.iri.in_(sorted(references)[:_MOST_NAMES]), Record.state == PUBLISHED
    )
    return dict(session.execute(wanted).all())


def _dcat_ap(catalogue: Catalogue, session: Session, records: Sequence[Record]) -> Made:
    """The fragment of each record, with those of the organisations that it names."""
    numbers = [record.id for record in records]
    sources: dict[int, list[bytes]] = defaultdict(list)
    column = kept(RDF_XML)
    own = select(Fragment.record_id, column).where(Fragment.record_id.in_(numbers))
    beside = (
        select(Facet.record_id, column)
        .distinct()
        .join(Record, Record.iri == Facet.value)
        .join(Fragment, Fragment.record_id == Record.id)
        .where(Facet.record_id.in_(numbers), Fragment.kind == "agent")
    )
    for query in (own, beside):
        for number, packed in session.execute(query):
            sources[number].append(piece(RDF_XML, packed))
    prefixes = catalogue.profile.prefixes
    made = {number: _rdf_xml(sources[number], prefixes) for number in numbers}
    return {number: said for number, said in made.items() if said}


def _rdf_xml(pieces: Sequence[bytes], prefixes: Mapping[str, str]) -> str:
    """Pieces as one RDF/XML element; empty if the first, the record's own, is."""
    if not pieces or not pieces[0]:
        return ""
    document = RDF_XML.writer(prefixes).once(pieces).decode()
    return document.removeprefix(xml.DECLARATION)


#: Every form by its ``metadataPrefix``.
FORMS: Mapping[str, Form] = {
    "oai_dc": Form(dublin_core.SCHEMA, dublin_core.NAMESPACE, _oai_dc),
    "dcat_ap": Form(
        "http://www.openarchives.org/OAI/2.0/rdf.xsd",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        _dcat_ap,
    ),
}
