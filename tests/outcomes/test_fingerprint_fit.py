"""Questions are answered by fingerprints where the description itself is silent."""

from __future__ import annotations

import pytest
from exports import export
from factories import dataset, plant

from catalogue.accounts.viewer import Viewer
from catalogue.outcomes.fit import State

ROOT = Viewer(user=1, name="Root", role="administrator")
SILENT = {"number_of_unique_individuals": None, "temporal": None}


@pytest.fixture
def silent(empty):
    """A dataset that states no numbers, and has a fingerprint that waits for its release."""
    (record,) = plant(empty, dataset(**SILENT))
    with empty.changing() as session:
        made = empty.fingerprints.made_of(session, record, export(12_345)).fingerprint
        empty.fingerprints.keep(session, ROOT, record, made, "")
    return empty


def answers(catalogue, words):
    question = catalogue.questions.parse(words)
    with catalogue.database.read() as session:
        (fit,) = catalogue.fitter.fit(session, question).fits
    return [(one.state, one.said, one.anchor) for one in fit.verdicts]


ASKED = [
    ("number_of_unique_individuals", "12000.."),
    ("number_of_unique_individuals", "12400.."),
    ("number_of_unique_individuals", "20000.."),
    ("year", "2010..2015"),
    ("typical_age", "60..70"),
    ("follow_up_median_years", "2.."),
]


def test_a_release_answers_what_the_description_leaves_open(silent):
    assert {state for state, _, _ in answers(silent, ASKED)} == {State.UNKNOWN}
    with silent.changing() as session:
        record = silent.records.get(session, "dataset", "hf")
        silent.fingerprints.release(session, ROOT, record)
    met, near, unmet, *others = answers(silent, ASKED)
    assert met[0] is State.MET
    assert "by its fingerprint" in met[1]
    assert met[2] == "fingerprint"
    assert near[0] is State.UNKNOWN  # 12,400 may be 12,301
    assert unmet[0] is State.UNMET
    assert [state for state, _, _ in others] == [State.MET] * 3
    with silent.changing() as session:
        record = silent.records.get(session, "dataset", "hf")
        silent.fingerprints.take_back(session, ROOT, record)
    assert {state for state, _, _ in answers(silent, ASKED)} == {State.UNKNOWN}


def test_what_the_description_states_goes_before_what_was_counted(silent):
    with silent.changing() as session:
        silent.fingerprints.release(session, ROOT, silent.records.get(session, "dataset", "hf"))
        silent.records.put(
            session, "dataset", dataset(number_of_unique_individuals=50), key="hf", author="test"
        )
    (said,) = answers(silent, [("number_of_unique_individuals", "100..")])
    assert said[0] is State.UNMET
    assert "fingerprint" not in said[1]
