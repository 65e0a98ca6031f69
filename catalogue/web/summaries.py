"""Records in a list: title, key facts and how the description begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import current_app

from catalogue.memory import Memory
from catalogue.profile import Document, Shape
from catalogue.profile.shape import Property
from catalogue.profile.units import beside
from catalogue.profile.values import ConceptValue, Nested
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.records import CONFIRMED
from catalogue.records.visibility import public
from catalogue.search.entry import Described
from catalogue.web import words
from catalogue.web.current import catalogue
from catalogue.web.names import short_name, title
from catalogue.web.paths import path_of
from catalogue.web.sections import BROKEN, picked

log = structlog.get_logger()

#: What a line about a record in a list says, where the record has it.
_KEY_FACTS = (
    "source_type",
    "spatial",
    "number_of_unique_individuals",
    "studied_condition",
    "agent_type",
    "series_type",
    "endpoint_url",
    "asset_category",
    "concerns_condition",
)


#: How many cards are kept.
_MOST_CARDS = 400


@dataclass(frozen=True)
class Summary:
    """One record in a list."""

    path: str
    kind: str
    title: words.Phrase
    short: str = ""
    facts: Sequence[str] = ()
    description: words.Phrase = field(default_factory=lambda: words.Phrase(""))
    demonstration: bool = False
    confirmed: str = ""

    @property
    def excerpt(self) -> words.Phrase:
        """How the description begins; worked out where no snippet stands in its place."""
        return words.Phrase(words.excerpt(self.description.text), self.description.language)


@dataclass(frozen=True)
class Card:
    """What is kept of a record for lists.

    ``summary`` is None if the world may not see it; ``described`` is None as well if it
    cannot be read.
    """

    summary: Summary | None
    described: Described | None = None


def card(record: Record) -> Card:
    """A record for a list, known already if it was listed lately; another revision is another."""
    kept: Memory = current_app.extensions.setdefault("cards", Memory(_MOST_CARDS))
    key = (catalogue.version, record.id, record.revision, record.state)
    return kept(key, lambda: _card(record))


def _card(record: Record) -> Card:
    shape = catalogue.records.shape(record.kind)
    try:
        document = public(shape, record)
        if document is None:
            return Card(None)
        name = title(shape, document, record)
        found = Summary(
            path_of(record),
            record.kind,
            name,
            short_name(document, name.text),
            list(_facts(shape, document)),
            words.phrase(document.get("summary") or document.get("description")),
            document.get("demonstration") is True,
            str(document.get(CONFIRMED) or ""),
        )
        return Card(found, Described(shape, document))
    except BROKEN as error:
        log.warning("record cannot be summarised", record=record.iri, error=str(error))
        bare = Summary(path_of(record), record.kind, words.Phrase(record.title or record.slug))
        return Card(bare if record.state == PUBLISHED else None)


def summary(record: Record) -> Summary | None:
    """A record for a list; None if the world may not see it.  A broken one keeps its title."""
    return card(record).summary


def summaries(records: Iterable[Record]) -> list[Summary]:
    """Records for a list, those that may be seen."""
    return [one for record in records if (one := summary(record)) is not None]


def _facts(shape: Shape, document: Document) -> Iterator[str]:
    for row in picked(shape, document, _KEY_FACTS):
        if row.values and (said := brief(row.field, row.values)):
            yield said


def brief(one: Property, values: Sequence[Any]) -> str:
    """Values in a few words: ``8,000,000 people in the dataset``, ``Prostate cancer and 2 more``."""
    value = one.value
    if isinstance(value, Nested):
        inner = value.shape.stored[0]
        return brief(inner, [v for part in values for v in inner.values(part)])
    if isinstance(value, ConceptValue):
        said = list(dict.fromkeys(catalogue.vocabularies.label(v) for v in values))
        more = len(said) - 3
        return ", ".join(said[:3]) + (f" and {more} more" if more > 0 else "")
    if value.kind == "integer":
        what, _, rest = words.sentence(one.label).partition(" ")
        return f"{words.number(values[0])} {beside(values[0], what)} {rest}".rstrip()
    return str(values[0])
