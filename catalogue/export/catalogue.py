"""The whole catalogue for other portals: in pages, and as one document."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, request, stream_with_context

from catalogue.errors import BadRequest
from catalogue.export import blueprint
from catalogue.rdf.formats import FORMATS, N_TRIPLES, TURTLE, Format
from catalogue.rdf.fragments import dump, dump_gzip
from catalogue.rdf.pages import Page, page_of, write_page
from catalogue.web.current import catalogue, session
from catalogue.web.linked import answer, wanted

_SUFFIX = "any(" + ",".join(FORMATS) + ")"


@blueprint.get("/catalogue")
def feed() -> Response:
    """The feed without a suffix: the format by ``Accept``, Turtle if nothing is said."""
    format = wanted(None, html=False)
    assert format is not None
    return _feed(format, "")


@blueprint.get(f"/catalogue.<{_SUFFIX}:suffix>")
def feed_document(suffix: str) -> Response:
    """A page of the feed in one format."""
    return _feed(FORMATS[suffix], "." + suffix)


def _feed(format: Format, suffix: str) -> Response:
    page = _page_number()
    size = catalogue.settings.feed_page_size
    found: Page = page_of(session, page, size)
    address = f"{catalogue.settings.public_address}catalogue{suffix}"
    response = answer(
        lambda: write_page(session, catalogue.graphs, found, address, format),
        format.content_type,
        f"{found.position}-{page}-{size}-{format.suffix}-{catalogue.version}",
    )
    links = [f'<{address}?page={number}>; rel="{rel}"' for rel, number in found.links()]
    response.headers["Link"] = ", ".join(links)
    return response


def _page_number() -> int:
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= 10**8:
        raise BadRequest("The page must be a number from 1 upwards.")
    return int(text)


@blueprint.get(f"/dump.<any({TURTLE.suffix},{N_TRIPLES.suffix}):suffix>")
def dump_document(suffix: str) -> Response:
    """The whole catalogue as one document, streamed."""
    format = FORMATS[suffix]
    return _stream(dump(session, format, catalogue.profile.prefixes), format.content_type)


@blueprint.get("/dump.nt.gz")
def dump_compressed() -> Response:
    """The whole catalogue as gzipped N-Triples, streamed as it lies in the database."""
    return _stream(dump_gzip(session), "application/gzip")


def _stream(pieces: Iterator[bytes], content_type: str) -> Response:
    return Response(stream_with_context(pieces), content_type=content_type)
