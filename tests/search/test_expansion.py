"""What words are taken to mean: seen, removable, and never between quotation marks."""

import pytest

from catalogue.search.query import Query

CONDITION = "https://w3id.org/outcome-catalogue/condition/"


@pytest.fixture(scope="module")
def find(catalogue):
    return lambda text, **rest: catalogue.finder.find(Query(text, size=100, **rest))


def variants(answer):
    return {v.text: v for criterion in answer.criteria for v in criterion.variants}


def test_a_synonym_is_looked_for_and_told(find):
    told = variants(find("heart attack"))
    assert {"Myocardial infarction", "MI", "Herzinfarkt"} <= told.keys()
    assert told["MI"].kind == "abbreviation"
    assert told["Herzinfarkt"].kind == "translation"
    assert told["Herzinfarkt"].language == "de"
    assert told["Condition: Myocardial infarction"].kind == "stated"


@pytest.mark.parametrize(
    "others",
    [
        ("heart failure", "cardiac failure", "Herzinsuffizienz", "insuffisance cardiaque", "CHF"),
        ("acute myeloid leukaemia", "acute myeloid leukemia", "AML"),
        ("EQ-5D", "EQ 5D", "EQ5D", "euroqol"),
        ("Belgium", "Belgique", "Belgien"),
        ("prostate cancer", "prostate carcinoma", "Prostatakarzinom", "cáncer de próstata", "PCa"),
    ],
)
def test_every_name_of_a_concept_finds_the_same(find, others):
    found = [set(find(text).records) for text in others]
    assert found[0]
    assert all(one == found[0] for one in found), [len(one) for one in found]


def test_an_expansion_can_be_taken_away_and_put_back(find):
    everything = find("cardiac failure")
    key = variants(everything)["Heart failure"].key
    tag = variants(everything)["Condition: Heart failure"].key
    less = find("cardiac failure", without=frozenset({key, tag}))
    assert less.total < everything.total
    assert {v.key for v in less.criteria[0].removed} == {key, tag}


def test_all_of_it_can_be_switched_off(find):
    only = find("cardiac failure", expand=False)
    assert variants(only) == {}
    # No description says so in these words; those that say heart failure are not meant now.
    assert only.relaxed
    assert not find("cardiac failure").relaxed


def test_nothing_between_quotation_marks_is_expanded(find):
    quoted = find('"heart attack"')
    assert variants(quoted) == {}
    assert quoted.total < find("heart attack").total


def test_what_must_not_be_there_is_not_expanded(find):
    without = find('registry -"heart failure"')
    assert without.total > find("registry -heart").total > 0


def test_a_narrower_term_is_included_and_a_broader_one_is_not(find):
    assert variants(find("heart failure"))["HFrEF"].kind == "narrower term"
    assert "Cardiovascular disease" not in variants(find("heart failure"))


def test_all_is_a_leukaemia_only_in_capitals(find, catalogue):
    assert [c.label() for c in find("ALL").criteria[0].concepts] == [
        "Acute lymphoblastic leukaemia"
    ]
    assert find("all dementia registries").records == find("dementia registries").records


@pytest.mark.parametrize(
    ("acronym", "meanings"),
    [
        ("MS", {"Multiple sclerosis", "Mass spectrometry"}),
        ("PD", {"Parkinson's disease", "Progressive disease"}),
        ("MDS", {"Myelodysplastic syndromes", "Minimum Data Set"}),
    ],
)
def test_an_acronym_of_several_meanings_offers_the_choice(find, acronym, meanings):
    choice = find(acronym).choices[0]
    assert {one.label() for one in choice.concepts} == meanings
    assert choice.chosen == ""


def test_a_meaning_that_was_chosen_is_the_only_one(find):
    mds = CONDITION + "myelodysplastic-syndromes"
    chosen = find("MDS", meaning=frozenset({mds}))
    assert chosen.choices[0].chosen == mds
    assert "Minimum Data Set" not in variants(chosen)
    assert "myelodysplasia" in variants(chosen)


def test_a_facet_that_is_chosen_fixes_the_meaning(find):
    mds = CONDITION + "myelodysplastic-syndromes"
    assert find("MDS", chosen={"condition": frozenset({mds})}).choices[0].chosen == mds


def test_a_short_acronym_in_small_letters_is_offered_not_taken(find):
    answer = find("aml")
    assert [one.said for one in answer.choices] == ["aml"]
    assert "acute myelogenous leukemia" not in variants(answer)
    assert answer.total >= find("aml", expand=False).total


def test_cll_is_no_part_of_another_word(find):
    assert set(find('"CLL"').records) <= set(find("CLL").records)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("demntia", "dementia"),
        ("prostat carcinom PROMs sweeden", "carcinoma"),
        ("alzhiemer", "alzheimer"),
        ("ukbiobank", "uk biobank"),
    ],
)
def test_a_misspelt_word_is_put_right_and_told(find, wrong, right):
    answer = find(wrong)
    assert answer.total
    assert right in {taken.lower() for taken in answer.corrections.values()}
    assert find(wrong, expand=False).corrections == {}


def test_a_word_written_apart_is_found_together(find, catalogue):
    assert find("add neuro med").records[:1] == find("AddNeuroMed").records[:1]


def test_a_concept_nobody_states_leads_to_the_one_above_it(find):
    answer = find("STEMI")
    assert answer.total
    assert "which includes it" in answer.notes[0]


def test_what_half_fits_follows_what_fits(find):
    answer = find("urinary incontinence prostate cancer netherlands")
    assert not set(answer.near) & set(answer.records)


def test_nothing_names_the_criterion_whose_removal_gives_most(find):
    france = "http://publications.europa.eu/resource/authority/country/FRA"
    answer = find("zzzzqqq", chosen={"spatial": frozenset({france})})
    assert answer.total == 0
    assert answer.ways[0].said == "zzzzqqq"
    assert [way.total for way in answer.ways] == sorted(
        (way.total for way in answer.ways), reverse=True
    )


@pytest.mark.parametrize(
    "text",
    [
        "x" * 2_000,
        "(" * 2_000,
        "a OR " * 400,
        '"' * 999,
        "-" * 999,
        "* " * 900,
        "title:" * 300,
        "\x00\x01\x02",
        "aaa* " * 60,
        "number_of_unique_individuals:>1e999",
        "year:..",
        "‮⁦ hidden",
        "😀 😀",
        "heart " * 300,
    ],
)
def test_whatever_is_typed_is_answered(find, text):
    assert find(text).total >= 0
