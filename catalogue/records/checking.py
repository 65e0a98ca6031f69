"""What can be said against publishing a document, beyond what its shape says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from catalogue.errors import Problem
from catalogue.profile import Document, Shape
from catalogue.profile.shape import reasons_in
from catalogue.profile.values import Reference
from catalogue.records.models import Record

_OWN_REFERENCE = re.compile(r"id/([a-z]+)/([^/#]+)\Z")


def objections(
    shape: Shape, document: Mapping[str, Any], known: Mapping[str, Record], own: str = ""
) -> list[Problem]:
    """Everything that can be said against publishing a well-typed document.

    ``known`` are the records it refers to that are here; ``own`` is its own IRI.
    """
    return [
        *shape.problems(document),
        *_contradictions(shape, document),
        *_hidden_though_needed(shape, document),
        *_dangling(shape, document, known, own),
    ]


def named_twice(shape: Shape, document: Document) -> list[Problem]:
    """Parts of one name with different contents: RDF would melt them into one."""
    named: dict[str, list[tuple[Shape, str, Document]]] = {}
    for one in shape.parts(document):
        named.setdefault(one[2]["id"], []).append(one)
    problems = []
    for name, parts in named.items():
        if len(parts) > 1:  # hardly ever; to compare is to go through all that a part holds
            first, *others = [(one, path, one.canonical(part)) for one, path, part in parts]
            problems += [
                Problem((path,), f"two different parts are called {name}")
                for _, path, part in others
                if part != first[2]
            ]
    return problems


def _contradictions(shape: Shape, document: Mapping[str, Any]) -> list[Problem]:
    """Reasons that stand beside a value, or for a field that takes none."""
    problems = []
    for name in reasons_in(document):
        if name not in shape.properties or not shape[name].reasons:
            problems.append(Problem(("not_stated",), f"“{name}” takes no reason", rule="reason"))
        elif shape[name].values(document):
            label = shape[name].label
            problems.append(
                Problem(
                    ("not_stated",),
                    f"“{label}” has a value and a reason for having none",
                    rule="reason",
                )
            )
    return problems


def _hidden_though_needed(shape: Shape, document: Mapping[str, Any]) -> list[Problem]:
    """Fields that are kept from the world though no description is valid without them."""
    problems = []
    for entry in document.get("restricted") or ():
        name = entry.get("field", "")
        if name not in shape.properties:
            problems.append(Problem(("restricted",), f"there is no field “{name}” to restrict"))
        elif shape[name].obligation_in(document, shape.profile) == "mandatory":
            label = shape[name].label
            problems.append(
                Problem((name,), f"{label}: this is needed, and so must be shown to everybody")
            )
    return problems


def _dangling(
    shape: Shape, document: Mapping[str, Any], known: Mapping[str, Record], own: str
) -> list[Problem]:
    """References to records that are not here, or that lack what is asked of them."""
    problems = []
    for one, reference in shape.references(document):
        assert isinstance(one.value, Reference)
        target = known.get(reference)
        if target is None:
            if _OWN_REFERENCE.match(reference) and reference != own:
                problems.append(
                    Problem((one.name,), f"there is no record {reference}", rule="reference")
                )
            continue
        if shape.profile.records[target.kind].name not in one.value.targets:
            kind, wanted = shape.profile.records[target.kind], shape.profile[one.value.targets[0]]
            problems.append(
                Problem(
                    (one.name,),
                    f"{reference} is of the kind {kind.label.lower()}; "
                    f"{wanted.label.lower()} is needed here",
                    rule="reference",
                )
            )
            continue
        for needed in one.value.needed:
            if not (target.document or target.draft or {}).get(needed):
                label = shape.profile.records[target.kind][needed].label
                problems.append(
                    Problem(
                        (one.name,),
                        f"{target.title}: “{label}” is needed there",
                        rule="needed",
                    )
                )
    return problems
