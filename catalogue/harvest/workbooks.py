"""Tables of people we do not know: workbooks are read in a process of their own.

A workbook of a few kilobytes can ask for all memory, or for minutes.  So it is unpacked by a
child within a limit of both, which says the cells back; CSV costs what it is long and is read here.

Started as ``python -m catalogue.harvest.workbooks``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog

from catalogue import confined
from catalogue.children import Child, Died, NotStarting
from catalogue.errors import Unavailable
from catalogue.harvest.sheets import NoTable, Sheet, is_workbook, read_sheet

log = structlog.get_logger()
#: What reading one workbook may take: bytes and seconds.
MEMORY, SECONDS = 600_000_000, 20.0
#: What a workbook may hold at the most: cells, and bytes that they come to.
_MOST_CELLS, _LARGEST = 2_000_000, 48_000_000
_TOO_MUCH = "The workbook holds more than is read; save the one sheet that matters as CSV."


def read_apart(content: bytes, name: str = "", most: int = 0, seconds: float = SECONDS) -> Sheet:
    """The table in a file, as :func:`read_sheet` reads it; raises :class:`NoTable`."""
    if not is_workbook(content):
        return read_sheet(content, name, most)
    child = Child(__name__, MEMORY)
    try:
        said, body = child.ask({"name": name, "most": most, "seconds": seconds}, seconds, content)
    except TimeoutError:
        raise NoTable(f"The workbook takes longer than {seconds:.0f} seconds to read.") from None
    except Died as died:
        log.warning("a process that read a workbook ended", status=died.status)
        raise NoTable(_TOO_MUCH) from None
    except NotStarting as error:
        log.error("a process for reading workbooks does not start", exc_info=error)
        raise Unavailable("The process that reads workbooks does not start.", 60) from None
    finally:
        child.end()
    if "fault" in said:
        raise NoTable(said["fault"])
    found = json.loads(body)
    rows = [(number, row) for number, row in found["rows"]]
    return Sheet(found["header"], rows, tuple(found["problems"]), found["whole"])


def _answer(asked: Mapping[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """What the child says: the sheet, or why there is none."""
    try:
        sheet = read_sheet(content, asked["name"], asked["most"])
        if sum(len(row) for _, row in sheet.rows) > _MOST_CELLS:
            return {"fault": _TOO_MUCH}, b""
        body = json.dumps(vars(sheet)).encode()
    except NoTable as error:
        return {"fault": str(error)}, b""
    except MemoryError:
        return {"fault": _TOO_MUCH}, b""
    return ({"fault": _TOO_MUCH}, b"") if len(body) > _LARGEST else ({}, body)


if __name__ == "__main__":
    confined.serve(_answer)
