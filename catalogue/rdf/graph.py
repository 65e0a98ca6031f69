"""Records as statements, and statements as records.

A *fragment* is what the catalogue says of one record: the record itself, its catalogue
record and its membership.  A *self-contained* document adds everything the official
shapes look for: organisations, classes, concepts with labels and schemes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from catalogue.errors import Unavailable
from catalogue.profile import Document, Names, Profile, Shape
from catalogue.profile.values import Iri, Reference
from catalogue.rdf.listing import LISTED_IN
from catalogue.rdf.soundness import sound
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.records import Records, names_of
from catalogue.records.visibility import public
from catalogue.terms import RDF_TYPE, Statement, Statements, fault_of_iri, iri, iri_of, is_iri

CATALOGUE, CATALOGUE_RECORD = "Catalogue", "CatalogueRecord"


class Graphs:
    """Turns records into statements under one public address."""

    def __init__(self, records: Records, base: str, network: str) -> None:
        self.records = records
        self.profile: Profile = records.profile
        self.base = base
        self.network = f"{base}id/catalogue/{network}"

    def fragment(self, record: Record) -> list[Statement]:
        """What the world's catalogue says of one record; empty if the world may not see it."""
        shape = self.records.shape(record.kind)
        document = public(shape, record)
        if document is None:
            return []
        names = names_of(record, self.base)
        # Its catalogues list it; it does not point back.  Readers who take all that a dataset
        # leads to (piveau) would take the whole page, and see it change with everything.
        alone = {key: value for key, value in document.items() if key != LISTED_IN}
        return [
            *shape.describe(alone, names),
            *self._catalogue_record(record, names),
            *self._membership(shape, record, document, names),
        ]

    def self_contained(self, session: Session, record: Record) -> list[Statement]:
        """One record with all that a reader without our vocabularies needs.

        Raises :class:`Unavailable` if the record is damaged.
        """
        statements = spared(record, lambda: self._self_contained(session, record))
        if statements is None:
            raise Unavailable(f"{record.iri} is damaged; the curators have been told.")
        return list(sound(list(dict.fromkeys(statements)))[0])

    def _self_contained(self, session: Session, record: Record) -> list[Statement]:
        shape = self.records.shape(record.kind)
        document = public(shape, record)
        if document is None:
            return []
        names = names_of(record, self.base)
        statements = [
            *shape.describe(document, names),
            *self._catalogue_record(record, names),
            *shape.support(document, names),
            *self.profile[CATALOGUE_RECORD].support(self._record_document(record), names),
        ]
        references = [(one, reference) for one, reference in shape.references(document)]
        known = self.records.named(session, [reference for _, reference in references])
        for one, reference in references:
            target = known.get(reference)
            if one.name == LISTED_IN:
                # Catalogues are told by their own feed: one dataset to a document.
                continue
            if target is not None and (
                statements_of := spared(target, partial(self._inlined, target))
            ):
                statements += statements_of
            else:
                assert isinstance(one.value, Reference)
                other = self.profile[one.value.targets[0]]
                if other.path != "dataset":
                    statements.append((iri(names.absolute(reference)), RDF_TYPE, iri(other.class_)))
        return statements

    def _inlined(self, record: Record) -> list[Statement]:
        """A record that another one names: whole, but for what it names itself.

        Of a dataset only its title, and not its class: whoever takes the first
        ``dcat:Dataset`` of the document (ckanext-fairdatapoint) would take the wrong one, and
        the official shapes would ask of it all that they ask of a dataset.
        """
        shape = self.records.shape(record.kind)
        document = public(shape, record)
        if document is None:
            return []
        names = names_of(record, self.base)
        if record.kind == "dataset":
            titles = {one.name for one in shape if one.column == "title"}
            document = {key: value for key, value in document.items() if key in titles}
            return [one for one in shape.describe(document, names) if one[1] != RDF_TYPE]
        if record.kind != "agent":
            named = {one.name for one in shape if isinstance(one.value, Reference)}
            document = {key: value for key, value in document.items() if key not in named}
        return [*shape.describe(document, names), *shape.support(document, names)]

    def _record_document(self, record: Record) -> Document:
        """The catalogue record as a document of its own shape."""
        issued = record.issued or record.created
        change = "created" if record.modified <= issued else "updated"
        return {
            "primary_topic": record.iri,
            "issued": _instant(issued),
            "modified": _instant(record.modified),
            "status": self.profile.vocabularies["catalogue-change"].by_code[change].iri,
            # The official shapes allow one profile, whatever the text says.
            "conforms_to": [self.profile.official],
            "language": [self.profile.vocabularies["language"].by_code["ENG"].iri],
        }

    def _catalogue_record(self, record: Record, names: Names) -> Iterator[Statement]:
        node = iri(self.record_iri(record))
        yield from self.profile[CATALOGUE_RECORD].statements(
            self._record_document(record), node, names
        )

    def record_iri(self, record: Record | Row[*tuple[Any, ...]]) -> str:
        """The IRI of a record's catalogue record: the description, not what it describes."""
        return f"{self.base}id/{record.kind}/{record.key}#record"

    def _membership(
        self, shape: Shape, record: Record, document: Mapping[str, object], names: Names
    ) -> Iterator[Statement]:
        listed = document.get(LISTED_IN)
        for reference in listed if isinstance(listed, list) else []:
            yield from self.member(names.absolute(reference), record)

    def member(self, catalogue: str, record: Record | Row[*tuple[Any, ...]]) -> Iterator[Statement]:
        """That a catalogue (its IRI) lists a record, as the catalogue's side says it.

        Of the record its ``kind``, ``key`` and ``iri`` are read.
        """
        kind = self.records.shape(record.kind).name
        topic = iri(Names(self.base).absolute(record.iri))
        for one in self.profile[CATALOGUE]:
            if not one.derived:
                continue
            if isinstance(one.value, Reference):
                if kind in one.value.targets:
                    yield iri(catalogue), one.predicate, topic
            elif isinstance(one.value, Iri):
                yield iri(catalogue), one.predicate, iri(self.record_iri(record))


@dataclass(frozen=True)
class Found:
    """A record found in statements from elsewhere."""

    kind: str
    iri: str
    document: Document


def records_in(profile: Profile, statements: Statements, names: Names) -> Sequence[Found]:
    """Every record described in statements, organisations first; blank nodes are left out."""
    found: list[Found] = []
    seen: set[str] = set()
    listing: dict[str, list[str]] = {}
    for catalogue, _, member in _listings(profile, statements):
        listing.setdefault(member, []).append(catalogue)
    for shape in sorted(profile.records.values(), key=lambda s: s.path != "agent"):
        for class_ in (shape.class_, *shape.also):
            for node in statements.of_type(iri(class_)):
                if node in seen or not is_iri(node) or fault_of_iri(iri_of(node)):
                    continue
                seen.add(node)
                reference = names.relative(iri_of(node))
                document = shape.interpret(statements, node, names.of(reference))
                listed = [names.relative(iri_of(one)) for one in listing.get(node, ())]
                if document and listed and LISTED_IN in shape.properties:
                    said = document.get(LISTED_IN, [])
                    document[LISTED_IN] = list(dict.fromkeys([*said, *listed]))
                if document:
                    found.append(Found(shape.path, reference, document))
    return found


def _listings(profile: Profile, statements: Statements) -> Iterator[Statement]:
    """What catalogues say of their members: most catalogues say it only there."""
    shape = profile[CATALOGUE]
    ways = [one.predicate for one in shape if one.derived and isinstance(one.value, Reference)]
    for catalogue in statements.of_type(iri(shape.class_)):
        if is_iri(catalogue) and not fault_of_iri(iri_of(catalogue)):
            for predicate in ways:
                for member in statements.objects(catalogue, predicate):
                    yield catalogue, predicate, member


def unread(
    profile: Profile, statements: Statements, found: Sequence[Found], names: Names
) -> list[Statement]:
    """The statements that no row of the table claimed: how a profile learns to grow."""
    known = {iri(names.absolute(one.iri)) for one in found}
    told = {one for one in _listings(profile, statements) if one[2] in known}
    for one in found:
        shape, inside = profile.records[one.kind], names.of(one.iri)
        told.update(shape.describe(one.document, inside))
        told.update(shape.support(one.document, inside))
    return [statement for statement in statements if statement not in told]


def _instant(moment: object) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
