"""The data cube: which source collects which outcome, at which stage, and where the gaps are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response, request, url_for

from catalogue.outcomes.cube import DOMAINS, NOT_STATED, Cube, Slice
from catalogue.outcomes.states import ItemState
from catalogue.vocabulary import Concept
from catalogue.web import counts, sets
from catalogue.web.current import catalogue
from catalogue.web.spreadsheets import as_csv
from catalogue.web.views import Paged, missing, page, page_number, pages

blueprint = pages("cube", __name__)
#: How many sources are on a page, how many diseases are offered.
SOURCES, _DISEASES = 30, 60


@blueprint.get("/cube")
def show() -> Response:
    """Outcome domains by source and stage of one disease, with the gaps; or the diseases there are."""
    if not request.args.get("disease", "").strip():
        return page("cube/diseases.html", diseases=diseases())
    asked = slice_asked()
    cube, number = cube_asked(asked), page_number()
    found = sets.sources(cube.grid.lines(slice((number - 1) * SOURCES, number * SOURCES)))
    return page(
        "cube/cube.html",
        cube=cube,
        asked=asked,
        paged=Paged(found, len(cube.grid), number, SOURCES),
        stages=list(_stages(cube)),
        rows_offered=_rows_offered(asked),
        rows_chosen=asked.set.code if asked.set else DOMAINS,
        diseases=[concept for concept, _ in diseases()],
        address=lambda endpoint, **changed: _address(asked, endpoint, changed),
    )


@blueprint.get("/cube.csv")
def matrix() -> Response:
    """Every source of a slice of the cube with what it states of each row, for a spreadsheet."""
    asked = slice_asked()
    cube = cube_asked(asked)
    header = (*sets.COLUMNS, *(one.concept.label() for one in cube.grid.members))
    return as_csv(f"cube-{asked.disease.code}", header, sets.lines(cube.grid))


@blueprint.get("/cube-totals.csv")
def totals() -> Response:
    """How many sources of a slice of the cube are in each state, by row, for a spreadsheet."""
    asked = slice_asked()
    cube = cube_asked(asked)
    header = (
        "outcome",
        "code",
        *(state.said for state in ItemState),
        "sources",
        "gap",
        *(
            f"collected, {cut.concept.label()} ({cut.sources})"
            for cut in (*cube.stages, *cube.types)
        ),
    )
    lines = (
        (
            one.member.concept.label(),
            one.member.concept.code,
            *(one.counts[state] for state in ItemState),
            len(cube.grid),
            "gap" if one.gap else "",
            *one.of_stages,
            *one.of_types,
        )
        for one in cube.rows
    )
    return as_csv(f"cube-{asked.disease.code}-totals", header, lines)


def _address(asked: Slice, endpoint: str, changed: Mapping[str, str]) -> str:
    """The address of a slice at a view, with another stage or other rows."""
    said: dict[str, Any] = dict(asked.parameters(**changed))
    return url_for(endpoint, **said)


# for neighbours -----------------------------------------------------------------------


def slice_asked() -> Slice:
    """The slice of the cube that the address asks for."""
    said = {name: request.args.get(name, "").strip() for name in ("disease", "stage", "rows")}
    if not said["disease"]:
        raise missing("Say which disease: /cube?disease=…; /cube has those there are.")
    return catalogue.cubes.read(**said)


def cube_asked(asked: Slice) -> Cube:
    """A slice over all datasets; remembered."""
    said = tuple(asked.parameters())
    return sets.remembered(said, lambda table: catalogue.cubes.cube(table, asked))


def diseases() -> Sequence[tuple[Concept, int]]:
    """The conditions that most datasets state, with how many."""
    found = counts.of_values(["condition"], _DISEASES)
    known = [(catalogue.vocabularies.concept(value), number) for value, number in found]
    return [(one, number) for one, number in known if one is not None]


# words ----------------------------------------------------------------------------------


def _stages(cube: Cube) -> Iterator[tuple[str, str, int, bool]]:
    """The stages to choose from: value, label, how many sources, whether chosen."""
    asked = cube.slice
    yield "", "All stages", cube.sources, asked.stage is None and not asked.unstaged
    for cut in cube.stages:
        if cut.sources or cut.concept == asked.stage:
            yield cut.concept.code, cut.concept.label(), cut.sources, cut.concept == asked.stage
    if cube.unstaged or asked.unstaged:
        yield NOT_STATED, "Stage not stated", cube.unstaged, asked.unstaged


def _rows_offered(asked: Slice) -> Sequence[tuple[str, str]]:
    """What the rows may be: domains, the sets made for the disease, and the one chosen."""
    offered = list(catalogue.cubes.sets_of(asked.disease))
    if asked.set is not None and asked.set not in offered:
        offered.append(asked.set)
    return [(DOMAINS, "COMET outcome domains"), *((one.code, one.label()) for one in offered)]
