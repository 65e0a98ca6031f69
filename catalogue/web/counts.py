"""Counts and lists from the facet table: what is here, and what refers to what.

Every question is one indexed, grouped or limited SELECT.  What would count all records is
counted once for each state of the change log and then remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

from flask import current_app
from sqlalchemy import func, select

from catalogue.changes import Position
from catalogue.memory import Memory
from catalogue.profile import Shape
from catalogue.profile.shape import Property
from catalogue.profile.values import ConceptValue, Nested, Reference
from catalogue.records.models import PUBLISHED, Facet, Record
from catalogue.web.current import catalogue, last_change, session
from catalogue.web.summaries import summaries
from catalogue.web.views import Paged

PAGE = 50
T = TypeVar("T")


def of_kinds() -> Mapping[str, int]:
    """How many published records of each kind there are; remembered."""

    def count() -> Mapping[str, int]:
        found = session.execute(
            select(Record.kind, func.count()).where(Record.state == PUBLISHED).group_by(Record.kind)
        )
        return {row.kind: row[1] for row in found}

    return once("of_kinds", count)


def of_values(
    fields: Sequence[str], limit: int, kind: str = "dataset"
) -> Sequence[tuple[str, int]]:
    """The commonest values of some facets, with how many records have each; remembered."""

    def count() -> Sequence[tuple[str, int]]:
        # A record has a value of one facet only once: the index alone answers then.
        number = func.count(Facet.record_id.distinct()) if len(fields) > 1 else func.count()
        found = session.execute(
            select(Facet.value, number)
            .where(Facet.field.in_(fields), Facet.kind == kind)
            .group_by(Facet.value)
            .order_by(number.desc(), Facet.value)
            .limit(limit)
        )
        return [(value, count) for value, count in found]

    return once(("of_values", tuple(fields), limit, kind), count)


def once(question: Hashable, answer: Callable[[], T]) -> T:
    """An answer that is worked out once for each state that the request's session can see.

    The facets follow the records, so both how far the log goes and how far they have read
    it are part of the state.
    """
    read = session.execute(
        select(Position.seq, Position.version).where(Position.name == "facets")
    ).one_or_none()
    memory: Memory = current_app.extensions.setdefault("counts", Memory())
    return memory((last_change(), read and tuple(read), question), answer)


def having(value: str, fields: Sequence[str], number: int, kind: str = "dataset") -> Paged:
    """The records that have a value in one of some facets, in pages."""
    among = (
        select(Facet.record_id)
        .where(Facet.field.in_(fields), Facet.value == value, Facet.kind == kind)
        .distinct()
    )
    total = session.scalar(select(func.count()).select_from(among.subquery())) or 0
    found = session.scalars(
        select(Record)
        .where(Record.id.in_(among))
        .order_by(func.lower(Record.title), Record.id)
        .offset((number - 1) * PAGE)
        .limit(PAGE)
    )
    return Paged(summaries(found), total, number, PAGE)


def of_these(values: Sequence[str], fields: Sequence[str]) -> Mapping[str, int]:
    """How many datasets have each of some values."""
    found = session.execute(
        select(Facet.value, func.count(Facet.record_id.distinct()))
        .where(Facet.field.in_(fields), Facet.value.in_(values), Facet.kind == "dataset")
        .group_by(Facet.value)
    )
    return {row.value: row[1] for row in found}


def listed_of(numbers: Sequence[int], number: int) -> Paged:
    """Some records, which are in the order of their titles, in pages."""
    part = numbers[(number - 1) * PAGE : number * PAGE]
    known = {one.id: one for one in session.scalars(select(Record).where(Record.id.in_(part)))}
    return Paged(summaries(known[id] for id in part if id in known), len(numbers), number, PAGE)


def listed(kind: str, number: int) -> Paged:
    """The published records of a kind by title, in pages."""
    published = (Record.kind == kind, Record.state == PUBLISHED)
    total = session.scalar(select(func.count()).select_from(Record).where(*published)) or 0
    found = session.scalars(
        select(Record)
        .where(*published)
        .order_by(func.lower(Record.title), Record.id)
        .offset((number - 1) * PAGE)
        .limit(PAGE)
    )
    return Paged(summaries(found), total, number, PAGE)


def facets_on(vocabulary: str) -> list[Property]:
    """The facets of datasets whose values come from a vocabulary."""
    return [
        one
        for one in catalogue.profile.facets.values()
        if isinstance(one.value, ConceptValue) and one.value.vocabulary.name == vocabulary
    ]


def referring(kind: str, of: str = "dataset") -> list[Property]:
    """The properties of a kind of record, parts included, that refer to a kind; each once."""
    found: dict[str, Property] = {}
    _find_references(catalogue.records.shape(of), catalogue.records.shape(kind).name, found, set())
    return list(found.values())


def _find_references(shape: Shape, name: str, found: dict[str, Property], seen: set[str]) -> None:
    seen.add(shape.name)
    for one in shape.stored:
        if isinstance(one.value, Reference) and name in one.value.targets:
            found.setdefault(one.name, one)
        elif isinstance(one.value, Nested) and one.value.values not in seen:
            _find_references(one.value.shape, name, found, seen)
