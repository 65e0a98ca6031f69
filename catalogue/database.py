"""The database: engine, sessions, migrations.

SQLite in WAL mode by default, PostgreSQL by setting.  Readers never wait for the writer;
writers queue (``BEGIN IMMEDIATE`` on SQLite, a locked row on PostgreSQL).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

#: JSON that PostgreSQL can index.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
#: A number that counts itself; SQLite does that for INTEGER only.
Serial = BigInteger().with_variant(Integer, "sqlite")
#: What a session for writing is marked by.
_WRITES = "writes"


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, with its time zone also on databases that forget it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time zone back."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The base of every table."""


class Database:
    """One database with its sessions.

    ``read()`` sees one state from beginning to end; ``write()`` commits at its end or
    leaves nothing behind.
    """

    def __init__(self, address: str) -> None:
        options: dict[str, Any] = {}
        if address.startswith("sqlite"):
            options["connect_args"] = {"timeout": 30}
        self.engine = create_engine(address, **options)
        if self.engine.dialect.name == "sqlite":
            _tune_sqlite(self.engine)
        # SQLite shows one state from the first SELECT on by itself.
        steady = (
            {} if self.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        )
        self._read = sessionmaker(self.engine.execution_options(**steady), expire_on_commit=False)
        self._listening: list[Callable[[Session], None]] = []
        self._write = sessionmaker(
            self.engine.execution_options(writes=True), expire_on_commit=False, info={_WRITES: True}
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading."""
        with self._read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session for writing: one transaction."""
        with self._write() as session, session.begin():
            yield session

    def after_commit(self, function: Callable[[Session], None]) -> None:
        """Have a function called with every session for writing once it is committed."""

        def committed(session: Session) -> None:
            if not session.in_nested_transaction():  # a savepoint commits nothing
                function(session)

        event.listen(self._write, "after_commit", committed)
        self._listening.append(committed)

    def migrate(self) -> None:
        """Bring the tables to the newest version."""
        with self.engine.begin() as connection:
            command.upgrade(self._alembic(connection), "head")

    def is_current(self) -> bool:
        """Whether the tables are of the newest version."""
        with self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        return current == ScriptDirectory.from_config(self._alembic()).get_current_head()

    def _alembic(self, connection: object = None) -> Config:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        return config

    def close(self) -> None:
        """Let go of every connection, and of those who listen."""
        for committed in self._listening:  # SQLAlchemy would hold them for ever
            event.remove(self._write, "after_commit", committed)
        self._listening.clear()
        self.engine.dispose()


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        # SQLAlchemy begins transactions itself (below); the driver must not.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # a commit outlives a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -65536")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A reader that turns writer midway can be refused; say at once what it will be.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def writes(session: Session) -> bool:
    """Whether a session is one for writing: only such a one may keep others waiting for a row.

    A request that locked a row where it only reads would wait for itself when it writes.
    """
    return bool(session.info.get(_WRITES))


def ping(session: Session) -> None:
    """Ask the database for a sign of life."""
    session.execute(text("SELECT 1"))
