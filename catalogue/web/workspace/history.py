"""Every step of a record for those who look after it: read, compared, taken up again."""

from __future__ import annotations

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.records import revisions
from catalogue.records.differences import differences
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.people import persons
from catalogue.web.sections import sections
from catalogue.web.views import Paged, page_number
from catalogue.web.workspace.frame import blueprint, opened, record_page, remember_named

#: How many steps a page tells.
_STEPS = 20


@blueprint.get("/workspace/<kind>/<key>/history")
def history(kind: str, key: str) -> Response:
    """Every step of a record, who took it and what it changed."""
    record = opened(kind, key)
    number, records = page_number(), catalogue.records
    found = revisions.of(session, record, skip=(number - 1) * _STEPS, most=_STEPS + 1)
    said = [revisions.said(session, record, one) for one in found]
    remember_named(record, *said)
    shape = records.shape(kind)
    steps = [
        (one, differences(shape, said[place + 1], said[place]) if place + 1 < len(found) else ())
        for place, one in enumerate(found[:_STEPS])
    ]
    return record_page(
        "workspace/history.html",
        record,
        paged=Paged(steps, revisions.count(session, record), number, _STEPS),
        people=persons(one.author for one, _ in steps),
        answered=catalogue.owners.answered_by(session, record, [one.number for one, _ in steps]),
    )


@blueprint.get("/workspace/<kind>/<key>/history/<int:number>")
def past(kind: str, key: str, number: int) -> Response:
    """What a record said in an earlier revision, published or not."""
    record = opened(kind, key)
    revision = revisions.get(session, record, number)
    said = revisions.said(session, record, revision)
    remember_named(record, said, record.working_copy)
    shape = catalogue.records.shape(kind)
    return record_page(
        "workspace/past.html",
        record,
        revision=revision,
        sections=sections(shape, said, ()),
        changed=differences(shape, said, record.working_copy),
        people=persons([revision.author]),
    )


@blueprint.post("/workspace/<kind>/<key>/history/<int:number>")
def revert(kind: str, key: str, number: int) -> AnyResponse:
    """Take an earlier revision up as the working copy."""
    with catalogue.changing() as writing:
        record = catalogue.workspace.open(writing, viewer, kind, key, "edit")
        catalogue.workspace.revert(writing, viewer, record, number)
    flash(
        f"The working copy is as it was in revision {number}. Publish it to show it to the world."
    )
    return redirect(url_for("workspace.show", kind=kind, key=key), 303)
