"""Enquiries: somebody asks the holders of several datasets at once, by one letter.

It goes by mail to those who look after the descriptions here.  Who they are is not told to
who asks: a record may withhold its holder.  Each of them reads of their own datasets only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue.accounts import audit
from catalogue.accounts.caretakers import MOST_TOLD, caretakers
from catalogue.accounts.letters import Letter, Letters, post
from catalogue.accounts.models import User
from catalogue.database import Base, Moment, Serial
from catalogue.errors import BadRequest, Conflict, Invalid, NotFound, Problem
from catalogue.outcomes.asking import Asking
from catalogue.outcomes.received import full, receive
from catalogue.records.models import PUBLISHED, Record

#: The most datasets of one enquiry, and the longest that is written in it.
MOST_ASKED, LONGEST_PURPOSE, LONGEST_TEXT = 20, 200, 4_000
_DEMONSTRATION = "demonstration"


class Enquiry(Base):
    """What somebody wrote; it goes with the account.  ``once`` keeps it from being sent twice."""

    __tablename__ = "enquiry"
    __table_args__ = (UniqueConstraint("user_id", "once"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    once: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(String(LONGEST_PURPOSE))
    text: Mapped[str] = mapped_column(Text)
    asked: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class EnquiryRecipient(Base):
    """One dataset an enquiry asked about, and the organisation that looked after it then."""

    __tablename__ = "enquiry_recipient"
    __table_args__ = (
        Index("enquiry_recipient_by_record", "record_id"),
        Index("enquiry_recipient_by_organisation", "organisation_id"),
    )

    enquiry_id: Mapped[int] = mapped_column(
        ForeignKey("enquiry.id", ondelete="CASCADE"), primary_key=True
    )
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL")
    )


@dataclass(frozen=True)
class Reach:
    """A dataset and the people an enquiry about it goes to; ``why`` says why to nobody.

    ``until`` is when they can have more, where they had as many as they get in a day.
    """

    record: Record
    people: Sequence[User] = ()
    why: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Written:
    """What somebody writes: what for, what they need, and the address of their question."""

    purpose: str
    text: str
    asked: str = ""


class Enquiries:
    """Sends enquiries and tells who sent them what was sent."""

    def __init__(self, letters: Letters, asking: Asking) -> None:
        self._letters, self._asking = letters, asking

    def reach(self, session: Session, records: Sequence[Record], user: User) -> list[Reach]:
        """Whom an enquiry about some datasets would go to; nobody writes to themselves."""
        people = caretakers(session, (one.organisation for one in records))
        reached = [self._reach(one, people.get(one.organisation or 0, ()), user) for one in records]
        until = full(session, _organisations(reached), datetime.now(UTC))
        return [
            Reach(one.record, why="It was asked about often today.", until=until[organisation])
            if one.people and (organisation := one.record.organisation or 0) in until
            else one
            for one in reached
        ]

    @staticmethod
    def _reach(record: Record, people: Sequence[User], user: User) -> Reach:
        if record.state != PUBLISHED:
            return Reach(record, why="It was withdrawn.")
        if (record.document or {}).get(_DEMONSTRATION) is True:
            return Reach(
                record,
                why="It is a demonstration: its holder has not registered it and reads nothing here.",
            )
        others = [one for one in people if one.id != user.id][:MOST_TOLD]
        if others:
            return Reach(record, others)
        if people:
            return Reach(record, why="Nobody but you looks after it here.")
        return Reach(record, why="Nobody looks after it here.")

    def check(self, written: Written) -> Written:
        """What was written, tidied; raises :class:`Invalid` with all that is wrong with it."""
        purpose = " ".join(written.purpose.replace("\0", "").split())
        text = written.text.replace("\r\n", "\n").replace("\0", "").strip()
        problems = []
        if not purpose:
            problems.append(Problem(("purpose",), "Say in one line what the data are for."))
        elif len(purpose) > LONGEST_PURPOSE:
            problems.append(
                Problem(("purpose",), f"Say it in at most {LONGEST_PURPOSE} characters.")
            )
        if not text:
            problems.append(Problem(("text",), "Say what you need, so that they can answer."))
        elif len(text) > LONGEST_TEXT:
            problems.append(Problem(("text",), f"Say it in at most {LONGEST_TEXT:,} characters."))
        asked = ""
        if written.asked.strip():
            try:
                asked = self._asking.read(written.asked.strip()).address
            except BadRequest as error:
                problems.append(Problem(("asked",), f"This question cannot be read: {error}"))
        if problems:
            raise Invalid(problems)
        return Written(purpose, text, asked)

    def letter(self, user: User, written: Written, about: Sequence[tuple[str, str]]) -> Letter:
        """The mail about some datasets (title, path)."""
        return self._letters.enquiry(
            (user.name, user.email),
            written.purpose,
            written.text,
            about,
            written.asked.lstrip("/"),
        )

    def send(
        self,
        session: Session,
        user: User,
        written: Written,
        reached: Sequence[Reach],
        names: Mapping[int, tuple[str, str]],
        once: str,
    ) -> Enquiry:
        """Send an enquiry to everybody it reaches, each about their own datasets only.

        ``names`` gives title and path of each record.  The same one sent again (``once``) is
        the one that was sent.  Raises :class:`Conflict` if it reaches nobody, and
        :class:`TooOften` if an organisation had as many as it gets in a day.
        """
        # The same pressed twice waits for the first, which it then finds.
        session.execute(select(User.id).where(User.id == user.id).with_for_update())
        before = session.scalar(
            select(Enquiry).where(Enquiry.user_id == user.id, Enquiry.once == once[:32])
        )
        if before is not None:
            return before
        reached = [one for one in reached if one.people]
        if not reached:
            raise Conflict("There is nobody here to send this to.")
        now = datetime.now(UTC)
        receive(session, _organisations(reached), now)
        enquiry = Enquiry(
            user_id=user.id,
            once=once[:32],
            purpose=written.purpose,
            text=written.text,
            asked=written.asked,
            at=now,
        )
        session.add(enquiry)
        session.flush()
        theirs: dict[str, list[tuple[str, str]]] = {}
        for one in reached:
            session.add(
                EnquiryRecipient(
                    enquiry_id=enquiry.id,
                    record_id=one.record.id,
                    organisation_id=one.record.organisation,
                )
            )
            for person in one.people:
                theirs.setdefault(person.email, []).append(names[one.record.id])
        for email, about in theirs.items():
            post(session, email, self.letter(user, written, about))
        audit.write(session, "enquiry-sent", user, f"enquiry:{enquiry.id}", datasets=len(reached))
        return enquiry

    @staticmethod
    def get(session: Session, user: int, number: int) -> tuple[Enquiry, Sequence[Record]]:
        """An enquiry that somebody sent, and what it was about; raises :class:`NotFound`."""
        found = session.get(Enquiry, number)
        if found is None or found.user_id != user:
            raise NotFound("You sent no such enquiry.")
        about = session.scalars(
            select(Record)
            .join(EnquiryRecipient, EnquiryRecipient.record_id == Record.id)
            .where(EnquiryRecipient.enquiry_id == number)
            .order_by(Record.id)
        ).all()
        return found, about

    @staticmethod
    def of(session: Session, user: int, most: int = 100) -> Sequence[Enquiry]:
        """What somebody sent, the newest first."""
        return session.scalars(
            select(Enquiry).where(Enquiry.user_id == user).order_by(Enquiry.id.desc()).limit(most)
        ).all()


def _organisations(reached: Sequence[Reach]) -> set[int]:
    """Those who look after what is reached."""
    return {one.record.organisation for one in reached if one.people and one.record.organisation}
