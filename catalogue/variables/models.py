"""The table of variables, kept by the ``variables`` follower."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Json

#: The variables of one record have the numbers from ``record × SPAN`` on, in their order; so a
#: record's variables lie side by side, and the number of a hit tells whose it is.
SPAN = 100_000


class VariableRow(Base):
    """One variable of a published dataset.

    ``said`` is what the world may see of it: the part of the document as it stands there, with
    ``table``, the title of its table.
    """

    __tablename__ = "variable"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(500))
    said: Mapped[dict[str, Any]] = mapped_column(Json)

    @classmethod
    def of(cls, record: int) -> ColumnElement[bool]:
        """Whether a row is of a record, by the record's number."""
        return cls.id.between(record * SPAN, (record + 1) * SPAN - 1)


def record_of(variable: int) -> int:
    """The number of the record that a variable belongs to."""
    return variable // SPAN
