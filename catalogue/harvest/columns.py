"""What the columns of a table say: each a property of a dataset, or of one of its parts.

A column is named by a property's name (``title``), its label ("People in the dataset"), with a
language (``title@fr``, ``Title (fr)``) and with a path into a part (``contact_point.email``,
``distribution.2.access_url``).  The property table knows the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process

from catalogue.errors import Problem
from catalogue.harvest.interpreting import without
from catalogue.harvest.sheets import Cell, column_name
from catalogue.harvest.telling import concept_of, date_of, whole_number_of
from catalogue.profile import Document, Property, Shape
from catalogue.profile.values import (
    NO_LANGUAGE,
    ConceptValue,
    Nested,
    Reference,
    Text,
)
from catalogue.terms import fault_of_iri, fault_of_language

_LANGUAGE = re.compile(r"(.+?)\s*(?:@|\(|\[)\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*[)\]]?\Z")
_NUMBERED = re.compile(r"(.*\D)\s+(\d{1,3})\Z")
_SEVERAL = re.compile(r"[;\n\r]+")
_PERIOD = re.compile(
    r"(\d[\d-]*)?\s*(?:–|—|/|\s-\s|\sto\s|\.\.|(?<=\b\d{4})-(?=\d{4}\b))\s*(\d[\d-]*)?\Z"
)
_TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")
#: Which property of a part a column speaks of that names only the part.
_MAIN = (
    "access_url",
    "label",
    "notation",
    "contact_name",
    "title",
    "description",
    "geometry",
    "body",
)
#: A table that names more parts of a kind is no description of a dataset.
_MOST_PARTS = 100
_ALIKE = 70

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Column:
    """One column: where it stands, what it is called, what it speaks of.

    ``path`` leads to a property through parts and their positions.
    """

    place: int
    name: str
    path: Path = ()
    property: Property | None = None
    language: str = NO_LANGUAGE

    def __str__(self) -> str:
        return f"column {column_name(self.place)} “{self.name[:80]}”"


@dataclass
class Columns:
    """The columns of a table.

    ``problems`` are of the columns themselves; ``identifier`` and ``address`` are the places of
    those that name the row, if there are such.
    """

    shape: Shape
    known: list[Column] = field(default_factory=list)
    identifier: int | None = None
    address: int | None = None
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        shape: Shape,
        header: Sequence[str],
        renamed: Mapping[str, str] | None = None,
        identifier: str = "",
        language: str = "",
    ) -> Columns:
        """Understand a header; ``renamed`` gives the path of headers that say something else."""
        columns = cls(shape)
        default = language if language and not fault_of_language(language) else NO_LANGUAGE
        for place, name in enumerate(header):
            if not name:
                continue
            wanted = str((renamed or {}).get(name, name)).strip()
            if identifier and name == identifier:
                columns.identifier = place
            if wanted.casefold() in ("iri", "uri"):
                columns.address = place
            elif found := column_of(shape, place, name, wanted, default):
                columns._take(found)
            elif wanted and not (identifier and name == identifier):
                columns.problems.append(
                    f"{Column(place, name)} is not known and was left out{_nearest(shape, wanted)}"
                )
        if identifier and columns.identifier is None:
            columns.problems.append(
                f"There is no column “{identifier[:80]}”, which should hold the identifiers."
            )
        elif columns.identifier is None:
            columns.identifier = next(
                (one.place for one in columns.known if one.path == ("identifier",)), None
            )
        return columns

    def _take(self, column: Column) -> None:
        one = column.property
        same = next(
            (o for o in self.known if o.path == column.path and o.language == column.language), None
        )
        if same is not None and one is not None and not one.repeatable:
            self.problems.append(f"{column} says the same as {same}; it was left out.")
        else:
            self.known.append(column)

    def document(self, number: int, row: Sequence[Cell]) -> tuple[Document, list[Problem]]:
        """What a row says, typed, as far as it is right; every problem names row and column."""
        said: Document = {}
        problems: list[Problem] = []
        for column in self.known:
            cell = row[column.place] if column.place < len(row) else None
            if cell in (None, ""):
                continue
            try:
                self._put(said, column, cell)
            except _Fault as fault:
                path = tuple(column.path)
                problems.append(
                    Problem(path, f"row {number}, {column}: {fault}", fault.severity, "table")
                )
        said = _packed(self.shape, said)
        document, faults = self.shape.load(said)
        if faults:  # what is right of it, for whoever asks
            document, _ = self.shape.load(without(said, [one.path for one in faults]))
        problems += [self._placed(one, number) for one in faults]
        return document, problems

    def _put(self, said: Document, column: Column, cell: Cell) -> None:
        one = column.property
        assert one is not None
        values = [*_values(one, cell)]
        if not values:
            return
        into: dict[Any, Any] = said
        for step in column.path[:-1]:
            into = into.setdefault(step, {})
        name = column.path[-1]
        if isinstance(one.value, Text):
            texts = into.setdefault(name, {})
            if one.repeatable:
                texts.setdefault(column.language, []).extend(values)
            else:
                texts[column.language] = values[0]
        elif isinstance(one.value, Nested):
            parts = into.setdefault(name, {})
            for value in values:
                parts[max(parts, default=-1) + 1] = _part(one.value.shape, value, column.language)
        elif one.repeatable:
            into.setdefault(name, []).extend(values)
        else:
            into[name] = values[0]

    def _placed(self, problem: Problem, number: int) -> Problem:
        """A problem of the document with the row and column it comes from."""
        names = tuple(step for step in problem.path if isinstance(step, str))
        for column in self.known:
            own = tuple(step for step in column.path if isinstance(step, str))
            if names[: len(own)] == own:
                where = f"row {number}, {column}"
                return Problem(problem.path, f"{where}: {problem.message}", rule=problem.rule)
        return Problem(problem.path, f"row {number}: {problem}", rule=problem.rule)


class _Fault(Exception):
    """A cell cannot be what its column holds."""

    severity: Any = "violation"


class _Unknown(_Fault):
    """A cell names something that the catalogue does not know by that name."""

    severity = "warning"


def column_of(shape: Shape, place: int, name: str, wanted: str, default: str) -> Column | None:
    """The column that a header means, or None."""
    if (found := _found(shape, wanted)) is not None:
        path, one = found
        return Column(place, name, path, one, default)
    if (match := _LANGUAGE.match(wanted)) and (found := _found(shape, match[1])) is not None:
        path, one = found
        if isinstance(one.value, Text | Nested):
            return Column(place, name, path, one, match[2].lower())
    return None


def _found(shape: Shape, wanted: str) -> tuple[Path, Property] | None:
    """The property at a path of names or labels, with positions where there are parts."""
    # Labels may hold points themselves, so the whole is tried first.
    if (one := _named(shape, wanted)) is not None:
        return (one.name,), one
    steps = [step.strip() for step in wanted.split(".")]
    path: list[str | int] = []
    while steps:
        step = steps.pop(0)
        position = 0
        one = _named(shape, step)
        if one is None and (match := _NUMBERED.match(step)):
            one, position = _named(shape, match[1]), int(match[2]) - 1
        if one is None:
            return None
        path.append(one.name)
        if not steps:
            return tuple(path), one
        if not isinstance(one.value, Nested):
            return None
        if steps[0].isdecimal():
            position = int(steps.pop(0)[:6]) - 1
        if not 0 <= position < (_MOST_PARTS if one.repeatable else 1) or not steps:
            return None
        path.append(position)
        shape = one.value.shape
    return None


def _named(shape: Shape, wanted: str) -> Property | None:
    plain = _plain(wanted)
    if not plain:
        return None
    for one in shape.stored:
        if _plain(one.name) == plain:
            return one
    return next((one for one in shape.stored if _plain(one.label) == plain), None)


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


def _nearest(shape: Shape, wanted: str) -> str:
    """The known name that is nearest to one that is not, in words."""
    names = {one.name: one.name for one in shape.stored} | {
        one.label.casefold(): one.name for one in shape.stored
    }
    stem = wanted.casefold()
    best = process.extractOne(stem, list(names), scorer=fuzz.WRatio, score_cutoff=_ALIKE)
    return f"; is “{names[best[0]]}” meant?" if best else "."


def _values(one: Property, cell: Cell) -> Iterator[Any]:
    """The values in a cell; several are separated by ``;`` or line ends where there may be."""
    if isinstance(cell, str) and one.repeatable:
        for piece in _SEVERAL.split(cell):
            if piece.strip():
                yield _value(one, piece.strip())
    else:
        yield _value(one, cell)


def _value(one: Property, cell: Cell) -> Any:
    kind, text = one.value.kind, _text(cell)
    if text in _ERRORS:
        raise _Fault(f"“{text}” is an error of the spreadsheet, not a value")
    if kind == "integer":
        if not (digits := whole_number_of(text)):
            raise _Fault(f"“{text[:80]}” is not a whole number")
        return int(digits)
    if kind == "decimal":
        try:
            return float(text.replace(",", ".") if text.count(",") == 1 else text)
        except ValueError:
            raise _Fault(f"“{text[:80]}” is not a number") from None
    if kind == "boolean":
        if text.casefold() not in _TRUTH:
            raise _Fault(f"“{text[:80]}” is neither yes nor no")
        return _TRUTH[text.casefold()]
    if kind == "date":
        return date_of(text)
    if isinstance(one.value, ConceptValue):
        return concept_of(one.value.profile.vocabularies, one.value.vocabulary.name, text) or text
    if isinstance(one.value, Reference) and not text.startswith("id/") and fault_of_iri(text):
        raise _Unknown(
            f"“{text[:80]}” is not an address; give that of the description here (id/agent/…) or "
            "elsewhere (https://…)"
        )
    return text


def _part(shape: Shape, text: str, language: str) -> Document:
    """A part of which a cell says one thing only."""
    if shape.name == "PeriodOfTime":
        if match := _PERIOD.match(text):
            start, end = match[1], match[2]
            return {"start_date": date_of(start or ""), "end_date": date_of(end or "")}
        return {"start_date": date_of(text)}
    if "@" in text and "email" in shape.properties:
        return {"email": text}
    main = next((one for one in _MAIN if one in shape.properties), next(iter(shape.properties)))
    one = shape[main]
    if isinstance(one.value, Text):
        return {main: {language: [text] if one.repeatable else text}}
    value = _value(one, text)
    return {main: [value] if one.repeatable else value}


def _packed(shape: Shape, said: Document) -> Document:
    """The document with its parts, which were gathered by position, as lists or one object."""
    packed: Document = {}
    for name, value in said.items():
        one = shape[name]
        if isinstance(one.value, Nested):
            parts = [_packed(one.value.shape, value[place]) for place in sorted(value)]
            packed[name] = parts if one.repeatable else parts[0]
        else:
            packed[name] = value
    return packed


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return str(cell).strip()
