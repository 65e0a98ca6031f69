"""The page of a question: the sentence, what it was taken to mean, the criteria, the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from flask import Response, redirect, request

from catalogue.errors import BadRequest, Invalid
from catalogue.outcomes.from_search import question_of
from catalogue.outcomes.questions import PATH, Faulty, Question
from catalogue.outcomes.understanding import Piece, Understood
from catalogue.web.current import catalogue, session
from catalogue.web.errors import wants_page
from catalogue.web.fit.form import Form
from catalogue.web.fit.frame import EXAMPLES, address, asked, blueprint, groups, kept, lines
from catalogue.web.fit.table import grouped, headline, rows
from catalogue.web.upkeep import tell_question
from catalogue.web.views import Paged, page, page_number

#: How many datasets the table shows at once.
_ROWS = 25


@blueprint.get("/questions")
def ask() -> Response:
    """A question, and how every dataset answers it; with a sentence, what that is taken to ask."""
    question, faults = asked()
    form = opened(question)
    return show(question, faults, form, request.args.get("text", ""))


@blueprint.get("/questions/from-search")
def from_search() -> Response:
    """A search as a question that every dataset is held against."""
    query = catalogue.given.query(request.args.items(multi=True), catalogue.settings.page_size)
    taken = question_of(query, catalogue.questions)
    beside = [("text", query.text)] if query.text else []
    beside += [("left", name) for name in taken.left]
    return redirect(address(taken.question, beside), 303)  # type: ignore[return-value]


def _left() -> list[str]:
    """What of a search could not be asked, in words."""
    profile, named = catalogue.profile, {*request.args.getlist("left")}
    labels = {name: one.label for name, one in profile.facets.items()}
    labels |= {name: one.label for name, one in profile.ranges.items()}
    return [label for name, label in labels.items() if name in named]


def opened(question: Question) -> Form | None:
    """The form that the address asks to see; None if it asks for none."""
    kinds = catalogue.questions.kinds
    place = request.args.get("change", "")
    if place.isascii() and place.isdigit() and 0 < int(place[:4]) <= len(question.criteria):
        return Form.of(question.criteria[int(place[:4]) - 1], int(place[:4]))
    kind = kinds.get(request.args.get("add", ""))
    return Form(kind) if kind is not None else None


def show(
    question: Question, faults: Sequence[Faulty], form: Form | None = None, text: str = ""
) -> Response:
    """The page; with faults, or a form that has some, as an answer to a bad request."""
    understood: Understood | None = None
    problems = [one for fault in faults for one in fault.problems]
    too_long = ""
    if text.strip():
        try:
            understood = catalogue.understanding.of(text)
        except BadRequest as error:
            too_long = f"The sentence {error.problems[0].message}."
            problems += error.problems
    if form is not None:
        problems += form.problems
    if problems and not wants_page():
        raise BadRequest(problems)
    context = _fitted(question) if question.criteria and understood is None else {}
    response = page(
        "questions/ask.html",
        question=question,
        lines=lines(question),
        faults=faults,
        form=form,
        kept=kept(question),
        text=text if too_long else understood.sentence if understood else "",
        too_long=too_long,
        left=_left(),
        understood=_told(question, understood) if understood else None,
        groups=list(groups()),
        add=lambda kind: address(question, [("add", kind)]) + "#criterion",
        examples=[(one, address(Question(), [("text", one)])) for one in EXAMPLES],
        here=address(question),
        files={
            suffix: catalogue.questions.address(question, f"{PATH}.{suffix}")
            for suffix in ("csv", "json")
        },
        without_words=address(replace(question, text="")),
        kinds=catalogue.questions.kinds,
        **context,
    )
    if problems:
        response.status_code = 400
    return response


def _fitted(question: Question) -> dict[str, Any]:
    """What the table shows."""
    number = page_number()
    fitted = catalogue.fitter.fit(session, question, (number - 1) * _ROWS, _ROWS)
    if number == 1:
        tell_question(question, fitted.full)
    found = list(rows(question, fitted.fits))
    return {
        "fitted": fitted,
        "headline": headline(fitted),
        "found": grouped(fitted, found),
        "paged": Paged(found, fitted.total, number, _ROWS),
    }


def _told(question: Question, understood: Understood) -> dict[str, Any]:
    """What a sentence was taken to mean, and the question that follows from it."""
    wording = catalogue.wording
    text = " ".join(filter(None, (question.text, understood.left)))
    more = understood.question.criteria
    whole = Question(question.and_(*more).criteria, text)
    return {
        "taken": [
            (understood.words_of(place), wording.label(one), wording.said(one))
            for place, one in enumerate(more)
        ],
        "pieces": list(_with_gaps(understood)),
        "left": understood.left,
        "choices": [
            (
                one.said,
                one.taken,
                [
                    (each.label, each.taken, address(question, [("text", each.sentence)]))
                    for each in one.meanings
                ],
            )
            for one in understood.choices
        ],
        "notes": understood.notes,
        "parameters": kept(whole),
    }


def _with_gaps(understood: Understood) -> Iterator[tuple[str, Piece]]:
    """The pieces of a sentence, each with what stands before it."""
    at = 0
    for one in understood.pieces:
        yield understood.sentence[at : one.begin], one
        at = one.end


def refused(question: Question, error: Invalid, form: Form) -> Response:
    """The page with a form that cannot be understood."""
    form.problems = list(error.problems)
    return show(question, [], form)
