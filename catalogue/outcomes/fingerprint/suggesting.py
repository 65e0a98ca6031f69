"""What a fingerprint suggests for the description of its dataset; a person confirms each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.outcomes.fingerprint.facts import ages_of, facts
from catalogue.profile import Document, Property, Shape

#: The standard that an OMOP dataset follows, by its code in the vocabulary of standards.
_STANDARD, _MAPPED = "OMOP-CDM", "mapped"


@dataclass(frozen=True)
class Suggestion:
    """A value for a field, beside the one that it would take the place of."""

    field: Property
    value: Any
    now: Any

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.field.name


def suggestions(
    shape: Shape, document: Document, fingerprint: Mapping[str, Any]
) -> list[Suggestion]:
    """What the fingerprint would say otherwise than the document does, field by field."""
    return [
        Suggestion(shape[name], value, document.get(name))
        for name, value in _values(shape, document, fingerprint)
        if name in shape.properties and not _says(shape[name], document.get(name), value)
    ]


def _values(
    shape: Shape, document: Document, fingerprint: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    yield "number_of_unique_individuals", fingerprint["persons"]
    if ages := ages_of(fingerprint):
        yield "min_typical_age", ages[0]
        yield "max_typical_age", ages[1]
    stated = facts(fingerprint)
    if years := stated.get("year"):
        yield "temporal", [{"start_date": str(int(years[0])), "end_date": str(int(years[1]))}]
    if length := stated.get("follow_up_median_years"):
        yield "follow_up_median_years", length[0]
    vocabularies = shape.profile.vocabularies
    yield "omop_status", vocabularies["omop-status"].by_code[_MAPPED].iri
    for name, part in (
        ("omop_cdm_version", "cdm_version"),
        ("omop_vocabulary_version", "vocabulary_version"),
        ("omop_release_date", "cdm_release_date"),
        ("omop_mapping_coverage", "mapping_coverage"),
    ):
        if (value := fingerprint.get(part)) not in (None, ""):
            yield name, value
    standard = vocabularies["standard"].by_code.get(_STANDARD)
    if standard is not None:
        said = document.get("conforms_to") or []
        if standard.iri not in said:
            yield "conforms_to", [*said, standard.iri]


def _says(field: Property, now: Any, value: Any) -> bool:
    """Whether a document says that already, in whatever form it keeps it."""
    if now in (None, "", []):
        return False
    if field.name == "temporal":
        return any(
            (one.get("start_date", "")[:4], one.get("end_date", "")[:4])
            == (value[0]["start_date"], value[0]["end_date"])
            for one in now
            if isinstance(one, dict)
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(now) == float(value)
        except (TypeError, ValueError):
            return False
    return bool(now == value)
