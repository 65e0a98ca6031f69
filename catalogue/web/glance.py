"""What is told of a record before its sections, by short lists of names.

The lists say only what comes first; a name the profile in force does not have is passed by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalogue.profile import Document, Shape
from catalogue.web.sections import Row, is_expected, picked


@dataclass(frozen=True)
class Told:
    """What is told of one thing: rows with values, or one that is silent."""

    label: str
    rows: Sequence[Row]


def answers(
    shape: Shape, document: Document, questions: Mapping[str, Sequence[str]]
) -> Iterator[Told]:
    """What answers each question; one that nobody answered is asked too."""
    for question, names in questions.items():
        if found := picked(shape, document, names):
            yield Told(question, [row for row in found if row.values] or found[:1])


def glance(
    shape: Shape, document: Document, facts: Sequence[Sequence[str]], silent: bool = True
) -> Iterator[Told]:
    """Facts, each with what stands beside it.

    Without ``silent`` only those stated; with it, those too that one may expect to be.
    """
    for names in facts:
        if not (found := picked(shape, document, names)):
            continue
        first, *beside = found
        missed = [row for row in found if row.reason or is_expected(row.field, document, shape)]
        told = [row for row in beside if row.values or (silent and first.values and row in missed)]
        if first.values or told or (silent and first in missed):
            yield Told(first.label, [first, *told])
