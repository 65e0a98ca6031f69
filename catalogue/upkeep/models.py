"""The tables of upkeep.  Nothing here tells who looked or who searched: only how many."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Moment, Serial


class Upkeep(Base):
    """When a published dataset was last confirmed; kept by the ``upkeep`` follower.

    ``counted_from`` is where the year begins: the last confirmation, else the first publication.
    ``next_reminder`` is when its people are written to again; empty if they never are.
    """

    __tablename__ = "upkeep"
    __table_args__ = (
        Index("upkeep_by_start", "counted_from"),
        Index("upkeep_by_reminder", "next_reminder"),
        Index("upkeep_by_confirmation", "confirmed"),
    )

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    confirmed: Mapped[datetime | None] = mapped_column(Moment)
    counted_from: Mapped[datetime] = mapped_column(Moment)
    next_reminder: Mapped[datetime | None] = mapped_column(Moment)


class Confirmation(Base):
    """Somebody said that a section is still correct; an empty ``section`` is all of them."""

    __tablename__ = "confirmation"
    __table_args__ = (Index("confirmation_by_record", "record_id", "at"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    section: Mapped[str] = mapped_column(String(80))
    revision: Mapped[int]
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)


class Reminder(Base):
    """One stage of reminding of one record: written with the mails, so that none goes twice.

    ``cycle`` is the ``counted_from`` of the year it belongs to.
    """

    __tablename__ = "reminder"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    cycle: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True)
    people: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)


class DayOfViews(Base):
    """How often the page of a dataset, and shortlists with it, were opened on a day, ``YYYY-MM-DD``."""

    __tablename__ = "dataset_view"
    __table_args__ = (Index("dataset_view_by_day", "day"),)

    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    views: Mapped[int]
    shortlists: Mapped[int] = mapped_column(default=0, server_default="0")


class Demand(Base):
    """One search or question of a month, ``YYYY-MM``.

    ``address`` is empty until enough people asked: words may tell who somebody is.
    ``people`` is a sketch: one of 60 bits is set for each who asked, by a keyed hash of the
    month, so that bits count people from below and none of them can be told from it.
    ``found`` is how many datasets answered the last time.
    """

    __tablename__ = "demand"
    __table_args__ = (Index("demand_by_month", "month", "times"),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    address: Mapped[str] = mapped_column(Text)
    people: Mapped[int] = mapped_column(BigInteger)
    times: Mapped[int]
    found: Mapped[int]


class NearMiss(Base):
    """A dataset missed by a search or question by one criterion alone.

    ``stated`` tells whether the dataset says something else, or nothing at all.
    """

    __tablename__ = "near_miss"
    __table_args__ = (Index("near_miss_by_digest", "month", "digest"),)

    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    field: Mapped[str] = mapped_column(String(64))
    asked: Mapped[str] = mapped_column(String(500))
    stated: Mapped[bool]
