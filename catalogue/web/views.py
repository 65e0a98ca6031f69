"""How pages answer: as HTML, as data where that is preferred, in pages of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import select
from werkzeug.routing import BaseConverter

from catalogue.errors import BadRequest, NotFound
from catalogue.profile import Document, Shape
from catalogue.rdf.formats import FORMATS, Format
from catalogue.records.models import Record, Revision
from catalogue.records.records import names_of
from catalogue.records.visibility import public
from catalogue.web.current import catalogue, session
from catalogue.web.linked import add_links, wanted
from catalogue.web.names import other_names, remember, short_name, title, titles
from catalogue.web.paths import path_of
from catalogue.web.sections import BROKEN

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


def record_page(kind: str, slug: str, template: str, **context: Any) -> Response:
    """A record as a page, or as data where the asker prefers them."""
    record = catalogue.records.by_slug(session, kind, slug)
    if format := wanted(None):
        return _as_data(record, format)
    shape = catalogue.records.shape(kind)
    document, unreadable = readable(shape, record)
    if document is None:
        abort(404)
    try:
        remember({reference for _, reference in shape.references(document)})
    except BROKEN as error:
        log.warning("references cannot be read", record=record.iri, error=str(error))
    name = title(shape, document, record)
    response = page(
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
        history=history(record),
        **context,
    )
    return add_links(response, path_of(record))


def readable(shape: Shape, record: Record) -> tuple[Document | None, list[str]]:
    """What everybody may see of a record, and the labels of what cannot be read in it."""
    try:
        return public(shape, record), []
    except BROKEN as error:
        log.warning("record cannot be read whole", record=record.iri, error=str(error))
    whole = record.document if isinstance(record.document, dict) else {}
    always = {name: whole[name] for name in ("id", "holder_withheld") if name in whole}
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
    """What happened to a record, newest first: public steps only, and nobody's name."""
    return session.execute(
        select(Revision.number, Revision.action, Revision.at, Revision.note)
        .where(Revision.record_id == record.id, Revision.action != "saved")
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
    text = request.args.get("page") or "1"
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= _DEEPEST_PAGE:
        raise BadRequest(f"The page must be a number from 1 to {_DEEPEST_PAGE}.")
    return int(text)


@dataclass(frozen=True)
class Paged:
    """One page of something longer."""

    items: Sequence[Any]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first item on the page."""
        return (self.number - 1) * self.size + 1


def missing(what: str) -> NotFound:
    """The error for something that is not there, in words cut to a sane length."""
    return NotFound(what[:200])
