"""The application profile in force: its shapes, vocabularies and prefixes, checked at start-up."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from catalogue.errors import FaultyTable
from catalogue.profile.conditions import Condition
from catalogue.profile.criteria import CriterionKind
from catalogue.profile.defaults import Default
from catalogue.profile.orders import Order
from catalogue.profile.ranges import Range
from catalogue.profile.shape import Property, Shape
from catalogue.profile.tables import (
    OBLIGATIONS,
    TIERS,
    VISIBILITIES,
    ClassRow,
    ProfileHeader,
    Row,
    Tables,
    read_tables,
)
from catalogue.profile.values import KINDS
from catalogue.terms import iri
from catalogue.vocabulary import OUTCOME, Vocabularies


class Profile(Mapping[str, Shape]):
    """The shapes of a profile and of all it extends, by name."""

    own = OUTCOME

    def __init__(self, tables: Tables, vocabularies: Vocabularies) -> None:
        self.tables = tables
        self.vocabularies = vocabularies
        self.prefixes: Mapping[str, str] = tables.prefixes
        self._shapes: dict[str, Shape] = {}
        faults: list[str] = []
        for row in tables.classes.values():
            self._shape(row, faults)
        faults += self._clashes()
        if not faults:
            faults += self._faults_of_forms()
        self.ranges = self._ranges(faults)
        self.criteria = self._criteria(faults)
        self.orders = self._orders(faults)
        if faults:
            raise FaultyTable(faults)

    @classmethod
    def read(cls, folder: Path, name: str, vocabularies: Vocabularies) -> Profile:
        """Read a profile; raises :class:`FaultyTable` with every fault by file and line."""
        return cls(read_tables(folder, name), vocabularies)

    def __getitem__(self, name: str) -> Shape:
        return self._shapes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)

    @cached_property
    def records(self) -> dict[str, Shape]:
        """The shapes that are kept as records, by kind: dataset, agent, catalogue …"""
        return {shape.path: shape for shape in self.values() if shape.kept == "record"}

    @cached_property
    def version(self) -> str:
        """Changes with any cell of the tables."""
        tables = self.tables
        said = repr(
            (
                tables.headers,
                tables.prefixes,
                tables.classes,
                tables.groups,
                sorted((name, sorted(row.cells.items())) for name, row in tables.ranges.items()),
                sorted((name, sorted(row.cells.items())) for name, row in tables.criteria.items()),
                [sorted(row.cells.items()) for row in tables.orders],
                [
                    (shape, name, sorted(row.cells.items()))
                    for shape, rows in tables.rows.items()
                    for name, row in rows.items()
                ],
            )
        )
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.tables.headers[-1].name

    @property
    def iri(self) -> str:
        """The IRI that stands for it."""
        return self.tables.headers[-1].iri

    @property
    def header(self) -> str:
        """The profile's name and version."""
        return f"{self.tables.headers[-1].title} {self.tables.headers[-1].version}"

    @cached_property
    def conforms_to(self) -> tuple[str, ...]:
        """The IRIs of the profiles a description follows, the basic one first."""
        return tuple(header.iri for header in self.tables.headers)

    @property
    def official(self) -> str:
        """The IRI of the most special profile that is not our own."""
        return self._official.iri

    @property
    def most_official(self) -> str:
        """The folder of the most special profile that is not our own: what portals check by."""
        return self._official.name

    @property
    def _official(self) -> ProfileHeader:
        return next(
            header
            for header in reversed(self.tables.headers)
            if not header.iri.startswith(self.own)
        )

    @property
    def facets(self) -> dict[str, Property]:
        """Every facet of datasets."""
        return self.facets_by_kind["dataset"]

    @cached_property
    def facets_by_kind(self) -> dict[str, dict[str, Property]]:
        """Every facet of each kind of record: those that lead first, then what is ours."""
        every: dict[str, dict[str, Property]] = {}
        rank = {"outcome-rich": 1}
        for kind, shape in self.records.items():
            found: dict[str, Property] = {}
            self._find_facets(shape, found)
            ranked = sorted(found.values(), key=lambda o: 0 if o.leading else rank.get(o.tier, 2))
            every[kind] = {one.name: one for one in ranked}
        return every

    @cached_property
    def boosts(self) -> dict[str, float]:
        """The searched properties with their weights: the full-text fields of the index."""
        boosts: dict[str, float] = {}
        for shape in self.values():
            for one in shape.stored:
                if one.boost:
                    boosts[one.name] = max(boosts.get(one.name, 0), one.boost)
        return boosts

    @cached_property
    def labels(self) -> dict[str, str]:
        """What each property is called, wherever it stands; that of a dataset's facet first."""
        every = {one.name: one.label for shape in [*self.values()][::-1] for one in shape}
        return every | {name: one.label for name, one in self.facets.items()}

    def _find_facets(self, shape: Shape, found: dict[str, Property]) -> None:
        for properties in shape.groups.values():
            for one in properties:
                if one.facet is not None:
                    found.setdefault(one.name, one)
                elif one.value.kind == "nested" and one.value.values not in ("Distribution",):
                    self._find_facets(self[one.value.values], found)

    def expand(self, curie: str) -> str:
        """The IRI of ``prefix:local``; raises :class:`FaultyTable` if the prefix is unknown."""
        prefix, colon, local = curie.partition(":")
        if not colon or prefix not in self.prefixes:
            raise FaultyTable(f'unknown prefix in "{curie}"; add it to schemas/prefixes.csv')
        return self.prefixes[prefix] + local

    def shrink(self, value: str) -> str:
        """An IRI as ``prefix:local`` where a prefix fits; else the IRI itself."""
        for prefix, namespace in self.prefixes.items():
            if value.startswith(namespace) and re.fullmatch(r"[\w-]+", value[len(namespace) :]):
                return f"{prefix}:{value[len(namespace) :]}"
        return value

    # building -----------------------------------------------------------------------

    def _shape(self, row: ClassRow, faults: list[str]) -> None:
        properties = []
        for name, cells in self.tables.rows.get(row.shape, {}).items():
            try:
                properties.append(self._property(name, cells))
            except FaultyTable as error:
                faults += [f"{cells.where}: {name}: {fault}" for fault in error.faults]
        try:
            self._shapes[row.shape] = Shape(row, tuple(properties), self)
        except FaultyTable as error:
            faults += [f"{row.where}: {fault}" for fault in error.faults]
        for one in properties:
            self._check_conditions(one, {p.name: p for p in properties}, faults)

    def _property(self, name: str, row: Row) -> Property:
        for column, allowed in (
            ("obligation", OBLIGATIONS),
            ("repeatable", ("yes", "no")),
            ("type", tuple(KINDS)),
            ("tier", TIERS),
        ):
            if row[column] not in allowed:
                raise FaultyTable(f'unknown {column} "{row[column]}"; one of {", ".join(allowed)}')
        if row["visibility"] and row["visibility"] not in VISIBILITIES:
            raise FaultyTable(
                f'unknown visibility "{row["visibility"]}"; one of {", ".join(VISIBILITIES)}'
            )
        if not row["propertyLabel"]:
            raise FaultyTable("propertyLabel is missing")
        try:
            boost = float(row["boost"] or 0)
        except ValueError:
            raise FaultyTable(f'boost "{row["boost"]}" is not a number') from None
        repeatable = row["repeatable"] == "yes"
        value = KINDS[row["type"]](row["values"], self, repeatable=repeatable)
        return Property(
            name=name,
            property_id=row["propertyID"],
            label=row["propertyLabel"],
            obligation=row["obligation"],
            exceptions=tuple(_exceptions(row["when"])),
            ehds=_condition(row["ehds"], "ehds"),
            repeatable=repeatable,
            value=value,
            group=row["group"],
            facet=_condition("yes" if row["facet"] == "first" else row["facet"], "facet"),
            leading=row["facet"] == "first",
            boost=boost,
            column=row["column"],
            tier=row["tier"],
            reasons=row["reasons"] == "yes",
            visibility=row["visibility"] or "public",
            example=row["example"],
            note=row["note"],
            asked=Condition.parse(row["asked"]) if row["asked"] else None,
            default=Default.parse(row["default"], value),
            predicate=iri(self.expand(row["propertyID"])),
            where=row.where,
        )

    def _ranges(self, faults: list[str]) -> dict[str, Range]:
        """The ranges that datasets can be narrowed by, each checked against the properties."""
        found: dict[str, Range] = {}
        for name, row in self.tables.ranges.items():
            try:
                one = Range.of(name, row)
                kinds = {self._kind_at(path) for path in (one.first, one.last)}
                if kinds <= {"integer", "date"}:
                    one = replace(one, step=1, is_year="date" in kinds)
            except FaultyTable as error:
                faults += [f"{row.where}: {name}: {fault}" for fault in error.faults]
            else:
                found[name] = one
        return found

    def _criteria(self, faults: list[str]) -> dict[str, CriterionKind]:
        """What a question may ask of datasets, each kind checked against the properties."""
        found: dict[str, CriterionKind] = {}
        shape = next((one for one in self.values() if one.path == "dataset"), None)
        for name, row in self.tables.criteria.items() if shape else ():
            assert shape is not None
            try:
                found[name] = CriterionKind.of(name, row, shape, self.ranges, self.vocabularies)
            except FaultyTable as error:
                faults += [f"{row.where}: {name}: {fault}" for fault in error.faults]
        return found

    def _orders(self, faults: list[str]) -> dict[str, list[Order]]:
        """Which number or date cannot be larger than which, by the shape that states both."""
        found: dict[str, list[Order]] = {}
        for row in self.tables.orders:
            shape = self.get(row["shapeID"])
            try:
                if shape is None:
                    raise FaultyTable(f'there is no class "{row["shapeID"]}"')
                found.setdefault(shape.name, []).append(Order.of(row, shape))
            except FaultyTable as error:
                faults += [f"{row.where}: {fault}" for fault in error.faults]
        return found

    def _kind_at(self, path: tuple[str, ...]) -> str:
        """The kind of value at the end of a path through the properties of datasets."""
        shape: Shape | None = next((s for s in self.values() if s.path == "dataset"), None)
        kind = ""
        for name in path:
            if shape is None or name not in shape.properties:
                raise FaultyTable(f'datasets have no property "{".".join(path)}"')
            kind = shape[name].value.kind
            shape = self.get(shape[name].value.values) if kind == "nested" else None
        if kind not in ("integer", "decimal", "date"):
            raise FaultyTable(f'"{".".join(path)}" is neither a number nor a date')
        return kind

    @staticmethod
    def _check_conditions(one: Property, known: dict[str, Property], faults: list[str]) -> None:
        """Whether the conditions of a row speak of rows and codes that there are."""
        conditions = [condition for _, condition in one.exceptions]
        if one.default is not None:
            conditions.append(one.default.condition)
        for condition in (*conditions, one.ehds, one.facet, one.asked):
            for test in condition.tests if condition else ():
                said = f'{one.where}: {one.name}: the condition "{condition}" speaks of '
                if test.name not in known:
                    faults.append(f'{said}"{test.name}", which this class does not have')
                elif not _can_be(known[test.name], test.expected):
                    faults.append(f'{said}"{test.expected}", which {test.name} cannot be')

    def _faults_of_forms(self) -> Iterator[str]:
        """Defaults that are not of their kind; looked at last, for parts may hold parts."""
        for shape in self._shapes.values():
            for one, fault in shape.faults_of_defaults():
                yield f"{one.where}: {one.name}: the default cannot be used: {fault}"

    def _clashes(self) -> Iterator[str]:
        """One name, one meaning: the same key must not stand for two RDF properties."""
        meaning: dict[str, Property] = {}
        for shape in self._shapes.values():
            for one in shape:
                first = meaning.setdefault(one.name, one)
                if (first.property_id, first.value.context()) != (
                    one.property_id,
                    one.value.context(),
                ):
                    yield (
                        f'{one.where}: "{one.name}" means {one.property_id} here and '
                        f"{first.property_id} at {first.where}; give one of them another name"
                    )

    def context(self) -> dict[str, Any]:
        """The JSON-LD context under which a record's JSON is RDF.

        Written without prefixes: a property may be called what a prefix is called.
        """
        terms: dict[str, Any] = {"@version": 1.1, "id": "@id", "type": "@type"}
        for shape in self.values():
            for one in shape.stored:
                terms[one.name] = {"@id": one.predicate[1:-1], **one.value.context()}
        return terms


def _can_be(one: Property, expected: str) -> bool:
    """Whether a property can be what a condition expects."""
    if expected in ("missing", "given"):
        return True
    if expected in ("true", "false"):
        return one.value.kind == "boolean"
    vocabulary = getattr(one.value, "vocabulary", None)
    return vocabulary is not None and expected in vocabulary.by_code


def _exceptions(cell: str) -> Iterator[tuple[str, Condition]]:
    """Read ``mandatory if a is B; recommended if …``."""
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        obligation, _, condition = part.partition(" if ")
        if obligation not in OBLIGATIONS or not condition:
            raise FaultyTable(
                f'cannot read "{part}"; write it like "mandatory if access_rights is PUBLIC"'
            )
        yield obligation, Condition.parse(condition)


def _condition(cell: str, column: str) -> Condition | None:
    """``yes`` holds always, ``if <condition>`` sometimes; nothing, never.

    ``if it exists`` holds never: whether something exists that is not stated, nobody can tell.
    """
    if cell in ("", "if it exists"):
        return None
    if cell == "yes":
        return Condition()
    if cell.startswith("if "):
        return Condition.parse(cell.removeprefix("if "))
    raise FaultyTable(f'cannot read {column} "{cell}"; yes, or if <condition>')
