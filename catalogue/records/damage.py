"""One damaged record must not break a page, a feed or a run.

What is stored was checked, so this never happens by itself; a database that was edited by
hand or restored in part may hold a document that is not what its shape says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from catalogue.records.models import Record

log = structlog.get_logger()
T = TypeVar("T")

#: What reading a document of the wrong form raises.
WRONG_FORM = (AttributeError, KeyError, TypeError, ValueError)


def spared(record: Record, make: Callable[[], T]) -> T | None:
    """What ``make`` makes of a record; None, and a line in the log, if the record is damaged."""
    try:
        return make()
    except WRONG_FORM as error:
        log.error("damaged record", record=record.iri, error=repr(error))
        return None
