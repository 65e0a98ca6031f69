"""Toolkits and publications: found as datasets are, and named where they are about something."""

from __future__ import annotations

from flask import Response, redirect, request

from catalogue.profile.values import ConceptValue
from catalogue.records.models import Record
from catalogue.search.query import SORTS
from catalogue.vocabulary import Concept
from catalogue.web import counts
from catalogue.web.current import catalogue
from catalogue.web.kinds import ASSET as KIND
from catalogue.web.kinds import tabs
from catalogue.web.results import chips, hits, panel, widenings
from catalogue.web.views import Paged, page, pages

blueprint = pages("assets", __name__)


@blueprint.get("/assets")
def search() -> Response:
    """The toolkits, templates and publications that answer a query."""
    profile = catalogue.profile
    said = list(request.args.items(multi=True))
    query = catalogue.given.query(said, catalogue.settings.page_size, kind=KIND)
    if list(catalogue.given.meant(said, KIND)) != said or any(not value for _, value in said):
        return redirect(query.address("/assets"), 303)  # type: ignore[return-value]
    answer = catalogue.finder.find(query)
    found = hits(answer.records, answer.criteria)
    return page(
        "assets/results.html",
        tabs=tabs(query, answer.total),
        shape=catalogue.records.shape(KIND),
        query=query,
        answer=answer,
        facets=list(panel(query, answer)),
        chips=list(chips(query)),
        widenings=widenings(answer),
        sorts={name: said for name, said in SORTS.items() if name not in profile.ranges},
        paged=Paged(
            [one.summary for one in found], answer.total, query.page, query.size, query.deepest
        ),
    )


def about(record: Record) -> Paged:
    """What was made about a dataset, or by a project."""
    return counts.having(
        record.iri, [one.name for one in counts.referring(record.kind, KIND)], 1, KIND
    )


def about_concept(concept: Concept) -> Paged | None:
    """What was made about an outcome, instrument or condition; None if nothing could be."""
    fields = [
        one.name
        for one in catalogue.profile.facets_by_kind[KIND].values()
        if isinstance(one.value, ConceptValue) and one.value.vocabulary.name == concept.scheme
    ]
    return counts.having(concept.iri, fields, 1, KIND) if fields else None
