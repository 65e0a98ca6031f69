"""Typing help: concepts by any name, datasets and holders by theirs."""

import pytest


@pytest.fixture
def suggest(catalogue):
    def suggest(text):
        with catalogue.database.read() as session:
            return catalogue.suggester.suggest(session, text)

    return suggest


@pytest.mark.parametrize(
    ("typed", "text", "kind"),
    [
        ("heart fai", "Heart failure", "condition"),
        ("herzin", "Heart failure", "condition"),
        ("quality of l", "Health-related quality of life", "outcome"),
        ("mmse", "Mini-Mental State Examination", "instrument"),
        ("eq-5", "EuroQol 5 dimensions", "instrument"),
        ("eq5", "EuroQol 5 dimensions", "instrument"),
        ("EQ 5D", "EuroQol 5 dimensions", "instrument"),
        ("phq9", "PHQ-9", "instrument"),
        ("h70", "Gothenburg H70 Birth Cohort Studies", "dataset"),
        ("sidi", "Information System for Research in Primary Care", "dataset"),
        ("karolinska inst", "Karolinska Institutet", "agent"),
        ("swede", "Sweden", "spatial"),
        ("university of oxf", "University of Oxford", "agent"),
        ("uk bio", "UK Biobank", "dataset"),
    ],
)
def test_the_beginning_of_a_name_suggests_it(suggest, typed, text, kind):
    assert (text, kind) in {(one.text, one.kind) for one in suggest(typed)}


def test_another_name_that_fitted_is_told(suggest):
    assert (
        next(s for s in suggest("herzinsuff") if s.kind == "condition").also == "Herzinsuffizienz"
    )


def test_what_many_datasets_state_comes_first(suggest):
    counts = [one.count for one in suggest("dementia") if one.kind == "condition"]
    assert counts[0] == max(counts)


def test_a_misspelt_word_suggests_the_right_one(suggest):
    assert [one.text for one in suggest("demntia")] == ["dementia"]


@pytest.mark.parametrize("typed", ["", "a", " ", '"', "((", "\x00", "x" * 5_000, "😀"])
def test_too_little_or_nonsense_suggests_nothing(suggest, typed):
    assert suggest(typed) == []


def test_nothing_unpublished_is_suggested(empty):
    from factories import dataset, plant

    plant(empty, dataset(title={"en": "Secret registry"}))
    with empty.changing() as session:
        record = empty.records.by_slug(session, "dataset", "hf")
        empty.records.withdraw(session, record, author="t", note="No longer kept")
    with empty.database.read() as session:
        assert empty.suggester.suggest(session, "secret") == []
