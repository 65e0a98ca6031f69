"""The data cube: rows, sources, stages, gaps."""

import pytest

from catalogue.errors import BadRequest
from catalogue.outcomes.states import ItemState


@pytest.fixture(scope="module")
def table(catalogue):
    with catalogue.database.read() as session:
        return catalogue.facts.table(session)


@pytest.fixture
def cube(catalogue, table):
    return lambda *said: catalogue.cubes.cube(table, catalogue.cubes.read(*said))


def test_for_alzheimers_disease_the_rows_are_the_domains_of_its_own_cube_and_carers_are_the_gap(
    cube,
):
    found = cube("alzheimer")
    assert found.slice.set.code == "roadmap-data-cube-domains"
    assert len(found.rows) == 11
    assert len(found.grid) == found.sources == 22
    [gap] = found.gaps
    assert gap.member.concept.code == "cube-carer"
    assert all(gap.collected < one.collected for one in found.rows if one is not gap)
    assert found.rows[0].member.concept.code == "cube-cognition"


def test_every_row_counts_every_source_once_and_nobodys_silence_is_a_no(cube):
    for said in (
        ("alzheimer",),
        ("prostate cancer", "", "domains"),
        ("heart failure", "", "ichom-hf"),
    ):
        found = cube(*said)
        for row in found.rows:
            assert sum(row.counts.values()) == len(found.grid)
            assert row.counts[ItemState.NOT_COLLECTED] == 0  # no demonstration says so
        assert found.grid.met.sum() == sum(row.collected for row in found.rows)


def test_a_stage_narrows_the_sources_and_those_that_say_none_are_told_apart(cube):
    whole, mild = cube("alzheimers-disease"), cube("alzheimers-disease", "mild-dementia")
    silent = cube("alzheimers-disease", "not-stated")
    counts = {cut.concept.code: cut.sources for cut in whole.stages}
    assert 0 < len(mild.grid) == counts["mild-dementia"] < len(whole.grid)
    assert 0 < len(silent.grid) == whole.unstaged < len(whole.grid)
    assert not set(mild.grid.records.tolist()) & set(silent.grid.records.tolist())
    cognition = whole.rows[0]
    place = [cut.concept.code for cut in whole.stages].index("mild-dementia")
    assert cognition.of_stages[place] == mild.rows[0].collected == len(mild.grid)


def test_kinds_of_source_are_cuts_of_the_same_numbers(cube):
    found = cube("alzheimers-disease")
    cohorts = next(i for i, cut in enumerate(found.types) if "Cohort" in cut.concept.label())
    assert found.rows[0].of_types[cohorts] <= found.types[cohorts].sources < found.sources


def test_sources_that_state_most_come_first_and_silent_ones_last(cube):
    found = cube("prostate-cancer")
    met = found.grid.met.tolist()
    assert met == sorted(met, reverse=True)
    assert found.silent
    assert not found.grid.answers[-1]


@pytest.mark.parametrize("said", ["AD", "alzheimer", "Alzheimer-Krankheit", "alzheimers-disease"])
def test_a_disease_goes_by_any_of_its_names(catalogue, said):
    assert catalogue.cubes.disease(said).code == "alzheimers-disease"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("no such thing",), "there is no condition"),
        (("lymph",), "may mean"),
        (("alzheimer", "stage nine"), "there is no stage"),
        (("alzheimer", "", "ichom-nothing"), "neither"),
    ],
)
def test_what_cannot_be_understood_is_told_with_the_way_out(catalogue, said, told):
    with pytest.raises(BadRequest, match=told):
        catalogue.cubes.read(*said)


def test_a_disease_that_no_source_has_is_an_empty_cube(catalogue, table, cube):
    nobody = next(
        one
        for one in catalogue.vocabularies["condition"].concepts.values()
        if not table.having("condition", (one.iri,)).any()
    )
    found = cube(nobody.code)
    assert (len(found.grid), found.sources, found.gaps) == (0, 0, [])
