"""What numbers count, as words beside them: *1 person*, *2 people*, *1 year*."""

from __future__ import annotations

from collections.abc import Mapping

#: What is counted, as the tables name it, and how one of it is called.
ONE: Mapping[str, str] = {
    "people": "person",
    "years": "year",
    "months": "month",
    "items": "item",
    "datasets": "dataset",
}


def beside(number: float, unit: str) -> str:
    """The unit as it stands after a number."""
    return ONE.get(unit, unit) if number == 1 else unit
