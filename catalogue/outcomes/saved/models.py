"""The tables of saved searches and questions, and of the digests made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Json, Moment, Serial
from catalogue.outcomes.asking import QUESTION

LONGEST_TITLE = 200


class Saved(Base):
    """A search or question that somebody follows.

    ``address`` asks it again.  ``listed`` is what answered it when it was last told: a list
    of ``[record, revision]`` or ``[record, revision, fit]``, in the order of the answers;
    ``position`` the change of the log up to which that holds.  ``due`` is when it is looked
    at next; ``holder`` and ``lease`` say which worker does so just now.  ``secret`` is part of
    the address of its feed.  ``fault`` says why it cannot be asked any longer.  A deleted one
    can be taken back for a day.
    """

    __tablename__ = "saved"
    __table_args__ = (
        Index("saved_by_user", "user_id"),
        Index("saved_due", "due"),
        {"sqlite_autoincrement": True},  # a link in an old mail must never fit a later one
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    address: Mapped[str] = mapped_column(Text)
    often: Mapped[str] = mapped_column(String(16))
    secret: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[datetime] = mapped_column(Moment)
    paused: Mapped[datetime | None] = mapped_column(Moment)
    deleted: Mapped[datetime | None] = mapped_column(Moment)
    listed: Mapped[list[list[Any]]] = mapped_column(Json, deferred=True)
    number: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    looked: Mapped[datetime] = mapped_column(Moment)
    told: Mapped[datetime] = mapped_column(Moment)
    due: Mapped[datetime] = mapped_column(Moment)
    holder: Mapped[str] = mapped_column(String(64), default="")
    lease: Mapped[datetime | None] = mapped_column(Moment)
    fault: Mapped[str] = mapped_column(Text, default="")

    @property
    def asks_question(self) -> bool:
        """Whether it is a question rather than a search."""
        return self.address.startswith(QUESTION)


class Digest(Base):
    """What changed among the answers of something saved, since it was told the last time.

    ``items`` holds ``[what, record, revision then, revision now, fit then, fit now]``; the
    words are made when it is read, of what the world may see then.
    """

    __tablename__ = "saved_digest"
    __table_args__ = (
        Index("saved_digest_by_saved", "saved_id", "id"),
        {"sqlite_autoincrement": True},  # feeds name entries by the number
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    saved_id: Mapped[int] = mapped_column(ForeignKey("saved.id", ondelete="CASCADE"))
    since: Mapped[datetime] = mapped_column(Moment)
    at: Mapped[datetime] = mapped_column(Moment)
    items: Mapped[list[list[Any]]] = mapped_column(Json)
