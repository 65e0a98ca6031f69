"""The contract of search engines, at rest: exact answers, an order that means something.

Whatever an engine is made of, it gives the answers of ``oracle.py``; only scores are its
own, and of them only the order is promised.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from contracts.comparing import COUNTED, compare, hits, order, written
from contracts.engines import engine
from contracts.questions import CARE, FILTERS, HEART, SORTS, TREES, chosen, trees
from hypothesis import given
from hypothesis import strategies as st

from catalogue.search.engine import Filter, Found, Request, SearchEngine
from catalogue.search.tree import (
    And,
    Best,
    Boost,
    Exact,
    Node,
    Not,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Tagged,
    Term,
    Within,
)

# exact answers ------------------------------------------------------------------------


@pytest.mark.parametrize("tree", TREES)
def test_every_kind_of_question_is_answered_exactly(pair, tree):
    compare(pair, Request(TREES[tree], **COUNTED))


@pytest.mark.parametrize("sort", SORTS)
def test_everything_and_some_come_in_the_order_asked_for(pair, sort):
    for where in (None, HEART, Not(HEART), Within("year")):
        compare(pair, Request(where, sort=sort, **COUNTED))


@pytest.mark.parametrize("kind", ["dataset", "agent", "concept", ""])
def test_records_of_one_kind_only_are_found_and_counted(pair, kind):
    compare(pair, Request(None, kind=kind, **COUNTED))
    compare(pair, Request(HEART, kind=kind, **COUNTED))


@pytest.mark.parametrize("filters", FILTERS)
def test_a_filter_narrows_the_hits_but_not_the_counts_of_its_own_facet(pair, filters):
    for where in (None, Or((HEART, CARE))):
        compare(pair, Request(where, filters=FILTERS[filters], **COUNTED))


def test_only_what_is_asked_for_is_counted(pair):
    found = pair.reader.find(Request(HEART, facets=("theme",), ranges=("year",)))
    assert set(found.counts) == {"theme"}
    assert set(found.classes) == {"year"}
    assert set(found.missing) == {"theme", "year"}


def test_one_can_ask_for_counts_alone_and_for_pages_past_the_end(pair):
    total = pair.reader.find(Request(limit=0)).total
    assert total == len(pair.oracle.find(Request()).hits)
    for where in (None, HEART):
        assert list(pair.reader.find(Request(where, limit=0)).records) == []
        assert list(pair.reader.find(Request(where, offset=10**9)).records) == []
        assert pair.reader.find(Request(where, limit=10**9)).records


def test_words_for_suggestions_are_told_by_kind_with_how_many_have_them(pair):
    for kind in ("dataset", "agent"):
        found, right = pair.reader.spellings(kind), pair.oracle.spellings(kind)
        assert set(right) <= set(found)
        assert all(found[word] >= right[word] for word in right)
    assert not pair.reader.spellings("data")


def test_the_frequency_of_a_term_is_over_all_its_fields(pair):
    for term in ("heart", "failur", "ALL", "beta", "of", "nothing"):
        assert pair.reader.frequency(term) == pair.oracle.frequency(term)


# generated questions --------------------------------------------------------------------


@given(where=st.none() | trees, filters=chosen(), sort=st.sampled_from(SORTS))
def test_any_tree_with_any_filters_is_answered_exactly(pair, where, filters, sort):
    compare(pair, Request(where, filters=filters, sort=sort, **COUNTED))


@given(where=trees)
def test_the_same_question_gives_the_same_order(pair, where):
    once = hits(pair.reader, Request(where), size=10)
    assert once == hits(pair.reader, Request(where), size=33)


# relevance ------------------------------------------------------------------------------


@pytest.fixture
def ranked(opened) -> SearchEngine:
    """An index in which ``stroke`` is rarer than ``cancer``, over two updates."""
    index = opened()
    index.update(
        [
            *(written(n, description="cancer in people") for n in range(10, 40)),
            written(1, description="stroke in people"),
            written(2, title="cancer", description="people"),
            written(3, description="people", keyword="cancer"),
        ],
        [],
        1,
    )
    index.update(
        [
            written(4, description="cancer cancer cancer in people", theme="blood"),
            written(5, description="stroke and cancer in people"),
            written(6, description="cancer " + "and many other things beside " * 20),
        ],
        [],
        2,
    )
    return index


def test_a_rarer_term_scores_higher(ranked):
    found = order(ranked, Or((Term("cancer"), Term("stroke"))), limit=100)
    assert found.index(1) < found.index(10)


def test_a_hit_in_a_field_of_more_weight_scores_higher(ranked):
    assert order(ranked, Term("cancer"))[:2] == [2, 3]


def test_more_often_scores_higher_and_in_a_long_text_lower(ranked):
    found = order(ranked, Term("cancer", frozenset({"description"})), limit=100)
    assert found[0] == 4
    assert found[-1] == 6


def test_a_score_does_not_depend_on_which_update_brought_the_record(ranked):
    ranked.update([written(20, description="cancer in people")], [], 3)
    for where in (
        Term("cancer"),
        Prefix("canc"),
        Phrase(("cancer", "peopl"), (0, 2)),
        Best((Term("cancer"), Tagged("theme", frozenset({"blood"})))),
    ):
        found = order(ranked, where, limit=100)
        equal = [record for record in found if 10 <= record < 40]
        assert equal == list(range(10, 40))
        begin = found.index(10)
        assert found[begin : begin + 30] == equal


def test_the_best_part_counts_and_a_factor_changes_which_that_is(ranked):
    stroke, cancer = Term("stroke"), Term("cancer")
    assert order(ranked, Best((cancer, Boost(stroke, 10))))[:2] == [1, 5]
    assert order(ranked, Best((Boost(stroke, 0.01), cancer)))[0] == 2
    assert order(ranked, Or((Boost(stroke, 0), Boost(cancer, 1))))[0] == 2


def test_the_scores_of_any_add_up_and_of_the_best_do_not(ranked):
    both = tuple(Prefer(one, ((one, 100.0),)) for one in (Term("cancer"), Term("stroke")))
    assert order(ranked, Or(both))[0] == 5
    assert order(ranked, And((Term("peopl"), Or(both))))[0] == 5
    assert order(ranked, Best(both))[0] == 1


def test_a_facet_value_weighs_more_the_rarer_it_is(ranked):
    assert order(ranked, Or((Tagged("theme", frozenset({"blood"})), Term("cancer"))))[0] == 4


def test_a_preference_lifts_hits_and_the_highest_bonus_counts(ranked):
    cancer, stroke = Term("cancer"), Term("stroke")
    short = Not(Term("other"))
    long = Term("other")
    assert order(ranked, Prefer(cancer, ((stroke, 1_000.0), (long, 100.0))))[:2] == [5, 6]
    assert order(ranked, Prefer(cancer, ((long, 1_000.0), (short, 100.0))))[0] == 6
    # The order of the others does not matter: the highest bonus counts, whichever comes last.
    for others in (
        ((stroke, 1_000.0), (cancer, 1.0), (long, 100.0)),
        ((cancer, 1.0), (long, 100.0), (stroke, 1_000.0)),
        ((long, 100.0), (stroke, 1_000.0), (cancer, 1.0)),
    ):
        assert order(ranked, Prefer(cancer, others))[:2] == [5, 6]


def test_a_preference_finds_nothing_by_itself(ranked):
    assert order(ranked, Prefer(Term("stroke"), ((Term("cancer"), 10.0),))) == [5, 1]


def test_equal_scores_are_ordered_by_title(opened):
    index = opened()
    some = [written(n, title=f"{'CDAB'[n % 4]} {n}") for n in range(40)]
    some = [replace(one, texts={"description": ["heart"]}) for one in some]
    for begin in range(0, 40, 10):
        index.update(some[begin : begin + 10], [], begin)
    right = [one.record for one in sorted(some, key=lambda one: one.title.casefold())]
    for where in (Term("heart"), Within("year"), Not(Term("x")), Prefix("hea"), None):
        found = hits(index.reader(), Request(where), size=7)
        assert found == (right if not isinstance(where, Within) else [])


# hostile input ----------------------------------------------------------------------------


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
WIDE = [
    written(n, description=" ".join(f"aaa{_LETTERS[n % 26]}{a}{b}0" for a in _LETTERS for b in few))
    for n in range(300)
    for few in [_LETTERS[n % 7 :: 7]]
]
LONG_NAME = ("x" * 60,) * 2_000


@pytest.fixture(scope="module")
def wide(module_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Thousands of terms that begin alike, and a name that is longer than a page."""
    index = engine(module_name, tmp_path_factory.mktemp("wide"))
    named = replace(written(999, description="long"), names=frozenset({LONG_NAME}))
    index.update([*WIDE, named], [], 1)
    yield index
    index.close()


def timed(index: SearchEngine, where: Node, **rest) -> tuple[Found, float]:
    """The answer to a question, and how many seconds it took."""
    begin = time.perf_counter()
    found = index.reader().find(Request(where, **COUNTED, **rest))
    return found, time.perf_counter() - begin


def test_a_prefix_of_thousands_of_terms_is_answered_in_time(wide):
    found, seconds = timed(wide, Prefix("aa"))
    assert 0 < found.total <= 300
    assert seconds < 2


def test_ten_thousand_alternatives_are_answered_in_time_and_exactly(wide):
    words = {one.record: {term for _, _, term, _ in one.occurrences()} for one in WIDE}
    terms = sorted(set().union(*words.values()))[:8_000]
    many = tuple(map(Term, [*terms, *(f"no{n}" for n in range(10_000 - len(terms)))]))
    for tree, least in ((Or(many), 1), (Best(many), 1), (Or(many, 20), 20), (Or(many, 300), 300)):
        found, seconds = timed(wide, tree)
        right = sum(len(some.intersection(terms)) >= least for some in words.values())
        assert found.total == right
        assert seconds < 10


def test_a_tree_that_is_nested_deep_is_answered(wide):
    tree: Node = Term("long")
    for _ in range(100):
        tree = And((Not(Not(Boost(tree, 1.0))),))
    assert order(wide, tree) == [999]


def test_a_name_longer_than_a_page_is_found(wide):
    assert order(wide, Exact(LONG_NAME)) == [999]
    assert order(wide, Exact(LONG_NAME[1:])) == []


def test_a_page_far_behind_is_bounded(wide):
    for offset in (10_000, 10**12):
        found = wide.reader().find(Request(Prefix("aaab"), offset=offset))
        assert list(found.records) == []


def test_half_a_character_in_a_record_or_a_question_is_no_obstacle(opened):
    index = opened()
    half = "\ud800"
    one = written(1, title=f"heart {half}", keyword=f"{half}stroke", theme=half)
    index.update([replace(one, names=frozenset({(half,)}), spellings=frozenset({half}))], [], 1)
    found = index.reader().find(Request(Term("stroke"), sort="title", **COUNTED))
    assert (list(found.records), found.missing["theme"]) == ([1], 0)
    for where in (Term(f"x{half}"), Prefix(f"x{half}"), Tagged("theme", frozenset({f"x{half}"}))):
        assert order(index, where) == []
    assert order(index, None, filters={"theme": Filter(frozenset({f"x{half}"}))}) == []
