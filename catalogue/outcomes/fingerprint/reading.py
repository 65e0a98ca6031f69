"""Reading an export: CSV within limits, into rows of the analyses that are needed.

What is told of a fault is the row, the column and the rule, never what stands there: a file
of exact counts must not come back in a message or a log.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalogue.errors import BadRequest, TooLarge
from catalogue.outcomes.fingerprint.analyses import ANALYSES, Analysis

#: The most bytes of a file, and the most rows.
MOST_BYTES, MOST_ROWS = 16_000_000, 300_000
#: How many faults are told; of more only the number.
_MOST_FAULTS = 25
_STRATA = tuple(f"stratum_{place}" for place in range(1, 6))
_NEEDED = ("analysis_id", "stratum_1", "count_value")
#: What a distribution is read from; the least and the greatest value are those of one person.
PERCENTILES = ("p10", "p25", "median", "p75", "p90")
_NOTHING = ("", "na", "null", "nan", "\\n")
_LONGEST_CELL, _LARGEST = 300, 10**12
_ZIP, _OLD_EXCEL, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"


@dataclass(frozen=True, repr=False, slots=True)
class Row:
    """One row of an analysis that is needed, with its number as people see it."""

    number: int
    analysis: Analysis
    strata: tuple[str, ...]
    count: int
    percentiles: Mapping[str, float]
    name: str = ""


@dataclass(repr=False)
class Export:
    """What is to be said of a file beside its numbers."""

    faults: list[str] = field(default_factory=list)
    #: How many faults there are, also those that are not told.
    faulty: int = 0
    unknown: Counter[int] = field(default_factory=Counter)
    needed: int = 0

    def fault(self, number: int, said: str) -> None:
        """Write down what is wrong with a row."""
        self.faulty += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(f"Row {number}: {said}")


def read(content: bytes, export: Export) -> Iterator[Row]:
    """The rows of a file that are needed, one by one; what is wrong is told to ``export``.

    Raises :class:`BadRequest` if it is no export at all, :class:`TooLarge` beyond the limits.
    """
    if len(content) > MOST_BYTES:
        raise too_large()
    lines = _lines(_text(content))
    header = next(lines, None)
    if header is None:
        raise BadRequest("The file is empty. Choose the CSV file that the export tool wrote.")
    columns = _columns(header[1])
    for number, cells in lines:
        if number > MOST_ROWS:
            raise TooLarge(
                f"The file has more than {MOST_ROWS:,} rows. Export only the analyses that "
                "docs/fingerprint.md lists."
            )
        row = _row(export, number, cells, columns)
        if row is not None:
            export.needed += 1
            yield row
    if not export.needed and not export.faulty:
        raise BadRequest(
            "None of its rows belongs to an analysis that a fingerprint is made of. Choose the "
            "file of aggregates that the export tool wrote, with its analysis numbers."
        )


def too_large() -> TooLarge:
    """The error of a file that is too large."""
    return TooLarge(
        f"The file is larger than {MOST_BYTES // 1_000_000} MB. Export only the analyses that "
        "docs/fingerprint.md lists."
    )


def _text(content: bytes) -> str:
    if content.startswith((_ZIP, _OLD_EXCEL)):
        raise BadRequest("It is a workbook or a zip file. Send the CSV file itself.")
    if content.startswith(_PDF):
        raise BadRequest("It is a PDF. Send the CSV file that the export tool wrote.")
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\x00" in content:
        raise BadRequest("It holds binary data. Send the CSV file that the export tool wrote.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252", "replace")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    beginning = next((one for one in text[:100_000].splitlines() if one.strip()), "")
    delimiter = max(",;\t|", key=beginning.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(lines, start=1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error:  # what it says may hold what stands there
        raise BadRequest(
            f"It is not proper CSV after row {number}: a quotation mark is missing or misplaced, "
            "or a cell is far too long."
        ) from None


def _columns(header: Sequence[str]) -> Mapping[str, int]:
    """Where each column stands, by its name without case and without ``_value``."""
    columns: dict[str, int] = {}
    for place, said in enumerate(header):
        name = said.strip().strip('"').casefold()
        columns.setdefault(name, place)
        columns.setdefault(name.removesuffix("_value"), place)
    if lacking := [name for name in _NEEDED if name not in columns]:
        raise BadRequest(
            f"The first row must name the columns; it lacks {', '.join(lacking)}. An export has "
            "analysis_id, stratum_1 to stratum_5, count_value, and for distributions p10_value, "
            "p25_value, median_value, p75_value and p90_value."
        )
    return columns


def _row(
    export: Export, number: int, cells: Sequence[str], columns: Mapping[str, int]
) -> Row | None:
    """A row if it is needed and right."""

    def cell(name: str) -> str:
        place = columns.get(name, -1)
        said = cells[place].strip() if 0 <= place < len(cells) else ""
        return "" if said.casefold() in _NOTHING else said

    identity = whole(cell("analysis_id"))
    if identity is None:
        export.fault(number, "analysis_id is not a whole number.")
        return None
    analysis = ANALYSES.get(identity)
    if analysis is None:
        export.unknown[identity] += 1
        return None
    if not analysis.feeds:
        return None
    count = whole(cell("count_value"))
    if count is None and analysis.feeds == "version":
        count = 0
    if count is None:
        export.fault(number, "count_value is not a whole number from 0.")
        return None
    strata = tuple(map(cell, _STRATA if analysis.feeds == "version" else _STRATA[:2]))
    if any(len(one) > _LONGEST_CELL for one in strata):
        export.fault(number, f"a stratum is longer than {_LONGEST_CELL} characters.")
        return None
    percentiles: dict[str, float] = {}
    if analysis.is_distribution:
        for name in PERCENTILES:
            value = _decimal(cell(name))
            if value is not None:
                percentiles[name] = value
            elif cell(name):
                export.fault(number, f"{name}_value is not a number.")
                return None
    name = cell("concept_name") or cell("stratum_1_name")
    return Row(number, analysis, strata, count, percentiles, name)


def whole(said: str) -> int | None:
    """A whole number from 0, also as statistics programs write it (1e+05, 12.0)."""
    if said.isascii() and said.isdigit() and len(said) < 16:
        return int(said) if int(said) <= _LARGEST else None
    value = _decimal(said)
    if value is None or not value.is_integer() or not 0 <= value <= _LARGEST:
        return None
    return int(value)


def _decimal(said: str) -> float | None:
    if not said or len(said) > 30 or not said.isascii() or "_" in said:
        return None
    try:
        value = float(said)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
