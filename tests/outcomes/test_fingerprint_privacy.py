"""Whatever is subtracted from whatever, nobody learns of a few people how many they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exports import FEMALE, HEADER, MALE, UNKNOWN, export, written
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from catalogue.errors import Invalid
from catalogue.outcomes.fingerprint.making import make
from catalogue.outcomes.fingerprint.privacy import FEW, ROUNDING, Rule

MINIMUM = 10
RULE = Rule(MINIMUM)
#: Counts near every edge: few, just enough, just above and below a hundred.
COUNTS = st.one_of(
    st.integers(0, MINIMUM - 1),
    st.integers(MINIMUM, 130),
    st.integers(0, 40).map(lambda n: n * 100 + 1),
    st.integers(1, 40).map(lambda n: n * 100),
    st.integers(0, 5000),
)
CELLS = st.dictionaries(
    st.tuples(st.sampled_from([FEMALE, MALE, UNKNOWN]), st.integers(0, 10).map(lambda n: n * 10)),
    COUNTS,
    min_size=1,
    max_size=30,
)
#: Many cells at the lower end of what they are told as, so that totals are as near as can be.
TIGHT = st.lists(
    st.sampled_from([10, 10, 10, 11, 101, 201, 1, 0, 5000]), min_size=30, max_size=30
).map(
    lambda counts: dict(
        zip(
            [(sex, age) for sex in (FEMALE, MALE, UNKNOWN) for age in range(0, 100, 10)],
            counts,
            strict=True,
        )
    )
)
CONCEPTS = st.dictionaries(st.integers(1, 500), st.tuples(COUNTS, st.integers(1, 4)), max_size=25)


def table(cells: dict[tuple[int, int], int], concepts: dict[int, tuple[int, int]] = {}) -> bytes:
    """A file in which everything that can be added up is there: all, by sex, by age, by year."""
    lines: list[list[Any]] = []

    def row(analysis: int, count: int, *strata: object) -> None:
        lines.append([analysis, *strata, *([""] * (5 - len(strata))), count, *([""] * 10)])

    everybody = sum(cells.values())
    row(1, everybody)
    for (sex, age), count in cells.items():
        row(102, count, sex, age)
    for sex in {sex for sex, _ in cells}:
        row(2, sum(n for (s, _), n in cells.items() if s == sex), sex)
    for age in {age for _, age in cells}:
        row(101, sum(n for (_, a), n in cells.items() if a == age), age)
    row(109, everybody, 2020)  # everybody is there in 2020, has a visit, and dies
    row(502, everybody, 202012)
    lines.append([203, *[""] * 5, everybody, *[""] * 10])
    for number, (persons, each) in concepts.items():
        row(400, persons, number)
        row(401, persons * each, number)
    return written(lines, HEADER)


def told(content: bytes, before: dict[str, Any] | None = None) -> dict[str, Any]:
    try:
        return make(content, MINIMUM, before).fingerprint
    except Invalid:
        assume(False)
        raise


def bands(cells: dict[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    """The cells as they are told of: the last band has no end."""
    found: dict[tuple[int, int], int] = {}
    for (sex, age), count in cells.items():
        key = (sex, min(age, 90))
        found[key] = found.get(key, 0) + count
    return found


@given(cells=CELLS, concepts=CONCEPTS, data=st.data())
def test_what_is_few_may_be_anything_without_a_single_number_changing(cells, concepts, data):
    """So there is nothing in totals, by sex, by year, in domains that could be subtracted."""
    cells = bands(cells)
    seen = told(table(cells, concepts))
    few = st.integers(0, MINIMUM - 1)
    others = {cell: data.draw(few) if n < MINIMUM else n for cell, n in cells.items()}
    rare = {
        number: (data.draw(few), each) if persons < MINIMUM else (persons, each)
        for number, (persons, each) in concepts.items()
    }
    assert told(table(others, rare)) == seen


@given(cells=CELLS, data=st.data())
def test_that_holds_also_after_another_release(cells, data):
    cells = bands(cells)
    before = told(table(cells))
    grown = {cell: count + data.draw(st.integers(0, 30)) for cell, count in cells.items()}
    after = told(table(grown), before)
    still_few = {(SEX[one["sex"]], one["from"]) for one in after["ages"] if one["persons"] is FEW}
    others = {
        cell: data.draw(st.integers(0, MINIMUM - 1)) if cell in still_few else count
        for cell, count in grown.items()
    }
    assert told(table(others), before) == after


SEX = {"female": FEMALE, "male": MALE, "other": UNKNOWN}


@settings(max_examples=200)
@given(cells=st.one_of(CELLS, TIGHT))
def test_no_cell_that_is_told_is_pinned_down_by_its_totals(cells):
    """Somebody who knows the rules works out between what and what each count must lie."""
    seen = told(table(bands(cells)))
    for low, high in worked_out(seen).values():
        assert high - low + 1 >= ROUNDING // 2


def worked_out(seen: dict[str, Any]) -> dict[tuple[str, int], tuple[int, int]]:
    """The narrowest bounds of every told cell that follow from all the totals above it."""
    cells = {
        (one["sex"], one["from"]): RULE.behind(one["persons"])
        for one in seen["ages"]
        if one["persons"] is not FEW
    }
    sexes = {}
    for one in seen["sexes"]:
        if one["persons"] is not FEW:
            least = sum(low for (sex, _), (low, _) in cells.items() if sex == one["sex"])
            sexes[one["sex"]] = behind_total(one["persons"], least)
    everybody = behind_total(seen["persons"], sum(low for low, _ in sexes.values()))
    for _ in range(20):
        sexes = tightened(sexes, everybody)
        for sex in sexes:
            of_sex = {cell: bounds for cell, bounds in cells.items() if cell[0] == sex}
            low = max(sexes[sex][0], sum(low for low, _ in of_sex.values()))
            high = min(sexes[sex][1], sum(high for _, high in of_sex.values()))
            sexes[sex] = (low, high)
            cells |= tightened(of_sex, sexes[sex])
    return cells


def behind_total(told, least):
    """What a total may stand for: an attacker knows when it may have been moved up by a step."""
    moved = told - ROUNDING - least < ROUNDING // 2
    return (least if moved else max(least, told - ROUNDING + 1)), told


def tightened(parts, total):
    low_of_all = sum(low for low, _ in parts.values())
    high_of_all = sum(high for _, high in parts.values())
    return {
        key: (
            max(low, total[0] - (high_of_all - high)),
            min(high, total[1] - (low_of_all - low)),
        )
        for key, (low, high) in parts.items()
    }


def test_ten_cells_of_ten_and_their_total_do_not_say_that_each_is_ten():
    cells = {(MALE, age): 10 for age in range(0, 100, 10)}
    cells[FEMALE, 50] = 5000
    seen = told(table(cells))
    assert {one["sex"]: one["persons"] for one in seen["sexes"]}["male"] == 200
    assert all(high - low >= 20 for low, high in worked_out(seen).values())


# one release after another ---------------------------------------------------------------


@given(first=COUNTS, second=COUNTS)
def test_two_numbers_of_one_cell_are_always_at_least_the_minimum_apart(first, second):
    before = {"cell": RULE.told(first)}
    after = RULE.settled(second, before, "cell")
    if after != before["cell"]:
        assert abs(second - first) >= MINIMUM


@given(cells=CELLS, concepts=CONCEPTS, data=st.data())
def test_one_person_more_or_less_changes_nothing(cells, concepts, data):
    """Whoever knows who came between two releases does not learn where they are counted."""
    cells = bands(cells)
    before = told(table(cells, concepts))
    sex_and_age = data.draw(st.sampled_from(sorted(cells)))
    by = data.draw(st.integers(-min(cells[sex_and_age], MINIMUM - 1), MINIMUM - 1))
    after = told(table({**cells, sex_and_age: cells[sex_and_age] + by}, concepts), before)
    assert after == {**before, "few": 2 * MINIMUM}


def test_a_dataset_that_grew_is_told_anew():
    before = make(export(12_000), MINIMUM).fingerprint
    after = make(export(15_000), MINIMUM, before).fingerprint
    assert after["persons"] > before["persons"] + 2_500
    assert [one["persons"] for one in after["years"]] != [one["persons"] for one in before["years"]]


def test_what_was_few_is_told_only_when_it_is_clearly_more():
    before = {"cell": FEW}
    assert RULE.settled(2 * MINIMUM - 2, before, "cell") is FEW
    assert RULE.settled(2 * MINIMUM - 1, before, "cell") == 100
    assert RULE.settled(3, {"cell": 100}, "cell") == 100
    assert RULE.settled(0, {"cell": 100}, "cell") is FEW


# what is told ----------------------------------------------------------------------------


def numbers(value: Any, path: str = "") -> Any:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from numbers(below, f"{path}.{key}")
    elif isinstance(value, list):
        for below in value:
            yield from numbers(below, path)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, value


@pytest.mark.parametrize("people", [150, 1_200, 12_345])
def test_every_count_is_a_multiple_of_a_hundred(people):
    seen = make(export(people), MINIMUM).fingerprint
    counts = [n for path, n in numbers(seen) if path.endswith((".persons", ".records"))]
    assert counts
    assert all(n > 0 and n % ROUNDING == 0 for n in counts)


def test_a_few_people_have_no_fingerprint_and_are_not_counted_in_the_refusal():
    with pytest.raises(Invalid) as refused:
        make(export(73), MINIMUM)
    assert "100 people or more" in str(refused.value)
    assert "73" not in str(refused.value)


def test_the_least_and_the_greatest_are_not_told_for_they_are_of_one_person():
    seen = make(export(3_000), MINIMUM).fingerprint
    assert set(seen["age"]) == {"p10", "p25", "median", "p75", "p90"}
    assert "Nowhere" not in json.dumps(seen)


def test_years_of_few_at_either_end_are_left_out():
    lines = [[1, *[""] * 5, 5000, *[""] * 10]]
    for year, count in ((1931, 1), (2010, 800), (2011, 4), (2012, 900), (2024, 3)):
        lines.append([109, year, *[""] * 4, count, *[""] * 10])
    seen = make(written(lines), MINIMUM).fingerprint
    assert seen["years"] == [
        {"year": 2010, "persons": 800},
        {"year": 2011, "persons": None},
        {"year": 2012, "persons": 900},
    ]


def test_a_rare_concept_is_not_even_named():
    content = export(12_000)
    assert b"pituitary" in content
    assert "pituitary" not in json.dumps(make(content, MINIMUM).fingerprint)


def test_concepts_come_in_an_order_that_tells_no_more_than_their_numbers():
    lines = [[1, *[""] * 5, 5000, *[""] * 10]]
    for concept, persons in ((7, 401), (3, 499), (5, 480)):
        lines.append([400, concept, *[""] * 4, persons, *[""] * 10])
    seen = make(written(lines), MINIMUM).fingerprint
    assert [one["concept"] for one in seen["concepts"]] == [3, 5, 7]
