"""Datasets in the terms of the HMA-EMA Catalogues: one line each, their elements as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from flask import Response, request
from sqlalchemy import select

from catalogue.errors import BadRequest
from catalogue.export import blueprint
from catalogue.outcomes.ema import Element, elements
from catalogue.profile import Document, Property
from catalogue.profile.values import ConceptValue, Reference
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.visibility import public
from catalogue.web import words
from catalogue.web.current import catalogue, session
from catalogue.web.names import remember, target
from catalogue.web.paths import path_of
from catalogue.web.spreadsheets import as_csv

#: How many datasets are in one file; ``Link`` leads to the next.
_MOST = 1_000
_LARGEST = 2**63 - 1


@blueprint.get("/datasets/<slug>/ema.csv")
def ema_of_dataset(slug: str) -> Response:
    """A dataset as one line of a table with the element names of the HMA-EMA Catalogues."""
    return _table(f"{slug}-ema", [catalogue.records.by_slug(session, "dataset", slug)])


@blueprint.get("/datasets/ema.csv")
def ema() -> Response:
    """All datasets with the element names of the HMA-EMA Catalogues, 1,000 a file, as linked."""
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdigit()) or int(after[:20]) > _LARGEST:
        raise BadRequest("after must be the number that the address of the next file gives.")
    found = session.scalars(
        select(Record)
        .where(Record.kind == "dataset", Record.state == PUBLISHED, Record.id > int(after))
        .order_by(Record.id)
        .limit(_MOST + 1)
    ).all()
    response = _table("datasets-ema", found[:_MOST])
    if len(found) > _MOST:
        base = catalogue.settings.public_address
        response.headers["Link"] = (
            f'<{base}datasets/ema.csv?after={found[_MOST - 1].id}>; rel="next"'
        )
    return response


def _table(name: str, records: Sequence[Record]) -> Response:
    shape = catalogue.records.shape("dataset")
    known = elements(catalogue.settings.data_folder("schemas"), shape)
    header = ("Address", *(one.name for one in known))
    return as_csv(name, header, _lines(known, records))


def _lines(known: Sequence[Element], records: Sequence[Record]) -> Iterator[Sequence[str]]:
    base, shape = catalogue.settings.public_address, catalogue.records.shape("dataset")
    for record in records:
        document = spared(record, partial(public, shape, record))
        if document is not None:
            cells = spared(record, partial(_cells, known, document)) or [""] * len(known)
            yield (base + path_of(record), *cells)


def _cells(known: Sequence[Element], document: Document) -> list[str]:
    remember(
        {v for one in known for p, v in one.values(document) if isinstance(p.value, Reference)}
    )
    return [_cell(one, document) for one in known]


def _cell(one: Element, document: Document) -> str:
    said = list(dict.fromkeys(_said(*each) for each in one.values(document)))
    if not said and (reason := one.reason(document)):
        return f"({words.sentence(catalogue.vocabularies.label(reason))})"
    return "; ".join(filter(None, said))


def _said(one: Property, value: Any) -> str:
    if isinstance(one.value, ConceptValue):
        return catalogue.vocabularies.label(value)
    if isinstance(one.value, Reference):
        return target(value).title.text
    return words.phrase(value).text if isinstance(value, dict) else str(value)
