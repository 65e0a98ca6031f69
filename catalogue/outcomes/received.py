"""How many enquiries an organisation gets in a day, whoever sends them: no inbox is flooded.

The limits of a person do not help against many accounts.  What is counted says nothing of who
wrote, so it outlives the accounts, and it is forgotten after a day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue.accounts.models import Organisation
from catalogue.database import Base, Moment, Serial
from catalogue.errors import TooOften

#: The most enquiries that one organisation gets in a day.
MOST_A_DAY, _DAY = 20, timedelta(days=1)


class EnquiryReceived(Base):
    """That an organisation was sent an enquiry."""

    __tablename__ = "enquiry_received"
    __table_args__ = (Index("enquiry_received_by_organisation", "organisation_id", "at"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Moment)


def full(session: Session, organisations: Collection[int], now: datetime) -> Mapping[int, datetime]:
    """Those of some organisations that had their enquiries of a day, and until when."""
    found = {}
    for one in sorted(organisations):
        mine = select(EnquiryReceived.at).where(
            EnquiryReceived.organisation_id == one, EnquiryReceived.at > now - _DAY
        )
        last = mine.order_by(EnquiryReceived.at.desc()).offset(MOST_A_DAY - 1).limit(1)
        if (at := session.scalar(last)) is not None:
            found[one] = at + _DAY
    return found


def receive(session: Session, organisations: Collection[int], now: datetime) -> None:
    """Count an enquiry to some organisations; raises :class:`TooOften` if one had enough."""
    rows = select(Organisation.id).where(Organisation.id.in_(organisations))
    # Who sends at the same time waits, so that both are counted.
    session.execute(rows.order_by(Organisation.id).with_for_update())
    if until := full(session, organisations, now):
        raise too_many(min(until.values()))
    for one in sorted(organisations):
        over = EnquiryReceived.organisation_id == one, EnquiryReceived.at <= now - _DAY
        session.execute(delete(EnquiryReceived).where(*over))
        session.add(EnquiryReceived(organisation_id=one, at=now))


def too_many(until: datetime) -> TooOften:
    """That who looks after some datasets had enough enquiries, and when they can have more."""
    return TooOften(
        "Those who look after these datasets had as many enquiries as they get in a day.",
        (until - datetime.now(UTC)).total_seconds(),
        ", or write to the contact that the description names",
    )
