"""Which RDF syntax a document is in, whatever it is said to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pyoxigraph as ox

_RDF = ox.RdfFormat
_TYPES = {
    "text/turtle": _RDF.TURTLE,
    "application/x-turtle": _RDF.TURTLE,
    "application/turtle": _RDF.TURTLE,
    "text/n3": _RDF.N3,
    "text/rdf+n3": _RDF.N3,
    "application/rdf+xml": _RDF.RDF_XML,
    "application/ld+json": _RDF.JSON_LD,
    "application/json": _RDF.JSON_LD,
    "application/n-triples": _RDF.N_TRIPLES,
    "application/n-quads": _RDF.N_QUADS,
    "text/x-nquads": _RDF.N_QUADS,
    "application/trig": _RDF.TRIG,
    "application/x-trig": _RDF.TRIG,
}
_SUFFIXES = {
    "ttl": _RDF.TURTLE,
    "turtle": _RDF.TURTLE,
    "n3": _RDF.N3,
    "rdf": _RDF.RDF_XML,
    "owl": _RDF.RDF_XML,
    "jsonld": _RDF.JSON_LD,
    "nt": _RDF.N_TRIPLES,
    "nq": _RDF.N_QUADS,
    "trig": _RDF.TRIG,
}
_HEAD = 4_000
_RDF_NAMESPACE = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_COMMENTS = re.compile(rb"(?:\s+|#[^\n]*(?:\n|\Z))*")
_XML_BEGINNING = re.compile(rb"<(?:[?!]|[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?(?:\s|/?>))")
_HTML_BEGINNING = re.compile(
    rb"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
_JSON_BEGINNING = re.compile(rb"\{\s*[\"}]|\[\s*[\[{\"\]]")
_IRI_OR_BLANK = rb"(?:<[^>]*>|_:[\w.-]+)"
_TRIPLE = re.compile(
    _IRI_OR_BLANK
    + rb"[ \t]+<[^>]*>[ \t]+(?:<[^>]*>|_:[\w.-]+|\"(?:[^\"\\\r\n]|\\.)*\"(?:@[\w-]+|\^\^<[^>]*>)?)"
    + rb"[ \t]*("
    + _IRI_OR_BLANK
    + rb"[ \t]*)?\.[ \t]*(?:\r?\n|\Z|#)"
)
_GRAPH = re.compile(rb"(?:^|[.}\s])(?:GRAPH\s+)?(?:<[^>]*>|[\w-]*:[\w-]*)?\s*\{", re.I)

#: What is found by looking only.
HTML, XML = "html", "xml"


def candidates(content: bytes, content_type: str, address: str) -> list[ox.RdfFormat | str]:
    """The syntaxes to try, the likeliest first; HTML and XML without RDF by their names."""
    found = _strong(content)
    if found is not None:
        return [found]
    claimed = [_TYPES.get(content_type), _SUFFIXES.get(_suffix(address))]
    in_order = [*(one for one in claimed if one is not None), *_weak(content)]
    # XML and JSON begin in their own way, and this does not.
    return list(dict.fromkeys(one for one in in_order if one not in (_RDF.RDF_XML, _RDF.JSON_LD)))


def _suffix(address: str) -> str:
    name = urlsplit(address).path.lower().removesuffix(".gz").rpartition("/")[2]
    return name.rpartition(".")[2] if "." in name else ""


def _strong(content: bytes) -> ox.RdfFormat | str | None:
    """What can be nothing else."""
    head = content[:_HEAD].lstrip()
    if _HTML_BEGINNING.match(head):
        return HTML
    if _JSON_BEGINNING.match(head):
        return _RDF.JSON_LD
    if _XML_BEGINNING.match(head):
        return _RDF.RDF_XML if _RDF_NAMESPACE in content else XML
    return None


def _weak(content: bytes) -> Iterator[ox.RdfFormat]:
    """What it may be."""
    begin = _COMMENTS.match(content)
    triple = _TRIPLE.match(content, begin.end() if begin else 0)
    if triple:
        yield _RDF.N_QUADS if triple[1] else _RDF.N_TRIPLES
    if _GRAPH.search(content[:_HEAD]):
        yield _RDF.TRIG
    yield _RDF.TURTLE
    yield _RDF.TRIG
