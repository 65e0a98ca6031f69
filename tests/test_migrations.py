"""Migrations make the tables the program works with, and can be taken back."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import only_sqlite
from sqlalchemy import inspect

from catalogue.database import Base, Database
from catalogue.records.models import Record, Revision


def test_the_migrations_make_the_tables_of_the_models(new_database):
    database = Database(new_database)
    assert not database.is_current()
    database.migrate()
    assert database.is_current()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def test_migrating_twice_changes_nothing_and_down_leaves_nothing(new_database):
    database = Database(new_database)
    database.migrate()
    database.migrate()
    with database.engine.begin() as connection:
        command.downgrade(database._alembic(connection), "base")
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    database.close()


def test_a_catalogue_of_the_first_version_is_brought_up_to_date_with_all_it_holds(new_database):
    database = Database(new_database)
    with database.engine.begin() as connection:
        command.upgrade(database._alembic(connection), "0001")
        connection.exec_driver_sql(
            "INSERT INTO record (id, kind, key, iri, slug, state, revision, title, publisher,"
            " access_rights, created, modified) VALUES (1, 'dataset', 'hf', 'id/dataset/hf', 'hf',"
            " 'published', 1, 'Hearts', '', '', '2026-01-01', '2026-02-01')"
        )
        connection.exec_driver_sql(
            "INSERT INTO revision (record_id, number, action, state, author, note, at)"
            " VALUES (1, 1, 'published', 'published', 'seed', '', '2026-02-01')"
        )
    database.migrate()
    with database.read() as session:
        record = session.get_one(Record, 1)
        assert (record.title, record.review, record.organisation) == ("Hearts", "", None)
        assert record.touched == record.modified
        assert session.get_one(Revision, (1, 1)).author == "seed"
    database.close()


@only_sqlite
def test_sqlite_runs_in_wal_mode_and_commits_to_the_disk(new_database):
    database = Database(new_database)
    with database.engine.connect() as connection:
        ask = lambda what: connection.exec_driver_sql(f"PRAGMA {what}").scalar()  # noqa: E731
        assert (ask("journal_mode"), ask("synchronous"), ask("foreign_keys")) == ("wal", 2, 1)
    database.close()
