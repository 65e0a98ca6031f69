"""Exports of invented OMOP databases: the aggregates of a plausible population, as CSV."""

from __future__ import annotations

import csv
import io
import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

MALE, FEMALE, UNKNOWN = 8507, 8532, 8551
HEADER = [
    *("analysis_id", "stratum_1", "stratum_2", "stratum_3", "stratum_4", "stratum_5"),
    *("count_value", "min_value", "max_value", "avg_value", "stdev_value", "median_value"),
    *("p10_value", "p25_value", "p75_value", "p90_value", "concept_name"),
]
#: Some concepts by domain: the number, a name, the share of people and the records of each.
CONCEPTS: dict[str, list[tuple[int, str, float, float]]] = {
    "condition": [
        (320128, "Essential hypertension", 0.41, 5),
        (201826, "Type 2 diabetes mellitus", 0.17, 7),
        (316139, "Heart failure", 0.12, 6),
        (313217, "Atrial fibrillation", 0.1, 4),
        (255573, "Chronic obstructive lung disease", 0.07, 5),
        (4163261, "Malignant tumor of prostate", 0.04, 3),
        (378419, "Alzheimer's disease", 0.02, 2),
        (441269, "Disorder of pituitary gland", 0.0004, 1),
    ],
    "drug": [
        (1545958, "atorvastatin", 0.3, 11),
        (1503297, "metformin", 0.15, 12),
        (956874, "furosemide", 0.13, 9),
        (1307046, "metoprolol", 0.2, 10),
    ],
    "measurement": [
        (3004249, "Systolic blood pressure", 0.85, 14),
        (3016723, "Creatinine in serum", 0.7, 8),
        (3013682, "Urea nitrogen in serum", 0.5, 6),
    ],
    "procedure": [(4336464, "Coronary artery bypass graft", 0.03, 1), (4242997, "Biopsy", 0.06, 2)],
    "observation": [(4275495, "Tobacco smoking behaviour", 0.6, 2)],
    "visit": [(9202, "Outpatient visit", 0.97, 12), (9201, "Inpatient visit", 0.34, 2)],
}
_ANALYSES = {
    "visit": 200,
    "condition": 400,
    "procedure": 600,
    "drug": 700,
    "observation": 800,
    "measurement": 1800,
}


def population(people: int = 12_000, seed: int = 1, women: float = 0.47) -> dict[str, Any]:
    """Ages by sex, lengths of observation and years of a registry of mostly elderly people."""
    chance = random.Random(seed)
    ages: Counter[tuple[int, int]] = Counter()
    lengths, begins = [], []
    for _ in range(people):
        sex = FEMALE if chance.random() < women else MALE
        if chance.random() < 0.0005:
            sex = UNKNOWN
        ages[sex, min(max(int(chance.gauss(68, 13)), 0), 104)] += 1
        begins.append(chance.randrange(2008, 2024))
        lengths.append(min(int(chance.expovariate(1 / 1900)), (2025 - begins[-1]) * 365))
    return {"ages": ages, "lengths": lengths, "begins": begins, "people": people}


def rows(
    people: int = 12_000,
    seed: int = 1,
    *,
    women: float = 0.47,
    rounded: bool = False,
    names: bool = True,
    version: str = "v5.4",
) -> list[list[Any]]:
    """The rows of an export; ``rounded`` as the tool that rounds counts of concepts up itself."""
    chance, told = random.Random(seed), population(people, seed, women)
    found: list[list[Any]] = []

    def row(analysis: int, count: int, *strata: object, name: str = "") -> None:
        padded = [*strata, *([""] * (5 - len(strata)))]
        found.append([analysis, *padded, count, *([""] * 9), name if names else ""])

    def distribution(analysis: int, values: Sequence[int]) -> None:
        order = sorted(values)

        def at(share: float) -> int:
            return order[min(int(share * len(order)), len(order) - 1)]

        mean = sum(order) / len(order)
        spread = math.sqrt(sum((one - mean) ** 2 for one in order) / len(order))
        found.append(
            [
                *(analysis, "", "", "", "", "", len(order), order[0], order[-1]),
                *(round(mean, 2), round(spread, 2), at(0.5), at(0.1), at(0.25), at(0.75), at(0.9)),
                "",
            ]
        )

    row(0, people, "Registry of the Hospital of Nowhere", "1.1.0", "2024-02-11")
    row(1, people)
    sexes, ages = Counter[int](), Counter[int]()
    for (sex, age), count in told["ages"].items():
        sexes[sex] += count
        ages[age] += count
    for sex, count in sexes.items():
        row(2, count, sex)
    for age, count in ages.items():
        row(101, count, age)
    for (sex, age), count in told["ages"].items():
        row(102, count, sex, age)
    distribution(103, [age for (_, age), count in told["ages"].items() for _ in range(count)])
    distribution(105, told["lengths"])
    for steps, count in Counter(one // 30 for one in told["lengths"]).items():
        row(108, count, steps)
    for year in range(2008, 2025):
        there = sum(
            begin <= year < begin + length / 365
            for begin, length in zip(told["begins"], told["lengths"], strict=True)
        )
        row(109, there, year)
    for month in range(1, 13):
        row(502, int(people * 0.01) + month, f"2023{month:02}")
    for domain, concepts in CONCEPTS.items():
        first, in_any = _ANALYSES[domain], 0
        for number, name, share, each in concepts:
            persons = max(int(people * share * chance.uniform(0.8, 1.2)), 1)
            records = int(persons * each * chance.uniform(0.9, 1.3))
            in_any = max(in_any, persons)
            if rounded:
                persons, records = -(-persons // 100) * 100, -(-records // 100) * 100
            row(first, persons, number, name=name)
            row(first + 1, records, number, name=name)
        row(first + 1, int(people * 0.2), 0, name="No matching concept")
        distribution(first + 3, [chance.randrange(1, 9) for _ in range(min(in_any, 4000))])
        found[-1][6] = in_any
    row(2004, 17, "of a later version")
    row(5000, 9999, "Nowhere", "2024-01-31", "2024-02-10", version, "v5.0 31-AUG-23")
    return found


def written(lines: Iterable[Sequence[Any]], header: Sequence[str] = HEADER) -> bytes:
    """Rows as the bytes of a CSV file."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows(lines)
    return file.getvalue().encode()


def export(people: int = 12_000, seed: int = 1, **more: Any) -> bytes:
    """A file as an export tool writes it."""
    return written(rows(people, seed, **more))


def table(cells: dict[tuple[int, int], int], *others: Sequence[Any]) -> bytes:
    """A file of people by sex and age alone, and whatever else is given."""
    ages = [[102, sex, age, "", "", "", count] for (sex, age), count in cells.items()]
    return written([*ages, *others])
