"""One bad record never breaks a page."""

import pytest
from flask.testing import FlaskClient

from catalogue.app import create_app
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
