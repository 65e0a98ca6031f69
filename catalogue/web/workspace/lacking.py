"""What is said against a record, in words, each with the way to where it is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from catalogue.errors import Problem
from catalogue.profile import Property
from catalogue.profile.form import ASKED_TIERS, Section
from catalogue.profile.values import Reference
from catalogue.records.models import Record
from catalogue.web.current import catalogue, session, viewer

#: The rules that a heading of the check tells of, so that its lines need not.
_SAID_BY_HEADING = ("mandatory", "recommended", "ehds")


@dataclass(frozen=True)
class Lacking:
    """One thing that is said against a record: in words, with the way to where it is mended."""

    words: str
    way: str


def problems_by_severity(record: Record) -> Mapping[str, list[Lacking]]:
    """What is said against a working copy, by how bad it is, each once."""
    sorted_: dict[str, dict[Lacking, None]] = {}
    for one in catalogue.records.check(session, record.kind, record.working_copy, record.iri):
        sorted_.setdefault(one.severity, {})[_lacking(record, one)] = None
    return {severity: list(found) for severity, found in sorted_.items()}


def _lacking(record: Record, problem: Problem) -> Lacking:
    shape = catalogue.records.shape(record.kind)
    field = shape.properties.get(str(problem.path[0])) if problem.path else None
    words = problem.message
    if problem.rule in _SAID_BY_HEADING:
        words = words.partition(":")[0]  # that it is lacking is said by the heading
    if field and len(problem.path) > 1 and field.label not in words:
        words = f"{field.label}: {words}"
    if field is None or field.tier not in ASKED_TIERS:
        return Lacking(words, "")
    if problem.rule == "needed" and (way := _way_into_own(record, field)):
        return Lacking(words, way)
    return Lacking(words, way_to(record, field))


def way_to(record: Record, field: Property) -> str:
    """The page of the form where a field is asked for."""
    return url_for(
        "workspace_form.show",
        kind=record.kind,
        key=record.key,
        section=Section(field.group, ()).slug,
        tier=field.tier,
        _anchor=f"field-{field.name}",
    )


def _way_into_own(record: Record, field: Property) -> str:
    """Where a record of one's own that a field names can be mended."""
    if not isinstance(field.value, Reference):
        return ""
    named = catalogue.records.named(session, field.values(record.working_copy))
    for target in named.values():
        if catalogue.workspace.may(session, viewer, "edit", target):
            needed = catalogue.records.shape(target.kind)[field.value.needed[0]]
            return way_to(target, needed)
    return ""
