"""The pre-flight pages: a request never adds up, says how old its report is, and shows nothing that is not public."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from factories import agent, dataset, plant
from sqlalchemy import update

from catalogue.jobs import Jobs
from catalogue.preflight.models import Report
from catalogue.tending import Worker

PAGE = "/organisations/ghent/pre-flight"


@pytest.fixture
def catalogue(catalogue_app):
    """Two datasets of one organisation; one lacks its contact in what is exported."""
    catalogue = catalogue_app.extensions["catalogue"]
    plant(
        catalogue,
        dataset(identifier=["a"], title={"en": "Sound registry"}),
        dataset(
            identifier=["b"],
            title={"nl": "=Aardvark"},
            landing_page=["http://localhost/aardvark"],
        ),
    )
    return catalogue


@pytest.fixture
def client(catalogue_app, catalogue):
    return catalogue_app.test_client()


def tend(catalogue):
    with catalogue.database.write() as session:
        session.execute(update(Report).values(took=0.0))
    catalogue.tenders.run()


def test_the_first_look_asks_for_the_report_and_says_that_no_worker_lives(client, catalogue):
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "has not been made yet" in page.text
    assert "No background worker is running" in page.text
    with catalogue.database.read() as session:
        assert session.get(Report, "id/agent/ghent").content is None


def test_a_look_rings_the_worker(client, catalogue_app):
    client.get(PAGE)
    assert catalogue_app.extensions["jobs"].huey.pending_count() == 1


def test_where_the_work_is_done_at_once_the_second_look_shows_the_report(catalogue, catalogue_app):
    catalogue_app.extensions["jobs"] = Jobs(catalogue, immediate=True)
    client = catalogue_app.test_client()
    client.get(PAGE)
    assert "would take all 2 datasets" in client.get(PAGE).text


def test_the_verdict_counts_and_names_what_is_to_be_mended(client, catalogue):
    client.get(PAGE)
    tend(catalogue)
    page = client.get(PAGE).text
    assert "would take all 2 datasets" in page
    assert "Web page: an address that only one&#39;s own network can reach" in page
    assert "=Aardvark" in page
    assert "nothing has changed since" in page
    only = client.get(PAGE + "?severity=quality").text
    assert "Title: not in English" in only
    assert "own network can reach" not in only
    assert client.get(PAGE + "?severity=loud").status_code == 400


def test_a_change_since_is_told_and_made_anew(client, catalogue):
    client.get(PAGE)
    tend(catalogue)
    with catalogue.changing() as session:  # the identifier is that of the other one now
        catalogue.records.put(session, "dataset", dataset(identifier=["b"]), key="hf", author="t")
        session.add(Worker(name="w", began=datetime.now(UTC), seen=datetime.now(UTC)))
    page = client.get(PAGE).text
    assert "1 change since" in page
    assert "will be made in a moment" in page
    tend(catalogue)
    assert "would take 0 of 2 datasets; 2 break rules" in client.get(PAGE).text


def test_how_far_it_is_is_told_while_it_is_made(client, catalogue):
    client.get(PAGE)
    with catalogue.database.write() as session:
        row = session.get(Report, "id/agent/ghent")
        row.holder, row.lease = "w", datetime(2100, 1, 1, tzinfo=UTC)
        row.done, row.total = 1, 2
    page = client.get(PAGE).text
    assert "1 of 2 descriptions read" in page
    assert "<progress" in page
    assert client.get(PAGE + ".json?brief=yes").json["working"] is True


def test_a_withdrawn_record_is_named_no_longer_before_the_report_is_made_anew(client, catalogue):
    client.get(PAGE)
    tend(catalogue)
    for address in (PAGE, PAGE + ".csv", PAGE + ".json"):
        assert "ardvark" in client.get(address).text
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", "hf-2")
        catalogue.records.withdraw(session, record, author="t", note="Gone")
    for address in (PAGE, PAGE + ".csv", PAGE + ".json"):
        assert "ardvark" not in client.get(address).text.casefold()
    assert client.get("/datasets/hf-2/pre-flight").status_code == 410


def test_what_a_record_says_no_longer_is_not_told_before_the_report_is_made_anew(client, catalogue):
    client.get(PAGE)
    tend(catalogue)
    with catalogue.changing() as session:
        catalogue.records.put(session, "dataset", dataset(identifier=["b"]), key="hf-2", author="t")
    assert "localhost" not in client.get(PAGE + ".json").text


def test_the_documents_name_record_field_and_way_out(client, catalogue):
    client.get(PAGE)
    tend(catalogue)
    told = client.get(PAGE + ".json").json
    assert told["kinds"] == {"dataset": 2}
    assert told["score"]["most"] == 405
    problem = next(one for one in told["problems"] if one["rule"] == "local-address")
    assert (problem["severity"], problem["field"], problem["label"]) == (
        "warning",
        "landing_page",
        "Web page",
    )
    assert problem["fix"]
    assert problem["first"][0]["messages"] == ["http://localhost/aardvark"]
    rows = list(csv.DictReader(io.StringIO(client.get(PAGE + ".csv").text)))
    row = next(one for one in rows if one["rule"] == "local-address")
    assert row["record"] == "'=Aardvark"  # no formula in anybody's spreadsheet
    assert row["address"].endswith("/datasets/hf-2")


def test_who_may_edit_is_led_to_the_field(catalogue, catalogue_app, sign_in):
    editor = sign_in(catalogue_app, "nurse@example.org", role="administrator")
    editor.get(PAGE)
    tend(catalogue)
    way = "/workspace/dataset/hf-2/form/"
    assert "#field-landing_page" in editor.get(PAGE).text
    assert "#field-landing_page" in editor.get("/datasets/hf-2/pre-flight").text
    anybody = catalogue_app.test_client()
    assert way not in anybody.get(PAGE).text
    assert "#field-" not in anybody.get("/datasets/hf-2/pre-flight").text


def test_one_dataset_is_looked_at_in_the_request(client, catalogue):
    page = client.get("/datasets/hf-2/pre-flight").text
    assert "A portal would take it." in page
    assert "http://localhost/aardvark" in page
    told = client.get("/datasets/hf-2/pre-flight.json").json
    assert 0 < told["score"]["points"] < told["score"]["possible"] < 405
    assert client.get("/datasets/nothing/pre-flight").status_code == 404


def test_a_catalogue_on_ones_own_machine_is_told_that_no_portal_reaches_it(new_catalogue):
    from catalogue.app import create_app

    local = new_catalogue("local", public_address="http://127.0.0.1:8000/")
    plant(local, dataset())
    page = create_app(catalogue=local).test_client().get(PAGE).text
    assert "which no portal can reach" in page


def test_an_organisation_without_datasets_says_so(client, catalogue):
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent("New"), key="new", author="t")
    client.get("/organisations/new/pre-flight")
    tend(catalogue)
    assert "There is nothing to harvest yet" in client.get("/organisations/new/pre-flight").text


@pytest.mark.parametrize("address", ["/organisations/ghent", "/datasets/hf"])
def test_the_pages_lead_there(client, address):
    assert (
        f'href="{address}/pre-flight"' in client.get(address, headers={"Accept": "text/html"}).text
    )
