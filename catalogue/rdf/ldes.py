"""The changes as a stream of linked data events, as DCAT-AP Feeds asks for it.

Each record is a member once, with its latest change (the stream keeps no other): created,
updated or deleted, and as a graph what the catalogue says of it now.
Sources: LDES, https://w3id.org/ldes/specification; TREE, https://w3id.org/tree/specification;
DCAT-AP Feeds, https://semiceu.github.io/LDES-DCAT-AP-feeds/
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pyoxigraph as ox
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.profile import Names
from catalogue.rdf.graph import Graphs
from catalogue.rdf.listing import EVERYTHING, changes
from catalogue.rdf.turtle import Turtle, header, ntriples
from catalogue.records.models import Fragment, Record
from catalogue.terms import RDF_TYPE, XSD, Statement, iri, literal

LDES, TREE, AS = (
    "https://w3id.org/ldes#",
    "https://w3id.org/tree#",
    "https://www.w3.org/ns/activitystreams#",
)
_PREFIXES = {"ldes": LDES, "tree": TREE, "as": AS}
#: Clocks of several processes differ a little; a page may hold members that much older.
_SLACK = timedelta(minutes=1)


@dataclass(frozen=True)
class StreamFormat:
    """A format that holds graphs."""

    suffix: str
    media_type: str
    oxigraph: ox.RdfFormat


TRIG = StreamFormat("trig", "application/trig", ox.RdfFormat.TRIG)
STREAM_FORMATS: Mapping[str, StreamFormat] = {
    one.suffix: one
    for one in (
        TRIG,
        StreamFormat("jsonld", "application/ld+json", ox.RdfFormat.JSON_LD),
        StreamFormat("nq", "application/n-quads", ox.RdfFormat.N_QUADS),
    )
}


def page(
    session: Session,
    graphs: Graphs,
    address: str,
    after: int,
    upto: int,
    size: int,
    format: StreamFormat,
) -> tuple[bytes, int | None]:
    """The page of the stream after a change, and the change the next one comes after, if any."""
    found = changes(session, EVERYTHING, after, upto, size + 1)
    going_on = found[size - 1].change if len(found) > size else None
    rows = found[:size]
    names = Names(graphs.base)
    members = [f"{names.absolute(row.iri)}#change-{row.change}" for row in rows]
    fragments = _fragments(session, [row.iri for row in rows if not row.gone])
    about = [*_stream(address, after, members)]
    if going_on:
        about += _relation(address, after, going_on, rows[-1].at - _SLACK)
    for row, member in zip(rows, members, strict=True):
        new = row.issued is None or row.modified <= row.issued
        action = "Delete" if row.gone else "Create" if new else "Update"
        about += [
            (iri(member), RDF_TYPE, iri(AS + action)),
            (iri(member), iri(AS + "object"), iri(names.absolute(row.iri))),
            (iri(member), iri(AS + "published"), _instant(row.at)),
        ]
    said = [
        (member, *fragments[row.iri])
        for row, member in zip(rows, members, strict=True)
        if not row.gone and row.iri in fragments
    ]
    prefixes = {**graphs.profile.prefixes, **_PREFIXES}
    if format is TRIG:
        return _trig(about, said, prefixes), going_on
    quads = ntriples(about).encode() + b"".join(
        gzip.decompress(packed).replace(b" .\n", f" <{member}> .\n".encode())
        for member, _, packed in said
    )
    if format.oxigraph == ox.RdfFormat.N_QUADS:
        return quads, going_on
    parsed = ox.parse(quads, format=ox.RdfFormat.N_QUADS)
    return bytes(ox.serialize(parsed, format=format.oxigraph, prefixes=prefixes) or b""), going_on


def _fragments(session: Session, references: Sequence[str]) -> dict[str, tuple[bytes, bytes]]:
    found = session.execute(
        select(Record.iri, Fragment.turtle, Fragment.ntriples)
        .join(Fragment, Fragment.record_id == Record.id)
        .where(Record.iri.in_(references))
    )
    return {row.iri: (row.turtle, row.ntriples) for row in found}


def _trig(
    about: Sequence[Statement],
    said: Sequence[tuple[str, bytes, bytes]],
    prefixes: Mapping[str, str],
) -> bytes:
    pieces = [header(prefixes).encode(), Turtle(prefixes).write(about).encode()]
    for member, turtle, _ in said:
        pieces += [f"<{member}> {{\n".encode(), turtle, b"}\n\n"]
    return b"".join(pieces)


def _stream(address: str, after: int, members: Sequence[str]) -> Iterator[Statement]:
    stream, view = iri(f"{address}#stream"), iri(_page(address, after))
    yield stream, RDF_TYPE, iri(LDES + "EventStream")
    yield stream, iri(LDES + "timestampPath"), iri(AS + "published")
    yield stream, iri(LDES + "versionOfPath"), iri(AS + "object")
    yield stream, iri(TREE + "view"), iri(address)
    for member in members:
        yield stream, iri(TREE + "member"), iri(member)
    yield view, RDF_TYPE, iri(TREE + "Node")
    if not after:
        told, policy = iri(f"{address}#view"), iri(f"{address}#retention")
        yield view, iri(TREE + "viewDescription"), told
        yield told, RDF_TYPE, iri(TREE + "ViewDescription")
        yield told, iri(LDES + "retentionPolicy"), policy
        yield policy, RDF_TYPE, iri(LDES + "LatestVersionSubset")
        yield policy, iri(LDES + "amount"), literal("1", XSD + "integer")


def _relation(address: str, after: int, going_on: int, since: object) -> Iterator[Statement]:
    relation = iri(f"{address}#after-{going_on}")
    yield iri(_page(address, after)), iri(TREE + "relation"), relation
    yield relation, RDF_TYPE, iri(TREE + "GreaterThanOrEqualToRelation")
    yield relation, iri(TREE + "path"), iri(AS + "published")
    yield relation, iri(TREE + "value"), _instant(since)
    yield relation, iri(TREE + "node"), iri(_page(address, going_on))


def _page(address: str, after: int) -> str:
    return f"{address}?after={after}" if after else address


def _instant(moment: object) -> str:
    return literal(f"{moment:%Y-%m-%dT%H:%M:%SZ}", XSD + "dateTime")
