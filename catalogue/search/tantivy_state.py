"""One state of a Tantivy index: what it answers.

Tantivy orders by one column, so equals are ordered by title in a second step: the sort key
of titles is a column too, and tells the record.  Its counts are exact as long as a facet
has no more values than it takes at a time; larger facets are counted over their terms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import Any

from catalogue.search.engine import MODIFIED, RELEVANCE, Found, Request
from catalogue.search.entry import Fields
from catalogue.search.tantivy_documents import (
    MISSING,
    POSITION,
    class_field,
    facet_field,
    tantivy,
)
from catalogue.search.tantivy_queries import Queries, Query, both
from catalogue.search.tree import And, Boost, Exact, Node, Not, Or, Tagged, Within

#: How many answers of one state are kept, and as many counts.
_KEPT = 512
#: As many values as Tantivy counts in one go.
MOST_BUCKETS = 65_000
#: So many hits of equal score are ordered by title; a longer row stays as it lies.
MOST_TIED = 1_000
#: From so many records on the counts of one question are shared out between two threads.
LARGE = 200_000


class State:
    """One state of the index; answers are kept as long as it is the newest.

    ``weights`` tells how much there was to count in each field when it was last counted; it
    outlives the state.
    """

    def __init__(
        self,
        generation: str,
        searcher: Any,
        schema: Any,
        fields: Fields,
        weights: dict[str, int],
    ) -> None:
        self.generation, self._searcher, self._fields = generation, searcher, fields
        self._weights = weights
        self._queries = Queries(searcher, schema, fields)
        self.frequency = self._queries.frequency
        self.find = lru_cache(_KEPT)(self._find)
        self._counted = lru_cache(_KEPT)(self._count)

    @property
    def position(self) -> int:
        """How far the change log was read."""
        found = self._searcher.search(self._queries.term("record", POSITION), 1).hits
        return int(self._searcher.fast_field_values("position", [found[0][1]])[0])

    def spellings(self, kind: str) -> Mapping[str, int]:
        """The readable words of records of a kind, those of deleted records included."""
        start = f"{kind} "
        found = self._searcher.terms_with_prefix("spellings", start)
        return {word[len(start) :]: number for word, number in found}

    def forget(self) -> None:
        """Let go of every answer and count that is kept."""
        self.find.cache_clear()
        self._counted.cache_clear()

    def _find(self, request: Request) -> Found:
        # Pages and orders of one question share their counts.
        counted = self._counted(replace(request, sort=RELEVANCE, offset=0, limit=0))
        return replace(counted, records=self._page(request, counted.total))

    # counting -----------------------------------------------------------------------

    def _count(self, request: Request) -> Found:
        names = (*request.facets, *request.ranges)
        others = [name for name in names if name not in request.filters]
        total, found = self._values(self._queries.asked(request), others)
        totals = dict.fromkeys(names, total)
        for name in request.filters:
            if name in names:
                totals[name], own = self._values(self._queries.asked(request, name), [name])
                found |= own
        counts, classes, missing = {}, {}, {}
        for name in request.facets:
            values = dict(found.get(name, {MISSING: totals[name]}))
            missing[name] = values.pop(MISSING, 0)
            if values:
                counts[name] = values
        for name in request.ranges:
            edges, numbers = self._fields.ranges.get(name, ()), found.get(name, {})
            classes[name] = [numbers.get(number, 0) for number in range(len(edges))]
            missing[name] = totals[name] - numbers.get(len(edges), 0)
        return Found(total, (), counts, classes, missing)

    def _values(
        self, query: Query, names: Sequence[str]
    ) -> tuple[int, dict[str, Mapping[Any, int]]]:
        """How many hits there are, and how many have each value of some facets and ranges."""
        fields = {name: facet_field(name) for name in names if name in self._fields.facets}
        for name in names:
            if name in self._fields.ranges:
                fields[name] = class_field(name, self._fields.ranges[name])
        size = {"size": MOST_BUCKETS, "segment_size": MOST_BUCKETS}
        asked: dict[str, Any] = {
            name: {"terms": {"field": field, **size}} for name, field in fields.items()
        }
        asked[""] = {"value_count": {"field": "record"}}
        try:
            told = self._aggregate(query, asked)
        except ValueError:  # too many values over all of them
            told = {"": self._searcher.aggregate(query, {"": asked[""]})[""]}
        return int(told[""]["value"]), {
            name: self._whole(told.get(name), field, query) for name, field in fields.items()
        }

    def _aggregate(self, query: Query, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What Tantivy answers; two threads take half as long, for it lets go of Python meanwhile."""
        found: dict[str, Any]
        if self._searcher.num_docs < LARGE or len(asked) < 3:
            return self._searcher.aggregate(query, asked)  # type: ignore[no-any-return]
        mine, other = self._halves(asked)
        with ThreadPoolExecutor(1) as beside:
            later = beside.submit(self._searcher.aggregate, query, other)
            found = self._searcher.aggregate(query, mine) | later.result()
        for name in asked:
            if buckets := found[name].get("buckets"):
                self._weights[name] = sum(one["doc_count"] for one in buckets)
        return found

    def _halves(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is asked in two parts that take about as long."""
        one: dict[str, Any] = {}
        other: dict[str, Any] = {}
        ahead = 0  # of the one before the other
        for name in sorted(asked, key=lambda name: -self._weights.get(name, 1)):
            weight = self._weights.get(name, 1)
            if ahead <= 0:
                one[name] = asked[name]
                ahead += weight
            else:
                other[name] = asked[name]
                ahead -= weight
        return one, other

    def _whole(self, told: Any, field: str, query: Query) -> Mapping[Any, int]:
        """The counts of a field, none left out."""
        if told is not None and not told["sum_other_doc_count"]:
            return {one["key"]: one["doc_count"] for one in told["buckets"]}
        if field.startswith("class/"):
            told = self._searcher.aggregate(query, {"": {"terms": {"field": field}}})[""]
            return {one["key"]: one["doc_count"] for one in told["buckets"]}
        return dict(self._searcher.terms_with_prefix(field, "", query))

    # ordering -----------------------------------------------------------------------

    def _page(self, request: Request, total: int) -> list[int]:
        """The records of a page; between equals titles decide."""
        begin, end = request.offset, min(request.offset + request.limit, total)
        if begin >= end:
            return []
        if request.sort == MODIFIED:
            return self._by_column("modified", request, begin, end)
        if request.sort in self._fields.ranges:
            return self._by_column(f"high/{request.sort}", request, begin, end)
        where = request.where
        if request.sort == RELEVANCE and where is not None and not _is_flat(where):
            return self._by_score(request, begin, end, total)
        return self._by_title(self._queries.asked(request), end - begin, begin)

    def _by_title(self, query: Query, limit: int, offset: int = 0) -> list[int]:
        """The first records by title and number."""
        hits = self._searcher.search(
            query,
            limit,
            count=False,
            order_by_field="order",
            offset=offset,
            order=tantivy.Order.Asc,
        ).hits
        return [int(key.rpartition("\0")[2]) for key, _ in hits]

    def _by_column(self, field: str, request: Request, begin: int, end: int) -> list[int]:
        """The highest first.  Who shares the last number is asked for again, by title."""
        query = self._queries.asked(request)
        hits = self._searcher.search(query, end, count=False, order_by_field=field).hits
        last = hits[-1][0]
        before = [hit for hit in hits if hit[0] != last]
        tied = both(query, self._queries.between(field, last, last))
        records = self._untied(before, begin, end)
        return (records + self._by_title(tied, end - len(before)))[begin:]

    def _by_score(self, request: Request, begin: int, end: int, total: int) -> list[int]:
        """The best first.  A row that is too long to be ordered is so on every page."""
        query = self._queries.asked(request, scored=True)
        hits = self._searcher.search(query, min(end + MOST_TIED, total), count=False).hits
        rounded = [(round(score, 4), address) for score, address in hits]
        # The last row may go on; if it reaches into the page it is too long in any case.
        whole = len(rounded)
        if whole < total:
            whole = next(n for n, hit in enumerate(rounded) if hit[0] == rounded[-1][0])
        records = self._untied(rounded[:whole], begin, end, MOST_TIED)
        return (records + self._records(rounded[whole:]))[begin:end]

    def _untied(
        self, hits: Sequence[tuple[float, Any]], begin: int, end: int, most: float = math.inf
    ) -> list[int]:
        """The records of hits; equals that reach into the page are ordered by title."""
        records = self._records(hits)
        rows: list[slice] = []
        at = 0
        for _, equals in groupby(hits, key=lambda hit: hit[0]):
            after = at + sum(1 for _ in equals)
            if 1 < after - at <= most and at < end and after > begin:
                rows.append(slice(at, after))
            at = after
        tied = [record for row in rows for record in records[row]]
        if tied:
            titles = self._by_title(self._queries.among("record", tied), len(tied))
            order = {record: place for place, record in enumerate(titles)}
            for row in rows:
                records[row] = sorted(records[row], key=order.__getitem__)
        return records

    def _records(self, hits: Sequence[tuple[float, Any]]) -> list[int]:
        """The records of hits, in their order."""
        found: list[int] = self._searcher.fast_field_values(
            "record", [address for _, address in hits]
        )
        return found


def _is_flat(node: Node) -> bool:
    """Whether all hits score the same, so that titles decide."""
    match node:
        case Exact() | Tagged() | Within() | Not():
            return True
        case And(parts):
            return all(map(_is_flat, parts))
        case Boost(part):
            return _is_flat(part)
        case Or(parts, least):
            return least >= len(parts) and all(map(_is_flat, parts))
        case _:
            return False
