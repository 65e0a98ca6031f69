"""A dictionary that was read and waits for somebody to take it in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Json, Moment


class WaitingDictionary(Base):
    """What was read from a file for a record: descriptions of variables, never rows of data.

    A record has one at most; another upload takes its place.
    """

    __tablename__ = "waiting_dictionary"

    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    author: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Moment)
