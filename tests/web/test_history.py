"""The history of a record: every past state can be read, nothing that is kept back comes out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from factories import agent, dataset, plant

from catalogue.app import create_app

PAGE = {"Accept": "text/html"}


def on(day: int) -> datetime:
    return datetime(2026, 3, day, 12, tzinfo=UTC)


@pytest.fixture
def told(empty):
    """A dataset that was published on 1 March, changed on the 3rd, withdrawn on the 5th, back on the 7th."""
    with empty.changing() as session:
        records = empty.records
        records.put(session, "agent", agent(), key="ghent", author="seed", at=on(1))
        first = records.put(session, "dataset", dataset(), key="hf", author="user:1", at=on(1))
        records.put(
            session,
            "dataset",
            dataset(
                keyword={"en": ["heart failure", "elderly"]},
                number_of_unique_individuals=15000,
                temporal=[{"id": "#temporal-1", "start_date": "2010"}],
            ),
            key="hf",
            author="user:1",
            note="Counted again",
            at=on(3),
        )
        records.save(
            session, "dataset", dataset(title={"en": "Secret plans"}), key="hf", author="user:1"
        )
        records.withdraw(session, first, author="user:2", note="Moved", at=on(5))
        records.restore(session, first, author="user:2", at=on(7))
    return empty


@pytest.fixture
def client(told):
    app = create_app(catalogue=told)
    app.testing = False
    return app.test_client()


def test_a_past_state_can_be_read_as_page_rdf_and_json(client):
    page = client.get("/datasets/hf?at=2026-03-02", headers=PAGE)
    assert page.status_code == 200
    assert "12,000" in page.text
    assert "This is what the description said from" in page.text
    assert page.headers["Memento-Datetime"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert "15,000" in client.get("/datasets/hf", headers=PAGE).text
    for suffix in ("ttl", "jsonld", "rdf", "nt", "json"):
        then = client.get(f"/datasets/hf.{suffix}?at=2026-03-02")
        now = client.get(f"/datasets/hf.{suffix}")
        assert "12000" in then.text, suffix
        assert "15000" not in then.text, suffix
        assert "15000" in now.text, suffix
        assert then.headers["ETag"] != now.headers["ETag"]


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("2026", 200),  # the end of a year that is not over is the present
        ("2026-02", 404),
        ("2026-03-01", 200),
        ("2026-03-01T11:59:59Z", 404),
        ("2026-03-01T12:00:00Z", 200),
        ("2026-03-01T13:00:00+01:00", 200),
        ("2026-03-06", 410),
        ("2026-03-08", 200),
        ("yesterday", 400),
        ("2026-13-01", 400),
        ("9" * 500, 400),
    ],
)
def test_a_moment_is_a_year_month_day_or_instant_and_what_was_not_there_is_not(client, at, status):
    assert client.get("/datasets/hf", query_string={"at": at}, headers=PAGE).status_code == status
    assert client.get("/datasets/hf.ttl", query_string={"at": at}).status_code == status


def test_the_history_shows_what_changed_field_by_field(client):
    page = client.get("/datasets/hf/history", headers=PAGE).text
    assert "Counted again" in page
    assert "<del" in page
    assert "12,000" in page
    assert "15,000" in page
    assert "elderly" in page
    assert "Withdrawn" in page


def test_the_history_names_nobody_and_shows_no_working_copy(client):
    for path in ("/datasets/hf/history", "/datasets/hf"):
        page = client.get(path, headers=PAGE).text
        assert "user:" not in page
        assert "Secret plans" not in page


def test_every_link_of_the_history_leads_to_a_state(client):
    import html
    import re

    page = client.get("/datasets/hf/history", headers=PAGE).text
    links = [html.unescape(link) for link in re.findall(r'href="(/datasets/hf\?at=[^"]+)"', page)]
    assert len(links) == 3
    for link in links:
        assert client.get(link, headers=PAGE).status_code == 200, link


def test_who_withholds_the_holder_today_withholds_it_in_the_past_too(client, told):
    with told.changing() as session:
        told.records.put(
            session, "dataset", dataset(holder_withheld=True), key="hf", author="u", note="By Ghent"
        )
    addresses = [
        "/datasets/hf?at=2026-03-02",
        "/datasets/hf/history",
        "/datasets/hf",
        *(f"/datasets/hf.{suffix}?at=2026-03-02" for suffix in ("ttl", "jsonld", "json", "nt")),
    ]
    for address in addresses:
        said = client.get(address, headers=PAGE if "." not in address else {}).text
        for secret in ("Registry desk", "desk@hospital.example", "By Ghent"):
            assert secret not in said, (address, secret)


def test_a_field_that_is_restricted_today_is_restricted_in_the_past_too(client, told):
    audience = told.vocabularies["audience"].by_code["curators"].iri
    with told.changing() as session:
        document = dataset(
            restricted=[{"field": "number_of_unique_individuals", "audience": audience}]
        )
        told.records.put(session, "dataset", document, key="hf", author="u")
    for address in ("/datasets/hf", "/datasets/hf?at=2026-03-02", "/datasets/hf/history"):
        page = client.get(address, headers=PAGE).text
        assert "12,000" not in page, address
        assert "15,000" not in page, address
    assert "not disclosed" in client.get("/datasets/hf", headers=PAGE).text.lower()
    turtle = client.get("/datasets/hf.ttl").text
    assert "12000" not in turtle
    assert "not-disclosed" in turtle
    assert "restricted" not in turtle


def test_every_kind_of_record_has_a_history(client):
    assert client.get("/organisations/ghent/history", headers=PAGE).status_code == 200
    assert client.get("/organisations/ghent?at=2026-03-01", headers=PAGE).status_code == 200


def test_a_draft_has_no_history_for_the_world(client, told):
    plant(told)
    with told.database.write() as session:
        told.records.save(session, "dataset", {"title": {"en": "D"}}, key="draft", author="u")
    assert client.get("/datasets/draft/history", headers=PAGE).status_code == 404
