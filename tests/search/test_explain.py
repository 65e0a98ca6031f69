"""Why a record is a hit: whatever is looked for is told wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.search.analysis import Wanted, terms, tokens
from catalogue.search.explain import Explainer
from catalogue.search.plan import Criterion, Variant
from catalogue.search.thesaurus import SYNONYM
from catalogue.search.tree import And, Best, Boost, Exact, Not, Or, Phrase, Prefix, Tagged, Term

_TEXTS = (
    "Heart failure registry of Norway, with EQ-5D at discharge",
    "Myocardial infarction (MI) and failure of the heart",
    "REGISTRY OF ALL HEARTS",
    "Quality of life after a heart attack",
    "ALL is a leukaemia; all of it is followed up",
)
_WORDS = sorted({term for text in _TEXTS for term in terms(text)} | {"MI", "ALL", "dementia"})


@dataclass(frozen=True)
class Described:
    """What a record says."""

    said: dict[str, list[str]]
    facets: dict[str, list[str]] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    names: frozenset[tuple[str, ...]] = frozenset()

    def texts(self, called):
        return self.said


_records = st.builds(
    lambda title, prose, theme: Described(
        {"title": [title], "description": prose},
        {"theme": theme},
        names=frozenset([terms(title)]),
    ),
    st.sampled_from(_TEXTS),
    st.lists(st.sampled_from(_TEXTS), max_size=2),
    st.lists(st.sampled_from(["heart", "cancer"]), max_size=2),
)
_term = st.sampled_from(_WORDS)
_leaves = st.one_of(
    st.builds(Term, _term, st.sampled_from([frozenset(), frozenset({"title"})])),
    st.builds(lambda a, b, gap: Phrase((a, b), (0, gap)), _term, _term, st.integers(1, 3)),
    st.builds(Prefix, st.sampled_from(["hear", "m", "regis"])),
    st.builds(lambda text: Exact(terms(text)), st.sampled_from(_TEXTS)),
    st.builds(lambda value: Tagged("theme", frozenset([value])), st.sampled_from(["heart", "x"])),
)
_nodes = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(lambda parts: And(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: Best(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda parts, least: Or(tuple(parts), min(least, len(parts))),
            st.lists(inner, min_size=1, max_size=3),
            st.integers(1, 2),
        ),
        st.builds(lambda part: Boost(part, 0.6), inner),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)


def _why(record, typed, *variants):
    criterion = Criterion(
        "it", typed, typed, variants=tuple(Variant("it", "it", SYNONYM, one) for one in variants)
    )
    return Explainer([criterion], {"description"}).why(record, None)


@given(_records, _nodes)
def test_a_synonym_is_found_wherever_the_same_words_typed_are(record, node):
    typed = _why(record, node)
    synonym = _why(record, Term("nowhere"), node)
    assert [one.fields for one in synonym.reasons] == [one.fields for one in typed.reasons]
    assert (synonym.lacking, synonym.terms) == (typed.lacking, typed.terms)
    assert synonym.snippet == typed.snippet


@pytest.mark.parametrize("text", _TEXTS)
@pytest.mark.parametrize("wanted", [["heart"], ["ALL"], ["regis*"], ["5", "infarct"], ["dementia"]])
def test_the_wanted_words_of_a_text_keep_their_places_in_it(text, wanted):
    starts = tuple(one[:-1] for one in wanted if one.endswith("*"))
    expected = [
        one
        for one in tokens(text)
        if one.term in wanted or one.exact in wanted or (starts and one.term.startswith(starts))
    ]
    found = Wanted(wanted)
    assert found.tokens(text) == expected
    assert found.tokens(text) == expected  # and again, from what is remembered
