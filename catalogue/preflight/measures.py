"""The score that data.europa.eu gives to descriptions, as a table.

Sources: the methodology of its Metadata Quality Assessment,
https://data.europa.eu/mqa/methodology, told in
https://dataeuropa.gitlab.io/data-provider-manual/metadata-quality-dashboard/ ; the formats in
``formats.csv`` are those of its lists ``edp-non-proprietary-format`` and
``edp-machine-readable-format``, https://gitlab.com/european-data-portal/edp-vocabularies .

It counts by dataset; of several distributions the one with the most points counts.  Whether an
address can be reached nobody knows who has not asked there: that is unknown here, never no.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from catalogue.profile import Document, Profile, Shape
from catalogue.profile.values import ConceptValue, Nested

YES, NO, UNKNOWN = "1", "0", "?"
#: The dimensions in their order.
DIMENSIONS = ("Findability", "Accessibility", "Interoperability", "Reusability", "Contextuality")
#: The ratings, each from so many points on.
RATINGS = ((351, "excellent"), (221, "good"), (121, "sufficient"), (0, "bad"))
#: The property of a dataset that holds its distributions.
_DISTRIBUTION = "dcat:distribution"
_FORMATS = Path(__file__).with_name("formats.csv")


@dataclass(frozen=True)
class Measure:
    """One thing that gives points.

    ``of`` is where it is looked for: the dataset, its distributions, or both.  ``test`` says
    what must hold of the properties: given, listed (from a vocabulary), open, readable,
    reachable; ``sound`` is that no rule is broken.
    """

    name: str
    dimension: str
    points: int
    of: str
    properties: tuple[str, ...]
    test: str = "given"


_F, _A, _I, _R, _C = DIMENSIONS
MEASURES: Sequence[Measure] = (
    Measure("Keywords", _F, 30, "dataset", ("dcat:keyword",)),
    Measure("Themes", _F, 30, "dataset", ("dcat:theme",)),
    Measure("Place", _F, 20, "dataset", ("dct:spatial",)),
    Measure("Period", _F, 20, "dataset", ("dct:temporal",)),
    Measure("Access address answers", _A, 50, "distribution", ("dcat:accessURL",), "reachable"),
    Measure("Download address", _A, 20, "distribution", ("dcat:downloadURL",)),
    Measure("Download address answers", _A, 30, "distribution", ("dcat:downloadURL",), "reachable"),
    Measure("File format", _I, 20, "distribution", ("dct:format",)),
    Measure("Media type", _I, 10, "distribution", ("dcat:mediaType",)),
    Measure("From the lists", _I, 10, "distribution", ("dct:format", "dcat:mediaType"), "listed"),
    Measure("Open format", _I, 20, "distribution", ("dct:format",), "open"),
    Measure("Machine-readable format", _I, 20, "distribution", ("dct:format",), "readable"),
    Measure("Conforms to the profile", _I, 30, "dataset", (), "sound"),
    Measure("Licence", _R, 20, "distribution", ("dct:license",)),
    Measure("Licence from the list", _R, 10, "distribution", ("dct:license",), "listed"),
    Measure("Access rights", _R, 10, "dataset", ("dct:accessRights",)),
    Measure("Access rights from the list", _R, 5, "dataset", ("dct:accessRights",), "listed"),
    Measure("Contact", _R, 20, "dataset", ("dcat:contactPoint",)),
    Measure("Publisher", _R, 10, "dataset", ("dct:publisher",)),
    Measure("Conditions of access", _C, 5, "distribution", ("dct:rights",)),
    Measure("Size in bytes", _C, 5, "distribution", ("dcat:byteSize",)),
    Measure("Date of release", _C, 5, "either", ("dct:issued",)),
    Measure("Date of last change", _C, 5, "either", ("dct:modified",)),
)
MOST = sum(one.points for one in MEASURES)
#: Which of them is known only once all problems are.
SOUND = next(place for place, one in enumerate(MEASURES) if one.test == "sound")


def rating(points: float) -> str:
    """The rating of a number of points."""
    return next(name for least, name in RATINGS if points >= least)


class Measuring:
    """Measures documents under a profile."""

    def __init__(self, profile: Profile) -> None:
        self._dataset = profile.records["dataset"]
        self._vocabularies = profile.vocabularies

    @cached_property
    def _formats(self) -> Mapping[str, Mapping[str, str]]:
        with _FORMATS.open(encoding="utf-8", newline="") as file:
            return {row["format"]: row for row in csv.DictReader(file)}

    def measure(self, document: Document) -> str:
        """One letter for each measure: yes, no or unknown; soundness is left unknown."""
        parts = [
            (one.value.shape, part)
            for one in self._dataset
            if one.property_id == _DISTRIBUTION and isinstance(one.value, Nested)
            for part in one.values(document)
        ]
        whole = [(self._dataset, document)]
        places = {"dataset": whole, "distribution": parts, "either": [*whole, *parts]}
        return "".join(
            UNKNOWN if one.test == "sound" else self._best(one, places[one.of]) for one in MEASURES
        )

    def _best(self, one: Measure, places: Iterable[tuple[Shape, Document]]) -> str:
        found = {self._look(one, shape, document) for shape, document in places}
        return YES if YES in found else UNKNOWN if UNKNOWN in found else NO

    def _look(self, one: Measure, shape: Shape, document: Document) -> str:
        held = False
        for row in shape.stored:
            if row.property_id not in one.properties:
                continue
            for value in row.values(document):
                if one.test == "given":
                    return YES
                if one.test == "reachable":
                    return UNKNOWN
                if one.test == "listed":
                    held = held or self._is_listed(row.value, value)
                else:
                    column = {"open": "open", "readable": "machine_readable"}[one.test]
                    code = self._vocabularies.code(value)
                    held = held or self._formats.get(code, {}).get(column) == "yes"
        return YES if held else NO

    def _is_listed(self, kind: object, value: object) -> bool:
        """Whether a value, or the name of a part, is one of a vocabulary's concepts."""
        if isinstance(kind, ConceptValue):
            return isinstance(value, str) and kind.vocabulary.accepts(value)
        name = value.get("id", "") if isinstance(value, dict) else ""
        return name in self._vocabularies["licence"].concepts


@dataclass(frozen=True)
class Line:
    """How many datasets have what gives points: yes, and unknown; of so many."""

    measure: Measure
    yes: int
    unknown: int
    of: int

    @property
    def points(self) -> float:
        """The points that are sure, as the mean of all datasets."""
        return self.measure.points * self.yes / self.of if self.of else 0.0

    @property
    def possible(self) -> float:
        """The points there would be if all that is unknown were so."""
        return self.measure.points * (self.yes + self.unknown) / self.of if self.of else 0.0


@dataclass(frozen=True)
class Score:
    """The points of one dataset or of many, by dimension."""

    lines: Sequence[Line]

    @classmethod
    def of(cls, counts: Sequence[Sequence[int]], datasets: int) -> Score:
        """The score of some datasets, given (yes, unknown) for each measure."""
        return cls(
            [
                Line(one, yes, unknown, datasets)
                for one, (yes, unknown) in zip(MEASURES, counts, strict=True)
            ]
        )

    @property
    def points(self) -> float:
        """The points that are sure."""
        return sum(one.points for one in self.lines)

    @property
    def possible(self) -> float:
        """The points there would be if all that is unknown were so."""
        return sum(one.possible for one in self.lines)

    @property
    def most(self) -> int:
        """The points there can be."""
        return sum(one.measure.points for one in self.lines)

    @property
    def ratings(self) -> tuple[str, ...]:
        """The rating that is sure, and the one that is possible if that is another."""
        return tuple(dict.fromkeys((rating(round(self.points)), rating(round(self.possible)))))

    def by_dimension(self) -> Mapping[str, Score]:
        """The score of each dimension."""
        return {
            name: Score([one for one in self.lines if one.measure.dimension == name])
            for name in DIMENSIONS
        }
