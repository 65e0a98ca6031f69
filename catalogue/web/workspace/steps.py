"""The check of a record, and the steps it takes: submit, publish, withdraw, delete …"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.errors import Invalid, Problem
from catalogue.records.models import SUBMITTED, Record
from catalogue.web.current import catalogue, viewer
from catalogue.web.workspace.frame import blueprint, opened, record_page
from catalogue.web.workspace.lacking import problems_by_severity
from catalogue.web.workspace.words import STEPS

_STEP_RULE = "any(" + ",".join(STEPS) + ")"


@blueprint.get("/workspace/<kind>/<key>/check")
def check(kind: str, key: str) -> Response:
    """What keeps a record from being published, and what would make it better."""
    record = opened(kind, key)
    return _check_page(record, [])


def _check_page(record: Record, faults: Sequence[Problem], status: int = 200) -> Response:
    return record_page(
        "workspace/check.html",
        record,
        status,
        problems=problems_by_severity(record),
        faults=faults,
        note=request.form.get("note", ""),
    )


@blueprint.get(f"/workspace/<kind>/<key>/<{_STEP_RULE}:step>")
def ask(kind: str, key: str, step: str) -> Response:
    """What a step does, before it is taken."""
    record = opened(kind, key, step)
    if step in ("submit", "publish") and record.review != SUBMITTED:
        return _check_page(record, [])  # what was handed in was checked
    return _step_page(record, step, [])


def _step_page(record: Record, step: str, faults: Sequence[Problem], status: int = 200) -> Response:
    return record_page(
        "workspace/step.html",
        record,
        status,
        step=step,
        words=STEPS[step],
        faults=faults,
        note=request.form.get("note", ""),
    )


@blueprint.post(f"/workspace/<kind>/<key>/<{_STEP_RULE}:step>")
def take(kind: str, key: str, step: str) -> AnyResponse:
    """Take a step with a record: submit, publish, ask for changes, withdraw …"""
    note, etag = request.form.get("note", ""), request.form.get("etag", "")
    try:
        with catalogue.changing() as writing:
            record = catalogue.workspace.open(writing, viewer, kind, key, step, etag=etag)
            catalogue.workspace.take(writing, viewer, record, step, note)
    except Invalid as error:
        record = opened(kind, key)
        if any(problem.path == ("note",) for problem in error.problems):
            return _step_page(record, step, error.problems, 422)
        return _check_page(record, error.problems, 422)
    flash(STEPS[step].done)
    return redirect(url_for("workspace.show", kind=kind, key=key), 303)


@blueprint.get("/workspace/<kind>/<key>/delete")
def ask_to_delete(kind: str, key: str) -> Response:
    """Make sure that a draft is really to be deleted."""
    return record_page("workspace/delete.html", opened(kind, key, "delete"))


@blueprint.post("/workspace/<kind>/<key>/delete")
def delete(kind: str, key: str) -> AnyResponse:
    """Delete a draft that was never published."""
    with catalogue.changing() as writing:
        record = catalogue.workspace.open(writing, viewer, kind, key, "delete")
        name = record.title or "The draft"
        catalogue.workspace.delete(writing, viewer, record)
    flash(f"{name} was deleted.")
    return redirect(url_for("workspace.home"), 303)
