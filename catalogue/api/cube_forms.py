"""The forms of the data cube."""

from __future__ import annotations

from marshmallow import Schema, fields

from catalogue.api.forms import (
    Value,
    addresses,
    by_name,
    form,
    many,
    next_,
    number,
    part,
    text,
    url,
    yes_no,
)

_STATES = "`collected`, `not_collected`, `not_applicable`, `unknown`"
Cut = form(
    "CubeCut",
    "Some of the sources: those of one stage or of one kind.",
    concept=part(Value, "The stage or kind."),
    sources=number("How many sources are of it."),
)
CubeRow = form(
    "CubeRow",
    "One outcome domain or item of a set, over all sources.",
    outcome=part(Value, "The domain or item."),
    states=by_name(fields.Integer(), f"How many sources are in each state: {_STATES}."),
    gap=yes_no("Whether no other is collected by fewer."),
    of_stages=many(fields.Integer(), "How many sources of each stage collect it, as in `stages`."),
    of_types=many(fields.Integer(), "How many of each kind collect it, as in `types`."),
)
Told = form(
    "CubeCell",
    "What a source states of one row.",
    Schema,
    ("statement",),
    state=text(f"One of {_STATES}."),
    statement=url("The statement on the page of the dataset."),
)
CubeSource = form(
    "CubeSource",
    "One dataset with what it states of each row.",
    title=text("Its title."),
    page=url("Its page."),
    collected=number("How many rows it collects."),
    applicable=number("How many apply to it."),
    unknown=number("Of how many nobody has said anything."),
    cells=many(Told, "What it states of each row, as in `rows`."),
)
Cube = form(
    "Cube",
    "One slice of the data cube: outcomes by source, of one disease and perhaps one stage.",
    disease=part(Value, "The disease."),
    stage=part(Value, "The stage; null for all, and where `unstaged`.", allow_none=True),
    unstaged=yes_no("Whether it is of the sources that do not say their stages."),
    set=part(Value, "The set whose items are the rows; null for domains.", allow_none=True),
    total=number("How many sources there are in the slice."),
    silent=number("How many of them state nothing of any row."),
    rows=many(CubeRow, "The rows, those that most collect first."),
    stages=many(Cut, "The stages of the disease, whichever is asked for."),
    types=many(Cut, "The kinds of source there are in the slice."),
    items=many(CubeSource, "The sources of this page, those that collect most first."),
    next=next_,
    links=addresses,
)
ANSWERS = (Cube,)
