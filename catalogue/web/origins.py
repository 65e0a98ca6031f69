"""Where a record was taken in from: for everybody, and for those who see the harvester."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalogue.harvest.models import Item, Source
from catalogue.records.models import Record
from catalogue.records.permissions import may_over_all
from catalogue.web.current import catalogue, session, viewer


def described_first(record: Record) -> str:
    """The address that a record has where it was taken in from; empty for one of our own.

    Everybody may know where a description comes from, also when its source was given up.
    """
    foreign = record.iri.startswith(("http://", "https://"))
    ours = record.iri.startswith(catalogue.settings.public_address)
    return record.iri if foreign and not ours else ""


def origins(record: Record) -> Sequence[tuple[Item, Source, datetime | None]]:
    """The items that a record came from, with their sources and when each was last seen."""
    if not may_over_all(viewer, "see harvest"):
        return ()
    found = catalogue.sources.of_record(session, record)
    seen = catalogue.sources.seen(session, (item.seen for item, _ in found)) if found else {}
    return [(item, source, seen.get(item.seen)) for item, source in found]
