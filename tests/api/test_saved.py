"""What somebody follows, and what people want to know of owners, for programs."""

from __future__ import annotations

from conftest import ADDRESS
from factories import dataset


def test_what_one_follows_is_saved_read_listed_and_deleted(town):
    sent = {"asked": "/datasets?q=heart", "often": "daily"}
    response = town.editor("POST", "/saved", sent)
    assert response.status_code == 201
    made = response.get_json()
    here = f"{ADDRESS}api/v1/saved/{made['id']}"
    assert response.headers["Location"] == made["links"]["self"] == here
    assert (made["title"], made["asked"], made["often"]) == (
        "“heart”",
        "/datasets?q=heart",
        "daily",
    )
    assert made["links"]["feed"].endswith(".atom")
    again = town.editor("POST", "/saved", sent)
    assert again.status_code == 409
    assert f"as “{made['title']}” (number {made['id']})" in again.get_json()["detail"]
    assert town.editor.get("/saved")["items"] == [made] == [town.editor.get(here)]
    assert town.manager.get("/saved")["items"] == []
    town.manager.get(here, 404)
    town.anybody.get("/saved", 401)
    assert town.reading_editor.get("/saved")["items"] == [made]
    assert town.reading_editor("DELETE", here).status_code == 403
    assert town.manager("DELETE", here).status_code == 404
    assert town.editor("DELETE", here).status_code == 204
    assert town.editor.get("/saved")["items"] == []
    town.editor.get(here, 404)
    assert town.app.test_client().get(made["links"]["feed"][len(ADDRESS) - 1 :]).status_code == 404


def test_what_cannot_be_saved_is_told(town):
    for sent, status in (
        ({}, 422),
        ({"asked": "/datasets?colour=blue"}, 400),
        ({"asked": "https://elsewhere.example/datasets"}, 400),
        ({"asked": "/questions?persons=5000..1"}, 400),
        ({"asked": "/datasets", "often": "hourly"}, 422),
        ({"asked": "/datasets", "title": "x" * 201}, 422),
        ({"asked": "/datasets", "colour": "blue"}, 422),
    ):
        assert town.editor("POST", "/saved", sent).status_code == status, sent


def test_owners_read_what_people_want_to_know(town):
    catalogue = town.catalogue
    document = {"organisation": "ghent", "key": "hf", "document": dataset()}
    town.editor.post("/workspace/datasets", document, 201)
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", "hf")
        catalogue.records.publish(session, record, author="test")
    with catalogue.database.write() as session:
        record = catalogue.records.get(session, "dataset", "hf")
        person = catalogue.accounts.get(session, town.reviewer.number)
        viewer = catalogue.accounts.viewer_of(session, person)
        standing = catalogue.owners.standing(session, record, "lag_months")
        catalogue.owners.ask(session, viewer, standing, "How fresh?", named=True)
    said = town.editor.get("/workspace/datasets/hf/questions")
    (one,) = said["items"]
    assert (one["field"], one["label"], one["people"]) == ("lag_months", "Lag", 1)
    assert one["notes"] == [{"text": "How fresh?", "name": person.name}]
    assert one["links"]["page"].startswith(f"{ADDRESS}workspace/dataset/hf/coverage")
    town.stranger.get("/workspace/datasets/hf/questions", 404)
    town.anybody.get("/workspace/datasets/hf/questions", 401)
