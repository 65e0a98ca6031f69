"""Keeping descriptions true: the coordinator's list of checks, and the quality of one record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flask import Response, flash, redirect, request, url_for
from sqlalchemy import ColumnElement, select
from werkzeug.wrappers import Response as AnyResponse

from catalogue.accounts.models import Organisation
from catalogue.errors import Forbidden, NotFound
from catalogue.records.models import Record
from catalogue.records.permissions import may_over_all
from catalogue.upkeep.checks import CURRENT, DUE, LISTS, MOST_COUNTED, OVERDUE, Check
from catalogue.web.checks import Asked
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.paths import path_of
from catalogue.web.people import persons
from catalogue.web.spreadsheets import as_csv
from catalogue.web.upkeep import parts
from catalogue.web.views import Paged, page, page_number
from catalogue.web.workspace.frame import blueprint, opened, record_page, remember_named
from catalogue.web.workspace.lacking import way_to

_SIZE = 50
#: How the lists of checks are called.
CHECK_LISTS: Mapping[str, str] = {
    "": "All",
    OVERDUE: "Overdue",
    DUE: "Due",
    "never": "Never confirmed",
    CURRENT: "Not due",
}
assert set(CHECK_LISTS) == {"", *LISTS}


def _asked() -> tuple[str, str, list[ColumnElement[bool]]]:
    """The list and the organisation asked for, and what that narrows by."""
    if not may_over_all(viewer, "see waiting"):
        raise Forbidden("Only reviewers and administrators see the checks of everybody.")
    name, key = request.args.get("list", ""), request.args.get("organisation", "")
    if name not in CHECK_LISTS:
        raise NotFound(f'There is no list "{name[:40]}"; choose one of those on the page.')
    if not key:
        return name, "", []
    found = catalogue.accounts.organisations.get(session, key)
    return name, key, [Record.organisation == found.id]


@blueprint.get("/workspace/checks")
def checks() -> Response:
    """What is due, overdue or was never confirmed, of every organisation."""
    name, key, narrowed = _asked()
    number = page_number()
    counts = catalogue.checks.counts(session, *narrowed)
    found = list(
        catalogue.checks.listed(session, name, *narrowed, skip=(number - 1) * _SIZE, most=_SIZE)
    )
    return page(
        "workspace/checks.html",
        paged=Paged(found, counts[name], number, _SIZE),
        lists=CHECK_LISTS,
        counts=counts,
        most=MOST_COUNTED,
        chosen=name,
        organisation=key,
        organisations=session.execute(
            select(Organisation.key, Organisation.name).order_by(Organisation.name).limit(1000)
        ).all(),
    )


@blueprint.get("/workspace/checks.csv")
def checks_csv() -> Response:
    """The same list for a spreadsheet, whole."""
    name, _, narrowed = _asked()
    columns = ("organisation", "title", "address", "state", "confirmed", "due", "overdue")
    return as_csv("checks", columns, _lines(name, narrowed))


def _lines(name: str, narrowed: Sequence[ColumnElement[bool]]) -> Iterator[Sequence[object]]:
    for one in catalogue.checks.listed(session, name, *narrowed, most=None):
        yield _line(one)


def _line(one: Check) -> Sequence[object]:
    at = one.standing
    return (
        one.organisation,
        one.record.title,
        catalogue.settings.public_address + path_of(one.record),
        at.state,
        at.confirmed.date().isoformat() if at.confirmed else "",
        at.due.date().isoformat(),
        at.overdue.date().isoformat(),
    )


@blueprint.get("/workspace/<kind>/<key>/quality")
def quality(kind: str, key: str) -> Response:
    """The score of a record line by line, its yearly check, and its label."""
    record = opened(kind, key)
    shape = catalogue.records.shape(kind)
    remember_named(record, record.document, record.working_copy)
    score = catalogue.scoring.score(shape, record.working_copy)
    may_confirm = kind == "dataset" and catalogue.workspace.may(session, viewer, "confirm", record)
    standing = catalogue.checks.standings(session, [record.id]).get(record.id)
    asked = (
        Asked(record, path_of(record), standing, {}, parts(record, record.document or {}))
        if may_confirm and standing
        else None
    )
    kept = catalogue.confirming.kept(session, record, most=10)
    return record_page(
        "workspace/quality.html",
        record,
        score=score,
        ways={one.field.name: way_to(record, one.field) for one in score.to_do},
        asked=asked,
        standing=standing,
        kept=kept,
        people=persons(one.author for one in kept),
        titles={one.slug: one.title for one in catalogue.confirming.sections(record)},
    )


@blueprint.post("/workspace/<kind>/<key>/confirm")
def confirm(kind: str, key: str) -> AnyResponse:
    """Say that a section, or all of a published record, is still correct."""
    with catalogue.changing() as writing:
        record = catalogue.confirming.to_confirm(writing, viewer, kind, key)
        section = request.form.get("section", "")
        whole = catalogue.confirming.confirm(writing, viewer, record, section)
    flash("All of it is confirmed. Thank you." if whole else "The section is confirmed.")
    return redirect(url_for("workspace.quality", kind=kind, key=key), 303)
