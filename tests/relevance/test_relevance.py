"""The search finds what is meant, and the measures say how well."""

from __future__ import annotations

from dataclasses import astuple, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from relevance.asking import QUERIES, SEEDS, search_of
from relevance.measures import (
    GOOD,
    KINDS,
    Answer,
    Figures,
    Judged,
    figures,
    grades,
    mean,
    measure,
    ndcg_at,
    read,
    reciprocal_rank,
    success_at,
    worst,
)

#: What the search reached; raise them when it reaches more.
FLOORS = {
    "known-item": Figures(
        success_at_1=0.98, success_at_5=0.98, reciprocal_rank=0.98, ndcg_at_10=0.98
    ),
    "topic": Figures(success_at_1=0.96, success_at_5=0.99, reciprocal_rank=0.97, ndcg_at_10=0.93),
}

JUDGED = {"a": 3, "b": 2, "c": 1, "d": 0}


@pytest.fixture(scope="module")
def queries() -> list[Judged]:
    with QUERIES.open(encoding="utf-8", newline="") as lines:
        return read(lines)


@pytest.fixture(scope="module")
def answers(catalogue, queries) -> list[Answer]:
    return measure(search_of(catalogue), queries)


# the measures -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranking", "at_1", "at_5", "rank"),
    [
        (["a"], 1, 1, 1),
        (["b", "a"], 1, 1, 1),
        (["x", "c", "b"], 0, 1, 1 / 3),
        (["c", "d"], 0, 0, 0),
        (["v", "w", "x", "y", "z", "a"], 0, 0, 1 / 6),
        ([], 0, 0, 0),
    ],
)
def test_good_and_exact_hits_are_answers_and_marginal_ones_are_not(ranking, at_1, at_5, rank):
    assert success_at(1, ranking, JUDGED) == at_1
    assert success_at(5, ranking, JUDGED) == at_5
    assert reciprocal_rank(ranking, JUDGED) == pytest.approx(rank)


# The best order gains 7/log2(2) + 3/log2(3) + 1/log2(4) = 7 + 1.892789 + 0.5 = 9.392789.
@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        (["a", "b", "c"], 1.0),
        (["a", "b", "c", "x", "d"], 1.0),
        (["a"], 7 / 9.392789),
        (["c", "b", "a"], (1 + 1.892789 + 3.5) / 9.392789),
        (["x", "a"], 7 / 1.584963 / 9.392789),
        (["a", "a", "b"], (7 + 1.5) / 9.392789),
        (["x"] * 10 + ["a"], 0.0),
        ([], 0.0),
    ],
)
def test_the_gain_is_that_of_the_order_over_that_of_the_best_order(ranking, expected):
    assert ndcg_at(10, ranking, JUDGED) == pytest.approx(expected, abs=1e-6)


def test_only_the_first_ten_gain_also_in_the_best_order():
    many = {f"k{number}": 3 for number in range(20)}
    assert ndcg_at(10, list(many)[10:], many) == pytest.approx(1.0)


def test_where_nothing_is_wanted_nothing_is_gained():
    assert ndcg_at(10, ["a"], {}) == 0.0


@given(st.lists(st.sampled_from("abcdxyz"), max_size=15))
def test_no_order_is_better_than_the_best_one(ranking):
    assert all(0 <= figure <= 1 + 1e-9 for figure in astuple(figures(ranking, JUDGED)))


def test_a_mean_weighs_every_query_the_same():
    queries = [
        Judged("1", "topic", (), "found", {"a": 3}, ""),
        Judged("2", "topic", (), "missed", {"a": 3}, ""),
        Judged("3", "skipped", (), "not asked", {}, ""),
    ]
    answers = measure(lambda text: ["a"] if text == "found" else ["x"], queries)
    assert mean(answers) == Figures(0.5, 0.5, 0.5, 0.5)
    assert [answer.judged.id for answer in worst(answers, 1)] == ["2"]


@pytest.mark.parametrize("text", ["a:4", "a:", "a", "a:1 a:2"])
def test_a_judgement_that_cannot_be_meant_is_refused(text):
    with pytest.raises(ValueError, match="named twice, or not graded"):
        grades(text)


# the judgements -----------------------------------------------------------------------


def test_every_judged_dataset_is_among_the_demonstration_records(queries):
    known = {file.stem for file in (SEEDS / "dataset").glob("*.json")}
    assert not {(one.id, key) for one in queries for key in one.relevant if key not in known}


def test_no_query_is_asked_twice(queries):
    assert len({one.id for one in queries}) == len(queries)
    assert len({one.query for one in queries}) == len(queries)


def test_every_query_is_explained_and_has_an_answer_or_says_that_it_is_skipped(queries):
    assert all(one.note and one.about and one.kind in (*KINDS, "skipped") for one in queries)
    answered = {one.id for one in queries if any(g >= GOOD for g in one.relevant.values())}
    assert answered == {one.id for one in queries if one.kind in KINDS}


def test_a_known_item_is_one_dataset_or_two_that_are_equally_right(queries):
    known = [one for one in queries if one.kind == "known-item"]
    assert all(1 <= len(one.relevant) <= 2 for one in known)
    assert {grade for one in known for grade in one.relevant.values()} == {3}


# the search ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("figure", [one.name for one in fields(Figures)])
def test_the_search_is_as_good_as_it_was(answers, kind, figure):
    of_kind = [answer for answer in answers if answer.judged.kind == kind]
    reached, floor = (getattr(one, figure) for one in (mean(of_kind), FLOORS[kind]))
    poor = ", ".join(f"{one.judged.id} {one.judged.query}" for one in worst(of_kind, 10))
    assert reached >= floor, f"python tests/relevance --worst 20 tells more; the worst: {poor}"


def test_what_must_not_come_first_does_not(answers):
    first = {one.judged.id: one.ranking[0] for one in answers if one.ranking}
    assert not {one.judged.id for one in answers if first.get(one.judged.id) in one.judged.unwanted}
