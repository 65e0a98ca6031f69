"""What words are taken to mean: seen, removable, and never between quotation marks."""

import pytest

from catalogue.search.query import Query

CONDITION = "https://w3id.org/outcome-catalogue/condition/"


@pytest.fixture(scope="module")
def find(catalogue):
    return lambda text="", **rest: catalogue.finder.find(Query(text, size=200, **rest))


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


def test_a_phrase_or_field_that_finds_nothing_is_offered_as_bare_words(find):
    for text, words in (('"cardiac failure"', "cardiac failure"), ("title:cardiac", "cardiac")):
        answer = find(text)
        assert answer.total == 0
        way = next(one for one in answer.ways if one.instead)
        assert way.query.text == words
        assert way.total == find(words).total > 0


def test_stop_words_beside_phrases_and_fields_exclude_nothing(find):
    both = find('"heart failure" AND "quality of life"')
    assert both.total
    assert list(find('"heart failure" and "quality of life"').records) == list(both.records)
    assert find("the condition:heart-failure").total == find("condition:heart-failure").total
    assert not find("the condition:heart-failure").relaxed


def test_words_one_asks_with_exclude_nothing(find):
    bare = find("alzheimer")
    for asked in ("datasets about alzheimer", "find data related to alzheimer", "show alzheimer"):
        assert set(find(asked).records) == set(bare.records)
    assert find("search").total > 0


def test_a_lone_all_finds_no_leukaemia_but_offers_it(find):
    alone = find("all")
    assert alone.total == 0
    (choice,) = alone.choices
    chosen = find("all", meaning=frozenset({choice.concepts[0].iri}))
    assert set(chosen.records) == set(find("ALL").records)


def test_an_acronym_that_is_a_stop_word_in_small_letters_is_looked_for_as_written(find):
    assert 0 < find("WHO").total < find().total
    assert 0 < find("ALL", expand=False).total < find("ALL").total
    assert find("leukaemia -ALL").total < find("leukaemia").total


def test_a_stop_word_stands_for_no_concept(find):
    assert variants(find("a")) == {}


@pytest.mark.parametrize("text", ["🫀", '"the"', "*", "NOT"])
def test_a_query_without_a_word_says_that_it_leaves_nothing_out(find, text):
    answer = find(text)
    assert answer.total == find().total
    assert any("no word to look for" in note for note in answer.notes)


def test_a_facet_may_be_called_by_a_word_that_only_its_label_has(find):
    assert find("country:Sweden").total == find("spatial:Sweden").total > 0
    assert find("Instruments:EQ-5D").total == find("instrument:EQ-5D").total > 0
    assert "no field “colour”" in find("colour:blue").notes[0]


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
