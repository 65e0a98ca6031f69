"""What only Tantivy needs: its limits are reached without a wrong answer."""

from __future__ import annotations

import shutil

import pytest
from contracts.comparing import COUNTED, Pair, compare, hits, written
from contracts.engines import engine, is_installed
from contracts.entries import FIELDS, entries
from contracts.oracle import Oracle

from catalogue.errors import FaultyTable
from catalogue.search import tantivy, tantivy_state
from catalogue.search.engine import Filter, Request
from catalogue.search.tree import Best, Or, Tagged, Term

needed = pytest.mark.skipif(not is_installed("tantivy"), reason="tantivy is not installed")


@needed
@pytest.mark.parametrize("most", [1, 3, 40])
def test_more_values_than_tantivy_counts_at_a_time_are_counted_exactly(monkeypatch, tmp_path, most):
    monkeypatch.setattr(tantivy_state, "MOST_BUCKETS", most)
    index, oracle = engine("tantivy", tmp_path), Oracle(FIELDS)
    for one in (index, oracle):
        one.update(entries(60), [], 1)
        one.update(entries(5, seed=9), [7, 8], 2)
    for where in (None, Term("heart"), Term("care")):
        compare(Pair(index.reader(), oracle), Request(where, **COUNTED))


@needed
@pytest.mark.parametrize("most", [3, 65_000])
def test_counts_shared_out_between_threads_are_those_of_one(monkeypatch, tmp_path, most):
    monkeypatch.setattr(tantivy_state, "LARGE", 0)
    monkeypatch.setattr(tantivy_state, "MOST_BUCKETS", most)
    index, oracle = engine("tantivy", tmp_path), Oracle(FIELDS)
    for one in (index, oracle):
        one.update(entries(60), [], 1)
    chosen = {"theme": Filter(values=frozenset({"blood"}))}
    for position in (2, 3):  # the second state knows what the first had to count
        for one in (index, oracle):
            one.update(entries(5, seed=position), [position], position)
        for where in (None, Term("heart"), Term("nowhere")):
            compare(Pair(index.reader(), oracle), Request(where, **COUNTED))
            compare(Pair(index.reader(), oracle), Request(where, filters=chosen, **COUNTED))


@needed
def test_more_values_than_tantivy_bears_at_all_are_counted_exactly(tmp_path):
    some = [written(n, title="heart", theme="blood") for n in range(2)]
    many = [f"value {n}" for n in range(70_000)]
    some[0].facets["country"] = many
    some[1].facets["country"] = many[:2]
    index = engine("tantivy", tmp_path)
    index.update(some, [], 1)
    found = index.reader().find(Request(**COUNTED))
    assert len(found.counts["country"]) == 70_000
    assert found.counts["country"]["value 1"] == 2
    assert found.counts["theme"] == {"blood": 2}
    assert found.missing["country"] == 0


@needed
@pytest.mark.parametrize("most", [1, 4, 7, 1_000])
def test_a_long_row_of_equal_scores_is_paged_without_gap_or_repetition(monkeypatch, tmp_path, most):
    monkeypatch.setattr(tantivy_state, "MOST_TIED", most)
    index = engine("tantivy", tmp_path)
    for begin in range(0, 40, 5):
        some = [written(n, description="heart", theme="blood") for n in range(begin, begin + 5)]
        index.update([*some, written(100 + begin, title="heart")], [], begin)
    tied = Best((Term("heart"), Tagged("theme", frozenset({"blood"}))))
    for where in (tied, Or((tied, Term("heart")))):
        orders = [hits(index.reader(), Request(where), size=size) for size in (1, 3, 8, 50)]
        assert all(order == orders[0] for order in orders)
        assert sorted(orders[0]) == [*range(40), *range(100, 140, 5)]


@needed
def test_files_of_a_commit_that_was_cut_off_are_no_obstacle(tmp_path):
    """All is as after a power cut between the new files and the one that names them."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    index, oracle = engine("tantivy", whole), Oracle(FIELDS)
    for one in (index, oracle):
        one.update(entries(60), [], 1)
    index.close()
    shutil.copytree(whole, cut)
    engine("tantivy", whole).update(entries(5, seed=9), [7, 8], 2)
    for path in whole.glob("*/*"):
        there = cut / path.relative_to(whole)
        if path.name == ".managed.json" or not there.exists():
            shutil.copy(path, there)
    again = engine("tantivy", cut)
    assert again.position == 1
    for one in (again, oracle):
        one.update(entries(5, seed=9), [7, 8], 2)
    compare(Pair(again.reader(), oracle), Request(None, **COUNTED))


def test_without_the_package_one_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(tantivy, "tantivy", None)
    with pytest.raises(FaultyTable, match=r"pip install 'outcome-catalogue\[tantivy\]'"):
        tantivy.TantivyEngine(tmp_path, FIELDS)
