"""What the pages of questions share: their addresses, examples, and the kinds of criteria."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from catalogue.outcomes.questions import Criterion, Faulty, Question
from catalogue.profile.criteria import CriterionKind
from catalogue.web.current import catalogue
from catalogue.web.views import pages

blueprint = pages("fit", __name__)
#: What addresses of the page hold beside the question: the page of the table, a sentence to
#: be understood, which form is open, and what of a search could not be asked.
BESIDE = ("page", "text", "add", "change", "left")

#: Questions that people have, for those who look at the page for the first time.
EXAMPLES = (
    "Which databases hold more than 5,000 men with localised prostate cancer, PSA at diagnosis "
    "and urinary-function PROMs, in OMOP, with five years of follow-up?",
    "Heart failure registries that cover at least 8 of the ICHOM heart failure set",
    "Alzheimer's cohorts with both MMSE and NPI, and caregiver burden",
    "Adults with AML, cytogenetics and overall survival, more than 1,000 patients",
    "OMOP sources refreshed at least yearly with a lag under six months",
)


@dataclass(frozen=True)
class Line:
    """One criterion of the page: in words, and the ways to change it and leave it out."""

    place: int
    criterion: Criterion
    label: str
    said: str
    change: str
    without: str


def lines(question: Question) -> list[Line]:
    """The criteria of a question in words."""
    wording = catalogue.wording
    return [
        Line(
            place,
            one,
            wording.label(one),
            wording.said(one),
            address(question, [("change", str(place))]) + "#criterion",
            address(question.without(place - 1)),
        )
        for place, one in enumerate(question.criteria, start=1)
    ]


def address(question: Question, beside: Sequence[tuple[str, str]] = ()) -> str:
    """The path of a question, with what else the page is to show."""
    found = catalogue.questions.address(question)
    if not beside:
        return found
    return f"{found}{'&' if '?' in found else '?'}{urlencode(beside)}"


def asked() -> tuple[Question, list[Faulty]]:
    """The question of the request as far as it is right, and what of it is not."""
    return catalogue.questions.read(request.args.items(multi=True), also=BESIDE)


def kept(question: Question) -> list[tuple[str, str]]:
    """A question as the hidden inputs of a form."""
    return catalogue.questions.parameters(question)


def groups() -> Iterator[tuple[str, list[CriterionKind]]]:
    """The kinds of criteria by the section of a description in which the answer stands."""
    shape = catalogue.records.shape("dataset")
    found: dict[str, list[CriterionKind]] = {}
    for kind in catalogue.questions.kinds.values():
        name = kind.path[0]
        group = shape[name].group if name in shape.properties else ""
        found.setdefault(group, []).append(kind)
    yield from found.items()
