"""Typing help: what somebody may be about to look for."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for

from catalogue.api.answers import absolute, answer, with_query
from catalogue.api.items import links_of
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import Parameter, given, words
from catalogue.search.suggest import Suggestion
from catalogue.web.current import catalogue, last_change, session

_Q = Parameter("q", "What is typed so far.", {"type": "string", "maxLength": 200})


@get(
    "/suggest",
    Operation(
        "suggest",
        "Datasets",
        "Help with typing",
        "Suggestions",
        lambda profile: (_Q,),
        lambda: [Example("", query=(("q", "hea"),))],
    ),
)
def suggest() -> Response:
    """Concepts, datasets and organisations with a name whose words begin so, the likeliest first."""
    text = words(given((_Q,)))
    state = (catalogue.finder.engine.reader().generation, last_change())
    return answer(
        lambda: {"items": [_item(one) for one in catalogue.suggester.suggest(session, text)]},
        "suggest",
        state,
        text,
    )


def _item(one: Suggestion) -> dict[str, Any]:
    query = [(one.kind, one.concept)] if one.concept else [("q", one.text)]
    if one.record is not None:
        links = links_of(one.record)
        page, api = links["page"], links["self"]
    else:
        page = with_query(absolute(url_for("datasets.search")), query)
        api = with_query(absolute(f"{PREFIX}/datasets"), query)
    return {
        "text": one.text,
        "kind": one.kind,
        "label": _label(one.kind),
        "also": one.also,
        "count": one.count,
        "url": page,
        "api": api,
    }


def _label(kind: str) -> str:
    """What people call a kind of suggestion: the label of a facet or of a kind of record."""
    profile = catalogue.profile
    if kind in profile.facets:
        return profile.facets[kind].label
    return profile.records[kind].label if kind in profile.records else "Word"
