"""What this catalogue is, and how programs use it."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from catalogue.rdf.formats import FORMATS
from catalogue.records.models import PUBLISHED, Record
from catalogue.web import counts
from catalogue.web.current import catalogue, session
from catalogue.web.paths import path_of
from catalogue.web.views import page, pages

blueprint = pages("about", __name__)


@blueprint.get("/developers")
def developers() -> Response:
    """Every address for programs, each with a call that works."""
    example, listing, holder = (_first(kind) for kind in ("dataset", "catalogue", "agent"))
    return page(
        "about/developers.html",
        formats=FORMATS.values(),
        example=example,
        example_path=path_of(example) if example else "",
        listing=path_of(listing) if listing else "",
        holder=path_of(holder) if holder else "",
        vocabulary=next(iter(catalogue.vocabularies), ""),
        profiles=catalogue.profiles,
    )


def _first(kind: str) -> Record | None:
    return session.scalar(
        select(Record)
        .where(Record.kind == kind, Record.state == PUBLISHED)
        .order_by(Record.id)
        .limit(1)
    )


@blueprint.get("/help/search")
def search_help() -> Response:
    """How to search: words, operators, fields, ranges, each with an example."""
    profile = catalogue.profile
    fields = {one.name: one for shape in profile.values() for one in shape.stored if one.boost}
    return page(
        "about/search.html",
        fields=sorted(fields.values(), key=lambda one: (-one.boost, one.label)),
        facets=profile.facets.values(),
        ranges=profile.ranges.values(),
    )


@blueprint.get("/about")
def about() -> Response:
    """What this is, where its descriptions come from, and what it cannot do."""
    return page("about/about.html", counts=counts.of_kinds(), profile=catalogue.profile)
