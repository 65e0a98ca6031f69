"""What a record states where somebody asks: a field, or a field of the parts about a subject."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalogue.errors import BadRequest
from catalogue.outcomes.material import OF_THE_RECORD
from catalogue.outcomes.questions import Question
from catalogue.outcomes.saying import caption
from catalogue.profile import Document, Profile, Property, Shape
from catalogue.profile.criteria import CriterionKind
from catalogue.profile.form import ASKED_TIERS
from catalogue.profile.merging import nameless
from catalogue.profile.shape import reasons_in
from catalogue.profile.values import ConceptValue, Nested

#: The visibility of what may be asked for: who holds it is told or withheld as a whole.
_PUBLIC = "public"
#: The longest list of subjects that is kept.
LONGEST_ABOUT = 2_000


@dataclass(frozen=True)
class Place:
    """Where in a dataset somebody asks: ``whole`` is its property, ``inner`` that of its parts.

    ``subjects`` are the concepts that are meant, by the property ``subject`` of the parts or of
    the dataset itself; none for any.  ``partial`` tells that more is asked than whether
    anything is stated, so that what is stated already is no answer.
    """

    whole: Property
    inner: Property | None = None
    subject: Property | None = None
    subjects: tuple[str, ...] = ()
    partial: bool = False

    @property
    def path(self) -> str:
        """As an address and a row have it."""
        return f"{self.whole.name}.{self.inner.name}" if self.inner else self.whole.name

    @property
    def asked(self) -> Property:
        """The property that is to be stated."""
        return self.inner or self.whole

    @property
    def label(self) -> str:
        """What people call it."""
        inner = self.inner
        label = caption(self.whole)
        if inner is None or inner.label.lower() in label.lower():
            return label
        return f"{label}: {inner.label[:1].lower()}{caption(inner)[1:]}"


@dataclass(frozen=True)
class Stated:
    """What a public document says at a place: values, or the reason for having none.

    ``digest`` tells one state from another.
    """

    values: Sequence[Any]
    reason: str
    digest: str

    @property
    def anything(self) -> bool:
        """Whether there is an answer."""
        return bool(self.values or self.reason)


class Places:
    """Reads and looks up where somebody asks."""

    def __init__(self, profile: Profile, shape: Shape) -> None:
        self._profile = profile
        self.shape = shape

    def every(self) -> Iterator[Property]:
        """Every property that can be asked for."""
        for one in self.shape.stored:
            if one.tier in ASKED_TIERS and one.visibility == _PUBLIC and one.group != OF_THE_RECORD:
                yield one

    def read(self, path: str, question: Question | None = None) -> Place:
        """The place of a path, about what a question asks there; raises :class:`BadRequest`."""
        name, _, inner_name = path.partition(".")
        whole = next((one for one in self.every() if one.name == name), None)
        if whole is None:
            raise BadRequest(
                f'"{path[:80]}" is no field that owners can be asked for; '
                "/profile/Dataset lists the fields."
            )
        if not inner_name:
            return self._about(Place(whole), question)
        inner = None
        if isinstance(whole.value, Nested):
            inner = whole.value.shape.properties.get(inner_name)
        if inner is None or inner.derived or inner.visibility != _PUBLIC:
            raise BadRequest(f'"{path[:80]}" is no field; {whole.label} has none of that name.')
        return self._about(Place(whole, inner), question)

    def _about(self, place: Place, question: Question | None) -> Place:
        """The place with what a question asks there."""
        subjects: dict[str, None] = {}
        subject, partial = None, False
        for one in question.criteria if question else ():
            kind = self._profile.criteria[one.kind]
            if kind.path[0] != place.whole.name or kind.is_number:
                continue
            if kind.test == "any" and kind.path == _path(place):
                continue  # whatever is stated answers it
            if kind.test == "domain":
                partial = True
                continue
            by = self._property(place.whole, kind.path)
            if by is not None and subject in (None, by):
                subject = by
                subjects.update(dict.fromkeys(self._meant(kind, one.values)))
        if subject is not None:
            return Place(place.whole, place.inner, subject, tuple(subjects))
        return Place(place.whole, place.inner, partial=partial)

    @staticmethod
    def _meant(kind: CriterionKind, values: tuple[str, ...]) -> Iterator[str]:
        """The concepts that are asked for: of a set its items."""
        for value in values:
            if kind.test != "coverage" or kind.vocabulary is None:
                yield value
            elif (found := kind.vocabulary.collections.get(value)) is not None:
                yield from found.members

    @staticmethod
    def _property(whole: Property, path: tuple[str, ...]) -> Property | None:
        """The property of concepts at the end of a path."""
        one: Property | None = whole
        if len(path) > 1:
            assert isinstance(whole.value, Nested)
            one = whole.value.shape.properties.get(path[1])
        return one if one is not None and isinstance(one.value, ConceptValue) else None

    def stored(self, path: str, about: str, *, partial: bool) -> Place | None:
        """The place of a row; None if the profile has it no longer."""
        try:
            place = self.read(path)
        except BadRequest:
            return None
        name, _, codes = about.partition(":")
        if not about:
            return Place(place.whole, place.inner, partial=partial)
        one = place.whole
        if isinstance(one.value, Nested):
            one = one.value.shape.properties.get(name, one)
        if not isinstance(one.value, ConceptValue):
            return None
        found = [one.value.resolve(code) for code in codes.split()]
        return Place(place.whole, place.inner, one, tuple(filter(None, found)), partial)

    def about(self, place: Place) -> str:
        """The subjects of a place, as a row has them: as many as it holds."""
        if place.subject is None:
            return ""
        said = f"{place.subject.name}:"
        for code in sorted(map(self._profile.vocabularies.code, place.subjects)):
            if len(said) + len(code) + 1 > LONGEST_ABOUT:
                break
            said += f"{code} "
        return said.rstrip()

    # what is stated ---------------------------------------------------------------------

    def stated(self, place: Place, document: Document) -> Stated:
        """What a public document says at a place."""
        reason = reasons_in(document).get(place.whole.name, "")
        found = [one for one in place.whole.values(document) if self._is_meant(place, one)]
        values = (
            found
            if place.inner is None
            else [value for part in found for value in place.inner.values(part)]
        )
        return Stated(values, reason, _digest(place.whole, found, reason))

    @staticmethod
    def _is_meant(place: Place, found: Any) -> bool:
        """Whether a value or part is about the subjects that are meant, or narrower ones."""
        if place.subject is None or not place.subjects:
            return True
        kind = place.subject.value
        assert isinstance(kind, ConceptValue)
        values = [found] if place.subject is place.whole else place.subject.values(found)
        return any(
            value in place.subjects
            or any(one.iri in place.subjects for one in kind.vocabulary.above(value))
            for value in values
        )

    def silent(self, place: Place, document: Document) -> Place:
        """The place with those of its subjects only that a document is silent of, if any."""
        left = tuple(
            one
            for one in place.subjects
            if not self.stated(replace(place, subjects=(one,)), document).anything
        )
        return replace(place, subjects=left) if left else place


def _path(place: Place) -> tuple[str, ...]:
    return (place.whole.name, place.inner.name) if place.inner else (place.whole.name,)


def _digest(one: Property, values: Sequence[Any], reason: str) -> str:
    """A name for what is stated; empty for nothing."""
    if not values and not reason:
        return ""
    said = [
        sorted(json.dumps(nameless(one.value.canonical(v)), sort_keys=True) for v in values),
        reason,
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
