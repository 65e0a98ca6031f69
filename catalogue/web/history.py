"""The history of a record: what changed when, field by field, as the world saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response
from sqlalchemy import func, select

from catalogue.profile import Document, Shape
from catalogue.records.differences import Difference, differences
from catalogue.records.models import PUBLIC_ACTIONS, Record, Revision
from catalogue.records.visibility import holder_is_withheld, past
from catalogue.web.current import catalogue, session
from catalogue.web.names import remember, title
from catalogue.web.paths import KINDS, path_of
from catalogue.web.views import Paged, page, page_number, pages

blueprint = pages("history", __name__)
_PATHS = "any(" + ",".join(KINDS) + ")"
_STEPS = 20


@dataclass(frozen=True)
class Step:
    """One step in the life of a record, and how it differs from the one before."""

    number: int
    action: str
    at: datetime
    note: str
    changed: Sequence[Difference]
    first: bool


@blueprint.get(f"/<{_PATHS}:path>/<slug:slug>/history")
def show(path: str, slug: str) -> Response:
    """What changed in a published record, newest first; nobody is named."""
    record = catalogue.records.by_slug(session, KINDS[path], slug)
    shape = catalogue.records.shape(record.kind)
    paged = _steps(shape, record, page_number())
    document = past(shape, record, record.document or {})
    return page(
        "records/history.html",
        record=record,
        shape=shape,
        title=title(shape, document, record),
        path=path_of(record),
        paged=paged,
    )


def _steps(shape: Shape, record: Record, number: int) -> Paged:
    """One page of the public steps; each is compared with the one below it."""
    public = (Revision.record_id == record.id, Revision.action.in_(PUBLIC_ACTIONS))
    total = session.scalar(select(func.count()).select_from(Revision).where(*public)) or 0
    found = session.scalars(
        select(Revision)
        .where(*public)
        .order_by(Revision.number.desc())
        .offset((number - 1) * _STEPS)
        .limit(_STEPS + 1)
    ).all()
    shown = [past(shape, record, one.document or {}) for one in found]
    remember({reference for one in shown for _, reference in shape.references(one)})
    quiet = holder_is_withheld(record)
    steps = []
    for place, one in enumerate(found[:_STEPS]):
        before: Document = shown[place + 1] if place + 1 < len(found) else {}
        first = place + 1 == len(found)
        changed = () if first else differences(shape, before, shown[place])
        steps.append(
            Step(one.number, one.action, one.at, "" if quiet else one.note, changed, first)
        )
    return Paged(steps, total, number, _STEPS)
