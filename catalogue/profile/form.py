"""The form of a record, described: sections, fields, help, choices; drawing is for templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.profile.shape import Property, Shape
from catalogue.profile.tables import TIERS
from catalogue.profile.values import Nested, Reference

#: A list this short is shown whole; a longer one is searched.
_SHORT_LIST = 12


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


@dataclass(frozen=True)
class Section:
    """One page of the form."""

    title: str
    fields: Sequence[Field]


def form(shape: Shape, tier: str = "outcome-rich") -> list[Section]:
    """The sections with what the form asks up to a tier; empty sections are left out."""
    sections = []
    for title, properties in shape.groups.items():
        fields = [_field(one, tier, depth=0) for one in properties if _asked(one, tier)]
        if fields:
            sections.append(Section(title, fields))
    return sections


def _asked(one: Property, tier: str) -> bool:
    return one.tier not in ("automatic", "derived") and TIERS.index(one.tier) <= TIERS.index(tier)


def _field(one: Property, tier: str, depth: int) -> Field:
    value = one.value
    vocabulary = getattr(value, "vocabulary", None)
    short = vocabulary is not None and len(vocabulary.concepts) <= _SHORT_LIST
    inner: tuple[Field, ...] = ()
    if isinstance(value, Nested) and depth < 4:  # parts may hold parts of their own kind
        inner = tuple(
            _field(part, tier, depth + 1) for part in value.shape.stored if _asked(part, tier)
        )
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
        choices=tuple((concept.iri, concept.label()) for concept in vocabulary.concepts.values())
        if short and vocabulary
        else (),
        kinds=value.targets if isinstance(value, Reference) else (),
        fields=inner,
    )
