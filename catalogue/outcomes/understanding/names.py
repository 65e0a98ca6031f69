"""The names of what a question may ask for, by the rules of the thesaurus.

Beside whole names there are what names of stages add to the name of their condition:
*localised* of *localised prostate cancer* is a stage wherever the condition is spoken of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz.fuzz import ratio

from catalogue.outcomes.understanding.tokens import Token
from catalogue.picking import Picker
from catalogue.profile.criteria import SAME_SUBJECT, STAGE, TIMING, CriterionKind
from catalogue.search.analysis import terms
from catalogue.search.thesaurus import Match, Thesaurus, Typed
from catalogue.vocabulary import Concept, Vocabularies

#: The list of what acronyms mean beside what may be asked.
_MEANINGS = "meaning"
#: A name of so many words at most is looked for as a part of the name of a stage.
_MOST_ADDED = 6
#: How many likely things are looked at, and how alike a slip must be, of 100.
_MOST_LIKE, _ALIKE = 6, 85


class Names(Thesaurus):
    """The names of the concepts that criteria and what is asked beside them may have."""

    def __init__(self, vocabularies: Vocabularies, kinds: Mapping[str, CriterionKind]) -> None:
        #: The kinds of criteria and qualifiers that take the concepts of a list.
        self.kinds: dict[str, list[str]] = {}
        for kind in kinds.values():
            if kind.vocabulary is not None and kind.test != "coverage":
                self._add(kind.vocabulary.name, kind.name)
            for name, vocabulary in kind.qualifiers.items():
                if vocabulary is not None and name in (STAGE, TIMING):
                    self._add(vocabulary.name, name)
        # Yes and no are names of nothing.
        self.kinds = {name: some for name, some in self.kinds.items() if name != "answer"}
        super().__init__(vocabularies)
        self._added = dict(self._additions())
        self._stages = {
            condition: stage
            for stage in self._stages_known()
            for condition in stage.notes.get(SAME_SUBJECT, ())
        }
        asked = [one for one in self.concepts() if one.scheme in self.kinds]
        self._picker = Picker([(text, one.iri) for one in asked for text in one.texts()])

    def _add(self, vocabulary: str, kind: str) -> None:
        known = self.kinds.setdefault(vocabulary, [])
        if kind not in known:
            known.append(kind)

    def concepts(self) -> Iterator[Concept]:
        """Every concept that may be asked for, and what else their acronyms mean."""
        for name in (*self.kinds, _MEANINGS):
            if name in self._vocabularies:
                for one in self._vocabularies[name].concepts.values():
                    if not one.deprecated:
                        yield one

    def concept(self, iri: str) -> Concept | None:
        """The concept of an IRI."""
        return self._vocabularies.concept(iri)

    def name_at(self, typed: Sequence[Typed], start: int) -> Match | None:
        """The longest name that begins at a word."""
        return self._at(typed, start)

    def conditions_of(self, stage: Concept) -> list[Concept]:
        """The conditions that a stage is one of, the broadest first."""
        found = [self._vocabularies.concept(one) for one in stage.notes.get("condition", ())]
        known = [one for one in found if one is not None]
        return sorted(known, key=lambda one: len(self.above(one)))

    def stage_of(self, condition: Concept) -> Concept | None:
        """The stage that a condition is."""
        return self._stages.get(condition.iri)

    def guessed(self, words: Sequence[str]) -> tuple[Concept, ...]:
        """The one thing that some words are probably a name of: beginnings, or a slip.

        Several words may be a part of a name that nothing else has; one word must be near
        to a whole one.
        """
        text = " ".join(words)
        found = [
            concept
            for iri, _ in self._picker.like(text, _MOST_LIKE)
            if (concept := self._vocabularies.concept(iri)) is not None
        ]
        if len(words) == 1:
            found = [one for one in found if any(_near(text, name) for name in one.texts())]
        labels = {terms(one.label()) for one in found}
        return tuple(found) if len(labels) == 1 else ()

    def above(self, concept: Concept) -> set[str]:
        """The IRIs of the concepts above one."""
        return {one.iri for one in self._vocabularies[concept.scheme].above(concept.iri)}

    def related(self, one: Concept, other: Concept) -> bool:
        """Whether two concepts are the same, or one is above the other."""
        return one is other or one.iri in self.above(other) or other.iri in self.above(one)

    def added_at(self, said: Sequence[Token], start: int) -> tuple[int, tuple[Concept, ...]]:
        """The longest words that name a stage beside its condition: how many, which stages."""
        best: tuple[int, tuple[Concept, ...]] = (0, ())
        if not said[start].typed.terms:
            return best
        words: tuple[str, ...] = ()
        for end in range(start, min(len(said), start + 2 * _MOST_ADDED)):
            words += said[end].typed.terms
            if len(words) > _MOST_ADDED:
                break
            if said[end].typed.terms and (found := self._added.get(words)):
                best = (end + 1 - start, found)
        return best

    def _stages_known(self) -> Iterator[Concept]:
        for name, kinds in self.kinds.items():
            if STAGE in kinds:
                yield from self._vocabularies[name].concepts.values()

    def _additions(self) -> Iterator[tuple[tuple[str, ...], tuple[Concept, ...]]]:
        """What is left of the names of stages without the names of their conditions."""
        found: dict[tuple[str, ...], dict[str, Concept]] = {}
        for stage in self._stages_known():
            of = [n.terms for c in self.conditions_of(stage) for n in self.names(c) if n.terms]
            for name in self.names(stage):
                for words in of:
                    left = _without(name.terms, words)
                    if left and len(left) <= _MOST_ADDED:
                        found.setdefault(left, {})[stage.iri] = stage
        yield from ((words, tuple(some.values())) for words, some in found.items())


def _near(text: str, name: str) -> bool:
    """Whether a word is a whole name with a slip in it."""
    return abs(len(name) - len(text)) <= 1 and ratio(text.casefold(), name.casefold()) >= _ALIKE


def _without(name: tuple[str, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    """Some terms without others that stand in a row at their beginning or end."""
    if name[: len(words)] == words:
        return name[len(words) :]
    return name[: -len(words)] if name[-len(words) :] == words else ()
