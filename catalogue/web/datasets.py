"""Datasets: the search, and the page of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, request
from sqlalchemy import select

from catalogue.profile.shape import Property
from catalogue.records.models import Record
from catalogue.search.query import SORTS, Query, Results, parse
from catalogue.web.current import catalogue, session
from catalogue.web.names import label_of, remember
from catalogue.web.summaries import summaries
from catalogue.web.views import Paged, page, pages, record_page

blueprint = pages("datasets", __name__)
#: What is told of every dataset before the sections, where the profile has it.
AT_A_GLANCE = (
    "source_type",
    "number_of_unique_individuals",
    "studied_condition",
    "temporal",
    "spatial",
    "follow_up_median_years",
    "frequency",
    "lag_months",
    "access_rights",
    "access_route",
    "omop_status",
    "custodian",
)
#: What the header of a dataset's page tells itself.
_IN_HEADER = ("title", "alternative", "description", "demonstration", "holder_withheld")
#: How many values of a facet are seen at once, and how many in all.
_SEEN, _MOST = 6, 100


@blueprint.get("/datasets")
def search() -> Response:
    """The datasets that answer a query."""
    facets = catalogue.profile.facets
    query = parse(request.args.items(multi=True), list(facets), catalogue.settings.page_size)
    results = catalogue.engine.search(query)
    remember_labels(results, query)
    found = _in_order(results.records)
    return page(
        "datasets/results.html",
        query=query,
        results=results,
        datasets=summaries(found),
        facets=list(panel(query, results)),
        chips=[
            (facets[name], value, query.toggled(name, value))
            for name, values in query.chosen.items()
            for value in sorted(values)
        ],
        sorts=SORTS,
        paged=Paged(found, results.total, query.page, query.size),
    )


@blueprint.get("/datasets/<slug:slug>")
def show(slug: str) -> Response:
    """A dataset as a page, or as data for those who prefer it."""
    return record_page(
        "dataset", slug, "datasets/show.html", glance=AT_A_GLANCE, in_header=_IN_HEADER
    )


def _in_order(ids: Sequence[int]) -> list[Record]:
    """The records of some ids, in the order of the ids."""
    known = {r.id: r for r in session.scalars(select(Record).where(Record.id.in_(ids)))}
    return [known[one] for one in ids if one in known]


# the facet panel --------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many hits have it, and whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Panel:
    """One facet of the panel; ``seen`` at once, ``more`` on demand, ``left`` not at all."""

    property: Property
    seen: list[Choice]
    more: list[Choice]
    left: int
    open: bool


def panel(query: Query, results: Results) -> Iterator[Panel]:
    """The facets that can narrow the hits, or already do, in the order of the profile."""
    for name, one in catalogue.profile.facets.items():
        chosen = query.chosen.get(name, frozenset())
        found = dict(results.counts.get(name, {}))
        found.update({value: 0 for value in chosen if value not in found})
        if not chosen and (not found or (len(found) == 1 and results.total in found.values())):
            continue
        choices = [
            Choice(value, label_of(one, value), count, value in chosen)
            for value, count in found.items()
        ]
        choices.sort(key=lambda c: (not c.chosen, -c.count, c.label.casefold()))
        seen = max(_SEEN, len(chosen))
        yield Panel(
            one,
            choices[:seen],
            choices[seen:_MOST],
            max(0, len(choices) - _MOST),
            open=bool(chosen) or (one.tier == "minimum" and one.value.kind == "concept"),
        )


def remember_labels(results: Results, query: Query) -> None:
    """Look up the titles of the records that are facet values, all at once."""
    remember(
        value
        for name, one in catalogue.profile.facets.items()
        if one.value.kind == "reference"
        for value in (*results.counts.get(name, {}), *query.chosen.get(name, ()))
    )
