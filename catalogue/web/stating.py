"""What a search statement says, as far as the world may read it today: for pages and programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from catalogue.outcomes.statements import Entry, Statement
from catalogue.outcomes.steps import Account
from catalogue.web import citing, words
from catalogue.web.current import catalogue
from catalogue.web.names import title
from catalogue.web.sections import BROKEN

#: What stands for a dataset that was withdrawn: no more than its tombstone says.
WITHDRAWN = "A description that was withdrawn"
_LOST = "What it said then is no longer kept"


@dataclass(frozen=True)
class Told:
    """One dataset of a list as it may be told today."""

    entry: Entry
    title: words.Phrase
    holder: str

    @property
    def path(self) -> str:
        """Its page today; empty if there is none."""
        return "" if self.entry.withdrawn else f"datasets/{self.entry.record.slug}"

    @property
    def address(self) -> str:
        """Its lasting address."""
        return f"{catalogue.settings.public_address}{self.entry.record.iri}"


def address_of(statement: Statement) -> str:
    """Where a statement can be read for ever."""
    return f"{catalogue.settings.public_address}statements/{statement.key}"


def citation(statement: Statement) -> str:
    """How a search is cited."""
    day, time = words.date(statement.at.date().isoformat()), f"{statement.at:%H:%M} UTC"
    return (
        f"{statement.title}. Search of {catalogue.settings.title} on {day}, {time}, at position "
        f"{statement.position:,} of its log of changes. {address_of(statement)}"
    )


def told(entries: Sequence[Entry]) -> list[Told]:
    """Datasets of a list as they may be told today."""
    citing.remember_holders(one.document for one in entries if one.document)
    return [Told(one, *_named(one)) for one in entries]


def _named(entry: Entry) -> tuple[words.Phrase, str]:
    if entry.withdrawn:
        return words.Phrase(WITHDRAWN), ""
    if entry.document is None:
        return words.Phrase(_LOST), ""
    shape = catalogue.records.shape(entry.record.kind)
    try:
        return title(shape, entry.document, entry.record), citing.holder_of(entry.document)
    except BROKEN:
        return words.Phrase(entry.record.slug), ""


def plain(statement: Statement, session: Session) -> dict[str, Any]:
    """A statement as JSON, but for its list."""
    account = catalogue.statements.account(session, statement)
    return {
        "title": statement.title,
        "note": statement.note,
        "at": statement.at.isoformat(timespec="seconds"),
        "asked": f"{catalogue.settings.public_address}{statement.asked.lstrip('/')}",
        "position": statement.position,
        "version": statement.version,
        "citation": citation(statement),
        "account": plain_account(account),
        "links": {"page": address_of(statement)},
    }


def plain_account(account: Account) -> dict[str, Any]:
    """What was asked and how it came out, as JSON."""
    return {
        **account.plain(),
        "criteria": [{"label": label, "said": said} for label, said in account.criteria],
        "groups": [{"met": met, "count": number} for met, number in account.groups],
    }


def plain_entry(one: Told) -> dict[str, Any]:
    """One dataset of a list as JSON."""
    return {
        "place": one.entry.place,
        "iri": one.address,
        "slug": None if one.entry.withdrawn else one.entry.record.slug,
        "title": None if one.entry.withdrawn else one.title.text,
        "holder": one.holder or None,
        "revision": one.entry.revision,
        "fits": one.entry.fits or None,
        "withdrawn": one.entry.withdrawn,
    }
