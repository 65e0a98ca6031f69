"""Search statements, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.api import cursors
from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import absolute, answer, with_query
from catalogue.api.compare_forms import NewStatement
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import PAGING, Parameter, given, path, refuse, size
from catalogue.outcomes.statements import Drawn, Replay, Statement
from catalogue.profile import Profile
from catalogue.records.models import Record
from catalogue.web import stating
from catalogue.web.current import catalogue, last_change, session
from catalogue.web.limits import count

_RULE = "/statements/<slug:key>"
_KEY = path("key", "The last part of the address of its page.", maxLength=64)
_MADE = {"key": "Wb3vYxUQm2p0cN1rT9kZ4w"}


def _of_statement(_: Profile) -> Sequence[Parameter]:
    return (_KEY, *PAGING)


def _of_key(_: Profile) -> Sequence[Parameter]:
    return (_KEY,)


def _drawn(acting: Acting) -> Mapping[str, Any]:
    """What is asked and what it finds now."""
    count("statement", f"user:{acting.viewer.user}")
    return {"drawn": catalogue.statements.draw(acting.session, acting.said["asked"])}


@personal(
    "/statements",
    Operation(
        "make_statement",
        "Datasets",
        "Make a search statement",
        "SearchStatement",
        examples=lambda: [
            Example("Of a search", sent={"asked": "/datasets?q=heart+failure", "title": "Hearts"})
        ],
        method="POST",
        body=NewStatement,
        ahead=_drawn,
        status=201,
        located=True,
    ),
)
def make(acting: Acting) -> Response:
    """State what a search or question finds now, for a protocol.

    Everybody who has its address can read it; who made it can delete it.
    """
    said = acting.said
    drawn: Drawn = said["drawn"]
    made = catalogue.statements.make(
        acting.session, drawn, acting.viewer, said.get("title", ""), said.get("note", "")
    )
    return told(_plain(made, acting.session), 201, location=_address(made))


@get(
    _RULE,
    Operation(
        "read_statement",
        "Datasets",
        "Read and replay a search statement",
        "SearchStatement",
        _of_statement,
        lambda: (),  # one is known only to whoever was given its address
        missing=True,
    ),
)
def show(key: str) -> Response:
    """What was asked and found then, what has changed since, and the list as it was, in parts."""
    asked = given(_of_statement(catalogue.profile))
    statement = catalogue.statements.get(session, key)
    most, cursor = size(asked), dict(asked).get("cursor", "")
    place = cursors.read(("statement", key), cursor)
    if place is not None and not (len(place) == 1 and isinstance(place[0], int)):
        raise refuse("cursor", "Begin without a cursor and follow `next`.")
    first = place[0] if place else 0
    state = (catalogue.engine.reader().generation, last_change())
    return answer(lambda: _content(statement, first, most), "statement", key, state, first, most)


@personal(
    _RULE,
    Operation(
        "delete_statement",
        "Datasets",
        "Delete a search statement",
        "",
        _of_key,
        lambda: [Example("", _MADE)],
        method="DELETE",
        missing=True,
        status=204,
    ),
)
def delete(acting: Acting, key: str) -> Response:
    """Delete a search statement that one has made; its address answers nobody any longer."""
    catalogue.statements.delete(acting.session, acting.viewer, key)
    return told(None, 204)


def _content(statement: Statement, first: int, most: int) -> Mapping[str, Any]:
    entries = list(catalogue.statements.entries(session, statement, first, most))
    number = len(catalogue.statements.listed(statement))
    here = _address(statement)
    more = cursors.written(("statement", statement.key), [first + most])
    return {
        **_plain(statement, session),
        "replayed": _replayed(catalogue.statements.replay(session, statement)),
        "total": number,
        "items": [stating.plain_entry(one) for one in stating.told(entries)],
        "next": with_query(here, [("size", str(most)), ("cursor", more)])
        if first + most < number
        else None,
    }


def _plain(statement: Statement, session: Session) -> dict[str, Any]:
    links = {"self": _address(statement), "page": stating.address_of(statement)}
    return {**stating.plain(statement, session), "links": links}


def _replayed(replay: Replay) -> dict[str, Any]:
    ids = [
        *(replay.added, replay.gone, replay.withdrawn, replay.changed),
        [one.record for one in replay.fits],
    ]
    wanted = sorted({one for some in ids for one in some})
    iris: dict[int, str] = {}
    for place in range(0, len(wanted), 500):
        found = select(Record.id, Record.iri).where(Record.id.in_(wanted[place : place + 500]))
        iris.update((number, absolute(iri)) for number, iri in session.execute(found))

    def named(some: Sequence[int]) -> list[str]:
        return [iris[one] for one in some if one in iris]

    return {
        "account": replay.account and stating.plain_account(replay.account),
        "fault": replay.fault or None,
        "added": named(replay.added),
        "gone": named(replay.gone),
        "withdrawn": named(replay.withdrawn),
        "changed": named(replay.changed),
        "fits": [
            {"iri": iris[one.record], "then": one.then, "now": one.now}
            for one in replay.fits
            if one.record in iris
        ],
    }


def _address(statement: Statement) -> str:
    return absolute(f"{PREFIX}/statements/{statement.key}")
