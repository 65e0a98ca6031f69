"""How complete descriptions are: the share that states each thing, beside what was found elsewhere.

``schemas/completeness.csv`` holds the published shares to beat.  Everything is counted by the
search, so any search narrows it, and what is lacking is a search as well.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Response, request

from catalogue.errors import Forbidden
from catalogue.outcomes.asking import SEARCH
from catalogue.profile import Property
from catalogue.profile.ranges import Range
from catalogue.records.permissions import may_over_all
from catalogue.search.query import NOT_STATED, Query
from catalogue.web import counts
from catalogue.web.current import catalogue, viewer
from catalogue.web.names import remember, target
from catalogue.web.results import chips
from catalogue.web.views import page
from catalogue.web.workspace.frame import blueprint

_FILE = "completeness.csv"
#: What DARWIN EU asks of its partners, as a question.
DARWIN = "/questions?omop_status=mapped&lag_months=..6&frequency=..12"


@dataclass(frozen=True)
class Baseline:
    """The share of descriptions that stated something where somebody counted before."""

    share: float
    said: str
    source: str


@dataclass(frozen=True)
class Line:
    """One thing that may be stated: how many state it, and the search for those that do not."""

    label: str
    note: str
    stated: int
    lacking: int
    address: str
    baseline: Baseline | None

    @property
    def share(self) -> float:
        """The share that states it, in percent."""
        return 100 * self.stated / ((self.stated + self.lacking) or 1)


@blueprint.get("/workspace/completeness")
def completeness() -> Response:
    """The share of datasets that state each thing one may search by; for reviewers."""
    if not may_over_all(viewer, "see waiting"):
        raise Forbidden("Only reviewers and administrators see how complete all descriptions are.")
    query = catalogue.given.query(request.args.items(multi=True), 1)
    answer = catalogue.finder.find(query)
    lines = sorted(
        _lines(query, answer.total, answer.missing),
        key=lambda one: (one.baseline is None, one.share, one.label),
    )
    return page(
        "workspace/completeness.html",
        query=query,
        total=answer.total,
        compared=[one for one in lines if one.baseline],
        others=[one for one in lines if not one.baseline],
        chips=list(chips(query)),
        networks=_networks(),
        darwin=DARWIN,
    )


def _lines(query: Query, total: int, missing: Mapping[str, int]) -> Iterator[Line]:
    known = baselines(catalogue.settings.data_folder("schemas"))
    facets, ranges = catalogue.profile.facets, catalogue.profile.ranges
    searched: list[Property | Range] = [*facets.values(), *ranges.values()]
    for one in searched:
        if one.name in query.chosen or one.name not in missing:
            continue
        lacking = missing[one.name]
        address = query.toggled(one.name, NOT_STATED).address(SEARCH)
        yield Line(one.label, one.note, total - lacking, lacking, address, known.get(one.name))


def baselines(folder: Path) -> Mapping[str, Baseline]:
    """The published shares, by what is stated."""
    with (folder / _FILE).open(encoding="utf-8", newline="") as lines:
        return {
            row["name"]: Baseline(float(row["share"]), row["said"], row["source"])
            for row in csv.DictReader(lines)
        }


def _networks() -> list[tuple[str, str]]:
    """The networks whose datasets can be looked at alone: address of the page, and its name."""
    if "listed_in" not in catalogue.profile.facets:
        return []
    found = [value for value, _ in counts.of_values(["listed_in"], 20)]
    remember(found)
    return [(value, target(value).title.text) for value in found if target(value).title.text]
