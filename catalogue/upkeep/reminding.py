"""Reminders of yearly checks: one when it is due, then one a month, bundled for each person.

Mails and the note that a stage was sent are one transaction: a worker that is killed has done
all of a batch or nothing, so no stage goes out twice and none is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.accounts.caretakers import caretakers
from catalogue.accounts.letters import Letters, post
from catalogue.accounts.models import User
from catalogue.database import Database
from catalogue.profile.dates import months_later
from catalogue.records.models import Record
from catalogue.tending import Stopping
from catalogue.upkeep.checks import LOOKED_AFTER, OVERDUE, Checks
from catalogue.upkeep.confirming import MOST_LINKED, Confirming
from catalogue.upkeep.models import Reminder, Upkeep

#: What comes due so soon is told in the same mail.
_AHEAD = timedelta(days=7)
_BATCH = 200
#: How many titles a mail names.
_MOST_NAMED = 20


class Reminding:
    """Writes the mails."""

    def __init__(
        self, database: Database, checks: Checks, confirming: Confirming, letters: Letters
    ) -> None:
        self._database, self._checks = database, checks
        self._confirming, self._letters = confirming, letters

    def tend(self, stopping: Stopping = lambda: False) -> int:
        """Write to everybody who is to be reminded; returns how many mails there are."""
        written = 0
        while not stopping():
            with self._database.read() as session:
                now = self._checks.now()
                first = session.scalar(
                    select(Upkeep.record_id).where(Upkeep.next_reminder <= now).limit(1)
                )
            if first is None:
                return written
            with self._database.write() as session:
                written += self._batch(session)
        return written

    def _batch(self, session: Session) -> int:
        """One transaction: the records that are to be told of, and all mails about them."""
        now = self._checks.now()
        rows = session.scalars(
            select(Upkeep)
            .where(Upkeep.next_reminder <= now)
            .order_by(Upkeep.next_reminder, Upkeep.record_id)
            .limit(_BATCH)
        ).all()
        told = self._looked_after(session, [row.record_id for row in rows])
        # What the same people will be asked soon goes into the same mail.
        holders = {record.organisation for record in told.values()}
        soon = session.scalars(
            select(Upkeep)
            .join(Record, Record.id == Upkeep.record_id)
            .where(
                Upkeep.next_reminder > now,
                Upkeep.next_reminder <= now + _AHEAD,
                Record.organisation.in_(holders),
            )
            .limit(_BATCH)
        ).all()
        told = {**told, **self._looked_after(session, [row.record_id for row in soon])}
        by_person: dict[int, list[Upkeep]] = {}
        people = caretakers(session, holders)
        for row in (*rows, *soon):
            record = told.get(row.record_id)
            named = people.get(record.organisation or 0, ()) if record else ()
            for person in named:
                by_person.setdefault(person.id, []).append(row)
            self._note(session, row, len(named))
        everybody = {person.id: person for several in people.values() for person in several}
        mails = 0
        for number, due in by_person.items():
            for start in range(0, len(due), MOST_LINKED):
                self._write(session, everybody[number], due[start : start + MOST_LINKED], told)
                mails += 1
        return mails

    def _note(self, session: Session, row: Upkeep, people: int) -> None:
        """Write down that a stage was told, to however many; stages that were missed are over."""
        now = self._checks.now()
        until, stage = now + _AHEAD, 0
        while (
            stage + 1 < self._checks.reminders
            and months_later(row.counted_from, self._checks.months + stage + 1) <= until
        ):
            stage += 1
        if not people:
            # Nobody looks after it here just now; it is looked at again in a month.
            row.next_reminder = months_later(now, 1)
            return
        key = (row.record_id, row.counted_from)
        done = session.scalars(
            select(Reminder.stage).where(Reminder.record_id == key[0], Reminder.cycle == key[1])
        ).all()
        for one in range(stage + 1):
            if one not in done:
                session.add(
                    Reminder(
                        record_id=key[0],
                        cycle=key[1],
                        stage=one,
                        people=people if one == stage else 0,
                        at=now,
                    )
                )
        row.next_reminder = self._checks.next_reminder(row.counted_from, max(stage + 1, len(done)))
        session.flush()

    @staticmethod
    def _looked_after(session: Session, records: Sequence[int]) -> Mapping[int, Record]:
        found = session.scalars(select(Record).where(Record.id.in_(records), LOOKED_AFTER))
        return {record.id: record for record in found}

    def _write(
        self,
        session: Session,
        person: User,
        due: Sequence[Upkeep],
        records: Mapping[int, Record],
    ) -> None:
        link = self._confirming.link(person, [row.record_id for row in due])
        titles = [
            records[row.record_id].title or records[row.record_id].slug for row in due[:_MOST_NAMED]
        ]
        overdue = sum(self._checks.standing(row).state == OVERDUE for row in due)
        letter = self._letters.reminder(titles, link, overdue, len(due) - len(titles))
        post(session, person.email, letter)
