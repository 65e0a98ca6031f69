"""What a harvester asks: one of six verbs with its arguments, each said once (section 3.1, 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalogue.errors import CatalogueError

TOKEN = "resumptionToken"  # noqa: S105 (the name of an argument)
_NAME = r"[A-Za-z0-9\-_.!~*'()]+"
#: How the values of arguments look (OAI-PMH.xsd); an identifier may be anything.
_FORMS = {
    "metadataPrefix": re.compile(rf"{_NAME}\Z"),
    "set": re.compile(rf"{_NAME}(?::{_NAME})*\Z"),
}
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


class Refusal(CatalogueError):
    """An error of the protocol: one of its codes (section 3.6) and what to do about it."""

    def __init__(self, code: str, said: str) -> None:
        self.code = code
        super().__init__(said)


@dataclass(frozen=True)
class Verb:
    """The arguments of a verb; a list that ``goes_on`` takes a token in place of all others."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    goes_on: bool = False


VERBS: Mapping[str, Verb] = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=("identifier",)),
    "ListSets": Verb(goes_on=True),
    "GetRecord": Verb(required=("identifier", "metadataPrefix")),
    "ListIdentifiers": Verb(("metadataPrefix",), ("from", "until", "set"), goes_on=True),
    "ListRecords": Verb(("metadataPrefix",), ("from", "until", "set"), goes_on=True),
}


@dataclass(frozen=True)
class Asked:
    """A request that is understood: its verb, and its arguments by name."""

    verb: str
    arguments: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.arguments.get(name, "")


def understood(said: Iterable[tuple[str, str]]) -> Asked:
    """The request in some parameters; raises :class:`Refusal`."""
    values: dict[str, list[str]] = {}
    for name, value in said:
        values.setdefault(name, []).append(value)
    asked = values.pop("verb", [])
    if len(asked) != 1 or asked[0] not in VERBS:
        raise Refusal("badVerb", f"Say one verb, once: {', '.join(VERBS)}.")
    verb = VERBS[asked[0]]
    known = {*verb.required, *verb.optional, *([TOKEN] if verb.goes_on else [])}
    for name, given in values.items():
        if name not in known:
            raise _bad(f"{asked[0]} takes no argument “{name[:60]}”.")
        if len(given) > 1:
            raise _bad(f"The argument {name} is there {len(given)} times; say it once.")
        if not given[0]:
            raise _bad(f"The argument {name} is empty; leave it out.")
        if name in _FORMS and not _FORMS[name].match(given[0]):
            raise _bad(f"The argument {name} holds characters that no {name} has.")
    if TOKEN in values and len(values) > 1:
        raise _bad(f"{TOKEN} stands alone: leave out the other arguments.")
    missing = [name for name in verb.required if name not in values and TOKEN not in values]
    if missing:
        raise _bad(f"{asked[0]} needs the argument {missing[0]}.")
    return Asked(asked[0], {name: given[0] for name, given in values.items()})


def span(from_: str, until: str) -> tuple[datetime | None, datetime | None]:
    """The moments from which on and before which somebody asks; both ends are included.

    Raises :class:`Refusal` (section 2.7.1) if they are no dates, of two granularities, or in
    the wrong order.
    """
    if from_ and until and len(from_) != len(until):
        raise _bad("from and until must have the same granularity.")
    since, last = _moment("from", from_), _moment("until", until)
    if since and last and since > last:
        raise _bad("from must not be later than until.")
    try:
        return since, last and last + (_SECOND if "T" in until else _DAY)
    except OverflowError:  # until the end of all dates
        return since, None


def _moment(name: str, said: str) -> datetime | None:
    if not said:
        return None
    form = "%Y-%m-%dT%H:%M:%SZ" if "T" in said else "%Y-%m-%d"
    try:
        found = datetime.strptime(said, form).replace(tzinfo=UTC)
    except ValueError:
        found = None
    if found is None or len(said) != (20 if "T" in said else 10):
        raise _bad(f"{name} must be a date such as 2026-01-31 or 2026-01-31T12:00:00Z.")
    return found


def _bad(said: str) -> Refusal:
    return Refusal("badArgument", said)
