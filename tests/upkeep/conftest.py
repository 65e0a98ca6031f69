"""A catalogue with two organisations, people, and datasets that were published long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from conftest import ADDRESS, signed_in
from factories import agent, dataset
from sqlalchemy import delete, update

from catalogue.app import create_app
from catalogue.changes import Head
from catalogue.config import Settings
from catalogue.database import Base
from catalogue.instance import Catalogue
from catalogue.profile.dates import months_later
from catalogue.records.models import Record

BEGAN = datetime(2025, 3, 14, 9, tzinfo=UTC)


class Tended:
    """The catalogue with a clock that tests set."""

    def __init__(self, app):
        self.app = app
        self.catalogue = app.extensions["catalogue"]
        self.now = BEGAN
        self.catalogue.checks.now = lambda: self.now

    def later(self, months=0, **more):
        self.now = months_later(BEGAN, months) + timedelta(**more)

    def publish(self, key, organisation="ghent", **changed):
        catalogue = self.catalogue
        with catalogue.changing() as session:
            document = dataset(identifier=[key], title={"en": f"Registry {key}"}, **changed)
            record = catalogue.records.put(
                session, "dataset", document, key=key, author="seed", at=BEGAN
            )
            if organisation:
                record.organisation = catalogue.accounts.organisations.get(session, organisation).id
            return record.id

    def record(self, key):
        with self.catalogue.database.read() as session:
            return self.catalogue.records.get(session, "dataset", key)

    def standing(self, key):
        with self.catalogue.database.read() as session:
            number = self.catalogue.records.get(session, "dataset", key).id
            return self.catalogue.checks.standings(session, [number]).get(number)

    def viewer(self, session, email):
        return self.catalogue.accounts.viewer_of(
            session, self.catalogue.accounts.by_email(session, email)
        )

    def confirm(self, key, section="", email="nora@example.org"):
        catalogue = self.catalogue
        with catalogue.changing() as session:
            record = catalogue.records.get(session, "dataset", key)
            return catalogue.confirming.confirm(
                session, self.viewer(session, email), record, section
            )


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    """One application for many tests: opening the catalogue costs more than they do."""
    settings = Settings(
        public_address=ADDRESS, instance=str(tmp_path_factory.mktemp("tended")), mail="memory"
    )
    catalogue = Catalogue(settings)
    catalogue.database.migrate()
    yield create_app(catalogue=catalogue)
    catalogue.close()


def emptied(app):
    """Take everything out of a catalogue; its views begin anew."""
    catalogue = app.extensions["catalogue"]
    catalogue.counting.write()
    app.extensions.pop("cards", None)
    with catalogue.database.write() as session:
        session.execute(update(Record).values(organisation=None))
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != "head":
                session.execute(delete(table))
        session.execute(update(Head).values(seq=0))
    vars(catalogue).pop("nearly", None)
    return app


@pytest.fixture
def tended(opened):
    """The catalogue with people and without records, at the moment they began."""
    app = emptied(opened)
    app.extensions["catalogue"].post.close()  # a mail that was sent is emptied
    people = {
        "nora@example.org": ({"ghent": "manager"}, ""),
        "ed@example.org": ({"ghent": "editor"}, ""),
        "rea@example.org": ({"ghent": "reader"}, ""),
        "els@example.org": ({"leuven": "editor"}, ""),
        "rita@example.org": ({}, "reviewer"),
        "ada@example.org": ({}, "administrator"),
    }
    for email, (organisations, role) in people.items():
        signed_in(app, email, role, organisations)
    tended = Tended(app)
    with tended.catalogue.changing() as session:
        tended.catalogue.records.put(
            session, "agent", agent(), key="ghent", author="seed", at=BEGAN
        )
    return tended
