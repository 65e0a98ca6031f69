"""What concepts stand for when they are asked for: narrower ones, families, domains, sets.

Everything follows from the vocabularies and the plan; concepts that columns are searched for
go by list and code, as :meth:`Plan.short` writes them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from catalogue.outcomes.stated import Plan
from catalogue.outcomes.states import ItemState
from catalogue.profile.criteria import CriterionKind
from catalogue.profile.values import ConceptValue
from catalogue.vocabulary import Concept, Vocabulary

#: The notes that say of an item of a set to whom it applies, and of a concept how many months.
APPLIES_TO, _MONTHS = "appliesOnlyTo", "months"
#: The note that a concept says nothing against any other one of its list.
_UNSPECIFIC = "unspecific"
_KEPT = 4_096


@dataclass(frozen=True)
class Member:
    """One item of a set: in which part it is answered, by which subjects, for whom it applies."""

    item: str
    part: str
    subjects: tuple[str, ...]
    applies_to: tuple[str, ...]


class Scope:
    """What concepts stand for under one plan.  Safe between threads."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self._vocabularies = plan, plan.vocabularies
        keep = lru_cache(_KEPT)
        self._below, self.member = keep(self._below_one), keep(self._member)
        self.above, self.places = keep(self._above_one), keep(self._places)
        self.number, self._unspecific = keep(self._number), keep(self._unspecific_of)
        self._under, self._served = keep(self._under_one), keep(self._served_by)

    def list_of(self, values: Collection[str]) -> str:
        """The list that some concepts are of."""
        concept = self._vocabularies.concept(next(iter(values), ""))
        return concept.scheme if concept else ""

    def below(self, values: Iterable[str]) -> list[str]:
        """Some concepts and all narrower ones."""
        return [one for value in values for one in self._below(value)]

    def around(self, values: Collection[str]) -> list[str]:
        """The concepts that leave open whether some concepts are meant: those above them.

        So do those that say nothing against any other, such as the general population.
        """
        found = [self.plan.short(one) for value in values for one in self.above(value)]
        return [*found, *self._unspecific(self.list_of(values))]

    def _unspecific_of(self, list_of: str) -> tuple[str, ...]:
        known = self._vocabularies.get(list_of)
        concepts = known.concepts.values() if known else ()
        return tuple(self.plan.short(one.iri) for one in concepts if _UNSPECIFIC in one.notes)

    def _vocabulary(self, value: str) -> Vocabulary | None:
        concept = self._vocabularies.concept(value)
        return self._vocabularies[concept.scheme] if concept else None

    def _below_one(self, value: str) -> tuple[str, ...]:
        return tuple(map(self.plan.short, self._narrower(value)))

    def _narrower(self, value: str) -> list[str]:
        found, vocabulary = [value], self._vocabulary(value)
        for one in found:  # grows while it is read
            more = vocabulary.narrower.get(one, ()) if vocabulary else ()
            found += [other for other in more if other not in found]
        return found

    def _above_one(self, value: str) -> tuple[str, ...]:
        vocabulary = self._vocabulary(value)
        return vocabulary.iris_above(value) if vocabulary else ()

    def _number(self, name: str) -> float:
        """How many months a concept stands for, by list and code; not a number if none."""
        scheme, _, code = name.partition("/")
        known = self._vocabularies.get(scheme)
        concept = known.by_code.get(code) if known else None
        try:
            return float(concept.notes[_MONTHS][0]) if concept else math.nan
        except (KeyError, IndexError, ValueError):
            return math.nan

    # subjects -----------------------------------------------------------------------

    def under(self, kind: CriterionKind, value: str) -> tuple[str, ...]:
        """The subjects that belong under a concept of another list: outcomes of a domain."""
        return self._under(kind.part, value)

    def _under_one(self, part: str, value: str) -> tuple[str, ...]:
        subjects = self.plan.statings[part].subjects
        wanted = {*self._narrower(value)}
        found = dict.fromkeys(
            below
            for one in subjects.concepts.values()
            if wanted & {*one.related, *one.broader}
            for below in self._narrower(one.iri)
        )
        return tuple(found)

    def same(self, part: str, name: str, value: str) -> tuple[str, ...]:
        """What beside the subject of a part is the same as a subject, or as a narrower one.

        Some stages are conditions: *localised prostate cancer* is either.
        """
        known = self.plan.implied.get((part, name), {})
        return tuple(known[one] for one in self._narrower(value) if one in known) if known else ()

    def served(self, kind: CriterionKind, value: str) -> tuple[str, ...]:
        """The subjects of which a list says that a concept, or one of its family, belongs to them.

        An instrument serves the outcomes that are measured with it.
        """
        return self._served(kind.part, value)

    def _served_by(self, part: str, value: str) -> tuple[str, ...]:
        subjects = self.plan.statings[part].subjects
        mentions = self._vocabularies.mentions
        family = (*self._narrower(value), *self.above(value))
        return tuple(
            dict.fromkeys(
                speaker.iri
                for one in family
                for speaker in mentions.get(one, ())
                if speaker.iri in subjects.concepts
            )
        )

    # sets ---------------------------------------------------------------------------

    def members(self, collection: str) -> tuple[str, ...]:
        """The items of a set, in its order."""
        found = self._vocabularies.concept(collection)
        return found.members if found else ()

    def items(self, part: str) -> list[str]:
        """The columns of a part that name items of sets."""
        inside = self.plan.inside(part)
        found = []
        for name in self.plan.parts[part].concepts:
            value = inside[name].value
            if isinstance(value, ConceptValue) and value.vocabulary.collections:
                found.append(name)
        return found

    def inapplicable(self, part: str) -> str:
        """What a part says of a subject that cannot occur."""
        return f"{self.plan.statings[part].states.name}/{ItemState.NOT_APPLICABLE.slug}"

    def _member(self, item: str) -> Member:
        """What an item of a set asks."""
        concept = self._vocabularies.concept(item)
        part = self._part_of(concept)
        if concept is None or part not in self.plan.statings:
            return Member(item, part, (), ())
        among = self.plan.statings[part].subjects.concepts
        spoken = [value for values in concept.notes.values() for value in values]
        return Member(
            item,
            part,
            tuple(dict.fromkeys(one for one in spoken if one in among)),
            tuple(
                one for one in concept.notes.get(APPLIES_TO, ()) if self._vocabularies.concept(one)
            ),
        )

    def _part_of(self, concept: Concept | None) -> str:
        """The part in which datasets name the items of a list."""
        for part in self.plan.statings:
            inside = self.plan.inside(part)
            for name in self.items(part):
                value = inside[name].value
                if (
                    concept
                    and isinstance(value, ConceptValue)
                    and value.vocabulary.name == concept.scheme
                ):
                    return part
        return next(iter(self.plan.statings), "")

    def _places(self, value: str) -> tuple[tuple[str, str], ...]:
        """The columns that hold concepts of the list of a concept: (part or empty, name)."""
        scheme = self.list_of((value,))
        plain = [("", name, one) for name, one in self.plan.concepts.items()]
        inside = [
            (part, name, self.plan.inside(part)[name])
            for part, plan in self.plan.parts.items()
            for name in plan.concepts
        ]
        return tuple(
            (part, name)
            for part, name, one in (*plain, *inside)
            if isinstance(one.value, ConceptValue) and one.value.vocabulary.name == scheme
        )
