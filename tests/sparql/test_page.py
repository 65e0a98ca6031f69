"""The address for programs and the page for people."""

from __future__ import annotations

import json
import re

import pyoxigraph as ox
import pytest
from conftest import ADDRESS, signed_in
from factories import dataset, plant

from catalogue.app import create_app
from catalogue.rdf.formats import FORMATS
from catalogue.sparql import request as requests
from catalogue.sparql.examples import examples
from catalogue.sparql.formats import TABLES
from catalogue.web.limits import LIMITS

COUNT = "SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset }"
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
DATASETS = 107


def number(response) -> int:
    return int(response.get_json(force=True)["results"]["bindings"][0]["n"]["value"])


@pytest.mark.parametrize("name", examples())
def test_every_example_finds_something_among_the_demonstrations(client, name):
    response = client.get(f"/sparql?example={name}&format=", headers=HTML)
    assert response.status_code == 200
    assert examples()[name].title in response.text
    query = examples()[name].query
    found = client.post("/sparql", data={"query": query})
    assert found.status_code == 200, found.text
    if "CONSTRUCT" in query:
        assert found.text.count("\n") > 20
    else:
        assert len(found.get_json(force=True)["results"]["bindings"]) >= 1
    assert "Catalogue-Truncated" not in found.headers


def test_a_query_is_asked_in_three_ways(client):
    for response in (
        client.get("/sparql", query_string={"query": COUNT}),
        client.post("/sparql", data={"query": COUNT}),
        client.post("/sparql", data=COUNT, content_type="application/sparql-query"),
    ):
        assert response.status_code == 200
        assert response.content_type == "application/sparql-results+json"
        assert number(response) == DATASETS


def test_a_program_of_somebody_else_may_post(client):
    for origin in ({}, {"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        response = client.post("/sparql", data={"query": COUNT}, headers=origin)
        assert response.status_code == 200
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers
    asked = client.options("/sparql", headers={"Origin": "https://elsewhere.example"})
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]


def test_pages_are_not_shared_with_other_sites(app):
    client = signed_in(app, "reader@example.org")
    response = client.post("/sparql", data={"query": COUNT}, headers=HTML)
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("format", TABLES, ids=lambda one: one.suffix)
def test_tables_by_accept_and_by_name(client, format):
    by_accept = client.get(
        "/sparql", query_string={"query": COUNT}, headers={"Accept": format.media_type}
    )
    by_name = client.get("/sparql", query_string={"query": COUNT, "format": format.suffix})
    assert by_accept.content_type == by_name.content_type == format.content_type
    assert by_accept.data == by_name.data
    assert str(DATASETS).encode() in by_name.data
    assert by_accept.headers["Vary"] == "Accept"
    assert by_name.headers["Content-Disposition"].endswith(f'answer.{format.suffix}"')


@pytest.mark.parametrize("suffix", FORMATS)
def test_statements_by_accept_and_by_name(client, suffix):
    format = FORMATS[suffix]
    text = "DESCRIBE <id/dataset/sidiap>"
    by_accept = client.get(
        "/sparql", query_string={"query": text}, headers={"Accept": format.media_type}
    )
    by_name = client.get("/sparql", query_string={"query": text, "format": suffix})
    assert by_accept.content_type == by_name.content_type == format.content_type
    said = {q.triple for q in ox.parse(by_name.data, format=format.oxigraph)}
    assert {str(one.subject) for one in said} == {f"<{ADDRESS}id/dataset/sidiap>"}


@pytest.mark.parametrize(
    ("text", "accept", "named"),
    [
        (COUNT, "image/png", ""),
        (COUNT, "text/turtle", ""),
        (COUNT, "", "ttl"),
        ("DESCRIBE <x>", "text/csv", ""),
        ("DESCRIBE <x>", "", "xml "),
    ],
)
def test_formats_that_do_not_fit_are_406_with_those_that_do(client, text, accept, named):
    response = client.get(
        "/sparql", query_string={"query": text, "format": named}, headers={"Accept": accept}
    )
    assert response.status_code == 406
    assert "format=" in response.get_json()["detail"]


def test_the_position_is_told_and_nothing_is_kept_in_caches(client):
    response = client.get("/sparql", query_string={"query": COUNT})
    position = client.get("/ready").get_json()["position"]
    assert response.headers["Catalogue-Position"] == str(position)
    assert response.headers["Cache-Control"] == "no-cache"
    assert "ETag" not in response.headers
    assert client.get("/ready").get_json()["sparql"] == {"behind": 0}


def test_a_cut_answer_says_so(client):
    text = "SELECT ?s { ?s ?p ?o } LIMIT 10001"
    response = client.get("/sparql", query_string={"query": text})
    assert response.headers["Catalogue-Truncated"] == "10000"
    page = client.get("/sparql", query_string={"query": text}, headers=HTML)
    assert "There are more" in page.text


def test_faults_are_problems_with_their_place(client):
    response = client.post("/sparql", data={"query": "SELECT *\n{ SERVICE <http://x/> {} }"})
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    problem = response.get_json()
    assert problem["problems"][0]["path"] == ["query", 2, 3]
    assert problem["detail"].startswith("Line 2, column 3: SERVICE is not answered here")
    assert client.get("/sparql", query_string={"query": "SELECT ?x"}).status_code == 400


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"update": "DROP ALL"}}, 400),
        ({"data": {"query": ["ASK {}", "ASK {}"]}}, 400),
        ({"data": {"query": ""}}, 400),
        ({"data": {"query": "ASK {}#" + "x" * requests.LONGEST}}, 413),
        ({"data": {"query": "x" * 100_000}}, 413),
        ({"data": b"ASK {}", "content_type": "text/plain"}, 415),
        ({"data": b"DROP ALL", "content_type": "application/sparql-update"}, 415),
        ({"data": b"ASK {} # \xff", "content_type": "application/sparql-query"}, 400),
        ({"data": {"query": "ASK {}", "default-graph-uri": "no address"}}, 400),
    ],
)
def test_other_requests_are_refused(client, sent, status):
    response = client.post("/sparql", **sent)
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"


def test_who_says_nothing_of_formats_gets_errors_for_programs(client):
    response = client.post("/sparql", data={"query": "DROP ALL"}, headers={"Accept": ""})
    assert response.content_type == "application/problem+json"


def test_the_time_limit_is_an_answer_that_tells_what_to_do(catalogue_app):
    app = catalogue_app
    plant(app.extensions["catalogue"])
    object.__setattr__(app.extensions["catalogue"].settings, "sparql_seconds", 1)
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    client = app.test_client()
    page = client.post("/sparql", data={"query": text}, headers=HTML)
    assert page.status_code == 422
    assert "costs too much" in page.text
    assert "longer than 1 s." in page.text
    assert "?g ?h ?i . ?j ?k ?l" in page.text
    assert client.post("/sparql", data={"query": "ASK {}"}).status_code == 200


def test_too_many_queries_are_turned_away(catalogue_app, monkeypatch):
    monkeypatch.setitem(LIMITS, "sparql", "2 per minute")
    client = catalogue_app.test_client()
    for _ in range(2):
        assert client.get("/sparql?query=ASK{}").status_code == 200
    response = client.get("/sparql?query=ASK{}")
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert client.get("/sparql", headers=HTML).status_code == 200


def test_a_service_description_is_there_for_programs(client):
    response = client.get("/sparql", headers={"Accept": "text/turtle"})
    said = {str(q.triple.object) for q in ox.parse(response.data, format=ox.RdfFormat.TURTLE)}
    sd = "http://www.w3.org/ns/sparql-service-description#"
    assert f"<{sd}Service>" in said
    assert f"<{sd}SPARQL11Query>" in said
    assert f"<{ADDRESS}sparql>" in said


# the page -----------------------------------------------------------------------------


def test_the_page_works_without_scripts(client):
    page = client.get("/sparql", headers=HTML)
    assert page.status_code == 200
    assert re.search(r'<form[^>]* method="post" action="/sparql"', page.text)
    assert '<label for="query">' in page.text
    assert "<textarea" in page.text
    assert all(one.title in page.text for one in examples().values())
    answer = client.post("/sparql", data={"query": COUNT}, headers={**HTML, "Origin": ADDRESS[:-1]})
    assert f"<span>{DATASETS}</span>" in answer.text
    assert re.search(r"1 row\s+in \d", answer.text)
    assert 'name="format" value="csv"' in answer.text


def test_the_page_shows_addresses_as_links_and_text_as_text(client):
    text = """SELECT ?d ?t ?c ?j WHERE { VALUES (?d ?t ?c ?j) { (<id/dataset/sidiap> "<script>"@fr
        <http://publications.europa.eu/resource/authority/country/BEL> <javascript:alert(1)>) } }"""
    page = client.post("/sparql", data={"query": text}, headers=HTML).text
    assert f'href="{ADDRESS}id/dataset/sidiap"' in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "Belgium" in page
    assert 'href="javascript' not in page


def test_the_page_shows_statements_yes_and_no_and_nothing(client):
    ask = lambda text: client.post("/sparql", data={"query": text}, headers=HTML).text  # noqa: E731
    assert "dcat:Dataset" in ask("CONSTRUCT WHERE { <id/dataset/sidiap> a ?class }")
    assert "<strong>Yes</strong>" in ask("ASK { ?d a dcat:Dataset }")
    assert "<strong>No</strong>" in ask("ASK { ?d a dct:nothing }")
    assert "Nothing fits" in ask("SELECT ?d { ?d a dct:nothing }")


def test_a_fault_is_shown_at_the_editor_with_its_line(client):
    page = client.post("/sparql", data={"query": "SELECT ?d\nWHERE { ?d a foo:Bar }"}, headers=HTML)
    assert page.status_code == 400
    assert "Line 2, column" in page.text
    assert "foo:Bar" in page.text
    assert 'data-line="2"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "WHERE { ?d a foo:Bar }</textarea>" in page.text


def test_an_example_that_is_not_there_is_404(client):
    assert client.get("/sparql?example=none", headers=HTML).status_code == 404


def test_the_page_is_found_from_the_page_for_developers(client):
    page = client.get("/developers", headers=HTML).text
    assert 'href="/sparql"' in page
    call = re.search(r'href="https://catalogue.example.org(/sparql\?query=[^"]+)"', page)[1]
    assert number(client.get(call)) == DATASETS
    assert "Disallow: /sparql?" in client.get("/robots.txt").text


def test_while_the_store_is_built_people_are_told_when_to_come_again(catalogue_app, monkeypatch):
    from catalogue.sparql import service

    monkeypatch.setattr(service, "_SMALL", 0)
    catalogue = catalogue_app.extensions["catalogue"]
    plant(catalogue, dataset())
    monkeypatch.setattr(catalogue.sparql, "_begin_building", lambda: None)
    client = catalogue_app.test_client()
    for headers in ({}, HTML):
        response = client.get("/sparql?query=ASK{}", headers=headers)
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
    assert client.get("/ready").get_json()["sparql"] == {"behind": None}


def test_commands_build_and_tell(new_catalogue):
    catalogue = new_catalogue()
    plant(catalogue)
    run = create_app(catalogue=catalogue).test_cli_runner()
    assert "not built" in run.invoke(args=["catalogue", "doctor"]).output
    assert run.invoke(args=["catalogue", "rebuild", "sparql"]).exit_code == 0
    doctor = run.invoke(args=["catalogue", "doctor"])
    assert re.search(r"view: sparql +up to date", doctor.output)
    assert json.loads((catalogue.settings.instance_folder / "sparql" / "current").read_text())
