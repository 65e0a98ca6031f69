"""Whatever is asked, the answer is an answer or a problem that the document tells of."""

from urllib.parse import quote_from_bytes, urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.search.query import SORTS

WORDS = st.sampled_from(
    [
        *("heart failure", '"heart failure"', "-trial", "AML OR CLL", "cardio*", "MI", "SWE"),
        *("spatial:Sweden", "year:2005..2010", "(a OR b) -(c d)", "not-stated", "true", "FRA"),
        *("2005..2010", "..", "..0", "-5", "1e400", "nan", "inf", "5..1", "yes", "no", "title"),
        *("all", "none", "why,document", "condition,year", ",,,", "0", "1", "100", "101", ""),
        *("((((((((((", '"' * 40, "-" * 40, "*", ":", "a:b:c", "%", "_", "\\", "'; DROP TABLE"),
    ]
)
VALUES = st.one_of(WORDS, st.text(max_size=60), st.sampled_from(list(SORTS)))
PATHS = st.sampled_from(
    [
        *("datasets", "datasets", "datasets", "datasets/sidiap", "organisations", "suggest"),
        *("vocabularies", "vocabularies/country", "vocabularies/country/SWE", "openapi.json"),
    ]
)


def names(profile):
    own = ("q", "q", "q", "size", "cursor", "facets", "include", "sort", "expand", "without")
    some = (*own, "meaning", "page", "year.from", *profile.facets, *profile.ranges)
    return st.one_of(st.sampled_from(some), st.text(max_size=10))


def is_sound(response):
    assert response.status_code in (200, 400, 404, 406), response.get_data(as_text=True)[:500]
    answer = response.get_json()
    if response.status_code == 200:
        assert response.content_type == "application/json"
        assert response.headers["ETag"]
    else:
        assert response.content_type == "application/problem+json"
        assert answer["detail"]
    return answer


def test_no_question_breaks_it(client, profile):
    @given(path=PATHS, asked=st.lists(st.tuples(names(profile), VALUES), max_size=6))
    @settings(max_examples=150)
    def check(path, asked):
        try:
            query = urlencode(asked)
        except UnicodeEncodeError:  # lone surrogates, which no address can hold
            query = urlencode(asked, errors="replace")
        is_sound(client.get(f"/api/v1/{path}?{query}"))

    check()


def test_no_search_of_known_parameters_breaks_it_and_every_hit_is_told(client, profile):
    known = st.sampled_from([*profile.facets, *profile.ranges, "q", "q", "without", "meaning"])

    @given(asked=st.lists(st.tuples(known, VALUES), max_size=4), size=st.integers(1, 100))
    @settings(max_examples=80)
    def check(asked, size):
        last = {name: value for name, value in asked if name == "q"}
        asked = [pair for pair in asked if pair[0] != "q"] + list(last.items())
        query = urlencode([*asked, ("size", size)], errors="replace")
        response = client.get(f"/api/v1/datasets?{query}")
        answer = is_sound(response)
        if response.status_code == 200:
            assert len(answer["items"]) == min(size, answer["total"])
            assert (answer["next"] is None) == (answer["total"] <= size)

    check()


def test_no_bytes_break_it(client):
    @given(sent=st.binary(max_size=80))
    def check(sent):
        for name in ("q=", "", "cursor=", "spatial="):
            is_sound(client.get(f"/api/v1/datasets?{name}{quote_from_bytes(sent)}"))

    check()
