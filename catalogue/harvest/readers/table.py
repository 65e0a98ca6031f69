"""A table of datasets, one a row: CSV or Excel, for people who describe data in spreadsheets.

The whole file has to be fetched for any part of it, so it is given out in one page where it is
small, and in large pages where it is not.  If the file changed between two pages, the run begins
again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from catalogue.errors import Problem
from catalogue.harvest.columns import Columns
from catalogue.harvest.fetch import Fetcher, FetchError
from catalogue.harvest.parsing import Parser
from catalogue.harvest.reading import Asked, Expired, Page, Place, Remote, Unreadable
from catalogue.harvest.sheets import XLSX, Cell, NoTable, Sheet
from catalogue.harvest.workbooks import read_apart
from catalogue.profile import Document, Shape
from catalogue.terms import fault_of_iri

#: So many rows are a page: one fetch for nearly every table there is.
_ROWS = 2_000
_ACCEPT = f"text/csv, {XLSX}, */*;q=0.1"


def make(asked: Asked, fetcher: Fetcher, parser: Parser) -> TableReader:
    """The reader of a source."""
    return TableReader(asked, fetcher, parser)


class TableReader:
    """Reads the rows of a table."""

    def __init__(self, asked: Asked, fetcher: Fetcher, parser: Parser) -> None:
        self.asked = asked
        self.fetcher = fetcher
        self.shape: Shape = parser.profile.records["dataset"]
        #: The table last read with its digest: to spare time, not to remember by.
        self._kept: tuple[str, Sheet] | None = None

    def page(self, place: Place | None) -> Page:
        """The rows from a place on."""
        digest, sheet = self._sheet()
        if place and place["digest"] != digest:
            raise Expired("The table changed while it was read.")
        start = int(place["row"]) if place else 0
        columns = self._columns(sheet)
        if not columns.known:
            raise Unreadable(
                f"{self.asked.address}: no column is known; the first row should name properties "
                f"such as title, description and identifier, not “{', '.join(sheet.header)[:200]}”."
            )
        problems = [] if place else [*sheet.problems, *columns.problems]
        rows = sheet.rows[start : start + _ROWS]
        earlier = {self._name(columns, row) for _, row in sheet.rows[:start]}
        found, whole = self._remotes(columns, rows, earlier, problems)
        more = start + _ROWS < len(sheet.rows)
        return Page(
            self.asked.address,
            found,
            {"row": start + _ROWS, "digest": digest} if more else None,
            total=len(sheet.rows),
            problems=problems,
            whole=whole and sheet.whole,
        )

    def _sheet(self) -> tuple[str, Sheet]:
        try:
            fetched = self.fetcher.get(self.asked.address, accept=_ACCEPT)
        except FetchError as error:
            raise Unreadable(str(error)) from None
        digest = hashlib.sha256(fetched.content).hexdigest()
        if self._kept is None or self._kept[0] != digest:
            try:
                sheet = read_apart(fetched.content, str(self.asked.options.get("sheet") or ""))
            except NoTable as error:
                raise Unreadable(f"{self.asked.address}: {error}") from None
            self._kept = digest, sheet
        return self._kept

    def _columns(self, sheet: Sheet) -> Columns:
        renamed = self.asked.options.get("columns")
        return Columns.of(
            self.shape,
            sheet.header,
            renamed if isinstance(renamed, Mapping) else None,
            str(self.asked.options.get("identifier") or ""),
            str(self.asked.options.get("language") or ""),
        )

    def _remotes(
        self,
        columns: Columns,
        rows: Sequence[tuple[int, Sequence[Cell]]],
        earlier: set[str],
        problems: list[str],
    ) -> tuple[list[Remote], bool]:
        found: list[Remote] = []
        whole = True
        for number, row in rows:
            name = self._name(columns, row)
            if not name:
                whole = False
                problems.append(f"Row {number} has no identifier, by which it would be known.")
            elif name in earlier:
                problems.append(
                    f"Row {number} has the identifier “{name[:80]}” of a row above; it was left out."
                )
            else:
                earlier.add(name)
                found.append(self._remote(columns, number, row, name))
        return found, whole

    def _remote(self, columns: Columns, number: int, row: Sequence[Cell], name: str) -> Remote:
        document, problems = columns.document(number, row)
        address = str(_at(row, columns.address) or "")
        if address and (fault := fault_of_iri(address)):
            problems.append(Problem((), f"row {number}: the address “{address[:80]}” {fault}"))
            address = ""
        if document and not document.get("identifier"):
            document["identifier"] = [name]
        raw = _raw(self.shape, document) if document else b""
        return Remote(
            name,
            "dataset",
            address,
            raw,
            hashlib.sha256(raw).hexdigest() if raw else "",
            form="json",
            title=_title(document) or name,
            problems=tuple(problems),
        )

    def _name(self, columns: Columns, row: Sequence[Cell]) -> str:
        cell = _at(row, columns.identifier)
        # Several identifiers in a cell: the first one is the name.
        text = "" if cell is None else str(cell).replace("\n", ";").partition(";")[0]
        return text.strip()[:2_000]


def _raw(shape: Shape, document: Document) -> bytes:
    """The one text of equal documents."""
    canonical = shape.canonical(shape.identify(document))
    return json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8"
    )


def _title(document: Document) -> str:
    titles = document.get("title") or {}
    return str(titles.get("en") or next(iter(titles.values()), ""))[:500]


def _at(row: Sequence[Cell], place: int | None) -> Cell:
    return row[place] if place is not None and place < len(row) else None
