"""Core outcome sets: what they ask for, and what one dataset states about it, in four states.

A list is one of sets if it has collections.  How datasets answer its items follows from the
profile: some part of a dataset names items of the list, beside a subject that is a facet
under a condition (``state is collected``).  No statement means unknown, never no.

An item that concerns only a treatment or a stage does not apply to a dataset that cannot have
those: it states other stages only, or says that treatments do not apply to it.  That others are
named where a list is never complete (treatments) excludes nothing.  What does not apply is not
asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from catalogue.outcomes.scope import APPLIES_TO
from catalogue.outcomes.states import ItemState
from catalogue.profile import Document, Shape
from catalogue.profile.criteria import CriterionKind, implied, incomplete
from catalogue.profile.shape import NOT_APPLICABLE, Property, reasons_in
from catalogue.profile.values import ConceptValue, Nested
from catalogue.vocabulary import Concept, Vocabularies, Vocabulary

#: What a statement may say instead of yes.
_DENIALS = (ItemState.NOT_COLLECTED, ItemState.NOT_APPLICABLE)


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
    code_of: Callable[[str], str]

    @property
    def subjects(self) -> Vocabulary:
        """The list of subjects."""
        assert isinstance(self.facet.value, ConceptValue)
        return self.facet.value.vocabulary

    def is_met(self, part: Mapping[str, Any]) -> bool:
        """Whether a part says that its subject is collected."""
        assert self.facet.facet is not None
        return self.facet.facet.holds(part, self.code_of)

    def stated(self, part: Mapping[str, Any]) -> ItemState:
        """What a part says of its subject."""
        if self.is_met(part):
            return ItemState.COLLECTED
        code = self.code_of(said) if isinstance(said := part.get(self.state), str) else ""
        return next((one for one in _DENIALS if one.slug == code), ItemState.UNKNOWN)


@dataclass(frozen=True)
class Member:
    """One item of a set: what it says of other concepts, by the name of the relation.

    ``subjects`` are the concepts by which datasets can be found for it; ``applies_to`` the
    treatments or stages it concerns, everybody if there are none.  Of a ``whole``, such as a
    domain of outcomes, one subject is enough for a yes, and a no takes all of them.
    """

    concept: Concept
    related: Mapping[str, Sequence[Concept]] = field(default_factory=dict)
    domains: Sequence[Concept] = ()
    subjects: Sequence[str] = ()
    applies_to: Sequence[str] = ()
    whole: bool = False


@dataclass(frozen=True)
class Cell:
    """What a dataset states about one item, and the part of it that says so.

    ``named`` if that part names the item itself and not only its subject.
    """

    member: Member
    state: ItemState = ItemState.UNKNOWN
    named: bool = False
    part: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether it is collected."""
        return self.state is ItemState.COLLECTED


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
    def applicable(self) -> int:
        """How many items apply to it."""
        return sum(cell.state is not ItemState.NOT_APPLICABLE for cell in self.cells)

    @property
    def unknown(self) -> int:
        """Of how many nobody has said anything."""
        return sum(cell.state is ItemState.UNKNOWN for cell in self.cells)

    @property
    def named(self) -> bool:
        """Whether a statement names an item of the set: somebody had this set in mind."""
        return any(cell.named for cell in self.cells)


class Sets:
    """The sets of some vocabularies, and how datasets of a shape answer their items."""

    def __init__(
        self,
        vocabularies: Vocabularies,
        shape: Shape | None,
        kinds: Mapping[str, CriterionKind],
    ) -> None:
        self._vocabularies, self._shape = vocabularies, shape
        self._incomplete, self._implied = incomplete(kinds), implied(kinds)
        self._members: dict[str, list[Member]] = {}
        self._paths: dict[str, Sequence[Sequence[Property]]] = {}

    # what sets ask for ---------------------------------------------------------------

    @cached_property
    def lists(self) -> Mapping[str, Answers]:
        """The lists of sets that datasets can answer, by name, with how they do."""
        return {
            name: answers
            for name, one in self._vocabularies.items()
            if one.collections and (answers := self._answers_to(name))
        }

    def answers_to(self, vocabulary: str) -> Answers | None:
        """How datasets answer the items of a list; None if they cannot."""
        return self.lists.get(vocabulary)

    @cached_property
    def answers(self) -> Answers | None:
        """How datasets answer the first list there is."""
        return next(iter(self.lists.values()), None)

    @cached_property
    def every(self) -> Mapping[str, Concept]:
        """Every set that datasets can answer, by its code."""
        return {
            one.code: one
            for name in self.lists
            for one in self._vocabularies[name].collections.values()
        }

    def members(self, collection: Concept) -> list[Member]:
        """The items of a set, in its order."""
        if collection.iri not in self._members:
            known = map(self._vocabularies.concept, collection.members)
            self._members[collection.iri] = [self._member(one) for one in known if one]
        return self._members[collection.iri]

    def domain(self, concept: Concept) -> Member:
        """A concept above subjects of another list, as one item: all that is below it."""
        among = self.answers.subjects if self.answers else None
        below = among.concepts.values() if among else ()
        subjects = [one.iri for one in below if concept.iri in (*one.broader, *one.related)]
        for value in subjects:  # grows while it is read
            narrower = among.narrower.get(value, ()) if among else ()
            subjects += [one for one in narrower if one not in subjects]
        return Member(concept, subjects=subjects, whole=True)

    def serving(self, one: Concept) -> tuple[Sequence[Concept], Sequence[Concept]]:
        """The outcomes that speak of a concept (an instrument), and the sets whose items do.

        Both are empty for a concept that is about something else.
        """
        speakers = self._vocabularies.mentions.get(one.iri, ())
        subjects = {answers.subjects.name for answers in self.lists.values()}
        items = {speaker.iri for speaker in speakers if speaker.scheme in self.lists}
        return (
            [speaker for speaker in speakers if speaker.scheme in subjects],
            [found for found in self.every.values() if items.intersection(found.members)],
        )

    def domains_of(self, value: str) -> list[Concept]:
        """The concepts of other lists that a concept belongs under: the domains of an outcome."""
        found = self._vocabularies.concept(value)
        return self._above((found,)) if found else []

    def _answers_to(self, vocabulary: str) -> Answers | None:
        for part in self._shape.stored if self._shape else ():
            if not isinstance(part.value, Nested):
                continue
            inside = part.value.shape.stored
            item = next((one for one in inside if _list_of(one) == vocabulary), None)
            facet = next(
                (one for one in inside if one.facet and one.obligation == "mandatory"), None
            )
            if item and facet and facet.facet and _list_of(facet):
                tests = facet.facet.tests
                state = tests[0].name if tests else ""
                return Answers(part, item, facet, state, self._vocabularies.code)
        return None

    def _member(self, one: Concept) -> Member:
        related: dict[str, list[Concept]] = {}
        for name, values in one.notes.items():
            if name != APPLIES_TO and (concepts := self._known(values)):
                related[name] = concepts
        answers = self.answers_to(one.scheme)
        among = answers.subjects.concepts if answers else {}
        subjects = [found for some in related.values() for found in some if found.iri in among]
        return Member(
            one,
            related,
            self._above((one, *subjects)),
            [one.iri for one in subjects],
            one.notes.get(APPLIES_TO, ()),
        )

    def _above(self, concepts: Sequence[Concept]) -> list[Concept]:
        own = {one.scheme for one in concepts}
        above = [value for one in concepts for value in (*one.broader, *one.related)]
        return [one for one in self._known(dict.fromkeys(above)) if one.scheme not in own]

    def _known(self, values: Iterable[str]) -> list[Concept]:
        return [found for value in values if (found := self._vocabularies.concept(value))]

    # what a dataset states -----------------------------------------------------------

    def cells(self, document: Document, among: Sequence[Member], answers: Answers) -> list[Cell]:
        """What a dataset states about some items, one cell each.

        That something narrower is collected answers an item; that it is not does not.
        """
        said = list(_statements(document, answers))
        return [self._cell(one, document, said, answers) for one in among]

    def _cell(
        self, one: Member, document: Document, said: Sequence[Statement], answers: Answers
    ) -> Cell:
        named, about, below = list[Cell](), dict[str, Cell](), list[Cell]()
        for statement in said:
            cell = Cell(one, statement.state, one.concept.iri in statement.items, statement.part)
            if cell.named and not one.whole:
                named.append(cell)
            if statement.subject in one.subjects:
                about.setdefault(statement.subject, cell)
            if cell.met and statement.is_about(one.subjects, answers.subjects):
                below.append(cell)
        if met := next((cell for cell in (*named, *below) if cell.met), None):
            return met
        if not self.applies(one, document):
            return Cell(one, ItemState.NOT_APPLICABLE)
        if named:
            return named[0]
        if not about or (one.whole and len(about) < len(one.subjects)):
            return Cell(one)
        # Of a whole it is enough for a no that one part of it could be collected and is not.
        return min(about.values(), key=lambda cell: cell.state)

    def applies(self, one: Member, document: Document) -> bool:
        """Whether an item concerns a dataset, or may: who does not say has perhaps all of it."""
        known = [value for value in one.applies_to if self.list_of(value)]
        return not known or not all(self._lacks(document, value) for value in known)

    def _lacks(self, document: Document, value: str) -> bool:
        """Whether a dataset cannot have what a concept stands for.

        It says so of the whole property, or states concepts of its list, and neither this one
        nor one near it; what is named where a list is never complete excludes nothing.
        """
        vocabulary = self._vocabularies[self.list_of(value)]
        above = {one.iri for one in vocabulary.above(value)}

        def is_other(stated: str) -> bool:
            below = (one.iri for one in vocabulary.above(stated))
            near = stated == value or stated in above or value in below
            return stated in vocabulary.concepts and not near

        reasons = reasons_in(document)
        for *within, last in self.paths_to(vocabulary.name):
            whole = within[0] if within else last
            if self._vocabularies.code(reasons.get(whole.name, "")) == NOT_APPLICABLE:
                return True
            if last.name in self._incomplete:
                continue
            parts = within[0].values(document) if within else [document]
            stated = [last.values(part) or self._implied_by(part, whole, last) for part in parts]
            if stated and all(some and all(map(is_other, some)) for some in stated):
                return True
        return False

    def _implied_by(
        self, part: Mapping[str, Any], whole: Property, last: Property
    ) -> Sequence[str]:
        """What the subject of a part says of a property of it."""
        known = self._implied.get((whole.name, last.name), {})
        return [known[one] for one in part.values() if isinstance(one, str) and one in known]

    def list_of(self, value: str) -> str:
        """The list that a concept is of; empty if it is of none."""
        found = self._vocabularies.concept(value)
        return found.scheme if found else ""

    def paths_to(self, scheme: str) -> Sequence[Sequence[Property]]:
        """The properties of datasets and of their parts whose values are of a list."""
        if scheme not in self._paths:
            self._paths[scheme] = list(self._find_paths(scheme))
        return self._paths[scheme]

    def _find_paths(self, scheme: str) -> Iterator[Sequence[Property]]:
        for one in self._shape.stored if self._shape else ():
            if _list_of(one) == scheme:
                yield (one,)
            elif isinstance(one.value, Nested):
                inside = one.value.shape.stored
                yield from ((one, inner) for inner in inside if _list_of(inner) == scheme)

    def shares(self, document: Document) -> list[Share]:
        """The sets a dataset collects something of: those it names, then those it meets most."""
        found: list[Share] = []
        for name, answers in self.lists.items():
            for one in self._vocabularies[name].collections.values():
                share = Share(one, self.cells(document, self.members(one), answers))
                if share.met:
                    found.append(share)
        found.sort(key=lambda one: (not one.named, -one.met / one.applicable, one.set.label()))
        return found


def asks_sets(one: Property) -> bool:
    """Whether a property names items of sets."""
    return isinstance(one.value, ConceptValue) and bool(one.value.vocabulary.collections)


def _list_of(one: Property) -> str:
    return one.value.vocabulary.name if isinstance(one.value, ConceptValue) else ""


@dataclass(frozen=True)
class Statement:
    """One part of a dataset that states something of a subject."""

    part: Mapping[str, Any]
    subject: str
    state: ItemState
    items: Sequence[str]

    def is_about(self, subjects: Sequence[str], among: Vocabulary) -> bool:
        """Whether its subject is one of some, or narrower than one."""
        return self.subject in subjects or any(
            one.iri in subjects for one in among.above(self.subject)
        )


def _statements(document: Document, answers: Answers) -> Iterator[Statement]:
    for part in answers.part.values(document):
        subject = part.get(answers.facet.name)
        if isinstance(subject, str) and (state := answers.stated(part)):
            yield Statement(part, subject, state, answers.item.values(part))
