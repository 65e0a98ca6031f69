"""Pictures: numbers become geometry, what is not stated stays so, and a table is behind each."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest
from flask import render_template_string

from catalogue.search.query import Query
from catalogue.web import charts, maps, pictures
from catalogue.web.charts import HEIGHT, Bucket, histogram, scale, short
from catalogue.web.timelines import Period, frame, per_year, timeline

COUNTRY = "http://publications.europa.eu/resource/authority/country/"
SWEDEN, MALTA, JAPAN = COUNTRY + "SWE", COUNTRY + "MLT", COUNTRY + "JPN"
EUROPE = "http://publications.europa.eu/resource/authority/continent/EUROPE"


@pytest.fixture
def drawn(app):
    """Draws a call of a macro as a page would."""

    def drawn(call, **context):
        names = "coverage, size, sizes, years, periods, country_map, results_map, bar_list"
        with app.test_request_context("/"):
            return render_template_string(
                f'{{% from "macros/chart.html" import {names} %}}{{{{ {call} }}}}', **context
            )

    return drawn


# upright bars ---------------------------------------------------------------------------


def test_the_greatest_count_fills_the_height_and_the_others_are_in_proportion():
    bars = histogram([Bucket("a", 10), Bucket("b", 5), Bucket("c", 0)]).bars
    assert [bar.height for bar in bars] == [HEIGHT, HEIGHT / 2, 0]
    assert bars[0].top == 0


def test_something_is_never_drawn_as_nothing():
    few, _ = histogram([Bucket("few", 1), Bucket("many", 5_000_000)]).bars
    assert few.height > 0
    assert charts.share(1, 5_000_000) > 0
    assert charts.share(0, 5_000_000) == 0


def test_bars_stand_side_by_side_within_the_width():
    bars = histogram([Bucket(str(n), n) for n in range(40)]).bars
    for bar, following in pairwise(bars):
        assert bar.x + bar.width <= following.x
    assert bars[0].x >= 0
    assert bars[-1].x + bars[-1].width <= 100


def test_what_is_not_stated_stands_apart_at_the_end():
    first, second, last = histogram([charts.not_stated(9), Bucket("a", 1), Bucket("b", 1)]).bars
    assert last.bucket.unstated
    assert last.x - second.x > 1.3 * (second.x - first.x)


def test_an_empty_histogram_has_no_bars():
    assert histogram([]).bars == []
    assert histogram([Bucket("a", 0)]).bars[0].height == 0


def test_classes_of_an_index_become_buckets_with_words():
    found = charts.classes([0, 10, 100, 1000], [1, 2, 3, 4], missing=5)
    assert [one.label for one in found] == ["<10", "10", "100", "1k", "Not stated"]
    assert [one.name for one in found[:4]] == [
        "below 10",
        "10 to 99",
        "100 to 999",
        "1,000 or more",
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (950, "950"), (1000, "1k"), (2500, "2.5k"), (12_345, "12k"), (10**9, "1bn")],
)
def test_a_number_fits_below_a_bar(value, said):
    assert short(value) == said


# sizes ------------------------------------------------------------------------------------


def test_sizes_stand_on_a_scale_of_powers_of_ten():
    places = [scale(10**power).at for power in range(1, 9)]
    steps = {round(b - a, 1) for a, b in pairwise(places)}
    assert (places[0], places[-1]) == (0, 100)
    assert max(steps) - min(steps) <= 0.1


@pytest.mark.parametrize("value", [0, 1, 9, 10, 3_141_592, 7_900_000_000, 10**40])
def test_a_size_of_any_kind_stays_within_the_scale(value):
    found = scale(value)
    assert 0 <= found.at <= 100
    assert 2 < len(found.ticks) <= 8


def test_the_sizes_of_all_datasets_stand_behind_the_one():
    among = charts.classes([0, 100, 1000], [4, 8, 2], missing=3)
    bars = scale(500, among).bars
    assert len(bars) == 3, "what is not stated has no place on a scale"
    assert bars[0].x == 0
    assert bars[-1].x + bars[-1].width == 100
    assert bars[1].height == HEIGHT


# years --------------------------------------------------------------------------------------


def test_a_period_begins_where_the_axis_says_its_year_is():
    line = timeline([Period(2000, 2010, "2000", "2009")], 1990, 2020)
    span = line.rows[0].spans[0]
    ticks = {tick.label: tick.x for tick in line.axis.ticks}
    assert span.x == ticks["2000"]
    assert span.x + span.width == pytest.approx(ticks["2010"], abs=0.02)


def test_what_goes_on_reaches_today():
    on, until = timeline([Period(2000, None), Period(2000, 2020)], 1990, 2020).rows[0].spans
    assert (on.x, on.width) == (until.x, until.width)
    assert on.period.words.endswith("still going on")


@pytest.mark.parametrize("first", [1066, 1791, 1995, 2019, 2026])
def test_an_axis_has_few_round_years(first):
    ticks = timeline([], *frame([Period(first, None)], 2026)).axis.ticks
    assert 2 <= len(ticks) <= 8
    assert all(0 <= tick.x <= 100 for tick in ticks)


def test_a_day_can_be_seen():
    assert timeline([Period(2000.5, 2000.503)], 1900, 2026).rows[0].spans[0].width > 0.5


def test_every_year_between_has_a_bar_and_round_years_a_label():
    buckets = per_year({1990: 1, 2025: 2})
    assert len(buckets) == 36
    labels = [one.label for one in buckets if one.label]
    assert labels == ["1990", "2000", "2010", "2020"]
    assert buckets[1].name == "1991"


# the map ---------------------------------------------------------------------------------


def test_every_outline_is_a_country_of_the_vocabulary(vocabularies):
    known = {concept.code for concept in vocabularies["country"].concepts.values()}
    assert set(maps.outlines()) <= known
    assert {"LUX", "MLT", "CYP", "XKX", "GBR", "UKR"} <= set(maps.outlines())


def test_every_number_has_its_place_in_the_frame():
    for one in maps.outlines().values():
        assert 0 < one.x < maps.WIDTH
        assert 0 < one.y < maps.HEIGHT
        assert one.small or one.path
        assert (
            re.fullmatch(r"(M-?\d+[ -]\d+l(-?\d+[ -]\d+[ -]?)+z|[ -])*", one.path) or not one.path
        )


def _map(counts, chosen=()):
    return maps.country_map(counts, lambda value: value[-3:], lambda value: "/" + value, chosen)


def test_the_more_datasets_a_country_has_the_darker_it_is():
    found = _map({SWEDEN: 100, MALTA: 1, COUNTRY + "FRA": 25})
    shades = [one.shade for one in found.drawn]
    assert shades == sorted(shades, reverse=True)
    assert 0 < shades[-1] < shades[0] < 0.5


def test_places_beyond_the_map_are_still_told():
    found = _map({SWEDEN: 2, JAPAN: 5, EUROPE: 1})
    assert [one.value for one in found.beyond] == [JAPAN, EUROPE]
    assert len(found.places) == 3


def test_a_country_without_datasets_is_land_unless_it_is_chosen():
    assert [one.value for one in _map({SWEDEN: 0, MALTA: 1}).places] == [MALTA]
    assert [one.value for one in _map({MALTA: 1}, chosen={SWEDEN}).places] == [MALTA, SWEDEN]
    assert "SWE" in {one.code for one in _map({MALTA: 1}).land}


def test_a_country_on_the_map_is_a_link_with_a_name_and_a_number(drawn):
    html = drawn("results_map(counts, query)", counts={SWEDEN: 12, MALTA: 1}, query=Query())
    assert re.search(
        r'<a class="place" href="/datasets\?spatial=[^"]+SWE" aria-label="Sweden: 12 datasets"',
        html,
    )
    assert 'aria-label="Malta: 1 dataset"' in html
    assert html.count('class="place"') == 2


def test_the_map_of_a_search_keeps_the_search_and_lets_go_of_a_chosen_country(drawn):
    query = Query(text="dementia", chosen={"spatial": frozenset([SWEDEN])}, page=3)
    html = drawn("results_map(counts, query)", counts={SWEDEN: 12, MALTA: 1}, query=query)
    places = dict(re.findall(r'<a class="place" href="([^"]+)" aria-label="([^"]+)"', html))
    let_go, added = sorted(places, key=len)
    assert places[let_go] == "Sweden: 12 datasets, chosen"
    assert let_go == "/datasets?q=dementia"
    assert "SWE" in added
    assert "MLT" in added
    assert "page=" not in added


# in words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("periods", "said"),
    [
        ([{"start_date": "2006"}], "2006, still going on"),
        ([{"start_date": "2006-05", "end_date": "2009-01-31"}], "May 2006 to 31 January 2009"),
        ([{"end_date": "2015"}], "up to 2015"),
        ([{"start_date": "1999", "end_date": "9999-12-31"}], "1999, still going on"),
    ],
)
def test_a_coverage_is_told_in_words(drawn, periods, said):
    html = drawn("coverage(document)", document={"temporal": periods})
    assert f'aria-label="Years covered: {said}"' in html


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"temporal": []},
        {"temporal": [{}]},
        {"temporal": [{"start_date": "soon"}]},
        {"temporal": [{"start_date": "2010", "end_date": "2001"}]},
        {"temporal": ["2010", None, {"start_date": 2010}]},
        {"temporal": "2010", "number_of_unique_individuals": "many"},
        {"number_of_unique_individuals": None},
        {"number_of_unique_individuals": -5},
        {"number_of_unique_individuals": True},
        {"number_of_unique_individuals": float("nan")},
    ],
)
def test_what_is_not_stated_or_cannot_be_read_is_not_drawn(drawn, document):
    html = drawn("coverage(document) ~ size(document)", document=document)
    assert html.count("Not stated") == 2
    assert "<svg" not in html


def test_the_reason_for_silence_is_told(drawn):
    reason = "https://w3id.org/outcome-catalogue/reason/suppressed"
    document = {"not_stated": [{"field": "number_of_unique_individuals", "reason": reason}]}
    html = drawn("size(document)", document=document)
    assert re.search(r"Not stated: \w", html)


@pytest.mark.parametrize("value", [0, 12, 8_000_000, 10**12])
def test_a_size_is_told_in_full(drawn, value):
    html = drawn("size(document)", document={"number_of_unique_individuals": value})
    assert f'aria-label="{value:,} people' in html


CALLS = {
    "coverage": "coverage(document)",
    "size": "size(document)",
    "size among others": "size(document, buckets)",
    "sizes": "sizes(buckets)",
    "years": "years({2001: 3, 2004: 1})",
    "map": "results_map(counts, query)",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_picture_has_a_table_behind_it_and_keeps_to_the_content_policy(drawn, call):
    html = drawn(
        call,
        document={"temporal": [{"start_date": "2006"}], "number_of_unique_individuals": 8_000_000},
        buckets=charts.classes([0, 10, 100], [1, 2, 3], missing=4),
        counts={SWEDEN: 3, JAPAN: 2, MALTA: 1},
        query=Query(),
    )
    assert "<summary>Show as a table" in html
    assert html.count('<th scope="row">') >= 1
    assert "style" not in html
    assert "<script" not in html
    root = ElementTree.fromstring(html.replace("&nbsp;", " ").strip())
    assert root.tag == "figure"
    assert all(svg.get("aria-label") or svg.get("class") == "arrow" for svg in root.iter("svg"))


def test_the_table_of_sizes_tells_what_is_not_stated(drawn):
    html = drawn("sizes(buckets)", buckets=charts.classes([0, 10, 100], [1, 2, 3], missing=57))
    assert re.search(r"Not stated</th><td[^>]*>57<", html)
    assert "unstated" in html


def test_datasets_are_shown_below_each_other_on_the_same_years(app):
    with app.test_request_context("/"):
        line = pictures.coverages(
            [
                ("One", "/one", {"temporal": [{"start_date": "1990", "end_date": "1999"}]}),
                ("Two", "/two", {"temporal": [{"start_date": "2000"}]}),
                ("Three", "/three", {}),
            ]
        )
        assert pictures.coverages([("Three", "/three", {})]) is None
    one, two, three = line.rows
    assert one.spans[0].x + one.spans[0].width == pytest.approx(two.spans[0].x, abs=0.02)
    assert list(three.spans) == []
