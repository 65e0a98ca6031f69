"""What words may also mean, from the vocabularies: synonyms, acronyms, narrower terms.

The rules:

- Only whole words count, and the longest name wins: *heart failure* before *heart*.
- An acronym of up to three letters, or of mixed case, is one only as it is written: ``ALL``
  is a leukaemia and ``all`` a stop word.  In small letters it is offered, not taken.
- Narrower terms are included, broader ones are not.
- What several concepts are called by one acronym offers a choice.
- Nothing between quotation marks is expanded, and everything that is, is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalogue.search.analysis import tokens
from catalogue.search.tree import EVERYWHERE, Fields, Phrase, Term
from catalogue.vocabulary import Concept, Vocabularies

#: No more variants than these of one concept; nobody reads on, and each costs time.
_MOST_VARIANTS, _MOST_NARROWER = 40, 40
_SHORT = 3
#: A word that is in the names of more concepts than these stands for none of them.
_MOST_HAVING = 16
_CODE = re.compile(r"[A-Z]\d{2}(?:\.\d+)?\Z")

#: The kinds of name, in the order they are told.
SYNONYM, ABBREVIATION, TRANSLATION, NARROWER, CODE, SPELLING = (
    "synonym",
    "abbreviation",
    "translation",
    "narrower term",
    "code",
    "spelling",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A word as typed: its terms, and itself if it is written like an acronym."""

    text: str
    terms: tuple[str, ...]
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a concept."""

    text: str
    terms: tuple[str, ...]
    places: tuple[int, ...]
    kind: str
    language: str = "en"
    exact: str = ""

    def node(self, fields: Fields = EVERYWHERE) -> Term | Phrase:
        """The name as something to look for: an acronym as written, words side by side."""
        if self.exact:
            return Term(self.exact, fields)
        if len(self.terms) == 1:
            return Term(self.terms[0], fields)
        return Phrase(self.terms, self.places, fields)


@dataclass(frozen=True, slots=True)
class Match:
    """Some typed words that are a name: from ``begin`` to before ``end``, of these concepts.

    ``as_written`` is false for an acronym in small letters, which is offered only.
    ``ambiguous`` tells that an acronym means different things.
    """

    begin: int
    end: int
    concepts: tuple[Concept, ...]
    as_written: bool = True
    ambiguous: bool = False


class Thesaurus:
    """The names of every concept of the vocabularies that searches understand."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._vocabularies = vocabularies
        self._by_terms: dict[tuple[str, ...], list[Concept]] = {}
        self._by_acronym: dict[str, list[Concept]] = {}
        self._by_small: dict[str, list[Concept]] = {}
        self._by_term: dict[str, list[Concept]] = {}
        self._members: dict[str, list[Concept]] = {}
        self._longest = 1
        words: set[str] = set()
        for concept in self.concepts():
            for name in self.names(concept):
                self._learn(name, concept)
                words.update(word for word in name.text.split() if word.isalpha())
            for above in (*concept.broader, *concept.notes.get("condition", ())):
                self._members.setdefault(above, []).append(concept)
        self._variants: dict[str, tuple[Name, ...]] = {}
        #: Every word of letters in their names, in order.
        self.words: Sequence[str] = sorted(words)

    def concepts(self) -> Iterator[Concept]:
        """Every concept that searches understand."""
        for vocabulary in self._vocabularies.values():
            if vocabulary.expands:
                yield from (one for one in vocabulary.concepts.values() if not one.deprecated)

    def having(self, typed: Typed) -> tuple[Concept, ...]:
        """The concepts that have a word in one of their names; none if they are many."""
        if len(typed.terms) != 1:
            return ()
        found = self._by_term.get(typed.terms[0], [])
        return tuple(found) if len(found) <= _MOST_HAVING else ()

    def called(self, typed: Typed) -> tuple[Concept, ...]:
        """The concepts with an acronym as it was typed, or in capitals if that was in small."""
        if typed.exact:
            return tuple(self._by_acronym.get(typed.exact, ()))
        return tuple(self._by_small.get(typed.text.casefold(), ()))

    def _learn(self, name: Name, concept: Concept) -> None:
        if name.exact:
            _add(self._by_acronym.setdefault(name.exact, []), concept)
            _add(self._by_small.setdefault(name.exact.casefold(), []), concept)
        elif name.terms:
            _add(self._by_terms.setdefault(name.terms, []), concept)
            self._longest = max(self._longest, len(name.terms))
            for term in name.terms:
                _add(self._by_term.setdefault(term, []), concept)

    def names(self, concept: Concept) -> Iterator[Name]:
        """The names of one concept: the preferred ones first, then others, then codes."""
        abbreviations = set(concept.notes.get("abbreviation", ()))
        seen: set[tuple[str, ...]] = set()
        for language, label in sorted(concept.labels.items(), key=lambda pair: pair[0] != "en"):
            yield from self._named(
                label, TRANSLATION if language != "en" else SYNONYM, language, seen
            )
        for language, labels in concept.alternates.items():
            for label in labels:
                short = label in abbreviations or (len(label) <= _SHORT and label.isupper())
                kind = ABBREVIATION if short else TRANSLATION if language != "en" else SYNONYM
                yield from self._named(label, kind, language, seen)
        for codes in concept.notes.get("icd10", ()):
            for code in re.split(r"[,;]\s*", codes):
                if _CODE.match(code):
                    yield from self._named(code, CODE, "", seen)

    @staticmethod
    def _named(text: str, kind: str, language: str, seen: set[tuple[str, ...]]) -> Iterator[Name]:
        """The name, unless it is spelt like one before."""
        found = [token for token in tokens(text) if token.term or token.exact]
        exact = found[0].exact if kind == ABBREVIATION and len(found) == 1 else ""
        terms = tuple(token.term for token in found if token.term)
        key = (exact,) if exact else terms
        if not key or key in seen:
            return
        seen.add(key)
        first = found[0].place
        places = tuple(token.place - first for token in found if token.term)
        yield Name(text, terms, places, kind, language, exact)

    def matches(self, typed: Sequence[Typed]) -> Iterator[Match]:
        """The names among some words, from left to right, the longest first; none overlap."""
        at = 0
        while at < len(typed):
            found = self._at(typed, at)
            if found is None:
                at += 1
            else:
                yield found
                at = found.end

    def _at(self, typed: Sequence[Typed], at: int) -> Match | None:
        best: Match | None = None
        terms: tuple[str, ...] = ()
        if not typed[at].terms and not typed[at].exact:
            return None
        for end in range(at, len(typed)):
            terms += typed[end].terms
            if len(terms) > self._longest:
                break
            if typed[end].terms and (concepts := self._by_terms.get(terms)):
                best = Match(at, end + 1, tuple(concepts))
        if best is not None and best.end > at + 1:
            return best
        word = typed[at]
        if concepts := self._by_acronym.get(word.text):
            return Match(at, at + 1, tuple(concepts), ambiguous=_differ(concepts))
        if best is not None:
            return best
        small = word.text.casefold()
        if concepts := self._by_small.get(small):
            # Longer acronyms are nothing else in small letters either.
            clear = len(small) > _SHORT or word.text.isupper()
            if clear or word.terms:
                return Match(at, at + 1, tuple(concepts), clear, _differ(concepts))
        return None

    def narrower(self, concept: Concept) -> list[Concept]:
        """The concepts below one, nearest first, stages and types of a condition included."""
        found: list[Concept] = []
        queue = [concept]
        while queue and len(found) < _MOST_NARROWER:
            for below in self._members.get(queue.pop(0).iri, ()):
                if below not in found and below is not concept:
                    found.append(below)
                    queue.append(below)
        return found

    def broader(self, concept: Concept) -> list[Concept]:
        """The concepts directly above one, in the same vocabulary or in another."""
        found = (self._vocabularies.concept(iri) for iri in concept.broader)
        return [one for one in found if one is not None]

    def variants(self, concept: Concept) -> tuple[Name, ...]:
        """Every name of a concept, then those of the narrower ones."""
        if concept.iri not in self._variants:
            self._variants[concept.iri] = self._all_names(concept)
        return self._variants[concept.iri]

    def _all_names(self, concept: Concept) -> tuple[Name, ...]:
        found = list(self.names(concept))
        seen = {(one.exact,) if one.exact else one.terms for one in found}
        for below in self.narrower(concept):
            for name in self.names(below):
                key = (name.exact,) if name.exact else name.terms
                if key not in seen and name.kind != CODE:
                    seen.add(key)
                    found.append(
                        Name(
                            name.text, name.terms, name.places, NARROWER, name.language, name.exact
                        )
                    )
        return tuple(found[:_MOST_VARIANTS])


def _add(concepts: list[Concept], concept: Concept) -> None:
    if concept not in concepts:
        concepts.append(concept)


def _differ(concepts: Iterable[Concept]) -> bool:
    """Whether concepts are different things, not one thing in several vocabularies."""
    names = {tuple(t.term for t in tokens(one.label()) if t.term) for one in concepts}
    return len(names) > 1


def typed_of(text: str) -> Typed:
    """A word as typed."""
    found = list(tokens(text))
    exact = found[0].exact if len(found) == 1 else ""
    return Typed(text, tuple(token.term for token in found if token.term), exact)


def is_code(text: str) -> bool:
    """Whether a text is written like a code of ICD-10."""
    return bool(_CODE.match(text))
