"""What is found in one record: as it is exported, by the rules of portals, in points."""

from __future__ import annotations

import pytest
from factories import EU, agent, dataset, plant

from catalogue.preflight.assess import is_local
from catalogue.preflight.measures import DIMENSIONS, MEASURES, MOST, Score, rating

IANA = "https://www.iana.org/assignments/media-types/"


def found(catalogue, record) -> set[tuple[str, str, str]]:
    with catalogue.database.read() as session:
        _, faults = catalogue.preflight.assess(session, session.merge(record, load=False))
    return {(one.severity, one.rule, one.where) for one in faults}


def letters(catalogue, record) -> dict[str, str]:
    with catalogue.database.read() as session:
        assessed, _ = catalogue.preflight.assess(session, session.merge(record, load=False))
    return {one.name: letter for one, letter in zip(MEASURES, assessed.measures, strict=True)}


def test_a_sound_dataset_breaks_no_rule(empty):
    (record,) = plant(empty, dataset())
    assert not [one for one in found(empty, record) if one[0] == "violation"]


def test_a_withheld_holder_takes_the_mandatory_contact_along(empty):
    (record,) = plant(empty, dataset(holder_withheld=True))
    assert ("violation", "withheld", "contact_point") in found(empty, record)
    with empty.database.read() as session:  # though it could be published
        checked = empty.records.check(session, "dataset", record.document)
    assert not [one for one in checked if one.severity == "violation"]


def test_our_own_properties_are_nothing_a_portal_asks_for(empty):
    (record,) = plant(empty, dataset())
    assert not {"source_type", "outcome_statement", "lag_months"} & {
        where for _, _, where in found(empty, record)
    }


def test_a_reason_is_no_value_for_a_portal(empty):
    unknown = empty.vocabularies["reason"].by_code["unknown"].iri
    document = dataset(
        number_of_unique_individuals=None,
        not_stated=[{"field": "number_of_unique_individuals", "reason": unknown}],
    )
    (record,) = plant(empty, document)
    assert ("warning", "recommended", "number_of_unique_individuals") in found(empty, record)


def test_an_organisation_that_is_withdrawn_or_says_too_little_is_told_of(empty):
    (record,) = plant(empty, dataset())
    with empty.changing() as session:
        holder = empty.records.get(session, "agent", "ghent")
        empty.records.put(
            session, "agent", {**agent(), "contact_details": None}, key="ghent", author="t"
        )
    assert ("violation", "lacks", "hdab") in found(empty, record)
    with empty.changing() as session:
        empty.records.withdraw(session, session.merge(holder), author="t", note="Gone")
    told = found(empty, record)
    assert ("violation", "not-public", "hdab") in told
    assert ("violation", "not-public", "publisher") in told


def test_what_harvesters_trip_over_is_told(empty):
    (record,) = plant(
        empty,
        dataset(
            title={"nl": "Hartfalen"},
            description={"@none": "No language"},
            landing_page=["http://localhost:8080/x"],
            documentation=["http://hospital.example/doc"],
            temporal=[{"start_date": "2020-05", "end_date": "2019"}],
        ),
    )
    assert {
        ("quality", "no-english", "title"),
        ("warning", "language", "description"),
        ("warning", "local-address", "landing_page"),
        ("quality", "insecure-address", "documentation"),
        ("warning", "period", "temporal"),
    } <= found(empty, record)


def test_what_rdf_cannot_carry_and_what_cannot_be_read_is_told(empty):
    (record,) = plant(empty, dataset())
    with empty.database.write() as session:
        row = empty.records.get(session, "dataset", "hf")
        row.document = {**row.document, "landing_page": ["https://exa mple.org"]}
    empty.follow.rebuild(empty.followers["rdf"])
    with empty.database.read() as session:
        record = empty.records.get(session, "dataset", "hf")
    assert ("violation", "left-out", "") in found(empty, record)
    with empty.database.write() as session:
        row = empty.records.get(session, "dataset", "hf")
        row.document = {**row.document, "distribution": 7}
    with empty.database.read() as session:
        record = empty.records.get(session, "dataset", "hf")
    assert found(empty, record) == {("violation", "damaged", "")}


def test_a_draft_is_not_assessed_and_a_working_copy_is_not_looked_at(empty):
    (record,) = plant(empty, dataset())
    with empty.changing() as session:
        draft = empty.records.save(session, "dataset", dataset(), key="draft", author="t")
        empty.records.save(session, "dataset", {"title": {"nl": "X"}}, key="hf", author="t")
    with empty.database.read() as session:
        assert empty.preflight.assess(session, draft) is None
        record = empty.records.get(session, "dataset", "hf")
    assert ("quality", "no-english", "title") not in found(empty, record)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://localhost/x", True),
        ("https://127.0.0.1:8000/", True),
        ("http://[::1]/", True),
        ("http://10.1.2.3/", True),
        ("http://server.local/", True),
        ("https://catalogue.example.org/", False),
        ("https://8.8.8.8/", False),
        ("http://[broken", False),
    ],
)
def test_an_address_of_ones_own_network_is_known(address, local):
    assert is_local(address) is local


# the score ------------------------------------------------------------------------------


def test_the_points_are_those_of_the_method():
    by = {name: sum(one.points for one in MEASURES if one.dimension == name) for name in DIMENSIONS}
    assert list(by.values()) == [100, 100, 110, 75, 20]
    assert MOST == 405
    edges = (405, 351, 350, 221, 220, 121, 120, 0)
    assert [rating(one) for one in edges] == [
        *("excellent",) * 2, *("good",) * 2, *("sufficient",) * 2, *("bad",) * 2
    ]  # fmt: skip


def test_every_property_of_the_table_is_one_of_the_profile(profile):
    dataset_, distribution = profile["Dataset"], profile["Distribution"]
    for one in MEASURES:
        for shape in {"dataset": [dataset_], "distribution": [distribution]}.get(
            one.of, [dataset_, distribution]
        ):
            known = {row.property_id for row in shape}
            assert set(one.properties) <= known, one.name


def test_an_address_that_nobody_asked_is_unknown_and_a_missing_one_is_no(empty):
    (record,) = plant(empty, dataset())
    said = letters(empty, record)
    assert said["Access address answers"] == "?"
    assert said["Download address answers"] == "0"
    assert said["Download address"] == "0"


def test_the_best_distribution_counts(empty):
    best = {
        "access_url": ["https://hospital.example/data"],
        "download_url": ["https://hospital.example/data.csv"],
        "format": EU + "file-type/CSV",
        "media_type": IANA + "text/csv",
        "licence": {"id": EU + "licence/CC_BY_4_0"},
        "rights": [{"label": {"en": "Free"}}],
        "byte_size": 12,
        "issued": "2024",
        "modified": "2024-06-30",
        "applicable_legislation": ["http://data.europa.eu/eli/reg/2025/327/oj"],
    }
    poor = dataset()["distribution"][0]
    (record,) = plant(empty, dataset(distribution=[poor, best]))
    said = letters(empty, record)
    said.pop("Conforms to the profile")
    unknown = {name for name, letter in said.items() if letter == "?"}
    assert unknown == {"Access address answers", "Download address answers"}
    assert {letter for name, letter in said.items() if name not in unknown} == {"1"}


def test_a_closed_format_is_listed_and_readable_but_not_open(empty):
    distribution = {**dataset()["distribution"][0], "format": EU + "file-type/XLSX"}
    (record,) = plant(empty, dataset(distribution=[distribution]))
    said = letters(empty, record)
    assert [said[n] for n in ("From the lists", "Open format", "Machine-readable format")] == [
        "1",
        "0",
        "1",
    ]


def test_unknown_is_left_out_of_the_sum_and_told_as_possible():
    counts = [[0, 0] for _ in MEASURES]
    place = next(n for n, one in enumerate(MEASURES) if one.name == "Access address answers")
    counts[0] = [2, 0]
    counts[place] = [0, 2]
    score = Score.of(counts, 4)
    assert (score.points, score.possible) == (15, 40)
