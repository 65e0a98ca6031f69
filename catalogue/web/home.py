"""The home page: search, and what is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, url_for

from catalogue.outcomes.asking import QUESTION
from catalogue.profile.shape import Property
from catalogue.vocabulary import Concept
from catalogue.web import counts, maps, pictures
from catalogue.web.current import catalogue
from catalogue.web.fit.frame import EXAMPLES
from catalogue.web.linked import wanted
from catalogue.web.names import label_of, remember
from catalogue.web.views import page, pages

blueprint = pages("home", __name__)
#: The facets that show what is here, where the profile has them, and what they are called.
_SHOWN: Mapping[str, str] = {
    "listed_in": "Network or project",
    "condition": "Disease",
    "source_type": "Kind of source",
    "spatial": "Country or region",
}
_MOST, _MOST_PLACES = 8, 400


@dataclass(frozen=True)
class Line:
    """One value of a facet: its name, what may be said below it, and how many have it."""

    label: str
    note: str
    path: str
    count: int


@blueprint.get("/")
def home() -> Response:
    """Search first; then what there is by project, condition, kind of source and country."""
    if wanted(None):  # programs that ask for data find a FAIR Data Point here
        view = current_app.view_functions["export.fair_data_point"]
        described: Response = current_app.ensure_sync(view)()
        return described
    facets = catalogue.profile.facets
    kinds = counts.of_kinds()
    everything = kinds.get("dataset", 0)
    return page(
        "home/home.html",
        counts=kinds,
        map=_map() if "spatial" in facets else None,
        shown=[
            (facets[name], title, lines)
            for name, title in _SHOWN.items()
            if name in facets and (lines := _lines(facets[name], everything))
        ],
        ranges=pictures.of_all(),
        sets=_outcome_sets(),
        examples=[(one, f"{QUESTION}?{urlencode({'text': one})}") for one in EXAMPLES[:3]],
    )


def _lines(one: Property, everything: int) -> Sequence[Line]:
    """The commonest values of a facet; one that every dataset has tells nothing."""
    found = [
        (value, count)
        for value, count in counts.of_values([one.name], _MOST + 1)
        if count < max(everything, 2)
    ][:_MOST]
    if one.value.kind == "reference":
        remember(value for value, _ in found)
    return [_line(one, value, count) for value, count in found]


def _line(one: Property, value: str, count: int) -> Line:
    """A title like “EHDEN — sources mapped to OMOP” is a name and what it stands for."""
    label, _, note = label_of(one, value).partition(" — ")
    chosen: dict[str, Any] = {one.name: value}
    return Line(label, note, url_for("datasets.search", **chosen), count)


def _map() -> maps.CountryMap:
    return pictures.places(dict(counts.of_values(["spatial"], _MOST_PLACES)))


def _outcome_sets() -> Sequence[Concept]:
    found = catalogue.vocabularies.get("core-outcome-set")
    return sorted(found.collections.values(), key=lambda one: one.label()) if found else []
