"""What the world would see of a working copy, as page and as data."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response

from catalogue.rdf.formats import FORMATS, write
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.visibility import as_public
from catalogue.web import dataset, records
from catalogue.web.current import catalogue, session
from catalogue.web.views import draw_record
from catalogue.web.workspace.frame import blueprint, opened


@blueprint.get("/workspace/<kind>/<key>/preview")
def preview(kind: str, key: str) -> Response:
    """The working copy as the world would see it."""
    record = opened(kind, key)
    shown = _as_published(record)
    own = {"preview_of": record, "history": (), "revision": None}
    if kind == "dataset":
        return draw_record(shown, "datasets/show.html", **own, **dataset.CONTEXT)
    return draw_record(shown, "records/show.html", **own, **records.context(record))


@blueprint.get(f"/workspace/<kind>/<key>/preview.<any({','.join(FORMATS)}):suffix>")
def preview_as_data(kind: str, key: str, suffix: str) -> Response:
    """The working copy as other portals would read it."""
    record = _as_published(opened(kind, key))
    format = FORMATS[suffix]
    statements = catalogue.graphs.self_contained(session, record)
    body = write(statements, format, catalogue.profile.prefixes)
    return Response(body, content_type=format.content_type)


def _as_published(record: Record) -> Record:
    """What the record would be, were its working copy published now; not stored."""
    shape = catalogue.records.shape(record.kind)
    return Record(
        id=record.id,
        kind=record.kind,
        key=record.key,
        iri=record.iri,
        slug=record.slug,
        state=PUBLISHED,
        review="",
        revision=record.revision,
        document=as_public(shape, record.working_copy),
        title=record.title,
        organisation=None,
        created=record.created,
        issued=record.issued or datetime.now(UTC),
        modified=datetime.now(UTC),
    )
