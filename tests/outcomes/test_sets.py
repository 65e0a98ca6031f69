"""Core outcome sets: four states, what applies, and that arrays and documents agree."""

import numpy as np
import pytest
from factories import OWN, dataset, plant

from catalogue.outcomes.grid import grid_of_set, grid_of_wholes
from catalogue.outcomes.sets import Member
from catalogue.outcomes.states import ItemState
from catalogue.records.models import Record
from catalogue.records.visibility import public
from catalogue.vocabulary import Concept


def statement(outcome, state="collected", **more):
    return {"outcome": f"{OWN}outcome/{outcome}", "state": f"{OWN}outcome-state/{state}", **more}


def untreated(reason):
    """That nothing is stated on treatments, and why."""
    return {"not_stated": [{"field": "treatment", "reason": f"{OWN}reason/{reason}"}]}


def of_set(catalogue, code, **document):
    """What one document states of a set, by the code of the item."""
    sets = catalogue.sets
    answers = sets.answers_to("core-outcome-set")
    members = sets.members(sets.every[code])
    return {one.member.concept.code: one for one in sets.cells(document, members, answers)}


def test_an_item_is_in_one_of_four_states_and_silence_is_unknown(catalogue):
    cells = of_set(
        catalogue,
        "ichom-hf",
        outcome_statement=[
            statement("overall-survival"),
            statement("dyspnoea", "not-collected"),
            statement("financial-burden", "not-applicable"),
        ],
    )
    states = {one.state for one in cells.values()}
    assert states == set(ItemState)
    assert cells["hf-dyspnoea"].state is ItemState.NOT_COLLECTED
    silent = [one for one in cells.values() if not one.part]
    assert silent
    assert all(one.state is ItemState.UNKNOWN for one in silent)


def test_nothing_stated_is_unknown_everywhere_never_not_collected(catalogue):
    for code in catalogue.sets.every:
        assert all(one.state is ItemState.UNKNOWN for one in of_set(catalogue, code).values())


def test_a_narrower_outcome_answers_an_item_only_where_it_is_collected(catalogue):
    answers = catalogue.sets.answers_to("core-outcome-set")
    narrower = next(
        one
        for one in answers.subjects.concepts.values()
        if one.broader and one.broader[0] in answers.subjects.concepts
    )
    item = Member(Concept("item", "i", "s", {}), subjects=[narrower.broader[0]])
    for state, expected in (
        ("collected", ItemState.COLLECTED),
        ("not-collected", ItemState.UNKNOWN),
    ):
        document = {"outcome_statement": [statement(narrower.code, state)]}
        [cell] = catalogue.sets.cells(document, [item], answers)
        assert cell.state is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ItemState.UNKNOWN),
        ({"treatment": [f"{OWN}treatment/radical-prostatectomy"]}, ItemState.UNKNOWN),
        # other treatments are named, and nobody said that those are all
        ({"treatment": [f"{OWN}treatment/active-surveillance"]}, ItemState.UNKNOWN),
        (untreated("unknown"), ItemState.UNKNOWN),
        (untreated("not-applicable"), ItemState.NOT_APPLICABLE),
    ],
)
def test_an_item_of_a_treatment_does_not_apply_only_where_the_owner_says_so(
    catalogue, said, expected
):
    cells = of_set(catalogue, "compacters-localised-pca", **said)
    surgery = [
        one for one in cells.values() if one.member.concept.code in ("pca-loc-13", "pca-loc-14")
    ]
    assert [one.state for one in surgery] == [expected, expected]


def test_what_is_collected_counts_whatever_treatment_is_named(catalogue):
    cells = of_set(
        catalogue,
        "compacters-localised-pca",
        outcome_statement=[statement("perioperative-death")],
        **untreated("not-applicable"),
    )
    assert cells["pca-loc-13"].state is ItemState.COLLECTED


def test_what_does_not_apply_leaves_the_denominator(catalogue):
    document = {
        "outcome_statement": [statement("urinary-function")],
        **untreated("not-applicable"),
    }
    share = next(
        one for one in catalogue.sets.shares(document) if one.set.code == "compacters-localised-pca"
    )
    beside = sum(one.state is ItemState.NOT_APPLICABLE for one in share.cells)
    assert beside >= 4
    assert share.applicable == len(share.cells) - beside
    assert (share.met, share.unknown) == (1, share.applicable - 1)


def test_a_domain_is_not_collected_only_if_each_of_its_outcomes_is_said_not_to_be(catalogue):
    answers = catalogue.sets.answers
    domain = next(
        found
        for one in catalogue.vocabularies["comet-domain"].concepts.values()
        if 2 <= len((found := catalogue.sets.domain(one)).subjects) <= 5
    )
    codes = [value.rpartition("/")[2] for value in domain.subjects]

    def state(said):
        [cell] = catalogue.sets.cells({"outcome_statement": said}, [domain], answers)
        return cell.state

    assert state([statement(codes[0], "not-collected")]) is ItemState.UNKNOWN
    denied = [statement(code, "not-collected") for code in codes]
    assert state(denied) is ItemState.NOT_COLLECTED
    assert state([*denied[1:], statement(codes[0])]) is ItemState.COLLECTED


def test_what_the_arrays_say_of_every_set_and_dataset_is_what_the_documents_say(catalogue):
    sets, shape = catalogue.sets, catalogue.records.shape("dataset")
    with catalogue.database.read() as session:
        table = catalogue.facts.table(session)
        documents = {
            int(number): public(shape, session.get(Record, int(number))) for number in table.records
        }
    assert len(documents) == 107
    domains = [sets.domain(one) for one in catalogue.vocabularies["comet-domain"].concepts.values()]
    grids = [grid_of_set(table, one, sets.members(one)) for one in sets.every.values()]
    grids.append(grid_of_wholes(table, [one for one in domains if one.subjects]))
    for grid in grids:
        for number, states, answers in zip(grid.records, grid.states, grid.answers, strict=True):
            cells = sets.cells(documents[int(number)], grid.members, sets.answers)
            assert states.tolist() == [one.state for one in cells]
            assert bool(answers) == any(one.part for one in cells)


def test_treatments_stages_and_states_agree_between_arrays_and_documents(empty):
    said = [
        untreated("not-applicable"),
        {
            "treatment": [f"{OWN}treatment/radical-prostatectomy"],
            "outcome_statement": [statement("perioperative-death", "not-collected")],
        },
        {
            "outcome_statement": [
                statement("perioperative-death", "not-collected"),
                statement("urinary-function"),
                statement("bowel-function", "not-applicable"),
            ],
            **untreated("not-applicable"),
        },
    ]
    records = plant(empty, *(dataset(**one) for one in said))
    sets = empty.sets
    chosen = sets.every["compacters-localised-pca"]
    with empty.database.read() as session:
        table = empty.facts.table(session)
    grid = grid_of_set(table, chosen, sets.members(chosen))
    by_record = dict(zip(grid.records.tolist(), grid.states.tolist(), strict=True))
    for record, document in zip(records, said, strict=True):
        cells = sets.cells(document, grid.members, sets.answers)
        assert by_record[record.id] == [one.state for one in cells]
    best = grid.ordered()
    assert best.records[0] == records[2].id
    assert best.answers.tolist() == [True, True, False]  # that treatments do not apply is no answer
    assert np.array_equal(best.met, [1, 0, 0])
    assert best.applicable[0] < len(grid.members)
