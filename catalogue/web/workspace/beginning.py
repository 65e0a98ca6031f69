"""Beginning with what is described elsewhere: look it up, see what it says, begin drafts with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.beginning.finding import KIND, LARGEST, MOST_FOUND, Found
from catalogue.errors import BadRequest, Problem
from catalogue.profile.form import ASKED_TIERS, Section, fields_of
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.naming import title_of
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.limits import count
from catalogue.web.posted import number
from catalogue.web.spreadsheets import as_csv
from catalogue.web.views import page
from catalogue.web.workspace.frame import blueprint, opened
from catalogue.web.workspace.lists import first_page, organisations


@blueprint.get("/workspace/begin")
def begin() -> Response:
    """The ways to begin a description with what is said elsewhere."""
    return _draw()


@blueprint.post("/workspace/begin")
def look_up() -> AnyResponse:
    """Look up an address, a DOI, a file or another record, and put aside what is found."""
    try:
        found = _look(request.form.get("way", ""))
    except BadRequest as error:
        response = _draw(error.problems)
        response.status_code = 422
        return response
    with catalogue.database.write() as writing:
        key = catalogue.beginnings.put_aside(writing, viewer, found)
    return redirect(url_for("workspace.found", tray=key), 303)


def _look(way: str) -> Found:
    elsewhere = catalogue.elsewhere
    count("look up", viewer.author)
    if way == "copy":
        record = opened(KIND, request.form.get("copy", "").strip()[:200])
        return elsewhere.copy(session, record, record.working_copy)
    if way == "address":
        address = request.form.get("address", "").strip()
        if not address.startswith(("https://", "http://")) or len(address) > 2000:
            raise BadRequest([Problem(("address",), "It should begin with https://.")])
        return _named("address", lambda: elsewhere.at(session, address))
    if way == "doi":
        return _named("doi", lambda: elsewhere.by_doi(session, request.form.get("doi", "")))
    if way == "file":
        sent = request.files.get("file")
        content = sent.stream.read(LARGEST + 1) if sent else b""
        name, kind = (sent.filename or "", sent.mimetype or "") if sent else ("", "")
        return _named("file", lambda: elsewhere.in_file(session, content, name, kind))
    raise BadRequest("Choose one of the ways to begin.")


def _named(field: str, find: Callable[[], Found]) -> Found:
    """What is found; what is wrong is said at the field."""
    try:
        return find()
    except BadRequest as error:
        raise BadRequest([one.inside(field) for one in error.problems]) from None


@blueprint.get("/workspace/begin/<tray>")
def found(tray: str) -> Response:
    """What was found elsewhere: which descriptions, what they answer, what was left out."""
    seen = catalogue.beginnings.look(session, viewer, tray)
    shape = catalogue.records.shape(KIND)
    response = page(
        "workspace/found.html",
        tray=tray,
        found=seen,
        shape=shape,
        organisations=organisations(),
        labels={one.name: one.label for one in fields_of(shape)},
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/workspace/begin/<tray>")
def begin_with(tray: str) -> AnyResponse:
    """Begin a draft with each description that was chosen."""
    seen = catalogue.beginnings.look(session, viewer, tray)
    own, key = organisations(), request.form.get("organisation", "")
    holder = next((one for one in own if one.key == key), own[0] if len(own) == 1 else None)
    if holder is None:
        raise BadRequest("Choose the organisation whose data you describe.")
    chosen = [number(one) for one in request.form.getlist("chosen")]
    with catalogue.changing() as writing:
        begun = catalogue.beginnings.begin(writing, viewer, holder, seen, chosen)
    if len(begun) > 1:
        flash(f"{len(begun)} drafts were begun. Confirm what they say before you publish them.")
        return redirect(url_for("workspace.home"), 303)
    return redirect(first_page(begun[0]), 303)


@blueprint.get("/workspace/begin/template.csv")
def template() -> Response:
    """A table to describe datasets in, one a row: its headings, those of parts with a dot."""
    columns: list[str] = []
    for one in fields_of(catalogue.records.shape(KIND)):
        inside = [f"{one.name}.{part.name}" for part in one.fields if part.widget != "part"]
        columns += inside or [one.name]
    return as_csv("datasets", columns, [])


def unconfirmed(record: Record) -> Sequence[tuple[str, str, str]]:
    """The answers of a draft that wait to be confirmed: label, source and where they stand."""
    if record.state == PUBLISHED and record.draft is None:
        return []
    shape = catalogue.records.shape(record.kind)
    waiting = catalogue.beginnings.of(session, record)
    return [
        (
            one.label,
            waiting[one.name],
            url_for(
                "workspace_form.show",
                kind=record.kind,
                key=record.key,
                section=Section(one.property.group, ()).slug,
                tier=ASKED_TIERS[-1],
                _anchor=f"field-{one.name}",
            ),
        )
        for one in fields_of(shape)
        if one.name in waiting
    ]


def _draw(problems: Sequence[Problem] = ()) -> Response:
    record = None
    if key := request.args.get("copy", "")[:200]:
        record = opened(KIND, key)
    shape = catalogue.records.shape(KIND)
    return page(
        "workspace/begin.html",
        problems=problems,
        held=request.form,
        most=MOST_FOUND,
        largest=LARGEST // 1_000_000,
        organisations=organisations(),
        copied=(record.key, title_of(shape, record.working_copy)) if record else None,
    )
