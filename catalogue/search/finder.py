"""Finding: from a query to an answer that tells how it came about.

The finder reads what was typed, widens it with what it also means, asks the engine, and
where nothing fits looks for what fits nearly and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalogue.memory import Memory
from catalogue.search.engine import RELEVANCE, TITLE, Found, Reader, Request, SearchEngine
from catalogue.search.plan import Choice, Criterion, Plan
from catalogue.search.planner import Planner
from catalogue.search.query import Query
from catalogue.search.searched import Searched
from catalogue.search.spelling import Spelling
from catalogue.search.thesaurus import Thesaurus
from catalogue.search.tree import And, Node, Not

#: How many answers are kept.
_KEPT = 512
#: Fewer hits than this, and those that fulfil most of the criteria are named as well.
_FEW, _MOST_NEAR = 8, 10
#: How many ways on are counted for a query that finds nothing.
_MOST_WAYS = 16


@dataclass(frozen=True)
class Way:
    """A way on from nothing: the query without one criterion, and how many it finds.

    ``name`` is the facet or range left out with its ``value``; both are empty for words.
    ``instead`` are the bare words that are looked for in place of a phrase or field.
    """

    said: str
    query: Query
    total: int
    name: str = ""
    value: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Answer:
    """What a query found.

    ``counts`` maps a facet to its values and how many hits have each; where values of a
    facet are chosen, its counts leave that choice out, so that one sees what one may add.
    ``relaxed`` tells that no record fulfils all criteria, and most of them were enough.
    ``near`` are records beyond the hits that fulfil most criteria.
    """

    query: Query
    total: int
    records: Sequence[int]
    counts: Mapping[str, Mapping[str, int]]
    classes: Mapping[str, Sequence[int]]
    missing: Mapping[str, int]
    generation: str
    criteria: Sequence[Criterion] = ()
    choices: Sequence[Choice] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    relaxed: bool = False
    near: Sequence[int] = ()
    ways: Sequence[Way] = ()


@dataclass(frozen=True)
class Matching:
    """What fits a query, with what the query was taken to mean."""

    found: Found
    criteria: Sequence[Criterion]


class Finder:
    """Answers queries over one engine.  Safe between threads."""

    def __init__(self, engine: SearchEngine, searched: Searched, thesaurus: Thesaurus) -> None:
        self.engine, self.thesaurus = engine, thesaurus
        self._searched, self._planner = searched, Planner(thesaurus, searched)
        self._ranges = searched.ranges
        self._answers, self._spellings = Memory(_KEPT), Memory(2)

    def find(self, query: Query, *, counting: bool = True) -> Answer:
        """Answer a query; answers of the newest state of the index are kept.

        ``counting`` is false where only the hits are wanted.
        """
        reader = self.engine.reader()
        return self._answers(
            (reader.generation, query, counting), lambda: self._find(query, reader, counting)
        )

    def spelling(self, reader: Reader) -> Spelling:
        """The words of a state of the index."""
        return self._spellings(
            reader.generation,
            lambda: Spelling(lambda: reader.spellings(self._searched.kind), self.thesaurus.words),
        )

    def matching(self, query: Query, facets: Sequence[str] = ()) -> Matching:
        """The first hits of a query; where nothing fulfils all of it, what fulfils any of it.

        ``facets`` are counted over these hits.
        """
        reader = self.engine.reader()
        plan = self._planner.plan(query, reader, self.spelling(reader))
        request = replace(self._request(query, plan.where, False), facets=tuple(facets))
        found = reader.find(request)
        if not found.total and len(plan.required) > 1:
            found = reader.find(replace(request, where=plan.some(1)))
        return Matching(found, plan.criteria)

    def total(self, query: Query) -> int:
        """How many hits a query has, told without looking for anything beside them."""
        reader = self.engine.reader()
        return self._answers(
            (reader.generation, query, "total"), lambda: self._counted(query, reader)
        )

    def _counted(self, query: Query, reader: Reader) -> int:
        plan = self._planner.plan(query, reader, self.spelling(reader))
        request = replace(self._request(query, plan.where, False), limit=0)
        if total := reader.find(request).total:
            return total
        node = self._most_of(plan, request, reader)
        return 0 if node is None else reader.find(replace(request, where=node)).total

    def _find(self, query: Query, reader: Reader, counting: bool) -> Answer:
        plan = self._planner.plan(query, reader, self.spelling(reader))
        request = self._request(query, plan.where, counting)
        found, relaxed = reader.find(request), False
        if not found.total and (node := self._most_of(plan, request, reader)) is not None:
            request = replace(request, where=node)
            found, relaxed = reader.find(request), True
        answer = Answer(
            query,
            found.total,
            found.records,
            found.counts,
            found.classes,
            found.missing,
            reader.generation,
            plan.criteria,
            plan.choices,
            plan.corrections,
            plan.notes,
            relaxed and found.total > 0,
        )
        if not found.total:
            return replace(answer, ways=self._ways(query, plan, reader))
        few = self._searched.nearly and found.total < _FEW
        if few and not relaxed and query.page == 1 and query.sort == RELEVANCE:
            return replace(answer, near=self._near(plan, request, found, reader))
        return answer

    def _request(self, query: Query, where: Node | None, counting: bool) -> Request:
        sort = TITLE if query.sort == RELEVANCE and where is None else query.sort
        return Request(
            where,
            query.kind,
            query.filters(self._ranges),
            self._searched.counted[query.kind] if counting else (),
            self._ranges if counting and query.kind == self._searched.kind else (),
            sort,
            query.offset,
            query.size,
        )

    @staticmethod
    def _most_of(plan: Plan, request: Request, reader: Reader) -> Node | None:
        """The records that fulfil half of the criteria; fewer of them where those are few."""
        number = len(plan.required)
        bare = replace(request, facets=(), ranges=(), offset=0, limit=0)
        if number < 2:
            return None
        least = (number + 1) // 2
        while True:
            node = plan.some(least)
            if least == 1 or reader.find(replace(bare, where=node)).total >= _FEW:
                return node
            least //= 2

    @staticmethod
    def _near(plan: Plan, request: Request, found: Found, reader: Reader) -> Sequence[int]:
        """The records that fulfil most criteria, but not all."""
        number = len(plan.required)
        if number < 2 or plan.where is None:
            return ()
        most = plan.some((number + 1) // 2)
        if number == 2:  # then the rarer of the two: the other one holds for many
            bare = replace(request, facets=(), ranges=(), offset=0, limit=0)
            most = min(
                (one.node for one in plan.required),
                key=lambda node: reader.find(replace(bare, where=node)).total,
            )
        if most is None:
            return ()
        near = And((most, Not(plan.where)))
        return reader.find(
            replace(request, where=near, facets=(), ranges=(), offset=0, limit=_MOST_NEAR)
        ).records

    def _ways(self, query: Query, plan: Plan, reader: Reader) -> list[Way]:
        """The query without each of its criteria, those first that find most.

        A phrase or field is looked for as bare words as well, which it may have been meant as.
        """
        others: list[Way] = []
        words = [one.said for one in plan.criteria]
        for place, one in enumerate(plan.criteria):
            for instead in dict.fromkeys(("", one.loosely)):
                left = " ".join(filter(None, (*words[:place], instead, *words[place + 1 :])))
                if left or query.chosen:
                    left = left.replace("“", '"').replace("”", '"')
                    way = Way(one.said, replace(query, text=left, page=1), 0, instead=instead)
                    others.append(way)
        for name, values in query.chosen.items():
            others += [
                Way(value, query.toggled(name, value), 0, name, value) for value in sorted(values)
            ]
        counted = (
            replace(way, total=self._total(way.query, reader)) for way in others[:_MOST_WAYS]
        )
        return sorted((way for way in counted if way.total), key=lambda way: (-way.total, way.said))

    def _total(self, query: Query, reader: Reader) -> int:
        plan = self._planner.plan(query, reader, self.spelling(reader))
        return reader.find(replace(self._request(query, plan.where, False), limit=0)).total
