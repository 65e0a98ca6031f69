"""Kinds of criteria: what a question may ask of every dataset, and how the answer is found.

A row of ``criteria.csv`` names the property that answers (``subject``, within ``part`` where it
stands in a part), what may be asked of the same part beside it (``with``), and the ``test``:

``any``       a stated value is one of those asked for, or narrower; another stated value is a no
``named``     as ``any``, but what is not named is not stated: such a list is never complete
``state``     the statement about the subject says that it is collected, or that it is not
``domain``    as ``state``, for any subject below a concept of another list (``values``)
``coverage``  at least so many of the applicable items of a set are collected
``least``     a number is at least so great; ``most``: at most
``covers``    a stated interval holds the one asked for; ``overlaps``: shares something with it

``also`` names parts of a description whose concepts and words answer too (a dictionary of
variables), and ``ceiling`` a number that the answer is never greater than.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalogue.errors import FaultyTable
from catalogue.profile.ranges import Range
from catalogue.profile.shape import Property, Shape
from catalogue.profile.tables import Row
from catalogue.profile.values import ConceptValue, Nested
from catalogue.vocabulary import Vocabularies, Vocabulary

#: The tests of numbers, and those of concepts.
NUMBERS = frozenset({"least", "most", "covers", "overlaps"})
CONCEPTS = frozenset({"any", "named", "state", "domain", "coverage"})
#: The rows that sentences, the cube and the pages of sets know by name, and two qualifiers.
CONDITION, OUTCOME, INSTRUMENT = "condition", "outcome", "instrument"
OUTCOME_DOMAIN, SET, SOURCE_TYPE = "outcome_domain", "core_outcome_set", "source_type"
STAGE, TIMING = "stage", "timing"
#: The qualifier that is no property: how many items of a set at least.
LEAST = "least"
#: The note of a stage that says which condition it is.
SAME_SUBJECT = "isCondition"


@dataclass(frozen=True)
class CriterionKind:
    """One kind of criterion.

    ``path`` is where the answer stands in a document: what an owner is asked for.  Exactly
    one of ``vocabulary`` (its values are concepts or, with ``coverage``, sets) and ``unit``
    or a bare number applies.  ``qualifiers`` are asked of the same part; those without a
    vocabulary are least numbers.  ``range`` is the interval that answers, if it is one of
    ``ranges.csv``.
    """

    name: str
    label: str
    test: str
    path: tuple[str, ...]
    vocabulary: Vocabulary | None = None
    qualifiers: Mapping[str, Vocabulary | None] = field(default_factory=dict)
    unit: str = ""
    note: str = ""
    range: Range | None = None
    also: tuple[str, ...] = ()
    ceiling: str = ""

    @property
    def part(self) -> str:
        """The property that holds the parts that answer; empty if the dataset itself does."""
        return self.path[0] if len(self.path) > 1 and self.range is None else ""

    @property
    def subject(self) -> str:
        """The property that answers, within the part if there is one."""
        return self.range.name if self.range else self.path[-1]

    @property
    def is_number(self) -> bool:
        """Whether a number or an interval is asked for."""
        return self.test in NUMBERS

    @classmethod
    def of(
        cls,
        name: str,
        row: Row,
        shape: Shape,
        ranges: Mapping[str, Range],
        vocabularies: Vocabularies,
    ) -> CriterionKind:
        """Read a row; raises :class:`FaultyTable` that says what is wrong with it."""
        test, subject, part = row["test"], row["subject"], row["part"]
        if test not in NUMBERS | CONCEPTS:
            known = ", ".join(sorted(NUMBERS | CONCEPTS))
            raise FaultyTable(f'test is "{test}"; there are {known}')
        if test in NUMBERS and subject in ranges:
            path, ceiling = ranges[subject].first[:1], row["ceiling"]
            if ceiling:
                _property(shape, ceiling)
            return cls(
                name,
                row["label"],
                test,
                path,
                unit=row["unit"],
                note=row["note"],
                range=ranges[subject],
                ceiling=ceiling,
            )
        inside = shape
        if part:
            value = _property(shape, part).value
            if not isinstance(value, Nested):
                raise FaultyTable(f'"{part}" has no parts')
            inside = value.shape
        one = _property(inside, subject)
        return cls(
            name,
            row["label"] or one.label,
            test,
            (part, subject) if part else (subject,),
            _vocabulary(one, row["values"], vocabularies) if test in CONCEPTS else None,
            {
                other: None if other == LEAST else _of(_property(inside, other))
                for other in row["with"].split()
            },
            row["unit"],
            row["note"] or one.note,
            also=_parts(shape, row["also"]),
        )


def _parts(shape: Shape, path: str) -> tuple[str, ...]:
    """A path of parts such as ``variables.table.column``."""
    names, inside = tuple(filter(None, path.split("."))), shape
    for name in names:
        value = _property(inside, name).value
        if not isinstance(value, Nested):
            raise FaultyTable(f'"{name}" has no parts')
        inside = value.shape
    return names


def incomplete(kinds: Mapping[str, CriterionKind]) -> frozenset[str]:
    """The properties of datasets whose values are never all there are: treatments, variables."""
    return frozenset(one.subject for one in kinds.values() if one.test == "named" and not one.part)


def implied(kinds: Mapping[str, CriterionKind]) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """What the subject of a part says of what may be asked beside it.

    A concept beside the subject (a stage) may be the same as a subject (a narrower condition):
    its list says so.  By part and name: for every such subject the concept that it is.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for kind in kinds.values():
        for name, vocabulary in kind.qualifiers.items() if kind.part else ():
            for one in vocabulary.concepts.values() if vocabulary else ():
                for subject in one.notes.get(SAME_SUBJECT, ()):
                    found.setdefault((kind.part, name), {})[subject] = one.iri
    return found


def _property(shape: Shape, name: str) -> Property:
    if name not in shape.properties:
        raise FaultyTable(f'{shape.label} has no property "{name}"')
    return shape[name]


def _of(one: Property) -> Vocabulary | None:
    return one.value.vocabulary if isinstance(one.value, ConceptValue) else None


def _vocabulary(one: Property, named: str, vocabularies: Vocabularies) -> Vocabulary:
    if named and named not in vocabularies:
        raise FaultyTable(f'there is no vocabulary "{named}"')
    found = vocabularies[named] if named else _of(one)
    if found is None:
        raise FaultyTable(f'"{one.name}" has no vocabulary; give one in values')
    return found
