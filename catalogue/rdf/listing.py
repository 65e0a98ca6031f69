"""What is listed where: the network, each catalogue, each organisation.

A *scope* is what somebody harvests.  Its name is the reference of a catalogue or organisation
(``id/catalogue/ehden``), :data:`NETWORK` for everything a feed lists, or :data:`EVERYTHING` for
every public record.  Order within a scope is that of record numbers: it never changes, so a
record that is edited during a walk does not jump.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, false, func, insert, select
from sqlalchemy.orm import Session

from catalogue.profile import Shape
from catalogue.records.models import PUBLISHED, WITHDRAWN, Listing, Record, Tally
from catalogue.records.visibility import as_public

#: Every dataset, series and service; and every public record.
NETWORK, EVERYTHING = "", "*"
#: The kinds a feed lists; organisations stand beside the datasets that name them.
LISTED = ("dataset", "series", "service")
#: The property that lists a record in a catalogue.
LISTED_IN = "listed_in"
#: Changes when the rows would look different.
VERSION = "1"


@dataclass(frozen=True)
class Scopes:
    """The scopes that list a record, or listed it before it was withdrawn.

    ``hides`` tells that it is in others, of which the world may not learn.
    """

    names: frozenset[str] = frozenset()
    hides: bool = False


def scopes_of(shape: Shape, record: Record) -> Scopes:
    """The scopes of a record in whatever state."""
    if record.state not in (PUBLISHED, WITHDRAWN) or record.document is None:
        return Scopes()
    if record.kind not in LISTED:
        return Scopes(frozenset({EVERYTHING}))
    told = _lists(shape, as_public(shape, record.document))
    hides = not _lists(shape, record.document) <= told
    return Scopes(frozenset({NETWORK, EVERYTHING, *told}), hides)


def _lists(shape: Shape, document: Mapping[str, Any]) -> set[str]:
    """The catalogues and the organisation that a document names."""
    naming = [one for one in shape if one.name == LISTED_IN or one.column == "publisher"]
    return {value for one in naming for value in one.values(document)}


def keep(session: Session, records: Sequence[Record], scopes: Mapping[int, Scopes]) -> None:
    """Bring the listings of some records up to date, given the scopes of each by its number.

    Of a record without scopes, a damaged one, nothing changes: it is not known to be gone.
    """
    before: dict[int, dict[str, Listing]] = defaultdict(dict)
    numbers = [record.id for record in records]
    for row in session.scalars(select(Listing).where(Listing.record_id.in_(numbers))):
        before[row.record_id][row.scope] = row
    more: Counter[str] = Counter()
    for record in records:
        if record.last_change is None or record.id not in scopes:
            continue
        known, now = before[record.id], scopes[record.id].names
        for scope in known.keys() | now:
            gone = record.state != PUBLISHED or scope not in now
            there = scope in known and not known[scope].gone
            more[scope] += (not gone) - there
            if scopes[record.id].hides and scope not in now:
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

    def total(self, session: Session) -> int:
        """How many records it lists."""
        if self.since is None:
            return session.scalar(select(Tally.number).where(Tally.scope == self.name)) or 0
        return session.scalar(select(func.count()).select_from(self._live(session).subquery())) or 0

    def after(self, session: Session, number: int, most: int) -> Sequence[int]:
        """The numbers of the next records after one, at most so many."""
        found = self._live(session).where(Listing.record_id > number).order_by(self._order)
        return session.scalars(found.limit(most)).all()

    def before(self, session: Session, number: int, most: int) -> Sequence[int]:
        """The numbers of the records up to and with one, the last first, at most so many."""
        found = self._live(session).where(Listing.record_id <= number).order_by(self._order.desc())
        return session.scalars(found.limit(most)).all()

    @property
    def _order(self) -> ColumnElement[int]:
        # Of all records the key gives the order; what changed is few, found by its changes
        # and then sorted, which a plain column would keep a database from doing.
        return Listing.record_id.expression if self.since is None else Listing.record_id + 0

    def _live(self, session: Session) -> Select[int]:
        found = select(Listing.record_id).where(Listing.scope == self.name, ~Listing.gone)
        if self.since is None:
            return found
        later = Record.modified >= self.since
        first = session.scalar(select(func.min(Record.last_change)).where(later))
        if first is None:
            return found.where(false())
        return found.join(Record, Record.id == Listing.record_id).where(
            Listing.change >= first, later
        )


def changes(
    session: Session, scope: str, since: int, upto: int, most: int
) -> Sequence[Row[int, bool, str, str, str, str, datetime, datetime | None]]:
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
        )
        .join(Record, Record.id == Listing.record_id)
        .where(Listing.scope == scope, Listing.change > since, Listing.change <= upto)
        .order_by(Listing.change)
        .limit(most)
    ).all()


def change_before(session: Session, moment: datetime) -> int | None:
    """The last change before a moment, as far as records still tell; None if none came later."""
    first = session.scalar(select(func.min(Record.last_change)).where(Record.modified >= moment))
    return None if first is None else first - 1
