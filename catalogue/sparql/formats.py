"""The formats of answers, and which one a request asks for.

Source: SPARQL 1.1 Protocol, section 2.1.5 (query responses).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from catalogue.errors import NotAcceptable
from catalogue.rdf.formats import FORMATS as RDF
from catalogue.sparql import results
from catalogue.sparql.store import GRAPH_FORMS, Form

HTML = "text/html"


@dataclass(frozen=True)
class ResultFormat:
    """One format: its short name, which is the value of ``format=`` as well."""

    suffix: str
    media_type: str
    label: str
    content_type: str
    also: tuple[str, ...] = ()


TABLES: Sequence[ResultFormat] = (
    ResultFormat("json", results.JSON, "JSON", results.JSON, ("application/json",)),
    ResultFormat(
        "xml", results.XML, "XML", f"{results.XML}; charset=utf-8", ("application/xml", "text/xml")
    ),
    ResultFormat("csv", results.CSV, "CSV", "text/csv; charset=utf-8"),
    ResultFormat("tsv", results.TSV, "TSV", "text/tab-separated-values; charset=utf-8"),
)
GRAPHS: Sequence[ResultFormat] = tuple(
    ResultFormat(one.suffix, one.media_type, one.label, one.content_type, one.also)
    for one in RDF.values()
)


def formats_of(form: Form) -> Sequence[ResultFormat]:
    """The formats that answers to a form of query come in, the usual one first."""
    return GRAPHS if form in GRAPH_FORMS else TABLES


def wants_html(accept: str | None, named: str) -> bool:
    """Whether a page is asked for: browsers say so, and ``format=`` overrides them."""
    if named:
        return False
    data = [type_ for one in (*TABLES, *GRAPHS) for type_ in (one.media_type, *one.also)]
    # What says */* is no browser; so pages come last among equals.
    return _accepted(accept).best_match([*data, HTML]) == HTML


def negotiate(form: Form, accept: str | None, named: str) -> ResultFormat:
    """The format for an answer, by name or by ``Accept``; raises :class:`NotAcceptable`."""
    offers: dict[str, ResultFormat] = {}
    for one in formats_of(form):
        offers[one.media_type] = one
    for one in formats_of(form):
        for type_ in one.also:
            offers.setdefault(type_, one)
    if named:
        by_name: Mapping[str, ResultFormat] = {one.suffix: one for one in formats_of(form)} | offers
        if named in by_name:
            return by_name[named]
    elif (best := _accepted(accept).best_match(offers)) is not None:
        return offers[best]
    known = ", ".join(f"{one.media_type} (format={one.suffix})" for one in formats_of(form))
    raise NotAcceptable(f"An answer to {form} is to be had as {known}.")


def _accepted(accept: str | None) -> MIMEAccept:
    return parse_accept_header(accept, MIMEAccept) if accept else MIMEAccept([("*/*", 1)])
