"""Asking an owner on the pages: beside “not stated”, through the sign-in, to the form and back."""

from __future__ import annotations

import pytest
from conftest import signed_in
from factories import dataset, plant
from sqlalchemy import select

from catalogue.accounts.models import Organisation

PAGE = {"Accept": "text/html"}
ASK = "/datasets/hf/ask"


@pytest.fixture
def app(catalogue_app):
    catalogue_app.testing = False
    catalogue = catalogue_app.extensions["catalogue"]
    catalogue.post.close()
    plant(catalogue, dataset(demonstration=None))
    return catalogue_app


@pytest.fixture
def catalogue(app):
    return app.extensions["catalogue"]


@pytest.fixture
def owner(app, catalogue):
    client = signed_in(app, "olga@example.org", organisations={"ghent": "manager"}, name="Olga")
    with catalogue.database.write() as session:
        number = session.scalars(select(Organisation)).one().id
        catalogue.records.get(session, "dataset", "hf").organisation = number
    return client


@pytest.fixture
def ada(app):
    return signed_in(app, "ada@example.org", name="Ada Lovelace")


def test_not_stated_offers_to_ask_and_nothing_else_does(app, owner, ada):
    page = app.test_client().get("/datasets/hf").text
    assert 'rel="nofollow" href="/datasets/hf/ask?field=access_route">' in page
    assert "ask?field=number_of_unique_individuals" not in page
    assert "Ask the owner" not in app.test_client().get("/datasets/hf?at=2100").text
    assert "Ask the owner" not in owner.get("/workspace/dataset/hf/preview").text
    chosen = app.test_client().get(ASK).text
    assert "?field=lag_months" in chosen
    assert "?field=restricted" not in chosen


def test_who_is_not_signed_in_keeps_the_question_through_the_sign_in(app, owner):
    stranger = app.test_client()
    stranger.environ_base["HTTP_ORIGIN"] = "https://catalogue.example.org"
    assert "You are asked to sign in first" in stranger.get(f"{ASK}?field=lag_months").text
    sent = {"field": "lag_months", "note": "For a trial"}
    answer = stranger.post(ASK, data=sent, headers=PAGE)
    assert answer.status_code == 401
    assert 'name="kept:note" value="For a trial"' in answer.text
    assert 'value="/datasets/hf/ask"' in answer.text


def test_a_question_stands_at_its_field_until_publishing_answers_it(app, catalogue, owner, ada):
    answer = ada.post(ASK, data={"field": "lag_months", "note": "For a <trial>"}, headers=PAGE)
    assert answer.location == f"{ASK}?field=lag_months"
    assert "You asked for this on" in ada.get(answer.location).text
    form = owner.get("/workspace/dataset/hf/coverage").text
    assert "1 person asks for this" in form
    assert "For a &lt;trial&gt;" in form
    assert "Ada Lovelace" not in form
    home = owner.get("/workspace").text
    assert "Asked by people who look for data" in home
    assert "/workspace/dataset/hf/coverage?tier=outcome-rich#field-lag_months" in home
    with catalogue.changing() as session:
        document = dataset(lag_months=3)
        catalogue.records.put(session, "dataset", document, key="hf", author="user:1")
    assert "person asks for this" not in owner.get("/workspace/dataset/hf/coverage").text
    assert (
        "Answered the question of 1 reader: Lag" in owner.get("/workspace/dataset/hf/history").text
    )
    assert (
        "It is stated by now: <strong>3 months</strong>" in ada.get(f"{ASK}?field=lag_months").text
    )


def test_of_what_nobody_looks_after_the_page_says_so_and_reviewers_see_the_question(app, ada):
    page = ada.get(f"{ASK}?field=lag_months").text
    assert "there is nobody to ask" in page
    assert "Keep my question" in page
    ada.post(ASK, data={"field": "lag_months", "named": "1", "note": "Hello"})
    reviewer = signed_in(app, "rita@example.org", role="reviewer")
    listed = reviewer.get("/workspace/questions").text
    assert "Hello" in listed
    assert "Ada Lovelace" in listed
    assert "/workspace/questions" in reviewer.get("/workspace").text
    assert ada.get("/workspace/questions", headers=PAGE).status_code == 403


def test_what_cannot_be_asked_is_told(app):
    client = app.test_client()
    for asked, status in (
        ("field=restricted", 400),
        ("field=..%00", 400),
        ("field=lag_months&question=/workspace", 400),
        ("field=lag_months&question=/questions?condition=none", 400),
        ("field=lag_months&question=/datasets?q=hearts", 200),
        ("field=studied_condition.persons&question=/questions?condition=heart-failure", 200),
    ):
        assert client.get(f"{ASK}?{asked}", headers=PAGE).status_code == status, asked


def test_asking_too_often_or_too_long_is_told_with_what_was_written(app, owner, ada):
    answer = ada.post(ASK, data={"field": "lag_months", "note": "x" * 501}, headers=PAGE)
    assert answer.status_code == 422
    assert "longer than 500 characters" in answer.text
    assert "x" * 501 in answer.text
    ada.post(ASK, data={"field": "lag_months"})
    twice = ada.post(ASK, data={"field": "lag_months"}, headers=PAGE)
    assert twice.status_code == 409
    for _ in range(30):
        last = ada.post(ASK, data={"field": "lag_months"}, headers=PAGE)
    assert last.status_code == 429
    assert app.test_client().get("/datasets/nothing/ask?field=lag_months").status_code == 404
