"""Where a record was taken in from, for those who see the harvester."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalogue.harvest.models import Item, Source
from catalogue.records.models import Record
from catalogue.records.permissions import may_over_all
from catalogue.web.current import catalogue, session, viewer


def origins(record: Record) -> Sequence[tuple[Item, Source, datetime | None]]:
    """The items that a record came from, with their sources and when each was last seen."""
    if not may_over_all(viewer, "see harvest"):
        return ()
    found = catalogue.sources.of_record(session, record)
    seen = catalogue.sources.seen(session, (item.seen for item, _ in found)) if found else {}
    return [(item, source, seen.get(item.seen)) for item, source in found]
