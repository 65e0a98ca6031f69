"""Every record under its IRI and in every format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.changes import head
from catalogue.errors import NotAcceptable, NotFound
from catalogue.export import blueprint
from catalogue.rdf.fair_data_point import container
from catalogue.rdf.formats import FORMATS, Format, write
from catalogue.records.models import Record, Revision
from catalogue.records.naming import names_of
from catalogue.records.visibility import as_of, public, seen
from catalogue.terms import Statement
from catalogue.web.current import catalogue, session
from catalogue.web.linked import (
    PROFILE,
    SUFFIX,
    Telling,
    answer,
    formats_of,
    profile_wanted,
    wanted,
)
from catalogue.web.paths import KINDS, path_of
from catalogue.web.signposting import add_described
from catalogue.web.views import remember_moment, revision_asked_for


@blueprint.get("/id/<kind>/<key>")
def record_by_iri(kind: str, key: str) -> AnyResponse:
    """A record's IRI: 303 to its page or to the document asked for (httpRange-14)."""
    record = seen(catalogue.records.get(session, kind, key))
    if (format := wanted(None)) is None:
        return redirect(f"/{path_of(record)}", 303)
    telling = profile_wanted(self_contained=True)
    query = dict(telling.query)
    if telling.graphs is not catalogue.profiles.in_force:  # whoever follows may not ask again
        query[PROFILE] = telling.graphs.profile.name
    address = f"/{path_of(record)}.{format.suffix}{'?' * bool(query)}{urlencode(query)}"
    response = redirect(address, 303)
    telling.say(response)
    return response


@blueprint.get(f"/<any({','.join(KINDS)}):path>/<slug>.<{SUFFIX}:suffix>")
def record_document(path: str, slug: str, suffix: str) -> Response:
    """A record in Turtle, JSON-LD, RDF/XML or N-Triples, under the profile asked for."""
    return document_of(catalogue.records.by_slug(session, KINDS[path], slug), FORMATS[suffix])


def document_of(record: Record, format: Format) -> Response:
    """A record as a document, as it is or as it was ``?at=`` a moment.

    It is self-contained and follows the profile in force unless somebody asks otherwise.
    """
    record, revision = _asked_for(record)
    telling = profile_wanted(self_contained=True)
    graphs = telling.graphs
    if record.kind not in graphs.profile.records:
        raise NotAcceptable(
            f"{graphs.profile.header} has no words for this; it can be had under "
            f"{catalogue.profile.header}."
        )
    response = answer(
        lambda: write(_said(record, telling), format, graphs.profile.prefixes),
        format.content_type,
        # The organisations it names are in it, so it may change without the record.
        f"{record.id}-{record.revision}-{head(session)}-{format.suffix}-{catalogue.version}",
        telling=telling,
    )
    path = path_of(record)
    address = f"{catalogue.settings.public_address}{path}.{format.suffix}"
    here = {"at": request.args["at"]} if request.args.get("at") else {}
    query = {**here, **telling.query}
    links = [*formats_of(path, query), *telling.links(address, format, here)]
    response.headers["Link"] = ", ".join(links)
    if revision:
        remember_moment(response, revision)
    return add_described(response, record)


def _said(record: Record, telling: Telling) -> Iterator[Statement]:
    """What a document says: the record as asked for, and of a catalogue where its feed is."""
    graphs = telling.graphs
    yield from graphs.document(session, record, self_contained=telling.self_contained)
    if record.kind == "catalogue":
        iri = names_of(record, graphs.base).absolute(record.iri)
        yield from container(iri, f"{graphs.base}{path_of(record)}/feed.ttl", graphs)


def _asked_for(record: Record) -> tuple[Record, Revision | None]:
    """The record as it is, or as the world saw it at the moment asked for."""
    revision = revision_asked_for(record)
    if revision is None:
        return record, None
    return as_of(record, revision), revision


@blueprint.get(f"/<any({','.join(KINDS)}):path>/<slug>.json")
def record_json(path: str, slug: str) -> Response:
    """A record as plain JSON that is JSON-LD under the profile's context."""
    record, revision = _asked_for(catalogue.records.by_slug(session, KINDS[path], slug))
    shape = catalogue.records.shape(record.kind)
    document = public(shape, record)
    if document is None:
        raise NotFound("There is no such record.")
    names = names_of(record, catalogue.settings.public_address)

    def make() -> str:
        context = url_for("export.context", _external=False).lstrip("/")
        linked = {
            "@context": catalogue.settings.public_address + context,
            **shape.linked(document, names),
        }
        return json.dumps(linked, ensure_ascii=False, indent=1)

    response = answer(
        make,
        "application/json",
        f"{record.id}-{record.revision}-{head(session)}-json-{catalogue.version}",
        alternates=path_of(record),
    )
    if revision:
        remember_moment(response, revision)
    return add_described(response, record)
