"""Dates of any precision: a year, a month, a day or a moment.

The lexical form says the precision, and so the datatype: xsd:gYear, xsd:gYearMonth,
xsd:date or xsd:dateTime, the four that DCAT-AP allows (DCAT-AP 3.0.1, usage notes of
dct:issued).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time

from catalogue.terms import XSD

_FORMS = {
    "gYear": re.compile(r"\d{4}\Z"),
    "gYearMonth": re.compile(r"\d{4}-\d{2}\Z"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}\Z"),
    "dateTime": re.compile(
        r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?\Z"
    ),
}
#: What a table may ask for, by the word it uses.
PRECISIONS = {"": tuple(_FORMS), "day": ("date",), "instant": ("dateTime",)}
_DURATION = re.compile(r"-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?\Z")


def datatype_of(value: str) -> str:
    """The XSD datatype IRI of a date by its form."""
    return next((XSD + name for name, form in _FORMS.items() if form.match(value)), "")


def fault_of_date(value: str, precision: str = "") -> str:
    """What is wrong with a date; empty if nothing is."""
    names = [name for name in PRECISIONS[precision] if _FORMS[name].match(value)]
    if not names:
        example = {"day": "2024-06-30", "instant": "2024-06-30T12:00:00Z"}.get(precision)
        return f"is not a date such as {example or '2024, 2024-06 or 2024-06-30'}"
    try:
        if names[0] == "dateTime":
            datetime.fromisoformat(value)
        else:
            date.fromisoformat((value + "-01-01")[:10])
    except ValueError as error:
        return f"is not a date in the calendar ({error})"
    return ""


def fault_of_duration(value: str) -> str:
    """What is wrong with an ISO 8601 duration; empty if nothing is."""
    return "" if _DURATION.match(value) else "is not a duration such as P1D or P1Y6M"


def instant(moment: datetime) -> str:
    """A moment in whole seconds of UTC: ``2024-06-30T12:00:00Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def months_later(moment: datetime, months: int) -> datetime:
    """The same day some months later (or earlier), or the last of a shorter month."""
    month = moment.month - 1 + months
    year, month = moment.year + month // 12, month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def start_of(value: str) -> datetime:
    """The first moment of a year, month or day, or the moment itself; in UTC if it says no zone.

    Raises :class:`ValueError` with words if it is no date.
    """
    if fault := fault_of_date(value):
        raise ValueError(f"“{value}” {fault}")
    moment = datetime.fromisoformat(value if "T" in value else (value + "-01-01")[:10])
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"“{value}” is outside the calendar") from None


def end_of(value: str) -> datetime:
    """The last moment of a year, month or day, or the moment itself; in UTC if it says no zone.

    Raises :class:`ValueError` with words if it is no date.
    """
    if fault := fault_of_date(value):
        raise ValueError(f"“{value}” {fault}")
    if "T" in value:
        return start_of(value)
    year, month, day = (int(part) for part in (value + "-12-31"[len(value) - 4 :]).split("-"))
    if len(value) < len("2024-06-30"):
        day = monthrange(year, month)[1]
    return datetime.combine(date(year, month, day), time.max, UTC)
