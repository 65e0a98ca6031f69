"""The changes as a stream of linked data events (LDES, DCAT-AP Feeds)."""

from __future__ import annotations

from flask import Response

from catalogue.changes import mark
from catalogue.export import blueprint
from catalogue.export.catalogue import after_asked_for, link
from catalogue.rdf.ldes import STREAMS, Stream
from catalogue.rdf.pages import Address
from catalogue.web.current import catalogue, session
from catalogue.web.linked import answer, digest

_SUFFIX = "any(" + ",".join(STREAMS) + ")"


@blueprint.get(f"/ldes.<{_SUFFIX}:suffix>")
def ldes(suffix: str) -> Response:
    """A page of the stream of changes, the oldest first; each record once, with its latest."""
    after, size = after_asked_for(), catalogue.settings.feed_page_size
    upto = catalogue.whole(session)
    address = f"{catalogue.settings.public_address}ldes.{suffix}"
    going_on: int | None = None

    def make() -> bytes:
        nonlocal going_on
        stream = Stream(catalogue.graphs, address, size)
        said, going_on = stream.page(session, after, upto, suffix)
        return said

    tag = f"ldes-{suffix}-{upto}-{digest((mark(session, upto), after, size))}-{catalogue.version}"
    response = answer(make, STREAMS[suffix][0].content_type, tag)
    if going_on:
        response.headers.add("Link", link("next", Address(address).page(going_on)))
    return response
