"""The yearly check by a link in a mail: what is due, and one click for each part of it.

Whoever opens the link sees what everybody may see, and nothing else.  Opening it changes
nothing; programs that look into mails open links too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, flash, request

from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.visibility import public
from catalogue.upkeep.checks import CURRENT, Standing
from catalogue.web.current import catalogue, session
from catalogue.web.limits import count, here
from catalogue.web.names import remember
from catalogue.web.paths import path_of
from catalogue.web.posted import go, said
from catalogue.web.upkeep import Part, parts
from catalogue.web.views import Paged, page, page_number, pages

blueprint = pages("checks", __name__)
_SIZE = 10


@dataclass(frozen=True)
class Asked:
    """One description that somebody is asked about."""

    record: Record
    path: str
    standing: Standing | None
    document: Mapping[str, Any]
    parts: Sequence[Part]

    @property
    def done(self) -> bool:
        """Whether there is nothing left to say about it."""
        return self.standing is not None and self.standing.state == CURRENT


@blueprint.get("/checks/<token>")
def show(token: str) -> Response:
    """The descriptions of a link, those that are due first."""
    _, records = catalogue.confirming.opened(session, token)
    standings = catalogue.checks.standings(session, [one.id for one in records])
    ordered = sorted(records, key=lambda one: _rank(standings.get(one.id)))
    number = page_number()
    shown = ordered[(number - 1) * _SIZE : number * _SIZE]
    left = sum(_rank(standings.get(one.id))[0] == 0 for one in records)
    return page(
        "checks/show.html",
        paged=Paged([_asked(one, standings) for one in shown], len(ordered), number, _SIZE),
        left=left,
        here=request.full_path.rstrip("?"),
    )


def _rank(standing: Standing | None) -> tuple[int, float]:
    if standing is None or standing.state == CURRENT:
        return 1, 0.0
    return 0, standing.due.timestamp()


def _asked(record: Record, standings: Mapping[int, Standing]) -> Asked:
    shape = catalogue.records.shape(record.kind)
    document = spared(record, partial(public, shape, record)) or {}
    remember({reference for _, reference in shape.references(document)})
    found = spared(record, partial(parts, record, document)) or ()
    return Asked(record, path_of(record), standings.get(record.id), document, found)


@blueprint.post("/checks/<token>")
def confirm(token: str) -> Response:
    """Say that a section, or all of a description, is still correct."""
    count("check", here())
    with catalogue.changing() as writing:
        viewer, records = catalogue.confirming.opened(writing, token)
        record = catalogue.confirming.among(records, said("record"))
        whole = catalogue.confirming.confirm(writing, viewer, record, said("section"), by_link=True)
        title, key = record.title, record.key
    if whole:
        flash(f"“{title}” is confirmed. Thank you.")
    return go(f"{request.full_path.rstrip('?')}#{'top' if whole else f'of-{key}'}")
