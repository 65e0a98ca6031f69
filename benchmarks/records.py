"""Realistic records by the thousand: the same seed gives the same records."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from catalogue.profile import Profile
from catalogue.profile.values import ConceptValue

_PLACES = (
    "Ghent",
    "Uppsala",
    "Porto",
    "Tartu",
    "Lyon",
    "Graz",
    "Leiden",
    "Bergen",
    "Krakow",
    "Bologna",
    "Zagreb",
    "Cork",
    "Malmö",
    "Bristol",
    "Vilnius",
    "Basel",
    "Nantes",
    "Turku",
)
_DESIGNS = (
    "registry",
    "cohort",
    "biobank",
    "hospital records",
    "claims database",
    "trial archive",
    "quality register",
    "primary care records",
    "survey",
    "screening programme",
)
_SENTENCES = (
    "Everybody admitted since {year} is included unless they object.",
    "Diagnoses, prescriptions and laboratory results are recorded at each visit.",
    "Vital status is updated every {months} months from the population register.",
    "Questionnaires on quality of life are sent at baseline and yearly afterwards.",
    "Linkage with hospital discharges is possible project by project.",
    "Samples of blood are kept for about {percent} per cent of the people.",
    "Access is given to researchers of public institutions after review by a committee.",
    "The data are pseudonymised and analysed in a secure environment.",
)
AGENTS = 400


def agents() -> Iterator[tuple[str, dict[str, Any]]]:
    """The organisations that the datasets refer to."""
    for n in range(AGENTS):
        place = _PLACES[n % len(_PLACES)]
        yield (
            f"agent-{n}",
            {
                "name": {"en": f"University Hospital {place} {n}"},
                "contact_details": {"contact_page": f"https://hospital-{n}.example.org/contact"},
            },
        )


def datasets(profile: Profile, count: int, seed: int = 7) -> Iterator[tuple[str, dict[str, Any]]]:
    """Datasets of about sixty statements each, not public, with outcomes and conditions."""
    random_ = random.Random(seed)
    shape = profile["Dataset"]

    def some(name: str, most: int, shape_name: str = "Dataset") -> list[str]:
        value = profile[shape_name][name].value
        assert isinstance(value, ConceptValue)
        concepts = list(value.vocabulary.concepts)
        return sorted(set(random_.choices(concepts, k=random_.randint(1, most))))

    def one(name: str, shape_name: str = "Dataset") -> str:
        return some(name, 1, shape_name)[0]

    heal = shape["theme"].value.included  # type: ignore[attr-defined]
    legal = "http://data.europa.eu/eli/reg/2025/327/oj"
    rights = shape["access_rights"].value
    assert isinstance(rights, ConceptValue)
    closed = rights.vocabulary.by_code["NON_PUBLIC"].iri
    for n in range(count):
        condition = one("condition", "StudiedCondition")
        words = profile.vocabularies.label(condition)
        place, design = random_.choice(_PLACES), random_.choice(_DESIGNS)
        year, agent = random_.randint(1970, 2024), f"id/agent/agent-{random_.randrange(AGENTS)}"
        facts = {"year": year, "months": random_.randint(1, 24), "percent": random_.randint(5, 95)}
        yield (
            f"d-{n}",
            {
                "title": {"en": f"{words} {design} of {place} {n}"},
                "description": {
                    "en": " ".join(s.format(**facts) for s in random_.sample(_SENTENCES, k=5))
                },
                "identifier": [f"d-{n}"],
                "access_rights": closed,
                "applicable_legislation": [legal],
                "theme": [heal],
                "health_category": some("health_category", 2),
                "health_theme": some("health_theme", 2),
                "source_type": some("source_type", 2),
                "dataset_type": some("dataset_type", 1),
                "coding_system": some("coding_system", 3),
                "language": some("language", 1),
                "spatial": some("spatial", 2),
                "frequency": one("frequency"),
                "hdab": "id/agent/agent-0",
                "publisher": agent,
                "custodian": agent,
                "structured_data": False,
                "contact_point": [
                    {"contact_name": f"{design} desk", "email": f"desk{n}@example.org"}
                ],
                "keyword": {"en": [words, design, place]},
                "provenance": [{"label": {"en": "Collected in routine care."}}],
                "distribution": [
                    {
                        "title": {"en": "On application"},
                        "access_url": [f"https://access.example.org/{n}"],
                        "applicable_legislation": [legal],
                        "rights": [{"label": {"en": "After approval by the committee."}}],
                    }
                ],
                "number_of_unique_individuals": int(10 ** random_.uniform(2, 7)),
                "temporal": [{"start_date": str(year)}],
                "studied_condition": [
                    {"condition": condition, "persons": random_.randint(50, 90000)}
                ],
                "outcome_statement": [
                    {
                        "outcome": one("outcome", "OutcomeStatement"),
                        "state": one("state", "OutcomeStatement"),
                        "instrument": some("instrument", 2, "OutcomeStatement"),
                    }
                    for _ in range(3)
                ],
                "omop_status": one("omop_status"),
                "follow_up_median_years": round(random_.uniform(0.5, 20), 1),
            },
        )
