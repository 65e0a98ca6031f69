"""Datasets with described variables as Croissant."""

from __future__ import annotations

import json

from flask import Response

from catalogue.changes import head
from catalogue.errors import NotFound, Unavailable
from catalogue.export import blueprint
from catalogue.records.damage import spared
from catalogue.records.visibility import public
from catalogue.web import croissant
from catalogue.web.current import catalogue, session
from catalogue.web.linked import answer
from catalogue.web.signposting import add_described


@blueprint.get(f"/datasets/<slug>.{croissant.SUFFIX}")
def croissant_of_dataset(slug: str) -> Response:
    """A dataset as Croissant 1.0 (JSON-LD), if its variables are described."""
    record = catalogue.records.by_slug(session, "dataset", slug)
    if not croissant.path_to(record):
        raise NotFound(
            f"“{record.slug}” describes no variables, and Croissant is about these; "
            "take another format of the description."
        )
    document = public(catalogue.records.shape(record.kind), record) or {}
    node = spared(record, lambda: croissant.of_dataset(record, document))
    if node is None:
        raise Unavailable(f"{record.iri} is damaged; the curators have been told.")
    response = answer(
        lambda: json.dumps(node, ensure_ascii=False, indent=1),
        f'{croissant.MEDIA_TYPE}; profile="{croissant.CONFORMS_TO}"',
        f"{record.id}-{record.revision}-{head(session)}-croissant-{catalogue.version}",
    )
    return add_described(response, record)
