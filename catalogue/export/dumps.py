"""The whole catalogue as one document that lies ready: N-Triples, N-Quads, Turtle."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from flask import Response, request, send_file

from catalogue.export import blueprint
from catalogue.rdf.formats import N_TRIPLES, TURTLE
from catalogue.web.current import catalogue, session

_TYPES = {
    "nt": N_TRIPLES.content_type,
    "nq": "application/n-quads; charset=utf-8",
    "ttl": TURTLE.content_type,
}
_SUFFIX = f"any({','.join(_TYPES)})"
_PIECE = 1 << 18


@blueprint.get(f"/dump.<{_SUFFIX}:suffix>.gz")
def dump_packed(suffix: str) -> Response:
    """The whole catalogue in gzip; can be fetched in parts (``Range``)."""
    return _file(suffix, "application/gzip", packed=True)


@blueprint.get(f"/dump.<{_SUFFIX}:suffix>")
def dump_document(suffix: str) -> Response:
    """The whole catalogue; packed on the way for those who can unpack it."""
    packed = bool(request.accept_encodings["gzip"])
    response = _file(suffix, _TYPES[suffix], packed=packed)
    response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _file(suffix: str, content_type: str, *, packed: bool) -> Response:
    """A dump as a file; ``Catalogue-Position`` is what ``/changes?since=`` goes on from."""
    dump = catalogue.dumps.get(session, suffix)
    tag = f"dump-{dump.position}-{suffix}-{'gz' if packed else 'plain'}-{catalogue.version}"
    if packed:
        response = send_file(
            dump.file, mimetype="application/octet-stream", etag=tag, conditional=True, max_age=0
        )
    else:
        response = Response(_unpacked(dump.file))
        response.set_etag(tag)
        response.last_modified = datetime.fromtimestamp(dump.file.stat().st_mtime, UTC)
        response.make_conditional(request.environ)
    response.headers["Content-Type"] = content_type
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Catalogue-Position"] = str(dump.position)
    return response


def _unpacked(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        while piece := file.read(_PIECE):
            yield piece
