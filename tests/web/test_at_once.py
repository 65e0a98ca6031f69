"""Two who do the same at the same moment: SQLite lets the second wait, PostgreSQL refuses it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import signed_in
from databases import until_somebody_waits
from sqlalchemy import select, update

from catalogue.accounts.models import Organisation


def test_an_organisation_made_twice_at_once_is_no_mistake_of_ours(catalogue_app):
    town = catalogue_app.extensions["catalogue"]
    client = signed_in(catalogue_app, "ada@uni.example")
    signed_in(catalogue_app, "bo@uni.example")
    address = "/account/organisations/new"
    with ThreadPoolExecutor(1) as pool:
        with town.database.write() as session:
            bo = town.accounts.by_email(session, "bo@uni.example")
            town.accounts.organisations.make(session, bo, "Ghent University")
            answer = pool.submit(client.post, address, data={"name": "Ghent University"})
            until_somebody_waits(town.database)
        response = answer.result(30)
    if response.status_code != 303:
        assert response.status_code == 409
        assert "Somebody did the same at the same moment" in response.text
        assert client.post(address, data={"name": "Ghent University"}).status_code == 303
    with town.database.read() as session:
        keys = session.scalars(select(Organisation.key)).all()
    assert len(keys) == len(set(keys)) == 2


@pytest.mark.parametrize(
    ("values", "status"), [({"key": "ghent-university"}, 409), ({"key": None}, 500)]
)
def test_only_a_key_that_is_taken_tells_of_somebody_else(catalogue_app, values, status):
    town = catalogue_app.extensions["catalogue"]
    client = signed_in(catalogue_app, "ada@uni.example")
    with town.database.write() as session:
        ada = town.accounts.by_email(session, "ada@uni.example")
        for name in ("Ghent University", "Uppsala University"):
            town.accounts.organisations.make(session, ada, name)

    @catalogue_app.get("/broken")
    def broken():
        one = update(Organisation).where(Organisation.key == "uppsala-university")
        with town.database.write() as session:
            session.execute(one.values(values))

    catalogue_app.config["PROPAGATE_EXCEPTIONS"] = False
    assert client.get("/broken").status_code == status
