"""What counts as a change worth a mail: decided here, by the property table, and nowhere else.

Material is what is not prose, by the kind of value (:data:`KINDS`): numbers, dates, concepts,
references, yes and no.  Texts, notes and addresses are not, so a typing mistake put right is
no news.  A string of the dataset itself is a code or a version and counts; in a part it is a
name and does not.  Parts count with what they hold of that.  What the record says of itself
(:data:`OF_THE_RECORD`, :data:`_RECORD_DATES`) never counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalogue.profile import Document, Property, Shape
from catalogue.profile.merging import nameless
from catalogue.profile.values import Nested
from catalogue.records.differences import Difference, differences

#: The kinds of value whose change is material wherever they stand.
KINDS = frozenset(
    {
        "boolean",
        "code",
        "concept",
        "date",
        "decimal",
        "duration",
        "geometry",
        "integer",
        "reference",
    }
)
#: The kind that counts in the dataset itself only.
_OF_THE_WHOLE = "string"
#: The section about the record rather than about the data.
OF_THE_RECORD = "Administration"
#: When the dataset was issued and modified: a date that moves tells nothing by itself.
_RECORD_DATES = frozenset({"dct:issued", "dct:modified"})
#: The part that holds reasons: told at the fields they are about.
_REASONS = "not_stated"
#: Parts hold parts of their own kind: nobody tells what lies deeper.
_DEEPEST = 6


def is_material(one: Property, depth: int = 0) -> bool:
    """Whether a change of a property is worth a mail; ``depth`` parts down in the dataset."""
    if one.group == OF_THE_RECORD or one.property_id in _RECORD_DATES:
        return False
    if isinstance(one.value, Nested):
        inner = one.value.shape.stored
        return depth < _DEEPEST and any(is_material(each, depth + 1) for each in inner)
    return one.value.kind in KINDS or (one.value.kind == _OF_THE_WHOLE and not depth)


def material(
    shape: Shape, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Sequence[Difference]:
    """The fields in which two public states differ by more than prose."""
    return [
        one
        for difference in differences(shape, _bare(shape, before, 0), _bare(shape, after, 0))
        if (one := _without_renamed(difference)) is not None
    ]


def _bare(shape: Shape, document: Mapping[str, Any], depth: int) -> Document:
    """What of a document counts; parts keep their names, by which they are compared."""
    kept: Document = {"id": document["id"]} if depth and document.get("id") else {}
    for one in shape.stored:
        if one.name == _REASONS and not depth:
            reasons = [
                each
                for each in one.values(document)
                if (about := shape.properties.get(each.get("field", "")))
                and is_material(about, depth)
            ]
            if reasons:
                kept[one.name] = reasons
        elif one.name in document and is_material(one, depth):
            if not isinstance(one.value, Nested):
                kept[one.name] = document[one.name]
                continue
            inner = one.value.shape
            parts = [_bare(inner, part, depth + 1) for part in one.values(document)]
            if parts := [part for part in parts if part.keys() - {"id"}]:
                kept[one.name] = parts if one.repeatable else parts[0]
    return kept


def _without_renamed(difference: Difference) -> Difference | None:
    """The difference without parts that only have another name; None if nothing is left."""
    if not isinstance(difference.field.value, Nested):
        return difference
    shape = difference.field.value.shape
    gone, come = (
        [(part, nameless(shape.canonical(part))) for part in parts]
        for parts in (difference.before, difference.after)
    )
    left: list[Any] = []
    for part, said in gone:
        same = next((place for place, (_, other) in enumerate(come) if other == said), None)
        if same is None:
            left.append(part)
        else:
            del come[same]
    found = replace(difference, before=left, after=[part for part, _ in come])
    reasons = found.reason_before or found.reason_after
    return found if found.before or found.after or found.parts or reasons else None
