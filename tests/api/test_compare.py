"""Comparing, and search statements, for programs."""

from __future__ import annotations

import pytest
from factories import dataset, plant
from jsonschema import Draft202012Validator


@pytest.fixture
def hearts(town):
    """A town with two datasets."""
    plant(
        town.catalogue,
        dataset(title={"en": "Hearts"}),
        dataset(title={"en": "More hearts"}, number_of_unique_individuals=7),
    )
    return town


def conforms(document, answer, name):
    """Hold an answer against the document: nothing is otherwise, and nothing untold."""
    for schema in document["components"]["schemas"].values():
        schema["additionalProperties"] = False
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    faults = [one.message[:300] for one in Draft202012Validator(schema).iter_errors(answer)]
    assert not faults, faults[:5]


def test_datasets_are_compared_line_by_line(client):
    said = client.get("/api/v1/compare?dataset=3c&dataset=adc&dataset=nope").get_json()
    assert [one["slug"] for one in said["items"]] == ["3c", "adc"]
    assert said["missing"] == [{"slug": "nope", "said": "is not in the catalogue"}]
    people = {line["name"]: line for line in said["groups"][0]["lines"]}
    number = people["number_of_unique_individuals"]
    assert number["same"] is False
    assert [one["stated"] for one in number["sides"]] == [True, False]
    assert number["sides"][0]["values"] == [9294]
    assert number["sides"][1]["said"] == ["Not stated: unknown"]
    assert number["sides"][1]["reason"].endswith("unknown")
    silent = people["max_typical_age"]
    assert (silent["same"], silent["stated"]) == (False, False)
    outcomes = next(one for one in said["groups"] if one["label"] == "Outcomes")["lines"]
    assert {one["of"] for one in outcomes} >= {"outcome", "set"}
    states = {side["state"] for line in outcomes for side in line["sides"]}
    assert states <= {"collected", "not-collected", "not-applicable", None}


def test_too_many_or_unknown_parameters_are_refused(client):
    many = "&".join(f"dataset=x{n}" for n in range(9))
    for query in (many, "datasets=3c", "dataset=3c&size=2"):
        response = client.get(f"/api/v1/compare?{query}")
        assert response.status_code == 400
        assert response.content_type == "application/problem+json"
    assert client.get("/api/v1/compare").get_json()["items"] == []


def test_a_statement_is_made_read_in_parts_and_deleted_by_who_made_it(hearts):
    sent = {"asked": "/datasets?q=hearts", "note": "For a review"}
    assert hearts.anybody("POST", "/statements", sent).status_code == 401
    response = hearts.editor("POST", "/statements", sent, Idempotency_Key="one")
    assert response.status_code == 201
    address = response.headers["Location"]
    again = hearts.editor("POST", "/statements", sent, Idempotency_Key="one")
    assert again.headers["Location"] == address
    first = hearts.anybody.get(f"{address}?size=1")
    assert first["total"] == 2
    assert len(first["items"]) == 1
    document = hearts.anybody.get("/openapi.json")
    for one in (first, response.get_json()):
        conforms(document, one, "SearchStatement")
    second = hearts.anybody.get(first["next"])
    assert second["next"] is None
    assert {first["items"][0]["slug"], second["items"][0]["slug"]} == {"hf", "hf-2"}
    assert hearts.anybody("GET", f"{address}?cursor=made-up").status_code == 400
    assert hearts.stranger("DELETE", address).status_code == 403
    assert hearts.editor("DELETE", address).status_code == 204
    assert hearts.anybody("GET", address).status_code == 404


def test_a_statement_that_cannot_be_made_is_refused_with_the_place(hearts):
    for sent, status in (
        ({"asked": "/elsewhere"}, 400),
        ({"asked": "/datasets?nonsense=1"}, 400),
        ({"title": "Nothing asked"}, 422),
        ({"asked": "/datasets?q=x", "title": "x" * 201}, 422),
        ({"asked": "/datasets?q=x", "other": 1}, 422),
    ):
        response = hearts.editor("POST", "/statements", sent)
        assert response.status_code == status, sent
        assert response.get_json()["detail"]
