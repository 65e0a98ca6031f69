"""Tables that people keep: CSV in any of its ways, and Excel workbooks.

A workbook is a zip file of XML, so it is looked at before it is opened: how large it would become,
and that no part of it has a document type.  Formulas are never computed; what Excel kept of their
results is read.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from catalogue.errors import CatalogueError

#: The media type of a workbook.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS, MOST_COLUMNS = 100_000, 500
_MOST_MEMBERS, _LARGEST, _MOST_RATIO, _SMALL = 2_000, 128_000_000, 200, 10_000_000
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DELIMITERS = ",;\t|"
_ROOT = re.compile(rb"<[A-Za-z_]")
#: What openpyxl and zipfile raise at broken files.
_FAULTS = (
    AttributeError,
    EOFError,
    InvalidFileException,
    KeyError,
    IndexError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)

#: A text, a number, yes or no; dates are texts as XSD writes them.
Cell = str | int | float | bool | None


class NoTable(CatalogueError):
    """What came is no table that can be read; the words say why."""

    title = "No table"


@dataclass(frozen=True)
class Sheet:
    """The columns of a table and its rows, each with its number as people see it.

    ``whole`` is false if there is more than is read.
    """

    header: Sequence[str]
    rows: Sequence[tuple[int, Sequence[Cell]]]
    problems: tuple[str, ...] = ()
    whole: bool = True


def is_workbook(content: bytes) -> bool:
    """Whether a file is packed as a workbook is, which ``workbooks.py`` reads apart."""
    return content.startswith(_ZIP)


def read_sheet(content: bytes, name: str = "", most: int = 0) -> Sheet:
    """The table in a file; ``name`` is that of a sheet of a workbook.  Raises :class:`NoTable`.

    Of more than ``most`` rows the rest is not read.
    """
    most = most or MOST_ROWS
    problems: list[str] = []
    if content.startswith(_OLD_EXCEL):
        raise NoTable("It is a workbook of Excel 97 to 2003 (.xls); save it as .xlsx or CSV.")
    if content.startswith(_ZIP):
        return _gathered(_of_workbook(content, name), problems, most)
    if re.match(rb"\s*<(!doctype|html|\?xml)", content[:200], re.I):
        raise NoTable("It is a web page or XML, not a table.")
    return _gathered(_of_csv(_text(content, problems)), problems, most)


def column_name(number: int) -> str:
    """What a spreadsheet calls a column: A for 0, AB for 27."""
    name, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _gathered(rows: Iterator[Sequence[Cell]], problems: list[str], most: int) -> Sheet:
    header: list[str] | None = None
    found: list[tuple[int, Sequence[Cell]]] = []
    whole = True
    for number, row in enumerate(rows, start=1):
        if all(cell in (None, "") for cell in row):
            continue
        if len(row) > MOST_COLUMNS and any(cell not in (None, "") for cell in row[MOST_COLUMNS:]):
            raise NoTable(f"Row {number} has more than {MOST_COLUMNS} columns.")
        row = row[:MOST_COLUMNS]
        if header is None:
            header = [str(cell if cell is not None else "").strip() for cell in row]
        elif len(found) >= most:
            problems.append(f"It has more than {most} rows; the rest was not read.")
            whole = False
            break
        else:
            found.append((number, row))
    if header is None:
        raise NoTable("It is empty; the first row should name the columns.")
    return Sheet(header, found, tuple(problems), whole)


# CSV ----------------------------------------------------------------------------------


def _text(content: bytes, problems: list[str]) -> str:
    for bom, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if content.startswith(bom):
            return content[len(bom) :].decode(encoding, "replace")
    # UTF-16 without a mark: in Western text every second byte is nothing.
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        sample = content[start:400:2]
        if sample and sample.count(0) > len(sample) // 2:
            return content.decode(encoding, "replace")
    if b"\x00" in content:
        raise NoTable("It holds binary data; a CSV file or an .xlsx workbook is needed.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        problems.append("It is not in UTF-8, and was read as windows-1252.")
        return content.decode("windows-1252", "replace")


def _of_csv(text: str) -> Iterator[Sequence[Cell]]:
    delimiter = ""
    if hint := re.match(r"sep=(.)\r?\n", text):  # a line that Excel understands
        delimiter, text = hint[1], text[hint.end() :]
    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter or _delimiter_of(text), strict=True
    )
    number = 1
    try:
        for number, row in enumerate(rows, start=1):  # noqa: B007 - told when it fails
            yield [cell.strip() for cell in row]
    except csv.Error as error:
        raise NoTable(f"It is not proper CSV after row {number}: {error}.") from None


def _delimiter_of(text: str) -> str:
    """The sign that stands most often between the names of the columns."""
    line = next((one for one in text.splitlines() if one.strip()), "")
    plain = re.sub(r'"[^"]*"', "", line)
    return max(_DELIMITERS, key=plain.count)


# Excel --------------------------------------------------------------------------------


def _of_workbook(content: bytes, name: str) -> Iterator[Sequence[Cell]]:
    try:
        _look_at(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of formats and validations, which are not read
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            if name and name not in book.sheetnames:
                raise NoTable(
                    f"It has no sheet “{name}”; there are {', '.join(book.sheetnames)[:500]}."
                )
            sheet = book[name] if name else next(iter(book.worksheets), None)
            if sheet is None:
                raise NoTable("It has no sheet.")
            sheet.reset_dimensions()  # what the file says of them is often wrong
            rows = sheet.iter_rows(
                max_row=MOST_ROWS + 1_000, max_col=MOST_COLUMNS + 1, values_only=True
            )
            for row in rows:
                yield _trimmed([_cell(value) for value in row])
    except _FAULTS as error:
        raise NoTable(f"The workbook cannot be read: {error}.") from None


def _look_at(content: bytes) -> None:
    """Refuse a zip file that would become too large, or whose XML has document types."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        members = file.infolist()
        names = {one.filename for one in members}
        if "xl/workbook.xml" not in names and "[Content_Types].xml" not in names:
            what = "an OpenDocument file; save it" if "content.xml" in names else "a zip file; save"
            raise NoTable(f"It is {what} as .xlsx or CSV.")
        if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > _LARGEST:
            raise NoTable("The workbook would be too large when it is unpacked.")
        for one in members:
            if one.file_size > _SMALL and one.file_size > _MOST_RATIO * max(one.compress_size, 1):
                raise NoTable("The workbook is packed as no table is; it may be a trap.")
            if one.filename.lower().endswith((".xml", ".rels", ".vml")):
                with file.open(one) as member:
                    _look_at_beginning(member)


def _look_at_beginning(member: Any) -> None:
    said = b""
    while not _ROOT.search(said) and (piece := member.read(65_536)):
        said += piece
        if len(said) > 1_000_000:
            raise NoTable("A part of the workbook does not begin as XML does.")
    root = _ROOT.search(said)
    beginning = said[: root.start() if root else len(said)]
    # Another encoding than UTF-8 could hide one.
    if b"<!DOCTYPE" in said.upper()[: len(beginning) + 200] or b"\x00" in said[:4]:
        raise NoTable("A part of the workbook has a document type, which is not read for safety.")
    if (declared := re.search(rb'encoding\s*=\s*["\']([^"\']+)', beginning)) and declared[
        1
    ].lower() not in (b"utf-8", b"us-ascii"):
        raise NoTable("A part of the workbook is not in UTF-8, as Excel writes it.")


def _trimmed(row: list[Cell]) -> list[Cell]:
    """A row without the empty cells at its end, which every row has up to the last column."""
    while row and row[-1] in (None, ""):
        row.pop()
    return row


def _cell(value: Any) -> Cell:
    if isinstance(value, datetime):
        moment = value.replace(microsecond=0)
        return moment.date().isoformat() if moment.time() == time() else moment.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**63 else value
    if isinstance(value, str):
        return value.strip()
    return value if isinstance(value, bool | int) or value is None else str(value)
