"""Things by the names people type."""

import pytest

from catalogue.picking import Picker, words_of

CITIES = Picker(
    [("Liège", 1), ("Luik", 1), ("St. Vith", 2), ("New Leige", 3), ("Liege", 4), ("O’Brien’s", 5)]
)


@pytest.mark.parametrize("text", ["liège", "LIEGE", " Liege. "])
def test_case_accents_and_punctuation_do_not_matter(text):
    assert CITIES.exactly(text) == [1, 4]


def test_a_name_of_two_things_means_both_and_another_name_one():
    assert CITIES.exactly("luik") == [1]
    assert CITIES.exactly("o'briens") == [5]
    assert CITIES.exactly("") == []


def test_beginnings_of_words_are_enough_in_any_order():
    assert [thing for thing, _ in CITIES.like("vi st", 5)] == [2]
    assert [thing for thing, _ in CITIES.like("lei", 5)] == [3]


def test_the_name_that_fitted_is_told():
    assert CITIES.like("lui", 5) == [(1, "Luik")]


def test_a_slip_is_understood_where_nothing_fits():
    assert [thing for thing, _ in CITIES.like("sint vith", 5)] == [2]
    assert CITIES.like("Antananarivo", 5) == []
    assert CITIES.like("  ", 5) == []


def test_words_are_bare_and_bounded():
    assert words_of("Île-de-France") == ("ile", "de", "france")
    assert sum(map(len, words_of("a " * 100_000))) <= 200
