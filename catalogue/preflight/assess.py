"""One record as a portal sees it: what breaks its rules, and what would give more points.

Looked at is what is exported, not what is stored: a holder that is withheld takes a mandatory
contact along.  Checked is by the official profile, without our own additions; a reason for
having no value is one of those, so a portal still sees none.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from catalogue.errors import Problem, Severity
from catalogue.preflight.measures import MEASURES, NO, SOUND, YES, Measuring
from catalogue.profile import Document, Profile, Shape
from catalogue.profile.names import is_record
from catalogue.profile.values import NO_LANGUAGE, Iri, Nested, Reference, Text
from catalogue.rdf.graph import Graphs
from catalogue.rdf.listing import LISTED_IN
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.visibility import WITHHELD, public

#: How bad something can be, the worst first.
SEVERITIES: Sequence[Severity] = ("violation", "warning", "ehds", "quality")
#: The rules of obligation: their words follow from the field, so none are kept.
_OBLIGATIONS = ("mandatory", "recommended", "ehds", "withheld")
_NOT_STATED = "not_stated"
_IDENTIFIER, _START, _END = "dct:identifier", "dcat:startDate", "dcat:endDate"
#: What people or programs follow, beside all that is a ``foaf:Document``.
_FOLLOWED = ("dcat:accessURL", "dcat:downloadURL", "dcat:endpointURL")
_NAMES_OF_HERE = ("localhost", ".localhost", ".local", ".internal", ".lan", ".test", ".invalid")


@dataclass(frozen=True)
class Fault:
    """One broken rule.  ``path`` names the fields and places down to it: ``distribution.0.format``."""

    severity: Severity
    rule: str
    path: str = ""
    message: str = ""

    @property
    def where(self) -> str:
        """The fields down to it, without places."""
        return ".".join(step for step in self.path.split(".") if not step.isdecimal())


@dataclass(frozen=True)
class Named:
    """A record of ours that another one names, and what it must say there."""

    path: str
    iri: str
    needed: tuple[str, ...] = ()
    inlined: bool = False


@dataclass(frozen=True)
class Assessed:
    """What was found in one record; ``named`` is to be looked up, for other records change."""

    faults: Sequence[Fault]
    measures: str = ""
    named: Sequence[Named] = ()
    identifiers: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "faults": [[one.severity, one.rule, one.path, one.message] for one in self.faults],
            "measures": self.measures,
            "named": [[one.path, one.iri, list(one.needed), one.inlined] for one in self.named],
            "identifiers": list(self.identifiers),
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Assessed:
        """As it was kept."""
        return cls(
            [Fault(*one) for one in kept["faults"]],
            kept["measures"],
            [Named(p, iri, tuple(needed), inlined) for p, iri, needed, inlined in kept["named"]],
            kept["identifiers"],
        )


class Assessing:
    """Assesses records by an official profile."""

    def __init__(self, graphs: Graphs, official: Profile) -> None:
        self.graphs = graphs
        self.official = official
        self.measuring = Measuring(graphs.profile)

    def assess(self, record: Record, left_out: str = "") -> Assessed | None:
        """What is found in a record by itself; None if the world may not see it.

        ``left_out`` is what its RDF had to leave out.
        """
        shape = self.graphs.records.shape(record.kind)
        if record.state != PUBLISHED or record.document is None:
            return None
        found = spared(record, lambda: self._found(shape, public(shape, record) or {}))
        if found is None:
            nothing = NO * len(MEASURES) if record.kind == "dataset" else ""
            return Assessed([Fault("violation", "damaged")], nothing)
        if left_out:
            fault = Fault("violation", "left-out", message=left_out)
            return Assessed([fault, *found.faults], found.measures, found.named, found.identifiers)
        return found

    def _found(self, shape: Shape, document: Document) -> Assessed:
        faults = dict.fromkeys(
            [*self._by_profile(shape, document), *_by_harvesters(shape, document)]
        )
        return Assessed(
            list(faults),
            self.measuring.measure(document) if shape.path == "dataset" else "",
            list(self._named(shape, document)),
            [
                str(value)
                for one in shape.stored
                if one.property_id == _IDENTIFIER
                for value in one.values(document)
            ],
        )

    def _by_profile(self, shape: Shape, document: Document) -> Iterator[Fault]:
        """What the official profile has against it."""
        official = self.official.get(shape.name)
        if official is None:
            return
        told = {name: value for name, value in document.items() if name != _NOT_STATED}
        for problem in official.problems(told):
            yield _fault(shape, document, problem)

    def _named(self, shape: Shape, document: Document) -> Iterator[Named]:
        for one, iri in shape.references(document):
            assert isinstance(one.value, Reference)
            if one.name == LISTED_IN:
                continue  # a catalogue nobody can see lists it nowhere: that is no fault of it
            targets = [self.graphs.profile[name].path for name in one.value.targets]
            if is_record(iri) or "agent" in targets:
                yield Named(one.name, iri, one.value.needed, "agent" in targets)


def _fault(shape: Shape, document: Document, problem: Problem) -> Fault:
    rule, path = problem.rule, ".".join(map(str, problem.path))
    if rule in _OBLIGATIONS and len(problem.path) == 1 and document.get(WITHHELD) is True:
        one = shape.properties.get(str(problem.path[0]))
        rule = "withheld" if one is not None and one.visibility == "holder" else rule
    message = "" if rule in _OBLIGATIONS else problem.message
    return Fault(problem.severity, rule, path, message)


def _by_harvesters(shape: Shape, document: Document, path: str = "") -> Iterator[Fault]:
    """What no shape finds and harvesters trip over, parts included."""
    dates: dict[str, str] = {}
    for one in shape.stored:
        for place, value in enumerate(one.values(document)):
            many = one.repeatable and not one.value.gathers
            here = f"{path}{one.name}" + (f".{place}" if many else "")
            if isinstance(one.value, Nested):
                yield from _by_harvesters(one.value.shape, value, here + ".")
            elif isinstance(one.value, Text):
                if NO_LANGUAGE in value:
                    yield Fault("warning", "language", here)
                elif one.column == "title" and not any(tag.startswith("en") for tag in value):
                    yield Fault("quality", "no-english", here)
            elif isinstance(one.value, Iri) and not is_record(value):
                followed = one.value.values == "foaf:Document" or one.property_id in _FOLLOWED
                if is_local(value):
                    yield Fault("warning", "local-address", here, value)
                elif followed and value.startswith("http:"):
                    yield Fault("quality", "insecure-address", here, value)
            elif one.property_id in (_START, _END):
                dates[one.property_id] = value
    if len(dates) == 2:
        precision = min(10, *map(len, dates.values()))
        if dates[_START][:precision] > dates[_END][:precision]:
            yield Fault("warning", "period", path.rstrip("."))


def is_local(address: str) -> bool:
    """Whether an address leads to one's own machine or network."""
    try:
        host = (urlsplit(address).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    if host == "localhost" or host.endswith(_NAMES_OF_HERE):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def measured(assessed: Assessed, *, sound: bool) -> str:
    """The letters of a dataset's measures, once it is known whether it breaks rules."""
    letters = assessed.measures
    return letters and letters[:SOUND] + (YES if sound else NO) + letters[SOUND + 1 :]
