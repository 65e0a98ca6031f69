"""Asking owners: what can be asked, who is told, and what answers it (AS-6b)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import dataset, plant
from outbox import mails
from sqlalchemy import select

from catalogue.accounts.models import Membership, Organisation, User
from catalogue.accounts.viewer import Viewer
from catalogue.errors import BadRequest, Conflict, Forbidden
from catalogue.outcomes.fit import State
from catalogue.outcomes.owners.models import OwnerQuestion
from catalogue.outcomes.questions import among

OWNER, ADA, BEN = 1, 2, 3
EMAILS = {OWNER: "owner@hospital.example", ADA: "ada@example.org", BEN: "ben@example.org"}
PROSTATE = "/questions?condition=prostate-cancer;persons=5000.."


@pytest.fixture
def ward(empty):
    """A hospital that looks after a dataset, and two people who look for data."""
    empty.post.close()  # mails stay in the outbox, to be read
    (record,) = plant(empty, dataset())
    now = datetime.now(UTC)
    with empty.database.write() as session:
        session.add(Organisation(id=1, key="ghent", name="Ghent", created=now))
        for number, email in EMAILS.items():
            name = email.partition("@")[0].title()
            session.add(
                User(
                    id=number,
                    email=email,
                    email_folded=email,
                    name=name,
                    stamp="x",
                    created=now,
                    confirmed=now,
                )
            )
        session.flush()
        session.add(Membership(user_id=OWNER, organisation_id=1, role="manager"))
        session.merge(record).organisation = 1
    return empty


def ask(catalogue, who, field, question="", key="hf", **said):
    with catalogue.database.write() as session:
        record = catalogue.records.get(session, "dataset", key)
        standing = catalogue.owners.standing(session, record, field, question)
        return catalogue.owners.ask(session, Viewer(user=who), standing, asked=question, **said).id


def publish(catalogue, key="hf", **changed):
    with catalogue.changing() as session:
        catalogue.records.put(session, "dataset", dataset(**changed), key=key, author="test")


def posted(catalogue, who):
    with catalogue.database.read() as session:
        return [one for one in mails(session) if one.recipient == EMAILS[who]]


def wanted(catalogue):
    with catalogue.database.read() as session:
        record = catalogue.records.get(session, "dataset", "hf")
        return [
            (one.label, one.people, one.notes) for one in catalogue.owners.open_of(session, record)
        ]


def row(catalogue, number):
    with catalogue.database.read() as session:
        return session.get(OwnerQuestion, number)


def test_a_published_value_answers_everybody_who_asked_and_stays_in_the_history(ward):
    first = ask(ward, ADA, "lag_months", note="For a trial", named=True)
    ask(ward, BEN, "lag_months", note="Me too")
    assert wanted(ward) == [("Lag", 2, [("For a trial", "Ada"), ("Me too", "")])]
    with pytest.raises(Conflict, match="asked this already"):
        ask(ward, ADA, "lag_months")
    publish(ward, description={"en": "Something else"})
    assert row(ward, first).closed is None
    publish(ward, lag_months=3)
    assert wanted(ward) == []
    for who in (ADA, BEN):
        (mail,) = posted(ward, who)
        assert "Heart failure registry of Ghent" in mail.subject
        assert "* Lag\n  3 months\n" in mail.body
        assert "https://catalogue.example.org/datasets/hf" in mail.body
    closed = row(ward, first)
    assert (closed.outcome, closed.revision) == ("value", 3)
    with ward.database.read() as session:
        record = ward.records.get(session, "dataset", "hf")
        told = ward.owners.answered_by(session, record, [2, 3])
    assert told == {3: [("Lag", "Ada and 1 other")]}
    with pytest.raises(Conflict, match="stated by now: 3 months"):
        ask(ward, ADA, "lag_months")
    ward.follow.rebuild(ward.followers["answers"])
    assert len(posted(ward, ADA)) == 1


def test_a_reason_is_an_answer_too(ward):
    ask(ward, ADA, "lag_months")
    reason = ward.vocabularies["reason"].by_code["unknown"].iri
    publish(ward, not_stated=[{"field": "lag_months", "reason": reason}])
    (mail,) = posted(ward, ADA)
    assert "There is no value: unknown" in mail.body


def test_what_is_kept_from_the_world_is_kept_from_who_asked(ward):
    number = ask(ward, ADA, "lag_months")
    curators = ward.vocabularies["audience"].by_code["curators"].iri
    publish(ward, lag_months=7, restricted=[{"field": "lag_months", "audience": curators}])
    (mail,) = posted(ward, ADA)
    assert "There is no value: not disclosed" in mail.body
    assert "7" not in mail.body.replace("https", "")
    assert row(ward, number).outcome == "reason"


def test_who_asked_is_told_that_a_record_is_gone_and_can_ask_again_when_it_is_back(ward):
    number = ask(ward, ADA, "lag_months")
    with ward.changing() as session:
        record = ward.records.get(session, "dataset", "hf")
        ward.records.withdraw(session, record, author="test", note="Moved")
    (mail,) = posted(ward, ADA)
    assert "“hf”" in mail.body
    assert "Heart failure" not in mail.body
    with ward.changing() as session:
        record = ward.records.get(session, "dataset", "hf")
        ward.records.restore(session, record, author="test", note="Back")
    assert ask(ward, ADA, "lag_months") == number
    assert row(ward, number).outcome == ""


def test_of_a_part_only_what_is_said_of_the_subject_that_was_asked_about_answers(ward):
    number = ask(ward, ADA, "studied_condition.persons", PROSTATE)
    assert row(ward, number).about == "condition:prostate-cancer"
    (said,) = wanted(ward)
    assert said[0] == "Conditions studied: people with the condition (Prostate cancer)"
    publish(ward, studied_condition=[{"condition": "heart-failure", "persons": 12000}])
    assert row(ward, number).closed is None
    publish(ward, studied_condition=[{"condition": "prostate-cancer"}])
    assert row(ward, number).closed is None  # how many is not said
    publish(ward, studied_condition=[{"condition": "localised-prostate-cancer", "persons": 6700}])
    (mail,) = posted(ward, ADA)
    assert "  6,700\n" in mail.body


def test_of_outcomes_and_lists_only_the_one_asked_for_answers(ward):
    question = "/questions?outcome=pain,urinary-function&variable=psa"
    ask(ward, ADA, "outcome_statement.state", question)
    variable = ask(ward, ADA, "key_variable", question)
    publish(
        ward,
        key_variable=["gleason-score"],
        outcome_statement=[{"outcome": "fatigue", "state": "collected"}],
    )
    assert posted(ward, ADA) == []
    publish(
        ward,
        key_variable=["psa"],
        outcome_statement=[{"outcome": "pain", "state": "not-collected"}],
    )
    (mail,) = posted(ward, ADA)
    assert "  Not collected\n" in mail.body
    assert row(ward, variable).outcome == "value"


def test_whatever_the_fit_table_calls_not_stated_can_be_asked_for(ward):
    address = (
        "/questions?condition=prostate-cancer;persons=5000..&outcome=pain&outcome_domain=7"
        "&instrument=epic-26&core_outcome_set=ichom-localised-prostate-cancer;least=5"
        "&variable=psa&lag_months=..6&year=2010..2020&typical_age=40..80&linkage=linked&omop_status=mapped"
    )
    publish(ward, outcome_statement=[{"outcome": "fatigue", "state": "collected"}])
    kinds = ward.questions.kinds
    with ward.database.read() as session:
        record = ward.records.get(session, "dataset", "hf")
        for text in address.partition("?")[2].split("&"):
            name, _, value = text.partition("=")
            if kinds[name].vocabulary is not None:
                code = value.partition(";")[0]
                some = [one.code for one in among(kinds[name], kinds[name].vocabulary)]
                value = value if code in some else value.replace(code, some[0])
            question = ward.questions.parse([(name, value)])
            here = ward.questions.address(question)
            (verdict,) = ward.fitter.fit_one(session, question, record.id).verdicts
            standing = ward.owners.standing(session, record, ".".join(verdict.path), here)
            if verdict.state is State.UNKNOWN:
                assert not standing.is_answered, text


def test_only_fields_of_the_data_that_everybody_may_see_can_be_asked_for(ward):
    for field in (
        "restricted",
        "demonstration",
        "intake",
        "contact_point",
        "nonsense",
        "lag_months.x",
        "studied_condition.nonsense",
        "x" * 5000,
        "",
    ):
        with pytest.raises(BadRequest):
            ask(ward, ADA, field)
    with pytest.raises(BadRequest, match="cannot be understood"):
        ask(ward, ADA, "lag_months", "/questions?condition=no-such-thing")
    with pytest.raises(Forbidden):
        ask(ward, None, "lag_months")
    for one in ward.profile.criteria.values():  # whatever a question asks, an owner can be asked
        assert ward.owners.places.read(".".join(one.path))


def test_owners_have_one_mail_a_record_and_day_without_what_strangers_wrote(ward):
    ask(ward, ADA, "lag_months", note="Buy cheap pills")
    (mail,) = posted(ward, OWNER)
    assert "* Lag" in mail.body
    assert "workspace/dataset/hf" in mail.body
    assert "pills" not in mail.body
    ask(ward, BEN, "frequency")
    ask(ward, BEN, "access_route")
    ward.tenders.only("questions")
    assert len(posted(ward, OWNER)) == 1
    with ward.database.write() as session:
        for one in session.scalars(select(OwnerQuestion).where(OwnerQuestion.told.is_not(None))):
            one.told = datetime.now(UTC) - timedelta(days=2)
    ward.tenders.only("questions")
    ward.tenders.only("questions")
    second = posted(ward, OWNER)[1:]
    assert len(second) == 1
    assert "* Lag" not in second[0].body
    assert second[0].body.count("\n* ") == 2


def test_questions_about_what_nobody_looks_after_wait_for_the_coordinator(ward):
    publish(ward, "demo", title={"en": "Demo"}, identifier=["demo"], demonstration=True)
    ask(ward, ADA, "lag_months", key="demo")
    ward.tenders.only("questions")
    assert posted(ward, OWNER) == []
    reviewer, owner = Viewer(user=9, role="reviewer"), Viewer(user=OWNER, roles={1: "manager"})
    ask(ward, BEN, "lag_months")
    with ward.database.read() as session:
        (one,) = ward.owners.orphaned(session, reviewer)
        assert (one.record.key, one.people) == ("demo", 1)
        (own,) = ward.owners.open_for(session, owner)
        assert own.record.key == "hf"
        with pytest.raises(Forbidden):
            ward.owners.orphaned(session, owner)


def test_an_account_that_goes_takes_its_questions_along(ward):
    ask(ward, ADA, "lag_months")
    with ward.database.write() as session:
        ward.accounts.delete(session, session.get(User, ADA), "")
    assert wanted(ward) == []
