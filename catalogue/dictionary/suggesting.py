"""What the variables of a dictionary seem to measure: by the names of outcomes and instruments.

Names and labels are compared with every name that the vocabularies give a concept, piece by
piece, so that ``epic26_q1``, “EPIC-26 item 1” and “Expanded Prostate Cancer Index Composite 26”
are the same.  Nothing of this is stored before somebody confirms it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.search.analysis import terms, tokens
from catalogue.search.thesaurus import CODE, Name, Thesaurus
from catalogue.variables.describing import apart
from catalogue.vocabulary import Concept, Vocabularies

OUTCOME, INSTRUMENT, KEY_VARIABLE = "outcome", "instrument", "key_variable"
_KINDS: Mapping[str, str] = {
    "outcome": OUTCOME,
    "instrument": INSTRUMENT,
    "variable": KEY_VARIABLE,
}
#: A label is taken for the beginning of a longer name if it has so many of its pieces.
_SHARE = 0.6
#: Acronyms of fewer letters count only where they stand in a label as they are written.
_SHORTEST = 3
#: So much of a label is looked at.
_LONGEST_LABEL = 300
#: So many variables are named for a suggestion.
_NAMED = 3


@dataclass(frozen=True)
class Suggestion:
    """A concept that some variables seem to be about.

    ``kind`` is outcome, instrument or key_variable, ``by`` the name that fitted, ``outcomes``
    what an instrument measures as far as the vocabulary says.
    """

    kind: str
    concept: Concept
    by: str
    variables: tuple[str, ...]
    outcomes: tuple[Concept, ...] = ()

    @property
    def reason(self) -> str:
        """Why, in words."""
        return f"“{self.by}” is in the name or label of {first_of(self.variables, _NAMED)}"


def first_of(names: Sequence[str], most: int) -> str:
    """The first of some names in a sentence, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


class Suggesting:
    """Compares variables with the names of concepts."""

    def __init__(self, vocabularies: Vocabularies, thesaurus: Thesaurus) -> None:
        self._vocabularies = vocabularies
        self._by_terms: dict[tuple[str, ...], list[tuple[Concept, Name]]] = {}
        self._by_acronym: dict[str, list[tuple[Concept, Name]]] = {}
        self._beginnings: dict[tuple[str, ...], list[tuple[Concept, Name]]] = {}
        self._longest = 1
        self._measured: dict[str, list[Concept]] = {}
        for scheme in _KINDS:
            for concept in vocabularies[scheme].concepts.values():
                if not concept.deprecated:
                    self._learn(concept, thesaurus)

    def _learn(self, concept: Concept, thesaurus: Thesaurus) -> None:
        for instrument in concept.notes.get("measuredWith", ()):
            self._measured.setdefault(instrument, []).append(concept)
        for name in thesaurus.names(concept):
            if name.kind == CODE:
                continue
            if name.exact:
                self._by_acronym.setdefault(name.exact, []).append((concept, name))
            found = terms(name.text)
            if name.exact and len(name.exact) < _SHORTEST:
                continue
            self._by_terms.setdefault(found, []).append((concept, name))
            self._longest = max(self._longest, len(found))
            for length in range(2, len(found)):
                if length >= 3 or length / len(found) >= _SHARE:
                    self._beginnings.setdefault(found[:length], []).append((concept, name))

    def suggest(self, tables: Iterable[Mapping[str, Any]]) -> list[Suggestion]:
        """What the variables of some tables seem to be about, those of most variables first."""
        found: dict[str, tuple[Concept, str, list[str]]] = {}
        for table in tables:
            for column in table.get("column", ()):
                for concept, by in self.of(column):
                    known = found.setdefault(concept.iri, (concept, by, []))
                    known[2].append(column["column_name"])
        suggestions = [
            Suggestion(
                _KINDS[concept.scheme],
                concept,
                by,
                tuple(names),
                tuple(self._measured_with(concept)),
            )
            for concept, by, names in found.values()
        ]
        order = list(_KINDS.values())
        return sorted(
            suggestions,
            key=lambda one: (order.index(one.kind), -len(one.variables), one.concept.label()),
        )

    def _measured_with(self, instrument: Concept) -> Iterator[Concept]:
        """What an instrument measures; a version of one measures what that one does."""
        above = self._vocabularies[instrument.scheme].above(instrument.iri)
        seen: set[str] = set()
        for one in (instrument, *above):
            for outcome in self._measured.get(one.iri, ()):
                if outcome.iri not in seen:
                    seen.add(outcome.iri)
                    yield outcome

    def of(self, column: Mapping[str, Any]) -> Iterator[tuple[Concept, str]]:
        """The concepts one variable seems to be about, each with the name that fitted.

        Of a concept and one above it only the nearer counts: EPIC-26 is EPIC already.
        """
        found: dict[str, tuple[Concept, str]] = {}
        for concept, by in self._of_texts(column):
            found.setdefault(concept.iri, (concept, by))
        above = {
            one.iri
            for concept, _ in found.values()
            for one in self._vocabularies[concept.scheme].above(concept.iri)
        }
        yield from (each for iri, each in found.items() if iri not in above)

    def _of_texts(self, column: Mapping[str, Any]) -> Iterator[tuple[Concept, str]]:
        yield from self._matches(terms(apart(str(column.get("column_name", "")))))
        for label in column.get("column_title", {}).values():
            if label == column.get("column_name"):
                continue
            label = label[:_LONGEST_LABEL]
            pieces = terms(label)
            yield from self._matches(pieces)
            for token in tokens(label):
                for concept, known in self._by_acronym.get(token.exact, ()) if token.exact else ():
                    yield concept, known.text
            if len(pieces) > 1:
                for concept, known in self._beginnings.get(pieces, ()):
                    yield concept, known.text

    def _matches(self, pieces: Sequence[str]) -> Iterator[tuple[Concept, str]]:
        """The names among some pieces, the longest first; none overlap."""
        at = 0
        while at < len(pieces):
            for length in range(min(self._longest, len(pieces) - at), 0, -1):
                if known := self._by_terms.get(tuple(pieces[at : at + length])):
                    yield from ((concept, name.text) for concept, name in known)
                    at += length
                    break
            else:
                at += 1
