"""The score from the property table: what counts, what a reason is worth, what would help."""

from __future__ import annotations

from factories import OWN, dataset

from catalogue.upkeep.score import PARTLY, REASON, SILENT, STATED, Scoring


def line(profile, document, name):
    score = Scoring(profile).score(profile.records["dataset"], document)
    return next(one for one in score.lines if one.field.name == name)


def test_an_empty_description_has_no_points_and_is_no_error(profile):
    for shape in profile.records.values():
        score = Scoring(profile).score(shape, {})
        assert (score.percent, score.points) == (0, 0)
        assert score.most > 0


def test_an_honest_reason_counts_more_than_silence_and_less_than_a_value(profile):
    field, reason = "follow_up_median_years", profile.vocabularies["reason"].by_code["unknown"].iri
    silent = line(profile, dataset(), field)
    reasoned = line(profile, dataset(not_stated=[{"field": field, "reason": reason}]), field)
    stated = line(profile, dataset(follow_up_median_years=5.0), field)
    assert (silent.state, reasoned.state, stated.state) == (SILENT, REASON, STATED)
    assert 0 == silent.points < reasoned.points < stated.points == stated.most
    assert silent.gain == 4
    assert silent.answers == ("Follow-up", "Median follow-up")


def test_what_a_part_lacks_is_named_and_costs_a_part(profile):
    condition = profile.vocabularies["condition"].by_code["heart-failure"].iri
    one = line(profile, dataset(studied_condition=[{"condition": condition}]), "studied_condition")
    assert one.state == PARTLY
    assert one.missing == ["People with the condition"]
    whole = [{"condition": condition, "persons": 7, "persons_counted_on": "2024"}]
    assert line(profile, dataset(studied_condition=whole), "studied_condition").gain == 0


def test_nothing_is_asked_of_a_trial_that_a_trial_cannot_answer(profile):
    def asked(document):
        score = Scoring(profile).score(profile.records["dataset"], document)
        return {one.field.name for one in score.lines}

    trial = dataset(source_type=[OWN + "source-type/trial"])
    assert "lag_months" in asked(dataset())
    assert "lag_months" not in asked(trial)


def test_a_score_grows_with_every_answer_and_is_whole_only_when_nothing_is_left(profile):
    shape, scoring = profile.records["dataset"], Scoring(profile)
    little, more = dataset(keyword=None), dataset(follow_up_median_years=5.0)
    assert scoring.score(shape, little).percent < scoring.score(shape, more).percent < 100
    gains = [one.gain for one in scoring.score(shape, more).to_do]
    assert gains == sorted(gains, reverse=True)
