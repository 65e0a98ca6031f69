"""What a source may be told, and whether what somebody says of one will do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.accounts.models import Organisation
from catalogue.errors import Invalid, Problem
from catalogue.harvest.models import HOLD, LOCAL, PROTOCOLS, PUBLISH, SCHEDULES, SOURCE
from catalogue.profile import Shape
from catalogue.records.models import Record
from catalogue.terms import fault_of_iri

#: What a source may be told, by the name it has here, in forms, JSON and the table.
SAYS = (
    "title",
    "address",
    "protocol",
    "options",
    "organisation",
    "listed_in",
    "schedule",
    "edits",
    "fields",
    "incomplete",
    "grace",
    "brake",
)
#: How many days something may be away, and how many percent may go unasked.
LONGEST_GRACE, _ALL = 365, 100


def checked(session: Session, shape: Shape, said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of a source of records of a shape, typed.

    Raises :class:`Invalid` with every problem.
    """
    read = _Reading(session, shape, said)
    values = read.values()
    if read.problems:
        raise Invalid(read.problems)
    return values


class _Reading:
    """Reads what was said word by word, and keeps what is wrong with it."""

    def __init__(self, session: Session, shape: Shape, said: Mapping[str, Any]) -> None:
        self._session, self._shape, self._said = session, shape, said
        self.problems: list[Problem] = []

    def values(self) -> dict[str, Any]:
        """Every value, or what stands for it where it is wrong or nothing was said."""
        for name in self._said:
            if name not in SAYS:
                self._wrong(str(name)[:64], f"is not known; there are {', '.join(SAYS)}")
        return {
            "title": self._title(),
            "address": self._address(),
            "protocol": self._one_of("protocol", tuple(PROTOCOLS), "auto"),
            "options": self._options(),
            "organisation": self._organisation(),
            "listed_in": self._listed_in(),
            "schedule": self._one_of("schedule", tuple(SCHEDULES), "manual"),
            "edits": self._one_of("edits", (LOCAL, SOURCE), LOCAL),
            "fields": self._fields(),
            "incomplete": self._one_of("incomplete", (HOLD, PUBLISH), HOLD),
            "grace": self._number("grace", 7, LONGEST_GRACE),
            "brake": self._number("brake", 20, _ALL),
        }

    def _wrong(self, name: str, message: str) -> None:
        self.problems.append(Problem((name,), message, rule="values"))

    def _one_of(self, name: str, known: Sequence[str], default: str) -> str:
        value = self._said.get(name) or default
        if value not in known:
            self._wrong(name, f"is none of {', '.join(known)}")
            return default
        return str(value)

    def _number(self, name: str, default: int, most: int) -> int:
        value = self._said.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self._wrong(name, f"is no whole number from 0 to {most}")
            return default
        return value

    def _title(self) -> str:
        title = str(self._said.get("title") or "").strip()
        if not title or len(title) > 200 or not title.isprintable():
            self._wrong("title", "Give it a name of at most 200 characters")
        return title

    def _address(self) -> str:
        address = str(self._said.get("address") or "").strip()
        if fault := fault_of_address(address):
            self._wrong("address", fault)
        return address

    def _fields(self) -> dict[str, Any]:
        fields = self._said.get("fields") or {}
        if not isinstance(fields, Mapping):
            self._wrong("fields", "is no object of fields with whose word counts")
            return {}
        for name, word in fields.items():
            if name not in self._shape.properties:
                self._wrong("fields", f'there is no field "{str(name)[:64]}"')
            if word not in (LOCAL, SOURCE):
                self._wrong("fields", f"{str(name)[:64]}: is neither {LOCAL} nor {SOURCE}")
        return dict(fields)

    def _options(self) -> dict[str, Any]:
        options = self._said.get("options") or {}
        if not isinstance(options, Mapping) or len(repr(options)) > 20_000:
            self._wrong("options", "is no object, or too long")
            return {}
        return dict(options)

    def _organisation(self) -> int | None:
        number = self._said.get("organisation")
        if number is None:
            return None
        if (
            isinstance(number, bool)
            or not isinstance(number, int)
            or self._session.get(Organisation, number) is None
        ):
            self._wrong("organisation", "There is no such organisation")
            return None
        return number

    def _listed_in(self) -> str:
        address = str(self._said.get("listed_in") or "")
        known = select(Record.id).where(Record.iri == address, Record.kind == "catalogue")
        if address and self._session.scalar(known) is None:
            self._wrong("listed_in", "There is no such catalogue")
        return address


def fault_of_address(address: str) -> str:
    """What is wrong with the address of a source; empty if nothing is."""
    if len(address) > 2000:
        return "is longer than 2000 characters"
    if fault := fault_of_iri(address):
        return fault
    try:
        parts = urlsplit(address)
    except ValueError:  # an IPv6 address that is none, letters that turn into a slash
        return "has no proper host name"
    if parts.scheme not in ("http", "https"):
        return "should begin with https:// or http://"
    if parts.username or parts.password:
        return "holds a name or password; these would be shown to everybody who sees the source"
    return ""
