"""Reading a query: what is an operator, what is a word, and nothing that breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.search.language import (
    MOST_ITEMS,
    All,
    Begins,
    Either,
    InField,
    Quoted,
    Without,
    Word,
    read,
    span_of,
)

FIELDS = {"title", "spatial", "year"}


def test_or_joins_the_two_beside_it():
    assert read("prostate AML OR CLL sweden", FIELDS).parts == (
        Word("prostate"),
        Either((Word("AML"), Word("CLL"))),
        Word("sweden"),
    )


def test_brackets_hold_parts_together():
    assert read("(a b OR c) -(d e)", FIELDS).parts == (
        All((Word("a"), Either((Word("b"), Word("c"))))),
        Without(All((Word("d"), Word("e")))),
    )


def test_a_hyphen_excludes_only_before_a_word():
    assert read("real-world -trial EQ-5D - x", FIELDS).parts == (
        Word("real-world"),
        Without(Word("trial")),
        Word("EQ-5D"),
        Word("x"),
    )


def test_a_field_takes_the_word_phrase_or_beginning_after_it():
    assert read('title:heart spatial:"United Kingdom" title:cardio*', FIELDS).parts == (
        InField("title", Word("heart")),
        InField("spatial", Quoted("United Kingdom")),
        InField("title", Begins("cardio")),
    )


def test_an_unknown_field_is_words_and_it_says_so():
    said = read("colour:red https://a.example/b 10:30", FIELDS)
    assert said.parts[0] == All((Word("colour"), Word("red")))
    assert len(said.parts) == 3
    assert said.notes == ["There is no field “colour”; it was looked for as a word."]


def test_not_in_capitals_excludes_as_a_minus_does():
    assert read("heart NOT failure AND NOT (a OR b) NOT", FIELDS).parts == (
        Word("heart"),
        Without(Word("failure")),
        Without(Either((Word("a"), Word("b")))),
    )
    assert read("heart not failure", FIELDS).parts == (Word("heart"), Word("not"), Word("failure"))


def test_a_beginning_needs_three_letters_and_a_shorter_one_is_said_to_be_a_word():
    said = read("ab* abc* *", FIELDS)
    assert said.parts == (Word("ab"), Begins("abc"))
    assert len(said.notes) == 1
    assert "“ab*” is too short" in said.notes[0]


def test_quotation_marks_of_any_kind_and_unclosed_ones():
    assert read("“quality of life” „Herz", FIELDS).parts == (
        Quoted("quality of life"),
        Quoted("Herz"),
    )


def test_too_many_words_are_cut_and_it_says_so():
    said = read("word " * 500, FIELDS)
    assert len(said.parts) == MOST_ITEMS
    assert "Only the first" in said.notes[0]


@pytest.mark.parametrize("operator", ["ab:", "title:", "-ab:", "NOT ", "-(", "NOT (ab:-"])
def test_operators_without_end_are_read_in_no_time(operator):
    said = read(operator * (2_000 // len(operator)) + "a", FIELDS)
    assert len(said.parts) <= 1
    assert len(set(said.notes)) <= 2


def test_brackets_without_end_are_read_in_no_time():
    assert read("(" * 2_000 + "a", FIELDS).parts == (Word("a"),)
    assert read(")" * 2_000 + "a", FIELDS).parts == (Word("a"),)


@pytest.mark.parametrize(
    "text", ["(heart -) failure", "(heart title:) failure", "heart failure -)"]
)
def test_a_minus_or_a_field_before_a_closing_bracket_says_nothing(text):
    assert read(text, FIELDS).parts == (Word("heart"), Word("failure"))


@given(st.text(alphabet='ab"()-:*OR <>.\\x00“” ', max_size=80))
def test_whatever_is_typed_is_read(text):
    read(text, FIELDS)


def test_a_span_is_written_in_several_ways():
    assert span_of(">5000") == (5000, None)
    assert span_of("<=10") == (None, 10)
    assert span_of("5..7") == span_of("7..5") == (5, 7)
    assert span_of("..7") == (None, 7)
    assert span_of("2010") == (2010, 2010)
    for nothing in ("", "..", "x", "5..x", ">", "1e400", "nan"):
        assert span_of(nothing) is None, nothing
