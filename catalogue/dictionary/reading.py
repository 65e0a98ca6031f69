"""A table of variables, read: what each says, what is wrong in which row and column.

A file whose headings are those of a dictionary is read row by row.  Any other is a table of
data: of it only the names of the columns count, and the types of a few made-up values.  Rows of
data are never kept, and a file that looks like data about persons is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.dictionary import types
from catalogue.dictionary.concepts import address_of
from catalogue.dictionary.words import Heading, Words
from catalogue.errors import CatalogueError
from catalogue.harvest.sheets import Cell, Sheet, column_name
from catalogue.terms import fault_of_language
from catalogue.vocabulary import Vocabularies

#: So many variables a dictionary may have, and so many rows a table of made-up values.
MOST_VARIABLES, MOST_SAMPLES = 20_000, 20
_LONGEST_NAME, _LONGEST_TEXT = 200, 5_000
#: So much of a cell is looked at, and of one that holds a single word or address.
_LONGEST_CELL, _LONGEST_WORD = 100_000, 2_000
#: So many characters the labels and descriptions of one dictionary may have together.
_MOST_TEXT = 4_000_000
#: A dictionary tells one of these beside the names.
_TELLING = ("label", "description", "type", "codes", "unit")
#: REDCap's rows that show a text and ask for nothing.
_NO_VARIABLE = ("descriptive",)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}\Z", re.I)
#: What one file may say wrong before the rest is only counted.
_MOST_SAID, _MOST_ERRORS = 200, 1_000


class LooksLikePersons(CatalogueError):
    """A file seems to hold data about persons; nothing of it was kept."""

    status = 422
    title = "This looks like data about persons"


@dataclass(frozen=True)
class Said:
    """Something to say of a place in a file; ``severity`` is error, warning or guess."""

    row: int
    column: str
    message: str
    severity: str = "error"

    def __str__(self) -> str:
        where = ", ".join(filter(None, (f"row {self.row}" if self.row else "", self.column)))
        return f"{where}: {self.message}" if where else self.message


@dataclass
class Dictionary:
    """The tables of a dictionary, as parts of a document, and what is to be said of the file."""

    tables: list[dict[str, Any]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    left_out: int = 0

    @property
    def variables(self) -> int:
        """How many variables there are."""
        return sum(len(table["column"]) for table in self.tables)

    def of(self, severity: str) -> list[Said]:
        """What of one severity is to be said."""
        return [one for one in self.said if one.severity == severity]

    def say(self, row: int, column: str, message: str, severity: str = "error") -> None:
        """Note something of a place."""
        if len(self.said) < (_MOST_ERRORS if severity == "error" else _MOST_SAID):
            self.said.append(Said(row, column, message, severity))
        else:
            self.left_out += 1


@dataclass(frozen=True)
class _Column:
    place: int
    title: str
    heading: Heading

    def __str__(self) -> str:
        return f"column {column_name(self.place)} “{self.title[:60]}”"


class Reading:
    """Reads tables of variables."""

    def __init__(self, words: Words, vocabularies: Vocabularies) -> None:
        self._words, self._vocabularies = words, vocabularies
        self._datatypes = vocabularies["csvw-datatype"].by_code

    def read(self, sheet: Sheet, title: str, language: str = "") -> Dictionary:
        """A table as a dictionary; ``title`` is for tables without a name of their own.

        Raises :class:`LooksLikePersons`.
        """
        if language and fault_of_language(language):
            language = ""
        found = Dictionary()
        for problem in sheet.problems:
            found.say(0, "", problem, "warning")
        columns = [
            _Column(place, text, heading)
            for place, text in enumerate(sheet.header)
            if text and (heading := self._words.heading(text[:_LONGEST_NAME]))
        ]
        told = {one.heading.column for one in columns}
        if "person" in told and sheet.rows:
            self._refuse(sheet, [one.title for one in columns if one.heading.column == "person"])
        if "name" in told and told.intersection(_TELLING):
            _Rows(self, sheet, columns, found, title, language).read()
        else:
            self._of_data(sheet, columns, found, title, language)
        if not found.variables and not found.of("error"):
            found.say(0, "", "There are no variables in it.")
        return found

    @staticmethod
    def _refuse(sheet: Sheet, titles: Iterable[str]) -> None:
        columns = ", ".join(f"“{one[:40]}”" for one in list(titles)[:5])
        why = f"it has the {'columns' if ',' in columns else 'column'} {columns}" if columns else ""
        rows = len(sheet.rows)
        raise LooksLikePersons(
            f"The file looks like data about persons: {why or 'of its values'} and {rows:,} "
            f"{'row' if rows == 1 else 'rows'}. It was not read further and nothing of it was "
            "kept. Upload a description of the variables, or a file of the headings alone."
        )

    def _of_data(
        self,
        sheet: Sheet,
        columns: Sequence[_Column],
        found: Dictionary,
        title: str,
        language: str,
    ) -> None:
        """Names from the headings, types from a few values that nobody keeps."""
        cells = [str(cell) for _, row in sheet.rows for cell in row if isinstance(cell, str)]
        named = [one.title for one in columns if one.heading.column == "name"]
        # Without headings the first row is data as well.
        is_data = any(types.of_values([one]) not in ("", types.STRING) for one in sheet.header)
        cells += sheet.header
        if len(sheet.rows) > MOST_SAMPLES or is_data or any(map(_EMAIL.match, cells)):
            self._refuse(sheet, ())
        if named and sheet.rows:
            found.say(
                1,
                str(next(one for one in columns if one.heading.column == "name")),
                "The file names variables, or persons, and tells nothing else of them; a "
                "dictionary has a column more, such as label, description or type.",
            )
            return
        seen: dict[str, int] = {}
        table: list[dict[str, Any]] = []
        for place, text in enumerate(sheet.header):
            where = f"column {column_name(place)}"
            if not text:
                continue
            if text.casefold() in seen:
                found.say(1, where, f"“{text[:60]}” names two columns.")
                continue
            seen[text.casefold()] = place
            values = (row[place] if place < len(row) else None for _, row in sheet.rows)
            table.append(
                {
                    "column_name": text[:_LONGEST_NAME],
                    "column_title": {language or "en": text[:_LONGEST_NAME]},
                    "description": {language or "en": text[:_LONGEST_NAME]},
                    "datatype": types.of_values(values) or types.STRING,
                }
            )
        found.tables.append({"title": {language or "en": title}, "column": table})
        rows = len(sheet.rows)
        found.say(
            0,
            "",
            "The file is a table of data, not a dictionary: the names were taken from its headings"
            + (f" and the types guessed from {rows} rows, none of which was kept" if rows else "")
            + ". Labels and descriptions repeat the names.",
            "warning",
        )

    def datatype(self, said: str) -> str:
        """The type somebody spelt out; empty if nobody can tell."""
        return types.spelt(said, self._words.types, self._datatypes)

    def concept(self, said: str) -> str:
        """The address of a concept somebody named; empty if nobody can tell."""
        return address_of(said, self._vocabularies)


class _Rows:
    """The rows of one dictionary."""

    def __init__(
        self,
        reading: Reading,
        sheet: Sheet,
        columns: Sequence[_Column],
        found: Dictionary,
        title: str,
        language: str,
    ) -> None:
        self._reading, self._sheet, self._found = reading, sheet, found
        self._title, self._language = title, language
        self._columns: dict[str, list[_Column]] = {}
        for one in columns:
            self._columns.setdefault(one.heading.column, []).append(one)
        for column in ("name", "type", "codes", "unit", "table", "validation"):
            first, *others = self._columns.get(column, [None])
            for other in others:
                found.say(1, str(other), f"says the same as {first}; it was left out.", "warning")
        known = {one.place for one in columns}
        unknown = [t for place, t in enumerate(sheet.header) if t and place not in known]
        if unknown:
            names = ", ".join(f"“{one[:40]}”" for one in unknown[:8])
            more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
            found.say(1, "", f"Not understood and left out: {names}{more}.", "warning")
        self._tables: dict[str, dict[str, Any]] = {}
        self._seen: dict[tuple[str, str], int] = {}
        self._repeated = {"label": 0, "description": 0}
        self._guessed = self._length = 0

    def read(self) -> None:
        """Read every row."""
        for number, row in self._sheet.rows:
            if len(self._seen) >= MOST_VARIABLES:
                self._found.say(
                    number, "", f"A dictionary has at most {MOST_VARIABLES:,} variables."
                )
                break
            if self._length > _MOST_TEXT:
                self._found.say(
                    number,
                    "",
                    f"Labels and descriptions together are longer than {_MOST_TEXT:,} characters; "
                    "upload the main tables only.",
                )
                break
            self._row(number, row)
        self._found.tables += self._tables.values()
        for what, count in self._repeated.items():
            if count:
                stands = "the name" if what == "label" else "the label"
                some = "variable has" if count == 1 else "variables have"
                self._found.say(
                    0, "", f"{count:,} {some} no {what}; {stands} stands in.", "warning"
                )
        if self._guessed:
            some = "variable" if self._guessed == 1 else "variables"
            self._found.say(
                0,
                "",
                f"The type of {self._guessed:,} {some} is not given and was guessed.",
                "guess",
            )

    def _row(self, number: int, row: Sequence[Cell]) -> None:
        name = self._text(row, "name")
        where = str(self._columns["name"][0])
        said_type = self._text(row, "type")[:_LONGEST_NAME]
        if said_type.casefold() in _NO_VARIABLE:
            return
        if not name:
            self._found.say(number, where, "The variable has no name.")
            return
        if len(name) > _LONGEST_NAME:
            self._found.say(number, where, f"The name is longer than {_LONGEST_NAME} characters.")
            return
        title = self._text(row, "table") or self._title
        key = (title.casefold(), name.casefold())
        if key in self._seen:
            self._found.say(
                number, where, f"“{name[:60]}” is named in row {self._seen[key]} already."
            )
            return
        self._seen[key] = number
        table = self._tables.setdefault(
            title.casefold(), {"title": {self._tongue("table"): title[:200]}, "column": []}
        )
        table["column"].append(self._variable(number, row, name, said_type))

    def _variable(
        self, number: int, row: Sequence[Cell], name: str, said_type: str
    ) -> dict[str, Any]:
        labels = self._texts(row, "label")
        if not labels:
            self._repeated["label"] += 1
            labels = {self._language or "en": name}
        descriptions = self._texts(row, "description")
        if not descriptions:
            self._repeated["description"] += 1
            descriptions = dict(labels)
        self._length += sum(map(len, (*labels.values(), *descriptions.values())))
        codes = self._codes(number, row)
        column: dict[str, Any] = {
            "column_name": name,
            "column_title": labels,
            "description": descriptions,
            "datatype": self._datatype(number, row, said_type, codes),
        }
        if unit := self._text(row, "unit"):
            column["unit"] = unit[:100]
        if codes:
            column["codes"] = codes
        if concept := self._concept(number, row):
            column["property_url"] = concept
        return column

    def _datatype(self, number: int, row: Sequence[Cell], said: str, codes: Sequence[str]) -> str:
        check = self._text(row, "validation")[:_LONGEST_NAME]
        for text in (check, said):  # a text that is checked to be a date is a date
            if text and (found := self._reading.datatype(text)):
                if found == types.STRING and codes and text == said:
                    return types.of_codes(codes) or found  # “categorical” tells no type
                return found
        if said:
            where = str(self._columns["type"][0])
            self._found.say(
                number, where, f"“{said[:60]}” is no type we know; taken as text.", "warning"
            )
            return types.STRING
        self._guessed += 1
        return types.of_codes(codes) or (types.DECIMAL if self._text(row, "unit") else types.STRING)

    def _codes(self, number: int, row: Sequence[Cell]) -> list[str]:
        text = self._text(row, "codes")
        if not text or self._text(row, "type").casefold() in ("calc", "slider", "calculated"):
            return []
        codes, too_many = types.codes_of(text)
        if too_many:
            where = str(self._columns["codes"][0])
            self._found.say(
                number, where, "There are too many codes; the first are kept.", "warning"
            )
        return codes

    def _concept(self, number: int, row: Sequence[Cell]) -> str:
        for one in self._columns.get("concept", ()):
            text = _plain(row, one.place)[:_LONGEST_WORD]
            if not text:
                continue
            if address := self._reading.concept(f"{one.title} {text}" if _bare(text) else text):
                return address
            self._found.say(
                number, str(one), f"“{text[:60]}” is no concept we can address.", "warning"
            )
        return ""

    def _text(self, row: Sequence[Cell], column: str) -> str:
        known = self._columns.get(column)
        return _plain(row, known[0].place) if known else ""

    def _texts(self, row: Sequence[Cell], column: str) -> dict[str, str]:
        """The texts of a row by language; several of one language follow each other."""
        found: dict[str, str] = {}
        for one in self._columns.get(column, ()):
            if text := _plain(row, one.place)[:_LONGEST_TEXT]:
                tongue = self._language or one.heading.language
                before = found.get(tongue)
                found[tongue] = f"{before.rstrip('.')}. {text}" if before else text
        return found

    def _tongue(self, column: str) -> str:
        known = self._columns.get(column) or self._columns.get("label")
        return self._language or (known[0].heading.language if known else "en")


def _plain(row: Sequence[Cell], place: int) -> str:
    """A cell as a text in one piece, without what no text may hold."""
    cell = row[place] if place < len(row) else None
    if cell is None:
        return ""
    text = "".join(c for c in str(cell)[:_LONGEST_CELL] if c in "\n\t" or c.isprintable())
    return re.sub(r"<[^<>]{1,200}>", " ", text).strip()


def _bare(text: str) -> bool:
    """Whether a concept is told by its code alone, so that the heading must say of what."""
    return bool(re.fullmatch(r"[A-Za-z]?[\d.-]+", text))


def counted(tables: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    """The title of each table with how many variables it has."""
    for table in tables:
        yield next(iter(table.get("title", {}).values()), ""), len(table.get("column", ()))
