"""The table of what people want to know of owners."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.accounts.models import User
from catalogue.database import Base, Moment, Serial
from catalogue.records.models import Record

#: The longest note beside a question.
LONGEST_NOTE = 500
#: How a question came to its end: by a value, by a reason for having none, by a withdrawal.
VALUE, REASON, WITHDRAWN = "value", "reason", "withdrawn"


class OwnerQuestion(Base):
    """Somebody wants to know what a record does not state.

    ``field`` is a property, or one of a part (``studied_condition.persons``); ``about`` then
    says of which subjects, by their codes, or nothing for any.  ``asked`` is the address of
    the question that led to it, ``before`` the digest of what was stated.  ``told`` is when
    the owner had a mail of it.  ``outcome`` and the public ``revision`` tell how it was closed.
    A question that is asked again opens its row again.
    """

    __tablename__ = "owner_question"
    __table_args__ = (
        UniqueConstraint("user_id", "record_id", "field", "about"),
        Index("owner_question_by_record", "record_id", "closed"),
        Index("owner_question_untold", "closed", "told"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    field: Mapped[str] = mapped_column(String(140))
    about: Mapped[str] = mapped_column(String(2000), default="")
    asked: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    named: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Moment)
    before: Mapped[str] = mapped_column(String(64), default="")
    told: Mapped[datetime | None] = mapped_column(Moment)
    closed: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(String(16), default="")
    revision: Mapped[int | None]
    user: Mapped[User] = relationship()
    record: Mapped[Record] = relationship()
