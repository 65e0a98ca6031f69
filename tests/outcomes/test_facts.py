"""What all datasets state, kept as arrays: current, whole, and nothing that is not public."""

from __future__ import annotations

from sqlalchemy import select

from catalogue import changes
from catalogue.records.models import Record

PROSTATE = "https://w3id.org/outcome-catalogue/condition/prostate-cancer"


def _table(catalogue):
    with catalogue.database.read() as session:
        return catalogue.facts.table(session)


def test_every_published_dataset_has_a_row_and_nothing_else_has(catalogue):
    with catalogue.database.read() as session:
        table = catalogue.facts.table(session)
        known = session.scalars(
            select(Record.id).where(Record.kind == "dataset", Record.state == "published")
        ).all()
        assert sorted(table.records) == sorted(known)
        assert table.position == changes.position(session, "facts")
