"""How good an order of results is, measured against judgements.

Pure functions over keys of datasets: what a search answered, best first, and how much each
dataset is worth to whoever asked.  Grades: 3 exactly what is wanted, 2 good, 1 marginal;
0, said or not, is not wanted.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

#: From this grade on a dataset is an answer; a marginal one alone helps nobody.
GOOD = 2

KINDS = ("known-item", "topic")


@dataclass(frozen=True)
class Judged:
    """A query with its judgements.

    ``kind`` is ``known-item`` (one dataset is meant) or ``topic``; ``skipped`` stands for a
    question that no order of results answers.  ``about`` tells what makes the query hard.
    """

    id: str
    kind: str
    about: tuple[str, ...]
    query: str
    relevant: Mapping[str, int]
    note: str

    @property
    def unwanted(self) -> frozenset[str]:
        """Datasets judged 0 by name: they must not come first."""
        return frozenset(key for key, grade in self.relevant.items() if grade == 0)


@dataclass(frozen=True)
class Figures:
    """What is measured of one query, or the mean over several."""

    success_at_1: float
    success_at_5: float
    reciprocal_rank: float
    ndcg_at_10: float


@dataclass(frozen=True)
class Answer:
    """What a search answered to a query, and how good that is."""

    judged: Judged
    ranking: tuple[str, ...]
    figures: Figures


def read(lines: Iterable[str]) -> list[Judged]:
    """The judgements of ``queries.csv``."""
    return [
        Judged(
            id=row["id"],
            kind=row["kind"],
            about=tuple(row["about"].split()),
            query=row["query"],
            relevant=grades(row["relevant"]),
            note=row["note"],
        )
        for row in csv.DictReader(lines)
    ]


def grades(text: str) -> dict[str, int]:
    """The judgements of one query, written ``minap:3 swedeheart:2``."""
    found: dict[str, int] = {}
    for one in text.split():
        key, _, grade = one.partition(":")
        if key in found or grade not in ("0", "1", "2", "3"):
            raise ValueError(f"{one}: named twice, or not graded 0, 1, 2 or 3")
        found[key] = int(grade)
    return found


def success_at(k: int, ranking: Sequence[str], relevant: Mapping[str, int]) -> float:
    """Whether an answer is among the first k: 1 or 0."""
    return float(any(relevant.get(key, 0) >= GOOD for key in ranking[:k]))


def reciprocal_rank(ranking: Sequence[str], relevant: Mapping[str, int]) -> float:
    """1 / the rank of the first answer, 0 if there is none; its mean is the MRR.

    Voorhees, The TREC-8 Question Answering Track Report, 1999.
    """
    ranks = (rank for rank, key in enumerate(ranking, 1) if relevant.get(key, 0) >= GOOD)
    return 1 / next(ranks, math.inf)


def ndcg_at(k: int, ranking: Sequence[str], relevant: Mapping[str, int]) -> float:
    """The gain of the first k over that of the best order of all that was judged.

    Järvelin & Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002,
    doi:10.1145/582415.582418, with the gain 2^grade - 1 and the discount log2(rank + 1) that
    have become usual since.  A key that comes twice gains once.
    """
    best = _gain(sorted(relevant.values(), reverse=True)[:k])
    first = ranking[:k]
    gained = _gain(
        0 if key in first[:before] else relevant.get(key, 0) for before, key in enumerate(first)
    )
    return gained / best if best else 0.0


def _gain(graded: Iterable[int]) -> float:
    """The discounted cumulated gain of grades in their order."""
    gains = ((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(graded, 1))
    return math.fsum(gains)


def measure(search: Callable[[str], Sequence[str]], queries: Iterable[Judged]) -> list[Answer]:
    """Ask every query that is not skipped; ``search`` gives the keys of datasets, best first."""
    answers = []
    for judged in queries:
        if judged.kind in KINDS:
            ranking = tuple(search(judged.query))
            answers.append(Answer(judged, ranking, figures(ranking, judged.relevant)))
    return answers


def figures(ranking: Sequence[str], relevant: Mapping[str, int]) -> Figures:
    """Everything that is measured of one order."""
    return Figures(
        success_at_1=success_at(1, ranking, relevant),
        success_at_5=success_at(5, ranking, relevant),
        reciprocal_rank=reciprocal_rank(ranking, relevant),
        ndcg_at_10=ndcg_at(10, ranking, relevant),
    )


def mean(answers: Sequence[Answer]) -> Figures:
    """The mean figures of some answers; every query weighs the same."""
    return Figures(
        *(
            math.fsum(getattr(answer.figures, one.name) for answer in answers) / len(answers)
            for one in fields(Figures)
        )
    )


def worst(answers: Iterable[Answer], number: int) -> list[Answer]:
    """The answers furthest from the best order."""
    return sorted(answers, key=lambda one: (one.figures.ndcg_at_10, one.judged.id))[:number]
