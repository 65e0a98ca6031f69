"""The mails about questions to owners; notes of strangers are in none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.accounts.letters import Letter, Letters
from catalogue.outcomes.owners.models import REASON, VALUE


@dataclass(frozen=True)
class Answer:
    """What became of one question, in words."""

    label: str
    outcome: str
    said: str = ""


def asked(letters: Letters, title: str, labels: Sequence[str], path: str) -> Letter:
    """To those who look after a record: what people want to know of it."""
    title = " ".join(title.split())
    many = len(labels) > 1
    lines = [
        title,
        "",
        f"People who look for data ask for {'these fields' if many else 'this field'}, "
        f"which {'are' if many else 'is'} not stated:",
        "",
        *(f"* {label}" for label in labels),
        "",
        "Their questions stand beside the fields. Answer by publishing a value, or the reason",
        "why there is none; whoever asked gets a mail then:",
        "",
        letters.address + path,
    ]
    return letters.written(f"A question about {title}", lines)


def answered(letters: Letters, title: str, answers: Sequence[Answer], path: str) -> Letter:
    """To somebody who asked: what the owner says."""
    title = " ".join(title.split())
    lines = ["You asked about this dataset, and it says so now:", "", title, letters.address + path]
    for one in answers:
        lines += ["", f"* {one.label}"]
        if one.outcome == REASON:
            lines.append(f"  There is no value: {one.said}")
        elif one.outcome == VALUE and one.said:
            lines.append(f"  {one.said}")
    return letters.written(f"Answered: {title}", lines)


def withdrawn(letters: Letters, slug: str, labels: Sequence[str]) -> Letter:
    """To somebody who asked: that there is nobody to answer any longer."""
    lines = [
        f"You asked about “{slug}”. The description was withdrawn from the catalogue, so your",
        "question will not be answered:",
        "",
        *(f"* {label}" for label in labels),
        "",
        f"{letters.address}datasets/{slug}",
    ]
    return letters.written(f"Withdrawn: {slug}", lines)
