"""Workbooks of people we do not know are unpacked apart, within a limit of memory and time."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from catalogue.harvest.sheets import NoTable
from catalogue.harvest.workbooks import read_apart


def workbook(*rows: list[object]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def blown_up(content: bytes, cells: int) -> bytes:
    """A workbook whose sheet holds many cells and is small as a file."""
    row = b"<row>" + b"<c><v>1</v></c>" * 400 + b"</row>"
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData>" + row * (cells // 400) + b"</sheetData></worksheet>"
    )
    old, file = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            is_sheet = one == "xl/worksheets/sheet1.xml"
            new.writestr(one, sheet if is_sheet else old.read(one))
    return file.getvalue()


def test_a_workbook_says_the_same_as_if_it_were_read_here():
    sheet = read_apart(workbook(["title", "n", "ok"], ["Hearts", 5, True], [None, 1.5, "é"]))
    assert list(sheet.header) == ["title", "n", "ok"]
    assert [(n, list(row)) for n, row in sheet.rows] == [
        (2, ["Hearts", 5, True]),
        (3, [None, 1.5, "é"]),
    ]
    assert sheet.whole


def test_of_too_many_rows_the_rest_is_not_read_and_that_is_said():
    sheet = read_apart(workbook(["a"], *([n] for n in range(9))), most=4)
    assert len(sheet.rows) == 4
    assert sheet.problems == ("It has more than 4 rows; the rest was not read.",)


def test_a_small_file_that_becomes_millions_of_cells_ends_at_the_limit():
    content = blown_up(workbook(["a"]), 600_000)
    assert len(content) < 200_000
    with pytest.raises(NoTable, match="takes longer"):
        read_apart(content, seconds=0.2)


def test_what_is_wrong_with_a_workbook_is_told_in_words():
    with pytest.raises(NoTable, match="no sheet “Other”"):
        read_apart(workbook(["a"], [1]), "Other")
    with pytest.raises(NoTable, match=r"cannot be read|zip file"):
        read_apart(b"PK\x03\x04 and then nothing")
