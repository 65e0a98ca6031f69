"""Typing help: what somebody may be about to type.

Concepts by any of their names, datasets and holders by their titles and other names.  Every
word typed must begin a word of the name; the last one may be unfinished.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.profile.values import ConceptValue
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.records import Records
from catalogue.records.visibility import public
from catalogue.search.analysis import PIECE, STOP, fold, terms
from catalogue.search.engine import Reader, Request
from catalogue.search.finder import Finder
from catalogue.search.query import Query
from catalogue.search.spelling import Spelling
from catalogue.search.thesaurus import CODE, SPELLING, Name
from catalogue.search.tree import And, Best, Node, Term
from catalogue.vocabulary import Concept

#: How many suggestions of a kind, and in all; the shortest and longest text helped with.
_MOST_OF_KIND, _MOST, _SHORTEST, _LONGEST = 5, 12, 2, 100
#: How many words an unfinished word may become.
_COMPLETIONS = 12
DATASET, HOLDER, WORD = "dataset", "agent", "word"


@dataclass(frozen=True)
class Suggestion:
    """One thing to look for.

    ``text`` is what to search by, ``also`` the name that fitted where it is another one,
    ``kind`` the name of a facet, or ``dataset``, ``agent`` or ``word``; ``count`` is how many
    datasets state the concept.
    """

    text: str
    kind: str
    also: str = ""
    count: int | None = None
    concept: str = ""
    record: Record | None = None


@dataclass(frozen=True)
class _Named:
    """One name of a concept of a facet, as words to compare with."""

    words: tuple[str, ...]
    name: Name
    concept: Concept
    facet: str


class Suggester:
    """Suggests over what the finder finds.  Safe between threads."""

    def __init__(self, finder: Finder, records: Records) -> None:
        self._finder, self._records = finder, records
        profile = records.profile
        self._facets = {
            one.value.vocabulary.name: name
            for name, one in reversed(profile.facets.items())
            if isinstance(one.value, ConceptValue)
        }
        self._names = frozenset(
            one.name
            for shape in profile.records.values()
            for one in shape.stored
            if one.column == "title" or one.name == "alternative"
        )
        self._by_start: dict[str, list[_Named]] = {}
        for concept in finder.thesaurus.concepts():
            if (facet := self._facets.get(concept.scheme)) is not None:
                for name in finder.thesaurus.names(concept):
                    if name.kind != CODE:
                        self._learn(name, concept, facet)

    def _learn(self, name: Name, concept: Concept, facet: str) -> None:
        words = tuple(_words(name.text))
        named = _Named(words, name, concept, facet)
        for start in {word[:_SHORTEST] for word in words}:
            self._by_start.setdefault(start, []).append(named)

    def suggest(self, session: Session, text: str) -> list[Suggestion]:
        """Suggestions for what is typed so far, the likeliest first; none for too little."""
        text = " ".join(text[:_LONGEST].split())
        typed = _words(text)
        if not typed or len("".join(typed)) < _SHORTEST:
            return []
        reader = self._finder.engine.reader()
        spelling = self._finder.spelling(reader)
        found = [
            *self._concepts(typed),
            *self._of_records(session, reader, spelling, typed, DATASET),
            *self._of_records(session, reader, spelling, typed, HOLDER),
        ]
        last = text.split()[-1]
        if not found and last.isalpha() and (meant := spelling.nearest(last, 1)):
            found.append(Suggestion(" ".join((*text.split()[:-1], meant)), WORD, SPELLING))
        return found[:_MOST]

    def records(self, session: Session, text: str, kind: str) -> list[Suggestion]:
        """The published records of a kind whose names fit what is typed so far."""
        typed = _words(text[:_LONGEST])
        if not typed or len("".join(typed)) < _SHORTEST:
            return []
        reader = self._finder.engine.reader()
        spelling = self._finder.spelling(reader)
        return list(self._of_records(session, reader, spelling, typed, kind))

    def _concepts(self, typed: Sequence[str]) -> Iterator[Suggestion]:
        counts = self._finder.find(Query(size=1)).counts
        fitting: dict[str, tuple[tuple[bool, bool, bool, int], _Named]] = {}
        start = max(typed, key=len)[:_SHORTEST]
        for named in self._by_start.get(start, ()):
            if not _fits(typed, named.words):
                continue
            used = counts.get(named.facet, {}).get(named.concept.iri, 0)
            rank = (
                not used,
                not named.words[0].startswith(typed[0]),
                named.name.text != named.concept.label(),
                -used,
            )
            known = fitting.get(named.concept.iri)
            if known is None or rank < known[0]:
                fitting[named.concept.iri] = (rank, named)
        best = sorted(fitting.values(), key=lambda pair: (pair[0], pair[1].name.text))
        for rank, named in best[:_MOST_OF_KIND]:
            label = named.concept.label()
            also = named.name.text if named.name.text != label else ""
            yield Suggestion(label, named.facet, also, -rank[3], named.concept.iri)

    def _of_records(
        self,
        session: Session,
        reader: Reader,
        spelling: Spelling,
        typed: Sequence[str],
        kind: str,
    ) -> Iterator[Suggestion]:
        where = self._where(spelling, typed)
        if where is None:
            return
        ids = reader.find(Request(where, kind, limit=_MOST_OF_KIND)).records
        known: Mapping[int, Record] = {
            one.id: one
            for one in session.scalars(
                select(Record).where(Record.id.in_(ids), Record.state == PUBLISHED)
            )
        }
        for record in (known[one] for one in ids if one in known):
            title = record.title or record.slug
            yield Suggestion(title, kind, self._short(record, title), record=record)

    def _short(self, record: Record, title: str) -> str:
        """The shortest other name, if the title does not hold it."""
        shape = self._records.shape(record.kind)
        others = [
            text
            for one in shape.stored
            if one.name == "alternative"
            for value in one.values(public(shape, record) or {})
            for text in one.value.texts(value)
            if text not in title
        ]
        return min(others, key=len, default="")

    def _where(self, spelling: Spelling, typed: Sequence[str]) -> Node | None:
        """Every word whole, the last one as what it may become."""
        whole = [word for word in typed[:-1] if word not in STOP]  # an index holds no “of”
        parts: list[Node] = [Term(term, self._names) for word in whole for term in terms(word)]
        last = {
            term
            for word in (typed[-1], *spelling.completions(typed[-1], _COMPLETIONS))
            for term in terms(word)[:1]
        }
        if not last:
            return None
        parts.append(Best(tuple(Term(term, self._names) for term in sorted(last))))
        return And(tuple(parts)) if len(parts) > 1 else parts[0]


def _words(text: str) -> list[str]:
    """The words of a text, cut where letters meet digits, as those of descriptions are."""
    return [folded for piece in PIECE.findall(text) if (folded := fold(piece))]


def _fits(typed: Sequence[str], words: Sequence[str]) -> bool:
    """Whether each word typed begins a word of the name."""
    return all(any(word.startswith(one) for word in words) for one in typed)
