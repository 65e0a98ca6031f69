"""Every typed link of a record's page and back, in one document (RFC 9264)."""

from __future__ import annotations

from flask import Response, request

from catalogue.changes import head
from catalogue.errors import Unavailable
from catalogue.export import blueprint
from catalogue.records.damage import spared
from catalogue.web import signposting
from catalogue.web.current import catalogue, session
from catalogue.web.linked import answer
from catalogue.web.paths import KINDS


@blueprint.get(f"/<any({','.join(KINDS)}):path>/<slug>/linkset.json")
def linkset(path: str, slug: str) -> Response:
    """The link set of a record: as JSON, or as text by ``Accept: application/linkset``."""
    record = catalogue.records.by_slug(session, KINDS[path], slug)
    offers = (signposting.JSON, signposting.TEXT)
    as_text = request.accept_mimetypes.best_match(offers) == signposting.TEXT
    links = spared(record, lambda: signposting.linkset(record))
    if links is None:
        raise Unavailable(f"{record.iri} is damaged; the curators have been told.")
    return answer(
        lambda: signposting.as_text(links) if as_text else signposting.as_json(links),
        signposting.TEXT if as_text else signposting.JSON,
        f"{record.id}-{head(session)}-{'text' if as_text else 'json'}-{catalogue.version}",
    )
