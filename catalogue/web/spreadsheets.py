"""Lists for a spreadsheet: CSV of which no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from flask import Response, stream_with_context

#: How many lines are written at once.
_TOGETHER = 500


def as_csv(name: str, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> Response:
    """Lines as a file to keep; they are written as they come, however many there are."""
    response = Response(
        stream_with_context(_written(columns, lines)),
        content_type="text/csv; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _written(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> Iterator[str]:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(map(_harmless, columns))
    for number, line in enumerate(lines, start=1):
        writer.writerow([_harmless(str(cell)) for cell in line])
        if number % _TOGETHER == 0:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    yield file.getvalue()


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text
