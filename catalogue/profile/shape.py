"""A shape walks its properties; each view of a record is one walk.

``Profile`` ── dict of ──▶ ``Shape`` ── list of ──▶ ``Property`` ── has a ──▶ ``Value``
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate

from catalogue.errors import Problem, Severity, problems_of
from catalogue.profile.conditions import Condition
from catalogue.profile.defaults import SAMPLE, Default, Places
from catalogue.profile.names import Names
from catalogue.profile.tables import ClassRow
from catalogue.profile.values import Nested, Reference, Text, Value
from catalogue.terms import RDF_TYPE, Statement, Statements, fault_of_length, iri, is_blank

if TYPE_CHECKING:
    from catalogue.profile.profile import Profile

Document = dict[str, Any]
#: How many values or parts one property may have; a monster is refused whole.
MOST_VALUES = 20_000
#: The code of the reason that a property cannot have a value here.
NOT_APPLICABLE = "not-applicable"
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_NUMBERED = re.compile(r"([0-9]+)")


@dataclass(frozen=True)
class Property:
    """One row of the property table."""

    name: str
    property_id: str
    label: str
    obligation: str
    exceptions: tuple[tuple[str, Condition], ...]
    ehds: Condition | None
    repeatable: bool
    value: Value
    group: str
    facet: Condition | None
    leading: bool
    boost: float
    column: str
    tier: str
    reasons: bool
    visibility: str
    example: str
    note: str
    asked: Condition | None
    default: Default | None
    predicate: str
    where: str

    @property
    def derived(self) -> bool:
        """Whether it follows from other records, so that no document holds it."""
        return self.tier == "derived"

    def values(self, document: Mapping[str, Any]) -> list[Any]:
        """The values in a document, as a list; a language map counts as one."""
        value = document.get(self.name)
        if value is None or value in _EMPTY:  # most documents state few properties
            return []
        return value if isinstance(value, list) else [value]

    def obligation_in(self, document: Mapping[str, Any], profile: Profile) -> str:
        """The obligation that holds for a document."""
        for obligation, condition in self.exceptions:
            if condition.holds(document, profile.vocabularies.code):
                return obligation
        return self.obligation

    def field(self) -> fields.Field[Any]:
        """The marshmallow field, repeats included."""
        one = self.value.field()
        if self.repeatable and not self.value.gathers:
            many = fields.List(one, validate=validate.Length(max=MOST_VALUES))
            many.metadata = {"description": self.note, "label": self.label}
            return many
        one.metadata = {"description": self.note, "label": self.label}
        return one

    def pack(self, values: list[Any]) -> Any:
        """What a document holds for the values read: one, a list or a language map."""
        if isinstance(self.value, Text):
            return self.value.gather(values)
        return values if self.repeatable else values[0]


class Shape:
    """A class of things with its properties."""

    def __init__(self, row: ClassRow, properties: tuple[Property, ...], profile: Profile) -> None:
        self.name = row.shape
        self.label = row.label
        self.plural = row.plural
        self.note = row.note
        self.kept = row.kept
        self.path = row.path
        self.class_ = profile.expand(row.class_)
        self.class_id = row.class_
        self.also = tuple(profile.expand(one) for one in row.also)
        self.properties = {one.name: one for one in properties}
        self.profile = profile
        #: By what is visible, the names of the rows that are; rows with parts with their shape.
        self._shown: dict[frozenset[str], dict[str, tuple[Property, Shape] | None]] = {}

    def __getitem__(self, name: str) -> Property:
        return self.properties[name]

    def __iter__(self) -> Iterator[Property]:
        return iter(self.properties.values())

    @cached_property
    def stored(self) -> tuple[Property, ...]:
        """The properties a document may hold; memberships are told by other tables."""
        return tuple(one for one in self if not one.derived)

    @cached_property
    def groups(self) -> dict[str, list[Property]]:
        """The stored properties by section, in the order of the sections."""
        order = {group: place for place, group in enumerate(self.profile.tables.groups)}
        groups: dict[str, list[Property]] = {}
        for one in sorted(self.stored, key=lambda p: order.get(p.group, len(order))):
            groups.setdefault(one.group, []).append(one)
        return groups

    @cached_property
    def _by_predicate(self) -> dict[str, list[Property]]:
        found: dict[str, list[Property]] = {}
        for one in self.stored:
            found.setdefault(one.predicate, []).append(one)
        return found

    def sharing(self, one: Property) -> list[Property]:
        """The properties that share a property's predicate, itself included."""
        return self._by_predicate.get(one.predicate, [])

    @cached_property
    def shacl_name(self) -> str:
        """The IRI of the generated SHACL shape, as a Turtle term."""
        return iri(f"{self.profile.own}{self.name}Shape")

    # JSON ---------------------------------------------------------------------------

    @cached_property
    def schema_class(self) -> type[Schema]:
        """The marshmallow schema class: types, without obligations."""
        members: dict[str, Any] = {"id": fields.String(validate=_fitting)}
        members.update({one.name: one.field() for one in self.stored})
        members["drop_nothing"] = _drop_nothing
        members["Meta"] = type("Meta", (), {"unknown": RAISE})
        return type(self.name, (Schema,), members)

    def schema(self) -> Schema:
        """A schema that accepts anything well typed: what a draft must pass."""
        return self.schema_class()

    @cached_property
    def _schema(self) -> Schema:
        return self.schema()

    def load(self, data: Mapping[str, Any]) -> tuple[Document, list[Problem]]:
        """The document in some JSON, and what is wrong with its types.

        Codes and labels of concepts become IRIs; empty values are dropped.
        """
        try:
            return dict(self._schema.load(data)), []
        except ValidationError as error:
            return {}, list(problems_of(error.messages))

    def problems(self, document: Mapping[str, Any]) -> Iterator[Problem]:
        """What keeps a well-typed document from being published, and what would make it better."""
        for one in self.stored:
            values = one.values(document)
            if not values:
                yield from self._absence(one, document)
            for place, value in enumerate(values):
                path = (
                    (one.name, place) if one.repeatable and not one.value.gathers else (one.name,)
                )
                for severity, message in one.value.faults(value):
                    yield Problem(path, message, _severity(severity), "values")
                if isinstance(one.value, Nested):
                    for problem in one.value.problems(value):
                        yield Problem(
                            (*path, *problem.path), problem.message, problem.severity, problem.rule
                        )
            included = getattr(one.value, "included", "")
            if values and included and included not in values:
                label = self.profile.vocabularies.label(included)
                yield Problem(
                    (one.name,),
                    f"“{label}” must be among the {one.label.lower()}",
                    "violation",
                    "values",
                )
        for order in self.profile.orders.get(self.name, ()):
            for where in order.broken(document):
                yield Problem(where, order.message, order.severity, "orders")

    def _absence(self, one: Property, document: Mapping[str, Any]) -> Iterator[Problem]:
        code_of = self.profile.vocabularies.code
        excused = one.reasons and one.name in reasons_in(document)
        obligation = one.obligation_in(document, self.profile)
        if obligation == "mandatory" and not excused:
            yield Problem((one.name,), f"{one.label}: this is needed", "violation", "mandatory")
        elif one.ehds is not None and one.ehds.holds(document, code_of) and not excused:
            yield Problem(
                (one.name,),
                f"{one.label}: the European Health Data Space asks for this",
                "ehds",
                "ehds",
            )
        elif obligation == "recommended" and not excused:
            yield Problem((one.name,), f"{one.label}: recommended", "warning", "recommended")

    # beginning ----------------------------------------------------------------------

    def begun(self, places: Places, document: Mapping[str, Any] | None = None) -> Document:
        """What a new record or part begins with, typed; parts have no names yet.

        A default that speaks of a place that is not given is left out.  ``document`` is what
        the conditions of the defaults are held against.
        """
        code_of = self.profile.vocabularies.code
        begun = {
            one.name: one.default.filled(places)
            for one in self.stored
            if one.default is not None and one.default.holds(document or {}, code_of)
        }
        loaded, problems = self.load(begun)
        assert not problems, problems  # every default was typed at start-up
        return loaded

    def settled(
        self, before: Mapping[str, Any], after: Mapping[str, Any], places: Places
    ) -> Document:
        """A changed document after its conditional defaults followed the change.

        A default whose condition came true fills what is empty; one whose condition ended
        goes, unless somebody said something else meanwhile.
        """
        settled, code_of = dict(after), self.profile.vocabularies.code
        for one in self.stored:
            if one.default is None or not one.default.condition.tests:
                continue
            was, holds = (one.default.holds(said, code_of) for said in (before, after))
            if was == holds:
                continue
            value = self.begun(places, after if holds else before).get(one.name)
            if holds and not one.values(settled) and value not in _EMPTY:
                settled[one.name] = value
            elif not holds and settled.get(one.name) == value:
                settled.pop(one.name, None)
        return settled

    def faults_of_defaults(self) -> Iterator[tuple[Property, str]]:
        """The defaults that are not of their kind, each with what is wrong."""
        for one in self.stored:
            if one.default is None:
                continue
            value = one.default.filled(SAMPLE)
            document, problems = self.load({one.name: value})
            problems += [
                Problem((one.name,), message)
                for value in one.values(document)
                for _, message in one.value.faults(value)
            ]
            for problem in problems:
                yield one, problem.message

    # RDF ----------------------------------------------------------------------------

    def describe(self, document: Mapping[str, Any], names: Names) -> Iterator[Statement]:
        """The statements of a record; :meth:`interpret` reads them back."""
        yield from self.statements(document, iri(names.absolute(names.record)), names)

    def statements(
        self, document: Mapping[str, Any], node: str, names: Names
    ) -> Iterator[Statement]:
        """The statements of a record or part whose node is given."""
        yield node, RDF_TYPE, iri(self.class_)
        for one in self:
            for value in one.values(document):
                yield from one.value.write(node, one.predicate, value, names)

    def support(self, document: Mapping[str, Any], names: Names) -> Iterator[Statement]:
        """What a self-contained document adds: the classes, labels and schemes of what it uses."""
        for one in self:
            for value in one.values(document):
                yield from one.value.support(value, names)

    def interpret(
        self,
        statements: Statements,
        node: str,
        names: Names,
        within: tuple[str, ...] = (),
    ) -> Document:
        """The document of a node in statements from anywhere.

        Reads what a row claims and leaves the rest; never raises on strange values.
        """
        document: Document = {}
        for predicate, candidates in self._by_predicate.items():
            found: dict[str, list[Any]] = {}
            for term in statements.objects(node, predicate):
                one = _claimant(candidates, term, statements, names)
                value = one.value.value(term, statements, names, (*within, node))
                if value is not None and value not in found.setdefault(one.name, []):
                    found[one.name].append(value)
            for one in candidates:
                if values := found.get(one.name):
                    document[one.name] = one.pack(values)
        return document

    # JSON-LD ------------------------------------------------------------------------

    def linked(self, document: Mapping[str, Any], names: Names) -> Document:
        """The document as JSON-LD under the profile's context."""
        linked: Document = {"type": self.class_}
        reference = document.get("id", names.record)
        if reference:
            linked["id"] = names.absolute(reference)
        for one in self.stored:
            values = [one.value.linked(value, names) for value in one.values(document)]
            if values:
                many = one.repeatable and not one.value.gathers
                linked[one.name] = values if many else values[0]
        return linked

    # other walks --------------------------------------------------------------------

    def _leading_to(self, wanted: Callable[[Property], bool]) -> tuple[Property, ...]:
        """The stored rows that are wanted, or whose parts have a wanted row at any depth."""
        return tuple(one for one in self.stored if _leads(one, wanted, set()))

    @cached_property
    def _referring(self) -> tuple[Property, ...]:
        return self._leading_to(lambda one: isinstance(one.value, Reference))

    @cached_property
    def _told(self) -> tuple[Property, ...]:
        return self._leading_to(lambda one: bool(one.boost))

    @cached_property
    def _counted(self) -> tuple[Property, ...]:
        return self._leading_to(lambda one: one.facet is not None)

    def parts(self, document: Mapping[str, Any]) -> Iterator[tuple[Shape, str, Document]]:
        """Every part at any depth, with its shape and the name of the property it is in."""
        for one in self.stored:
            if isinstance(one.value, Nested):
                for part in one.values(document):
                    yield one.value.shape, one.name, part
                    yield from one.value.shape.parts(part)

    def references(self, document: Mapping[str, Any]) -> Iterator[tuple[Property, str]]:
        """Every reference to a record, parts included."""
        for one in self._referring:
            if isinstance(one.value, Reference):
                for reference in one.values(document):
                    yield one, reference
            elif isinstance(one.value, Nested):
                for part in one.values(document):
                    yield from one.value.shape.references(part)

    def told(self, document: Mapping[str, Any]) -> Iterator[tuple[Property, Any]]:
        """Every value to search, with the property it stands in, parts included."""
        for one in self._told:
            for value in one.values(document):
                if isinstance(one.value, Nested):
                    yield from one.value.shape.told(value)
                else:
                    yield one, value

    def facets(self, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Every (facet, value), parts included; a facet may hold only in some parts."""
        for one in self._counted:
            holds = one.facet is not None and one.facet.holds(
                document, self.profile.vocabularies.code
            )
            for value in one.values(document):
                if isinstance(one.value, Nested):
                    yield from one.value.shape.facets(value)
                elif holds:
                    yield one.name, str(value).lower() if isinstance(value, bool) else str(value)

    def identify(self, document: Document) -> Document:
        """The document with an ``id`` for every part that has none: ``#distribution-1``.

        Numbers count up and are never used twice within a document.  The name of a blank
        node does not last, and gives way too; a shared one stays shared.
        """
        parts = list(self.parts(document))
        taken = {part["id"] for _, _, part in parts if _is_named(part)}
        renamed: dict[str, str] = {}
        counter: Counter[str] = Counter()
        for reference in taken:
            stem, _, number = reference.rpartition("-")
            if number.isdecimal():
                counter[stem] = max(counter[stem], int(number))
        for _, name, part in parts:
            if _is_named(part):
                continue
            blank = part.get("id", "")
            if blank not in renamed or not blank:
                stem = "#" + name.replace("_", "-")
                counter[stem] += 1
                renamed[blank] = f"{stem}-{counter[stem]}"
            part["id"] = renamed[blank]
        return document

    def canonical(self, document: Mapping[str, Any]) -> Document:
        """The one form of equal documents: keys in table order, repeats sorted."""
        canonical: Document = {"id": document["id"]} if document.get("id") else {}
        for one in self.stored:
            values = [one.value.canonical(value) for value in one.values(document)]
            if not values:
                continue
            if one.repeatable and not one.value.gathers:
                canonical[one.name] = _sorted_once(values)
            else:
                canonical[one.name] = values[0]
        return canonical

    def only(self, document: Mapping[str, Any], visible: frozenset[str]) -> Document:
        """The document without properties whose visibility is not among those given."""
        if visible not in self._shown:
            self._shown[visible] = {
                one.name: (one, one.value.shape) if isinstance(one.value, Nested) else None
                for one in self.stored
                if one.visibility in visible
            }
        shown = self._shown[visible]
        kept: Document = {"id": document["id"]} if document.get("id") else {}
        for name, value in document.items():
            if name not in shown:
                continue
            if (nested := shown[name]) is not None:
                one, shape = nested
                parts = [shape.only(part, visible) for part in one.values(document)]
                value = parts if one.repeatable else parts[0]
            kept[name] = value
        return kept

    def narrowed(self, document: Mapping[str, Any]) -> Document:
        """A document of a richer profile as far as this shape has rows for it.

        A part of the record's own of which nothing is left goes too; one that has an address
        elsewhere stays as a link.
        """
        kept: Document = {"id": document["id"]} if document.get("id") else {}
        for one in self.stored:
            value = document.get(one.name)
            if value in _EMPTY:
                continue
            if isinstance(one.value, Nested):
                parts = [one.value.shape.narrowed(part) for part in one.values(document)]
                parts = [part for part in parts if len(part) > 1 or not part["id"].startswith("#")]
                if not parts:
                    continue
                value = parts if isinstance(value, list) else parts[0]
            kept[one.name] = value
        return kept


def _leads(one: Property, wanted: Callable[[Property], bool], seen: set[str]) -> bool:
    """Whether a row is wanted, or one of its parts' rows at any depth."""
    if not isinstance(one.value, Nested):
        return wanted(one)
    shape = one.value.shape
    if shape.name in seen:
        return False
    return any(_leads(inner, wanted, {*seen, shape.name}) for inner in shape.stored)


def reasons_in(document: Mapping[str, Any]) -> dict[str, str]:
    """The fields for which a reason stands in place of a value, with the reason's IRI."""
    stated: dict[str, str] = {}
    for entry in document.get("not_stated") or []:
        stated[entry.get("field", "")] = entry.get("reason", "")
    return stated


def _is_named(part: Mapping[str, Any]) -> bool:
    """Whether a part has a name that lasts."""
    return bool(part.get("id")) and not is_blank(part["id"])


def _claimant(
    candidates: list[Property], term: str, statements: Statements, names: Names
) -> Property:
    """Which of the properties that share a predicate a term belongs to."""
    if len(candidates) > 1:
        for one in candidates:
            if one.value.claims(term, statements, names):
                return one
    return candidates[0]


def _severity(name: str) -> Severity:
    return "violation" if name == "violation" else "warning"


def _fitting(id: str) -> None:
    if fault := fault_of_length(id):
        raise ValidationError(fault)


# Marked once: each mark on the same function would have it run once more for every part.
@pre_load
def _drop_nothing(schema: Schema, data: Any, **_: Any) -> Any:
    """Leave out what says nothing: null, empty texts, lists and objects."""
    if not isinstance(data, Mapping):
        return data
    return {key: value for key, value in data.items() if value not in _EMPTY}


def _sorted_once(values: Iterable[Any]) -> list[Any]:
    """Canonical values in order, each once; equal ones have the same place in the order."""
    found: dict[tuple[Any, ...], list[Any]] = {}
    for value in values:
        same = found.setdefault(_order(value), [])
        if value not in same:
            same.append(value)
    return [value for place in sorted(found) for value in found[place]]


def _order(value: Any) -> tuple[Any, ...]:
    """A sort key under which ``#column-2`` comes before ``#column-10``."""
    text = str(value.get("id", value)) if isinstance(value, dict) else str(value)
    pieces = enumerate(_NUMBERED.split(text))  # every second piece is a number
    return tuple((0, int(piece), "") if n % 2 else (1, 0, piece) for n, piece in pieces)
