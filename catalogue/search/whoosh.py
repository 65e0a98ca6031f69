"""Whoosh as the embedded engine: no server, one folder.

One writer at a time (the follower's lock), any number of readers.  A snapshot is opened
by generation and shared by the threads of a process, one search at a time, for Whoosh's
readers are not thread-safe.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
import uuid
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from whoosh import index, qparser
from whoosh import query as wq
from whoosh.analysis import CharsetFilter, LowercaseFilter, RegexTokenizer, StemFilter
from whoosh.fields import DATETIME, ID, KEYWORD, NUMERIC, STORED, TEXT, Schema
from whoosh.scoring import BM25F
from whoosh.support.charset import accent_map

from catalogue.search.entry import Entry
from catalogue.search.query import Query, Results

#: Fields of our own, beside one a searched property.
_RECORD, _KIND, _FACET, _FACETS, _TITLE, _MODIFIED = (
    "record_",
    "kind_",
    "facet_",
    "facets_",
    "title_",
    "modified_",
)
_CACHED = 256
_SHORTEST_PREFIX = 3


class WhooshEngine:
    """The index in one folder; the fields and boosts come from the property table."""

    def __init__(self, folder: Path, boosts: Mapping[str, float]) -> None:
        self._folder = folder
        self._boosts = dict(boosts)
        self._lock = threading.Lock()
        self._searcher: Any = None
        self._generation = -1
        self._answers: OrderedDict[Query, Results] = OrderedDict()
        self._schema = self._make_schema()
        self._parser = self._make_parser()
        self._open()

    def _open(self) -> None:
        """Open the index, or make an empty one; a damaged one is made anew."""
        try:
            self._index = index.open_dir(str(self._folder))
            self._id = (self._folder / "id").read_text(encoding="ascii")
        except (index.IndexError, OSError, ValueError, EOFError):
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            self._index = index.create_in(str(self._folder), self._schema)
            self._id = uuid.uuid4().hex
            (self._folder / "id").write_text(self._id, encoding="ascii")

    @property
    def version(self) -> str:
        """Changes with the fields, and with an index that was made anew."""
        fields = hashlib.sha256(repr(sorted(self._boosts.items())).encode()).hexdigest()[:12]
        return f"whoosh-1-{fields}-{self._id[:12]}"

    # writing ------------------------------------------------------------------------

    def update(self, entries: Iterable[Entry], gone: Sequence[int]) -> None:
        """Write one segment: all of it becomes visible at its end, or nothing."""
        writer = self._index.writer(limitmb=256)
        try:
            for record in gone:
                writer.delete_by_term(_RECORD, record)
            for entry in entries:
                writer.update_document(**self._document(entry))
        except BaseException:
            writer.cancel()
            raise
        writer.commit()

    def clear(self) -> None:
        """Begin a new, empty index."""
        with self._lock:
            self._close_searcher()
            self._index.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._open()

    def _document(self, entry: Entry) -> dict[str, Any]:
        facets = [f"{name}={value}" for name, values in entry.facets.items() for value in values]
        return {
            _RECORD: entry.record,
            _KIND: entry.kind,
            _TITLE: entry.title.casefold(),
            _MODIFIED: entry.modified.replace(tzinfo=None),
            _FACET: " ".join(facets),
            _FACETS: facets,
            **{
                name: "\n".join(texts)
                for name, texts in entry.texts.items()
                if name in self._boosts
            },
        }

    def _make_schema(self) -> Schema:
        words = (
            RegexTokenizer()
            | LowercaseFilter()
            | CharsetFilter(accent_map)
            | StemFilter(cachesize=-1)
        )
        return Schema(
            **{
                _RECORD: NUMERIC(int, unique=True, stored=True),
                _KIND: ID(),
                _TITLE: ID(sortable=True),
                _MODIFIED: DATETIME(sortable=True),
                _FACET: KEYWORD(),
                _FACETS: STORED(),
            },
            **{
                name: TEXT(analyzer=words, phrase=True, field_boost=boost)
                for name, boost in self._boosts.items()
            },
        )

    # reading ------------------------------------------------------------------------

    def search(self, query: Query) -> Results:
        """Answer a query; answers of one generation are kept."""
        with self._lock:
            searcher = self._current()
            if (known := self._answers.get(query)) is not None:
                self._answers.move_to_end(query)
                return known
            results = self._search(searcher, query)
            self._answers[query] = results
            if len(self._answers) > _CACHED:
                self._answers.popitem(last=False)
            return results

    def _current(self) -> Any:
        """The searcher of the newest generation.

        Not ``refresh()``: it shows deleted documents (whoosh-reloaded 2.7.5).
        """
        generation = self._index.latest_generation()
        if self._searcher is None or generation != self._generation:
            self._close_searcher()
            self._searcher = self._index.searcher(weighting=BM25F())
            self._generation = generation
        return self._searcher

    def _close_searcher(self) -> None:
        if self._searcher is not None:
            self._searcher.close()
        self._searcher = None
        self._answers.clear()

    def _search(self, searcher: Any, query: Query) -> Results:
        words, relaxed = self._parse(query.text), False
        hits = self._hits(searcher, query, words)
        if not hits and query.text:
            any_word = self._parse(query.text, qparser.OrGroup)
            if hits := self._hits(searcher, query, any_word):
                words, relaxed = any_word, True
        counts: dict[str, dict[str, int]] = {}
        self._count(
            searcher, (docnum for docnum, _ in hits), counts, lambda f: f not in query.chosen
        )
        for facet in query.chosen:
            others = self._hits(searcher, query.without(facet), words)
            self._count(searcher, (docnum for docnum, _ in others), counts, facet.__eq__)
        page = hits[query.offset : query.offset + query.size]
        stored = searcher.stored_fields
        return Results(
            total=len(hits),
            records=[stored(docnum)[_RECORD] for docnum, _ in page],
            counts=counts,
            relaxed=relaxed,
        )

    def _hits(self, searcher: Any, query: Query, words: Any) -> list[tuple[int, float]]:
        """Every hit in the order asked for."""
        limits = [wq.Term(_KIND, query.kind)]
        limits += [
            wq.Or([wq.Term(_FACET, f"{facet}={value}") for value in values])
            for facet, values in query.chosen.items()
        ]
        sort = query.sort
        if sort == "relevance" and not query.text:
            sort = "title"
        options: dict[str, Any] = {"limit": None, "filter": wq.And(limits)}
        if sort == "title":
            options["sortedby"] = _TITLE
        elif sort == "modified":
            options.update(sortedby=_MODIFIED, reverse=True)
        found = searcher.search(words, **options)
        return [(docnum, score) for score, docnum in found.top_n]

    def _count(
        self, searcher: Any, docnums: Iterable[int], counts: dict[str, dict[str, int]], wanted: Any
    ) -> None:
        """Count the facet values of some documents into ``counts``."""
        found: Counter[str] = Counter()
        for docnum in docnums:
            found.update(searcher.stored_fields(docnum)[_FACETS])
        for token, number in found.items():
            facet, _, value = token.partition("=")
            if wanted(facet):
                counts.setdefault(facet, {})[value] = number

    def _parse(self, text: str, group: Any = qparser.AndGroup) -> Any:
        """Words that must all be there, "phrases", -not, OR, prefix* and field:word."""
        if not text:
            return wq.Every()
        self._parser.group = group
        parsed = self._parser.parse(text)
        return parsed.accept(_tame).normalize()

    def _make_parser(self) -> Any:
        return qparser.MultifieldParser(
            list(self._boosts),
            self._schema,
            plugins=[
                qparser.WhitespacePlugin(),
                qparser.PhrasePlugin(),
                qparser.PrefixPlugin(),
                qparser.FieldsPlugin(),
                qparser.OperatorsPlugin(
                    And=None,
                    AndNot=None,
                    AndMaybe=None,
                    Require=None,
                    Not=r"(^|(?<=\s))-(?=\S)",
                ),
            ],
        )


def _tame(node: Any) -> Any:
    """A short prefix would match everything; it is taken as a word."""
    if isinstance(node, wq.Prefix) and len(node.text) < _SHORTEST_PREFIX:
        return wq.Term(node.fieldname, node.text, boost=node.boost)
    return node
