"""Records and concepts by the names people know them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import load_only

from catalogue.profile import Shape
from catalogue.profile.shape import Property
from catalogue.profile.values import Reference
from catalogue.records.models import PUBLISHED, Record
from catalogue.vocabulary import Concept
from catalogue.web import words
from catalogue.web.current import catalogue, session
from catalogue.web.paths import path_of


def title(shape: Shape, document: Mapping[str, Any], record: Record) -> words.Phrase:
    """The title of a record with its language; its slug if it has none."""
    for one in shape:
        if one.column == "title" and (found := words.phrase(document.get(one.name))).text:
            return found
    return words.Phrase(record.slug)


def titles(shape: Shape, document: Mapping[str, Any]) -> list[words.Phrase]:
    """The titles of a record, the page's own language first."""
    return [
        found
        for one in shape
        if one.column == "title"
        for found in words.phrases(document.get(one.name))
    ]


def other_names(document: Mapping[str, Any], title: str) -> list[words.Phrase]:
    """The other names that the title does not hold already."""
    return [one for one in words.phrases(document.get("alternative")) if one.text not in title]


def short_name(document: Mapping[str, Any], title: str) -> str:
    """The shortest other name: an acronym where there is one."""
    return min((one.text for one in other_names(document, title)), key=len, default="")


@dataclass(frozen=True)
class Target:
    """What a reference points to: a page here, an address elsewhere, or nothing to show."""

    title: words.Phrase
    path: str = ""
    address: str = ""


def remember(references: Iterable[str]) -> None:
    """Look up the records of a page's references at once."""
    known: dict[str, Record] = g.setdefault("named", {})
    new = {one for one in references if one not in known}
    if new:
        # Only what a name needs: documents are large, and a page may name a hundred.
        named = (
            select(Record)
            .where(Record.iri.in_(new))
            .options(load_only(Record.iri, Record.kind, Record.slug, Record.title, Record.state))
        )
        known.update({record.iri: record for record in session.scalars(named)})


def target(reference: str) -> Target:
    """What a reference points to; only what the world may see is named."""
    if not isinstance(reference, str):  # a broken record
        return Target(words.Phrase(""))
    known: dict[str, Record] = g.setdefault("named", {})
    if reference not in known:
        remember([reference])
    record = known.get(reference)
    if record is not None and record.state == PUBLISHED:
        return Target(words.Phrase(record.title or record.slug), path_of(record))
    if words.is_web(reference):
        return Target(words.Phrase(words.address(reference)), address=reference)
    return Target(words.Phrase(""))


def label_of(one: Property, value: str) -> str:
    """A facet value as people read it."""
    if isinstance(one.value, Reference):
        return target(value).title.text or value
    if one.value.kind == "boolean":
        return {"true": "Yes", "false": "No"}.get(value, value)
    return catalogue.vocabularies.label(value)


def concept(value: str) -> Concept | None:
    """The concept of an IRI; notes for the page's legend when one is not checked."""
    return noted(catalogue.vocabularies.concept(value))


def noted(found: Concept | None) -> Concept | None:
    """The same concept; the page then ends with what the mark for unchecked ones means."""
    if found is not None and not found.checked:
        g.unchecked = True
    return found
