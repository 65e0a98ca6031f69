"""Records one by one, and the organisations, catalogues, series and services by title."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Response, request, url_for
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import defer

from catalogue.api import cursors
from catalogue.api.answers import JSON, JSON_LD, absolute, answer, with_query
from catalogue.api.items import document_of, items
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import PAGING, SLUG, Parameter, given, size, words
from catalogue.profile import Profile
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.visibility import as_of
from catalogue.web import counts
from catalogue.web.current import catalogue, last_change, session
from catalogue.web.linked import add_links
from catalogue.web.paths import KINDS, PATHS, path_of
from catalogue.web.views import remember_moment, revision_asked_for

#: How much of a title records are ordered by; a cursor carries it.
_ORDERED_BY = 200
_title = func.substr(func.lower(Record.title), 1, _ORDERED_BY)
_AT = Parameter(
    "at",
    "What the world saw then: a year, month or day (the end of it counts) or a moment.",
    {"type": "string", "maxLength": 40, "examples": ["2030", "2030-06-30", "2030-06-30T12:00:00Z"]},
)


def _of_list(_: Profile) -> Sequence[Parameter]:
    return (Parameter("q", "How the title begins.", {"type": "string", "maxLength": 200}), *PAGING)


def first(kind: str) -> Sequence[Example]:
    """The example of a kind: the record that was published first."""
    slug = session.scalar(
        select(Record.slug)
        .where(Record.kind == kind, Record.state == PUBLISHED)
        .order_by(Record.id)
        .limit(1)
    )
    return [Example("", path={"slug": slug})] if slug else []


def one(kind: str, slug: str) -> Response:
    """The whole description as JSON that is JSON-LD: the same as its ``.json``.

    With ``at`` it is what the world saw at a moment.
    """
    given((_AT,))
    record = catalogue.records.by_slug(session, kind, slug)
    revision = revision_asked_for(record)
    shown = as_of(record, revision) if revision else record
    # What an earlier state keeps back follows from the present one (visibility.past).
    state = (record.id, shown.revision, record.revision)
    response = answer(lambda: document_of(shown), *state, offers=(JSON, JSON_LD))
    if revision:
        remember_moment(response, revision)
    return add_links(response, path_of(record))


def every(kind: str) -> Response:
    """Every published record of this kind, by title; narrowed by how titles begin."""
    parameters = given(_of_list(catalogue.profile))
    begin, most = words(parameters), size(parameters)
    list_ = (kind, begin.casefold())
    place = cursors.read(list_, dict(parameters).get("cursor", ""))
    return answer(
        lambda: _content(kind, begin, most, place, list_), "list", list_, most, place, last_change()
    )


def _content(
    kind: str, begin: str, most: int, place: Sequence[Any] | None, list_: object
) -> dict[str, Any]:
    listed = [Record.kind == kind, Record.state == PUBLISHED]
    if begin:
        escaped = begin.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        listed.append(func.lower(Record.title).like(func.lower(escaped + "%"), escape="\\"))
    total = session.scalar(select(func.count()).select_from(Record).where(*listed)) or 0
    if place:
        title, id = place
        listed.append(or_(_title > title, and_(_title == title, Record.id > id)))
    found = session.execute(
        select(Record, _title)
        .where(*listed)
        .order_by(_title, Record.id)
        .limit(most + 1)
        .options(defer(Record.draft, raiseload=True))
    ).all()
    rows = found[:most]
    address = absolute(f"{PREFIX}/{PATHS[kind]}")
    asked = [(name, value) for name, value in request.args.items() if name != "cursor"]
    next_ = None
    if len(found) > most:
        cursor = cursors.written(list_, (rows[-1][1], rows[-1][0].id))
        next_ = with_query(address, [*asked, ("cursor", cursor)])
    return {
        "total": total,
        "items": _with_datasets(kind, [record for record, _ in rows]),
        "next": next_,
        "links": {
            "self": with_query(address, asked),
            "page": absolute(url_for("records.every", path=PATHS[kind])),
        },
    }


def _with_datasets(kind: str, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Items with the address of a search for the datasets that name them."""
    facet = next((f for f in counts.referring(kind) if f.name in catalogue.profile.facets), None)
    found = items(records)
    for _, item in found if facet else ():
        assert facet is not None
        query = [(facet.name, item["iri"])]
        address = with_query(absolute(f"{PREFIX}/datasets"), query)
        item["links"] = {**item["links"], "datasets": address}
    return [item for _, item in found]


for _path, _kind in KINDS.items():
    _tag = _path.capitalize()
    if _kind != "dataset":
        get(
            f"/{_path}",
            Operation(f"list_{_path}", _tag, f"List the {_path}", "Records", _of_list),
            kind=_kind,
        )(every)
    get(
        f"/{_path}/<slug:slug>",
        Operation(
            f"read_{_kind}",
            _tag,
            f"Read one of the {_path}",
            _kind,
            lambda profile: (SLUG, _AT),
            partial(first, _kind),
            missing=True,
            gone=True,
            media_types=(JSON, JSON_LD),
        ),
        kind=_kind,
    )(one)
