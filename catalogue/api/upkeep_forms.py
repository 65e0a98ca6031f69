"""The forms of upkeep: confirmations, the score, and what everybody may know of quality."""

from __future__ import annotations

from marshmallow import fields, validate

from catalogue.api.bodies import body
from catalogue.api.forms import addresses, form, many, number, part, text, yes_no
from catalogue.upkeep.checks import CURRENT, DUE, OVERDUE
from catalogue.upkeep.score import PARTLY, REASON, SILENT, STATED

NewConfirmation = body(
    "NewConfirmation",
    "What is still correct.",
    ("section",),
    section=text(
        "The section of the form that is still correct; all of them, unless given.",
        validate=validate.Length(max=80),
    ),
)


def _points(said: str) -> fields.Float:
    return fields.Float(metadata={"description": said})


_CONFIRMED = "When the holder last said that the description is right; null if never."
Section = form(
    "ConfirmedSection",
    "A section of the form that says something.",
    section=text("Its name, as `POST` takes it."),
    title=text("Its title."),
    confirmed=text("When it was confirmed in this year's check; null if not.", allow_none=True),
)
Confirmations = form(
    "Confirmations",
    "How the yearly check of a dataset stands.",
    state=text(
        "How the yearly check stands; null where nobody here looks after the dataset.",
        allow_none=True,
        validate=validate.OneOf([CURRENT, DUE, OVERDUE]),
    ),
    confirmed=text(_CONFIRMED, allow_none=True),
    due=text("The day the next check is due; null where nobody checks.", allow_none=True),
    overdue=text("The day it counts as overdue; null where nobody checks.", allow_none=True),
    sections=many(Section, "What is to be confirmed, in the order of the form."),
    links=addresses,
)
ScoreLine = form(
    "ScoreLine",
    "What one field brings.",
    field=text("The field."),
    label=text("What people call it."),
    state=text("What is said.", validate=validate.OneOf([STATED, PARTLY, REASON, SILENT])),
    points=_points("What it has."),
    most=number("What it could have."),
    answers=many(fields.String(), "The criteria and filters that it answers."),
    missing=many(fields.String(), "What is recommended within its parts and not said."),
)
Scored = form(
    "Score",
    "How much a working copy says; not how good the data are.",
    percent=number("The score of 100."),
    points=_points("The points it has."),
    most=number("The points it could have."),
    lines=many(ScoreLine, "One for each field that counts, in the order of the form."),
    links=addresses,
)
Evidence = form(
    "LabelEvidence",
    "What is looked for.",
    field=text("The property, or the one that holds the part."),
    label=text("What people call it."),
    stated=yes_no("Whether it is stated; false means not stated, never no."),
)
Dimension = form(
    "LabelDimension",
    "One dimension.",
    key=text("Its key."),
    label=text("What people call it."),
    weight=_points("Its weight; 0 where nothing is asked of this dataset."),
    evidence=many(Evidence, "What it follows from."),
)
_graded = {
    "label": text("What people call it."),
    "class": text("Its class."),
    "percent": number("The share of the weights that is stated."),
}
LabelGroup = form(
    "LabelGroup",
    "One group of Article 78.",
    key=text("Its key."),
    dimensions=many(Dimension, "Its dimensions."),
    **_graded,
)
Label = form(
    "QualityLabel",
    "The quality and utility label as this catalogue computes it.",
    official=yes_no("Whether it is an official label; it never is."),
    version=text("The version of the file of dimensions, weights and classes."),
    note=text("What stands behind it."),
    groups=many(LabelGroup, "The groups."),
    **_graded,
)
Quality = form(
    "Quality",
    "What everybody may know of the quality of a description.",
    confirmed=text(_CONFIRMED, allow_none=True),
    overdue=text("Since when its check is overdue; null if it is not.", allow_none=True),
    label=part(Label, "Its label."),
    links=addresses,
)
#: What is answered as a whole.
ANSWERS = (Quality, Confirmations, Scored)
