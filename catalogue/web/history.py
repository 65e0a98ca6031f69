"""The history of a record: what changed when, field by field, as the world saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import Response

from catalogue.profile import Document, Shape
from catalogue.records import revisions
from catalogue.records.damage import spared
from catalogue.records.differences import Difference, differences
from catalogue.records.models import Record
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
    document = spared(record, partial(past, shape, record, record.document or {})) or {}
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
    found = revisions.of(session, record, public=True, skip=(number - 1) * _STEPS, most=_STEPS + 1)
    shown = [
        spared(record, partial(past, shape, record, one.document or {})) or {} for one in found
    ]
    remember(spared(record, lambda: _named(shape, shown)) or ())
    quiet, steps = holder_is_withheld(record), []
    for place, one in enumerate(found[:_STEPS]):
        first = place + 1 == len(found)
        before = {} if first else shown[place + 1]
        changed = spared(record, partial(differences, shape, before, shown[place]))
        note = "" if quiet else one.note
        steps.append(
            Step(one.number, one.action, one.at, note, () if first else changed or (), first)
        )
    total = revisions.count(session, record, public=True)
    return Paged(steps, total, number, _STEPS)


def _named(shape: Shape, documents: Sequence[Document]) -> set[str]:
    """What some documents refer to."""
    return {reference for one in documents for _, reference in shape.references(one)}
