"""The form of a record, described: sections, fields, help, choices; drawing is for templates.

Which questions are asked follows from the table: up to a tier, and by the ``asked`` cell,
which is held against the document.  A value that is there already is always shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from catalogue.profile.names import section_slug
from catalogue.profile.shape import Property, Shape, reasons_in
from catalogue.profile.tables import TIERS
from catalogue.profile.values import Nested, Reference

#: A list this short is shown whole; a longer one is searched.
_SHORT_LIST = 12
#: Parts may hold parts of their own kind: this deep they are asked for, deeper ones are kept.
_DEEPEST = 4
#: What people call the tiers.
TIER_LABELS = {
    "minimum": "Publishable minimum",
    "compliant": "Complete for the EHDS",
    "outcome-rich": "Rich in outcomes",
}
#: The tiers that a form can be asked up to, the shortest form first.
ASKED_TIERS = tuple(TIER_LABELS)


@dataclass(frozen=True)
class Field:
    """One question: how it is asked, whether it must be answered, what may be answered."""

    name: str
    label: str
    widget: str
    help: str
    example: str
    tier: str
    required: bool
    repeatable: bool
    reasons: bool
    unit: str
    vocabulary: str
    choices: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    fields: tuple[Field, ...]
    property: Property


@dataclass(frozen=True)
class Section:
    """One page of the form; ``more`` are the questions of the section above the tier."""

    title: str
    fields: Sequence[Field]
    more: Sequence[Field] = ()

    @property
    def slug(self) -> str:
        """The name of the section in an address."""
        return section_slug(self.title)

    @property
    def every(self) -> tuple[Field, ...]:
        """Every question of the page."""
        return (*self.fields, *self.more)


@dataclass(frozen=True)
class Progress:
    """How far a section is: an honest reason is an answer too."""

    section: Section
    answered: int

    @property
    def asked(self) -> int:
        """How many questions the section asks up to the tier."""
        return len(self.section.fields)

    @property
    def done(self) -> bool:
        """Whether nothing is left to say."""
        return self.answered >= self.asked


def form(
    shape: Shape, tier: str = "outcome-rich", document: Mapping[str, Any] | None = None
) -> list[Section]:
    """The sections with what the form asks up to a tier; sections without questions are left out.

    Without a document every row is asked that could be.
    """
    sections = []
    for title, names in _grouped(shape).items():
        asked = [
            _in_document(one, document, shape)
            for one in names
            if document is None or is_asked(one.property, document, shape)
        ]
        up_to = [one for one in asked if within(one, tier)]
        more = [one for one in asked if not within(one, tier)]
        if asked:
            sections.append(Section(title, up_to, more))
    return [one for one in sections if one.fields or document is not None]


def within(field: Field, tier: str) -> bool:
    """Whether a question belongs to a tier or to a shorter one."""
    return TIERS.index(field.tier) <= TIERS.index(tier)


def is_asked(one: Property, document: Mapping[str, Any], shape: Shape) -> bool:
    """Whether the form asks for a row of a document or part; what is said is always shown."""
    if one.asked is None or one.values(document) or one.name in reasons_in(document):
        return True
    return one.asked.holds(document, shape.profile.vocabularies.code)


def progress(shape: Shape, document: Mapping[str, Any], tier: str) -> list[Progress]:
    """How far each section is up to a tier."""
    reasons = reasons_in(document)
    return [
        Progress(
            section,
            sum(
                bool(one.property.values(document)) or one.name in reasons for one in section.fields
            ),
        )
        for section in form(shape, tier, document)
    ]


@lru_cache(maxsize=128)
def fields_of(shape: Shape, depth: int = 0) -> tuple[Field, ...]:
    """Every row of a shape that people are asked for, as a question, in the table's order."""
    return tuple(
        _field(one, depth) for one in shape.stored if one.tier not in ("automatic", "derived")
    )


@lru_cache(maxsize=64)
def _grouped(shape: Shape) -> dict[str, list[Field]]:
    asked = {one.name: one for one in fields_of(shape)}
    return {
        title: [asked[one.name] for one in properties if one.name in asked]
        for title, properties in shape.groups.items()
    }


def _in_document(field: Field, document: Mapping[str, Any] | None, shape: Shape) -> Field:
    """The question as it stands in a document: there, something may be needed that was not."""
    if document is None:
        return field
    required = field.property.obligation_in(document, shape.profile) == "mandatory"
    return field if required == field.required else replace(field, required=required)


def _field(one: Property, depth: int) -> Field:
    value = one.value
    vocabulary = getattr(value, "vocabulary", None)
    choices: tuple[tuple[str, str], ...] = ()
    if vocabulary is not None and len(vocabulary.concepts) <= _SHORT_LIST:
        choices = tuple(
            (concept.code if value.kind == "code" else concept.iri, concept.label())
            for concept in vocabulary.concepts.values()
            if not concept.deprecated
        )
    inner: tuple[Field, ...] = ()
    if isinstance(value, Nested) and depth < _DEEPEST:
        inner = fields_of(value.shape, depth + 1)
    return Field(
        name=one.name,
        label=one.label,
        widget=value.widget,
        help=one.note,
        example=one.example,
        tier=one.tier,
        required=one.obligation == "mandatory",
        repeatable=one.repeatable,
        reasons=one.reasons,
        unit=value.values if value.kind == "decimal" else "",
        vocabulary=vocabulary.name if vocabulary else "",
        choices=choices,
        kinds=value.targets if isinstance(value, Reference) else (),
        fields=inner,
        property=one,
    )
