"""What of a record is indexed: texts by property, names, facet values, ranges, order.

A concept is indexed by its preferred label only; its synonyms, translations and narrower
terms come into play when somebody asks (``thesaurus.py``), where they can be seen and
switched off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from catalogue.profile import Document, Profile, Property, Shape
from catalogue.profile.ranges import Interval
from catalogue.profile.values import ConceptValue
from catalogue.records.models import Record
from catalogue.records.naming import title_of
from catalogue.records.records import Records
from catalogue.records.visibility import public
from catalogue.search.analysis import terms, tokens

#: Properties with at least this weight tell what a record is called and what it is about:
#: their words are what a misspelt word may have been meant for.
_TELLING = 2
_READABLE = re.compile(r"[^\W\d_]{4,40}")
_MOST_SPELLINGS = 400
#: Between two values of one property, so that no phrase reaches from one into the next.
_GAP = 50


@dataclass(frozen=True)
class Fields:
    """What an index holds beside titles and dates: from the property table.

    ``boosts`` are the full-text fields with their weights, ``facets`` the value fields,
    ``ranges`` the intervals with the edges of their classes.
    """

    boosts: Mapping[str, float]
    facets: tuple[str, ...]
    ranges: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Entry:
    """One record as an engine takes it in.

    ``names`` are the titles, other names and identifiers as terms, for exact matches;
    ``spellings`` are readable words of what the record is called and is about.
    """

    record: int
    kind: str
    title: str
    modified: datetime
    texts: Mapping[str, list[str]]
    facets: Mapping[str, list[str]]
    ranges: Mapping[str, Interval] = field(default_factory=dict)
    names: frozenset[tuple[str, ...]] = frozenset()
    spellings: frozenset[str] = frozenset()

    def occurrences(self) -> Iterator[tuple[str, int, str, str]]:
        """Every (property, place, term, exact) of the texts; stop words take a place only."""
        for name, texts in self.texts.items():
            place = 0
            for text in texts:
                last = place
                for token in tokens(text):
                    last = place + token.place
                    if token.term or token.exact:
                        yield name, last, token.term, token.exact
                place = last + _GAP


def facets_of(shape: Shape, document: Document) -> Iterator[tuple[str, str]]:
    """Every (facet, value) of a document; a concept stands for the broader ones as well."""
    vocabularies = shape.profile.vocabularies
    for name, value in shape.facets(document):
        yield name, value
        for above in vocabularies.above(value):
            yield name, above


def texts_of(shape: Shape, document: Document) -> dict[str, list[str]]:
    """The texts of a document by property, without those of the records it refers to."""
    found: dict[str, list[str]] = {}
    for one, text in _texts(shape, document):
        known = found.setdefault(one.name, [])
        if text not in known:
            known.append(text)
    return found


def _texts(shape: Shape, document: Document) -> Iterator[tuple[Property, str]]:
    vocabularies = shape.profile.vocabularies
    for one, value in shape.told(document):
        if not isinstance(one.value, ConceptValue):
            for text in one.value.texts(value):
                yield one, text
        elif concept := vocabularies.concept(value):
            if vocabularies[concept.scheme].expands:
                yield one, concept.label()
            else:
                for text in concept.texts():
                    yield one, text


class Called:
    """What the records that others refer to are called; each is looked up once.

    ``known`` are names that hold in the state of the catalogue that the session sees; what
    is looked up is added.
    """

    def __init__(
        self, records: Records, session: Session, known: dict[str, list[str]] | None = None
    ) -> None:
        self._records, self._session = records, session
        self._known: dict[str, list[str]] = {} if known is None else known

    def __call__(self, references: Iterable[str]) -> Mapping[str, list[str]]:
        """The titles and other names of some records, as far as the world may see them.

        Of a catalogue with a short name only that: its title tells what all of its datasets
        are about, and would make each of them a hit for it.
        """
        new = [one for one in references if one not in self._known]
        found = self._records.named(self._session, new) if new else {}
        for reference in new:
            target = found.get(reference)
            if target is None:
                self._known[reference] = []
                continue
            shape = self._records.shape(target.kind)
            document = public(shape, target) or {}
            names = list(_names(shape, document))
            short = list(_names(shape, document, title=False))
            self._known[reference] = short if short and target.kind == "catalogue" else names
        return self._known


class Described:
    """What a record says to those who search it, each part worked out when it is asked for."""

    def __init__(self, shape: Shape, document: Document) -> None:
        self.shape, self.document = shape, document

    @cached_property
    def own(self) -> Mapping[str, list[str]]:
        """Its own texts by property."""
        return texts_of(self.shape, self.document)

    @cached_property
    def references(self) -> Sequence[tuple[str, str]]:
        """The properties in which it names other records, and which."""
        found = self.shape.references(self.document)
        return [(one.name, reference) for one, reference in found if one.boost]

    def texts(self, called: Called) -> dict[str, list[str]]:
        """Its texts by property, with what the records it names are called."""
        texts = {name: list(some) for name, some in self.own.items()}
        known = called([reference for _, reference in self.references])
        for name, reference in self.references:
            for text in known[reference]:
                if text not in texts.setdefault(name, []):
                    texts[name].append(text)
        return texts

    @cached_property
    def facets(self) -> Mapping[str, list[str]]:
        """Its values by facet, each once."""
        found: dict[str, dict[str, None]] = {}
        for name, value in facets_of(self.shape, self.document):
            found.setdefault(name, {})[value] = None
        return {name: list(values) for name, values in found.items()}

    @cached_property
    def ranges(self) -> Mapping[str, Interval]:
        """The intervals it states."""
        profile = self.shape.profile
        if self.shape is not profile.records["dataset"]:
            return {}
        every = profile.ranges.values()
        return {one.name: span for one in every if (span := one.interval(self.document))}

    @cached_property
    def names(self) -> frozenset[tuple[str, ...]]:
        """What it is called and its identifiers, as terms."""
        return frozenset(filter(None, map(terms, _names(self.shape, self.document, "identifier"))))


def entry_of(
    records: Records, session: Session, record: Record, called: Called | None = None
) -> Entry | None:
    """The entry of a record; None if the world may not see it."""
    shape = records.shape(record.kind)
    document = public(shape, record)
    if document is None:
        return None
    described = Described(shape, document)
    texts = described.texts(called or Called(records, session))
    return Entry(
        record.id,
        record.kind,
        title_of(shape, document),
        record.modified,
        texts,
        described.facets,
        described.ranges,
        described.names,
        _spellings(records.profile, texts),
    )


def _names(shape: Shape, document: Document, *also: str, title: bool = True) -> Iterator[str]:
    """What a record is called."""
    for one in shape.stored:
        if (title and one.column == "title") or one.name in ("alternative", *also):
            for value in one.values(document):
                yield from one.value.texts(value)


def _spellings(profile: Profile, texts: Mapping[str, list[str]]) -> frozenset[str]:
    boosts = profile.boosts
    words: set[str] = set()
    for name, some in texts.items():
        if boosts.get(name, 0) >= _TELLING:
            for text in some:
                words.update(word.lower() for word in _READABLE.findall(text))
    return frozenset(sorted(words)[:_MOST_SPELLINGS])


def fields_of(profile: Profile) -> Fields:
    """What an index of records of a profile holds."""
    facets = {
        one.name: None
        for shape in profile.values()
        for one in shape.stored
        if one.facet is not None
    }
    return Fields(
        profile.boosts, tuple(facets), {one.name: one.edges for one in profile.ranges.values()}
    )
