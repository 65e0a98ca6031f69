"""Variables: the search across datasets, those of one dataset, and dictionaries to keep."""

from __future__ import annotations

import json
from dataclasses import replace

from flask import Response, redirect, request
from sqlalchemy import func, select

from catalogue.dictionary.writing import COLUMNS, EXAMPLES, csvw, rows, workbook
from catalogue.errors import BadRequest
from catalogue.harvest.sheets import XLSX
from catalogue.profile import Document
from catalogue.records.models import Record
from catalogue.records.naming import names_of, title_of
from catalogue.records.visibility import public
from catalogue.search.engine import RELEVANCE, TITLE
from catalogue.search.query import NOT_STATED, SORTS, Query, parse
from catalogue.variables.describing import FACETS, VARIABLE
from catalogue.variables.models import VariableRow
from catalogue.web.current import catalogue, session
from catalogue.web.kinds import tabs
from catalogue.web.paths import path_of
from catalogue.web.results import Chip, widenings
from catalogue.web.spreadsheets import as_csv
from catalogue.web.variable_hits import hits, panel, value_label
from catalogue.web.views import Paged, missing, page, pages

blueprint = pages("variables", __name__)
#: The orders of variables.
ORDERS = {RELEVANCE: SORTS[RELEVANCE], TITLE: "Label"}
#: How many variables of one dataset are on a page, and what may be asked of them.
_OF_DATASET, _ASKED_OF_DATASET = 50, ("q", "page", "expand")


@blueprint.get("/variables")
def search() -> Response:
    """The variables that answer a query, across all datasets."""
    said = list(request.args.items(multi=True))
    query = query_of(said)
    if any(not value for _, value in said) or list(map(_meant, said)) != said:
        return redirect(query.address("/variables"), 303)  # type: ignore[return-value]
    answer = catalogue.variables.find(query)
    found = hits(answer.records, answer.criteria)
    return page(
        "variables/results.html",
        query=query,
        answer=answer,
        hits=found,
        facets=list(panel(query, answer)),
        chips=[
            Chip(FACETS[name].label, value_label(name, value), query.toggled(name, value))
            for name, values in query.chosen.items()
            for value in sorted(values)
        ],
        widenings=widenings(answer),
        sorts=ORDERS,
        tabs=tabs(query, answer.total),
        paged=Paged(found, answer.total, query.page, query.size, query.deepest),
    )


def query_of(said: list[tuple[str, str]], size: int = 0, also: tuple[str, ...] = ()) -> Query:
    """The query for variables in some parameters; raises :class:`BadRequest`."""
    size = size or catalogue.settings.page_size
    query = parse(map(_meant, said), FACETS, (), size, also, VARIABLE)
    if query.sort not in ORDERS:
        raise BadRequest(f'"{query.sort}" is no order of variables; there are {", ".join(ORDERS)}.')
    return query


def _meant(pair: tuple[str, str]) -> tuple[str, str]:
    """A parameter with its concept or dataset as the index knows it."""
    name, value = pair
    if name == "dataset" and value.strip() != NOT_STATED:
        return name, catalogue.given.record(["dataset"], value.strip())
    if name in FACETS and FACETS[name].scheme and value != NOT_STATED:
        return name, catalogue.vocabularies.resolve(FACETS[name].scheme, value) or value
    return pair


@blueprint.get("/datasets/<slug:slug>/variables")
def of_dataset(slug: str) -> Response:
    """The variables of one dataset, searched and in pages."""
    record = catalogue.records.by_slug(session, "dataset", slug)
    if unknown := request.args.keys() - set(_ASKED_OF_DATASET):
        raise BadRequest(f'"{min(unknown)[:60]}" is not something to search these variables by.')
    query = query_of(
        [(name, request.args.get(name, "")) for name in _ASKED_OF_DATASET], _OF_DATASET
    )
    mine = VariableRow.of(record.id)
    every = session.scalar(select(func.count()).select_from(VariableRow).where(mine)) or 0
    if not every:
        raise missing(f"“{record.title}” has no data dictionary.")
    if query.text:
        chosen = {"dataset": frozenset({record.iri})}
        answer = catalogue.variables.find(replace(query, chosen=chosen), counting=False)
        found, total = hits(answer.records, answer.criteria), answer.total
    else:
        ids = select(VariableRow.id).where(mine).order_by(VariableRow.id)
        some = session.scalars(ids.offset(query.offset).limit(query.size)).all()
        answer, found, total = None, hits(some), every
    return page(
        "variables/of_dataset.html",
        record=record,
        path=path_of(record),
        query=query,
        answer=answer,
        every=every,
        hits=found,
        paged=Paged(found, total, query.page, query.size, query.deepest),
    )


@blueprint.get("/datasets/<slug:slug>/variables.<any(csv,xlsx):suffix>")
def table(slug: str, suffix: str) -> Response:
    """The dictionary of a dataset as a table to keep or to work on."""
    record, document = _described(slug)
    return as_table(f"variables-{record.slug}", suffix, document)


@blueprint.get("/datasets/<slug:slug>/csv-metadata.json")
def metadata(slug: str) -> Response:
    """The dictionary of a dataset as metadata of CSV on the Web."""
    record, document = _described(slug)
    iri = names_of(record, catalogue.settings.public_address).absolute(record.iri)
    said = json.dumps(csvw(document, iri), ensure_ascii=False, indent=1)
    return Response(said, content_type="application/csvm+json")


@blueprint.get("/variables/template.<any(csv,xlsx):suffix>")
def template(suffix: str) -> Response:
    """A table with our headings and some examples, to be filled in."""
    if suffix == "csv":
        return as_csv("data-dictionary", COLUMNS, EXAMPLES)
    return _workbook("data-dictionary", workbook(EXAMPLES))


def as_table(name: str, suffix: str, document: Document) -> Response:
    """The variables of a document as CSV or as a workbook."""
    if suffix == "csv":
        return as_csv(name, COLUMNS, rows(document))
    return _workbook(name, workbook(list(rows(document))))


def _described(slug: str) -> tuple[Record, Document]:
    """A dataset whose variables are described, and what the world may see of it."""
    record = catalogue.records.by_slug(session, "dataset", slug)
    shape = catalogue.records.shape(record.kind)
    document = public(shape, record) or {}
    if not any(rows(document)):
        raise missing(f"“{title_of(shape, document) or slug}” has no data dictionary.")
    return record, document


def _workbook(name: str, content: bytes) -> Response:
    response = Response(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
