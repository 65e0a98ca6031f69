"""The port every search engine fits: what the catalogue asks of one.

An engine keeps entries and answers requests exactly: totals and counts are over all hits.
It knows nothing of languages, vocabularies or addresses; what is asked comes as a tree of
terms.  An engine has one writer (the follower's lock sees to that) and any number of
readers, in any number of processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from catalogue.search.entry import Entry
from catalogue.search.tree import Node

#: The order of hits: by score, or by a column.
RELEVANCE, TITLE, MODIFIED = "relevance", "title", "modified"


@dataclass(frozen=True)
class Filter:
    """A condition on a facet or a range; any of its alternatives is enough.

    ``values`` are for facets; ``spans`` are intervals that a range must overlap, None
    being without bound; ``missing`` accepts records that state nothing.
    """

    values: frozenset[str] = frozenset()
    spans: frozenset[tuple[float | None, float | None]] = frozenset()
    missing: bool = False


@dataclass(frozen=True)
class Request:
    """One question to an engine.

    ``where`` is None for everything.  ``facets`` and ``ranges`` are to be counted over all
    hits, each without its own filter.  ``sort`` is ``relevance``, ``title``, ``modified``
    (the newest first) or a range (the highest first, what states none last).
    """

    where: Node | None = None
    kind: str = "dataset"
    filters: Mapping[str, Filter] = field(default_factory=dict)
    facets: Sequence[str] = ()
    ranges: Sequence[str] = ()
    sort: str = RELEVANCE
    offset: int = 0
    limit: int = 20

    def __hash__(self) -> int:
        return hash((self.where, frozenset(self.filters.items()), self.sort, self.offset))


@dataclass(frozen=True)
class Found:
    """The answer: how many, the records of this page, and the counts.

    ``counts`` maps a facet to its values and how many hits have each (none left out, no
    zeros); ``classes`` maps a range to how many hits overlap each class between its edges;
    ``missing`` tells how many hits state nothing for a facet or range.
    """

    total: int
    records: Sequence[int]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    classes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)


class Reader(Protocol):
    """One state of the index; it does not change while it is read.  Safe between threads."""

    @property
    def generation(self) -> str:
        """The name of the state."""

    def find(self, request: Request) -> Found:
        """Answer a request."""

    def frequency(self, term: str) -> int:
        """How many records have a term anywhere."""

    def spellings(self, kind: str) -> Mapping[str, int]:
        """The readable words of the records' names and subjects, with how many have each."""


class SearchEngine(Protocol):
    """A full-text index with facets and ranges; it holds only what everybody may see."""

    @property
    def version(self) -> str:
        """Changes when the index would look different, or was lost."""

    @property
    def position(self) -> int:
        """How far the change log was read for what the index holds."""

    def reader(self) -> Reader:
        """The newest state, whichever process wrote it."""

    def update(self, entries: Iterable[Entry], gone: Sequence[int], position: int) -> None:
        """Take in entries, replacing those of the same records, and forget records.

        A record comes at most once among the entries.
        All of it is visible and on the disk at the end, or nothing.
        """

    def beside(self) -> SearchEngine:
        """An empty index beside this one, to be built while this one answers."""

    def take_over(self, other: SearchEngine) -> None:
        """Answer from what was built beside, at once and for every process."""

    def close(self) -> None:
        """Let go of files."""
