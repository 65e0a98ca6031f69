"""Realistic records by the thousand: the same seed gives the same records.

``datasets`` are what the core is measured with.  ``described`` adds to them what a search
needs to be tried on: prose in the words of the demonstration descriptions, invented names
with a long tail, values that are common and values that are rare, and every range.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

from catalogue.folders import folder
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
#: The first one stands for the whole network, which the settings name.
NETWORKS = ("bd4bo", *(f"network-{n}" for n in range(1, 12)))
_SYLLABLES = [c + v for c in "bdfghklmnprstvz" for v in "aeiou"]


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
                "number_of_unique_individuals": (people := int(10 ** random_.uniform(2, 7))),
                "temporal": [{"start_date": str(year)}],
                "studied_condition": [
                    {"condition": condition, "persons": min(people, random_.randint(50, 90000))}
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


def catalogues() -> Iterator[tuple[str, dict[str, Any]]]:
    """The catalogues that list the datasets of :func:`described`."""
    for n, key in enumerate(NETWORKS):
        yield (
            key,
            {
                "title": {"en": f"Network {_name(n)}"},
                "description": {"en": "Sources that one network brought together."},
                "publisher": "id/agent/agent-0",
                "applicable_legislation": ["http://data.europa.eu/eli/reg/2025/327/oj"],
                "listed_in": [f"id/catalogue/{NETWORKS[0]}"] if n else [],
            },
        )


def described(profile: Profile, count: int, seed: int = 7) -> Iterator[tuple[str, dict[str, Any]]]:
    """The same datasets, told at the length and with the spread of real ones."""
    random_ = random.Random(seed + 1)
    sentences = _sentences()

    def some(name: str, most: int, shape: str = "Dataset") -> list[str]:
        """Some concepts: the first ones of a list often, the last ones hardly ever."""
        value = profile[shape][name].value
        assert isinstance(value, ConceptValue)
        concepts = list(value.vocabulary.concepts)
        wanted = random_.randint(1, most)
        return sorted({concepts[_rank(random_, len(concepts))] for _ in range(wanted)})

    state = profile["OutcomeStatement"]["state"].value
    assert isinstance(state, ConceptValue)
    collected = state.vocabulary.by_code["collected"].iri
    for key, document in datasets(profile, count, seed):
        study, founder, town = (_name(_number(random_)) for _ in range(3))
        prose = [*random_.choices(sentences, k=random_.randint(3, 6)), f"Founded by {founder}."]
        random_.shuffle(prose)
        document["title"]["en"] = f"{study} {document['title']['en']}"
        document["alternative"] = {"en": [study.upper()[:6]]}
        document["description"]["en"] += " " + " ".join(prose)
        document["population_coverage"] = {"en": f"People of {town}. {random_.choice(sentences)}"}
        networks = {_rank(random_, len(NETWORKS)) for _ in range(random_.randint(1, 2))}
        document["listed_in"] = [f"id/catalogue/{NETWORKS[n]}" for n in sorted(networks)]
        document["access_rights"] = random_.choices(*_rights(profile))[0]
        document["spatial"] = some("spatial", 3)
        document["source_type"] = some("source_type", 2)
        people = document["number_of_unique_individuals"]
        document["studied_condition"] += [
            {"condition": one, "persons": min(people, int(10 ** random_.uniform(1, 5)))}
            for one in some("condition", 2, "StudiedCondition")
        ]
        for part in document["studied_condition"]:
            if random_.random() < 0.4:
                part["stage"] = some("stage", 2, "StudiedCondition")
        for part in document["outcome_statement"]:
            if random_.random() < 0.6:
                part["outcome"] = some("outcome", 1, "OutcomeStatement")[0]
                part["state"] = collected
        if random_.random() < 0.5:
            document["temporal"][0]["end_date"] = str(
                min(2025, int(document["temporal"][0]["start_date"]) + random_.randint(1, 40))
            )
        youngest = random_.choice((0, 0, 16, 18, 18, 40, 50, 65))
        for name, more in (
            ("selection", {"selection": some("selection", 1)}),
            ("biosamples", {"biosamples": some("biosamples", 1)[0]}),
            ("recontact", {"recontact": some("recontact", 1)[0]}),
            ("access_route", {"access_route": some("access_route", 2)}),
            ("age", {"min_typical_age": youngest, "max_typical_age": youngest + 35}),
            ("lag_months", {"lag_months": round(random_.expovariate(1 / 8), 1)}),
            ("access_time_months", {"access_time_months": round(random_.uniform(0.5, 18), 1)}),
            (
                "linkage",
                {
                    "linkage": [
                        {
                            "linkage_possibility": some("linkage_possibility", 1, "Linkage")[0],
                            "linked_with": {"en": "Hospital discharges"},
                        }
                    ]
                },
            ),
        ):
            if random_.random() < (0.4 if name == "access_time_months" else 0.7):
                document.update(more)
        yield key, document


def _sentences() -> list[str]:
    """Every sentence of the demonstration descriptions, in a settled order."""
    found: list[str] = []
    for file in sorted((folder("seed_data") / "dataset").glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        for name in ("description", "population_coverage"):
            text = document.get(name, {}).get("en", "")
            found += [one for one in re.split(r"(?<=[.;])\s+", text) if len(one) > 30]
    return found


def _rights(profile: Profile) -> tuple[list[str], list[int]]:
    value = profile["Dataset"]["access_rights"].value
    assert isinstance(value, ConceptValue)
    known = value.vocabulary.by_code
    return [known["RESTRICTED"].iri, known["NON_PUBLIC"].iri, known["PUBLIC"].iri], [70, 25, 5]


def _rank(random_: random.Random, count: int) -> int:
    """A place in a list: the n-th about as often as 1/n."""
    return min(int(count ** random_.random()), count) - 1


def _number(random_: random.Random) -> int:
    """The number of an invented name: a few are in one record of thirty, most in one or two."""
    return int(20 * random_.paretovariate(0.7)) % len(_SYLLABLES) ** 3


def _name(number: int) -> str:
    """An invented name that can be said; each number has its own."""
    base = len(_SYLLABLES)
    number = number * 7919 % base**3  # neighbours look different
    parts = (number // base**2, number // base % base, number % base)
    return "".join(_SYLLABLES[part] for part in parts).capitalize() + "n"
