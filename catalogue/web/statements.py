"""Search statements: made from a search or question, read, replayed, cited, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from flask import Response, request, stream_with_context
from sqlalchemy import select
from sqlalchemy.orm import defer

from catalogue.errors import BadRequest, CatalogueError
from catalogue.outcomes.references import Reference
from catalogue.outcomes.statements import (
    LONGEST_NOTE,
    LONGEST_TITLE,
    Entry,
    Replay,
    Statement,
    title_of,
)
from catalogue.outcomes.steps import named
from catalogue.records.models import Record
from catalogue.web import citing
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.limits import count, here
from catalogue.web.posted import again, go, said
from catalogue.web.spreadsheets import as_csv
from catalogue.web.stating import WITHDRAWN, Told, address_of, citation, plain, plain_entry, told
from catalogue.web.summaries import Summary, summary
from catalogue.web.views import Paged, page, page_number, pages, unlisted

blueprint = pages("statements", __name__)
#: How many datasets of a list are on a page, and how many of each kind of difference.
_SIZE, _MOST_DIFFERENT = 50, 50
_RULE = "/statements/<slug:key>"


# making ------------------------------------------------------------------------------


@blueprint.get("/statements/new")
def new() -> Response:
    """What a statement about a search or question would say, and the form to make it."""
    return page("statements/new.html", problems=[], **_form(request.args.get("asked", ""), "", ""))


@blueprint.post("/statements/new")
def make() -> Response:
    """Make a statement that everybody can read who has its address."""
    asked, name, note = said("asked"), said("title"), said("note")
    try:
        count("statement", here())
        key = kept(asked, name, note)
    except CatalogueError as error:
        return again("statements/new.html", error, **_form(asked, name, note))
    return go(f"/statements/{key}?made=1")


def kept(asked: str, name: str, note: str) -> str:
    """Make a statement; returns its key."""
    drawn = catalogue.statements.draw(session, asked)
    with catalogue.database.write() as writing:
        return catalogue.statements.make(writing, drawn, viewer, name, note).key


def _form(asked: str, name: str, note: str) -> Mapping[str, object]:
    drawn, fault = None, ""
    if asked:
        try:
            drawn = catalogue.statements.draw(session, asked)
        except BadRequest as error:
            fault = str(error)
    account = named(session, drawn.account) if drawn else None
    return {
        "asked": asked,
        "fault": fault,
        "account": account,
        "title": name,
        "suggested": title_of(drawn.account) if drawn else "",
        "note": note,
        "longest": (LONGEST_TITLE, LONGEST_NOTE),
    }


# reading -----------------------------------------------------------------------------


@blueprint.get("/statements")
def every() -> Response:
    """What search statements are, and those that one has made."""
    mine = catalogue.statements.of(session, viewer) if viewer.signed_in else []
    response = page("statements/list.html", mine=mine)
    if viewer.signed_in:
        response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get(_RULE)
def show(key: str) -> Response:
    """A statement: what was asked and found then, and what has changed since."""
    statement, at = catalogue.statements.get(session, key), page_number()
    listed = catalogue.statements.listed(statement)
    entries = catalogue.statements.entries(session, statement, (at - 1) * _SIZE, _SIZE)
    replay = catalogue.statements.replay(session, statement)
    response = page(
        "statements/show.html",
        statement=statement,
        account=catalogue.statements.account(session, statement),
        paged=Paged(told(list(entries)), len(listed), at, _SIZE),
        replay=replay,
        different=different(replay),
        shown_at_most=_MOST_DIFFERENT,
        citation=citation(statement),
        address=address_of(statement),
        may_delete=catalogue.statements.may_delete(statement, viewer),
        formats=citing.CALLED,
        withdrawn=WITHDRAWN,
    )
    response.headers["Cache-Control"] = "private, no-cache" if viewer.signed_in else "no-cache"
    return unlisted(response)


def different(replay: Replay) -> Mapping[str, Sequence[tuple[Summary, str]]]:
    """The first datasets of each kind of difference that can be read of; how each fits now."""
    fits = {one.record: f"{one.then}, now {one.now}" for one in replay.fits}
    some = {
        "fits": list(fits)[:_MOST_DIFFERENT],
        "added": replay.added[:_MOST_DIFFERENT],
        "gone": replay.gone[:_MOST_DIFFERENT],
        "changed": replay.changed[:_MOST_DIFFERENT],
    }
    ids = {one for each in some.values() for one in each}
    records = {
        one.id: one
        for one in session.scalars(
            select(Record).where(Record.id.in_(ids)).options(defer(Record.draft))
        )
    }
    return {
        name: [
            (one, fits.get(number, "") if name == "fits" else "")
            for number in each
            if number in records and (one := summary(records[number])) is not None
        ]
        for name, each in some.items()
    }


# deleting ----------------------------------------------------------------------------


@blueprint.post(f"{_RULE}/delete")
def delete(key: str) -> Response:
    """Delete a statement that one has made."""
    with catalogue.database.write() as writing:
        catalogue.statements.delete(writing, viewer, key)
    return go("/statements")


# files -------------------------------------------------------------------------------

_COLUMNS = (
    "place",
    "title",
    "holder",
    "address",
    "revision",
    "date of revision",
    "fits",
    "still there",
)


@blueprint.get(f"{_RULE}.csv")
def as_table(key: str) -> Response:
    """The list of a statement for a spreadsheet."""
    statement = catalogue.statements.get(session, key)
    lines = (
        (
            one.entry.place,
            one.title.text,
            one.holder,
            one.address,
            one.entry.revision,
            _day(one.entry.at),
            one.entry.fits,
            "withdrawn" if one.entry.withdrawn else "yes",
        )
        for one in _all(statement)
    )
    return unlisted(as_csv("search-statement", _COLUMNS, lines))


@blueprint.get(f"{_RULE}.<any({','.join(citing.FORMATS)}):suffix>")
def as_references(key: str, suffix: str) -> Response:
    """The list of a statement for reference managers."""
    statement = catalogue.statements.get(session, key)
    note = f"Found by {address_of(statement)}"
    references = (
        Reference(
            # The readable part of an address may hold the title of what was withdrawn.
            one.entry.record.key if one.entry.withdrawn else one.entry.record.slug,
            one.title.text,
            one.address,
            catalogue.settings.title,
            one.holder,
            one.entry.at.year if one.entry.at and not one.entry.withdrawn else None,
            f"Revision {one.entry.revision}. {note}",
            statement.at.date(),
        )
        for one in _all(statement)
    )
    return unlisted(citing.as_file("search-statement", suffix, references))


@blueprint.get(f"{_RULE}.json")
def as_json(key: str) -> Response:
    """A statement with its whole list, as JSON."""
    statement = catalogue.statements.get(session, key)
    content = {**plain(statement, session), "list": None}
    before, after = json.dumps(content, ensure_ascii=False, indent=1).rsplit("null", 1)

    def written() -> Iterator[str]:
        yield f"{before}["
        for number, one in enumerate(_all(statement)):
            yield f"{',' if number else ''}\n  {json.dumps(plain_entry(one), ensure_ascii=False)}"
        yield f"]{after}\n"

    response = Response(stream_with_context(written()), content_type="application/json")
    return unlisted(response)


def _all(statement: Statement) -> Iterator[Told]:
    """The whole list, some at a time."""
    waiting: list[Entry] = []
    for entry in catalogue.statements.entries(session, statement):
        waiting.append(entry)
        if len(waiting) == 200:
            yield from told(waiting)
            waiting = []
    yield from told(waiting)


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else ""
