"""The elements by which the HMA-EMA Catalogues describe data sources, and where ours answer them.

``schemas/ema.csv`` is the table: an element, the paths to what answers it (the first that does
counts), whether the name was read in that catalogue (``checked``), and what a reader has to know.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogue.errors import FaultyTable
from catalogue.profile import Document, Shape
from catalogue.profile.shape import Property, reasons_in
from catalogue.profile.values import Nested

FILE = "ema.csv"


@dataclass(frozen=True)
class Element:
    """One element: its name there, and the ways to the answer here, each of properties."""

    name: str
    paths: Sequence[Sequence[Property]]
    checked: bool
    note: str

    def values(self, document: Document) -> Iterator[tuple[Property, Any]]:
        """The answers of a document, each with its property."""
        for *within, last in self.paths:
            parts: list[Any] = [document]
            for one in within:
                parts = [part for some in parts for part in one.values(some)]
            if found := [value for part in parts for value in last.values(part)]:
                yield from ((last, value) for value in found)
                return

    def reason(self, document: Document) -> str:
        """The reason that stands in place of an answer; empty if there is none."""
        return reasons_in(document).get(self.paths[0][0].name, "")


def elements(folder: Path, shape: Shape) -> Sequence[Element]:
    """The table, held against the shape of datasets; raises :class:`FaultyTable`.

    Properties that a narrower profile does not have are passed by.
    """
    file = folder / FILE
    found: list[Element] = []
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            if not row.get("element") or not row.get("path"):
                raise FaultyTable(f"{file}:{number}: needs element and path")
            if paths := [path for one in row["path"].split() if (path := _path(one, shape))]:
                checked = row.get("checked") == "yes"
                found.append(Element(row["element"], paths, checked, row.get("note") or ""))
    return found


def _path(text: str, shape: Shape) -> Sequence[Property]:
    found: list[Property] = []
    inside: Shape | None = shape
    for name in text.split("."):
        if inside is None or name not in inside.properties:
            return ()
        one = inside[name]
        found.append(one)
        inside = one.value.shape if isinstance(one.value, Nested) else None
    return found
