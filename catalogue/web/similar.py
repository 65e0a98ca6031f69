"""Datasets like the one on the page."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import defer

from catalogue.memory import Memory
from catalogue.records.models import Record
from catalogue.search.similar import similar
from catalogue.web.current import catalogue, session
from catalogue.web.summaries import Summary, card

_MOST = 4


def of(record: Record) -> Sequence[Summary]:
    """The datasets most like a published one; none for one that the world does not see."""
    described = card(record).described
    if described is None:
        return []
    reader = catalogue.engine.reader()
    known: Memory = current_app.extensions.setdefault("similar", Memory())
    ids = known(
        (catalogue.version, reader.generation, record.id, record.revision),
        lambda: similar(reader, catalogue.profile, record.id, described.facets, _MOST),
    )
    wanted = select(Record).where(Record.id.in_(ids)).options(defer(Record.draft))
    found = {one.id: card(one).summary for one in session.scalars(wanted)} if ids else {}
    return [said for one in ids if (said := found.get(one)) is not None]
