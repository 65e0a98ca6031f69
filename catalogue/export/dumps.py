"""The whole catalogue as one document that lies ready: N-Triples, N-Quads, Turtle."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from flask import Response, current_app, request
from werkzeug.wsgi import wrap_file

from catalogue.errors import Unavailable
from catalogue.export import blueprint
from catalogue.rdf.dumps import Dump
from catalogue.rdf.formats import N_QUADS, N_TRIPLES, TURTLE
from catalogue.web.current import catalogue, session
from catalogue.web.linked import digest

_FORMATS = {one.suffix: one for one in (N_TRIPLES, N_QUADS, TURTLE)}
_SUFFIX = f"any({','.join(_FORMATS)})"
_PIECE = 1 << 18


@blueprint.get(f"/dump.<{_SUFFIX}:suffix>.gz")
def dump_packed(suffix: str) -> Response:
    """The whole catalogue in gzip; can be fetched in parts (``Range``)."""
    dump, file = _open(suffix)
    told = os.fstat(file.fileno())
    response = Response(wrap_file(request.environ, file), content_type="application/gzip")
    response.direct_passthrough = True
    response.content_length = told.st_size
    response.last_modified = datetime.fromtimestamp(told.st_mtime, UTC)
    response.set_etag(_tag(dump))
    response.make_conditional(request.environ, accept_ranges=True, complete_length=told.st_size)
    return _told(response, dump)


@blueprint.get(f"/dump.<{_SUFFIX}:suffix>")
def dump_document(suffix: str) -> Response:
    """The whole catalogue, unpacked while it is sent."""
    # Not packed on the way: the file is many members of gzip, which is one file to gunzip but
    # to some clients one encoding that ends with the first.
    dump, file = _open(suffix)
    response = Response(_unpacked(file), content_type=_FORMATS[suffix].content_type)
    response.call_on_close(file.close)
    response.set_etag(_tag(dump))
    response.make_conditional(request.environ)
    return _told(response, dump)


def _open(suffix: str) -> tuple[Dump, BinaryIO]:
    try:
        return catalogue.dumps.open(session, suffix)
    except Unavailable:
        current_app.extensions["jobs"].ring()
        raise


def _tag(dump: Dump) -> str:
    return f"dump-{digest((dump.file.name, request.path))}"


def _told(response: Response, dump: Dump) -> Response:
    """``Catalogue-Position`` is what ``/changes?since=`` goes on from."""
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Catalogue-Position"] = str(dump.position)
    return response


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    with gzip.open(file) as unpacked:
        while piece := unpacked.read(_PIECE):
            yield piece
