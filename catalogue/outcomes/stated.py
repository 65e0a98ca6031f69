"""What a dataset states that a question may ask: a few short lists, read from its document.

Which properties those are follows from the kinds of criteria (:class:`Plan`).  Concepts go by
their list and code (``condition/heart-failure``); what is not written is not stated.  A number
or an interval is a pair of bounds: ``None`` where a bound is not stated, infinite where the
data go on without end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalogue.profile import Document, Profile, Shape
from catalogue.profile.criteria import LEAST, CriterionKind, implied, incomplete
from catalogue.profile.ranges import Range, number_in, values_at
from catalogue.profile.shape import NOT_APPLICABLE, Property, reasons_in
from catalogue.profile.values import ConceptValue, Nested
from catalogue.records.naming import title_of
from catalogue.vocabulary import Concept, Vocabularies, Vocabulary

Bounds = tuple[float | None, float | None]
Part = dict[str, Any]
#: The column that holds the properties of which a dataset says that they do not apply to it.
INAPPLICABLE = "not_applicable"
#: The longest title that datasets are put in order by.
_LONGEST_TITLE = 160
#: A synonym of one word is taken for the name of a variable if it is no shorter than this:
#: a column that is called "stage" may be of anything.
_TELLING = 8


@dataclass(frozen=True)
class PartPlan:
    """What is read from every part of a property: concepts and numbers by name."""

    concepts: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Stating:
    """How the parts of a property say whether their subject is collected.

    ``subject`` names what a part is about, ``state`` what is said of it, and ``met`` is what
    that must be; ``subjects`` is the list of the subjects.
    """

    part: str
    subject: str
    state: str
    met: str
    subjects: Vocabulary
    states: Vocabulary


@dataclass(frozen=True)
class Stated:
    """What one dataset states: as :meth:`plain` it is JSON."""

    title: str
    concepts: Mapping[str, list[str]]
    spans: Mapping[str, list[Bounds]]
    parts: Mapping[str, list[Part]]

    def plain(self) -> list[Any]:
        """The same as JSON; what is empty is left out."""
        return [
            self.title,
            {name: some for name, some in self.concepts.items() if some},
            {name: some for name, some in self.spans.items() if some},
            {name: some for name, some in self.parts.items() if some},
        ]

    @classmethod
    def of(cls, plain: list[Any]) -> Stated:
        """What :meth:`plain` gave; raises :class:`ValueError` if it is nothing of the kind."""
        found = cls(*plain)
        maps = (found.concepts, found.spans, found.parts)
        if not isinstance(found.title, str) or not all(isinstance(one, dict) for one in maps):
            raise ValueError("not what a dataset states")
        return found


class Plan:
    """What is read of datasets, as the kinds of criteria of a profile need it."""

    def __init__(self, profile: Profile) -> None:
        self.profile, self.kinds = profile, profile.criteria
        self.vocabularies: Vocabularies = profile.vocabularies
        self.shape: Shape = profile.records["dataset"]
        self.concepts: dict[str, Property] = {}
        self.spans: dict[str, Range | Property] = {}
        parts: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for kind in self.kinds.values():
            if kind.part:
                names = parts.setdefault(kind.part, ({}, {}))
                for name in (kind.subject, *kind.qualifiers):
                    if name != LEAST:
                        names[not self._is_concept(self.inside(kind.part)[name])][name] = None
            elif kind.range is not None:
                self.spans[kind.subject] = kind.range
            elif self._is_concept(one := self.shape[kind.subject]):
                self.concepts[kind.subject] = one
            else:
                self.spans[kind.subject] = one
            if kind.ceiling:
                self.spans[kind.ceiling] = self.shape[kind.ceiling]
        self.statings = {
            part: found for part in parts if (found := _stating(part, self.inside(part)))
        }
        for part, stating in self.statings.items():
            parts[part][0].update({stating.subject: None, stating.state: None})
        self.parts = {
            part: PartPlan(tuple(concepts), tuple(numbers))
            for part, (concepts, numbers) in parts.items()
        }
        #: What is read of a dataset as a list of names.
        self.lists = (*self.concepts, INAPPLICABLE)
        #: The properties whose values are never all there are.
        self.incomplete = incomplete(self.kinds)
        #: What the subject of a part says of another property of it.
        self.implied = implied(self.kinds)

    @staticmethod
    def _is_concept(one: Property) -> bool:
        return isinstance(one.value, ConceptValue)

    def inside(self, part: str) -> Shape:
        """The shape of the parts of a property."""
        value = self.shape[part].value
        assert isinstance(value, Nested)
        return value.shape

    def short(self, value: str) -> str:
        """A concept by list and code; another address as it is."""
        concept = self.vocabularies.concept(value)
        return value if concept is None else f"{concept.scheme}/{concept.code}"

    # reading ------------------------------------------------------------------------

    def read(self, document: Document, counted: Mapping[str, Bounds] | None = None) -> Stated:
        """What a document states; what it is silent of may have been ``counted`` in the data."""
        concepts = {name: self._concepts(one, document) for name, one in self.concepts.items()}
        for kind in self.kinds.values():
            if kind.also:
                known = concepts[kind.subject]
                known += [one for one in self._described(kind, document) if one not in known]
        concepts[INAPPLICABLE] = self._inapplicable(document)
        return Stated(
            title_of(self.shape, document).casefold()[:_LONGEST_TITLE],
            concepts,
            {name: self.spans_in(name, document, counted) for name in self.spans},
            {
                part: [self._part(part, one) for one in self.shape[part].values(document)]
                for part in self.parts
            },
        )

    def spans_in(
        self, name: str, document: Document, counted: Mapping[str, Bounds] | None = None
    ) -> list[Bounds]:
        """The intervals that a document states, else the one that was counted, if any was."""
        found = list(_spans(self.spans[name], document))
        return found or ([counted[name]] if counted and name in counted else [])

    def _concepts(self, one: Property, document: Mapping[str, Any]) -> list[str]:
        found = (value for value in one.values(document) if isinstance(value, str))
        return list(dict.fromkeys(map(self.short, found)))

    def _inapplicable(self, document: Document) -> list[str]:
        """The properties that a dataset says do not apply to it."""
        code, asked = self.vocabularies.code, {*self.concepts, *self.parts}
        reasons = reasons_in(document).items()
        return [name for name, why in reasons if name in asked and code(why) == NOT_APPLICABLE]

    def _part(self, part: str, document: Mapping[str, Any]) -> Part:
        inside, plan = self.inside(part), self.parts[part]
        found: Part = {}
        for name in plan.concepts:
            if some := self._concepts(inside[name], document) or self._implied(
                part, name, document
            ):
                found[name] = some
        for name in plan.numbers:
            if (number := _number(document.get(name))) is not None:
                found[name] = number
        return found

    def _implied(self, part: str, name: str, document: Mapping[str, Any]) -> list[str]:
        """What the subject of a part says of a property of it that is not stated."""
        known = self.implied.get((part, name), {})
        subjects = (one for one in document.values() if isinstance(one, str)) if known else ()
        return [self.short(known[one]) for one in subjects if one in known]

    def _described(self, kind: CriterionKind, document: Document) -> Iterator[str]:
        """The concepts that the parts named in ``also`` speak of, by address or by name."""
        assert kind.vocabulary is not None
        for part in values_at(document, kind.also):
            if not isinstance(part, Mapping):
                continue
            shape = self._last(kind.also)
            for one in shape.stored:
                for value in one.values(part):
                    if concept := self._named_by(kind.vocabulary, one, value):
                        yield self.short(concept.iri)

    def _named_by(self, vocabulary: Vocabulary, one: Property, value: Any) -> Concept | None:
        if isinstance(value, str) and value in vocabulary.concepts:
            return vocabulary.concepts[value]
        if one.value.kind not in ("string", "text"):
            return None
        names = self._names[vocabulary.name]
        for text in one.value.texts(value):
            if found := names.get(_plain(text)):
                return found
        return None

    @cached_property
    def _names(self) -> Mapping[str, Mapping[str, Concept]]:
        """What variables are called, by list."""
        used = [kind.vocabulary for kind in self.kinds.values() if kind.also and kind.vocabulary]
        return {one.name: _names_of(one) for one in used}

    def _last(self, path: Iterable[str]) -> Shape:
        shape = self.shape
        for name in path:
            value = shape[name].value
            assert isinstance(value, Nested)
            shape = value.shape
        return shape


def _stating(part: str, inside: Shape) -> Stating | None:
    """How parts say that their subject is collected; None if they say no such thing."""
    for one in inside.stored:
        if one.facet is None or one.obligation != "mandatory" or len(one.facet.tests) != 1:
            continue
        test = one.facet.tests[0]
        state = inside.properties.get(test.name)
        if (
            state is not None
            and isinstance(one.value, ConceptValue)
            and isinstance(state.value, ConceptValue)
        ):
            states = state.value.vocabulary
            met = f"{states.name}/{test.expected}"
            return Stating(part, one.name, test.name, met, one.value.vocabulary, states)
    return None


def _spans(one: Range | Property, document: Document) -> Iterator[Bounds]:
    """The intervals of a document; those that meet are one."""
    if isinstance(one, Property):
        for value in one.values(document):
            if (number := _number(value)) is not None:
                yield number, number
        return
    if one.is_span and len(one.first) > 1 and one.first[:-1] == one.last[:-1]:
        parts = [part for part in values_at(document, one.first[:-1]) if isinstance(part, Mapping)]
        ends = (_bounds(part, one.first[-1:], one.last[-1:]) for part in parts)
        stated = (
            (low, math.inf if high is None else high)  # a collection without an end goes on
            for low, high in ends
            if (low, high) != (None, None)
        )
        yield from _joined(stated, one.step)
        return
    low, high = _bounds(document, one.first, one.last)
    if (low, high) != (None, None):
        yield _turned(low, high)


def _bounds(document: Mapping[str, Any], first: tuple[str, ...], last: tuple[str, ...]) -> Bounds:
    lows = [n for value in values_at(document, first) if (n := _number(value)) is not None]
    highs = [n for value in values_at(document, last) if (n := _number(value)) is not None]
    return min(lows, default=None), max(highs, default=None)


def _turned(low: float | None, high: float | None) -> Bounds:
    return (high, low) if low is not None and high is not None and high < low else (low, high)


def _joined(spans: Iterable[Bounds], step: float) -> Iterator[Bounds]:
    """Intervals in order; where one begins before the last one is over, or just then, they are one.

    One without a beginning is never joined: nobody knows how far back it reaches.
    """
    turned = [_turned(*one) for one in spans]
    yield from (one for one in turned if one[0] is None)
    last: tuple[float, float] | None = None
    for low, high in sorted((low, high) for low, high in turned if low is not None):
        assert high is not None
        if last is not None and low <= last[1] + step:
            last = (last[0], max(last[1], high))
        else:
            if last is not None:
                yield last
            last = (low, high)
    if last is not None:
        yield last


def _number(value: Any) -> float | None:
    try:
        is_number, number = number_in(value)
    except OverflowError:
        return None
    return number if is_number and math.isfinite(number) else None


def _names_of(vocabulary: Vocabulary) -> dict[str, Concept]:
    """The names by which a variable is known for sure."""
    found: dict[str, Concept] = {}
    for concept in vocabulary.concepts.values():
        labels, short = set(concept.labels.values()), concept.notes.get("abbreviation", ())
        for text in (*concept.texts(), concept.code):
            plain = _plain(text)
            sure = text in labels or " " in plain or len(plain) >= _TELLING
            if sure or (text in short and len(plain) > 2):
                found.setdefault(plain, concept)
    return found


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("-", " ").casefold().split())
