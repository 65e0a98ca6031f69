"""Entries to try search engines with: the same number gives the same entries."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from catalogue.search.analysis import terms
from catalogue.search.entry import Entry, Fields

FIELDS = Fields(
    boosts={"title": 6.0, "description": 1.0, "keyword": 3.0, "condition": 2.0, "unused": 1.0},
    facets=("theme", "country", "publisher", "nothing"),
    ranges={"size": (0.0, 100.0, 1_000.0, 10_000.0), "year": (1950.0, 1980.0, 2000.0)},
)
_INF = float("inf")
_TEXT = """
heart failure failures cardiac registry registries Registries cohort of the in and quality life
care cancer prostate prostatic PSA AML ALL PCa EQ-5D EQ5D COVID-19 haematology hematology
l'étude étude naïve Hjärtsvikt hjärta übung β-blocker βeta 日本 данные ßtraße patient's patients
women's 2019 A1c HbA1c x a data database ageing dementia memory stroke
"""
_WORDS = _TEXT.split()
_TITLES = ("Heart registry", "heart registry", "Ärzte", "Zeta", "", "Émile", "日本のデータ", "zeta")
_THEMES = ("heart", "mind", "blood", "a/b c:d", "Herz–Kreislauf")


def entry(record: int, random_: random.Random) -> Entry:
    """One entry of any kind."""
    kind = random_.choice(("dataset", "dataset", "dataset", "agent"))
    title = random_.choice((*_TITLES, _phrase(random_, 4), _phrase(random_, 4)))
    texts = {
        name: [_phrase(random_, most) for _ in range(random_.randint(1, 3))]
        for name, most in (("description", 12), ("keyword", 3), ("condition", 2), ("other", 3))
        if random_.random() < 0.6
    }
    facets = {
        "theme": random_.sample(_THEMES, random_.randint(0, 3)),
        "country": [f"https://countries.example/{n}" for n in random_.sample(range(40), 2)],
        "publisher": [f"publisher {n}" for n in random_.sample(range(400), random_.randint(0, 4))],
        "elsewhere": ["unknown"],
    }
    ranges = {}
    if random_.random() < 0.7:
        size = float(random_.choice((0, 99, 100, 100, 5_000, 10_000, 0.5, 10**9)))
        ranges["size"] = (size, size)
    if random_.random() < 0.7:
        low, high = sorted(random_.choices((-_INF, 1900, 1950, 1979.5, 1980, 2005, _INF), k=2))
        ranges["year"] = (float(low), float(high)) if low != high else (1980.0, 1980.0)
    names = (title, _phrase(random_, 2))
    return Entry(
        record,
        kind,
        title,
        datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=random_.randint(0, 30)),
        {"title": [title], **texts},
        {name: values for name, values in facets.items() if values},
        ranges,
        frozenset(found for name in names if (found := terms(name))),
        frozenset(word.lower() for word in title.split() if word.isalpha()),
    )


def _phrase(random_: random.Random, most: int) -> str:
    return " ".join(random_.choices(_WORDS, k=random_.randint(1, most)))


def entries(count: int, seed: int = 1, first: int = 1) -> list[Entry]:
    """Some entries with records that count from a number."""
    random_ = random.Random(seed)
    return [entry(first + n, random_) for n in range(count)]


ALL = entries(120)


def step(number: int) -> tuple[list[Entry], list[int]]:
    """What update ``number`` of a long series says: a few entries, and what is gone."""
    random_ = random.Random(number)
    records = random_.sample(range(1, 60), 4)
    return [entry(record, random_) for record in records[:3]], records[3:]
