"""Datasets for reference managers."""

from __future__ import annotations

from datetime import date

from flask import Response

from catalogue.changes import head, public_revisions
from catalogue.export import blueprint
from catalogue.records.visibility import public
from catalogue.web import citing
from catalogue.web.current import catalogue, session
from catalogue.web.linked import answer
from catalogue.web.signposting import add_described


@blueprint.get(f"/datasets/<slug>.<any({','.join(citing.FORMATS)}):suffix>")
def citation_of_dataset(slug: str, suffix: str) -> Response:
    """A dataset as one reference, in RIS or BibTeX."""
    record = catalogue.records.by_slug(session, "dataset", slug)
    document = public(catalogue.records.shape(record.kind), record) or {}
    write, media_type = citing.FORMATS[suffix]
    revision, at = public_revisions(session, [record.id])[record.id]
    response = answer(
        lambda: "".join(write([citing.reference(record, document, revision, at)])),
        f"{media_type}; charset=utf-8",
        # A reference says on which day it was read, and names the holder.
        f"{record.id}-{revision}-{head(session)}-{suffix}-{date.today()}-{catalogue.version}",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{record.slug}.{suffix}"'
    return add_described(response, record)
