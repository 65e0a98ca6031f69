"""Searching: the query language, facets and ranges of the page of results, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from catalogue.api import labels
from catalogue.api.answers import Written, absolute, answer, with_query
from catalogue.api.counted import facets, ranges
from catalogue.api.items import items, records_of
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import (
    INCLUDED,
    MOST_OF_ALL,
    MOST_OF_NAMED,
    given,
    of_search,
    refuse,
    size,
    some_of,
)
from catalogue.api.parts import Place, part_of, place_of
from catalogue.profile import Names
from catalogue.profile.values import Reference
from catalogue.search.explain import Why
from catalogue.search.finder import Way
from catalogue.search.plan import Criterion, Variant
from catalogue.search.query import NOT_STATED, Query
from catalogue.web import counts, results
from catalogue.web.current import catalogue, last_change

_OWN = ("size", "cursor", "facets", "include")


@dataclass(frozen=True)
class Asked:
    """What a request asks for: the query, where to go on, and what to tell beside the items."""

    query: Query
    place: Place | None
    counted: Sequence[str]
    most: int
    included: Sequence[str]
    said: Sequence[tuple[str, str]]


def _examples() -> Sequence[Example]:
    """Calls that find something: by words, by the commonest value of a facet, by a range."""
    found = [Example("Words", query=(("q", "registry"), ("size", "2")))]
    for name, one in catalogue.profile.facets.items():
        commonest = counts.of_values([name], 1)
        if one.value.kind == "concept" and commonest:
            code = catalogue.vocabularies.code(commonest[0][0])
            found.append(Example("A criterion by its code", query=((name, code), ("size", "2"))))
            break
    for name, range_ in catalogue.profile.ranges.items():
        span = f"{range_.edges[-2]:.10g}.."
        query = ((name, span), (name, NOT_STATED), ("facets", "none"))
        found.append(Example("A range, or nothing stated", query=query))
        break
    why = (("q", "cancer"), ("include", "why"), ("facets", "none"))
    return [*found, Example("Why each is a hit", query=why)]


@get(
    "/datasets",
    Operation("search_datasets", "Datasets", "Search the datasets", "Search", of_search, _examples),
)
def datasets() -> Response:
    """The datasets that answer a query: the same hits, order and counts as on the page.

    Several values of one parameter are alternatives; different parameters must all hold.
    """
    asked = _asked()
    state = (catalogue.finder.engine.reader().generation, last_change())
    return answer(lambda: _content(asked), "search", state, sorted(request.args.items(multi=True)))


def api_address(query: Query) -> str:
    """The address of a query in this interface; the page of results links to it."""
    return absolute(query.turned(1).address(f"{PREFIX}/datasets"))


def _asked() -> Asked:
    """The request as a query; raises :class:`BadRequest` that says what cannot be understood."""
    profile = catalogue.profile
    if "page" in request.args:
        raise refuse("page", "There are no numbered pages here; follow `next` of each answer.")
    ends = [f"{name}.{end}" for name in profile.ranges for end in ("from", "to")]
    said = given(of_search(profile), ends)
    one = dict(said)
    query = catalogue.given.query(said, size(said), also=_OWN)
    return Asked(
        query,
        place_of(query, one.get("cursor", "")),
        *_counted(said),
        some_of("include", said, INCLUDED),
        [(name, one[name]) for name in ("size", "facets", "include") if name in one],
    )


def _counted(said: Sequence[tuple[str, str]]) -> tuple[Sequence[str], int]:
    """The facets and ranges to count, and how many values of each facet to tell."""
    names = (*catalogue.profile.facets, *catalogue.profile.ranges)
    asked = some_of("facets", said, ("all", "none", *names))
    if "facets" not in dict(said) or "all" in asked:
        return names, MOST_OF_ALL
    return [one for one in asked if one != "none"], MOST_OF_NAMED


# telling ----------------------------------------------------------------------------


def _content(asked: Asked) -> Mapping[str, Any]:
    query = asked.query
    part = part_of(catalogue.finder, query, asked.place, counting=bool(asked.counted))
    found, address = part.answer, api_address(query)
    # The counts are the same in every part, so they are told once unless they are asked for.
    more = [*({"facets": "none"} | dict(asked.said)).items(), ("cursor", part.next)]
    near = found.near if asked.place is None else ()
    return {
        "total": found.total,
        "relaxed": found.relaxed,
        "items": _items(part.records, asked, found.criteria),
        "next": with_query(address, more) if part.next else None,
        "near": _items(near, asked, found.criteria),
        "ways": [_way(one) for one in found.ways],
        "query": _echo(query),
        "expansions": [_expansion(one) for one in found.criteria],
        "choices": [
            {
                "said": one.said,
                "chosen": one.chosen or None,
                "concepts": [labels.of_concept(concept) for concept in one.concepts],
            }
            for one in found.choices
        ],
        "corrections": dict(found.corrections),
        "notes": list(found.notes),
        "facets": facets(query, found, asked.counted, asked.most),
        "ranges": ranges(found, asked.counted),
        "links": {
            "self": with_query(address, asked.said),
            "page": absolute(query.turned(1).address("datasets")),
        },
    }


def _items(ids: Sequence[int], asked: Asked, criteria: Sequence[Criterion]) -> Written:
    if not ids:
        return Written("[]")
    whole = bool(asked.included)
    found = items(records_of(ids, whole=whole), whole="document" in asked.included)
    if "why" in asked.included:
        explained = results.Explained([record for record, _ in found], criteria)
        for record, item in found:
            item["why"] = _why(explained.why(record))
    return Written(f"[{','.join(item.written() for _, item in found)}]")


def _why(why: Why | None) -> dict[str, Any] | None:
    if why is None:
        return None
    return {
        "reasons": [
            {"said": one.said, "by": one.by, "kind": one.kind, "fields": list(one.fields)}
            for one in why.reasons
        ],
        "lacking": list(why.lacking),
        "snippet": [{"text": one.text, "marked": one.marked} for one in why.snippet],
    }


def _echo(query: Query) -> dict[str, Any]:
    return {
        "text": query.text,
        "filters": {
            name: [_whole(name, value) for value in sorted(values)]
            for name, values in query.chosen.items()
        },
        "sort": query.sort,
        "expand": query.expand,
        "without": sorted(query.without),
        "meaning": sorted(query.meaning),
        "size": query.size,
    }


def _whole(name: str, value: str) -> str:
    """A chosen value; a record by its whole IRI."""
    one = catalogue.profile.facets.get(name)
    if one is None or value == NOT_STATED or not isinstance(one.value, Reference):
        return value
    return Names(catalogue.settings.public_address).absolute(value)


def _expansion(one: Criterion) -> dict[str, Any]:
    return {
        "said": one.said,
        "used": [_variant(variant) for variant in one.variants],
        "removed": [_variant(variant) for variant in one.removed],
        "concepts": [labels.of_concept(concept) for concept in one.concepts],
        "wider": one.wider or None,
        "optional": one.optional,
        "negated": one.negated,
    }


def _variant(one: Variant) -> dict[str, str]:
    return {"key": one.key, "text": one.text, "kind": one.kind, "language": one.language}


def _way(way: Way) -> dict[str, Any]:
    """A way on from nothing: what is left out or put in its place, and what is found then."""
    return {
        "without": way.said if not way.name else _whole(way.name, way.value),
        "instead": way.instead or None,
        "name": way.name or None,
        "total": way.total,
        "url": api_address(way.query),
        "page": absolute(way.query.address("datasets")),
    }
