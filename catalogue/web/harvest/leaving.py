"""Giving a source up: what becomes of its records, in two steps."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.harvest.models import WAYS_TO_LEAVE
from catalogue.records.models import DRAFT, PUBLISHED, WITHDRAWN
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.harvest.frame import blueprint, opened, ring
from catalogue.web.posted import go, said
from catalogue.web.views import missing, page

#: Each way: how it is called, and what it means.
WAYS: Mapping[str, tuple[str, str]] = {
    "keep": (
        "Keep its records",
        "They stay as they are and become records of our own, with their addresses, history and "
        "edits. Nothing reads them anew.",
    ),
    "withdraw": (
        "Withdraw its records",
        "Nobody finds them any more; their addresses say that they were withdrawn. Each can be "
        "restored in the workspace.",
    ),
    "delete": (
        "Delete its records",
        "They are withdrawn, and what they said is erased with their history. This cannot be "
        "undone.",
    ),
}


@blueprint.get("/harvest/<slug:key>/give-up")
def ask_to_give_up(key: str) -> Response:
    """The ways to give a source up; with ``way``, what that one will do, and the button."""
    catalogue.sources.allow(viewer)
    source, way = opened(key), request.args.get("way", "")
    if way and way not in WAYS_TO_LEAVE:
        raise missing("There is no such way to give a source up; there are those on the page.")
    states = catalogue.sources.states(session, source)
    return page(
        "harvest/give_up.html",
        source=source,
        way=way,
        ways=WAYS,
        published=states.get(PUBLISHED, 0),
        drafts=states.get(DRAFT, 0),
        withdrawn=states.get(WITHDRAWN, 0),
    )


@blueprint.post("/harvest/<slug:key>/give-up")
def give_up(key: str) -> AnyResponse:
    """Give a source up; a worker does the rest."""
    with catalogue.database.write() as writing:
        source = catalogue.sources.get(writing, key)
        catalogue.sources.leave(writing, viewer, source, said("way"))
        title = source.title
    ring()
    flash(f"{title} is being given up; it goes from this list when that is done.")
    return go(url_for("harvest.every"))
