"""Questions for search engines: a table of them, and any number made at random."""

from __future__ import annotations

from contracts.entries import ALL, FIELDS
from hypothesis import strategies as st

from catalogue.search.engine import Filter
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

SORTS = ("relevance", "title", "modified", "size", "year")
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

FILTERS: dict[str, dict[str, Filter]] = {
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

# made at random -------------------------------------------------------------------------

_TERMS = sorted({term for one in ALL for _, _, *both in one.occurrences() for term in both if term})
_places = st.frozensets(st.sampled_from([*FIELDS.boosts, "elsewhere"]), max_size=2)
_term = st.sampled_from([*_TERMS, "nothing"])
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


trees = st.recursive(_leaves, _larger, max_leaves=8)


@st.composite
def chosen(draw) -> dict[str, Filter]:
    found = {}
    for name in draw(st.sets(st.sampled_from([*FIELDS.facets, *FIELDS.ranges]), max_size=3)):
        if name in FIELDS.ranges:
            spans = draw(st.frozensets(st.tuples(_numbers, _numbers), max_size=2))
            found[name] = Filter(spans=spans, missing=draw(st.booleans()))
        else:
            values = draw(st.frozensets(_values[name], max_size=3))
            found[name] = Filter(values, missing=draw(st.booleans()))
    return found
