"""Exports as tools and people write them: every way of the columns, nothing that breaks the reader."""

from __future__ import annotations

import pytest
from exports import FEMALE, MALE, export, rows, table, written
from hypothesis import given
from hypothesis import strategies as st

from catalogue.errors import BadRequest, CatalogueError, Invalid
from catalogue.outcomes.fingerprint.analyses import ANALYSES, DOMAINS
from catalogue.outcomes.fingerprint.facts import facts
from catalogue.outcomes.fingerprint.making import make
from catalogue.outcomes.fingerprint.raw import _TAKERS
from catalogue.outcomes.fingerprint.reading import whole
from catalogue.outcomes.fingerprint.suggesting import suggestions


def made(content: bytes):
    return make(content, 10).fingerprint


def test_a_fingerprint_says_what_a_partner_expects():
    seen = made(export(12_000))
    assert seen["persons"] == 12_000
    assert [one["sex"] for one in seen["sexes"]] == ["female", "male"]
    assert seen["age_basis"] == "first-observation"
    assert seen["age"]["median"] == 67
    assert 0 < seen["observation_years"]["median"] < 10
    assert [one["domain"] for one in seen["domains"]] == list(DOMAINS)
    assert seen["concepts"][0]["name"] == "Essential hypertension"
    assert (seen["cdm_version"], seen["vocabulary_version"]) == ("5.4", "v5.0 31-AUG-23")
    assert (seen["cdm_release_date"], seen["source_release_date"]) == ("2024-02-10", "2024-01-31")
    assert 90 <= seen["mapping_coverage"] < 100


def test_the_table_of_analyses_feeds_only_what_is_made():
    assert {one.feeds for one in ANALYSES.values()} - {""} == set(_TAKERS)
    assert {one.domain for one in ANALYSES.values()} - {""} <= set(DOMAINS)
    assert all(one.label for one in ANALYSES.values())


def test_columns_may_stand_in_any_order_and_case_with_any_separator():
    plain = made(table({(MALE, 40): 900, (FEMALE, 45): 1_234}))
    turned = b"COUNT_VALUE;Stratum_2;STRATUM_1;analysis_ID\n900;40;8507;102\n1234;45;8532;102\n"
    assert made(turned) == plain
    assert made(b"\xef\xbb\xbf" + turned) == plain
    assert made(turned.decode().encode("utf-16")) == plain
    assert made(turned.replace(b";", b"\t").replace(b"\n", b"\r\n")) == plain


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("12", 12),
        ("1e+05", 100000),
        ("12.0", 12),
        ("12.5", None),
        ("-1", None),
        ("", None),
        ("1_000", None),
        ("inf", None),
        ("nan", None),
        ("9" * 40, None),
        ("١٢", None),
    ],
)
def test_whole_numbers_are_read_as_statistics_programs_write_them(said, read):
    assert whole(said) == read


def test_what_r_calls_not_available_is_nothing():
    lines = rows(5_000, version="NA")
    lines[-1][5] = "NA"
    seen = made(written(lines))
    assert (seen["cdm_version"], seen["vocabulary_version"]) == ("", "")


def test_counts_that_were_rounded_up_before_stay_what_they_are():
    seen = made(export(12_000, rounded=True, names=False))
    rare = [one for one in seen["concepts"] if one["concept"] == 441269]
    assert rare == [
        {"domain": "condition", "concept": 441269, "name": "", "persons": 100, "records": 100}
    ]


def test_without_ages_by_sex_the_years_of_birth_are_taken():
    lines = [
        [10, 1950, MALE, "", "", "", 700],
        [10, 1990, FEMALE, "", "", "", 300],
        [5000, "", "", "2020-06-01", "5.3", "", 1],
    ]
    seen = made(written([[*line, *[""] * 10] for line in lines]))
    assert seen["age_basis"] == "year-of-release"
    told = {(one["from"], one["sex"]) for one in seen["ages"] if one["persons"]}
    assert told == {(70, "male"), (30, "female")}


@pytest.mark.parametrize(
    ("line", "sexes", "ages"),
    [
        ([2, MALE, "", "", "", "", 700], 2, 0),
        ([101, 40, "", "", "", "", 700], 0, 10),
        ([1, "", "", "", "", "", 700], 0, 0),
    ],
)
def test_one_table_of_people_is_told_however_little_it_says(line, sexes, ages):
    seen = made(written([[*line, *[""] * 10]]))
    assert seen["persons"] == 700
    assert (len(seen["sexes"]), len(seen["ages"])) == (sexes, ages)


def test_an_age_or_a_year_that_cannot_be_is_left_out_and_said():
    lines = [
        [102, MALE, 40, "", "", "", 700],
        [102, MALE, -1, "", "", "", 12],
        [102, MALE, 190, "", "", "", 12],
        [109, 1066, "", "", "", "", 700],
    ]
    told = make(written([[*line, *[""] * 10] for line in lines]), 10)
    assert told.fingerprint["persons"] == 700
    assert [note.partition(" has")[0] for note in told.notes] == ["Row 3", "Row 4", "Row 5"]


def test_local_concepts_are_counted_but_not_named():
    lines = [[1, *[""] * 5, 5000, *[""] * 10]]
    lines.append([400, 2_000_000_017, *[""] * 4, 900, *[""] * 9, "Ward 7 code"])
    seen = made(written(lines))
    assert seen["concepts"] == []
    assert seen["domains"][0]["concepts"] == 1


def test_of_many_faults_the_first_are_told_and_how_many_more_there_are():
    lines = [[101, "old", *[""] * 4, 5, *[""] * 10] for _ in range(100)]
    for number, line in enumerate(lines):
        line[1] = f"old {number}"
    with pytest.raises(Invalid) as refused:
        make(written(lines), 10)
    assert len(refused.value.problems) == 26
    assert "And 75 rows more." in str(refused.value)
    assert "old" not in str(refused.value)


@given(content=st.binary(max_size=400))
def test_no_bytes_break_the_reader(content):
    for begin in (b"", b"analysis_id,stratum_1,count_value\n"):
        with pytest.raises(CatalogueError):
            make(begin + content, 10)


CELL = st.one_of(
    st.sampled_from(["", "NA", "8507", "0", "1e400", "-3", "2020", "201401", "x", '"', "5.4", "௧"]),
    st.integers(-10, 10**13).map(str),
    st.text(max_size=8),
)


@given(
    lines=st.lists(
        st.tuples(st.sampled_from(sorted(ANALYSES)), st.lists(CELL, min_size=15, max_size=16)),
        max_size=12,
    )
)
def test_no_rows_break_the_reader(lines):
    try:
        seen = made(written([[number, *cells] for number, cells in lines]))
    except (Invalid, BadRequest):
        return
    assert seen["persons"] >= 100


def test_a_release_states_people_as_a_range_ages_years_and_follow_up():
    seen = made(export(12_345))
    stated = facts(seen)
    assert stated["number_of_unique_individuals"] == (seen["persons"] - 99, seen["persons"])
    assert stated["typical_age"] == (seen["age"]["p10"], seen["age"]["p90"])
    assert stated["year"] == (2008, 2024)
    median = seen["observation_years"]["median"]
    assert stated["follow_up_median_years"] == (median, median)
    little = facts(made(table({(MALE, 45): 700})))
    assert little == {"number_of_unique_individuals": (601, 700), "typical_age": (40, 49)}


def test_what_the_description_says_already_is_not_suggested(profile):
    shape = profile.records["dataset"]
    seen = made(export(12_000))
    found = {one.name: one.value for one in suggestions(shape, {}, seen)}
    assert found["number_of_unique_individuals"] == 12_000
    assert suggestions(shape, found, seen) == []
