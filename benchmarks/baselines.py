"""What one would take otherwise: Whoosh as it comes, and SQLite FTS5 with GROUP BY.

Both take in the same entries, cut into the same terms, in three text fields by weight, with
ten facets and the ranges.  They answer the same questions with a total, the first twenty by
BM25 and the counts of every facet; only that a facet's own filter is not left out of its
counts, which would cost them one more search.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from whoosh import fields, index, query, sorting
from whoosh.analysis import SpaceSeparatedTokenizer

from catalogue.search.analysis import tokens
from catalogue.search.engine import MODIFIED, RELEVANCE, TITLE, Request
from catalogue.search.entry import Entry, Fields
from catalogue.search.tree import And, Node, Or, Phrase, Prefix, Term

_WEIGHTS = {"called": 6.0, "about": 3.0, "said": 1.0}
_NOTHING = "xx"  # stands for a stop word, and between two texts
_BEGINNING, _END = -1e12, 1e12
Outcome = tuple[int, dict[str, dict[str, int]]]


def _texts(entry: Entry, boosts: Fields) -> dict[str, str]:
    """The terms of an entry in three fields, side by side as they stood."""
    found: dict[str, list[str]] = {name: [] for name in _WEIGHTS}
    for name, texts in entry.texts.items():
        weight = boosts.boosts.get(name, 1)
        into = next(field for field, least in _WEIGHTS.items() if weight >= least)
        for text in texts:
            found[into] += [one.term or _NOTHING for one in tokens(text)] + [_NOTHING]
    return {name: " ".join(words) for name, words in found.items()}


def _numbers(values: Iterable[str], known: dict[str, int]) -> list[int]:
    return [known.setdefault(value, len(known)) for value in values]


class StockWhoosh:
    """``whoosh-reloaded`` by its own schema, matchers and ``groupedby``."""

    name = "Whoosh as it comes"

    def __init__(self, folder: Path, boosts: Fields, facets: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._boosts, self._facets = folder, boosts, tuple(facets)
        self._known: dict[str, int] = {}

    def build(self, entries: Iterable[Entry]) -> None:
        """Write one index."""
        analyser = SpaceSeparatedTokenizer()
        schema = fields.Schema(
            record=fields.NUMERIC(stored=True, sortable=True),
            title=fields.ID(sortable=True),
            modified=fields.NUMERIC(float, sortable=True, default=0),
            **{n: fields.TEXT(analyser, field_boost=w) for n, w in _WEIGHTS.items()},
            **{n: fields.KEYWORD(commas=True) for n in self._facets},
            **{
                f"{n}_{end}": fields.NUMERIC(float, sortable=end == "high", default=0)
                for n in self._boosts.ranges
                for end in ("low", "high")
            },
        )
        made = index.create_in(str(self._folder), schema)
        writer = made.writer(limitmb=512)
        for entry in entries:
            bounds = {
                f"{name}_{end}": min(max(number, _BEGINNING), _END)
                for name, pair in entry.ranges.items()
                for end, number in zip(("low", "high"), pair, strict=True)
            }
            facets = {
                name: ",".join(map(str, _numbers(entry.facets[name], self._known)))
                for name in self._facets
                if name in entry.facets
            }
            writer.add_document(
                record=entry.record,
                title=entry.title,
                modified=entry.modified.timestamp(),
                **_texts(entry, self._boosts),
                **facets,
                **bounds,
            )
        writer.commit()
        self._searcher = made.searcher()

    def find(self, request: Request) -> Outcome:
        """The total and the counts; the hits are taken too."""
        what = query.Every() if request.where is None else self._query(request.where)
        sort = request.sort if request.sort in (TITLE, MODIFIED) else f"{request.sort}_high"
        found = self._searcher.search(
            query.And([what, *self._filters(request)]) if request.filters else what,
            limit=request.offset + request.limit,
            sortedby=None if request.sort == RELEVANCE else sort,
            reverse=request.sort not in (RELEVANCE, TITLE),
            groupedby={n: sorting.FieldFacet(n, allow_overlap=True) for n in request.facets},
            maptype=sorting.Count,
        )
        [hit["record"] for hit in found[request.offset :]]
        values = {str(number): value for value, number in self._known.items()}
        counts = {
            name: {values[value]: n for value, n in found.groups(name).items() if value}
            for name in request.facets
        }
        return len(found), counts

    def _query(self, node: Node) -> Any:
        match node:
            case And(parts):
                return query.And([self._query(one) for one in parts])
            case Or(parts):
                return query.Or([self._query(one) for one in parts])
            case Term(term):
                return query.DisjunctionMax([query.Term(n, term) for n in _WEIGHTS])
            case Phrase(terms):
                return query.DisjunctionMax([query.Phrase(n, list(terms)) for n in _WEIGHTS])
            case Prefix(start):
                return query.DisjunctionMax([query.Prefix(n, start) for n in _WEIGHTS])
        raise AssertionError(node)

    def _filters(self, request: Request) -> Iterator[Any]:
        for name, one in request.filters.items():
            if one.values:
                numbers = map(str, _numbers(one.values, self._known))
                yield query.Or([query.Term(name, number) for number in numbers])
            for low, high in one.spans:
                if low is not None:
                    yield query.NumericRange(f"{name}_high", low, None)
                if high is not None:
                    yield query.NumericRange(f"{name}_low", None, high)


class Fts5:
    """SQLite: one FTS5 table, one table of facet values, GROUP BY over the hits."""

    name = "SQLite FTS5 + GROUP BY"

    def __init__(self, folder: Path, boosts: Fields, facets: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._boosts, self._facets = boosts, {name: n for n, name in enumerate(facets)}
        self._known: dict[str, int] = {}
        self._db = sqlite3.connect(folder / "fts5.db", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA cache_size = -262144")

    def build(self, entries: Iterable[Entry]) -> None:
        """Fill the tables in one transaction, and merge the index into one piece."""
        run = self._db.execute
        names = ", ".join(f"{n}_low REAL, {n}_high REAL" for n in self._boosts.ranges)
        run(f"CREATE TABLE record (id INTEGER PRIMARY KEY, title TEXT, modified REAL, {names})")
        run(
            "CREATE VIRTUAL TABLE text USING fts5(called, about, said, content='', "
            "tokenize='unicode61', prefix='3 4')"
        )
        run(
            "CREATE TABLE facet (record INTEGER, field INTEGER, value INTEGER, "
            "PRIMARY KEY (record, field, value)) WITHOUT ROWID"
        )
        run("BEGIN")
        for entry in entries:
            run(
                "INSERT INTO text(rowid, called, about, said) VALUES (?, ?, ?, ?)",
                (entry.record, *_texts(entry, self._boosts).values()),
            )
            bounds = [b for n in self._boosts.ranges for b in entry.ranges.get(n, (None, None))]
            marks = ", ".join("?" * (3 + len(bounds)))
            run(
                f"INSERT INTO record VALUES ({marks})",
                (entry.record, entry.title, entry.modified.timestamp(), *bounds),
            )
            self._db.executemany(
                "INSERT INTO facet VALUES (?, ?, ?)",
                [
                    (entry.record, field, number)
                    for name, field in self._facets.items()
                    for number in _numbers(entry.facets.get(name, ()), self._known)
                ],
            )
        run("COMMIT")
        run("INSERT INTO text(text) VALUES ('optimize')")
        run("CREATE INDEX by_value ON facet (field, value, record)")
        run("CREATE TEMP TABLE hit (record INTEGER PRIMARY KEY, score REAL)")
        run("ANALYZE")
        self._values = {number: value for value, number in self._known.items()}

    def find(self, request: Request) -> Outcome:
        """The hits into a table; from there the first twenty and the counts."""
        run = self._db.execute
        run("DELETE FROM hit")
        conditions, given = [], []
        for name, one in request.filters.items():
            if one.values:
                numbers = _numbers(one.values, self._known)
                marks = ", ".join("?" * len(numbers))
                conditions.append(
                    f"record.id IN (SELECT record FROM facet WHERE field = ? AND value IN ({marks}))"
                )
                given += [self._facets[name], *numbers]
            for low, high in one.spans:
                conditions.append(f"{name}_high >= ? AND {name}_low <= ?")
                given += [_BEGINNING if low is None else low, _END if high is None else high]
        if request.where is None:
            where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
            run(f"INSERT INTO hit SELECT id, 0 FROM record {where}", given)
        elif conditions:
            run(
                "INSERT INTO hit SELECT text.rowid, bm25(text, 6, 3, 1) FROM text JOIN record "
                f"ON record.id = text.rowid WHERE text MATCH ? AND {' AND '.join(conditions)}",
                (_match(request.where), *given),
            )
        else:
            run(
                "INSERT INTO hit SELECT rowid, bm25(text, 6, 3, 1) FROM text WHERE text MATCH ?",
                (_match(request.where),),
            )
        total = run("SELECT count(*) FROM hit").fetchone()[0]
        order = {RELEVANCE: "score", TITLE: "title", MODIFIED: "modified DESC"}.get(
            request.sort, f"{request.sort}_high DESC"
        )
        run(
            f"SELECT id FROM hit JOIN record ON id = record ORDER BY {order} LIMIT ? OFFSET ?",
            (request.limit, request.offset),
        ).fetchall()
        names = {number: name for name, number in self._facets.items()}
        counts: dict[str, dict[str, int]] = {name: {} for name in request.facets}
        for field, value, number in run(
            "SELECT field, value, count(*) FROM hit JOIN facet USING (record) GROUP BY 1, 2"
        ):
            counts[names[field]][self._values[value]] = number
        return total, counts


def _match(node: Node) -> str:
    match node:
        case And(parts):
            return " AND ".join(map(_match, parts))
        case Or(parts):
            return " OR ".join(map(_match, parts))
        case Term(term):
            return f'"{term}"'
        case Phrase(terms):
            return f'"{" ".join(terms)}"'
        case Prefix(start):
            return f'"{start}"*'
    raise AssertionError(node)


BASELINES = {"stock": StockWhoosh, "fts5": Fts5}
