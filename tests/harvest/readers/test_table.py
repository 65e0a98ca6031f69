"""Tables: CSV in all its ways, Excel, what a column may be called, and what hostile files do."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from harvested import all_of, document_of, messages, reading, walk
from hypothesis import given
from hypothesis import strategies as st

from catalogue.harvest.columns import Columns
from catalogue.harvest.readers import table
from catalogue.harvest.readers.table import make
from catalogue.harvest.reading import Expired, Unreadable
from catalogue.harvest.sheets import NoTable, column_name, read_sheet

EU = "http://publications.europa.eu/resource/authority/"
HEADER = ["identifier", "title", "description"]
ROW = ["hf-ghent", "Heart failure registry", "Everybody treated for heart failure."]


def text_of(*rows: list[object], delimiter: str = ",") -> str:
    """CSV text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def workbook(*rows: list[object], name: str = "Datasets", others: tuple[str, ...] = ()) -> bytes:
    """An Excel workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for row in rows:
        sheet.append(row)
    for other in others:
        book.create_sheet(other).append(["nothing", "of", "use"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, changed) -> bytes:
    """A workbook with one of its parts changed by ``changed(name, content)``."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.infolist():
            new.writestr(one.filename, changed(one.filename, old.read(one)))
    return out.getvalue()


@pytest.fixture
def read(site, profile):
    """Reads one table to its end."""

    def read_(content: bytes | str, **options):
        address = site.put("/datasets", content, "application/octet-stream")
        with reading(make, address, profile, **options) as reader:
            return walk(reader)

    return read_


@pytest.fixture
def one(read, profile):
    """The description and document of a table with one row."""

    def one_(content: bytes | str, **options):
        pages = read(content, **options)
        [remote] = all_of(pages).values()
        return remote, document_of(profile, remote) if remote.raw else {}

    return one_


# files ------------------------------------------------------------------------------------

SAID = text_of(["identifier", "Title"], ["hf", "Café cohort"])


@pytest.mark.parametrize(
    "content",
    [
        SAID.encode("utf-8"),
        SAID.encode("utf-8-sig"),
        SAID.encode("utf-16"),
        SAID.encode("utf-16-le"),
        SAID.encode("utf-16-be"),
        SAID.replace(",", ";").encode(),
        SAID.replace(",", "\t").encode(),
        SAID.replace("\r\n", "\n").encode(),
        SAID.replace("\r\n", "\r").encode(),
        b"sep=;\r\n" + SAID.replace(",", ";").encode(),
        b"\r\n,\r\n" + SAID.encode(),
        workbook(["identifier", "Title"], ["hf", "Café cohort"]),
        workbook([], ["identifier", "Title"], [], ["hf", "Café cohort"]),
    ],
)
def test_a_table_is_read_however_it_was_saved(one, content):
    remote, found = one(content)
    assert remote.id == "hf"
    assert found["title"] == {"@none": "Café cohort"}
    assert messages(remote) == ""


def test_an_old_encoding_is_read_and_told_of(read, profile):
    [page] = read(SAID.encode("windows-1252"))
    assert document_of(profile, page.found[0])["title"] == {"@none": "Café cohort"}
    assert "windows-1252" in page.problems[0]


def test_a_sheet_is_found_by_its_name_and_a_wrong_name_is_told(one, read):
    content = workbook(HEADER, ROW, name="Data", others=("Notes",))
    assert one(content, sheet="Data")[0].id == "hf-ghent"
    with pytest.raises(Unreadable, match="no sheet “Tables”; there are Data, Notes"):
        read(content, sheet="Tables")


def test_cells_of_excel_come_as_what_they_are(one):
    remote, found = one(
        workbook(
            [
                *HEADER,
                "issued",
                "modified",
                "number_of_records",
                "coverage_percent",
                "structured_data",
            ],
            [*ROW, date(2006, 1, 31), datetime(2024, 6, 30, 12, 30), 1850000.0, 75.5, True],
        )
    )
    assert messages(remote) == ""
    assert found["issued"] == "2006-01-31"
    assert found["modified"] == "2024-06-30T12:30:00"
    assert found["number_of_records"] == 1850000
    assert found["coverage_percent"] == 75.5
    assert found["structured_data"] is True


def test_a_formula_gives_the_result_that_was_kept_or_nothing(one):
    content = workbook([*HEADER, "number_of_records"], [*ROW, "=1+1"])
    assert "number_of_records" not in one(content)[1]

    def with_result(name: str, part: bytes) -> bytes:
        return (
            part.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>8000</v>")
            .replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>8000</v>")
            .replace(b"<f>1+1</f><v/>", b"<f>1+1</f><v>8000</v>")
        )

    assert one(repacked(content, with_result))[1]["number_of_records"] == 8000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "Excel 97"),
        (b"<!DOCTYPE html><p>Sign in</p>", "web page"),
        (b"PK\x03\x04 not really", "cannot be read"),
        (b'identifier,title\r\nhf,"never closed', "not proper CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
        ((",".join(["title"] * 501) + "\n").encode(), "more than 500 columns"),
        (b"colour,size\nred,2\n", "no column is known"),
    ],
)
def test_what_is_no_table_is_told_in_words(read, content, words):
    with pytest.raises(Unreadable, match=words):
        read(content)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"])
@pytest.mark.parametrize("padding", [b"", b"<!--" + b" " * 100_000 + b"-->", b"<!-- <a> -->"])
def test_a_document_type_in_a_workbook_is_refused(part, padding):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def with_bomb(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        head, _, rest = (
            content.partition(b"?>") if content.startswith(b"<?") else (b"", b"", content)
        )
        return (head + b"?>" if head else b"") + padding + bomb + rest

    with pytest.raises(NoTable, match="not read for safety"):
        read_sheet(repacked(workbook(HEADER, ROW), with_bomb))


def test_a_workbook_in_another_encoding_is_refused():
    def in_utf_16(name: str, content: bytes) -> bytes:
        return content.decode().encode("utf-16") if name == "xl/workbook.xml" else content

    with pytest.raises(NoTable):
        read_sheet(repacked(workbook(HEADER, ROW), in_utf_16))


def test_a_workbook_that_would_grow_beyond_measure_is_refused_before_it_is_unpacked():
    content = repacked(
        workbook(HEADER, ROW),
        lambda name, part: part + b" " * 30_000_000 if name == "xl/worksheets/sheet1.xml" else part,
    )
    assert len(content) < 100_000
    with pytest.raises(NoTable, match="trap"):
        read_sheet(content)


def test_a_workbook_that_lies_about_its_size_is_read_by_what_is_there(one):
    content = repacked(
        workbook(HEADER, ROW),
        lambda name, part: part.replace(b"A1:C2", b"A1:XFD1048576"),
    )
    assert one(content)[0].id == "hf-ghent"


def test_a_cell_far_away_does_not_become_a_million_cells():
    def far(name: str, part: bytes) -> bytes:
        return part.replace(b'r="A2"', b'r="A1048576"').replace(b'<row r="2"', b'<row r="1048576"')

    sheet = read_sheet(repacked(workbook(HEADER, ROW), far))
    assert len(sheet.rows) <= 1


def test_rows_beyond_the_most_are_told_of_and_the_table_is_not_whole(monkeypatch, read):
    monkeypatch.setattr("catalogue.harvest.sheets.MOST_ROWS", 3)
    [page] = read(text_of(HEADER, *([f"d{n}", "A", "B"] for n in range(5))))
    assert len(page.found) == 3
    assert not page.whole
    assert "more than 3 rows" in page.problems[0]


# columns ----------------------------------------------------------------------------------


def test_a_column_may_be_called_by_name_or_label_with_language_and_path(one):
    remote, found = one(
        text_of(
            [
                "Identifier",
                "title@en",
                "Title (fr)",
                "title[nl-BE]",
                "People in the dataset",
                "Contact.E-mail address",
                "contact_point.contact_name",
                "distribution.access_url",
                "distribution.2.access_url",
                "Distributions 2.Title",
                "Share of the population covered (%)",
                "temporal",
            ],
            [
                "hf",
                "Registry",
                "Registre",
                "Register",
                "6 700",
                "data@uzgent.example",
                "Data desk",
                "https://uzgent.example/apply",
                "https://uzgent.example/counts",
                "Counts",
                "75",
                "2006–2024",
            ],
        )
    )
    assert messages(remote) == ""
    assert found["title"] == {"en": "Registry", "fr": "Registre", "nl-be": "Register"}
    assert found["number_of_unique_individuals"] == 6700
    assert found["coverage_percent"] == 75
    [contact] = found["contact_point"]
    assert (contact["email"], contact["contact_name"]) == ("data@uzgent.example", "Data desk")
    first, second = found["distribution"]
    assert first["access_url"] == ["https://uzgent.example/apply"]
    assert second["access_url"] == ["https://uzgent.example/counts"]
    assert second["title"] == {"@none": "Counts"}
    [period] = found["temporal"]
    assert (period["start_date"], period["end_date"]) == ("2006", "2024")


def test_several_values_stand_in_a_cell_where_there_may_be_several(one):
    _, found = one(
        text_of(
            [*HEADER, "keyword@en", "spatial", "studied_condition", "provenance"],
            [
                *ROW,
                "heart; failure\nregistry",
                "BE;France",
                "Heart failure;Dementia",
                "Care; billing",
            ],
        )
    )
    assert found["keyword"] == {"en": ["failure", "heart", "registry"]}
    assert found["spatial"] == [EU + "country/BEL", EU + "country/FRA"]
    assert len(found["studied_condition"]) == 2
    assert len(found["provenance"]) == 2


@pytest.mark.parametrize("said", ["Restricted", "RESTRICTED", EU + "access-right/RESTRICTED"])
def test_a_concept_may_be_given_by_label_code_or_address(one, said):
    assert one(text_of([*HEADER, "access_rights"], [*ROW, said]))[1]["access_rights"] == (
        EU + "access-right/RESTRICTED"
    )


def test_headers_of_ones_own_can_be_mapped_and_the_identifier_named(one):
    remote, found = one(
        text_of(["No.", "Naam", "Aantal"], ["7", "Hartfalen", "6700"]),
        columns={"Naam": "title@nl", "Aantal": "number_of_unique_individuals"},
        identifier="No.",
    )
    assert remote.id == "7"
    assert found["identifier"] == ["7"]
    assert found["title"] == {"nl": "Hartfalen"}
    assert found["number_of_unique_individuals"] == 6700


def test_unknown_columns_are_told_once_with_the_nearest_name(read):
    [page] = read(text_of([*HEADER, "Keywrds", "zzz"], [*ROW, "a", "b"]))
    assert page.problems == [
        "column D “Keywrds” is not known and was left out; is “keyword” meant?",
        "column E “zzz” is not known and was left out.",
    ]
    assert page.whole


def test_two_columns_that_say_the_same_are_told_of(read):
    [page] = read(text_of([*HEADER, "Title"], [*ROW, "Another"]))
    assert "column D “Title” says the same as column B “title”" in page.problems[0]


# cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cell", "words"),
    [
        ("People in the dataset", "ca. 500", "“ca. 500” is not a whole number"),
        ("coverage_percent", "most", "“most” is not a number"),
        ("structured_data", "perhaps", "“perhaps” is neither yes nor no"),
        ("issued", "last spring", "is not a date such as 2024"),
        ("issued", "03/04/2020", "is not a date such as 2024"),
        ("access_rights", "sort of", "“sort of” is not in the list"),
        ("contact_point.email", "nobody", "valid email"),
        ("distribution.access_url", "ask Jan", "ask Jan"),
        ("number_of_records", "#REF!", "“#REF!” is an error of the spreadsheet"),
    ],
)
def test_a_wrong_cell_is_told_by_row_and_column(one, header, cell, words):
    remote, _ = one(text_of([*HEADER, header], [], [*ROW, cell]))
    [problem] = remote.problems
    assert problem.severity == "violation"
    assert problem.message.startswith(f"row 3, column D “{header}”: ")
    if "ask Jan" not in words:
        assert words in problem.message


def test_one_wrong_row_hides_no_other(read):
    [page] = read(
        text_of([*HEADER, "number_of_records"], ["a", "A", "x", "8"], ["b", "B", "x", "many"])
    )
    assert [one.id for one in page.found] == ["a", "b"]
    assert [bool(one.problems) for one in page.found] == [False, True]


def test_an_organisation_by_its_name_alone_is_told_and_left_out(one):
    remote, found = one(text_of([*HEADER, "publisher"], [*ROW, "UZ Gent"]))
    assert "“UZ Gent” is not an address" in messages(remote)
    assert {each.severity for each in remote.problems} == {"warning"}
    assert "publisher" not in found
    for said in ("id/agent/ghent", "https://uzgent.example/id"):
        assert one(text_of([*HEADER, "publisher"], [*ROW, said]))[1]["publisher"] == said


def test_a_row_without_identifier_and_one_with_anothers_are_told(read):
    [page] = read(text_of(HEADER, ["a", "A", "x"], ["", "B", "x"], ["a", "C", "x"]))
    assert [one.id for one in page.found] == ["a"]
    assert page.problems == [
        "Row 3 has no identifier, by which it would be known.",
        "Row 4 has the identifier “a” of a row above; it was left out.",
    ]
    assert not page.whole


# runs -------------------------------------------------------------------------------------


def test_the_same_row_gives_the_same_hash_wherever_it_stands(read):
    rows = [["a", "A", "x"], ["b", "B", "y"]]
    [page] = read(text_of(HEADER, *rows))
    [turned] = read(text_of(HEADER, *reversed(rows), delimiter=";"))
    assert {one.id: one.hash for one in page.found} == {one.id: one.hash for one in turned.found}
    assert page.found[0].form == "json"
    assert json.loads(page.found[0].raw)["title"] == {"@none": "A"}


def test_a_long_table_comes_in_pages(monkeypatch, read):
    monkeypatch.setattr(table, "_ROWS", 4)
    pages = read(text_of(HEADER, *([f"d{n}", "A", "B"] for n in range(10)), ["d1", "A", "B"]))
    assert [len(page.found) for page in pages] == [4, 4, 2]
    assert {page.total for page in pages} == {11}
    assert len(all_of(pages)) == 10
    assert "of a row above" in pages[2].problems[0]


def test_a_table_that_changes_between_pages_is_begun_again(monkeypatch, site, profile):
    monkeypatch.setattr(table, "_ROWS", 1)
    address = site.put("/datasets.csv", text_of(HEADER, ROW, ["b", "B", "x"]), "text/csv")
    with reading(make, address, profile) as reader:
        first = reader.page(None)
        site.put("/datasets.csv", text_of(HEADER, ROW), "text/csv")
        with pytest.raises(Expired):
            reader.page(first.next)


def test_every_property_can_be_a_column_by_its_name_and_by_its_label(profile):
    shape = profile.records["dataset"]
    for one in shape.stored:
        for header in (one.name, one.label):
            columns = Columns.of(shape, [header])
            assert [each.path for each in columns.known] == [(one.name,)], header


def test_columns_are_called_as_spreadsheets_call_them():
    assert [column_name(n) for n in (0, 25, 26, 27, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AB",
        "ZZ",
        "AAA",
    ]


_CELLS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["a;b", "2006-", "https://x.example/ y", "id/agent/x", "HEAL", "#N/A", "x@y"])
)


@given(st.data())
def test_no_row_however_odd_stops_a_reading(profile, data):
    shape = profile.records["dataset"]
    header = [one.name for one in shape.stored]
    header += ["contact_point.email", "distribution.3.access_url", "variables.2.table.1.title"]
    columns = Columns.of(shape, header)
    assert not columns.problems
    chosen = data.draw(st.dictionaries(st.integers(0, len(header) - 1), _CELLS, max_size=6))
    document, problems = columns.document(5, [chosen.get(n) for n in range(len(header))])
    assert all(str(one.message).startswith("row 5") for one in problems)
    assert table._raw(shape, document)
    assert shape.load(json.loads(table._raw(shape, document)))[1] == []
