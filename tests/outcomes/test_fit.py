"""Every dataset held against a question: three states, an honest order, and the evidence."""

from __future__ import annotations

from collections import Counter

import pytest
from factories import dataset, plant
from outcomes.oracle import Oracle
from sqlalchemy import select

from catalogue.outcomes.fit import State
from catalogue.outcomes.questions import Question
from catalogue.records.models import Record
from catalogue.records.visibility import public

OWN = "https://w3id.org/outcome-catalogue/"
#: Which databases hold more than 5,000 men with localised prostate cancer, PSA at diagnosis and
#: urinary-function PROMs, in OMOP, with five years of follow-up?
FIRST = [
    ("condition", "prostate-cancer;persons=5000.."),
    ("variable", "prostate-specific-antigen"),
    ("outcome", "urinary-function;instrument=epic,ucla-pci"),
    ("omop_status", "mapped"),
    ("follow_up_median_years", "5.."),
]
LOCALISED = [("condition", "prostate-cancer;stage=localised;persons=5000.."), *FIRST[1:]]
EVERYTHING = [
    ("outcome_domain", "1"),
    ("instrument", "epic;timing=before-treatment"),
    ("core_outcome_set", "compacters-localised-pca;least=4"),
    ("number_of_unique_individuals", "100000.."),
    ("treatment", "active-surveillance,external-beam-radiotherapy"),
    ("source_type", "registry"),
    ("selection", "population-based"),
    ("spatial", "SWE,NLD"),
    ("year", "2000..2010"),
    ("typical_age", "65.."),
    ("coding_system", "ICD-10"),
    ("access_rights", "RESTRICTED"),
    ("access_route", "application"),
    ("access_time_months", "..6"),
    ("frequency", "..12"),
    ("lag_months", "..6"),
    ("linkage", "possible,pre-linked"),
    ("biosamples", "yes"),
    ("recontact", "yes"),
]


def _asked(catalogue, criteria, text=""):
    return Question(catalogue.questions.parse(criteria).criteria, text)


def _fitted(catalogue, criteria, text="", **page):
    with catalogue.database.read() as session:
        return catalogue.fitter.fit(session, _asked(catalogue, criteria, text), **page)


@pytest.fixture(scope="module")
def keys(catalogue):
    """What the records are called, by number."""
    with catalogue.database.read() as session:
        return dict(session.execute(select(Record.id, Record.key)).all())


def _verdicts(catalogue, keys, key, criteria):
    number = next(n for n, known in keys.items() if known == key)
    with catalogue.database.read() as session:
        fit = catalogue.fitter.fit_one(session, _asked(catalogue, criteria), number)
    return fit


@pytest.mark.parametrize("criteria", [FIRST, LOCALISED, EVERYTHING], ids=["first", "stage", "all"])
def test_page_counts_and_rules_say_the_same_of_every_dataset(catalogue, criteria):
    question, oracle = _asked(catalogue, criteria), Oracle(catalogue.profile)
    states = {0: State.UNMET, 1: State.UNKNOWN, 2: State.MET}
    with catalogue.database.read() as session:
        fitted = catalogue.fitter.fit(session, question, 0, 200)
        records = session.scalars(select(Record).where(Record.kind == "dataset")).all()
        documents = {one.id: public(catalogue.records.shape("dataset"), one) for one in records}
    assert len(fitted.fits) == fitted.total == 107
    for fit in fitted.fits:
        assert [verdict.state for verdict in fit.verdicts] == [
            states[oracle.answer(documents[fit.record], one)] for one in question.criteria
        ]
    for place, counted in enumerate(fitted.states):
        found = Counter(fit.verdicts[place].state for fit in fitted.fits)
        assert counted == {state: found[state] for state in State}
    assert {m: n for m, n in fitted.groups.items() if n} == Counter(f.met for f in fitted.fits)
    assert list(fitted.groups) == sorted(fitted.groups, reverse=True)


def test_the_first_question_of_researchers_has_near_misses_with_omop_unknown(catalogue, keys):
    fitted = _fitted(catalogue, FIRST, limit=200)
    assert fitted.full == 0
    place = {keys[fit.record]: n for n, fit in enumerate(fitted.fits)}
    states = {keys[f.record]: [v.state for v in f.verdicts] for f in fitted.fits}
    met, unmet, unknown = State.MET, State.UNMET, State.UNKNOWN
    assert states["truenth"] == [met, met, met, unknown, unknown]  # its dictionary has PSA
    assert states["capsure"] == [met, unknown, met, unknown, unknown]
    assert states["ipcor"][0] is met
    assert states["ipcor"][3] is unknown
    assert states["ncr-nl"] == [met, unknown, unknown, met, unknown]
    # A trial of screening has 182,160 men, and no number of men with prostate cancer.
    assert states["erspc"][0] is unknown
    assert unmet not in states["prias"]
    assert max(place[key] for key in ("truenth", "capsure", "ncr-nl")) < 10
    asked_for_stage = _fitted(catalogue, LOCALISED, limit=200)
    states = {keys[f.record]: f.verdicts[0].state for f in asked_for_stage.fits}
    assert states["truenth"] is met
    assert states["capsure"] is unknown


def test_nothing_is_hidden_and_the_order_is_met_then_unknown_then_title(catalogue):
    fitted = _fitted(catalogue, FIRST, limit=200)
    with catalogue.database.read() as session:
        titles = dict(session.execute(select(Record.id, Record.title)).all())
    order = [(-f.met, -f.unknown, titles[f.record].casefold().encode()) for f in fitted.fits]
    assert order == sorted(order)
    pages = [_fitted(catalogue, FIRST, offset=n, limit=25).fits for n in range(0, 125, 25)]
    assert [f.record for page in pages for f in page] == [f.record for f in fitted.fits]
    assert _fitted(catalogue, FIRST, offset=500, limit=25).fits == []


def test_words_put_datasets_in_order_and_hide_none(catalogue, keys):
    plain = _fitted(catalogue, [("omop_status", "mapped")], limit=200)
    words = _fitted(catalogue, [("omop_status", "mapped")], "dispensing of medicines", limit=200)
    assert words.total == plain.total == len(words.fits)
    assert (words.groups, words.states) == (plain.groups, plain.states)
    assert {f.record for f in words.fits} == {f.record for f in plain.fits}
    assert [f.record for f in words.fits] != [f.record for f in plain.fits]
    nothing = _fitted(catalogue, [("omop_status", "mapped")], "xyzzy plugh", limit=200)
    assert [f.record for f in nothing.fits] == [f.record for f in plain.fits]


def test_a_question_without_criteria_lists_everything_by_words_and_title(catalogue, keys):
    fitted = _fitted(catalogue, [], "prostate", limit=5)
    assert fitted.total == 107
    assert fitted.groups == {0: 107}
    assert fitted.full == 0
    assert len(fitted.fits) == 5


def test_listed_are_those_that_meet_all_or_all_but_one(catalogue, keys):
    two = [("omop_status", "mapped"), ("condition", "prostate-cancer")]
    with catalogue.database.read() as session:
        listed = catalogue.fitter.listed(session, _asked(catalogue, two))
        one = catalogue.fitter.listed(session, _asked(catalogue, two[:1]))
    fitted = _fitted(catalogue, two, limit=200)
    assert list(listed.items()) == [
        (f.record, (f.met, f.unknown)) for f in fitted.fits if f.met >= 1
    ]
    assert len(one) == fitted.states[0][State.MET]
    assert {met for met, _ in one.values()} == {1}


@pytest.mark.parametrize(
    ("key", "criterion", "state", "said", "path", "anchor"),
    [
        ("truenth", ("condition", "prostate-cancer;persons=5000.."), "met",
         "Prostate cancer: Localised prostate cancer, 13,483 people, 2019-09",
         ("studied_condition", "condition"), "studied-condition-1"),
        ("ipcor", ("condition", "prostate-cancer;persons=7000.."), "not met",
         "Prostate cancer: 6,816 people", ("studied_condition", "condition"), "studied-condition-1"),
        ("crn", ("condition", "prostate-cancer;persons=5000.."), "not stated",
         "Prostate cancer; people with the condition not stated",
         ("studied_condition", "persons"), "studied-condition-2"),
        ("capsure", ("outcome", "urinary-function;instrument=epic"), "not met",
         "Urinary function: collected, UCLA Prostate Cancer Index",
         ("outcome_statement", "outcome"), "outcome-statement-4"),
        ("protect", ("instrument", "epic;timing=after-treatment"), "not stated",
         None, ("outcome_statement", "timing"), None),
        ("capsure", ("omop_status", "mapped"), "not stated",
         "Not stated (reason: unknown)", ("omop_status",), "omop"),
        ("sidiap", ("follow_up_median_years", "5.."), "met", "15.5 years",
         ("follow_up_median_years",), "coverage"),
        ("truenth", ("core_outcome_set", "compacters-localised-pca;least=3"), "met",
         "4 of 19 applicable items, 15 not stated (asked for 3)", ("outcome_statement",), "outcomes"),
        ("protect", ("core_outcome_set", "compacters-localised-pca;least=3"), "met",
         "4 of 19 applicable items, 15 not stated (asked for 3)", ("outcome_statement",), "outcomes"),
        ("ncr-nl", ("variable", "prostate-specific-antigen"), "not stated",
         "TNM stage; this one is not named", ("key_variable",), "variables"),
        ("prias", ("spatial", "NLD"), "not stated",
         "Europe; Canada; Japan; no more is said", ("spatial",), "coverage"),
        ("truenth", ("year", "2015..2020"), "not met", "from 2017 on", ("temporal",), "coverage"),
        ("protect", ("typical_age", "65.."), "met", "50 to 69 years", ("min_typical_age",), "people"),
        ("sidiap", ("frequency", "..12"), "met", "Twice yearly", ("frequency",), "coverage"),
    ],
)  # fmt: skip
def test_a_verdict_says_why_whom_to_ask_and_where_it_stands(
    catalogue, keys, key, criterion, state, said, path, anchor
):
    (verdict,) = _verdicts(catalogue, keys, key, [criterion]).verdicts
    assert verdict.state == state
    assert verdict.path == path
    if said is not None:
        assert (verdict.said, verdict.anchor) == (said, anchor)


def test_every_path_leads_to_a_property_and_every_verdict_says_something(catalogue):
    shape = catalogue.records.shape("dataset")
    for criteria in (LOCALISED, EVERYTHING):
        for fit in _fitted(catalogue, criteria, limit=200).fits:
            for verdict in fit.verdicts:
                assert verdict.said
                one = shape[verdict.path[0]]
                for name in verdict.path[1:]:
                    one = one.value.shape[name]
                assert "unknown," not in verdict.said


def test_a_reason_is_told_and_stays_not_stated(empty):
    reason = OWN + "reason/not-applicable"
    plant(empty, dataset(not_stated=[{"field": "omop_status", "reason": reason}]))
    (fit,) = _fitted(empty, [("omop_status", "mapped")]).fits
    assert fit.verdicts[0].state is State.UNKNOWN
    assert fit.verdicts[0].said == "Not stated (reason: not applicable)"


def test_a_general_population_says_nothing_against_a_disease(empty):
    everybody = [{"condition": OWN + "condition/general-population"}]
    plant(empty, dataset(studied_condition=everybody))
    (fit,) = _fitted(empty, [("condition", "prostate-cancer")]).fits
    assert fit.verdicts[0].state is State.UNKNOWN
    assert fit.verdicts[0].said == "General population; no more is said"


def test_what_the_world_may_not_see_is_in_no_page_and_no_count(empty):
    audience = empty.vocabularies["audience"].by_code["curators"].iri
    kept_back = {"restricted": [{"field": "omop_status", "audience": audience}]}
    mapped = {"omop_status": OWN + "omop-status/mapped"}
    first, second = plant(empty, dataset(**mapped, **kept_back), dataset(**mapped))
    fitted = _fitted(empty, [("omop_status", "mapped")])
    assert fitted.states[0] == {State.MET: 1, State.UNKNOWN: 1, State.UNMET: 0}
    told = {fit.record: fit.verdicts[0].said for fit in fitted.fits}
    assert told[first.id] == "Not stated (reason: not disclosed)"
    with empty.changing() as session:
        empty.records.withdraw(session, session.get(Record, second.id), author="test")
        empty.records.save(session, "dataset", dataset(**mapped), key="draft", author="test")
    fitted = _fitted(empty, [("omop_status", "mapped")])
    assert (fitted.total, fitted.full) == (1, 0)
    with empty.database.read() as session:
        question = _asked(empty, [("omop_status", "mapped")])
        assert empty.fitter.fit_one(session, question, second.id) is None
        assert empty.fitter.fit_one(session, question, 999_999) is None
        agent = session.scalars(select(Record.id).where(Record.kind == "agent")).one()
        assert empty.fitter.fit_one(session, question, agent) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"studied_condition": [{"condition": [{"no": "concept"}], "persons": "many"}]},
        {"studied_condition": [{"condition": ["a", "list"]}, {}], "omop_status": 7},
        {"not_stated": "no list", "temporal": "always"},
        {"outcome_statement": {"outcome": 5, "state": None}, "min_typical_age": 10**400},
    ],
)
def test_a_description_damaged_by_hand_costs_at_most_itself(empty, damage):
    condition = [{"condition": OWN + "condition/heart-failure"}]
    first, second = plant(
        empty, dataset(studied_condition=condition), dataset(studied_condition=condition)
    )
    with empty.database.write() as session:
        record = session.get(Record, first.id)
        record.document = {**record.document, **damage}
    told = {fit.record: fit.verdicts for fit in _fitted(empty, [*LOCALISED, *EVERYTHING[:10]]).fits}
    assert told.keys() <= {first.id, second.id}
    assert [one.said for one in told[second.id]][:2] == ["Heart failure", "Not stated"]


def test_an_empty_catalogue_has_no_datasets_and_no_error(empty):
    empty.catch_up()
    fitted = _fitted(empty, FIRST)
    assert (fitted.total, fitted.full, list(fitted.fits)) == (0, 0, [])
    assert [sum(counted.values()) for counted in fitted.states] == [0] * 5


def test_having_outcome_states_and_coverage_are_arrays_over_all_datasets(catalogue, keys):
    with catalogue.database.read() as session:
        table = catalogue.facts.table(session)
    names = [keys[number] for number in table.records.tolist()]

    def those(mask):
        return {name for name, is_so in zip(names, mask.tolist(), strict=True) if is_so}

    localised = OWN + "disease-stage/localised"
    assert "truenth" in those(table.having("condition", stages=[localised]))
    assert "capsure" not in those(table.having("condition", stages=[localised]))
    cancer = [OWN + "condition/cancer"]
    assert {"truenth", "capsure", "ncr-nl"} <= those(table.having("condition", cancer))
    registries = those(table.having("source_type", [OWN + "source-type/registry"]))
    assert {"truenth", "prias"} <= registries  # a disease registry is a registry
    assert "sidiap" not in registries
    assert those(table.having("omop_status")) >= those(
        table.having("omop_status", [OWN + "omop-status/mapped"])
    )
    states = table.outcome_states([OWN + "outcome/urinary-function"])
    assert {"truenth", "npca", "capsure"} <= those(states == 1)
    assert set(states.tolist()) <= {0, 1, 2, 3}
    coverage = table.coverage(OWN + "core-outcome-set/compacters-localised-pca")
    place = names.index("protect")
    assert coverage.states.shape == (19, 107)
    assert (coverage.collected[place], coverage.applicable[place]) == (4, 19)
    assert (coverage.collected + coverage.unknown <= coverage.applicable).all()
    assert table.places([*table.records[[5, 3]].tolist(), 10**9]).tolist() == [5, 3]
