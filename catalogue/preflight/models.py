"""The tables of the pre-flight: what was found in each record, and the reports made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Json, Moment


class Assessment(Base):
    """What was found in a record as the world saw it since one ``change`` of the log.

    ``version`` is that of the program, its tables and vocabularies; another one finds other
    things.  What depends on other records is not kept here, but looked up for each report.
    """

    __tablename__ = "assessment"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    change: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]] = mapped_column(Json)


class Report(Base):
    """The report of one scope: asked for by a page, made by a worker.

    ``state`` is the change of the log it was made for.  ``holder`` is the worker that makes it
    anew just now, and holds it until ``lease`` unless it says more meanwhile; ``done`` of
    ``total`` records it has read.
    """

    __tablename__ = "report"

    scope: Mapped[str] = mapped_column(String(2000), primary_key=True)
    asked: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[str] = mapped_column(String(64), default="")
    made: Mapped[datetime | None] = mapped_column(Moment)
    took: Mapped[float] = mapped_column(Float, default=0.0)
    content: Mapped[dict[str, Any] | None] = mapped_column(Json)
    holder: Mapped[str] = mapped_column(String(64), default="")
    lease: Mapped[datetime | None] = mapped_column(Moment)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    error: Mapped[str] = mapped_column(Text, default="")
