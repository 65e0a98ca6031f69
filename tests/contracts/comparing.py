"""An engine beside the oracle: all pages of a request, and whether they are right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from contracts.entries import FIELDS
from contracts.oracle import Oracle

from catalogue.search.engine import Reader, Request, SearchEngine
from catalogue.search.entry import Entry
from catalogue.search.tree import Node

#: Everything that can be counted, and a facet that is not indexed.
COUNTED = {"facets": (*FIELDS.facets, "elsewhere"), "ranges": tuple(FIELDS.ranges)}


class Pair(NamedTuple):
    """A state of an index, and what is right."""

    reader: Reader
    oracle: Oracle


def hits(reader: Reader, request: Request, size: int = 17) -> list[int]:
    """Every hit, page after page; each page tells the same total."""
    found: list[int] = []
    total = reader.find(replace(request, limit=size)).total
    for offset in range(0, total + 1, size):
        page = reader.find(replace(request, offset=offset, limit=size))
        assert page.total == total
        assert len(page.records) == max(0, min(size, total - offset))
        found += page.records
    return found


def compare(pair: Pair, request: Request) -> None:
    """Whether an engine answers a request as it must."""
    right = pair.oracle.find(request)
    first = pair.reader.find(request)
    assert first.total == len(right.hits)
    found = hits(pair.reader, request)
    if right.ordered:
        assert found == right.hits
    else:
        assert sorted(found) == right.hits
    assert {name: dict(some) for name, some in first.counts.items()} == right.counts
    assert {name: list(some) for name, some in first.classes.items()} == right.classes
    assert first.missing == right.missing


def order(index: SearchEngine, where: Node | None, **rest) -> list[int]:
    """The hits of a tree in order."""
    return list(index.reader().find(Request(where, **rest)).records)


def written(record: int, **texts: str) -> Entry:
    """An entry that consists of a few texts; ``theme`` is a facet."""
    return Entry(
        record,
        "dataset",
        texts.get("title", f"Entry {record:03}"),
        datetime(2024, 1, 1, tzinfo=UTC),
        {name: [text] for name, text in texts.items() if name != "theme"},
        {"theme": [texts["theme"]]} if "theme" in texts else {},
    )
