"""The tables of fingerprints: what is kept of each dataset, and the sums over the network."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Json, Moment


class Kept(Base):
    """The fingerprints of one dataset: rounded and safe, never the file.

    ``draft`` was uploaded and waits for its release; ``after`` names the release it was held
    against.  ``released`` is what the world sees while ``shown``; one that was taken back stays
    here, for the next release must not tell who came between.
    """

    __tablename__ = "fingerprint"

    record_id: Mapped[int] = mapped_column(
        ForeignKey("record.id", ondelete="CASCADE"), primary_key=True
    )
    draft: Mapped[dict[str, Any] | None] = mapped_column(Json)
    drafted: Mapped[datetime | None] = mapped_column(Moment)
    drafted_by: Mapped[str] = mapped_column(String(200), default="")
    after: Mapped[str] = mapped_column(String(64), default="")
    released: Mapped[dict[str, Any] | None] = mapped_column(Json)
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    released_by: Mapped[str] = mapped_column(String(200), default="")
    shown: Mapped[bool] = mapped_column(default=False)

    @property
    def release(self) -> str:
        """Names the release that stands, or stood last; empty before the first."""
        return self.released_at.isoformat() if self.released_at else ""


class Share(Base):
    """One number of one dataset as far as it is in the sums; kept by the ``network`` follower."""

    __tablename__ = "fingerprint_share"

    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    part: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    number: Mapped[int] = mapped_column(BigInteger)


class Sum(Base):
    """One number over all datasets: the sum, and of how many datasets it is."""

    __tablename__ = "fingerprint_sum"
    __table_args__ = (Index("fingerprint_sum_by_databases", "part", "databases"),)

    part: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    number: Mapped[int] = mapped_column(BigInteger)
    databases: Mapped[int] = mapped_column(BigInteger)
