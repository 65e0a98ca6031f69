"""The contract of search engines: exact answers, nothing lost, nothing half done.

Whatever an engine is made of, it gives the answers of ``oracle.py``; only scores are its
own, and of them only the order is promised.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from contracts.comparing import COUNTED, Pair, compare, hits, order, written
from contracts.engines import NAMES, engine, is_installed
from contracts.entries import FIELDS, entries, step
from contracts.oracle import Oracle
from hypothesis import given
from hypothesis import strategies as st

from catalogue.search.engine import Filter, Found, Request, SearchEngine
from catalogue.search.entry import Entry, Fields
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

ROOT = Path(__file__).parents[2]
ENGINES = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(not is_installed(name), reason=f"{name} is not installed"),
    )
    for name in NAMES
]
SORTS = ("relevance", "title", "modified", "size", "year")
ALL = entries(120)
TEXTS = sorted({term for one in ALL for _, _, *both in one.occurrences() for term in both if term})

Open = Callable[..., SearchEngine]


@pytest.fixture(params=ENGINES)
def name(request) -> str:
    """The name of an engine."""
    return request.param


@pytest.fixture
def opened(name: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the engine on a folder, as often as one likes."""
    known: list[SearchEngine] = []

    def open_(folder: str = "index", fields: Fields = FIELDS) -> SearchEngine:
        known.append(engine(name, tmp_path / folder, fields))
        return known[-1]

    yield open_
    for one in known:
        one.close()


@pytest.fixture(scope="module", params=ENGINES)
def module_name(request) -> str:
    """The name of an engine, for all that only read."""
    return request.param


@pytest.fixture(scope="module", params=["at once", "in pieces"])
def pair(request, module_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The same entries taken in at once, or over many updates and changes of mind."""
    index = engine(module_name, tmp_path_factory.mktemp("index"))
    oracle = Oracle(FIELDS)
    for number, (some, gone) in enumerate(_at_once() if request.param == "at once" else _pieces()):
        for one in (index, oracle):
            one.update(some, gone, number)
    yield Pair(index.reader(), oracle)
    index.close()


def _at_once() -> Iterator[tuple[list[Entry], list[int]]]:
    yield ALL, []


def _pieces() -> Iterator[tuple[list[Entry], list[int]]]:
    """The same entries in the end: some were others before, some were there meanwhile."""
    yield entries(60, seed=5), []
    yield ALL[30:70], [1, 2, 3]
    yield entries(3, seed=6, first=900), [50]
    for begin in (70, 100, 110, 115):
        yield ALL[begin : begin + 30], [900]
    yield ALL[:55], [901, 902, 77_777]


# exact answers ------------------------------------------------------------------------

HEART, FAILUR, CARE = Term("heart"), Term("failur"), Term("care")
TREES: dict[str, Node | None] = {
    "everything": None,
    "a term": HEART,
    "a term in a field": Term("heart", frozenset({"title"})),
    "a term in two fields": Term("heart", frozenset({"title", "keyword"})),
    "a term in no field": Term("heart", frozenset({"elsewhere"})),
    "a term in a field that nobody uses": Term("heart", frozenset({"unused"})),
    "a term nobody has": Term("nothing"),
    "an acronym that is a stop word": Term("ALL"),
    "a stop word": Term("of"),
    "an acronym as written": Term("PCa"),
    "Greek letters": Term("beta"),
    "Japanese": Term("日本"),
    "Russian": Term("данные"),
    "a phrase": Phrase(("heart", "failur"), (0, 1)),
    "a phrase over a stop word": Phrase(("qualiti", "life"), (0, 2)),
    "a phrase of an acronym and a word": Phrase(("ALL", "heart"), (0, 1)),
    "a phrase of pieces of one word": Phrase(("eq", "5", "d"), (0, 1, 2)),
    "a phrase of one term": Phrase(("heart",), (0,)),
    "a phrase of a term said twice": Phrase(("heart", "heart"), (0, 1)),
    "a phrase of two terms at one place": Phrase(("aml", "AML"), (0, 0)),
    "a phrase in a field": Phrase(("heart", "failur"), (0, 1), frozenset({"description"})),
    "a phrase nobody has": Phrase(("heart", "nothing"), (0, 1)),
    "a phrase from one text into the next": Phrase(("heart", "heart"), (0, 50)),
    "a prefix": Prefix("regist"),
    "a prefix of capitals": Prefix("AM"),
    "a prefix in a field": Prefix("h", frozenset({"title"})),
    "a prefix with nothing behind it": Prefix("zzz"),
    "a prefix of a character beyond the first plane": Prefix("日"),
    "a name": Exact(("heart", "registri")),
    "half a name": Exact(("heart",)),
    "a facet value": Tagged("theme", frozenset({"heart"})),
    "one of some facet values": Tagged("country", frozenset({"https://countries.example/1", "x"})),
    "a facet nobody has": Tagged("nothing", frozenset({"heart"})),
    "a facet that is not indexed": Tagged("elsewhere", frozenset({"unknown"})),
    "a range": Within("size", 100, 5_000),
    "a range at its bound": Within("size", 100, 100),
    "a range that is open above": Within("year", 2005),
    "a range that is open below": Within("year", None, 1900),
    "a range that is stated": Within("year"),
    "all of some": And((HEART, CARE)),
    "all without some": And((Not(HEART), CARE, Not(Term("cancer")))),
    "all without any": And((Not(HEART), Not(CARE))),
    "any of some": Or((HEART, FAILUR, CARE)),
    "two of some": Or((HEART, FAILUR, CARE, Term("stroke")), 2),
    "all of some by number": Or((HEART, FAILUR, CARE), 3),
    "more than there are": Or((HEART, FAILUR), 3),
    "any of some, and not": Or((HEART, Not(CARE))),
    "the best of some": Best((HEART, Phrase(("life", "care"), (0, 1)), Boost(CARE, 0.5))),
    "the best of trees": Best((And((HEART, CARE)), Not(HEART), Prefer(CARE, ((HEART, 2.0),)))),
    "without": Not(HEART),
    "without without": Not(Not(HEART)),
    "preferred": Prefer(HEART, ((Exact(("heart", "registri")), 100.0), (CARE, 10.0))),
    "all in all": And(
        (
            Or((Boost(HEART, 2), Best((FAILUR, Tagged("theme", frozenset({"mind"})))))),
            Not(And((CARE, Term("cancer")))),
            Within("year", 1950),
        )
    ),
}


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


_FILTERS: dict[str, dict[str, Filter]] = {
    "one value": {"theme": Filter(frozenset({"heart"}))},
    "several values": {"theme": Filter(frozenset({"heart", "mind", "unknown"}))},
    "a value of a large facet": {"publisher": Filter(frozenset({"publisher 1", "publisher 7"}))},
    "a value nobody has": {"theme": Filter(frozenset({"unknown"}))},
    "nothing stated": {"theme": Filter(missing=True)},
    "a value or nothing stated": {"theme": Filter(frozenset({"mind"}), missing=True)},
    "a facet nobody states": {"nothing": Filter(missing=True)},
    "a facet that is not indexed": {"elsewhere": Filter(frozenset({"unknown"}))},
    "no alternative at all": {"theme": Filter()},
    "a span": {"size": Filter(spans=frozenset({(100, 5_000)}))},
    "several spans": {"size": Filter(spans=frozenset({(None, 50), (9_999, None)}))},
    "any span": {"year": Filter(spans=frozenset({(None, None)}))},
    "a span or nothing stated": {"year": Filter(spans=frozenset({(1990, 2000)}), missing=True)},
    "a range nobody states": {"year": Filter(missing=True)},
    "two facets and a range": {
        "theme": Filter(frozenset({"heart", "mind"})),
        "country": Filter(frozenset(f"https://countries.example/{n}" for n in range(25))),
        "size": Filter(spans=frozenset({(1, None)}), missing=True),
    },
}


@pytest.mark.parametrize("filters", _FILTERS)
def test_a_filter_narrows_the_hits_but_not_the_counts_of_its_own_facet(pair, filters):
    for where in (None, Or((HEART, CARE))):
        compare(pair, Request(where, filters=_FILTERS[filters], **COUNTED))


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

_places = st.frozensets(st.sampled_from([*FIELDS.boosts, "elsewhere"]), max_size=2)
_term = st.sampled_from([*TEXTS, "nothing"])
_numbers = st.one_of(st.none(), st.sampled_from([-1, 0, 99.5, 100, 1950, 1980, 1980.5, 2005, 1e9]))
_values = {
    "theme": st.sampled_from(sorted({v for one in ALL for v in one.facets.get("theme", ())})),
    "country": st.integers(0, 41).map("https://countries.example/{}".format),
    "publisher": st.integers(0, 401).map("publisher {}".format),
    "nothing": st.just("nothing"),
}


@st.composite
def _phrases(draw) -> Phrase:
    """Mostly what stands somewhere, sometimes with a hole, sometimes what stands nowhere."""
    found = list(draw(st.sampled_from(ALL)).occurrences())
    begin = draw(st.integers(0, len(found) - 1))
    some = found[begin : begin + draw(st.integers(1, 4))]
    terms = tuple(exact if exact and draw(st.booleans()) else term for *_, term, exact in some)
    if not all(terms) or draw(st.integers(0, 9)) == 0:
        terms = tuple(draw(_term) for _ in terms)
    places = tuple(max(0, place - some[0][1]) for _, place, *_ in some)
    return Phrase(terms, places, draw(_places))


@st.composite
def _tagged(draw) -> Tagged:
    facet = draw(st.sampled_from(sorted(_values)))
    return Tagged(facet, draw(st.frozensets(_values[facet], max_size=4)))


_leaves = st.one_of(
    st.builds(Term, _term, _places),
    _phrases(),
    st.builds(Prefix, _term.map(lambda term: term[:3]), _places),
    st.builds(Exact, st.sampled_from(sorted({name for one in ALL for name in one.names}))),
    _tagged(),
    st.builds(Within, st.sampled_from(sorted(FIELDS.ranges)), _numbers, _numbers),
)
_bonus = st.floats(0, 100, width=32)


def _larger(node: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(node, min_size=1, max_size=5).map(tuple)
    return st.one_of(
        st.builds(And, parts),
        st.builds(Or, parts, st.integers(1, 4)),
        st.builds(Best, parts),
        st.builds(Not, node),
        st.builds(Boost, node, st.floats(0, 10, width=32)),
        st.builds(Prefer, node, st.lists(st.tuples(node, _bonus), max_size=3).map(tuple)),
    )


_trees = st.recursive(_leaves, _larger, max_leaves=8)


@st.composite
def _filters(draw) -> dict[str, Filter]:
    found = {}
    for name in draw(st.sets(st.sampled_from([*FIELDS.facets, *FIELDS.ranges]), max_size=3)):
        if name in FIELDS.ranges:
            spans = draw(st.frozensets(st.tuples(_numbers, _numbers), max_size=2))
            found[name] = Filter(spans=spans, missing=draw(st.booleans()))
        else:
            values = draw(st.frozensets(_values[name], max_size=3))
            found[name] = Filter(values, missing=draw(st.booleans()))
    return found


@given(where=st.none() | _trees, filters=_filters(), sort=st.sampled_from(SORTS))
def test_any_tree_with_any_filters_is_answered_exactly(pair, where, filters, sort):
    compare(pair, Request(where, filters=filters, sort=sort, **COUNTED))


@given(where=_trees)
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


# updates --------------------------------------------------------------------------------


def test_a_record_is_replaced_and_forgotten(opened):
    index = opened()
    index.update([written(1, title="heart"), written(2, title="heart")], [], 1)
    assert order(index, Term("heart")) == [1, 2]
    index.update([written(1, title="stroke")], [], 2)
    assert order(index, Term("heart")) == [2]
    assert order(index, Term("stroke")) == [1]
    index.update([], [1], 3)
    assert order(index, Term("stroke")) == []
    assert order(index, None) == [2]
    index.update([], [], 4)
    assert order(index, None) == [2]
    assert index.position == 4


def test_a_state_that_is_being_read_does_not_change(opened):
    index = opened()
    index.update([written(1, title="heart")], [], 1)
    before = index.reader()
    index.update([written(2, title="heart")], [1], 2)
    assert list(before.find(Request(Term("heart"))).records) == [1]
    assert list(before.find(Request()).records) == [1]
    assert order(index, None) == [2]
    assert index.reader().generation != before.generation
    assert index.reader().generation == index.reader().generation


def test_an_update_that_fails_half_way_leaves_everything_as_it_was(opened):
    def broken() -> Iterator[Entry]:
        yield written(2, title="heart")
        raise RuntimeError("no more")

    index = opened()
    index.update([written(1, title="heart")], [], 1)
    with pytest.raises(RuntimeError):
        index.update(broken(), [1], 2)
    assert (order(index, None), index.position) == ([1], 1)
    index.update([written(3, title="heart")], [], 3)
    assert (order(index, None), index.position) == ([1, 3], 3)


def test_a_second_object_on_the_same_folder_sees_every_update(opened):
    writing, reading = opened(), opened()
    assert reading.position == 0
    for number in range(1, 4):
        writing.update([written(number)], [], number * 10)
        assert order(reading, None) == order(writing, None) == list(range(1, number + 1))
        assert reading.position == writing.position == number * 10
    reading.update([], [1], 99)
    assert order(writing, None) == [2, 3]
    assert writing.version == reading.version


def test_an_index_is_the_same_when_it_is_opened_again(opened):
    index = opened()
    index.update(ALL, [], 12)
    version = index.version
    index.close()
    again = opened()
    assert (again.version, again.position) == (version, 12)
    oracle = Oracle(FIELDS)
    oracle.update(ALL, [], 12)
    compare(Pair(again.reader(), oracle), Request(HEART, **COUNTED))


def test_many_small_updates_keep_everything_exact(opened):
    index, oracle = opened(), Oracle(FIELDS)
    random_ = random.Random(3)
    for number in range(1, 61):
        some, gone = step(number)
        for one in (index, oracle):
            one.update(some, gone, number)
        if number % 10 == 0:
            pair = Pair(index.reader(), oracle)
            for where in (None, *random_.sample(list(TREES.values()), 6)):
                compare(pair, Request(where, **COUNTED))
    assert index.position == 60


def test_terms_that_are_gone_are_forgotten_in_the_end(opened):
    index = opened()
    index.update([written(1, title="unheard"), written(2, title="heart")], [], 1)
    index.update([written(1, title="heart")], [], 2)
    assert index.reader().frequency("unheard") == 0
    assert order(index, Prefix("unhea")) == []


def test_readers_in_many_threads_agree_while_a_writer_writes(opened):
    index = opened()
    index.update(ALL, [], 1)
    wrong: list[object] = []
    done = threading.Event()

    def read(seed: int) -> None:
        random_ = random.Random(seed)
        try:
            while not done.is_set():
                reader = index.reader()
                where = random_.choice([tree for tree in TREES.values() if tree])
                found = reader.find(Request(where, offset=random_.randint(0, 3), **COUNTED))
                everything = reader.find(Request(None, **COUNTED))
                if found.total > everything.total or everything.missing["nothing"] < 50:
                    wrong.append((where, found))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 16):
        index.update(*step(number), number)
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong


# beside -----------------------------------------------------------------------------------


def test_an_index_is_built_beside_and_takes_over_at_once(opened):
    index, other = opened(), opened()
    index.update([written(1), written(2)], [], 5)
    version, before = index.version, index.reader()
    beside = index.beside()
    beside.update([written(n) for n in range(10, 15)], [], 7)
    assert order(index, None) == order(other, None) == [1, 2]
    assert (index.position, beside.position) == (5, 7)
    index.update([written(3)], [], 6)
    assert order(other, None) == [1, 2, 3]
    beside.update([written(15)], [10], 8)
    index.take_over(beside)
    for one in (index, other, opened()):
        assert order(one, None) == [11, 12, 13, 14, 15]
        assert one.position == 8
        assert one.version != version
    assert list(before.find(Request()).records) == [1, 2]
    other.update([written(16)], [], 9)
    assert order(index, None)[-1] == 16


def test_what_was_begun_beside_and_left_is_forgotten_by_the_next(opened, tmp_path):
    index = opened()
    index.beside().update([written(1)], [], 1)
    assert order(opened(), None) == []
    index.take_over(index.beside())
    folders = [path for path in (tmp_path / "index").iterdir() if path.is_dir()]
    assert len(folders) == 1


def test_other_fields_are_another_version(opened):
    version = opened().version.rpartition("-")[0]
    for changed in (
        replace(FIELDS, facets=(*FIELDS.facets, "more")),
        replace(FIELDS, boosts={**FIELDS.boosts, "more": 1.0}),
        replace(FIELDS, ranges={**FIELDS.ranges, "size": (0.0, 5.0)}),
    ):
        assert opened(fields=changed).version.rpartition("-")[0] != version


def test_an_index_of_other_fields_answers_until_another_takes_over(opened):
    opened().update([written(1, title="heart", keyword="stroke", theme="blood")], [], 4)
    changed = Fields(
        {"new": 2.0, "keyword": 1.0, **dict.fromkeys(("title", "later"), 1.0)},
        ("more", "theme"),
        {"year": (0.0, 1.0), "more": (0.0,), "age": (5.0, 6.0)},
    )
    index = opened(fields=changed)
    counted = {"facets": changed.facets, "ranges": tuple(changed.ranges)}
    assert order(index, Term("stroke", frozenset({"keyword"})), **counted) == [1]
    assert order(index, Term("stroke", frozenset({"title"})), **counted) == []
    found = index.reader().find(Request(filters={"more": Filter(missing=True)}, **counted))
    assert (found.total, dict(found.counts["theme"])) == (1, {"blood": 1})
    index.update([written(2, title="heart", new="stroke")], [], 5)
    assert order(index, Term("heart")) == [1, 2]
    beside = index.beside()
    beside.update([written(2, title="heart", new="stroke")], [], 5)
    index.take_over(beside)
    assert order(index, Term("stroke")) == [2]


# processes --------------------------------------------------------------------------------


@contextmanager
def process(name: str, folder: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """Another process on the same index."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    with subprocess.Popen(
        [sys.executable, "-m", "contracts.engines", name, str(folder), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def test_another_process_sees_updates_and_an_index_that_takes_over(name, opened, tmp_path):
    index = opened()
    index.update([written(1)], [], 3)
    with process(name, tmp_path / "index", "watch") as other:

        def seen() -> str:
            other.stdin.write("\n")
            other.stdin.flush()
            return other.stdout.readline().strip()

        assert other.stdout.readline() == "ready\n"
        assert seen() == "1 3"
        index.update([written(2), written(3)], [1], 4)
        assert seen() == "2 4"
        beside = index.beside()
        beside.update([written(n) for n in range(5)], [], 5)
        assert seen() == "2 4"
        index.take_over(beside)
        assert seen() == "5 5"
        with process(name, tmp_path / "index", "swap") as third:
            assert third.wait(60) == 0
        assert seen() == "1 99"
    assert index.position == 99
    assert len(order(index, None)) == 1


def test_a_killed_process_leaves_whole_updates_only(name, opened, tmp_path):
    """Killed three times in the middle of a series that each time goes on where it stopped."""
    reached = 0
    for kill, delay in enumerate((0.0, 0.011, 0.037)):
        with process(name, tmp_path / "index", "steps", str(reached + 1)) as writing:
            for _ in range(4):
                said = int(writing.stdout.readline())
            time.sleep(delay)
            writing.send_signal(signal.SIGKILL)
            writing.wait(60)
            said = max([said, *map(int, writing.stdout.read().split())])
        index, oracle = opened(), Oracle(FIELDS)
        reached = index.position
        assert reached in (said, said + 1), kill
        for number in range(1, reached + 1):
            oracle.update(*step(number), number)
        for where in (None, HEART, Phrase(("heart", "failur"), (0, 1))):
            compare(Pair(index.reader(), oracle), Request(where, **COUNTED))
    index.update(*step(reached + 1), reached + 1)
    assert index.position == reached + 1


# damage -----------------------------------------------------------------------------------


def test_a_damaged_index_is_made_anew_under_another_version(name, opened, tmp_path):
    """Every file in turn lost, emptied and cut: the index is as it was, or new and empty."""
    index, oracle = opened(), Oracle(FIELDS)
    for one in (index, oracle):
        one.update(ALL, [], 1)
        one.update(*step(1), 2)
    version = index.version
    index.close()
    whole = tmp_path / "index"
    lost = 0
    for path in sorted(one.relative_to(whole) for one in whole.rglob("*") if one.is_file()):
        for number, harm in enumerate((Path.unlink, _empty, _cut)):
            copy = tmp_path / f"damaged{number}"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(whole, copy)
            harm(copy / path)
            damaged = engine(name, copy)
            if damaged.version == version:
                assert damaged.position in (0, 2), path
                for where in (None, HEART, Prefix("regist")):
                    compare(Pair(damaged.reader(), oracle), Request(where, **COUNTED))
            else:
                lost += 1
                assert damaged.position == 0, path
                assert damaged.reader().find(Request()).total == 0
                damaged.update([written(1)], [], 1)
                assert order(damaged, None) == [1]
            damaged.close()
    assert lost


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_folder_full_of_something_else_is_no_obstacle(opened, tmp_path):
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "current").write_text("nowhere")
    (folder / "note.txt").write_text("not ours")
    index = opened()
    index.update([written(1)], [], 1)
    assert order(opened(), None) == [1]
    (folder / "current").write_bytes(b"\xff/../..\x00")
    assert order(opened(), None) == []


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
