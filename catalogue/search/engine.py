"""The port every search engine fits: what the catalogue asks of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from catalogue.search.entry import Entry
from catalogue.search.query import Query, Results


class SearchEngine(Protocol):
    """A full-text index with facets; it holds only what everybody may see."""

    @property
    def version(self) -> str:
        """Changes when the index would look different, or was lost."""

    def update(self, entries: Iterable[Entry], gone: Sequence[int]) -> None:
        """Take in entries, replacing those of the same records, and forget records."""

    def clear(self) -> None:
        """Forget everything."""

    def search(self, query: Query) -> Results:
        """Answer a query; never raises on what somebody typed."""
