"""The RDF formats: names, media types, suffixes, negotiation, reading and writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from catalogue.errors import Invalid, NotAcceptable
from catalogue.rdf.writers import JsonLd, NTriples, RdfXml, Turtle, Writer
from catalogue.terms import Statement, Statements

#: The deepest JSON-LD and the longest document read in a request.
_DEEPEST, _LONGEST = 100, 50_000_000


@dataclass(frozen=True)
class Format:
    """One RDF format, and how it is written."""

    suffix: str
    media_type: str
    label: str
    also: tuple[str, ...]
    oxigraph: ox.RdfFormat
    writer: type[Writer]

    @property
    def content_type(self) -> str:
        """The value of ``Content-Type``."""
        text = self.media_type.startswith("text/") or self.suffix in ("nt", "nq", "rdf")
        return f"{self.media_type}; charset=utf-8" if text else self.media_type


TURTLE = Format(
    "ttl", "text/turtle", "Turtle", ("application/x-turtle",), ox.RdfFormat.TURTLE, Turtle
)
JSON_LD = Format(
    "jsonld", "application/ld+json", "JSON-LD", ("application/json",), ox.RdfFormat.JSON_LD, JsonLd
)
RDF_XML = Format(
    "rdf",
    "application/rdf+xml",
    "RDF/XML",
    ("application/xml", "text/xml"),
    ox.RdfFormat.RDF_XML,
    RdfXml,
)
N_TRIPLES = Format(
    "nt", "application/n-triples", "N-Triples", ("text/plain",), ox.RdfFormat.N_TRIPLES, NTriples
)
#: By suffix, best first.
FORMATS: Mapping[str, Format] = {f.suffix: f for f in (TURTLE, JSON_LD, RDF_XML, N_TRIPLES)}
#: Those that hold graphs; each is written by the writer of the one without.
TRIG = Format("trig", "application/trig", "TriG", (), ox.RdfFormat.TRIG, Turtle)
N_QUADS = Format("nq", "application/n-quads", "N-Quads", (), ox.RdfFormat.N_QUADS, NTriples)


def negotiate(accept: str | None, *, html: bool = True) -> Format | None:
    """The format an ``Accept`` header asks for; None means a page for people.

    With ``html``, browsers and ``*/*`` get the page; without, ``*/*`` gets Turtle, for
    harvesters send nothing better.  Raises :class:`NotAcceptable` if nothing fits.
    """
    wanted = parse_accept_header(accept, MIMEAccept) if accept else MIMEAccept([("*/*", 1)])
    offers: dict[str, Format | None] = {"text/html": None} if html else {}
    offers.update({one.media_type: one for one in FORMATS.values()})
    for one in FORMATS.values():
        for other in one.also:
            offers.setdefault(other, one)
    best = wanted.best_match(offers)
    if best is None:
        raise NotAcceptable(
            "This is to be had as "
            + ", ".join(
                (*(["text/html"] if html else []), *(f.media_type for f in FORMATS.values()))
            )
            + "."
        )
    return offers[best]


def write(statements: Iterable[Statement], format: Format, prefixes: Mapping[str, str]) -> bytes:
    """Statements in a format."""
    writer = format.writer(prefixes)
    return b"".join(writer.document([writer.piece(statements).encode()]))


def read(source: bytes, format: Format, base: str) -> Statements:
    """The statements of a document from elsewhere.

    Raises :class:`Invalid` with the place of the fault.  Refuses what would exhaust the
    machine or reach out to others: XML entities, deep or remote JSON-LD, huge files.
    """
    if len(source) > _LONGEST:
        raise Invalid(f"The document is larger than {_LONGEST // 1_000_000} MB.")
    if format is RDF_XML and b"<!DOCTYPE" in source:
        raise Invalid("An XML document with a DOCTYPE is not read; leave it out.")
    if format is JSON_LD and _depth(source) > _DEEPEST:
        raise Invalid(f"The JSON is nested deeper than {_DEEPEST} levels.")
    try:
        return Statements(_parse(source, format, base))
    except SyntaxError as error:
        where = f" in line {error.lineno}" if error.lineno else ""
        raise Invalid(f"This is not valid {format.label}{where}: {error.msg}") from None
    except (ValueError, OSError) as error:
        raise Invalid(f"This cannot be read as {format.label}: {error}") from None


def _parse(source: bytes, format: Format, base: str) -> Iterator[Statement]:
    for quad in ox.parse(source, format=format.oxigraph, base_iri=base):
        yield str(quad.subject), str(quad.predicate), str(quad.object)


def _depth(source: bytes) -> int:
    """How deep brackets are nested; texts count too, which errs on the safe side."""
    depth = deepest = 0
    for byte in source:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
