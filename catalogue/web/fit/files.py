"""The answer to a question as a file: CSV for a spreadsheet, JSON with the evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Response, request, stream_with_context

from catalogue.outcomes.fit import Fitted
from catalogue.outcomes.questions import Question
from catalogue.web.current import absolute, catalogue, session
from catalogue.web.fit import told
from catalogue.web.fit.frame import blueprint
from catalogue.web.fit.table import rows
from catalogue.web.spreadsheets import as_csv

#: How many datasets a file holds at most, and how many are read at once.
MOST, _AT_ONCE = 2_000, 200


@blueprint.get("/questions.csv")
def csv() -> Response:
    """The fit table for a spreadsheet: a line a dataset, the state and evidence of each criterion."""
    question = _asked()
    heads = [f"{n}. {catalogue.wording.whole(one)}" for n, one in enumerate(question.criteria, 1)]
    columns = ["dataset", "address", "met", "not stated", "criteria"]
    for head in heads:
        columns += [head, f"{head} (what is stated)"]
    return as_csv("fit", columns, _lines(_parts(question)))


@blueprint.get("/questions.json")
def as_json() -> Response:
    """The fit table as JSON: the criteria, the counts, and every dataset with its evidence."""
    question = _asked()
    return Response(
        stream_with_context(_written(_parts(question))), content_type="application/json"
    )


def _asked() -> Question:
    return catalogue.questions.asked(request.args.items(multi=True), also=("page",))


def _parts(question: Question) -> Iterator[Fitted]:
    """The answer in parts, up to the most that is told; the first one is there at once.

    So what cannot be answered is refused, instead of breaking off.
    """
    first = catalogue.fitter.fit(session, question, 0, _AT_ONCE)

    def parts() -> Iterator[Fitted]:
        yield first
        for offset in range(_AT_ONCE, min(MOST, first.total), _AT_ONCE):
            yield catalogue.fitter.fit(session, question, offset, _AT_ONCE)

    return parts()


def _lines(parts: Iterator[Fitted]) -> Iterator[list[object]]:
    for fitted in parts:
        for row in rows(fitted.question, fitted.fits):
            line: list[object] = [
                row.summary.title.text,
                absolute(row.summary.path),
                row.fit.met,
                row.fit.unknown,
                len(fitted.question.criteria),
            ]
            for cell in row.cells:
                line += [cell.state.value, cell.verdict.said]
            yield line


def _written(parts: Iterator[Fitted]) -> Iterator[str]:
    """The whole as JSON, part by part."""
    between = ""
    for number, fitted in enumerate(parts):
        if number == 0:
            head = {
                "question": told.question(fitted.question),
                "counts": told.counts(fitted),
                "complete": fitted.total <= MOST,
            }
            yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": [\n'
        for item in told.items(fitted):
            yield between + json.dumps(item, ensure_ascii=False)
            between = ",\n"
    yield "]}"
