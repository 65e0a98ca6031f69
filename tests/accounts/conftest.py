"""Accounts over a real database, with a clock that can be moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from outbox import ADDRESS, PASSWORD, token

from catalogue.accounts.accounts import Accounts
from catalogue.accounts.letters import Letters
from catalogue.accounts.links import Links
from catalogue.accounts.models import User
from catalogue.database import Database


class Clock:
    """The time, as a test wants it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(clock) -> Accounts:
    return Accounts(Links("a key", ADDRESS, clock), Letters("Outcomes", ADDRESS), clock)


@pytest.fixture
def session(new_database):
    """One long transaction: these tests are about rules, not about commits."""
    database = Database(new_database)
    database.migrate()
    with database.write() as session:
        yield session
    database.close()


@pytest.fixture
def person(accounts, session):
    """Makes people who have registered and confirmed."""

    def person(name: str = "Ada Nurse", email: str = "ada@example.org", role: str = "") -> User:
        accounts.register(session, name, email)
        user = accounts.confirm(session, token(session, "confirm"), PASSWORD)
        user.role = role
        return user

    return person
