"""One bad record never breaks a page."""

import pytest
from conftest import signed_in
from factories import dataset, plant
from flask.testing import FlaskClient

from catalogue.app import create_app
from catalogue.records import revisions
from catalogue.records.models import Record

#: What a program with other tables, or a hand in the database, may have left behind.
BROKEN = [
    {"title": "Not a language map"},
    {"title": {}, "description": []},
    {"title": {"en": "T"}, "description": {"en": None}, "number_of_unique_individuals": "many"},
    {"title": {"en": "T"}, "temporal": "since 2006", "studied_condition": [3, None]},
    {"title": {"en": "T"}, "spatial": [{}], "publisher": ["x"], "keyword": "one"},
    {"title": {"en": "T"}, "alternative": {"en": [1, {}]}, "not_stated": ["x"]},
    {"title": {"en": "T"}, "distribution": {"title": 1}, "outcome_statement": [{"outcome": 1}]},
    {"title": {"en": "T"}, "listed_in": [None], "access_rights": 5, "issued": 2006},
]


@pytest.fixture
def client(empty) -> FlaskClient:
    app = create_app(catalogue=empty)
    app.testing = False
    return app.test_client()


@pytest.mark.parametrize("document", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_record_does_not_break_a_page(client, empty, document):
    with empty.database.write() as session:
        record = empty.records.save(
            session, "dataset", {"title": {"en": "T"}}, key="bad", author="x"
        )
        record.state, record.document, record.draft = "published", document, None
        reference, slug = record.id, record.slug
    with empty.database.read() as session:
        assert session.get(Record, reference).document == document
    for path in ("/", "/datasets", "/organisations", f"/datasets/{slug}"):
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200, path


@pytest.mark.parametrize("document", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_record_is_told_as_such_where_it_is_looked_after(catalogue_app, document):
    """Never as a fault of ours; and who looks after it can put it right."""
    catalogue_app.testing = False
    catalogue = catalogue_app.extensions["catalogue"]
    person = signed_in(catalogue_app, "root@example.org", role="administrator")
    plant(catalogue)
    with catalogue.database.write() as session:
        record = catalogue.records.save(
            session, "dataset", {"title": {"en": "T"}}, key="bad", author="x"
        )
        record.state, record.document, record.draft = "published", document, None
        step = revisions.get(session, record, 1)
        step.action, step.state, step.document = "published", "published", document
        slug = record.slug
    below = ("", "check", "review", "history", "history/1", "preview", "preview.ttl", "audience")
    for name in (*below, "withdraw", "about", "people", "coverage"):
        answer = person.get(f"/workspace/dataset/bad/{name}".rstrip("/"))
        assert answer.status_code in (200, 422, 503), (name, answer.status_code)
        if answer.status_code == 422:
            assert "damaged" in answer.text, name
    for path in ("/workspace", f"/datasets/{slug}/history", f"/datasets/{slug}?at=2100"):
        assert person.get(path, headers={"Accept": "text/html"}).status_code == 200, path
    with catalogue.database.write() as session:
        user = catalogue.accounts.by_email(session, "root@example.org")
        _, token = catalogue.accounts.tokens.make(session, user, "mend")
    program = catalogue_app.test_client()
    address, headers = "/api/v1/workspace/datasets/bad", {"Authorization": f"Bearer {token}"}
    headers["If-Match"] = program.get(address, headers=headers).headers["ETag"]
    answer = program.put(address, headers=headers, json={"document": dataset()})
    assert answer.status_code == 200, answer.text
    assert person.get("/workspace/dataset/bad").status_code == 200
