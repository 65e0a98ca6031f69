"""A sentence becomes the question somebody meant, and says what it was made of."""

import csv
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.errors import BadRequest
from catalogue.outcomes.questions import MOST_CRITERIA, Questions
from catalogue.outcomes.understanding import LONGEST_SENTENCE, Understanding
from catalogue.outcomes.understanding.sayings import Sayings

with (Path(__file__).parent / "sentences.csv").open(encoding="utf-8", newline="") as _lines:
    SENTENCES = [(row["sentence"], row["address"]) for row in csv.DictReader(_lines)]
#: The share of the sentences that must be understood to the letter.
SHARE = 0.95


@pytest.fixture(scope="module")
def questions(profile):
    return Questions(profile)


@pytest.fixture(scope="module")
def understanding(profile, questions):
    return Understanding(profile, questions)


@pytest.fixture
def asked(understanding, questions):
    """What a sentence is taken to ask, as the parameters of an address."""
    return lambda sentence: dict(questions.parameters(understanding.of(sentence).question))


def _bare(question):
    return {
        (one.kind, frozenset(one.values), one.span, frozenset(_beside(one)))
        for one in question.criteria
    }


def _beside(criterion):
    for name, said in criterion.qualifiers:
        yield name, frozenset(said) if isinstance(said, tuple) else said


def test_sentences_of_researchers_are_understood(understanding, questions):
    wrong = [
        (sentence, address, questions.address(understanding.of(sentence).question, ""))
        for sentence, address in SENTENCES
        if _bare(understanding.of(sentence).question) != _bare(questions.parse(parse_qsl(address)))
    ]
    assert len(SENTENCES) >= 40
    assert len(wrong) <= len(SENTENCES) * (1 - SHARE), wrong


def test_every_word_of_the_table_means_something_that_can_be_asked(questions):
    qualifiers = {name for kind in questions.kinds.values() for name in kind.qualifiers}
    for means in Sayings().means():
        kind, _, value = means.partition("=")
        if kind in qualifiers:
            codes = set(value.replace("&", ",").split(","))
            lists = [kinds.qualifiers.get(kind) for kinds in questions.kinds.values()]
            assert any(codes <= one.by_code.keys() for one in lists if one), means
        else:
            questions.criterion(kind, value)


# names ------------------------------------------------------------------------------


def test_acronyms_are_heeded_in_capitals_only(asked):
    assert asked("ALL patients")["condition"] == "acute-lymphoblastic-leukaemia"
    assert "condition" not in asked("all patients")


def test_a_sentence_in_capitals_throughout_is_read_like_any_other(asked):
    found = asked("WHICH REGISTRIES HOLD DATA OF ALL PATIENTS WITH HEART FAILURE")
    assert found == {"source_type": "registry", "condition": "heart-failure"}


def test_the_longest_name_wins(asked):
    assert asked("prostate cancer")["condition"] == "prostate-cancer"
    assert asked("localised prostate cancer")["condition"] == "prostate-cancer;stage=localised"


def test_a_stage_belongs_to_the_condition_it_is_one_of(asked):
    assert asked("prostate cancer that is localised")["condition"].endswith("stage=localised")
    assert asked("metastatic breast cancer") == {"q": "metastatic", "condition": "breast-cancer"}


@pytest.mark.parametrize(
    ("said", "meanings"),
    [
        ("MS", ["Multiple sclerosis", "Mass spectrometry"]),
        ("PD", ["Parkinson's disease", "Progressive disease"]),
        ("MDS", ["Myelodysplastic syndromes", "Minimum Data Set"]),
    ],
)
def test_an_acronym_of_several_things_offers_the_choice(understanding, said, meanings):
    found = understanding.of(f"{said} patients in Belgium")
    (choice,) = found.choices
    assert [one.label for one in choice.meanings] == meanings
    assert choice.meanings[1].sentence == f"{meanings[1]} patients in Belgium"


def test_what_no_criterion_knows_is_left_over_until_it_is_chosen(understanding):
    found = understanding.of("MS patients in Belgium")
    assert found.left == "MS"
    assert not found.choices[0].taken
    assert understanding.of(found.choices[0].meanings[0].sentence).left == "Multiple sclerosis"


def test_a_slip_is_put_right_and_told(understanding, questions):
    found = understanding.of("prostat carcinom in sweeden")
    assert found.notes == [
        "“prostat carcinom” was taken for “Prostate cancer”.",
        "“sweeden” was taken for “Sweden”.",
    ]


def test_a_name_of_two_lists_is_what_the_sentence_makes_of_it(asked):
    assert asked("stroke registries")["condition"] == "stroke"
    found = asked("atrial fibrillation with stroke")
    assert found == {"condition": "atrial-fibrillation", "outcome": "stroke-systemic-embolism"}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("linkage to death registry", {"q": "death registry"}),
        ("linked to the cancer registry and hospital data", {"q": "cancer registry hospital data"}),
        ("registries with linkage to claims data", {"q": "claims data", "source_type": "registry"}),
        (
            "linked registries with biosamples",
            {"source_type": "registry", "biosamples": "yes,partly,on-request"},
        ),
        ("linkable and claims data", {"source_type": "claims"}),
        ("linked to mortality", {"outcome": "overall-survival"}),
    ],
)
def test_a_source_that_data_are_linked_to_is_not_their_own(asked, said, found):
    assert asked(said) == {"linkage": "pre-linked,possible,project-by-project", **found}


# numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        *("more than 5,000", "at least 5000", "≥5000", ">5 000", "5k", "5.000", "over 5,000"),
        *("five thousand", "no fewer than 5000", "5000 or more", "mindestens 5.000", "5000+"),
        *("plus de 5 000", "at least five thousand"),
    ],
)
def test_a_number_may_be_written_in_many_ways(asked, said):
    assert asked(f"{said} patients with AML")["condition"].endswith("persons=5000..")


def test_a_number_goes_to_what_it_speaks_of(asked):
    assert asked("1,000 people with AML, two million people in total") == {
        "condition": "acute-myeloid-leukaemia;persons=1000..",
        "number_of_unique_individuals": "2000000..",
    }
    assert asked("followed for five years with a lag of at most two months") == {
        "follow_up_median_years": "5..",
        "lag_months": "..2",
    }


def test_a_bare_number_counts_what_the_number_before_it_counted(asked, understanding, questions):
    said = "1,000 people with Alzheimer's and 300 with Lewy body dementia"
    assert questions.address(understanding.of(said).question, "") == (
        "?condition=alzheimers-disease;persons=1000..&condition=dementia-with-lewy-bodies;persons=300.."
    )
    assert asked("PSA 300 with AML")["q"] == "300"
    assert asked("1,000 people with AML 2015 with biosamples")["year"] == "2015"


@pytest.mark.parametrize(
    ("said", "kind", "written"),
    [
        ("between 2010 and 2020", "year", "2010..2020"),
        ("2010-2020", "year", "2010..2020"),
        ("since 2005", "year", "2005.."),
        ("until 2015", "year", "..2015"),
        ("aged 40 to 60", "typical_age", "40..60"),
        ("men over 65", "typical_age", "65.."),
        ("patients 75 and older", "typical_age", "75.."),
        ("children under 12", "typical_age", "..12"),
        ("60 months of follow-up", "follow_up_median_years", "5.."),
        ("refreshed every quarter", "frequency", "..3"),
        ("updated at least every 6 months", "frequency", "..6"),
        ("lag under six months", "lag_months", "..6"),
        ("access within 12 weeks", "access_time_months", "..2.8"),
    ],
)
def test_times_years_and_ages_are_told_apart(asked, said, kind, written):
    assert asked(said) == {kind: written}


@pytest.mark.parametrize("said", ["fewer than 1000 patients with AML", "follow-up under 5 years"])
def test_what_cannot_be_asked_is_said_and_not_turned_round(understanding, questions, said):
    found = understanding.of(said)
    assert "was not understood" in found.notes[0]
    assert not any(char.isdigit() for char in questions.address(found.question).partition("&")[2])


def test_an_upper_bound_that_cannot_be_asked_is_told(understanding):
    found = understanding.of("between 1,000 and 5,000 patients with MCI")
    assert dict(found.question.criteria[0].qualifiers) == {"persons": 1_000}
    assert "only in part understood" in found.notes[0]


# and, or, not -----------------------------------------------------------------------


def test_or_makes_alternatives_and_and_makes_criteria(understanding):
    def kinds(sentence):
        return [len(one.values) for one in understanding.of(sentence).question.criteria]

    assert kinds("MMSE or NPI") == [2]
    assert kinds("MMSE and NPI") == [1, 1]
    assert kinds("AML, CLL or MM") == [3]
    assert kinds("in Sweden and Norway") == [2]  # no dataset need be of both


def test_nothing_that_is_excluded_is_asked_for(understanding):
    found = understanding.of("heart failure, but not trials")
    assert [one.kind for one in found.question.criteria] == ["condition"]
    assert "“trials” was not asked for" in found.notes[0]
    found = understanding.of("heart failure registries outside Germany")
    assert [one.kind for one in found.question.criteria] == ["condition", "source_type"]
    assert "“Germany” was not asked for" in found.notes[0]


# what is told -----------------------------------------------------------------------


def test_every_piece_says_what_it_was_taken_for(understanding):
    found = understanding.of("Which cohorts hold zebrafish data of AML patients?")
    told = [(one.text, one.role) for one in found.pieces]
    assert told == [
        ("Which", "passed over"),
        ("cohorts", "criterion"),
        ("hold", "passed over"),
        ("zebrafish", "words"),
        ("data of", "passed over"),
        ("AML", "criterion"),
        ("patients?", "passed over"),
    ]
    assert found.left == "zebrafish"
    assert found.words_of(1) == ["AML"]


def test_the_words_of_one_criterion_may_stand_apart(understanding):
    found = understanding.of("more than 5,000 men, all with prostate cancer")
    assert found.words_of(0) == ["more than 5,000 men", "prostate cancer"]


# faults -----------------------------------------------------------------------------


def test_a_long_sentence_is_refused_with_the_way_out(understanding):
    with pytest.raises(BadRequest, match=f"longer than {LONGEST_SENTENCE:,} characters"):
        understanding.of("AML " * 2_500)


@pytest.mark.parametrize(
    "said", ["", "   ", "((((((", "\x00\x07\x1b", "???", "<script>", "%" * 500]
)
def test_a_sentence_without_sense_asks_for_nothing(understanding, said):
    assert not understanding.of(said).question.criteria


_WORDS = st.sampled_from(
    [
        "AML",
        "patients",
        "at",
        "least",
        "5,000",
        ">",
        "with",
        "and",
        "or",
        ",",
        "(",
        ")",
        "2010",
        "to",
        "between",
        "of",
        "the",
        "ICHOM",
        "set",
        "heart",
        "failure",
        "PSA",
        "not",
        "HF",
        "years",
        "follow-up",
        "lag",
        "aged",
        "40",
        "months",
        "MS",
        "EPIC-26",
        "before",
        "after",
        "treatment",
        "linkable",
        "mild",
        "stage",
        "refreshed",
        "yearly",
        "%",
        "8",
        "items",
        "two",
        "million",
        "a",
        "prostate",
        "cancer",
        "localised",
        "full",
        "65",
        "older",
    ]
)


@given(said=st.one_of(st.lists(_WORDS, max_size=40).map(" ".join), st.text(max_size=80)))
def test_whatever_is_typed_gives_a_question_that_can_be_asked(understanding, questions, said):
    found = understanding.of(said)
    assert questions.parse(questions.parameters(found.question)) == found.question
    assert len(found.question.criteria) <= MOST_CRITERIA
    assert all(found.sentence[one.begin : one.end] == one.text for one in found.pieces)
