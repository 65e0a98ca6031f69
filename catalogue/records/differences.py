"""What changed between two states of a record, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.profile import Document, Property, Shape
from catalogue.profile.shape import reasons_in
from catalogue.profile.values import Nested, Text


@dataclass(frozen=True)
class Difference:
    """One field that says something else.

    ``before`` and ``after`` hold only the values that went or came.  A part that stayed under
    its name but says something else is in ``parts`` with its own differences.  The reasons
    are those that stand in place of a value.
    """

    field: Property
    before: Sequence[Any]
    after: Sequence[Any]
    parts: Sequence[tuple[Document, Sequence[Difference]]] = ()
    reason_before: str = ""
    reason_after: str = ""


def differences(
    shape: Shape, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Sequence[Difference]:
    """The fields of a shape in which two documents differ, in the order of the sections."""
    return list(_differences(shape, before, after))


def _differences(
    shape: Shape, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    reasons = reasons_in(before), reasons_in(after)
    for one in (one for group in shape.groups.values() for one in group):
        if one.value.values == "NotStated":
            continue  # told at the fields that the reasons are about
        old, new = one.values(before), one.values(after)
        why = reasons[0].get(one.name, ""), reasons[1].get(one.name, "")
        parts: Sequence[tuple[Document, Sequence[Difference]]] = ()
        if isinstance(one.value, Nested):
            old, new, parts = _parts(one.value.shape, old, new)
        elif isinstance(one.value, Text):
            old, new = _texts(old), _texts(new)
        old, new = _without(one, old, new), _without(one, new, old)
        if old or new or parts or why[0] != why[1]:
            yield Difference(one, old, new, parts, *(why if why[0] != why[1] else ("", "")))


def _parts(
    shape: Shape, old: Sequence[Document], new: Sequence[Document]
) -> tuple[list[Document], list[Document], list[tuple[Document, Sequence[Difference]]]]:
    """Parts that went, parts that came, and parts that say something else, by their names."""
    earlier = {part.get("id"): part for part in old}
    later = {part.get("id"): part for part in new}
    changed = [
        (part, inner)
        for name, part in later.items()
        if name in earlier and (inner := differences(shape, earlier[name], part))
    ]
    return (
        [part for name, part in earlier.items() if name not in later],
        [part for name, part in later.items() if name not in earlier],
        changed,
    )


def _texts(values: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Language maps as one map for each text."""
    return [
        {language: text}
        for value in values
        for language, texts in value.items()
        for text in (texts if isinstance(texts, list) else [texts])
    ]


def _without(one: Property, values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """The values that are not among others, whatever their order."""
    known = [one.value.canonical(value) for value in others]
    return [value for value in values if one.value.canonical(value) not in known]
