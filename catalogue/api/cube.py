"""The data cube for programs: the same numbers as on its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, url_for

from catalogue.api.answers import absolute, answer, with_query
from catalogue.api.labels import of_concept
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import Parameter, given, refuse
from catalogue.outcomes.cube import DOMAINS, NOT_STATED, Cube, Cut
from catalogue.profile import Profile
from catalogue.profile.criteria import CONDITION, STAGE
from catalogue.search.query import place_in
from catalogue.vocabulary import Concept
from catalogue.web import sets
from catalogue.web.cube import SOURCES, cube_asked
from catalogue.web.current import catalogue, last_change

_DEEPEST = 100_000


def _parameters(profile: Profile) -> Sequence[Parameter]:
    kind = profile.criteria.get(CONDITION)
    stages = kind.qualifiers.get(STAGE) if kind else None
    codes = [one.code for one in stages.concepts.values()] if stages else []
    lists = [one for one in profile.vocabularies.values() if one.collections]
    known = [one.code for some in lists for one in some.collections.values()]
    return (
        *_ALWAYS,
        Parameter(
            "stage",
            f"A code of the list of disease stages, or `{NOT_STATED}` for sources that do not say.",
            {"type": "string", "enum": [*codes, NOT_STATED]},
        ),
        Parameter(
            "rows",
            f"`{DOMAINS}` for outcome domains, or the code of a core outcome set; what is usual "
            "for the disease if nothing is said.",
            {"type": "string", "enum": [DOMAINS, *known]},
        ),
    )


_ALWAYS = (
    Parameter(
        "disease",
        "The disease: a code, label or IRI of the list of conditions, or the beginning of a name.",
        {"type": "string", "minLength": 1, "maxLength": 200},
        required=True,
    ),
    Parameter(
        "page",
        f"Which {SOURCES} of the sources.",
        {"type": "integer", "minimum": 1, "maximum": _DEEPEST, "default": 1},
    ),
)


@get(
    "/cube",
    Operation(
        "read_cube",
        "Datasets",
        "Read a slice of the data cube",
        "Cube",
        _parameters,
        lambda: [Example("", query=(("disease", _first()),))],
    ),
)
def cube() -> Response:
    """Outcomes by source, stage and kind of source of one disease, in four states, with the gaps."""
    said = dict(given(_parameters(catalogue.profile)))
    number = _page(said.get("page", "1"))
    if not said.get("disease", "").strip():
        raise refuse("disease", "Say which disease, by a code of /api/v1/vocabularies/condition.")
    asked = catalogue.cubes.read(
        *(said.get(name, "").strip() for name in ("disease", "stage", "rows"))
    )
    found = cube_asked(asked)
    parameters = asked.parameters()
    return answer(
        lambda: _content(found, number, parameters), "cube", last_change(), parameters, number
    )


def _content(cube: Cube, number: int, parameters: Sequence[tuple[str, str]]) -> dict[str, Any]:
    asked, here = cube.slice, absolute(f"{PREFIX}/cube")
    said: dict[str, Any] = dict(parameters)
    more = number * SOURCES < len(cube.grid)
    part = cube.grid.lines(slice((number - 1) * SOURCES, number * SOURCES))
    return {
        "disease": of_concept(asked.disease),
        "stage": _or_null(asked.stage),
        "unstaged": asked.unstaged,
        "set": _or_null(asked.set),
        "total": len(cube.grid),
        "silent": cube.silent,
        "rows": [
            {
                "outcome": of_concept(one.member.concept),
                "states": {state.key: count for state, count in one.counts.items()},
                "gap": one.gap,
                "of_stages": one.of_stages,
                "of_types": one.of_types,
            }
            for one in cube.rows
        ],
        "stages": [_cut(one) for one in cube.stages],
        "types": [_cut(one) for one in cube.types],
        "items": [sets.as_json(one) for one in sets.sources(part)],
        "next": with_query(here, [*parameters, ("page", str(number + 1))]) if more else None,
        "links": {
            "self": with_query(here, parameters),
            "page": absolute(url_for("cube.show", **said)),
            "csv": absolute(url_for("cube.matrix", **said)),
            "totals": absolute(url_for("cube.totals", **said)),
        },
    }


def _or_null(one: Concept | None) -> Mapping[str, str] | None:
    return of_concept(one) if one else None


def _cut(one: Cut) -> dict[str, Any]:
    return {"concept": of_concept(one.concept), "sources": one.sources}


def _page(text: str) -> int:
    found = place_in(text, _DEEPEST)
    if found is None:
        raise refuse("page", f'"{text[:20]}" is not a number from 1 to {_DEEPEST}.')
    return found


def _first() -> str:
    """A disease that has a cube of its own, or any."""
    kind = catalogue.profile.criteria.get(CONDITION)
    known = kind.vocabulary.concepts.values() if kind and kind.vocabulary else ()
    return next((one.code for one in known if catalogue.cubes.own(one)), "heart-failure")
