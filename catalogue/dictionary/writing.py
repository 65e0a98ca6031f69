"""A dataset's dictionary as a table to work on, and as metadata of CSV on the Web."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import openpyxl

from catalogue.profile import Document
from catalogue.variables.describing import tables_of, text_of

#: The columns of our own tables, which reading understands again.
COLUMNS = ("Table", "Name", "Label", "Description", "Type", "Unit", "Codes", "Concept")
#: What the template shows.
EXAMPLES: Sequence[Sequence[str]] = (
    (
        "Diagnosis",
        "psa_diag",
        "PSA at diagnosis",
        "Prostate-specific antigen in blood, the last value before treatment",
        "decimal",
        "ng/ml",
        "",
        "https://loinc.org/2857-1",
    ),
    (
        "Diagnosis",
        "gleason_gg",
        "Gleason grade group",
        "ISUP grade group of the biopsy",
        "integer",
        "",
        "1 = Grade group 1 | 2 = Grade group 2 | 3 = Grade group 3",
        "",
    ),
    (
        "Questionnaires",
        "epic26_q1",
        "EPIC-26 item 1",
        "Leaking urine in the past four weeks",
        "integer",
        "",
        "1 = More than once a day | 5 = Rarely or never",
        "",
    ),
)
CSVW = "http://www.w3.org/ns/csvw"


def rows(document: Document) -> Iterator[Sequence[str]]:
    """The variables of a document, one a row, in the order of :data:`COLUMNS`."""
    for table in tables_of(document):
        title = text_of(table.get("title"))
        for column in table.get("column", ()):
            yield (
                title,
                column.get("column_name", ""),
                text_of(column.get("column_title")),
                text_of(column.get("description")),
                column.get("datatype", ""),
                column.get("unit", ""),
                " | ".join(column.get("codes", ())),
                column.get("property_url", ""),
            )


def workbook(lines: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> bytes:
    """Rows as an Excel workbook; every cell is a text, so none is taken for a formula."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Variables")
    for row in (COLUMNS, *lines):
        sheet.append([_cell(sheet, text) for text in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csvw(document: Document, iri: str) -> dict[str, Any]:
    """The dictionary as a table group of CSV on the Web (W3C, Metadata Vocabulary)."""
    return {
        "@context": CSVW,
        "dc:title": _common(document.get("title")),
        "rdfs:seeAlso": {"@id": iri},
        "tables": [_table(table, iri) for table in tables_of(document)],
    }


def _table(table: Mapping[str, Any], iri: str) -> dict[str, Any]:
    columns = []
    for column in table.get("column", ()):
        said: dict[str, Any] = {
            "name": column.get("column_name", ""),
            "titles": _strings(column.get("column_title")),
            "dc:description": _common(column.get("description")),
            "datatype": column.get("datatype", ""),
            "propertyUrl": column.get("property_url", ""),
            "schema:unitText": column.get("unit", ""),
            "rdfs:comment": " | ".join(column.get("codes", ())),
        }
        columns.append({key: value for key, value in said.items() if value})
    key = str(table.get("id", ""))
    return {
        # A table whose data are nowhere to be had still needs an address: that of its part.
        "url": table.get("table_url") or (iri + key if key.startswith("#") else key or iri),
        "dc:title": _common(table.get("title")),
        "tableSchema": {"columns": columns},
    }


def _strings(value: Any) -> Any:
    """Texts by language; a single one without language alone."""
    if not isinstance(value, Mapping):
        return value or ""
    return {tag if tag != "@none" else "und": text for tag, text in value.items()}


def _common(value: Any) -> Any:
    """Texts by language as CSV on the Web writes them for properties of others."""
    if not isinstance(value, Mapping):
        return value or ""
    return [
        {"@value": text} if tag == "@none" else {"@value": text, "@language": tag}
        for tag, text in value.items()
    ]


def _cell(sheet: Any, text: str) -> Any:
    cell = openpyxl.cell.WriteOnlyCell(sheet, value=None)
    cell.value = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text)[:32_000]
    cell.data_type = "s"
    return cell
