"""The changes as a stream of linked data events, as DCAT-AP Feeds asks for it.

Each record is a member once, with its latest change (the stream keeps no other): created,
updated or deleted, and as a graph what the catalogue says of it now.
Sources: LDES, https://w3id.org/ldes/specification; TREE, https://w3id.org/tree/specification;
DCAT-AP Feeds, https://semiceu.github.io/LDES-DCAT-AP-feeds/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.profile import Names
from catalogue.profile.dates import instant
from catalogue.rdf.formats import JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE, Format
from catalogue.rdf.fragments import kept, piece
from catalogue.rdf.graph import Graphs
from catalogue.rdf.listing import EVERYTHING, Changed, action_of, changes
from catalogue.rdf.pages import Address
from catalogue.records.models import Fragment, Record
from catalogue.terms import RDF_TYPE, XSD, Statement, iri, literal

_ACTIVITIES = {"created": "as:Create", "updated": "as:Update", "deleted": "as:Delete"}
#: Clocks of several processes differ a little; a page may hold members that much older.
_SLACK = timedelta(minutes=1)


#: The formats that hold graphs, and those of the pieces that they are made of.
STREAMS: Mapping[str, tuple[Format, Format]] = {
    whole.suffix: (whole, part)
    for whole, part in ((TRIG, TURTLE), (JSON_LD, JSON_LD), (N_QUADS, N_TRIPLES))
}


@dataclass(frozen=True)
class Stream:
    """The stream at an address; ``size`` members a page."""

    graphs: Graphs
    address: str
    size: int

    def page(
        self, session: Session, after: int, upto: int, suffix: str
    ) -> tuple[bytes, int | None]:
        """The page after a change, and the change the next one comes after, if any."""
        found = changes(session, EVERYTHING, after, upto, self.size + 1)
        rows = found[: self.size]
        going_on = rows[-1].change if len(found) > self.size else None
        members = {row.iri: self._member(row) for row in rows}
        about = [
            *self._node(after, members.values()),
            *(self._relation(after, going_on, rows[-1].at - _SLACK) if going_on else ()),
            *(statement for row in rows for statement in self._activity(row, members[row.iri])),
        ]
        _, part = STREAMS[suffix]
        writer = part.writer(self.graphs.profile.prefixes)
        there = [row.iri for row in rows if not row.gone]
        told = session.execute(
            select(Record.iri, kept(part))
            .join(Fragment, Fragment.record_id == Record.id)
            .where(Record.iri.in_(there))
            .order_by(Record.id)
        )
        pieces = (
            writer.graph(members[reference], piece(part, content)) for reference, content in told
        )
        return b"".join(writer.document([writer.piece(about).encode(), *pieces])), going_on

    def _member(self, row: Changed) -> str:
        return f"{Names(self.graphs.base).absolute(row.iri)}#change-{row.change}"

    def _term(self, name: str) -> str:
        return iri(self.graphs.profile.expand(name))

    def _activity(self, row: Changed, member: str) -> Iterator[Statement]:
        topic = Names(self.graphs.base).absolute(row.iri)
        yield iri(member), RDF_TYPE, self._term(_ACTIVITIES[action_of(row)])
        yield iri(member), self._term("as:object"), iri(topic)
        yield iri(member), self._term("as:published"), _moment(row.at)

    def _node(self, after: int, members: Iterable[str]) -> Iterator[Statement]:
        stream, view = iri(f"{self.address}#stream"), iri(self._page(after))
        yield stream, RDF_TYPE, self._term("ldes:EventStream")
        yield stream, self._term("ldes:timestampPath"), self._term("as:published")
        yield stream, self._term("ldes:versionOfPath"), self._term("as:object")
        yield stream, self._term("tree:view"), iri(self.address)
        for member in members:
            yield stream, self._term("tree:member"), iri(member)
        yield view, RDF_TYPE, self._term("tree:Node")
        if not after:
            told, policy = iri(f"{self.address}#view"), iri(f"{self.address}#retention")
            yield view, self._term("tree:viewDescription"), told
            yield told, RDF_TYPE, self._term("tree:ViewDescription")
            yield told, self._term("ldes:retentionPolicy"), policy
            yield policy, RDF_TYPE, self._term("ldes:LatestVersionSubset")
            yield policy, self._term("ldes:amount"), literal("1", XSD + "integer")

    def _relation(self, after: int, going_on: int, since: datetime) -> Iterator[Statement]:
        relation = iri(f"{self.address}#after-{going_on}")
        yield iri(self._page(after)), self._term("tree:relation"), relation
        yield relation, RDF_TYPE, self._term("tree:GreaterThanOrEqualToRelation")
        yield relation, self._term("tree:path"), self._term("as:published")
        yield relation, self._term("tree:value"), _moment(since)
        yield relation, self._term("tree:node"), iri(self._page(going_on))

    def _page(self, after: int) -> str:
        return Address(self.address).page(after)


def _moment(moment: datetime) -> str:
    return literal(instant(moment), XSD + "dateTime")
