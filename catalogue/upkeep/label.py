"""The quality and utility label, worked out from what a description says.

Groups, dimensions, weights and classes stand in ``schemas/label.toml``.  The result is this
catalogue's own calculation, told apart from certificates that a holder names: it is never
part of the description, but a document of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogue.errors import FaultyTable
from catalogue.profile import Profile, Property, Shape
from catalogue.profile.form import Section, is_asked
from catalogue.profile.shape import NOT_APPLICABLE, reasons_in
from catalogue.profile.values import Nested
from catalogue.terms import RDF_TYPE, Statement, iri, literal

_FILE = "label.toml"
DQV = "http://www.w3.org/ns/dqv#"
_OA = "http://www.w3.org/ns/oa#"
_DCT = "http://purl.org/dc/terms/"
_PROV = "http://www.w3.org/ns/prov#"


@dataclass(frozen=True)
class Class:
    """One class, and the share of the weights from which on it holds, in percent."""

    name: str
    label: str
    start: float


@dataclass(frozen=True)
class Dimension:
    """One dimension: what answers it, as paths of properties."""

    key: str
    label: str
    weight: float
    evidence: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Group:
    """The dimensions of one group of Article 78."""

    key: str
    label: str
    dimensions: Sequence[Dimension]


@dataclass(frozen=True)
class Evidence:
    """One property that is looked for; ``stated`` tells whether it says something.

    ``group`` is the anchor of the section of the dataset's page where it stands.
    """

    label: str
    name: str
    stated: bool
    group: str = ""


@dataclass(frozen=True)
class Answered:
    """What a dataset answers to one dimension."""

    dimension: Dimension
    evidence: Sequence[Evidence]

    @property
    def share(self) -> float:
        """The share of the evidence that is stated; one of nothing is left out of the sum."""
        stated = sum(one.stated for one in self.evidence)
        return stated / len(self.evidence) if self.evidence else 0.0

    @property
    def weight(self) -> float:
        """Its weight; none where nothing is asked of this dataset."""
        return self.dimension.weight if self.evidence else 0.0


@dataclass(frozen=True)
class Graded:
    """A group, or the whole, with its share and its class."""

    label: str
    key: str
    answers: Sequence[Answered]
    share: float
    grade: Class

    @property
    def percent(self) -> int:
        """The share in whole percent."""
        return int(round(100 * self.share, 6))


@dataclass(frozen=True)
class Label:
    """The label of one dataset."""

    whole: Graded
    groups: Sequence[Graded]


class Labelling:
    """Works labels out; raises :class:`FaultyTable` if the file is wrong."""

    def __init__(self, profile: Profile, schemas: Path) -> None:
        self._shape = profile.records["dataset"]
        self._profile = profile
        file = schemas / _FILE
        try:
            said = tomllib.loads(file.read_text(encoding="utf-8"))
            self.version, self.title, self.note = (
                str(said[name]) for name in ("version", "title", "note")
            )
            self.classes = [
                Class(one["name"], one["label"], float(one["from"])) for one in said["class"]
            ]
            self.groups = [self._group(one) for one in said["group"]]
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise FaultyTable(f"{file}: cannot be read: {error!r}") from None
        starts = [one.start for one in self.classes]
        if not starts or starts != sorted(set(starts), reverse=True) or starts[-1] != 0:
            raise FaultyTable(f"{file}: the classes go down, and the last begins at 0")

    def _group(self, said: Mapping[str, Any]) -> Group:
        return Group(
            said["key"],
            said["label"],
            [
                Dimension(
                    one["key"],
                    one["label"],
                    float(one.get("weight", 1)),
                    # A property that the profile in force lacks cannot be asked for.
                    [path for path in map(_path, one["evidence"]) if self._rows(path)],
                )
                for one in said["dimension"]
            ],
        )

    def label(self, document: Mapping[str, Any]) -> Label:
        """The label of a document; of an empty one the lowest class."""
        groups = [self._graded(one, document) for one in self.groups]
        answers = [answer for one in groups for answer in one.answers]
        return Label(self._grade(self.title, "", answers), groups)

    def _graded(self, group: Group, document: Mapping[str, Any]) -> Graded:
        answers = [Answered(one, list(self._look(one, document))) for one in group.dimensions]
        return self._grade(group.label, group.key, answers)

    def _grade(self, label: str, key: str, answers: Sequence[Answered]) -> Graded:
        most = sum(one.weight for one in answers)
        share = sum(one.weight * one.share for one in answers) / most if most else 0.0
        share = round(share, 9)  # a class that begins at 65 begins at 13 of 20
        grade = next(one for one in self.classes if 100 * share >= one.start)
        return Graded(label, key, answers, share, grade)

    def _look(self, one: Dimension, document: Mapping[str, Any]) -> Iterator[Evidence]:
        reasons = reasons_in(document)
        code_of = self._profile.vocabularies.code
        for path in one.evidence:
            rows = self._rows(path)
            if not is_asked(rows[0], document, self._shape):
                continue
            if code_of(reasons.get(path[0], "")) == NOT_APPLICABLE:
                continue
            values = rows[0].values(document)
            stated = any(rows[1].values(part) for part in values) if len(rows) > 1 else bool(values)
            label = ": ".join(row.label for row in rows)
            yield Evidence(label, path[0], stated, Section(rows[0].group, ()).slug)

    def _rows(self, path: Sequence[str]) -> Sequence[Property]:
        """The properties along a path; none if the profile lacks one of them."""
        shape: Shape | None = self._shape
        rows = []
        for name in path:
            if shape is None or name not in shape.properties:
                return ()
            rows.append(shape[name])
            value = shape[name].value
            shape = value.shape if isinstance(value, Nested) else None
        return rows

    def statements(
        self, label: Label, dataset: str, page: str, catalogue: str, own: str
    ) -> Iterator[Statement]:
        """The label as a ``dqv:QualityAnnotation`` by the catalogue, and measurements by group."""
        note = iri(f"{page}#label")
        yield iri(dataset), f"<{DQV}hasQualityAnnotation>", note
        yield note, RDF_TYPE, f"<{DQV}QualityAnnotation>"
        yield note, f"<{_OA}hasTarget>", iri(dataset)
        yield note, f"<{_OA}hasBody>", iri(page)
        yield note, f"<{_OA}motivatedBy>", f"<{DQV}qualityAssessment>"
        yield note, f"<{_PROV}wasAttributedTo>", iri(catalogue)
        said = (
            f"Class {label.whole.grade.name}: {label.whole.grade.label.lower()}. Computed by this "
            f"catalogue from the description (label.toml {self.version}); not an official label."
        )
        yield note, f"<{_DCT}description>", literal(said, language="en")
        for one in (label.whole, *label.groups):
            node = iri(f"{page}#{one.key or 'whole'}")
            yield iri(dataset), f"<{DQV}hasQualityMeasurement>", node
            yield node, RDF_TYPE, f"<{DQV}QualityMeasurement>"
            yield node, f"<{DQV}computedOn>", iri(dataset)
            metric = iri(f"{own}label-{one.key or 'whole'}")
            yield node, f"<{DQV}isMeasurementOf>", metric
            yield node, f"<{DQV}value>", literal(str(one.percent), datatype=_INTEGER)
            yield metric, RDF_TYPE, f"<{DQV}Metric>"
            yield metric, f"<{_DCT}title>", literal(f"{one.label} (share stated, %)", language="en")


_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.split("."))
