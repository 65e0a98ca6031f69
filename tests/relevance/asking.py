"""The catalogue of demonstration records as a search over keys: all that knows its engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from catalogue.instance import Catalogue
from catalogue.records.models import Record
from catalogue.search.query import Query

QUERIES = Path(__file__).parent / "queries.csv"
SEEDS = Path(__file__).parents[2] / "seed_data"
_SIZE = 20


def search_of(catalogue: Catalogue) -> Callable[[str], list[str]]:
    """What the first page of results shows for a text: keys of datasets, best first."""
    with catalogue.database.read() as session:
        rows = session.execute(select(Record.id, Record.iri).where(Record.kind == "dataset"))
        keys = {number: iri.removeprefix("id/dataset/") for number, iri in rows}

    def search(text: str) -> list[str]:
        answer = catalogue.finder.find(Query(text=text, size=_SIZE), counting=False)
        return [keys[record] for record in (*answer.records, *answer.near)]

    return search
