"""What of a record is indexed: texts by property, facet values, order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalogue.profile import Document, Shape
from catalogue.records.models import Record
from catalogue.records.records import Records, title_of
from catalogue.records.visibility import public


@dataclass(frozen=True)
class Entry:
    """One record as an engine takes it in."""

    record: int
    kind: str
    title: str
    modified: datetime
    texts: Mapping[str, list[str]]
    facets: Mapping[str, list[str]]


def facets_of(shape: Shape, document: Document) -> Iterator[tuple[str, str]]:
    """Every (facet, value) of a document; a concept stands for the broader ones as well."""
    vocabularies = shape.profile.vocabularies
    for name, value in shape.facets(document):
        yield name, value
        if concept := vocabularies.concept(value):
            for above in vocabularies[concept.scheme].above(value):
                yield name, above.iri


def entry_of(records: Records, session: Session, record: Record) -> Entry | None:
    """The entry of a record; None if the world may not see it."""
    shape = records.shape(record.kind)
    document = public(shape, record)
    if document is None:
        return None
    texts: dict[str, list[str]] = {}
    for one, text in shape.texts(document):
        texts.setdefault(one.name, []).append(text)
    named = [(one, ref) for one, ref in shape.references(document) if one.boost]
    known = records.named(session, [reference for _, reference in named])
    for one, reference in named:
        if (target := known.get(reference)) is not None:
            target_shape = records.shape(target.kind)
            target_document = public(target_shape, target) or {}
            for inner, text in target_shape.texts(target_document):
                if inner.column == "title" or inner.name == "alternative":
                    texts.setdefault(one.name, []).append(text)
    facets: dict[str, list[str]] = {}
    for name, value in facets_of(shape, document):
        if value not in facets.setdefault(name, []):
            facets[name].append(value)
    return Entry(record.id, record.kind, title_of(shape, document), record.modified, texts, facets)


def searched(records: Records) -> dict[str, float]:
    """The searched properties with their boosts: the full-text fields of the index."""
    boosts: dict[str, float] = {}
    for shape in records.profile.values():
        for one in shape.stored:
            if one.boost:
                boosts[one.name] = max(boosts.get(one.name, 0), one.boost)
    return boosts
