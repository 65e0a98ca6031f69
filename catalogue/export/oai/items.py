"""The records a harvester can get, by the change that made them what they are.

Items are the datasets, series and services that the feed lists.  Within a scope each row of
:class:`Listing` has the number of its last change, so the order of changes is that of the
list: what changes during a walk moves to its end and comes again, and nothing is passed by.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from catalogue.changes import Change, head
from catalogue.rdf.listing import LISTED, NETWORK, scopes_of
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Listing, Record, Tally
from catalogue.records.records import Records

#: What a set is called by the kind of record that makes it.
SETS: Mapping[str, str] = {"catalogue": "catalogue", "agent": "organisation"}
#: How far times may be out of the order of changes: clocks are set back, writers wait.
_DISORDER = timedelta(hours=1)


@dataclass(frozen=True)
class Set:
    """What a catalogue lists, or an organisation publishes."""

    scope: str
    kind: str
    key: str
    name: str = ""

    @property
    def spec(self) -> str:
        """How requests and headers name it."""
        return f"{SETS[self.kind]}:{self.key}"


@dataclass(frozen=True)
class Item:
    """One record of a list: since which change and moment, whether it is gone, its scopes."""

    record: Record
    change: int
    at: datetime
    gone: bool
    scopes: Collection[str]


@dataclass(frozen=True)
class Selection:
    """What is asked for: a set or everything, changed from one moment on and before another."""

    set: Set | None = None
    since: datetime | None = None
    before: datetime | None = None


# identifiers ------------------------------------------------------------------------


def identifier_of(record: Record, address: str) -> str:
    """The name of an item: ``oai:<host>:<kind>/<key>``."""
    return f"oai:{urlsplit(address).hostname}:{record.kind}/{record.key}"


def named(session: Session, records: Records, identifier: str, address: str) -> Item | None:
    """The item of an identifier; None if there never was one."""
    before, _, key = identifier.rpartition("/")
    kind = before.rpartition(":")[2]
    if kind not in LISTED or not key or "\x00" in key:
        return None
    found = session.execute(
        _rows(NETWORK).where(Record.kind == kind, Record.key == key)
    ).one_or_none()
    if found is None or identifier_of(found.Record, address) != identifier:
        return None
    return _item(records, Selection(), *found)


# lists ------------------------------------------------------------------------------


def after(
    session: Session, records: Records, wanted: Selection, change: int, most: int
) -> tuple[Sequence[Item], int]:
    """The next items after a change; and the last change looked at, 0 at the end of the list.

    At most so many; those that may not be told or cannot be read are left out.
    """
    found = _rows(wanted.set.scope if wanted.set else NETWORK)
    if wanted.since:
        change = max(change, _first(session, _moved(wanted.since, -_DISORDER)) - 1)
        found = found.where(Change.at >= wanted.since)
    if wanted.before:
        last = _first(session, _moved(wanted.before, _DISORDER))
        found = found.where(Change.at < wanted.before, Listing.change < last)
    rows = session.execute(
        found.where(Listing.change > change).order_by(Listing.change).limit(most)
    ).all()
    items = [item for row in rows if (item := _item(records, wanted, *row))]
    return items, rows[-1].change if len(rows) == most else 0


def _rows(scope: str) -> Select[Record, int, bool, datetime]:
    return (
        select(Record, Listing.change, Listing.gone, Change.at)
        .join(Listing, Listing.record_id == Record.id)
        .join(Change, Change.seq == Listing.change)
        .where(Listing.scope == scope)
        .options(defer(Record.draft))
    )


def _first(session: Session, moment: datetime) -> int:
    """The first change at a moment or later, found by halving: changes have no gap."""

    def at(seq: int) -> datetime:
        found = session.scalar(select(Change.at).where(Change.seq == seq))
        assert found is not None
        return found

    return bisect_left(range(1, head(session) + 1), moment, key=at) + 1


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:  # at the beginning or the end of all dates
        return moment


def _item(
    records: Records, wanted: Selection, record: Record, change: int, gone: bool, at: datetime
) -> Item | None:
    """A row as an item; None if it may not be told, cannot be read or is being changed."""
    shape = records.shape(record.kind)
    found = spared(record, lambda: scopes_of(shape, record))
    if found is None:
        return None
    scopes = found.names
    if not gone:
        return Item(record, change, at, gone, scopes) if record.state == PUBLISHED else None
    if record.state != PUBLISHED:
        left = scopes
    elif wanted.set is not None and wanted.set.scope not in scopes:
        left = frozenset()
    else:  # it is back, or was damaged and is no longer: the listing follows
        return None
    if wanted.set is None:
        return Item(record, change, at, gone, left)
    return Item(record, change, at, gone, left | {wanted.set.scope})


# sets -------------------------------------------------------------------------------


def sets_after(session: Session, scope: str, most: int) -> Sequence[Set]:
    """The next sets after a scope, at most so many: those that list something."""
    rows = session.execute(
        _sets()
        .join(Tally, Tally.scope == Record.iri)
        .where(Tally.number > 0, Tally.scope > scope)
        .order_by(Tally.scope)
        .limit(most)
    )
    return [Set(*row) for row in rows]


def set_of(session: Session, spec: str) -> Set | None:
    """The set of a ``setSpec``; None if there is no such record."""
    name, _, key = spec.partition(":")
    kinds = {said: kind for kind, said in SETS.items()}
    found = session.execute(
        _sets().where(Record.kind == kinds.get(name, ""), Record.key == key)
    ).one_or_none()
    return Set(*found) if found else None


def specs(session: Session, scopes: Collection[str]) -> dict[str, str]:
    """How the sets of some scopes are named."""
    found = (
        Set(*row) for row in session.execute(_sets().where(Record.iri.in_(set(map(str, scopes)))))
    )
    return {one.scope: one.spec for one in found}


def _sets() -> Select[str, str, str, str]:
    return select(Record.iri, Record.kind, Record.key, Record.title).where(
        Record.kind.in_(tuple(SETS)), Record.state == PUBLISHED
    )
