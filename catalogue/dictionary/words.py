"""The words of dictionaries: what columns are called, and how types are spelt, in many habits.

``schemas/dictionary-headings.csv`` and ``schemas/dictionary-types.csv`` hold them; another habit
or language is another word there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalogue.errors import FaultyTable

#: What a column of a dictionary may tell; ``person`` marks one that only tables of data have.
COLUMNS = (
    "name",
    "label",
    "description",
    "type",
    "validation",
    "unit",
    "codes",
    "concept",
    "table",
    "person",
)
_SPACE = re.compile(r"[\s_]+")
_ASIDE = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_TONGUE = re.compile(r"(.+?)\s*(?:[@:]\s*|[(\[]\s*)([a-z]{2})\s*[)\]]?\Z", re.I)


@dataclass(frozen=True)
class Heading:
    """What a heading says: which column it is, and the language that it is in or speaks of."""

    column: str
    language: str = "en"


@dataclass(frozen=True)
class Words:
    """Headings and spellings of types, by their plain forms."""

    headings: Mapping[str, Heading]
    types: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> Words:
        """The words in a folder of tables; raises :class:`FaultyTable` with file and line."""
        headings: dict[str, Heading] = {}
        for where, row in _rows(folder / "dictionary-headings.csv"):
            if row["column"] not in COLUMNS:
                raise FaultyTable([f'{where}: unknown column "{row["column"]}"'])
            for text in row["headings"].split(";"):
                known = headings.setdefault(plain(text), Heading(row["column"], row["language"]))
                if known.column != row["column"]:
                    raise FaultyTable([f'{where}: "{text.strip()}" is a {known.column} already'])
        types = {
            plain(text): row["datatype"]
            for _, row in _rows(folder / "dictionary-types.csv")
            for text in row["words"].split(";")
        }
        return cls(headings, types)

    def heading(self, text: str) -> Heading | None:
        """What a heading says; ``Label@de`` and ``label (de)`` name their language."""
        said = plain(text)
        if said in self.headings:
            return self.headings[said]
        if (named := _TONGUE.match(text.strip())) and (
            known := self.headings.get(plain(named[1]))
        ) is not None:
            return Heading(known.column, named[2].lower())
        return self.headings.get(plain(_ASIDE.sub(" ", text)))


def plain(text: str) -> str:
    """A heading or a type as it is compared."""
    return _SPACE.sub(" ", text.casefold()).strip(" *:?.#")


def _rows(file: Path) -> list[tuple[str, dict[str, str]]]:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return [
                (f"{file.name}:{number}", row)
                for number, row in enumerate(csv.DictReader(opened), start=2)
            ]
    except OSError as error:
        raise FaultyTable([f"{file.name} cannot be read: {error}"]) from None
