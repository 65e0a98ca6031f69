"""What templates may call: values in words, records and concepts by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request, url_for
from markupsafe import Markup

from catalogue.outcomes.sets import asks_sets
from catalogue.outcomes.states import ItemState
from catalogue.profile import Profile, inputs
from catalogue.profile.names import anchor_of
from catalogue.profile.shape import Property
from catalogue.profile.units import beside
from catalogue.web import (
    charts,
    croissant,
    fingerprints,
    glance,
    names,
    pictures,
    questions,
    results,
    schema_org,
    sections,
    sets,
    similar,
    timelines,
    upkeep,
    variable_hits,
    words,
)
from catalogue.web.assets import about, about_concept
from catalogue.web.comparing import MOST_LISTED
from catalogue.web.current import catalogue, viewer


def init_app(app: Flask) -> None:
    """Give the templates of an application their filters and functions."""
    environment = app.jinja_env
    environment.filters.update(
        number=words.number,
        date=words.date,
        when=words.when,
        duration=words.duration,
        place=words.place,
        phrase=words.phrase,
        phrases=lambda texts: list(words.phrases(texts)),
        markdown=lambda text: Markup(words.markdown(text)),  # noqa: S704 - nh3 cleaned it
        address=words.address,
        excerpt=words.excerpt,
        sentence=words.sentence,
        spaced=words.spaced,
        beside=beside,
        quoted=words.quoted,
    )
    environment.tests.update(web=words.is_web, of_sets=asks_sets)
    environment.globals.update(
        assets_about=about,
        assets_about_concept=about_concept,
        similar=similar.of,
        draw=sections.draw,
        draw_table=sections.draw_table,
        guarded=sections.guarded,
        anchor_of=anchor_of,
        caption=sections.caption,
        rows=sections.rows,
        sections=sections.sections,
        picked=sections.picked,
        columns=sections.columns,
        is_expected=sections.is_expected,
        concept=names.concept,
        target=names.target,
        label_of=names.label_of,
        concept_path=concept_path,
        noted=names.noted,
        domains_of=sets.domains_of,
        shares=sets.shares,
        most_listed=MOST_LISTED,
        served=sets.served,
        item_states=list(ItemState),
        answers=glance.answers,
        glance=glance.glance,
        schema_org=schema_org,
        croissant=croissant,
        layer_of=layer_of,
        with_page=with_page,
        way_label=results.way_label,
        range_label=lambda name: catalogue.profile.ranges[name].label,
        vocabularies=_Vocabularies(),
        pictures=pictures,
        charts=charts,
        timelines=timelines,
        widget=questions.widget,
        variable_counts=variable_hits.counts,
        variable_value=variable_hits.value_label,
        badge_of=upkeep.badge_of,
        field_of=inputs.about,
        fingerprints=fingerprints,
    )
    app.context_processor(
        lambda: {"settings": catalogue.settings, "canonical": canonical(), "viewer": viewer}
    )


class _Vocabularies:
    """The vocabularies of whichever catalogue answers the request."""

    def __getattr__(self, name: str) -> Any:
        return getattr(catalogue.vocabularies, name)


def canonical() -> str:
    """The one address of the page asked for; a later page of a list is a page of its own."""
    number = request.args.get("page", "")
    later = f"?page={number}" if [*request.args] == ["page"] and number not in ("", "1") else ""
    return catalogue.settings.public_address + request.path.lstrip("/") + later


def concept_path(value: str) -> str:
    """The path of a concept's page; empty if it is in none of the vocabularies."""
    found = catalogue.vocabularies.concept(value)
    if found is None:
        return ""
    return url_for("vocabularies.concept", name=found.scheme, code=found.code)


def layer_of(profile: Profile, one: Property) -> str:
    """The title of the profile whose table said a property last."""
    folder = Path(one.where.rpartition(":")[0]).parent.name
    return next((h.title for h in profile.tables.headers if h.name == folder), folder)


def with_page(number: int) -> str:
    """The address of another page of the same list."""
    parameters = [(k, v) for k, v in request.args.items(multi=True) if k != "page"]
    if number > 1:
        parameters.append(("page", str(number)))
    return f"{request.path}?{urlencode(parameters)}" if parameters else request.path
