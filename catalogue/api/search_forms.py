"""The forms of what a search and typing help answer."""

from __future__ import annotations

from marshmallow import fields

from catalogue.api.forms import (
    Item,
    Value,
    addresses,
    by_name,
    corrections,
    form,
    many,
    next_,
    notes,
    number,
    part,
    relaxed,
    text,
    total,
    url,
    yes_no,
)


def _end(said: str) -> fields.Float:
    return fields.Float(allow_none=True, metadata={"description": said})


# counts -----------------------------------------------------------------------------

Counted = form("Counted", "A value with its number.", Value, count=number("How many hits."))
Facet = form(
    "Facet",
    "What the hits state of one property.",
    label=text("What people call the facet."),
    values=many(
        Counted,
        "The commonest values. Where values of this facet are chosen, they are counted without "
        "that choice: so many one would have more by adding them.",
    ),
    not_stated=number("How many hits state nothing; they are not “no”."),
    left_out=number("How many rarer values are not told."),
)
Class = form(
    "Class",
    "One class of a range.",
    **{
        "value": text("What to give the parameter for this class."),
        "label": text("The class in words."),
        "from": _end("Its first number."),
        "to": _end("Its last number; null if it has no end."),
        "count": number("How many hits reach into it."),
    },
)
Range = form(
    "Range",
    "How many hits reach into each class of a number or of years.",
    label=text("What people call it."),
    unit=text("The unit; empty for years."),
    classes=many(Class, "The classes, from low to high; a hit may reach into several."),
    not_stated=number("How many hits state nothing."),
)

# items ------------------------------------------------------------------------------

Interval = form(
    "Interval",
    "From a number to a number.",
    **{name: _end("Null: without end.") for name in ("from", "to")},
)
Reason = form(
    "Reason",
    "One way in which an item fulfils a criterion.",
    said=text("The criterion as typed."),
    by=text("What was found."),
    kind=text("`words`, `stated`, `synonym`, `abbreviation`, `translation`, `narrower term` …"),
    fields=many(fields.String(), "The properties it stands in."),
)
Piece = form(
    "Piece",
    "A part of a text.",
    text=text("The part, in the words of the description."),
    marked=yes_no("Whether it was looked for."),
)
Why = form(
    "Why",
    "Why an item is a hit, and what of it is not there.",
    reasons=many(Reason, "Each criterion with what fulfils it."),
    lacking=many(fields.String(), "The criteria that nothing in it fulfils."),
    snippet=many(Piece, "The place where most of it stands."),
)
DatasetItem = form(
    "DatasetItem",
    "A dataset in a list, with what it states of everything one may search by.",
    Item,
    ("facts", "ranges", "why", "document"),
    facts=by_name(
        fields.List(fields.Nested(Value)),
        "What it states of each facet. A facet that is not here is not stated: unknown, not “no”.",
    ),
    ranges=by_name(fields.Nested(Interval), "What it states of each range, from first to last."),
    why=part(Why, "With `include=why`; null where there are no words.", allow_none=True),
    document=fields.Dict(
        metadata={"description": "With `include=document`: all of it, as JSON-LD."}
    ),
)

# the answer -------------------------------------------------------------------------

Variant = form(
    "Variant",
    "Something that is looked for beside the words typed.",
    key=text("What to give `without` to take it away."),
    text=text("The words."),
    kind=text("`synonym`, `abbreviation`, `translation`, `narrower term`, `code`, `stated` …"),
    language=text("Its language; empty for a code."),
)
Expansion = form(
    "Expansion",
    "One criterion, with what it also stands for.",
    said=text("The criterion as typed."),
    used=many(Variant, "What was looked for beside it."),
    removed=many(Variant, "What was taken away by `without`."),
    concepts=many(Value, "The concepts it was understood as."),
    wider=text("What was looked for in its place, for nothing states it.", allow_none=True),
    optional=yes_no("Whether it only helps to order."),
    negated=yes_no("Whether it must not be there."),
)
Choice = form(
    "Choice",
    "An acronym that means several things.",
    said=text("The acronym."),
    concepts=many(Value, "What it may mean; give the IRI of one to `meaning`."),
    chosen=text("The IRI of what was chosen, if anything.", allow_none=True),
)
Way = form(
    "Way",
    "A way on from nothing: the search without one criterion.",
    without=text("The criterion left out."),
    instead=text("The bare words in place of a phrase or field; null for none.", allow_none=True),
    name=text("Its parameter; null for words.", allow_none=True),
    total=number("How many are found then."),
    url=url("That search here."),
    page=url("That search as a page."),
)
Echo = form(
    "Echo",
    "The search as it was understood.",
    text=text("The words."),
    filters=by_name(
        fields.List(fields.String()), "The chosen values; concepts and records by IRI."
    ),
    sort=text("The order."),
    expand=yes_no("Whether words also stand for what else they mean."),
    without=many(fields.String(), "The expansions taken away."),
    meaning=many(fields.String(), "The meanings chosen."),
    size=number("How many items at most."),
)
Search = form(
    "Search",
    "What a search found, and how it came about.",
    total=total,
    relaxed=relaxed,
    items=many(DatasetItem, "The hits of this part, in order."),
    next=next_,
    near=many(DatasetItem, "With few hits: others that fulfil most criteria."),
    ways=many(Way, "With no hits: the search without each criterion."),
    query=part(Echo, "The search as it was understood."),
    expansions=many(Expansion, "What each criterion also stands for."),
    choices=many(Choice, "Acronyms that mean several things."),
    corrections=corrections,
    notes=notes,
    facets=by_name(fields.Nested(Facet), "The facets, counted over all hits."),
    ranges=by_name(fields.Nested(Range), "The ranges, counted over all hits."),
    links=addresses,
)

# typing help ------------------------------------------------------------------------

Suggestion = form(
    "Suggestion",
    "Something to look for.",
    text=text("What to search by."),
    kind=text("The facet of a concept; else `dataset`, `agent` or `word`."),
    label=text("The kind as people call it."),
    also=text("The name that fitted, where it is another one; or a short name."),
    count=number("How many datasets state the concept; null for what is none.", allow_none=True),
    url=url("The page: of the record, or of the search."),
    api=url("The same here."),
)
Suggestions = form(
    "Suggestions",
    "What somebody may be about to look for.",
    items=many(Suggestion, "The likeliest first; none for too little."),
)
