"""Datasets: the search; the page of each is in ``dataset``."""

from __future__ import annotations

from flask import Response, redirect, request

from catalogue.search.query import SORTS
from catalogue.web.current import catalogue
from catalogue.web.kinds import tabs
from catalogue.web.results import (
    chips,
    hits,
    panel,
    range_panel,
    values,
    widenings,
)
from catalogue.web.upkeep import tell_search
from catalogue.web.variable_hits import below
from catalogue.web.views import Paged, missing, page, page_number, pages

blueprint = pages("datasets", __name__)
#: How many values of a facet are on a page.
_VALUES = 100


@blueprint.get("/datasets")
def search() -> Response:
    """The datasets that answer a query."""
    said = list(request.args.items(multi=True))
    query = catalogue.given.query(said, catalogue.settings.page_size)
    if list(catalogue.given.meant(said)) != said or any(
        "." in name or not value for name, value in said
    ):
        # A form sends what was left empty, a person may write codes; the search has one address.
        return redirect(query.address("/datasets"), 303)  # type: ignore[return-value]
    answer = catalogue.finder.find(query)
    tell_search(query, 0 if answer.relaxed else answer.total)
    found = hits(answer.records, answer.criteria)
    return page(
        "datasets/results.html",
        query=query,
        answer=answer,
        hits=found,
        variables=below(answer.records, query),
        tabs=tabs(query, answer.total),
        near=hits(answer.near, answer.criteria),
        facets=list(panel(query, answer)),
        ranges=list(range_panel(query, answer)),
        chips=list(chips(query)),
        widenings=widenings(answer),
        sorts=SORTS,
        paged=Paged(found, answer.total, query.page, query.size, query.deepest),
    )


@blueprint.get("/datasets/by/<slug:name>")
def by(name: str) -> Response:
    """Every value of a facet among the datasets that answer a query."""
    profile = catalogue.profile
    if name not in profile.facets:
        raise missing(f'There is no criterion "{name[:80]}" to narrow by.')
    said = request.args.items(multi=True)
    query = catalogue.given.query(said, catalogue.settings.page_size, also=("page",))
    number = page_number()
    answer = catalogue.finder.find(query.turned(1))
    found = values(query, answer, name, (number - 1) * _VALUES, _VALUES)
    return page(
        "datasets/by.html",
        query=query.turned(1),
        answer=answer,
        chips=list(chips(query)),
        values=found,
        paged=Paged(found.choices, found.total, number, _VALUES),
    )
