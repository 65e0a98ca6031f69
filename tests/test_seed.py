"""The demonstration records: labelled, consistent, honest about what nobody knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from catalogue.records.models import Facet, Record
from catalogue.search.query import Query
from catalogue.seed import seed, seeds_in

ROOT = Path(__file__).parents[1]
SEEDS = seeds_in(ROOT / "seed_data")
DATASETS = {file.stem: json.loads(file.read_text()) for kind, file in SEEDS if kind == "dataset"}


def test_there_are_107_sources_their_organisations_and_a_catalogue_for_each_project(catalogue):
    with catalogue.database.read() as session:
        counts = dict(
            session.execute(select(Record.kind, func.count()).group_by(Record.kind)).all()
        )
        listed = set(
            session.scalars(
                select(Facet.value).where(Facet.field == "listed_in", Facet.kind == "catalogue")
            )
        )
    assert counts["dataset"] == 107
    assert counts["catalogue"] == 7  # the network's and six projects'
    assert listed == {"id/catalogue/bd4bo"}
    assert counts["agent"] > 80


def test_every_description_is_labelled_as_a_demonstration():
    assert all(document["demonstration"] is True for document in DATASETS.values())


def test_every_outcome_statement_says_whether_it_was_checked_against_a_source():
    for key, document in DATASETS.items():
        for one in document.get("outcome_statement", []):
            assert isinstance(one.get("checked"), bool), (key, one["outcome"])


def test_no_field_has_a_value_and_a_reason_for_having_none():
    for key, document in DATASETS.items():
        for entry in document.get("not_stated", []):
            assert entry["field"] not in document, key


@pytest.mark.parametrize(
    ("key", "field"), [("finngen", "number_of_unique_individuals"), ("3c", "omop_status")]
)
def test_what_nobody_knows_publicly_is_unknown_and_not_no(key, field):
    document = DATASETS[key]
    assert field not in document
    assert {"field": field, "reason": "https://w3id.org/outcome-catalogue/reason/unknown"} in (
        document["not_stated"]
    )


def test_nobody_is_given_an_e_mail_address_that_was_not_found():
    assert not [key for key, document in DATASETS.items() if '"email"' in json.dumps(document)]


def test_people_in_the_dataset_are_not_people_with_the_condition():
    """The 1.8 million of one source hold some thousands with prostate cancer: two fields."""
    for key, document in DATASETS.items():
        for studied in document.get("studied_condition", []):
            if studied.get("persons") and document.get("number_of_unique_individuals"):
                assert studied["persons"] <= document["number_of_unique_individuals"], key


def test_an_instrument_is_found_though_only_a_statement_names_it(catalogue):
    found = catalogue.finder.find(Query("EPIC-26"))
    assert found.total >= 1
    instrument = catalogue.vocabularies["instrument"].by_label["epic-26"].iri
    assert found.counts["instrument"][instrument] >= 1


@pytest.mark.slow
def test_loading_the_records_again_changes_nothing(new_catalogue):
    catalogue = new_catalogue()
    seed(catalogue, ROOT / "seed_data")
    with catalogue.database.read() as session:
        before = {record.iri: record.revision for record in session.scalars(select(Record))}
    seed(catalogue, ROOT / "seed_data")
    with catalogue.database.read() as session:
        assert {r.iri: r.revision for r in session.scalars(select(Record))} == before
        assert set(before.values()) == {1}
