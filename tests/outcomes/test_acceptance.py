"""What a catalogue of outcomes must be able to answer, each held against the documents alone."""

from __future__ import annotations

import csv
import io

import pytest
from factories import OWN, dataset, plant
from sqlalchemy import select

from catalogue.outcomes.fit import State
from catalogue.outcomes.states import ItemState
from catalogue.records.models import Record
from catalogue.records.visibility import public


@pytest.fixture(scope="module")
def documents(catalogue):
    """Every public dataset, by the number of its record."""
    shape = catalogue.records.shape("dataset")
    with catalogue.database.read() as session:
        records = session.scalars(select(Record).where(Record.kind == "dataset")).all()
        found = {one.id: public(shape, one) for one in records}
    return {number: document for number, document in found.items() if document is not None}


@pytest.fixture(scope="module")
def states(catalogue):
    """How every dataset answers the criteria of a question."""

    def ask(*said):
        question = catalogue.questions.parse(said)
        with catalogue.database.read() as session:
            fitted = catalogue.fitter.fit(session, question, 0, 500)
        return {fit.record: [one.state for one in fit.verdicts] for fit in fitted.fits}

    return ask


@pytest.mark.parametrize("code", ["ichom-hf", "compacters-localised-pca"])
def test_at_least_so_many_items_are_met_by_exactly_the_datasets_that_state_them(
    catalogue, documents, states, code
):
    sets = catalogue.sets
    members = sets.members(sets.every[code])
    cells = {
        number: [one.state for one in sets.cells(document, members, sets.answers)]
        for number, document in documents.items()
    }
    some = 0
    for least in range(1, len(members) + 1):
        found = states(("core_outcome_set", f"{code};least={least}.."))
        for number, said in cells.items():
            met, unknown = said.count(ItemState.COLLECTED), said.count(ItemState.UNKNOWN)
            expected = State.MET if met >= least else State.UNKNOWN
            if met + unknown < least:
                expected = State.UNMET
            assert found[number] == [expected]
            some += expected is State.MET
    assert some > 5


def test_every_cell_of_the_cube_is_what_the_source_states_and_stages_choose_the_sources(
    catalogue, documents
):
    sets, stages = catalogue.sets, catalogue.vocabularies["disease-stage"]
    disease = f"{OWN}condition/alzheimers-disease"
    for stage in ("", "mild-dementia"):
        with catalogue.database.read() as session:
            asked = catalogue.cubes.read("alzheimer", stage)
            cube = catalogue.cubes.cube(catalogue.facts.table(session), asked)
        wanted = {stages.by_code[stage].iri} if stage else None
        holding = {
            number
            for number, document in documents.items()
            for part in document.get("studied_condition", [])
            if part["condition"] == disease and (not wanted or wanted & {*part.get("stage", [])})
        }
        assert {*cube.grid.records.tolist()} == holding
        for number, found in zip(cube.grid.records.tolist(), cube.grid.states, strict=True):
            cells = sets.cells(documents[number], cube.grid.members, sets.answers)
            assert found.tolist() == [one.state for one in cells]


def test_who_is_ready_for_fast_studies_is_asked_in_one_question_and_silence_is_no_refusal(
    catalogue, empty, states, documents
):
    ready = [("omop_status", "mapped"), ("lag_months", "..6"), ("frequency", "..12")]
    shown = states(*ready)
    assert all(State.UNMET not in said for said in shown.values())  # nobody of them says no
    best = next(iter(shown))
    assert documents[best]["title"]["en"].startswith("Information System for Research in Primary")
    assert shown[best] == [State.MET, State.UNKNOWN, State.MET]

    every_half_year = "http://publications.europa.eu/resource/authority/frequency/ANNUAL_2"
    never = "http://publications.europa.eu/resource/authority/frequency/NEVER"
    whole = {
        "omop_status": f"{OWN}omop-status/mapped",
        "lag_months": 6,
        "frequency": every_half_year,
    }
    records = plant(
        empty,
        dataset(**whole),
        dataset(**{**whole, "lag_months": 7}),
        dataset(**{**whole, "frequency": never}),
        dataset(**{**whole, "omop_status": f"{OWN}omop-status/planned"}),
        dataset(**{**whole, "lag_months": None}),
    )
    with empty.database.read() as session:
        fitted = empty.fitter.fit(session, empty.questions.parse(ready))
    told = {fit.record: [one.state for one in fit.verdicts] for fit in fitted.fits}
    met, unmet, unknown = State.MET, State.UNMET, State.UNKNOWN
    first, slow, never_again, planned, silent = (told[one.id] for one in records)
    assert first == [met, met, met]
    assert slow == [met, unmet, met]
    assert never_again[2] is not met
    assert planned == [unmet, met, met]
    assert silent == [met, unknown, met]
    assert [fit.record for fit in fitted.fits][:2] == [records[0].id, records[4].id]


@pytest.mark.parametrize(
    ("condition", "stage"),
    [
        ("atrial-fibrillation", "paroxysmal"),
        ("heart-failure", "hfpef"),
        ("acute-coronary-syndrome", "nstemi"),
    ],
)
def test_phenotypes_are_asked_with_follow_up_linkage_access_and_drug_codes(empty, condition, stage):
    atc = empty.vocabularies["coding-system"].by_code["ATC"].iri
    whole = {
        "studied_condition": [
            {
                "condition": f"{OWN}condition/{condition}",
                "stage": [f"{OWN}disease-stage/{stage}"],
            }
        ],
        "follow_up_median_years": 3,
        "linkage": [{"linkage_possibility": f"{OWN}linkage-possibility/possible"}],
        "access_route": [f"{OWN}access-route/committee"],
        "coding_system": [atc],
    }
    plant(empty, dataset(**whole), dataset(**{**whole, "linkage": None, "access_route": None}))
    question = empty.questions.parse(
        [
            ("condition", f"{condition};stage={stage}"),
            ("follow_up_median_years", "2.."),
            ("linkage", "possible"),
            ("access_route", "committee"),
            ("coding_system", "ATC"),
        ]
    )
    with empty.database.read() as session:
        whole_, silent = empty.fitter.fit(session, question).fits
    assert whole_.met == 5
    assert (silent.met, silent.unknown) == (3, 2)


def test_every_outcome_has_domains_and_an_instrument_leads_to_outcomes_sets_and_datasets(
    catalogue, client
):
    sets = catalogue.sets
    for one in catalogue.vocabularies["outcome"].concepts.values():
        above = catalogue.vocabularies["outcome"].above(one.iri)
        assert any(sets.domains_of(each.iri) for each in (one, *above)), one.code
    outcomes, served = sets.serving(catalogue.vocabularies["instrument"].by_code["epic-26"])
    assert {"urinary-function", "bowel-function"} <= {one.code for one in outcomes}
    assert "compacters-localised-pca" in {one.code for one in served}
    for code, one in sets.every.items():
        page = client.get(f"/vocabularies/{one.scheme}/{code}")
        assert page.status_code == 200, code


def test_a_feasibility_list_is_a_line_a_dataset_with_three_states(client, documents):
    answer = client.get(
        "/questions.csv?condition=prostate-cancer;persons=5000..&variable="
        "prostate-specific-antigen&outcome=urinary-function&follow_up_median_years=5.."
        "&omop_status=mapped"
    )
    lines = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
    head, rows = lines[0], lines[1:]
    assert len(rows) == len({row[1] for row in rows}) == len(documents)
    places = range(5, len(head), 2)
    assert len(places) == 5
    for row in rows:
        said = [row[place] for place in places]
        assert {*said} <= {"met", "not met", "not stated"}
        assert int(row[2]) == said.count("met")
        assert int(row[3]) == said.count("not stated")
    order = [(-int(row[2]), -int(row[3])) for row in rows]
    assert order == sorted(order)
