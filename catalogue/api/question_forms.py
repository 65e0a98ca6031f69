"""The forms of what questions answer."""

from __future__ import annotations

from typing import get_args

from marshmallow import fields, validate

from catalogue.api.forms import Value, addresses, form, many, next_, number, part, text, url
from catalogue.outcomes.fit import State
from catalogue.outcomes.understanding import Role


def _end(said: str) -> fields.Float:
    return fields.Float(allow_none=True, metadata={"description": said})


Asked = form(
    "AskedCriterion",
    "One criterion that every dataset is held against.",
    **{
        "kind": text("Its parameter."),
        "label": text("What people call it."),
        "written": text("The value of its parameter."),
        "said": text("What it asks for, in words."),
        "values": many(Value, "Concepts, any of which is enough."),
        "from": _end("The least number; null without one."),
        "to": _end("The greatest number; null without one."),
        "unit": text("The unit of the numbers; empty for years."),
        "beside": fields.Dict(
            keys=fields.String(),
            metadata={
                "description": "What is asked of the same part: `values`, or the `least` number."
            },
        ),
    },
)
AskedQuestion = form(
    "AskedQuestion",
    "A question.",
    address=url("Its page."),
    text=text("Words that only put the datasets in order."),
    criteria=many(Asked, "What every dataset is held against."),
)
Group = form(
    "FitGroup",
    "How many datasets meet equally many criteria.",
    met=number("So many criteria are met."),
    of=number("Of so many."),
    count=number("How many datasets do."),
)
Tally = form(
    "FitTally",
    "How many datasets answer one criterion how.",
    met=number("It is met."),
    not_met=number("It is not."),
    not_stated=number("It is not stated whether it is; that is no “no”."),
    without=number("How many meet all the other criteria."),
)
Counts = form(
    "FitCounts",
    "Counts over all datasets.",
    total=number("How many datasets there are."),
    full=number("How many meet every criterion."),
    open=number("How many may meet every criterion, but leave some open."),
    groups=many(Group, "The datasets by how much they meet, the most first."),
    criteria=many(Tally, "One of each criterion, in their order."),
)
Verdict = form(
    "FitVerdict",
    "How a dataset answers one criterion, with the evidence.",
    state=text("The state.", validate=validate.OneOf([one.value for one in State])),
    said=text("What the dataset states, in words."),
    field=text("The field that would answer."),
    page=url("Where the evidence stands."),
    ask=url("Where the owner is asked for what is not stated; else null.", allow_none=True),
)
FitItem = form(
    "FitItem",
    "A dataset, and how it answers the question.",
    id=url("Its IRI."),
    title=text("Its title."),
    page=url("Its page."),
    met=number("How many criteria it meets."),
    not_stated=number("How many it leaves open."),
    verdicts=many(Verdict, "One of each criterion, in their order."),
)
Fit = form(
    "Fit",
    "How every dataset answers a question.",
    question=part(AskedQuestion, "The question as it was read."),
    counts=part(Counts, "Counts over all datasets."),
    items=many(FitItem, "The datasets of this part: by what they meet, then by what is open."),
    next=next_,
    links=addresses,
)
Piece = form(
    "SentencePiece",
    "Some words of the sentence, and what they were taken for.",
    text=text("The words."),
    begin=number("Where they begin in the sentence."),
    end=number("Where they end."),
    role=text(
        "What they were taken for.",
        validate=validate.OneOf(get_args(Role)),
    ),
    criterion=number("The place of their criterion, from 0; else null.", allow_none=True),
)
Meaning = form(
    "SentenceMeaning",
    "One thing that words may mean.",
    label=text("What it is called."),
    list=text("The list it is in."),
    sentence=text("The sentence that says so."),
    taken=fields.Boolean(metadata={"description": "Whether it was taken."}),
)
Choice = form(
    "SentenceChoice",
    "Words that mean several things.",
    said=text("The words."),
    meanings=many(Meaning, "What they may mean."),
)
Understood = form(
    "Understood",
    "What a sentence was taken to ask.",
    sentence=text("The sentence in one line."),
    question=part(AskedQuestion, "The question; nothing is asked before somebody confirms it."),
    pieces=many(Piece, "Every piece of the sentence, in order."),
    left=text("The words that no criterion was made of."),
    choices=many(Choice, "Words that mean several things."),
    notes=many(fields.String(), "What could not be asked, and what was guessed."),
    links=addresses,
)

ANSWERS = (Fit, Understood)
