"""The home page: search, and what is here."""

from __future__ import annotations

from flask import Response

from catalogue.web import counts
from catalogue.web.current import catalogue
from catalogue.web.names import remember
from catalogue.web.views import page, pages

blueprint = pages("home", __name__)
#: The facets that show what is here, in this order, where the profile has them.
_SHOWN = ("listed_in", "condition", "source_type", "spatial")
_MOST = 10


@blueprint.get("/")
def home() -> Response:
    """Search first; then what there is by project, condition, kind of source and country."""
    facets = catalogue.profile.facets
    shown = [(facets[name], counts.of_values([name], _MOST)) for name in _SHOWN if name in facets]
    remember(value for one, found in shown if one.value.kind == "reference" for value, _ in found)
    kinds = counts.of_kinds()
    everything = kinds.get("dataset", 0)
    outcome_sets = catalogue.vocabularies.get("core-outcome-set")
    return page(
        "home/home.html",
        counts=kinds,
        shown=[
            (one, some)
            for one, found in shown
            if (some := [pair for pair in found if pair[1] < max(everything, 2)])
        ],
        sets=sorted(outcome_sets.collections.values(), key=lambda s: s.label())
        if outcome_sets
        else [],
    )
