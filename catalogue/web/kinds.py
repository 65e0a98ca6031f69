"""The kinds of things that one search finds, as tabs above the results of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from catalogue.search.finder import Finder
from catalogue.search.query import Query
from catalogue.variables.describing import VARIABLE
from catalogue.web.current import catalogue

ASSET, DATASET = "asset", "dataset"


@dataclass(frozen=True)
class Tab:
    """One kind of thing that the same words find."""

    label: str
    address: str
    count: int
    current: bool = False


def tabs(query: Query, total: int) -> list[Tab]:
    """The tabs above results; ``total`` is how many there are on the one that is shown.

    The words go along, and what was said of their meaning; criteria belong to one kind.
    """
    found = []
    for kind, label, finder, endpoint in _kinds():
        current = kind == query.kind
        other = Query(
            text=query.text,
            kind=kind,
            expand=query.expand,
            without=query.without,
            meaning=query.meaning,
        )
        number = total if current else finder.total(other)
        asked = query if current else other
        found.append(Tab(label, asked.address(url_for(endpoint)), number, current))
    return found


def _kinds() -> Iterator[tuple[str, str, Finder, str]]:
    yield DATASET, "Datasets", catalogue.finder, "datasets.search"
    yield VARIABLE, "Variables", catalogue.variables, "variables.search"
    if shape := catalogue.profile.records.get(ASSET):
        yield ASSET, shape.plural, catalogue.finder, "assets.search"
