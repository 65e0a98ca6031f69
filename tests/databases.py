"""The databases of the tests: SQLite, or PostgreSQL where ``CATALOGUE_TEST_DATABASE`` names a server.

``postgresql+psycopg://tester@localhost/postgres`` is a database of that server in which its
user may make others.  Every instance folder then has a database of its own, as it has a file
on SQLite: the folder remembers which, and a copy of the folder gets a copy of the database.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from catalogue.config import Settings
from catalogue.database import Database

#: The server, or nothing for SQLite; read before the settings from outside are forgotten.
SERVER = os.environ.get("CATALOGUE_TEST_DATABASE", "")
_MARK = "catalogue.postgresql"

only_sqlite = pytest.mark.skipif(bool(SERVER), reason="about SQLite, and it only")


class Databases:
    """Makes databases on a server for instance folders, and drops them."""

    def __init__(self, server: str) -> None:
        self._server = make_url(server)
        self._engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        self._made: list[str] = []

    def of(self, folder: Path) -> str:
        """The address of the database of an instance folder."""
        mark = folder / _MARK
        home, _, name = mark.read_text().partition("\n") if mark.exists() else ("", "", "")
        if home != str(folder):
            name = self.new(like=name or "template0")
            mark.write_text(f"{folder}\n{name}")
        return self.address(name)

    def address(self, name: str) -> str:
        """The address of a database."""
        return self._server.set(database=name).render_as_string(hide_password=False)

    def new(self, like: str = "template0") -> str:
        """Make a database, empty or as another one is; gives its name."""
        name = f"catalogue_test_{uuid4().hex}"
        with self._engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'))
        self._made.append(name)
        return name

    def count(self) -> int:
        """How many there are."""
        return len(self._made)

    def drop(self, after: int = 0) -> None:
        """Drop those made after so many others."""
        with self._engine.connect() as connection:
            for name in self._made[after:]:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        del self._made[after:]

    def close(self) -> None:
        """Drop all, and let go of the server."""
        self.drop()
        self._engine.dispose()


def until_somebody_waits(database: Database) -> None:
    """Return once somebody waits for a lock; on SQLite at once, for there whoever writes does."""
    if database.engine.dialect.name != "postgresql":
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        with database.engine.connect() as connection:
            if connection.scalar(waiting):
                return
        time.sleep(0.02)
    pytest.fail("nobody waits for a lock")


def instead_of_files(databases: Databases, patch: pytest.MonkeyPatch) -> None:
    """Have every instance without a database of its own find it on the server."""
    patch.setattr(
        Settings,
        "database_address",
        property(lambda settings: settings.database or databases.of(settings.instance_folder)),
    )
