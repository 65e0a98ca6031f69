"""Records and concepts by the names people know them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, g
from sqlalchemy import select

from catalogue.memory import Memory
from catalogue.profile import Shape
from catalogue.profile.shape import Property
from catalogue.profile.values import Reference
from catalogue.records.models import PUBLISHED, Record
from catalogue.vocabulary import Concept
from catalogue.web import words
from catalogue.web.current import catalogue, last_change, session, viewer
from catalogue.web.paths import path


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
    """Look up what some references point to, all at once."""
    known = _known()
    new = {one for one in references if one not in known}
    if not new:
        return
    published = select(Record.iri, Record.kind, Record.slug, Record.title).where(
        Record.iri.in_(new), Record.state == PUBLISHED
    )
    found = {
        iri: Target(words.Phrase(title or slug), path(kind, slug))
        for iri, kind, slug, title in session.execute(published)
    }
    known.update({one: found.get(one) or _elsewhere(one) for one in new})


def remember_own(references: Iterable[str]) -> None:
    """Look up what some references point to, also among what only the viewer may know by name.

    For pages of the workspace only: what is found is forgotten with the request.
    """
    remember(references)
    new = [one for one in references if not target(one).title.text]
    if not new:
        return
    own = select(Record.iri, Record.kind, Record.key, Record.title).where(
        Record.iri.in_(new), catalogue.workspace.known_to(viewer)
    )
    g.own_targets = {
        iri: Target(words.Phrase(title or key), f"workspace/{kind}/{key}")
        for iri, kind, key, title in session.execute(own)
    }


def target(reference: str) -> Target:
    """What a reference points to; only what the world may see is named."""
    if not isinstance(reference, str):  # a broken record
        return Target(words.Phrase(""))
    if found := g.get("own_targets", {}).get(reference):
        return found  # type: ignore[no-any-return]
    known = _known()
    if reference not in known:
        remember([reference])
    return known[reference]


def _elsewhere(reference: str) -> Target:
    if words.is_web(reference):
        return Target(words.Phrase(words.address(reference)), address=reference)
    return Target(words.Phrase(""))


def _known() -> dict[str, Target]:
    """What references point to in the state of the catalogue that the request sees."""
    if "targets" not in g:
        memory: Memory = current_app.extensions.setdefault("targets", Memory(2))
        g.targets = memory(last_change(), dict[str, Target])
    return g.targets  # type: ignore[no-any-return]


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
