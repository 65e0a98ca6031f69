"""Answers by arrays are the answers that the rules give for every document by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes.oracle import Oracle
from outcomes.strategies_of_fit import ITEMS, OUTCOMES, PLACES, STAGES, criteria, documents

from catalogue.outcomes.columns import Columns
from catalogue.outcomes.judging import Judge
from catalogue.outcomes.questions import Criterion
from catalogue.outcomes.scope import Scope
from catalogue.outcomes.stated import Plan, Stated
from catalogue.outcomes.states import ItemState
from catalogue.outcomes.table import Table

_CODES = {
    "": ItemState.UNKNOWN,
    "collected": ItemState.COLLECTED,
    "not-collected": ItemState.NOT_COLLECTED,
    "not-applicable": ItemState.NOT_APPLICABLE,
}


@pytest.fixture(scope="module")
def plan(profile):
    return Plan(profile)


@pytest.fixture(scope="module")
def scope(plan):
    return Scope(plan)


def _columns(plan, found, first=0):
    return Columns.of(plan, [(n, plan.read(one)) for n, one in enumerate(found, start=first)])


@settings(max_examples=80)
@given(
    found=st.lists(documents, min_size=1, max_size=4),
    asked=st.lists(criteria, min_size=1, max_size=6),
)
def test_arrays_and_rules_agree_about_every_document(profile, plan, scope, found, asked):
    judge, oracle = Judge(_columns(plan, found), scope), Oracle(profile)
    for criterion in asked:
        expected = [oracle.answer(document, criterion) for document in found]
        assert judge(criterion).tolist() == expected, criterion


@settings(max_examples=25)
@given(found=st.lists(documents, min_size=1, max_size=4))
def test_the_items_of_a_set_have_the_states_that_the_rules_give(profile, plan, scope, found):
    judge, oracle = Judge(_columns(plan, found), scope), Oracle(profile)
    collection = profile.vocabularies.concept(
        ITEMS[0].rsplit("/", 1)[0] + "/compacters-localised-pca"
    )
    for item, states in zip(collection.members, judge.items(collection.iri), strict=True):
        assert states.tolist() == [_CODES[oracle.item(document, item)] for document in found]


@settings(max_examples=25)
@given(
    before=st.lists(documents, max_size=4),
    after=st.lists(documents, max_size=3),
    asked=st.lists(criteria, min_size=1, max_size=4),
    data=st.data(),
)
def test_what_changed_beside_the_arrays_answers_as_if_it_had_been_there_from_the_start(
    plan, scope, before, after, asked, data
):
    base = _columns(plan, before)
    # Some of the new ones replace old ones, others are new; some old ones are gone.
    numbers = data.draw(
        st.lists(st.integers(0, 6), min_size=len(after), max_size=len(after), unique=True)
    )
    gone = data.draw(st.sets(st.integers(0, 3)))
    stated = [(number, plan.read(one)) for number, one in zip(numbers, after, strict=True)]
    changed, beside = {*numbers, *gone}, Columns.of(plan, stated)
    kept = [(n, plan.read(one)) for n, one in enumerate(before) if n not in changed]
    whole = Columns.of(plan, [*kept, *stated])
    tables = [
        Table(Judge(base, scope), beside, changed, 1),
        Table(Judge(whole, scope), Columns.of(plan, ()), (), 1),
        Table(Judge(Table.folded(base, beside, changed), scope), Columns.of(plan, ()), (), 1),
    ]
    for criterion in asked:
        answers = [
            dict(zip(t.records.tolist(), t.answers(criterion).tolist(), strict=True))
            for t in tables
        ]
        assert answers[0] == answers[1] == answers[2], criterion
    titles = dict([*kept, *stated])
    for table in tables:
        ordered = [titles[n].title for n in table.records[np.argsort(table.title_ranks)].tolist()]
        assert ordered == sorted(ordered, key=str.encode)


@settings(max_examples=25)
@given(found=documents)
def test_what_is_stated_survives_being_written_down(plan, found):
    stated = plan.read(found)
    again = Columns.of(plan, [(1, Stated.of(stated.plain()))])
    for name, array in Columns.of(plan, [(1, stated)]).arrays.items():
        assert np.array_equal(array, again.arrays[name], equal_nan=array.dtype.kind == "f")


def _judged(plan, scope, criterion, **document):
    return Judge(_columns(plan, [{"title": {"en": "A"}, **document}]), scope)(criterion)[0]


EUROPE, GERMANY = PLACES[2], PLACES[1]


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        ({}, 1),
        ({"spatial": [PLACES[0]]}, 0),
        ({"spatial": [EUROPE]}, 1),  # Germany may be among it
        ({"spatial": [PLACES[0], GERMANY]}, 2),
    ],
)
def test_a_broader_place_leaves_a_narrower_one_open(plan, scope, document, answer):
    assert _judged(plan, scope, Criterion("spatial", (GERMANY,)), **document) == answer


def test_the_whole_dataset_is_never_taken_for_the_people_with_a_condition(plan, scope):
    prostate = "https://w3id.org/outcome-catalogue/condition/prostate-cancer"
    asked = Criterion("condition", (prostate,), None, (("persons", 5000.0),))
    assert _judged(
        plan, scope, asked,
        number_of_unique_individuals=182_160, studied_condition=[{"condition": prostate}],
    ) == 1  # fmt: skip


def test_a_count_of_people_in_other_stages_is_no_count_of_the_stage_asked_for(plan, scope):
    prostate = "https://w3id.org/outcome-catalogue/condition/prostate-cancer"
    asked = Criterion(
        "condition", (prostate,), None, (("stage", (STAGES[0],)), ("persons", 5000.0))
    )

    def of(*stages, persons=6000):
        part = {"condition": prostate, "stage": list(stages), "persons": persons}
        return _judged(plan, scope, asked, studied_condition=[part])

    assert of(STAGES[0]) == 2
    assert of(STAGES[0], STAGES[1]) == 1  # how many of the 6,000 are in which is not said
    assert of(STAGES[0], STAGES[1], persons=4000) == 0
    assert of(STAGES[1]) == 0


def test_a_shorter_longest_follow_up_is_a_no_and_a_longer_one_leaves_the_median_open(plan, scope):
    asked = Criterion("follow_up_median_years", (), (5.0, None))
    assert _judged(plan, scope, asked, follow_up_maximum_years=4) == 0
    assert _judged(plan, scope, asked, follow_up_maximum_years=8) == 1
    assert _judged(plan, scope, asked, follow_up_maximum_years=8, follow_up_median_years=6) == 2


def test_an_instrument_is_denied_only_with_every_outcome_that_it_serves(plan, scope):
    vocabularies = plan.vocabularies
    epic = vocabularies["instrument"].by_code["epic"].iri
    state = "https://w3id.org/outcome-catalogue/outcome-state/not-collected"
    served = scope.served(plan.kinds["instrument"], epic)
    assert served
    denied = [{"outcome": one, "state": state} for one in served]
    asked = Criterion("instrument", (epic,))
    assert _judged(plan, scope, asked, outcome_statement=denied) == 0
    assert _judged(plan, scope, asked, outcome_statement=denied[1:]) == 1
    others = [{"outcome": OUTCOMES[0], "state": state}]
    assert _judged(plan, scope, asked, outcome_statement=others) == 1


def test_the_variable_dictionary_names_variables_by_title_or_address_but_not_by_a_vague_word(
    plan, scope
):
    variables = plan.vocabularies["variable"].by_code
    psa, stage = variables["prostate-specific-antigen"].iri, variables["tnm-stage"].iri

    def dictionary(**column):
        columns = [{"column_name": "x", "column_title": {"en": "X"}, **column}]
        return [{"table": [{"title": {"en": "T"}, "column": columns}]}]

    asked = Criterion("variable", (psa,))
    for column in (
        {"column_name": "psa_at_diagnosis"},
        {"column_title": {"en": "Prostate-specific antigen"}},
        {"property_url": psa},
    ):
        assert _judged(plan, scope, asked, variables=dictionary(**column)) == 2, column
    assert _judged(plan, scope, asked, variables=dictionary(column_name="stage")) == 1
    vague = Criterion("variable", (stage,))
    assert _judged(plan, scope, vague, variables=dictionary(column_name="stage")) == 1


def test_every_interval_of_updates_that_the_list_knows_stands_for_months(plan, scope):
    known = {
        one.code: scope.number(plan.short(one.iri))
        for one in plan.vocabularies["frequency"].concepts.values()
    }
    assert known["ANNUAL"] == 12
    assert {code for code, months in known.items() if np.isnan(months)} == {
        "IRREG", "AS_NEEDED", "OTHER", "UNKNOWN",
    }  # fmt: skip


def _own(path):
    return f"https://w3id.org/outcome-catalogue/{path}"


def _people(condition, persons):
    return {"condition": _own(f"condition/{condition}"), "persons": persons}


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        ([_people("cancer", 60)], 0),  # no more than all with any cancer
        ([_people("cancer", 200)], 1),
        ([_people("localised-prostate-cancer", 60)], 1),  # at least
        ([_people("localised-prostate-cancer", 100)], 2),
        ([_people("prostate-cancer", 60), _people("prostate-cancer", 60)], 1),
        ([_people("prostate-cancer", 40), _people("localised-prostate-cancer", 200)], 2),
    ],
)
def test_people_are_counted_through_narrower_and_broader_conditions(
    profile, plan, scope, parts, answer
):
    asked = Criterion(
        "condition", (_own("condition/prostate-cancer"),), None, (("persons", 100.0),)
    )
    assert _judged(plan, scope, asked, studied_condition=parts) == answer
    assert Oracle(profile).answer({"studied_condition": parts}, asked) == answer


def test_who_names_an_item_has_the_last_word_and_the_first_of_several_holds(plan, scope):
    item, outcome = ITEMS[0], _own("outcome/urinary-incontinence")
    denied, inapplicable, collected = (
        _own(f"outcome-state/{code}") for code in ("not-collected", "not-applicable", "collected")
    )

    def state(*statements):
        document = {"title": {"en": "A"}, "outcome_statement": list(statements)}
        judge = Judge(_columns(plan, [document]), scope)
        return judge.states("outcome_statement", scope.member(item).subjects, (item,))[0]

    assert scope.member(item).subjects == (outcome,)
    by_outcome, by_name = {"outcome": outcome}, {"outcome": OUTCOMES[-1], "set_item": [item]}
    said, other = {**by_outcome, "state": denied}, {**by_name, "state": inapplicable}
    assert state(said) == ItemState.NOT_COLLECTED
    assert state(said, other) == state(other, said) == ItemState.NOT_APPLICABLE
    assert state(said, {**said, "state": inapplicable}) == ItemState.NOT_COLLECTED
    assert state({**said, "state": inapplicable}, said) == ItemState.NOT_APPLICABLE
    assert state(said, other, {**by_outcome, "state": collected}) == ItemState.COLLECTED


def test_an_item_of_other_treatments_does_not_apply_unless_it_is_collected(plan, scope):
    item, surgery = ITEMS[1], _own("outcome/positive-surgical-margin")
    watched = [_own("treatment/active-surveillance")]
    collection = _own("core-outcome-set/compacters-localised-pca")
    place = scope.members(collection).index(item)

    def state(treatment, code="", reason=""):
        parts = [{"outcome": surgery, "state": _own(f"outcome-state/{code}")}] if code else None
        reasons = [{"field": "treatment", "reason": _own(f"reason/{reason}")}] if reason else None
        document = {
            "title": {"en": "A"},
            "treatment": treatment,
            "outcome_statement": parts,
            "not_stated": reasons,
        }
        known = {name: value for name, value in document.items() if value}
        return Judge(_columns(plan, [known]), scope).items(collection)[place][0]

    assert state([]) == ItemState.UNKNOWN
    assert state(watched) == ItemState.UNKNOWN  # nobody said that no other treatment was given
    assert state(watched, "not-collected") == ItemState.NOT_COLLECTED
    assert state(watched, "not-applicable") == ItemState.NOT_APPLICABLE
    assert state([], reason="unknown") == ItemState.UNKNOWN
    assert state([], reason="not-applicable") == ItemState.NOT_APPLICABLE
    assert state([], "not-collected", "not-applicable") == ItemState.NOT_APPLICABLE
    assert state([], "collected", "not-applicable") == ItemState.COLLECTED


def _prostate(**more):
    return {"condition": _own("condition/prostate-cancer"), **more}


def _cancer(which, **more):
    return {"condition": _own(f"condition/{which}-prostate-cancer"), **more}


def _stages(*codes):
    return [_own(f"disease-stage/{one}") for one in codes]


@pytest.mark.parametrize(
    ("parts", "stage", "condition"),
    [
        # a condition that is a stage, and a stage that is a condition, are the same people
        ([_cancer("localised", persons=6000)], 2, 2),
        ([_prostate(stage=_stages("localised"), persons=6000)], 2, 2),
        ([_prostate(persons=6000)], 1, 1),
        ([_prostate(stage=_stages("localised", "metastatic"), persons=6000)], 1, 1),
        ([_prostate(stage=_stages("metastatic"), persons=6000)], 0, 0),
        ([_cancer("metastatic", persons=6000)], 0, 0),
        ([_cancer("castration-resistant", persons=6000)], 1, 0),
        ([_cancer("localised", persons=900)], 1, 0),
        (
            [
                _cancer("localised", persons=900),
                _prostate(stage=_stages("localised"), persons=4500),
            ],
            0,
            1,
        ),
    ],
)
def test_a_stage_may_be_stated_as_a_condition_and_the_other_way_round(
    plan, scope, parts, stage, condition
):
    prostate, localised = (
        _own("condition/prostate-cancer"),
        _own("condition/localised-prostate-cancer"),
    )
    least = ("persons", 5000.0)
    by_stage = Criterion(
        "condition", (prostate,), None, (("stage", tuple(_stages("localised"))), least)
    )
    by_name = Criterion("condition", (localised,), None, (least,))
    answers = [_judged(plan, scope, one, studied_condition=parts) for one in (by_stage, by_name)]
    assert answers == [stage, condition]


def test_castration_resistant_metastases_are_metastases(plan, scope):
    asked = Criterion(
        "condition",
        (_own("condition/prostate-cancer"),),
        None,
        (("stage", tuple(_stages("metastatic"))),),
    )
    advanced = Criterion("condition", (_own("condition/advanced-prostate-cancer"),))
    for part in (
        _prostate(stage=_stages("metastatic-castration-resistant")),
        _cancer("metastatic-castration-resistant"),
    ):
        assert _judged(plan, scope, asked, studied_condition=[part]) == 2
        assert _judged(plan, scope, advanced, studied_condition=[part]) == 2


@pytest.mark.parametrize(
    ("periods", "answer"),
    [
        ([("2000", "2002"), ("2003", "2006")], 2),  # they meet
        ([("2000", "2002"), ("2004", "2006")], 0),  # 2003 is missing
        ([("2000", "2004"), ("2002", None)], 2),
        ([(None, "2006")], 1),  # nobody says since when
        ([(None, "2003")], 0),
    ],
)
def test_periods_that_meet_are_one_and_a_missing_beginning_is_unknown(plan, scope, periods, answer):
    parts = [
        {name: year for name, year in zip(("start_date", "end_date"), one, strict=True) if year}
        for one in periods
    ]
    asked = Criterion("year", (), (2001.0, 2005.0))
    assert _judged(plan, scope, asked, temporal=parts) == answer
