"""The ``answers`` follower: what is published answers who asked, by whatever way it came.

A question is closed and its mails are written in the transaction that moves the follower on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalogue.accounts.letters import Letter, Letters, post
from catalogue.changes import public_revisions
from catalogue.outcomes.owners import letters as mails
from catalogue.outcomes.owners.models import REASON, VALUE, WITHDRAWN, OwnerQuestion
from catalogue.outcomes.owners.owners import Owners
from catalogue.outcomes.saying import Saying
from catalogue.profile import Document
from catalogue.records.damage import spared
from catalogue.records.models import WITHDRAWN as GONE
from catalogue.records.models import Record
from catalogue.records.naming import title_of
from catalogue.records.records import Records
from catalogue.records.visibility import public


class AnswerFollower:
    """Closes the questions that records answer, and writes to those who asked."""

    name = "answers"
    #: The questions are kept whatever is built anew, so nothing follows from the tables.
    version = "1"
    applied = None

    def __init__(self, records: Records, owners: Owners, saying: Saying, letters: Letters) -> None:
        self._records = records
        self._owners = owners
        self._saying = saying
        self._letters = letters

    def beside(self) -> None:
        """Nothing is built: questions are what people wrote."""

    def clear(self, session: Session) -> None:
        """Nothing is cleared: questions are what people wrote."""

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Close what these records answer; a question closed once stays so."""
        numbers = {record.id: record for record in records}
        waiting = session.scalars(
            select(OwnerQuestion)
            .options(joinedload(OwnerQuestion.user))
            .where(OwnerQuestion.record_id.in_(list(numbers)), OwnerQuestion.closed.is_(None))
            .order_by(OwnerQuestion.id)
        ).all()
        by_record: dict[int, list[OwnerQuestion]] = {}
        for one in waiting:
            by_record.setdefault(one.record_id, []).append(one)
        for number, asked in by_record.items():
            self._apply(session, numbers[number], asked)

    def _apply(self, session: Session, record: Record, asked: Sequence[OwnerQuestion]) -> None:
        if record.state == GONE:
            self._withdrawn(session, record, asked)
            return
        shape = self._records.shape(record.kind)
        document = spared(record, partial(public, shape, record))
        if document is None:
            return
        revision, _ = public_revisions(session, [record.id]).get(record.id, (None, None))
        answers: dict[int, list[mails.Answer]] = {}
        for one in asked:
            answer = spared(record, partial(self._answer, session, document, one))
            if answer is not None:
                _close(one, answer.outcome, revision)
                answers.setdefault(one.user_id, []).append(answer)
        title = title_of(shape, document) or record.slug
        for user, told in answers.items():
            letter = mails.answered(self._letters, title, told, f"datasets/{record.slug}")
            self._post(session, user, asked, letter)

    def _answer(
        self, session: Session, document: Document, one: OwnerQuestion
    ) -> mails.Answer | None:
        """What a record says to a question; None if it still says nothing."""
        place = self._owners.place_of(one)
        if place is None:
            return None
        stated = self._owners.places.stated(place, document)
        label = self._owners.label(place)
        if not stated.anything or stated.digest == one.before:
            return None
        if stated.values:
            said = self._saying.said(session, place.asked, stated.values)
            return mails.Answer(label, VALUE, said)
        reason = self._records.profile.vocabularies.label(stated.reason)
        return mails.Answer(label, REASON, reason.lower())

    def _withdrawn(self, session: Session, record: Record, asked: Sequence[OwnerQuestion]) -> None:
        labels: dict[int, list[str]] = {}
        for one in asked:
            place = self._owners.place_of(one)
            labels.setdefault(one.user_id, []).append(
                self._owners.label(place) if place else one.field
            )
            _close(one, WITHDRAWN, None)
        for user, told in labels.items():
            self._post(session, user, asked, mails.withdrawn(self._letters, record.slug, told))

    @staticmethod
    def _post(session: Session, user: int, asked: Sequence[OwnerQuestion], letter: Letter) -> None:
        person = next(one.user for one in asked if one.user_id == user)
        if person.active:
            post(session, person.email, letter)


def _close(one: OwnerQuestion, outcome: str, revision: int | None) -> None:
    one.closed, one.outcome, one.revision = datetime.now(UTC), outcome, revision
