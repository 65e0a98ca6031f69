"""Core outcome sets: what they ask for, and what datasets state about it.

A list is one of sets if it has collections.  How datasets answer its items follows from the
profile: some part of a dataset names items of the list, beside a subject that is a facet
under a condition (``state is collected``).  No statement means unknown, never no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.profile import Document, Shape
from catalogue.profile.shape import Property
from catalogue.profile.values import ConceptValue, Nested
from catalogue.vocabulary import Concept, Vocabulary
from catalogue.web.current import catalogue
from catalogue.web.sections import BROKEN, named


@dataclass(frozen=True)
class Answers:
    """How parts of datasets answer a list of sets.

    ``part`` is the property that holds them; within it ``item`` names items of the list,
    ``facet`` the subject, and ``state`` what is said of it.
    """

    part: Property
    item: Property
    facet: Property
    state: str

    @property
    def subjects(self) -> Vocabulary:
        """The list of subjects."""
        assert isinstance(self.facet.value, ConceptValue)
        return self.facet.value.vocabulary

    def is_met(self, part: Mapping[str, Any]) -> bool:
        """Whether a part says that its subject is collected."""
        assert self.facet.facet is not None
        return self.facet.facet.holds(part, catalogue.vocabularies.code)


def answers_to(vocabulary: str) -> Answers | None:
    """How datasets answer the items of a list; None if they cannot."""
    for part in catalogue.records.shape("dataset").stored:
        if not isinstance(part.value, Nested):
            continue
        inside = part.value.shape.stored
        item = next((one for one in inside if _is_of(one, vocabulary)), None)
        facet = next((one for one in inside if one.facet and one.obligation == "mandatory"), None)
        if item and facet and facet.facet and isinstance(facet.value, ConceptValue):
            tests = facet.facet.tests
            return Answers(part, item, facet, tests[0].name if tests else "")
    return None


def _is_of(one: Property, vocabulary: str) -> bool:
    return isinstance(one.value, ConceptValue) and one.value.vocabulary.name == vocabulary


def asks_sets(one: Property) -> bool:
    """Whether a property names items of sets."""
    return isinstance(one.value, ConceptValue) and bool(one.value.vocabulary.collections)


# members ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """One item of a set: what it says of other concepts, by the name of the relation.

    ``subjects`` are the concepts by which datasets can be found for it.
    """

    concept: Concept
    related: Mapping[str, Sequence[Concept]]
    domains: Sequence[Concept]
    subjects: Sequence[str]


def members(collection: Concept, answers: Answers | None) -> list[Member]:
    """The items of a set, in its order."""
    known = [catalogue.vocabularies.concept(value) for value in collection.members]
    return [_member(one, answers) for one in known if one is not None]


def _member(one: Concept, answers: Answers | None) -> Member:
    related: dict[str, list[Concept]] = {}
    for name, values in one.notes.items():
        if concepts := _known(values):
            related[name] = concepts
    among = answers.subjects.concepts if answers else {}
    subjects = [found for some in related.values() for found in some if found.iri in among]
    return Member(one, related, _above((one, *subjects)), [one.iri for one in subjects])


def domains_of(value: str) -> list[Concept]:
    """The concepts of other lists that a concept belongs under: the domains of an outcome."""
    found = catalogue.vocabularies.concept(value)
    return _above((found,)) if found else []


def _above(concepts: Sequence[Concept]) -> list[Concept]:
    own = {one.scheme for one in concepts}
    above = [value for one in concepts for value in (*one.broader, *one.related)]
    return [one for one in _known(dict.fromkeys(above)) if one.scheme not in own]


def _known(values: Iterator[str] | Sequence[str] | Mapping[str, Any]) -> list[Concept]:
    return [found for value in values if (found := catalogue.vocabularies.concept(value))]


# what datasets state ----------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """What a dataset states about one item: the state, and where on its page it stands.

    ``named`` if the statement names the item itself and not only its subject.
    """

    member: Member
    state: str = ""
    met: bool = False
    named: bool = False
    anchor: str = ""


def cells(document: Document, among: Sequence[Member], answers: Answers) -> list[Cell]:
    """What a dataset states about some items, one cell each; an empty one means unknown.

    That something narrower is collected answers an item; that it is not does not.
    """
    found = {one.concept.iri: Cell(one) for one in among}
    for part in answers.part.values(document):
        subject, met = part.get(answers.facet.name), answers.is_met(part)
        if not isinstance(subject, str):
            continue
        about = {subject, *(one.iri for one in answers.subjects.above(subject) if met)}
        items = answers.item.values(part)
        for one in among:
            before, by_name = found[one.concept.iri], one.concept.iri in items
            if not by_name and not about & {*one.subjects}:
                continue
            if (met, by_name) > (before.met, before.named) or not before.state:
                state = part.get(answers.state, "")
                found[one.concept.iri] = Cell(one, state, met, by_name, named(part))
    return list(found.values())


@dataclass(frozen=True)
class Share:
    """How much of a set a dataset states that it collects."""

    set: Concept
    cells: Sequence[Cell]

    @property
    def met(self) -> int:
        """How many items it collects."""
        return sum(cell.met for cell in self.cells)

    @property
    def named(self) -> bool:
        """Whether a statement names an item of the set: somebody had this set in mind."""
        return any(cell.named for cell in self.cells)


def shares(shape: Shape, document: Document) -> list[Share]:
    """The sets of which a dataset collects something: those it names, then those it meets most."""
    found: list[Share] = []
    try:
        for vocabulary in catalogue.vocabularies.values():
            if vocabulary.collections and (answers := answers_to(vocabulary.name)):
                for one in vocabulary.collections.values():
                    share = Share(one, cells(document, members(one, answers), answers))
                    if share.met:
                        found.append(share)
    except BROKEN:
        return []  # what is wrong with a statement is told where it stands
    found.sort(key=lambda one: (not one.named, -one.met / len(one.cells), one.set.label()))
    return found
