"""Asking the owner of a dataset for what it does not state."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for

from catalogue.errors import CatalogueError
from catalogue.outcomes.owners.owners import KIND, Standing
from catalogue.records.models import Record
from catalogue.records.naming import title_of
from catalogue.records.visibility import public
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.guard import signed_in_only
from catalogue.web.limits import count
from catalogue.web.posted import again, go, said
from catalogue.web.views import page, pages

blueprint = pages("asking", __name__)


@blueprint.get("/datasets/<slug:slug>/ask")
def show(slug: str) -> Response:
    """Ask the owner for one field (``field``), or choose among those that say nothing."""
    record = catalogue.records.by_slug(session, KIND, slug)
    if not request.args.get("field"):
        places = catalogue.owners.silent_fields(record)
        groups: dict[str, list[Any]] = {}
        for one in places:
            groups.setdefault(one.whole.group, []).append(one)
        return page("asking/choose.html", record=record, name=_name(record), groups=groups)
    field, question = request.args["field"], request.args.get("question", "")
    standing = catalogue.owners.standing(session, record, field, question)
    return page("asking/ask.html", problems=[], **_context(standing, question))


@blueprint.post("/datasets/<slug:slug>/ask")
def ask(slug: str) -> Response:
    """Ask; what was asked stands beside the field in the owner's form until it is answered."""
    if (response := signed_in_only()) is not None:
        return response
    field, question, note = said("field"), said("question"), said("note")
    record = catalogue.records.by_slug(session, KIND, slug)
    standing = catalogue.owners.standing(session, record, field, question)
    try:
        count("ask", str(viewer.user))
        with catalogue.database.write() as writing:
            record = catalogue.records.by_slug(writing, KIND, slug)
            now = catalogue.owners.standing(writing, record, field, question)
            catalogue.owners.ask(
                writing, viewer, now, note, named=bool(said("named")), asked=question
            )
    except CatalogueError as error:
        return again(
            "asking/ask.html",
            error,
            **_context(standing, question),
            note=note,
            by_name=bool(said("named")),
        )
    flash("Asked. You will get a mail when it is answered.")
    return go(url_for("asking.show", slug=slug, field=field, question=question or None))


def _context(standing: Standing, question: str) -> dict[str, Any]:
    mine = catalogue.owners.mine(session, viewer, standing) if viewer.signed_in else None
    return {
        "record": standing.record,
        "name": _name(standing.record),
        "standing": standing,
        "mine": mine,
        "question": question,
    }


def _name(record: Record) -> str:
    """What a dataset is called by what everybody may see."""
    shape = catalogue.records.shape(record.kind)
    return title_of(shape, public(shape, record) or {}) or record.slug
