"""The changes as a stream of linked data events (LDES, DCAT-AP Feeds)."""

from __future__ import annotations

from flask import Response

from catalogue.changes import mark
from catalogue.export import blueprint
from catalogue.export.catalogue import after_asked_for
from catalogue.rdf.ldes import STREAM_FORMATS, page
from catalogue.web.current import catalogue, session
from catalogue.web.linked import answer, digest

_SUFFIX = "any(" + ",".join(STREAM_FORMATS) + ")"


@blueprint.get(f"/ldes.<{_SUFFIX}:suffix>")
def ldes(suffix: str) -> Response:
    """A page of the stream of changes, the oldest first; each record once, with its latest."""
    format, after = STREAM_FORMATS[suffix], after_asked_for()
    upto, size = catalogue.whole(session), catalogue.settings.feed_page_size
    address = f"{catalogue.settings.public_address}ldes.{suffix}"
    going_on: int | None = None

    def make() -> bytes:
        nonlocal going_on
        said, going_on = page(session, catalogue.graphs, address, after, upto, size, format)
        return said

    tag = f"ldes-{suffix}-{upto}-{digest((mark(session, upto), after, size))}-{catalogue.version}"
    response = answer(make, format.media_type, tag)
    if going_on:
        response.headers.add("Link", f'<{address}?after={going_on}>; rel="next"')
    return response
