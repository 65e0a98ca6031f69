"""Values as people read them."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from catalogue.web import words


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2021", "2021"),
        ("2021-06", "June 2021"),
        ("2021-06-30", "30 June 2021"),
        ("2021-06-30T08:05:00Z", "30 June 2021, 08:05 UTC"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_date_is_said_with_its_precision(value, said):
    assert words.date(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (8000000, "8,000,000"),
        (15.5, "15.5"),
        (0, "0"),
        (1234.5, "1,234.5"),
    ],
)
def test_a_number_is_grouped(value, said):
    assert words.number(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("P1D", "1 day"),
        ("P1Y6M", "1 year 6 months"),
        ("PT30M", "30 minutes"),
        ("x", "x"),
    ],
)
def test_a_duration_is_said(value, said):
    assert words.duration(value) == said


def test_markdown_brings_no_html_no_heading_and_no_script():
    html = words.markdown(
        "# Title\n\n<script>x</script> [a](javascript:b) **c** ![i](https://x.example/y.png)"
    )
    assert "<h1" not in html
    assert "<script" not in html
    assert "href" not in html
    assert "<img" not in html
    assert "<strong>c</strong>" in html


def test_an_excerpt_is_plain_and_ends_with_a_sentence():
    assert (
        words.excerpt("**Records** of people. " * 30, 50) == "Records of people. Records of people."
    )


def test_an_excerpt_of_one_long_sentence_ends_with_a_word():
    said = words.excerpt("many words " * 30, 50)
    assert len(said) <= 52
    assert re.fullmatch(r"((many|words) ?)+\u00a0…", said)


def test_a_point_is_said_in_degrees():
    assert words.place("POINT(4.35 50.85)") == "50.85° N, 4.35° E"


def test_a_text_comes_in_the_language_of_the_page_if_it_can():
    assert words.phrase({"fr": "un", "en": "one"}) == words.Phrase("one")
    assert words.phrase({"fr": "un"}) == words.Phrase("un", "fr")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 28, 3, 10, tzinfo=UTC), "today, 03:10 UTC"),
        (datetime(2026, 11, 27, 23, 59, tzinfo=UTC), "yesterday, 23:59 UTC"),
        (datetime(2026, 11, 29, 0, 0, tzinfo=UTC), "tomorrow, 00:00 UTC"),
        (datetime(2026, 11, 29, 1, 0, tzinfo=timezone(timedelta(hours=2))), "today, 23:00 UTC"),
        (datetime(2025, 11, 28, 3, 10, tzinfo=UTC), "28 November 2025, 03:10 UTC"),
    ],
)
def test_a_moment_is_told_beside_the_present_one(moment, said):
    assert words.when(moment, datetime(2026, 11, 28, 12, 0, tzinfo=UTC)) == said
