"""What datasets state of a set or an outcome, on the pages of vocabularies and as documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flask import Response, jsonify, request

from catalogue.errors import BadRequest
from catalogue.outcomes.grid import Grid
from catalogue.outcomes.states import ItemState
from catalogue.vocabulary import Concept, Vocabulary
from catalogue.web import counts, sets
from catalogue.web.current import catalogue
from catalogue.web.spreadsheets import as_csv
from catalogue.web.views import Paged, page, page_number

#: How many datasets are on a page of a set.
_LINES = 50
#: The value of ``among`` for datasets on the conditions that a set is made for.
CONDITION = "condition"


def page_of_set(vocabulary: Vocabulary, collection: Concept) -> Response:
    """A set with its items, and what every dataset that answers any states of each."""
    answers, items = catalogue.sets.answers_to(vocabulary.name), catalogue.sets.members(collection)
    number = page_number()
    every = sets.covered(collection) if answers is not None and items else None
    counted = zip(items, every.counts, strict=True) if every is not None else ()
    anywhere = every.answering() if every is not None else Grid.empty(items)
    conditions = [
        one
        for value in collection.notes.get("condition", ())
        if (one := catalogue.vocabularies.concept(value))
    ]
    on_them, among = sets.on(anywhere, conditions), _among(conditions)
    found = on_them if among else anywhere
    shown = found.lines(slice((number - 1) * _LINES, number * _LINES))
    return page(
        "vocabularies/set.html",
        vocabulary=vocabulary,
        concept=collection,
        members=items,
        relations=list(dict.fromkeys(name for one in items for name in one.related)),
        facet=answers.facet if answers else None,
        counted={
            one.concept.iri: {state.key: count for state, count in states.items()}
            for one, states in counted
        },
        subjects=sorted({value for one in items for value in one.subjects}),
        conditions=conditions,
        anywhere=len(anywhere),
        on_them=len(on_them),
        among=among,
        paged=Paged(sets.sources(shown), len(found), number, _LINES),
        steps=sets.steps(collection, anywhere),
    )


def _among(conditions: Sequence[Concept]) -> bool:
    """Whether only datasets on the conditions of the set are asked for."""
    said = request.args.get("among", "")
    if said not in ("", CONDITION):
        raise BadRequest(f'among is "{said[:40]}"; it must be {CONDITION}, or left out.')
    return said == CONDITION and bool(conditions)


def document(collection: Concept, suffix: str) -> Response:
    """The coverage of a set as CSV, whole, or as JSON, in pages."""
    number, every = page_number(), sets.covered(collection)
    found = every.answering()
    if suffix == "csv":
        header = (*sets.COLUMNS, *(one.concept.label() for one in found.members))
        return as_csv(f"coverage-{collection.code}", header, sets.lines(found))
    part = found.lines(slice((number - 1) * _LINES, number * _LINES))
    return jsonify(
        set={"code": collection.code, "iri": collection.iri, "label": collection.label()},
        datasets=len(found),
        silent=len(every) - len(found),
        items=[
            {
                "code": one.concept.code,
                "iri": one.concept.iri,
                "label": one.concept.label(),
                "datasets": {state.key: count for state, count in counted.items()},
            }
            for one, counted in zip(every.members, every.counts, strict=True)
        ],
        coverage=[sets.as_json(one) for one in sets.sources(part)],
        page=number,
        pages=max(1, -(-len(found) // _LINES)),
    )


@dataclass(frozen=True)
class InState:
    """How many datasets state one thing of an outcome."""

    state: ItemState
    number: int
    chosen: bool


def states_of(vocabulary: Vocabulary, one: Concept) -> tuple[Sequence[InState], Paged | None]:
    """What all datasets state of an outcome, and a page of those in the state asked for."""
    answers = catalogue.sets.answers
    if answers is None or answers.subjects is not vocabulary:
        return [], None
    wanted = request.args.get("state", ItemState.COLLECTED.slug)
    states = {state.slug: state for state in ItemState}
    if wanted not in states:
        raise BadRequest(f'state is "{wanted[:40]}"; it must be one of {", ".join(states)}.')
    table = sets.table()
    found = table.outcome_states((one.iri,))
    chosen = np.flatnonzero(found == states[wanted])
    records = table.records[chosen[np.argsort(table.title_ranks[chosen], kind="stable")]]
    return (
        [InState(state, int((found == state).sum()), state.slug == wanted) for state in ItemState],
        counts.listed_of(records.tolist(), page_number()),
    )
