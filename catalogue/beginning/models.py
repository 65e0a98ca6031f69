"""What was found elsewhere and waits to be begun with; which answers nobody has confirmed yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Moment

LONGEST_SOURCE = 300


class Tray(Base):
    """What somebody looked up to begin with: JSON, compressed; kept for a day."""

    __tablename__ = "tray"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    found: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class Prefilled(Base):
    """A field of a working copy that was filled in from elsewhere and not confirmed yet."""

    __tablename__ = "prefilled"

    record_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("record.id", ondelete="CASCADE"), primary_key=True
    )
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(String(LONGEST_SOURCE))
    at: Mapped[datetime] = mapped_column(Moment)
