"""What is listed where: the network, each catalogue, each organisation.

A *scope* is what somebody harvests.  Its name is the reference of a catalogue or organisation
(``id/catalogue/ehden``), :data:`NETWORK` for everything a feed lists, or :data:`EVERYTHING` for
every public record.  Order within a scope is that of record numbers: it never changes, so a
record that is edited during a walk does not jump.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, false, func, insert, select
from sqlalchemy.orm import Session

from catalogue.changes import Change, head
from catalogue.profile import Shape
from catalogue.records.models import PUBLISHED, WITHDRAWN, Listing, Record, Tally, is_new
from catalogue.records.visibility import as_public

#: Every dataset, series and service; and every public record.
NETWORK, EVERYTHING = "", "*"
#: The kinds a feed lists; organisations stand beside the datasets that name them.
LISTED = ("dataset", "series", "service")
#: The property that lists a record in a catalogue.
LISTED_IN = "listed_in"
#: So many changed records are counted and sorted for a page; of more, the key is walked.
_FEW = 2_000
#: Changes when the rows would look different.
VERSION = "1"


@dataclass(frozen=True)
class Scopes:
    """The scopes that list a record, or listed it before it was withdrawn.

    The world may not learn whose it is or was (``holder_hidden``), or which catalogues list it
    or did (``catalogues_hidden``).
    """

    names: frozenset[str] = frozenset()
    holder_hidden: bool = False
    catalogues_hidden: bool = False


def scopes_of(shape: Shape, record: Record) -> Scopes:
    """The scopes of a record in whatever state."""
    if record.state not in (PUBLISHED, WITHDRAWN) or record.document is None:
        return Scopes()
    if record.kind not in LISTED:
        return Scopes(frozenset({EVERYTHING}))
    public = as_public(shape, record.document)
    holder, catalogues = _named(shape, public)
    all_of_them = _named(shape, record.document)
    return Scopes(
        frozenset({NETWORK, EVERYTHING, *holder, *catalogues}),
        holder_hidden=holder != all_of_them[0],
        catalogues_hidden=catalogues != all_of_them[1],
    )


def _named(shape: Shape, document: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The organisation that a document is of, and the catalogues that list it."""
    found: tuple[set[str], set[str]] = (set(), set())
    for one in shape:
        if one.column == "publisher":
            found[0].update(one.values(document))
        elif one.name == LISTED_IN:
            found[1].update(one.values(document))
    return found


def keep(session: Session, records: Sequence[Record], scopes: Mapping[int, Scopes]) -> None:
    """Bring the listings of some records up to date, given the scopes of each by its number.

    A published record without scopes, a damaged one, stays listed: it is not known to be gone.
    """
    before: dict[int, dict[str, Listing]] = defaultdict(dict)
    numbers = [record.id for record in records]
    for row in session.scalars(select(Listing).where(Listing.record_id.in_(numbers))):
        before[row.record_id][row.scope] = row
    more: Counter[str] = Counter()
    for record in records:
        if record.last_change is None or (record.id not in scopes and record.state == PUBLISHED):
            continue
        found = scopes.get(record.id, Scopes())
        known, now = before[record.id], found.names
        secret = _secret(session, found, known.keys() - now)
        for scope in known.keys() | now:
            gone = record.state != PUBLISHED or scope not in now
            there = scope in known and not known[scope].gone
            more[scope] += (not gone) - there
            if scope in secret:
                session.delete(known[scope])  # to be told as gone is to be told
            elif scope in now or there:  # what left the scope earlier stays as it is
                one = known.get(scope) or Listing(scope=scope, record_id=record.id)
                one.change, one.gone = record.last_change, gone
                session.add(one)
    for scope, number in more.items():
        tally = session.get(Tally, scope) or Tally(scope=scope, number=0)
        tally.number += number
        session.add(tally)
    session.flush()


def _secret(session: Session, found: Scopes, left: Collection[str]) -> set[str]:
    """Of the scopes a record left, those of which the world may not learn that it was there."""
    left = {scope for scope in left if scope not in (NETWORK, EVERYTHING)}
    if not left or not (found.holder_hidden or found.catalogues_hidden):
        return set()
    kind = Record.kind == "catalogue"
    catalogues = set(session.scalars(select(Record.iri).where(Record.iri.in_(left), kind)))
    return {
        scope
        for scope in left
        if (found.catalogues_hidden if scope in catalogues else found.holder_hidden)
    }


def count(session: Session) -> None:
    """Count what is listed anew, before every record is looked at again; no row is forgotten."""
    session.execute(delete(Tally))
    counted = select(Listing.scope, func.count()).where(~Listing.gone).group_by(Listing.scope)
    session.execute(insert(Tally).from_select(["scope", "number"], counted))


@dataclass(frozen=True)
class Scope:
    """What somebody harvests: a scope, narrowed to what changed ``since`` a moment."""

    name: str = NETWORK
    since: datetime | None = None

    def total(self, session: Session) -> int | None:
        """How many records it lists; nobody counts the many that changed since long ago."""
        if self.since is None:
            return session.scalar(select(Tally.number).where(Tally.scope == self.name)) or 0
        if self._reaches_far(session):
            return None
        return session.scalar(select(func.count()).select_from(self._live(session).subquery())) or 0

    def after(self, session: Session, number: int, most: int) -> Sequence[int]:
        """The numbers of the next records after one, at most so many."""
        order = self._order(session)
        found = self._live(session).where(Listing.record_id > number).order_by(order)
        return session.scalars(found.limit(most)).all()

    def before(self, session: Session, number: int, most: int) -> Sequence[int]:
        """The numbers of the records up to and with one, the last first, at most so many."""
        order = self._order(session)
        found = self._live(session).where(Listing.record_id <= number).order_by(order.desc())
        return session.scalars(found.limit(most)).all()

    def _order(self, session: Session) -> ColumnElement[int]:
        # Of all records, or most, the key gives the order.  What changed lately is few, found
        # by its changes and then sorted, which a plain column would keep a database from doing.
        if self.since is None or self._reaches_far(session):
            return Listing.record_id.expression
        return Listing.record_id + 0

    def _reaches_far(self, session: Session) -> bool:
        """Whether so much changed since that most of what one comes across is wanted."""
        first, last = self._first(session), head(session)
        return first is not None and last - first > max(_FEW, last // 20)

    def _first(self, session: Session) -> int | None:
        later = Record.modified >= self.since
        return session.scalar(select(func.min(Record.last_change)).where(later))

    def _live(self, session: Session) -> Select[int]:
        found = select(Listing.record_id).where(Listing.scope == self.name, ~Listing.gone)
        if self.since is None:
            return found
        first = self._first(session)
        if first is None:
            return found.where(false())
        # A sum has no index: the key is walked then, and not what changed.
        changed = Listing.change + 0 if self._reaches_far(session) else Listing.change
        return found.join(Record, Record.id == Listing.record_id).where(
            changed >= first, Record.modified >= self.since
        )


#: Change, whether it is gone, kind, key, slug, IRI, last change, first publication, when.
Changed = Row[int, bool, str, str, str, str, datetime, datetime | None, datetime]


def action_of(row: Changed) -> str:
    """What happened to a record: created, updated or deleted."""
    if row.gone:
        return "deleted"
    return "created" if is_new(row) else "updated"


def changes(session: Session, scope: str, since: int, upto: int, most: int) -> Sequence[Changed]:
    """What changed in a scope after one change and up to another, in order, each record once.

    A record is told by its latest change: what it is now, or that it is gone.
    """
    return session.execute(
        select(
            Listing.change,
            Listing.gone,
            Record.kind,
            Record.key,
            Record.slug,
            Record.iri,
            Record.modified,
            Record.issued,
            Change.at,
        )
        .join(Record, Record.id == Listing.record_id)
        .join(Change, Change.seq == Listing.change)
        .where(Listing.scope == scope, Listing.change > since, Listing.change <= upto)
        .order_by(Listing.change)
        .limit(most)
    ).all()


def change_before(session: Session, moment: datetime) -> int | None:
    """The last change before a moment, as far as records still tell; None if none came later."""
    first = session.scalar(select(func.min(Record.last_change)).where(Record.modified >= moment))
    return None if first is None else first - 1
