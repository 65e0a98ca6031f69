"""The profile for machines: JSON-LD context, SHACL, tables, own terms, vocabularies."""

from __future__ import annotations

import json

from flask import Response

from catalogue.errors import NotFound
from catalogue.export import blueprint
from catalogue.profile.reference import dctap, own_terms
from catalogue.profile.shacl import shapes
from catalogue.web.current import catalogue
from catalogue.web.linked import answer


@blueprint.get("/profile/context.jsonld")
def context() -> Response:
    """The JSON-LD context under which a record's JSON is RDF."""
    response = answer(
        lambda: json.dumps({"@context": catalogue.profile.context()}, indent=1),
        "application/ld+json",
        f"context-{catalogue.version}",
    )
    # Other portals' scripts read it from pages of their own.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/profile/shapes.ttl")
def shacl() -> Response:
    """The profile as SHACL, made from the property table."""
    return answer(
        lambda: shapes(catalogue.profile),
        "text/turtle; charset=utf-8",
        f"shapes-{catalogue.version}",
    )


@blueprint.get("/profile/dctap.csv")
def table() -> Response:
    """The property table as DCMI's tabular profile (DCTAP)."""
    return answer(
        lambda: dctap(catalogue.profile),
        "text/csv; charset=utf-8",
        f"dctap-{catalogue.version}",
    )


@blueprint.get("/profile/terms.ttl")
def terms() -> Response:
    """Our own RDF terms with their labels and meanings."""
    return answer(
        lambda: own_terms(catalogue.profile),
        "text/turtle; charset=utf-8",
        f"terms-{catalogue.version}",
    )


@blueprint.get("/vocabularies/<name>.ttl")
def vocabulary(name: str) -> Response:
    """A vocabulary as it lies in its file, source and licence in its header."""
    if name not in catalogue.vocabularies:
        raise NotFound(f'There is no vocabulary "{name[:60]}".')
    file = catalogue.settings.data_folder("vocabularies") / f"{name}.ttl"
    return answer(file.read_bytes, "text/turtle; charset=utf-8", f"{name}-{catalogue.version}")
