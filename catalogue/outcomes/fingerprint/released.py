"""What the released fingerprints of some datasets state, looked up all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.outcomes.fingerprint.facts import facts
from catalogue.outcomes.fingerprint.models import Kept
from catalogue.outcomes.fingerprint.network import is_shown
from catalogue.records.damage import spared
from catalogue.records.models import Record

#: What a fingerprint states: from–to by the name of the criterion.
Counted = Mapping[str, tuple[float, float]]


def counted(session: Session, records: Sequence[Record]) -> Mapping[int, Counted]:
    """What the world is told of some datasets by their fingerprints, by the number of the record."""
    by_number = {record.id: record for record in records}
    found = session.scalars(select(Kept).where(Kept.record_id.in_(by_number), Kept.shown))
    told = {}
    for kept in found:
        record = by_number[kept.record_id]
        if is_shown(record, kept):
            told[record.id] = spared(record, partial(facts, kept.released or {})) or {}
    return told
