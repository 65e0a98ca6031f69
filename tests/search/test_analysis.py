"""Terms: spellings of one word give one term, and acronyms stay apart from small words."""

import pytest

from catalogue.search.analysis import fold, terms, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("EQ-5D", "EQ 5D"),
        ("EQ-5D", "eq5d"),
        ("leukaemia", "leukemia"),
        ("haematological tumours", "hematological tumors"),
        ("oedema", "edema"),
        ("faecal", "fecal"),
        ("paediatric", "pediatric"),
        ("randomised", "randomized"),
        ("institutionalisation", "institutionalization"),
        ("analysed", "analyzed"),
        ("behavioural", "behavioral"),
        ("ageing", "aging"),
        ("centres", "centers"),
        ("programme", "program"),
        ("labelled", "labeled"),
        ("Alzheimer’s", "Alzheimer"),
        ("maladie d'Alzheimer", "maladie Alzheimer"),
        ("Waldenström", "Waldenstrom"),
        ("Aβ42", "Abeta42"),
        ("registries", "registry"),
        ("HEART", "heart"),
    ],
)
def test_spellings_of_one_word_give_one_term(one, other):
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("CLL", "ACLL"), ("disease", "decease"), ("MI", "MIT"), ("I50", "50"), ("E11", "A11")],
)
def test_different_words_stay_different(one, other):
    assert terms(one) != terms(other)


def test_an_acronym_is_also_itself_and_a_small_word_is_not():
    found = {token.exact for token in tokens("Acute lymphoblastic leukaemia (ALL) in all of PCa")}
    assert found == {"", "ALL", "PCa"}
    assert "all" not in terms("ALL patients of all kinds")


def test_a_text_all_in_capitals_holds_no_acronyms():
    assert not any(token.exact for token in tokens("REGISTRY OF ALL PATIENTS"))


def test_stop_words_keep_their_place():
    places = {token.term: token.place for token in tokens("quality of life") if token.term}
    assert places == {"qualiti": 0, "life": 2}


def test_a_text_of_stop_words_only_keeps_them():
    assert terms("who is who") == ("who", "is", "who")


def test_offsets_point_into_the_text():
    text = "Ärzte: l'hôpital de Zürich (EQ-5D)"
    assert [text[t.start : t.end] for t in tokens(text) if t.term][:2] == ["Ärzte", "hôpital"]


def test_folding_ends():
    assert fold("x" * 10_000)
    assert len(terms("x" * 10_000)[0]) == 64
