"""What pages say of yearly checks, and what they let be counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import islice
from typing import Any

from flask import request

from catalogue.outcomes.asking import SEARCH
from catalogue.outcomes.questions import Question
from catalogue.profile.form import Section
from catalogue.records.models import Record
from catalogue.records.records import CONFIRMED
from catalogue.records.visibility import is_curator
from catalogue.search.engine import RELEVANCE
from catalogue.search.query import Query
from catalogue.upkeep.checks import CURRENT, OVERDUE, Standing
from catalogue.upkeep.nearly import UNMET
from catalogue.web import words
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.login import INTERFACE
from catalogue.web.sections import Row, rows

#: How machines call themselves that read pages for nobody.
_MACHINES = re.compile(
    r"bot|crawl|spider|slurp|curl|wget|python|java|http|headless|monitor|preview|scan|fetch|feed",
    re.I,
)

#: Of a search that found nothing so many criteria are counted alone.
_MOST_CRITERIA = 20


@dataclass(frozen=True)
class Badge:
    """What is said of the yearly check beside a title."""

    text: str
    overdue: bool = False


def badge(confirmed: str, standing: Standing | None) -> Badge | None:
    """What everybody is told: that it is overdue, or when it was confirmed."""
    if standing is not None and standing.state == OVERDUE:
        return Badge(f"Check overdue since {words.date(standing.overdue.date().isoformat())}", True)
    if confirmed:
        return Badge(f"Confirmed by its holder in {words.date(confirmed[:7])}")
    return None


def badge_for_holders(standing: Standing | None) -> Badge | None:
    """What those who look after a dataset are told beside its title: that a check waits."""
    if standing is None or standing.state == CURRENT:
        return None
    at = standing.overdue if standing.state == OVERDUE else standing.due
    return Badge(
        f"Check {standing.state} since {words.date(at.date().isoformat())}",
        standing.state == OVERDUE,
    )


def badge_of(record: Record, document: Mapping[str, Any]) -> Badge | None:
    """What is said on the page of a record."""
    if record.kind != "dataset":
        return None
    standing = catalogue.checks.standings(session, [record.id]).get(record.id)
    return badge(str(document.get(CONFIRMED) or ""), standing)


# what is confirmed ------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One section to be confirmed: what it says, and when it was confirmed this time."""

    section: Section
    rows: Sequence[Row]
    done: datetime | None


def parts(record: Record, document: Mapping[str, Any]) -> Sequence[Part]:
    """The sections of a record that are to be confirmed, as far as ``document`` tells them."""
    shape = catalogue.records.shape(record.kind)
    done = catalogue.confirming.done(session, record)
    return [
        Part(
            section,
            [
                row
                for row in rows(shape, [one.property for one in section.every], dict(document))
                if row.values or row.reason
            ],
            done.get(section.slug),
        )
        for section in catalogue.confirming.sections(record)
    ]


# what is counted --------------------------------------------------------------------


def is_person() -> bool:
    """Whether a request looks like that of a person with a browser."""
    agent = request.headers.get("User-Agent", "")
    ahead = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    return (
        request.method == "GET"
        and bool(agent)
        and not _MACHINES.search(agent)
        and "prefetch" not in ahead
        and not request.path.startswith(INTERFACE)
    )


def tell_view(record: Record) -> None:
    """Count that a page was opened, by anybody but those who look after it."""
    if is_person() and not is_curator(record, viewer):
        catalogue.counting.viewed(record.id)


def tell_asked(address: str, found: int, criteria: Iterable[str] = ()) -> None:
    """Count that something was asked; of what found nothing the single criteria as well."""
    if not is_person():
        return
    who = _whoever()
    catalogue.counting.asked(address, who, found)
    if not found:
        for one in islice(criteria, _MOST_CRITERIA):
            catalogue.counting.asked(UNMET + one, who, 0)


def _whoever() -> str:
    """What tells people apart: an account, or the network that asks.

    Not what a browser says of itself: anybody writes there what they like, and one person
    would be many.  A hospital behind one address is one, so that people are counted from below.
    """
    if viewer.signed_in:
        return f"user {viewer.user}"
    return f"network {network_of(request.remote_addr or '')}"


def network_of(address: str) -> str:
    """An address of IPv4, or the network of one of IPv6: a household has millions of those."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, 56), strict=False))
    return str(found)


def tell_question(question: Question, found: int) -> None:
    """Count a question that was held against the datasets."""
    questions = catalogue.questions
    alone = (questions.address(Question((one,))) for one in question.criteria)
    tell_asked(questions.address(question), found, alone)


def tell_shortlist(records: Iterable[Record]) -> None:
    """Count that a shortlist was opened, for each dataset on it."""
    if is_person():
        for record in records:
            if not is_curator(record, viewer):
                catalogue.counting.shortlisted(record.id)


def tell_search(query: Query, found: int) -> None:
    """Count a search that asked for something."""
    if query.page > 1 or not (query.text or query.chosen):
        return
    tell_asked(query.sorted_by(RELEVANCE).address(SEARCH), found, _alone(query))


def _alone(query: Query) -> Iterator[str]:
    """Searches for each thing that a search asked for."""
    for name, values in query.chosen.items():
        for value in sorted(values):
            yield Query(chosen={name: frozenset({value})}).address(SEARCH)
    if query.text:
        yield Query(text=query.text).address(SEARCH)
