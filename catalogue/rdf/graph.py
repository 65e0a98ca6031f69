"""Records as statements, and statements as records.

A *fragment* is what the catalogue says of one record: the record itself, its catalogue
record and its membership.  A *self-contained* document adds everything the official
shapes look for: organisations, classes, concepts with labels and schemes.  Both can be had
under each profile that ``rdf/profiles.py`` offers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from catalogue.errors import Unavailable
from catalogue.profile import Document, Names, Profile, Property, Shape
from catalogue.profile.dates import instant
from catalogue.profile.values import Iri, Reference
from catalogue.rdf.listing import LISTED_IN, NETWORK
from catalogue.rdf.soundness import sound
from catalogue.records.damage import spared
from catalogue.records.models import Record, is_new
from catalogue.records.naming import names_of
from catalogue.records.records import Records
from catalogue.records.visibility import public
from catalogue.terms import RDF_TYPE, Statement, Statements, fault_of_iri, iri, iri_of, is_iri

CATALOGUE, CATALOGUE_RECORD = "Catalogue", "CatalogueRecord"


@dataclass(frozen=True)
class Seen:
    """A record as the world may see it under a profile."""

    shape: Shape
    document: Document
    names: Names
    listed_in: object


#: The kinds of record that a harvester takes for entries of its own wherever it finds one typed.
_ENTRIES = ("dataset", "series", "service", "catalogue")


class Graphs:
    """Turns records into statements under one public address.

    ``profile`` may be narrower than the records': they are then told as far as its rows go.
    Who may see what follows from the records' own profile always.
    """

    def __init__(
        self, records: Records, base: str, network: str, profile: Profile | None = None
    ) -> None:
        self.records = records
        self.profile: Profile = profile or records.profile
        self.base = base
        self.network_key = network
        self.network = f"{base}id/catalogue/{network}"

    def under(self, profile: Profile) -> Graphs:
        """The same records told under another profile."""
        return Graphs(self.records, self.base, self.network_key, profile)

    def scope_of(self, record: Record) -> str:
        """What is harvested of a catalogue or organisation; the network's catalogue is everything."""
        return NETWORK if self.base + record.iri == self.network else record.iri

    @property
    def is_narrower(self) -> bool:
        """Whether records may hold more than the profile has words for."""
        return self.profile is not self.records.profile

    def fragment(self, record: Record) -> list[Statement]:
        """What the world's catalogue says of one record; empty if the world may not see it."""
        if (seen := self._seen(record)) is None:
            return []
        # Its catalogues list it; it does not point back.  Readers who take all that a dataset
        # leads to (piveau) would take the whole page, and see it change with everything.
        alone = {key: value for key, value in seen.document.items() if key != LISTED_IN}
        return self._coherent(
            [
                *seen.shape.describe(alone, seen.names),
                *self._catalogue_record(record, seen.names),
                *self._membership(seen, record),
            ],
            seen,
        )

    def document(
        self, session: Session, record: Record, *, self_contained: bool = True
    ) -> list[Statement]:
        """One record, with or without what a reader needs who lacks our vocabularies.

        Raises :class:`Unavailable` if the record is damaged.
        """
        if self_contained:
            return self.self_contained(session, record)
        return self._sure(record, lambda: self.fragment(record))

    def self_contained(self, session: Session, record: Record) -> list[Statement]:
        """One record with all that a reader without our vocabularies needs.

        Raises :class:`Unavailable` if the record is damaged.
        """
        return self._sure(record, lambda: self._self_contained(session, record))

    def together(
        self, session: Session, records: Iterable[Record], *, self_contained: bool = True
    ) -> list[Statement]:
        """Several records in one document, each statement once.

        Their fragments and, if the document is to be self-contained, the concepts, classes
        and organisations they name.  Other datasets, series, services and catalogues are
        linked but not typed: a harvester would take them for entries of this document.  What
        is damaged or cannot be serialised is left out.
        """
        statements: dict[Statement, None] = {}
        references: dict[str, Property] = {}
        make = self._with_support if self_contained else self.fragment
        for record in records:
            if found := spared(record, partial(make, record)):
                statements.update(dict.fromkeys(found))
                if self_contained and (seen := self._seen(record)) is not None:
                    for one, reference in seen.shape.references(seen.document):
                        references.setdefault(reference, one)
        known = self.records.named(session, list(references))
        for reference, one in references.items():
            target = known.get(reference)
            if self._kind_of(one, target) not in _ENTRIES:
                statements.update(dict.fromkeys(self._beside(one, reference, target)))
        return list(sound(list(statements))[0])

    def _sure(self, record: Record, make: Callable[[], list[Statement]]) -> list[Statement]:
        statements = spared(record, make)
        if statements is None:
            raise Unavailable(f"{record.iri} is damaged; the curators have been told.")
        return list(sound(list(dict.fromkeys(statements)))[0])

    def _seen(self, record: Record) -> Seen | None:
        """A record as the world may see it, as far as the profile has words for it."""
        whole = public(self.records.shape(record.kind), record)
        shape = self.profile.records.get(record.kind)
        if whole is None or shape is None:
            return None
        document = shape.narrowed(whole) if self.is_narrower else whole
        return Seen(shape, document, names_of(record, self.base), whole.get(LISTED_IN))

    def _coherent(self, statements: list[Statement], seen: Seen) -> list[Statement]:
        """The statements without links to parts that a narrower profile leaves out."""
        if not self.is_narrower:
            return statements
        own = f"<{seen.names.absolute(seen.names.record)}#"
        told = {subject for subject, _, _ in statements}
        return [s for s in statements if not s[2].startswith(own) or s[2] in told]

    def _self_contained(self, session: Session, record: Record) -> list[Statement]:
        if (seen := self._seen(record)) is None:
            return []
        statements = [
            *seen.shape.describe(seen.document, seen.names),
            *self._catalogue_record(record, seen.names),
            *self._support(record, seen),
        ]
        references = list(seen.shape.references(seen.document))
        known = self.records.named(session, [reference for _, reference in references])
        for one, reference in references:
            # Catalogues are told by their own feed: one dataset to a document.
            if one.name != LISTED_IN:
                statements += self._beside(one, reference, known.get(reference))
        return self._coherent(statements, seen)

    def _with_support(self, record: Record) -> list[Statement]:
        seen = self._seen(record)
        return [*self.fragment(record), *self._support(record, seen)] if seen else []

    def _support(self, record: Record, seen: Seen) -> Iterator[Statement]:
        yield from seen.shape.support(seen.document, seen.names)
        described = self._record_document(record)
        yield from self.profile[CATALOGUE_RECORD].support(described, seen.names)

    def _kind_of(self, one: Property, target: Record | None) -> str:
        """The kind of record that a reference points to, here or elsewhere."""
        return target.kind if target is not None else self._target_of(one).path

    def _target_of(self, one: Property) -> Shape:
        assert isinstance(one.value, Reference)
        return self.profile[one.value.targets[0]]

    def _beside(self, one: Property, reference: str, target: Record | None) -> list[Statement]:
        """What is said of a record that another one refers to: at least its class."""
        if target is not None and (found := spared(target, partial(self._inlined, target))):
            return found
        other = self._target_of(one)
        if other.path == "dataset":
            return []
        return [(iri(Names(self.base).absolute(reference)), RDF_TYPE, iri(other.class_))]

    def _inlined(self, record: Record) -> list[Statement]:
        """A record that another one names: whole, but for what it names itself.

        Of a dataset only its title, and not its class: whoever takes the first
        ``dcat:Dataset`` of the document (ckanext-fairdatapoint) would take the wrong one, and
        the official shapes would ask of it all that they ask of a dataset.
        """
        if (seen := self._seen(record)) is None:
            return []
        shape, document, names = seen.shape, seen.document, seen.names
        if record.kind == "dataset":
            titles = {one.name for one in shape if one.column == "title"}
            document = {key: value for key, value in document.items() if key in titles}
            return [one for one in shape.describe(document, names) if one[1] != RDF_TYPE]
        if record.kind != "agent":
            named = {one.name for one in shape if isinstance(one.value, Reference)}
            document = {key: value for key, value in document.items() if key not in named}
        statements = [*shape.describe(document, names), *shape.support(document, names)]
        return self._coherent(statements, seen)

    def _record_document(self, record: Record) -> Document:
        """The catalogue record as a document of its own shape."""
        issued = record.issued or record.created
        change = "created" if is_new(record) else "updated"
        return {
            "primary_topic": record.iri,
            "issued": instant(issued),
            "modified": instant(record.modified),
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

    def _membership(self, seen: Seen, record: Record) -> Iterator[Statement]:
        for reference in seen.listed_in if isinstance(seen.listed_in, list) else []:
            yield from self.member(seen.names.absolute(reference), record)

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
    listing = _listing(profile, statements)
    for shape in sorted(profile.records.values(), key=lambda s: s.path != "agent"):
        for class_ in (shape.class_, *shape.also):
            for node in statements.of_type(iri(class_)):
                if node in seen or not is_iri(node) or fault_of_iri(iri_of(node)):
                    continue
                seen.add(node)
                if one := _interpreted(shape, statements, node, names, listing):
                    found.append(one)
    return found


def record_in(
    profile: Profile, statements: Statements, kind: str, address: str, names: Names
) -> Found | None:
    """The record of a kind and address in statements, whatever else its node is typed."""
    listing = _listing(profile, statements)
    return _interpreted(profile.records[kind], statements, iri(address), names, listing)


def _interpreted(
    shape: Shape,
    statements: Statements,
    node: str,
    names: Names,
    listing: Mapping[str, Sequence[str]],
) -> Found | None:
    reference = names.relative(iri_of(node))
    document = shape.interpret(statements, node, names.of(reference))
    listed = [names.relative(iri_of(one)) for one in listing.get(node, ())]
    if document and listed and LISTED_IN in shape.properties:
        said = document.get(LISTED_IN, [])
        document[LISTED_IN] = list(dict.fromkeys([*said, *listed]))
    return Found(shape.path, reference, document) if document else None


def _listing(profile: Profile, statements: Statements) -> Mapping[str, list[str]]:
    """The catalogues that list a node, by node."""
    listing: dict[str, list[str]] = {}
    for catalogue, _, member in _listings(profile, statements):
        listing.setdefault(member, []).append(catalogue)
    return listing


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
