"""The items of a source: what is remembered of each description, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.harvest.models import Item
from catalogue.harvest.seen import raw_of
from catalogue.profile import Property, Shape
from catalogue.records.models import Record
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.harvest.frame import blueprint, opened, outcome_asked_for
from catalogue.web.harvest.words import curie
from catalogue.web.names import remember_own
from catalogue.web.posted import go, said
from catalogue.web.views import Paged, page, page_number

_SIZE = 50
#: How much of what a source said is shown on the page; the rest is in the file.
_SHOWN = 20_000


@blueprint.get("/harvest/<slug:key>/items")
def items(key: str) -> Response:
    """What is remembered of a source, found by words, outcome or problems."""
    source, at = opened(key), page_number()
    words = request.args.get("q", "").replace("\0", "").strip()[:200]
    wanted = outcome_asked_for("problems")
    found, total = catalogue.sources.items(
        session, source, words=words, outcome=wanted, page=at, size=_SIZE
    )
    return page(
        "harvest/items.html",
        source=source,
        q=words,
        wanted=wanted,
        tally=catalogue.sources.tally(session, source),
        paged=Paged(found, total, at, _SIZE),
        seen=catalogue.sources.seen(session, (item.seen for item, _ in found)),
    )


@blueprint.get("/harvest/<slug:key>/items/<int:number>")
def item(key: str, number: int) -> Response:
    """One item: its record, its problems, edits that stand against it, and what it said."""
    source = opened(key)
    item = catalogue.sources.item(session, source, number)
    record = session.get(Record, item.record_id) if item.record_id else None
    raw = raw_of(item)
    return page(
        "harvest/item.html",
        source=source,
        item=item,
        record=record,
        same=session.get(Record, item.same_as) if item.same_as else None,
        seen=catalogue.sources.seen(session, [item.seen]).get(item.seen),
        withdrawn_after=(item.gone + timedelta(days=source.grace)).date() if item.gone else None,
        kept=_kept(item, record),
        unread=[(one, curie(one)) for one in catalogue.sources.unread_in(session, item)],
        raw=raw[:_SHOWN],
        cut=len(raw) > _SHOWN,
    )


@blueprint.get("/harvest/<slug:key>/items/<int:number>/raw")
def raw(key: str, number: int) -> Response:
    """What a source said of an item last, as it was kept: N-Triples or JSON."""
    source = opened(key)
    item = catalogue.sources.item(session, source, number)
    form, suffix = (
        ("application/json", "json")
        if item.form == "json"
        else (
            "application/n-triples",
            "nt",
        )
    )
    response = Response(raw_of(item), content_type=f"{form}; charset=utf-8")
    name = f"{source.key}-{item.id}.{suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.post("/harvest/<slug:key>/items/<int:number>/exclude")
def exclude(key: str, number: int) -> AnyResponse:
    """Leave an item out of every run from now on, or take it in again."""
    out = said("excluded") == "yes"
    with catalogue.database.write() as writing:
        source = catalogue.sources.get(writing, key)
        item = catalogue.sources.item(writing, source, number)
        catalogue.sources.exclude(writing, viewer, item, excluded=out)
    flash("It is left out from the next run on." if out else "The next run takes it in again.")
    return go(url_for("harvest.item", key=key, number=number))


def _kept(
    item: Item, record: Record | None
) -> Sequence[tuple[Property, Sequence[Any], Sequence[Any]]]:
    """The fields where an edit here stands: what the source says of each, and what we say."""
    if record is None or not item.kept:
        return []
    shape, theirs = catalogue.records.shape(record.kind), item.said or {}
    remember_own({ref for one in (theirs, record.working_copy) for _, ref in shape.references(one)})
    return list(_both(shape, item.kept, theirs, record.working_copy))


def _both(
    shape: Shape, names: Sequence[str], theirs: Mapping[str, Any], ours: Mapping[str, Any]
) -> Iterator[tuple[Property, Sequence[Any], Sequence[Any]]]:
    for name in names:
        if name in shape.properties:
            one = shape[name]
            yield one, one.values(theirs), one.values(ours)
