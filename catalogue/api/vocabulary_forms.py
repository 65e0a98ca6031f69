"""The forms of vocabularies and concepts."""

from __future__ import annotations

from marshmallow import fields

from catalogue.api.forms import (
    Value,
    addresses,
    by_name,
    form,
    many,
    next_,
    number,
    text,
    total,
    url,
    yes_no,
)

Header = form(
    "VocabularyHeader",
    "A vocabulary without its concepts.",
    name=text("Its name here."),
    iri=text("Its own IRI."),
    title=text("What people call it."),
    description=text("What it is for."),
    source=many(fields.String(), "Where it comes from."),
    version=text("Its version."),
    licence=text("Its licence."),
    rights=text("What else to say of its use."),
    complete=yes_no("Whether all of the list is here; if not, other entries are accepted too."),
    unchecked=text("What of it nobody has compared with its source yet."),
    expands=yes_no("Whether searches understand its synonyms and narrower terms."),
    concepts=number("How many concepts it has."),
    collections=many(Value, "Its sets of concepts."),
    facets=many(fields.String(), "The facets of datasets whose values are of it."),
    links=addresses,
)
Vocabularies = form(
    "Vocabularies",
    "Every vocabulary.",
    total=total,
    items=many(Header, "Each without its concepts."),
    links=addresses,
)
ConceptItem = form(
    "ConceptItem",
    "A concept in a list.",
    Value,
    alternates=by_name(fields.List(fields.String()), "Other names by language."),
    broader=many(Value, "The concepts directly above."),
    checked=yes_no("Whether somebody has compared it with its source."),
    deprecated=yes_no("Whether it is no longer in use."),
    links=addresses,
)
Vocabulary = form(
    "Vocabulary",
    "A vocabulary with its concepts.",
    Header,
    total=number("How many concepts answer."),
    items=many(ConceptItem, "The concepts of this part, by label."),
    next=next_,
)
Used = form(
    "Used",
    "How many datasets state a concept.",
    count=number("How many, those that state a narrower one included."),
    url=url("The search for them."),
)
Concept = form(
    "Concept",
    "A concept with everything known of it.",
    ConceptItem,
    scheme=text("The name of its vocabulary."),
    labels=by_name(fields.String(), "Its label by language."),
    definition=by_name(fields.String(), "Its definition by language."),
    note=by_name(fields.String(), "What else to say of it, by language."),
    narrower=many(Value, "The concepts directly below."),
    related=many(Value, "Related concepts."),
    members=many(Value, "Its members, if it is a set."),
    facts=by_name(fields.List(fields.String()), "Facts of our own: codes, relations, links."),
    sources=many(fields.String(), "Where it comes from."),
    citations=many(fields.String(), "What to cite."),
    issued=text("When it was published."),
    datasets=by_name(fields.Nested(Used), "How many datasets state it, by facet."),
)
