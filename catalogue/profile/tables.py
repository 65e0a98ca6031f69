"""The property table: read the CSV files of the profiles, lay them over each other, check them.

A profile is a folder with ``profile.toml``, ``classes.csv`` and one file per class.
A row in a profile that extends another replaces the cells it fills; ``-`` empties one.
A profile that *narrows* another keeps what that one says in some namespaces.
Every fault is collected and reported with file and line.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalogue.errors import FaultyTable

OBLIGATIONS = ("mandatory", "recommended", "optional", "deprecated")
TIERS = ("minimum", "compliant", "outcome-rich", "automatic", "derived")
VISIBILITIES = ("public", "holder", "members", "curators")

#: The columns of a class file: name, what it means.  ``schemas/README.md`` explains each.
COLUMNS = {
    "name": "key in JSON, forms, addresses and facets; one meaning everywhere",
    "propertyID": "the RDF property",
    "propertyLabel": "what people read",
    "obligation": "mandatory, recommended, optional or deprecated",
    "when": "exceptions to the obligation: mandatory if access_rights is NON_PUBLIC",
    "ehds": "asked for by Regulation (EU) 2026/2098: yes, if it exists, or a condition",
    "repeatable": "yes or no",
    "type": "the kind of value",
    "values": "what the kind needs to know: a vocabulary, class, shape or unit",
    "group": "section of the form and of the page",
    "facet": "browse by it: yes, first (before the others) or a condition within its part",
    "boost": "weight in full text; empty is not searched",
    "column": "also kept in this SQL column",
    "tier": "minimum, compliant or outcome-rich; automatic (filled in) or derived (told elsewhere)",
    "reasons": "yes where a reason may stand for the value",
    "visibility": "public, holder (hidden when the holder is withheld), members or curators",
    "example": "an example for the form",
    "note": "help text",
    "asked": "the form asks for it only if this condition holds; empty is always",
    "default": "what a new record begins with: a code, text, number, true, {record} or JSON",
}
#: The columns that only a form and the checks look at.
_ASKED = ("when", "ehds", "asked", "default", "facet", "boost")
#: The tables of a profile beside those of its classes.
_BESIDE = ("ranges.csv", "criteria.csv", "orders.csv")
#: The columns of ``ranges.csv``.
_RANGE_COLUMNS = ("name", "label", "unit", "from", "to", "edges", "note")
#: The columns of ``orders.csv``.
_ORDER_COLUMNS = ("shapeID", "lower", "upper", "severity", "message")
#: The columns of ``criteria.csv``.
_CRITERION_COLUMNS = (
    "name",
    "label",
    "part",
    "subject",
    "with",
    "test",
    "values",
    "unit",
    "also",
    "ceiling",
    "note",
)
_CLASS_COLUMNS = ("shapeID", "classID", "label", "plural", "kept", "path", "also", "note")


@dataclass(frozen=True)
class Row:
    """One property of one class after the profiles were laid over each other."""

    cells: Mapping[str, str]
    where: str  # file:line of the row that said it last

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class ClassRow:
    """One class: how it is called, and whether it is kept as a record or as a part of one."""

    shape: str
    class_: str
    label: str
    plural: str
    kept: str
    path: str
    also: tuple[str, ...]
    note: str
    #: Not part of what is said: a version must not change because a file was moved.
    where: str = field(repr=False, compare=False)


@dataclass(frozen=True)
class ProfileHeader:
    """What ``profile.toml`` says."""

    name: str
    title: str
    version: str
    iri: str
    note: str
    extends: tuple[str, ...]
    groups: tuple[str, ...]
    #: Other IRIs it is asked for by.
    also: tuple[str, ...] = ()
    narrows: str = ""
    #: The prefixes that a narrower profile keeps.
    namespaces: tuple[str, ...] = ()


@dataclass
class Tables:
    """The tables of a profile and of all it extends."""

    headers: list[ProfileHeader] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)
    classes: dict[str, ClassRow] = field(default_factory=dict)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)  # shape → name → row
    groups: list[str] = field(default_factory=list)
    ranges: dict[str, Row] = field(default_factory=dict)
    criteria: dict[str, Row] = field(default_factory=dict)
    orders: list[Row] = field(default_factory=list)


def read_tables(folder: Path, name: str) -> Tables:
    """Read a profile with all it extends; raises :class:`FaultyTable` with every fault found."""
    tables = Tables()
    faults: list[str] = []
    for _, cells in _csv(folder / "prefixes.csv", ("prefix", "namespace"), faults):
        tables.prefixes[cells["prefix"]] = cells["namespace"]
    if not faults:
        _lay(tables, folder, name, faults, ())
    if faults:
        raise FaultyTable(faults)
    return tables


def _lay(
    tables: Tables, folder: Path, name: str, faults: list[str], below: tuple[str, ...]
) -> None:
    """Lay a profile over the ones it extends."""
    if name in below:
        faults.append(f"{folder / name}/profile.toml:1: extends itself through {', '.join(below)}")
        return
    if any(header.name == name for header in tables.headers):
        return
    header = _header(folder / name, name, faults)
    if header is None:
        return
    for lower in header.extends:
        _lay(tables, folder, lower, faults, (*below, name))
    if header.narrows:
        _lay(tables, folder, header.narrows, faults, (*below, name))
        _narrow(tables, header, f"{folder / name}/profile.toml:1", faults)
    tables.headers.append(header)
    if header.groups:
        tables.groups = [
            *header.groups,
            *(group for group in tables.groups if group not in header.groups),
        ]
    _lay_classes(tables, folder / name / "classes.csv", faults)
    ranges, criteria, orders = (folder / name / one for one in _BESIDE)
    tables.ranges.update(_named(ranges, _RANGE_COLUMNS, faults))
    tables.criteria.update(_named(criteria, _CRITERION_COLUMNS, faults))
    tables.orders += [
        Row(cells, where) for where, cells in _if_there(orders, _ORDER_COLUMNS, faults)
    ]
    files = {_file_name(shape): shape for shape in tables.classes}
    for file in sorted((folder / name).glob("*.csv")):
        if file.name in ("classes.csv", *_BESIDE):
            continue
        if shape := files.get(file.name):
            _lay_properties(tables.rows.setdefault(shape, {}), file, faults)
        else:
            faults.append(f"{file}:1: no class of that name in classes.csv")


def _lay_classes(tables: Tables, file: Path, faults: list[str]) -> None:
    for where, cells in _if_there(file, _CLASS_COLUMNS, faults):
        if cells["kept"] not in ("record", "part"):
            faults.append(f'{where}: kept is "{cells["kept"]}"; record or part')
        tables.classes[cells["shapeID"]] = ClassRow(
            shape=cells["shapeID"],
            class_=cells["classID"],
            label=cells["label"],
            plural=cells["plural"],
            kept=cells["kept"],
            path=cells["path"],
            also=tuple(cells["also"].split()),
            note=cells["note"],
            where=where,
        )


def _lay_properties(rows: dict[str, Row], file: Path, faults: list[str]) -> None:
    """Lay the rows of a file over those of the same shape below; ``-`` empties a cell."""
    seen: dict[str, str] = {}
    for where, cells in _csv(file, tuple(COLUMNS), faults):
        key = cells["name"]
        if not re.fullmatch(r"[a-z][a-z0-9_]*", key):
            faults.append(f'{where}: name "{key}"; lower case letters, digits and _ only')
            continue
        if key in seen:
            faults.append(f'{where}: "{key}" stands already at {seen[key]}; give it once')
            continue
        seen[key] = where
        filled = {column: cell for column, cell in cells.items() if cell}
        lower_cells = rows[key].cells if key in rows else {}
        merged = {**lower_cells, **filled}
        rows[key] = Row({c: "" if v == "-" else v for c, v in merged.items()}, where)


def _named(file: Path, columns: tuple[str, ...], faults: list[str]) -> dict[str, Row]:
    """The rows of a table by their names."""
    return {cells["name"]: Row(cells, where) for where, cells in _if_there(file, columns, faults)}


def _if_there(
    file: Path, columns: tuple[str, ...], faults: list[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table that a profile may do without."""
    if file.exists():
        yield from _csv(file, columns, faults)


def _narrow(tables: Tables, header: ProfileHeader, where: str, faults: list[str]) -> None:
    """Leave of the tables what they say in the namespaces that a narrower profile keeps.

    What a form asks goes too: nobody describes anything under a narrower profile.
    """
    faults += [
        f'{where}: unknown prefix "{one}" in namespaces; add it to schemas/prefixes.csv'
        for one in header.namespaces
        if one not in tables.prefixes
    ]

    def is_kept(curie: str) -> bool:
        return curie.partition(":")[0] in header.namespaces

    gone = {shape for shape, row in tables.classes.items() if not is_kept(row.class_)}
    tables.headers.clear()  # it does not follow the profile it leaves something out of
    tables.ranges.clear()
    tables.criteria.clear()
    tables.orders.clear()
    tables.prefixes = {prefix: tables.prefixes.get(prefix, "") for prefix in header.namespaces}
    tables.classes = {
        shape: replace(row, also=tuple(filter(is_kept, row.also)))
        for shape, row in tables.classes.items()
        if shape not in gone
    }
    tables.rows = {
        shape: {
            name: Row({**row.cells, **dict.fromkeys(_ASKED, "")}, row.where)
            for name, row in rows.items()
            if is_kept(row["propertyID"]) and row["values"] not in gone
        }
        for shape, rows in tables.rows.items()
        if shape not in gone
    }


def names_below(folder: Path, tables: Tables) -> list[str]:
    """The profiles that a profile extends, the most special first; then those that narrow one.

    Raises :class:`FaultyTable` if a profile of the folder cannot be read.
    """
    names, faults = [header.name for header in tables.headers], list[str]()
    headers = [
        _header(file.parent, file.parent.name, faults)
        for file in sorted(folder.glob("*/profile.toml"))
    ]
    if faults:
        raise FaultyTable(faults)
    return [*reversed(names[:-1]), *(one.name for one in headers if one and one.narrows in names)]


def _header(folder: Path, name: str, faults: list[str]) -> ProfileHeader | None:
    file = folder / "profile.toml"
    try:
        cells = tomllib.loads(file.read_text(encoding="utf-8"))
        return ProfileHeader(
            name=name,
            title=cells["title"],
            version=cells["version"],
            iri=cells["iri"],
            note=cells.get("note", ""),
            extends=tuple(cells.get("extends", ())),
            groups=tuple(cells.get("groups", ())),
            also=tuple(cells.get("also", ())),
            narrows=cells.get("narrows", ""),
            namespaces=tuple(cells.get("namespaces", ())),
        )
    except FileNotFoundError:
        faults.append(f"{file}:1: there is no such profile")
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{file}:1: not valid TOML: {error}")
    except KeyError as error:
        faults.append(f"{file}:1: {error.args[0]} is missing")
    return None


def _csv(
    file: Path, columns: tuple[str, ...], faults: list[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a file with their places; faults are added and the row left out."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{file}:1: cannot be read: {error}")
        return
    reader = csv.reader(text.splitlines(keepends=True))
    head = next(reader, [])
    if unknown := [column for column in head if column not in columns]:
        faults.append(f"{file}:1: unknown column {', '.join(unknown)}; one of {', '.join(columns)}")
        return
    if columns[0] not in head:
        faults.append(f"{file}:1: the column {columns[0]} is missing")
        return
    for cells in reader:
        where = f"{file}:{reader.line_num}"
        if not any(cells):
            continue
        if len(cells) > len(head):
            faults.append(
                f"{where}: {len(cells)} cells for {len(head)} columns; "
                "put a text with commas in double quotes"
            )
            continue
        row = dict.fromkeys(columns, "")
        row.update(zip(head, (cell.strip() for cell in cells), strict=False))
        yield where, row


def _file_name(shape: str) -> str:
    """The file of a class: ``DatasetSeries`` → ``dataset-series.csv``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", shape).lower() + ".csv"
