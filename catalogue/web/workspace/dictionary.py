"""The data dictionary of a dataset in the workspace: uploaded, confirmed, taken in, looked through.

An upload is read and shown first; what was read waits beside the record until somebody takes it
into the working copy with one click, together with the suggestions that were ticked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.dictionary.reading import Dictionary, counted
from catalogue.dictionary.suggesting import INSTRUMENT, KEY_VARIABLE, OUTCOME
from catalogue.dictionary.taking import ADD, REPLACE, difference
from catalogue.errors import CatalogueError, Invalid, NotFound
from catalogue.records.models import Record
from catalogue.search.analysis import terms
from catalogue.variables.describing import Variable, tables_of, text_of, variables_of
from catalogue.web.current import catalogue, close_session, session, viewer
from catalogue.web.limits import count
from catalogue.web.people import persons
from catalogue.web.questions import LANGUAGES, tongues
from catalogue.web.variable_hits import type_label
from catalogue.web.variables import as_table
from catalogue.web.views import Paged, page_number
from catalogue.web.workspace.frame import blueprint, opened, record_page

#: How many variables are on a page, and how many of those that wait are shown.
_ON_A_PAGE, _SHOWN = 50, 25
_HEADINGS: Mapping[str, str] = {
    OUTCOME: "Outcomes",
    INSTRUMENT: "Outcomes by instrument",
    KEY_VARIABLE: "Key variables",
}


@blueprint.get("/workspace/dataset/<key>/dictionary")
def dictionary(key: str) -> Response:
    """The dictionary of a working copy, what waits to be taken in, and the upload."""
    return _page(opened("dataset", key))


@blueprint.post("/workspace/dataset/<key>/dictionary")
def upload_dictionary(key: str) -> AnyResponse:
    """Read a file; nothing is taken in yet, and nothing at all is kept if it is faulty."""
    record = opened("dataset", key, "edit")
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(record, 422, refusal="Choose a file first: CSV, TSV or an Excel workbook.")
    language = request.form.get("language", "")
    count("dictionary", viewer.author)
    try:
        found = catalogue.dictionaries.read(
            file.read(),
            file.filename,
            sheet=request.form.get("sheet", "").strip()[:100],
            language=language if language in LANGUAGES else "",
        )
    except CatalogueError as error:
        return _page(record, 422, refusal=str(error), refusal_title=error.title)
    if found.of("error"):
        return _page(record, 422, found=found)
    close_session()
    with catalogue.database.write() as writing:
        record = catalogue.workspace.open(writing, viewer, "dataset", key, "edit")
        catalogue.dictionaries.wait(writing, viewer, record, found, file.filename)
    return redirect(url_for("workspace.waiting_dictionary", key=key), 303)


@blueprint.get("/workspace/dataset/<key>/dictionary/waiting")
def waiting_dictionary(key: str) -> Response:
    """What was read from a file: what it would change, and what it suggests, to be confirmed."""
    return _waiting_page(opened("dataset", key, "edit"))


@blueprint.post("/workspace/dataset/<key>/dictionary/waiting")
def take_dictionary(key: str) -> AnyResponse:
    """Take what waits into the working copy, or forget it."""
    form = request.form
    if form.get("do") == "forget":
        with catalogue.database.write() as writing:
            record = catalogue.workspace.open(writing, viewer, "dataset", key, "edit")
            catalogue.dictionaries.forget(writing, record)
        flash("Forgotten. Nothing was changed.")
        return redirect(url_for("workspace.dictionary", key=key), 303)
    way = ADD if form.get("way") == ADD else REPLACE
    confirmed = set(form.getlist("confirm"))
    try:
        etag = form.get("etag", "")
        record = catalogue.workspace.open(session, viewer, "dataset", key, "edit", etag=etag)
        ready = catalogue.dictionaries.ready(session, record, confirmed, way)
        with catalogue.database.write() as writing:
            record = catalogue.workspace.open(writing, viewer, "dataset", key, "edit")
            catalogue.dictionaries.take(writing, viewer, record, ready)
    except Invalid as error:
        close_session()
        return _waiting_page(opened("dataset", key, "edit"), 422, faults=error.problems)
    said = f", with {len(confirmed)} confirmed" if confirmed else ""
    flash(f"Taken into the working copy{said}. Publish it to show it to the world.")
    return redirect(url_for("workspace.dictionary", key=key), 303)


@blueprint.get("/workspace/dataset/<key>/dictionary.<any(csv,xlsx):suffix>")
def dictionary_table(key: str, suffix: str) -> Response:
    """The dictionary of a working copy, to be worked on and uploaded again."""
    return as_table(f"variables-{key}", suffix, opened("dataset", key).working_copy)


def _waiting_page(record: Record, status: int = 200, **context: Any) -> Response:
    waiting = catalogue.dictionaries.waiting(session, record)
    if waiting is None:
        raise NotFound("No dictionary waits to be taken in; upload one.")
    tables, document = waiting.content["tables"], record.working_copy
    offered = catalogue.dictionaries.offers(tables, document)
    changed = catalogue.dictionaries.taken(document, tables)
    shown = variables_of(0, {"variables": [{"table": tables}]})
    return record_page(
        "workspace/waiting_dictionary.html",
        record,
        status,
        waiting=waiting,
        people=persons([waiting.author]),
        tables=list(counted(tables)),
        variables=[_line(one) for one in shown[:_SHOWN]],
        total=len(shown),
        difference=difference(document, changed),
        has_dictionary=bool(document.get("variables")),
        said=[tuple(one) for one in waiting.content["said"]],
        offers={
            title: [one for one in offered if one.kind == kind]
            for kind, title in _HEADINGS.items()
            if any(one.kind == kind for one in offered)
        },
        ways=(REPLACE, ADD),
        **context,
    )


def _page(
    record: Record, status: int = 200, *, found: Dictionary | None = None, **context: Any
) -> Response:
    number = page_number()
    every = variables_of(0, record.working_copy)
    wanted = request.args.get("q", "")[:200]
    fitting = list(_fitting(every, wanted)) if wanted else every
    first = (number - 1) * _ON_A_PAGE
    lines = [_line(one) for one in fitting[first : first + _ON_A_PAGE]]
    names = tongues(catalogue.vocabularies)
    return record_page(
        "workspace/dictionary.html",
        record,
        status,
        every=len(every),
        tables=list(counted(tables_of(record.working_copy))),
        wanted=wanted,
        paged=Paged(lines, len(fitting), number, _ON_A_PAGE),
        waits=catalogue.dictionaries.waiting(session, record),
        found=found,
        languages=sorted((names.get(tag, tag), tag) for tag in LANGUAGES),
        **context,
    )


def _fitting(every: Sequence[Variable], wanted: str) -> list[Variable]:
    """The variables with every word in name, label or description."""
    needed = set(terms(wanted))
    return [
        one
        for one in every
        if needed
        <= {*terms(one.name), *terms(one.label), *terms(text_of(one.said.get("description")))}
    ]


def _line(one: Variable) -> dict[str, Any]:
    """A variable as a row of a table."""
    return {
        "table": text_of(one.said.get("table")),
        "name": one.name,
        "label": one.label,
        "description": text_of(one.said.get("description")),
        "type": type_label(str(one.said.get("datatype", ""))),
        "unit": one.said.get("unit", ""),
        "codes": one.said.get("codes", ()),
    }
