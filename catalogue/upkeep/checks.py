"""The yearly check: which published datasets were confirmed, which are due, which overdue.

A check is due some months after the last confirmation, or after the first publication where
there was none, and overdue some days later.  Demonstrations are not checked, and what is
harvested is checked where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, select, true
from sqlalchemy.orm import Session, defer

from catalogue.accounts.models import Organisation
from catalogue.harvest.models import Item
from catalogue.profile import Profile
from catalogue.profile.dates import months_later, start_of
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.records import CONFIRMED
from catalogue.upkeep.models import Reminder, Upkeep

CURRENT, DUE, OVERDUE = "current", "due", "overdue"
#: What the coordinator's list is narrowed by.
LISTS = (OVERDUE, DUE, "never", CURRENT)
#: Longer lists are counted no further, so that nobody waits for a number.
MOST_COUNTED = 10_000
_KIND = "dataset"


@dataclass(frozen=True)
class Standing:
    """Where a dataset stands with its yearly check."""

    confirmed: datetime | None
    due: datetime
    overdue: datetime
    state: str


@dataclass(frozen=True)
class Check:
    """A dataset in a list of checks."""

    record: Record
    organisation: str
    key: str
    standing: Standing


class Checks:
    """Tells what is due.  ``months``, ``grace`` in days and ``reminders`` are settings."""

    def __init__(
        self,
        months: int,
        grace: int,
        reminders: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.months, self.reminders, self.now = months, reminders, clock
        self._grace = timedelta(days=grace)

    def standing(self, row: Upkeep) -> Standing:
        """Where a row stands today."""
        return self._standing(row.confirmed, row.counted_from)

    def _standing(self, confirmed: datetime | None, counted_from: datetime) -> Standing:
        due = months_later(counted_from, self.months)
        overdue, now = due + self._grace, self.now()
        state = OVERDUE if now >= overdue else DUE if now >= due else CURRENT
        return Standing(confirmed, due, overdue, state)

    def confirmed_on(self, standing: Standing, said: str) -> Standing:
        """Where a dataset stands that was confirmed after its row was read."""
        moment = self.moment_of(said)
        if standing.confirmed is not None and standing.confirmed >= moment:
            return standing
        return self._standing(moment, moment)

    def moment_of(self, said: str) -> datetime:
        """When something was confirmed; never later than now."""
        return min(start_of(said).astimezone(UTC), self.now())

    def standings(self, session: Session, records: Iterable[int]) -> Mapping[int, Standing]:
        """Where some records stand; those that nobody checks here are left out."""
        if not (numbers := list(records)):
            return {}
        found = session.scalars(_checked(select(Upkeep)).where(Upkeep.record_id.in_(numbers)))
        return {row.record_id: self.standing(row) for row in found}

    def condition(self, name: str) -> ColumnElement[bool]:
        """The checks of a list, one of :data:`LISTS`; all of them for the empty name."""
        now = self.now()
        due = months_later(now, -self.months)
        overdue = months_later(now - self._grace, -self.months)
        conditions: Mapping[str, ColumnElement[bool]] = {
            "": true(),
            OVERDUE: Upkeep.counted_from <= overdue,
            DUE: and_(Upkeep.counted_from <= due, Upkeep.counted_from > overdue),
            "never": Upkeep.confirmed.is_(None),
            CURRENT: Upkeep.counted_from > due,
        }
        return conditions[name]

    def counts(self, session: Session, *narrowed: ColumnElement[bool]) -> Mapping[str, int]:
        """How many checks each list holds, up to :data:`MOST_COUNTED`."""
        return {
            name: self._count(session, self.condition(name), *narrowed) for name in ("", *LISTS)
        }

    @staticmethod
    def _count(session: Session, *narrowed: ColumnElement[bool]) -> int:
        found = _checked(select(Upkeep.record_id)).where(*narrowed).limit(MOST_COUNTED)
        return session.scalar(select(func.count()).select_from(found.subquery())) or 0

    def listed(
        self,
        session: Session,
        name: str = "",
        *narrowed: ColumnElement[bool],
        skip: int = 0,
        most: int | None = 25,
    ) -> Iterator[Check]:
        """The checks of a list, the longest unconfirmed first."""
        query = (
            _checked(select(Upkeep, Record, Organisation.name, Organisation.key))
            .join(Organisation, Organisation.id == Record.organisation)
            .options(defer(Record.draft))
            .where(self.condition(name), *narrowed)
            .order_by(Upkeep.counted_from, Upkeep.record_id)
            .offset(skip)
            .limit(most)
            .execution_options(yield_per=200)
        )
        for row, record, organisation, key in session.execute(query):
            yield Check(record, organisation, key, self.standing(row))

    def next_reminder(self, counted_from: datetime, sent: int) -> datetime | None:
        """When the next of the mails about a year is due; None if all were sent."""
        if sent >= self.reminders:
            return None
        return months_later(counted_from, self.months + sent)


#: What somebody here looks after: not what follows a source.
LOOKED_AFTER = and_(
    Record.organisation.is_not(None),
    Record.state == PUBLISHED,
    ~exists().where(Item.record_id == Record.id, Item.owner.is_(True)),
)


def _checked(query: Any) -> Any:
    return query.join(Record, Record.id == Upkeep.record_id).where(LOOKED_AFTER)


class UpkeepFollower:
    """The ``upkeep`` follower: when each published dataset was confirmed."""

    name = "upkeep"
    applied = None

    def __init__(self, checks: Checks, profile: Profile) -> None:
        self._checks = checks
        #: Without a place for the day nothing could be confirmed, so nothing is asked.
        self._asks = CONFIRMED in profile.records[_KIND].properties
        self.version = f"1-{checks.months}-{checks.reminders}-{self._asks}"

    def beside(self) -> None:
        """A table is built anew in place, in one transaction a batch."""

    def clear(self, session: Session) -> None:
        """Forget every row; the reminders that were sent stand in another table."""
        session.execute(delete(Upkeep))

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Write the rows of these records anew."""
        numbers = [record.id for record in records]
        session.execute(delete(Upkeep).where(Upkeep.record_id.in_(numbers)))
        sent = {
            (record, cycle): number
            for record, cycle, number in session.execute(
                select(Reminder.record_id, Reminder.cycle, func.count())
                .where(Reminder.record_id.in_(numbers))
                .group_by(Reminder.record_id, Reminder.cycle)
            )
        }
        rows = []
        for record in records:
            if (found := spared(record, partial(self._read, record))) is None:
                continue
            confirmed, counted_from = found
            done = sent.get((record.id, counted_from), 0)
            rows.append(
                {
                    "record_id": record.id,
                    "confirmed": confirmed,
                    "counted_from": counted_from,
                    "next_reminder": self._checks.next_reminder(counted_from, done),
                }
            )
        if rows:
            session.execute(insert(Upkeep), rows)

    def _read(self, record: Record) -> tuple[datetime | None, datetime] | None:
        """When a dataset was confirmed, and where its year begins; None if it is not checked."""
        if not self._asks or record.kind != _KIND or record.state != PUBLISHED:
            return None
        if record.document is None:
            return None
        if record.document.get("demonstration") is True:
            return None
        said = record.document.get(CONFIRMED)
        confirmed = self._checks.moment_of(cast(str, said)) if said else None
        begun = record.issued or record.modified
        return confirmed, confirmed or begun
