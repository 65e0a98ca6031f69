"""How pages answer: as HTML, as data where that is preferred, in pages of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import null, select
from werkzeug.http import http_date
from werkzeug.routing import BaseConverter

from catalogue.errors import BadRequest, NotFound, Problem
from catalogue.profile import Document, Shape
from catalogue.profile.dates import end_of
from catalogue.rdf.formats import FORMATS, Format
from catalogue.records import revisions
from catalogue.records.models import PUBLIC_ACTIONS, Record, Revision
from catalogue.records.naming import names_of
from catalogue.records.visibility import WITHHELD, as_of, holder_is_withheld, public, visible
from catalogue.search.query import place_in
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.linked import add_links, wanted
from catalogue.web.names import other_names, remember, short_name, title, titles
from catalogue.web.origins import described_first, origins
from catalogue.web.paths import path_of
from catalogue.web.sections import BROKEN
from catalogue.web.signposting import add_signposts

log = structlog.get_logger()
_DEEPEST_PAGE = 100_000
_MOST_REVISIONS = 50


class Slug(BaseConverter):
    """The readable part of an address; it has no dot, so ``x.ttl`` is another address."""

    regex = r"[^/.]+"


def pages(name: str, import_name: str) -> Blueprint:
    """A blueprint whose addresses may hold ``<slug:…>``."""
    blueprint = Blueprint(name, import_name)
    blueprint.record_once(_add_converter)
    return blueprint


def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["slug"] = Slug


def page(template: str, **context: Any) -> Response:
    """A page, told apart from the other representations of its address."""
    response = Response(render_template(template, **context))
    response.headers["Vary"] = "Accept"
    return response


def unlisted(response: Response) -> Response:
    """An answer that search engines are to leave out."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def record_page(kind: str, slug: str, template: str, **context: Any) -> Response:
    """A record as a page, or as data where the asker prefers them."""
    record = catalogue.records.by_slug(session, kind, slug)
    if format := wanted(None):
        return _as_data(record, format)
    revision = revision_asked_for(record)
    shown = as_of(record, revision) if revision else record
    response = draw_record(
        shown,
        template,
        history=history(record),
        revision=revision,
        origins=origins(record),
        described_first=described_first(record),
        curated=viewer.signed_in and catalogue.workspace.may(session, viewer, "view", record),
        **context,
    )
    if revision:
        remember_moment(response, revision)
    elif viewer.signed_in:
        response.headers["Cache-Control"] = "private, no-cache"
    add_links(response, path_of(record))
    return response if revision else add_signposts(response, record)


def draw_record(record: Record, template: str, **context: Any) -> Response:
    """The page of a record as it is given, stored or not; as far as the viewer may see it."""
    shape = catalogue.records.shape(record.kind)
    document, unreadable = readable(shape, record)
    if document is None:
        abort(404)
    try:
        remember({reference for _, reference in shape.references(document)})
    except BROKEN as error:
        log.warning("references cannot be read", record=record.iri, error=str(error))
    name = title(shape, document, record)
    return page(
        template,
        record=record,
        shape=shape,
        document=document,
        unreadable=unreadable,
        title=name,
        titles=titles(shape, document)[1:],
        others=other_names(document, name.text),
        short=short_name(document, name.text),
        iri=names_of(record, catalogue.settings.public_address).absolute(record.iri),
        path=path_of(record),
        formats=FORMATS.values(),
        **context,
    )


def revision_asked_for(record: Record) -> Revision | None:
    """The revision that the world saw at the moment ``?at=`` names; None for the present.

    ``at`` is a year, month, day (the end of it counts) or moment.
    """
    if not (at := request.args.get("at", "")):
        return None
    try:
        moment = end_of(at[:40].replace(" ", "+"))  # a plus sign in an address means a space
    except ValueError as error:
        raise BadRequest([Problem(("at",), str(error))]) from None
    return revisions.public_at(session, record, moment)


def remember_moment(response: Response, revision: Revision) -> None:
    """Say when a past state was the present one (RFC 7089, Memento)."""
    response.headers["Memento-Datetime"] = http_date(revision.at)


def readable(shape: Shape, record: Record) -> tuple[Document | None, list[str]]:
    """What everybody may see of a record, and the labels of what cannot be read in it."""
    try:
        return visible(shape, record, viewer), []
    except BROKEN as error:
        log.warning("record cannot be read whole", record=record.iri, error=str(error))
    whole = record.document if isinstance(record.document, dict) else {}
    always = {name: whole[name] for name in ("id", WITHHELD) if name in whole}
    kept, broken = dict[str, Any](), list[str]()
    for one in shape.stored:
        if one.name in whole:
            alone = Record(state=record.state, document={**always, one.name: whole[one.name]})
            try:
                kept.update(public(shape, alone) or {})
            except BROKEN:
                broken.append(one.label)
    return kept, broken


def history(record: Record) -> Sequence[Any]:
    """What happened to a record, newest first: public steps only, and nobody's name.

    A reason may name the holder; it is kept back where the holder is.
    """
    note = null() if holder_is_withheld(record) else Revision.note
    return session.execute(
        select(Revision.number, Revision.action, Revision.at, note.label("note"))
        .where(Revision.record_id == record.id, Revision.action.in_(PUBLIC_ACTIONS))
        .order_by(Revision.number.desc())
        .limit(_MOST_REVISIONS)
    ).all()


def _as_data(record: Record, format: Format) -> Response:
    """The record in an RDF format, by the view of ``export``, a floor above this one."""
    view = current_app.view_functions["export.record_document"]
    path, _, slug = path_of(record).partition("/")
    answer: Response = current_app.ensure_sync(view)(path=path, slug=slug, suffix=format.suffix)
    return answer


def page_number() -> int:
    """The page asked for; raises :class:`BadRequest` if that is no number."""
    number = place_in(request.args.get("page") or "1", _DEEPEST_PAGE)
    if number is None:
        raise BadRequest(f"The page must be a number from 1 to {_DEEPEST_PAGE}.")
    return number


@dataclass(frozen=True)
class Paged:
    """One page of something longer."""

    items: Sequence[Any]
    total: int
    number: int
    size: int
    #: The last page that an address may ask for; the list may be longer.
    deepest: int = _DEEPEST_PAGE

    @property
    def pages(self) -> int:
        """How many pages can be opened; an empty list has one."""
        return min(max(1, -(-self.total // self.size)), self.deepest)

    @property
    def left(self) -> int:
        """How many items are on no page."""
        return max(0, self.total - self.pages * self.size)

    @property
    def first(self) -> int:
        """The number of the first item on the page."""
        return (self.number - 1) * self.size + 1


def missing(what: str) -> NotFound:
    """The error for something that is not there, in words cut to a sane length."""
    return NotFound(what[:200])
