"""The addresses for machines: right formats, right headers, clear errors, nothing leaks."""

from __future__ import annotations

import gzip
import json

import pyoxigraph as ox
import pytest
from conftest import ADDRESS
from factories import dataset, plant

from catalogue.rdf.formats import FORMATS

BASE = f"{ADDRESS}id/dataset/sidiap"


def triples(response, format) -> set:
    return {q.triple for q in ox.parse(response.data, format=format.oxigraph, base_iri=ADDRESS)}


def test_a_records_iri_leads_to_its_page_or_to_the_document_asked_for(client):
    page = client.get("/id/dataset/sidiap", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Location"]) == (303, "/datasets/sidiap")
    turtle = client.get("/id/dataset/sidiap", headers={"Accept": "text/turtle"})
    assert turtle.headers["Location"] == "/datasets/sidiap.ttl"


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_by_suffix_and_by_accept_says_the_same(client, suffix):
    format = FORMATS[suffix]
    by_suffix = client.get(f"/datasets/sidiap.{suffix}")
    by_accept = client.get("/datasets/sidiap", headers={"Accept": format.media_type})
    assert by_suffix.status_code == by_accept.status_code == 200
    assert by_suffix.content_type == by_accept.content_type == format.content_type
    assert triples(by_suffix, format) == triples(by_accept, format)
    turtle = triples(client.get("/datasets/sidiap.ttl"), FORMATS["ttl"])
    assert triples(by_suffix, format) == turtle
    assert "Accept" in by_accept.headers["Vary"]
    assert f'<{ADDRESS}datasets/sidiap.ttl>; rel="alternate"' in by_suffix.headers["Link"]


def test_addresses_in_documents_are_the_configured_ones_whatever_host_was_asked(client):
    response = client.get(
        "/datasets/sidiap.nt", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    )
    assert b"evil" not in response.data
    assert f"<{BASE}>".encode() in response.data
    assert "evil" not in response.headers["Link"]


def test_who_has_the_document_already_is_told_so(client):
    first = client.get("/datasets/sidiap.ttl")
    again = client.get("/datasets/sidiap.ttl", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    feed = client.get("/catalogue.ttl")
    again = client.get("/catalogue.ttl", headers={"If-None-Match": feed.headers["ETag"]})
    assert again.status_code == 304


def test_head_is_get_without_the_body(client):
    for address in ("/datasets/sidiap.ttl", "/catalogue.ttl", "/dump.nt.gz"):
        got, headed = client.get(address), client.head(address)
        assert headed.status_code == 200
        assert headed.data == b""
        assert headed.headers["Content-Type"] == got.headers["Content-Type"]


def test_the_json_of_a_record_names_the_context_it_is_rdf_under(client):
    document = client.get("/datasets/sidiap.json").get_json()
    assert document["@context"] == f"{ADDRESS}profile/context.jsonld"
    context = client.get("/profile/context.jsonld").get_json()
    quads = ox.parse(json.dumps({**document, **context}), format=ox.RdfFormat.JSON_LD)
    turtle = triples(client.get("/datasets/sidiap.ttl"), FORMATS["ttl"])
    assert {q.triple for q in quads} <= turtle


def test_the_feed_is_walked_by_its_next_links(client, catalogue, monkeypatch):
    object.__setattr__(catalogue.settings, "feed_page_size", 40)
    seen, address, pages = set(), "/catalogue.ttl", 0
    try:
        while address:
            response = client.get(address)
            assert response.status_code == 200
            found = triples(response, FORMATS["ttl"])
            seen |= {
                str(t.subject)
                for t in found
                if t.object == ox.NamedNode("http://www.w3.org/ns/dcat#Dataset")
            }
            views = [t for t in found if t.predicate.value.endswith("hydra/core#next")]
            assert len(views) == ('rel="next"' in str(response.headers.getlist("Link")))
            address = views[0].object.value.removeprefix(ADDRESS.rstrip("/")) if views else ""
            pages += 1
    finally:
        object.__setattr__(catalogue.settings, "feed_page_size", 100)
    assert (len(seen), pages) == (107, 3)


def test_the_dump_holds_every_dataset(client):
    turtle = client.get("/dump.ttl")
    assert turtle.data.count(b" a dcat:Dataset ") == 107
    packed = gzip.decompress(client.get("/dump.nt.gz").data)
    assert packed == client.get("/dump.nt").data


@pytest.mark.parametrize(
    ("address", "accept", "status", "said"),
    [
        ("/datasets/nothing.ttl", "*/*", 404, "no dataset"),
        ("/datasets/nothing", "text/turtle", 404, "no dataset"),
        ("/id/dataset/nothing", "text/turtle", 404, "no dataset"),
        ("/id/biobank/x", "*/*", 404, "no kind of record"),
        ("/id/dataset/%00", "*/*", 404, "no dataset"),
        ("/id/dataset/" + "x" * 3000, "*/*", 404, "no dataset"),
        ("/datasets/sidiap", "image/png", 406, "text/turtle"),
        ("/catalogue", "image/png", 406, "text/turtle"),
        ("/catalogue.ttl?after=-1", "*/*", 400, "follow the links"),
        ("/catalogue.ttl?after=1e9", "*/*", 400, "follow the links"),
        ("/catalogue.ttl?after=" + "9" * 99, "*/*", 400, "follow the links"),
        ("/catalogue.ttl?modified_since=yesterday", "*/*", 400, "is not a date"),
        ("/catalogues/nothing/feed.ttl", "*/*", 404, "no catalogue"),
        ("/changes?since=99999999", "*/*", 400, "The last change is"),
        ("/changes?since=yesterday", "*/*", 400, "is not a date"),
        ("/changes?catalogue=nothing", "*/*", 400, "no catalogue"),
        ("/ldes.trig?after=x", "*/*", 400, "follow the links"),
        ("/vocabularies/colours.ttl", "*/*", 404, "no vocabulary"),
        ("/vocabularies/..%2f..%2fREADME.ttl", "*/*", 404, ""),
        ("/datasets?colour=red", "application/json", 400, "not something to search by"),
    ],
)
def test_what_cannot_be_answered_says_why(client, address, accept, status, said):
    response = client.get(address, headers={"Accept": accept})
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    problem = response.get_json()
    assert problem["status"] == status
    assert said in problem["detail"]


@pytest.mark.parametrize(
    "accept",
    ["", ";", "text/html;q=x", "*/*;q=-1", "a" * 5000, "text/turtle;q=1e999", "ü/ü", ",,,"],
)
def test_a_strange_accept_header_gets_an_answer(client, accept):
    assert client.get("/datasets/sidiap", headers={"Accept": accept}).status_code in (200, 400, 406)


def test_a_wrong_method_is_told_what_is_allowed(client):
    response = client.post("/datasets/sidiap.ttl")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_person_gets_the_error_as_a_page_with_a_way_out(client):
    response = client.get("/datasets/nothing", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert b'href="/"' in response.data


def test_a_withdrawn_record_is_gone_and_a_draft_was_never_there(empty):
    from catalogue.app import create_app

    client = create_app(catalogue=empty).test_client()
    plant(empty, dataset(), dataset(title={"en": "Second secret"}))
    with empty.changing() as session:
        record = empty.records.get(session, "dataset", "hf")
        empty.records.withdraw(session, record, author="t")
        empty.records.save(
            session, "dataset", dataset(title={"en": "Unborn"}), key="un", author="t"
        )
    for suffix in ("", ".ttl", ".jsonld", ".rdf", ".nt", ".json"):
        assert client.get(f"/datasets/hf{suffix}").status_code == 410
        assert client.get(f"/datasets/un{suffix}").status_code == 404
    assert client.get("/id/dataset/hf").status_code == 410
    for address in ("/dump.nt", "/catalogue.ttl", "/datasets", "/", "/datasets?q=unborn"):
        said = client.get(address).get_data(as_text=True)
        assert "Heart failure registry of Ghent" not in said, address
        assert "Unborn" not in said, address
    assert client.get("/ready").get_json()["status"] == "ok"


def test_a_view_that_lags_makes_the_catalogue_not_ready(empty):
    from catalogue.app import create_app

    client = create_app(catalogue=empty).test_client()
    plant(empty)
    with empty.database.write() as session:
        empty.records.put(session, "dataset", dataset(), key="later", author="t")
    response = client.get("/ready")
    assert response.status_code == 503
    assert response.get_json()["behind"]["search"] == 1
    assert client.get("/health").status_code == 200


def test_an_unexpected_error_is_told_without_its_inside_and_with_a_number(app, client, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(app.extensions["catalogue"].records), "by_slug", fail)
    response = client.get("/datasets/sidiap.ttl")
    assert response.status_code == 500
    assert b"secret detail" not in response.data
    assert response.headers["X-Request-Id"] in response.get_data(as_text=True)


def test_every_answer_carries_the_protecting_headers(client):
    for address in ("/", "/datasets/sidiap.ttl", "/nothing"):
        headers = client.get(address).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_profile_is_there_for_machines(client):
    from rdflib import Graph

    for address in ("/profile/shapes.ttl", "/profile/terms.ttl"):
        assert len(Graph().parse(data=client.get(address).data, format="turtle")) > 50
    assert client.get("/profile/dctap.csv").data.count(b"\n") > 150
    for name in ("outcome", "frequency"):
        response = client.get(f"/vocabularies/{name}.ttl")
        assert response.content_type == "text/turtle; charset=utf-8"
