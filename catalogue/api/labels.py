"""Values with their names: concepts from memory, records by one SELECT a state of the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property

from flask import current_app, g
from sqlalchemy import select

from catalogue.api.answers import dumps
from catalogue.memory import Memory
from catalogue.profile import Names, Property
from catalogue.profile.values import ConceptValue, Reference
from catalogue.records.models import PUBLISHED, Record
from catalogue.vocabulary import Concept, Vocabularies
from catalogue.web.current import catalogue, last_change, session

_AT_ONCE = 500
_BOOLEAN = {"true": "Yes", "false": "No"}


class Label(dict[str, str]):
    """A value with its code and label."""

    def __init__(self, value: str, code: str, label: str) -> None:
        super().__init__(value=value, code=code, label=label)

    @cached_property
    def members(self) -> str:
        """Its members as JSON, without the braces; written once."""
        return dumps(self)[1:-1]


def remember(references: Iterable[str]) -> None:
    """Look up what some records are called, all at once."""
    known, base = _records(), Names(catalogue.settings.public_address)
    new = sorted({one for one in references if one not in known})
    for begin in range(0, len(new), _AT_ONCE):
        some = new[begin : begin + _AT_ONCE]
        # Only what everybody may see has a name; the others keep their bare IRI.
        found = session.execute(
            select(Record.iri, Record.title, Record.slug).where(
                Record.iri.in_(some), Record.state == PUBLISHED
            )
        )
        titles = {row.iri: row.title or row.slug for row in found}
        for one in some:
            code = _last_part(one)
            known[one] = Label(base.absolute(one), code, titles.get(one) or code)


def labeller(one: Property) -> Callable[[str], Label]:
    """What names the values of a facet; records must have been remembered."""
    if isinstance(one.value, Reference):
        return _records().__getitem__
    if isinstance(one.value, ConceptValue):
        return _concepts()
    return lambda value: Label(value, value, _BOOLEAN.get(value, value))


def of_iri(value: str) -> Label:
    """An IRI with its code and label; the last part of it where no list has it."""
    return _concepts()(value)


def of_concept(concept: Concept) -> Label:
    """A concept by IRI, code and label."""
    return Label(concept.iri, concept.code, concept.label())


def _last_part(value: str) -> str:
    return re.split(r"[#/]", value.rstrip("/"))[-1]


def _records() -> dict[str, Label]:
    """The records whose names are known in the state of the catalogue that the request sees."""
    if "api_records" not in g:
        g.api_records = _memory()(("records", last_change()), dict)
    return g.api_records  # type: ignore[no-any-return]


def _concepts() -> Callable[[str], Label]:
    """The labels of concepts, each made once."""
    if "api_concepts" not in g:
        known = _memory()(
            ("concepts", catalogue.version), lambda: _Concepts(catalogue.vocabularies)
        )
        g.api_concepts = known.__getitem__
    return g.api_concepts  # type: ignore[no-any-return]


def _memory() -> Memory:
    memory: Memory = current_app.extensions.setdefault("api", Memory(16))
    return memory


class _Concepts(dict[str, Label]):
    """Labels by IRI, made when first asked; of those in a list only, for others may be many."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        super().__init__()
        self._vocabularies = vocabularies

    def __missing__(self, value: str) -> Label:
        concept = self._vocabularies.concept(value)
        if concept is None:
            return Label(value, _last_part(value), _last_part(value))
        self[value] = of_concept(concept)
        return self[value]
