"""The quality and utility label of a dataset: as a page with the evidence, and as RDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flask import Response

from catalogue.rdf.formats import FORMATS, write
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.naming import names_of
from catalogue.records.visibility import HOLDERS, public
from catalogue.upkeep.label import Label
from catalogue.web.current import catalogue, last_change, session
from catalogue.web.linked import SUFFIX, answer
from catalogue.web.names import remember, title
from catalogue.web.paths import path_of
from catalogue.web.sections import Row, picked
from catalogue.web.views import page, pages

blueprint = pages("labels", __name__)
_PREFIXES = {
    "dqv": "http://www.w3.org/ns/dqv#",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
}
_WORKFLOW = "workflow"


def label_of(record: Record) -> Label:
    """The label of what everybody may see of a dataset; a damaged one has the lowest class."""
    shape = catalogue.records.shape(record.kind)
    document = spared(record, partial(public, shape, record)) or {}
    found = spared(record, partial(catalogue.labelling.label, document))
    return found or catalogue.labelling.label({})


@blueprint.get("/datasets/<slug:slug>/label")
def show(slug: str) -> Response:
    """The label of a dataset with the evidence of each answer, and its holder's maturity."""
    record = catalogue.records.by_slug(session, "dataset", slug)
    shape = catalogue.records.shape("dataset")
    document = spared(record, partial(public, shape, record)) or {}
    return page(
        "labels/show.html",
        record=record,
        title=title(shape, document, record),
        path=path_of(record),
        label=label_of(record),
        labelling=catalogue.labelling,
        holder=_holder(document),
    )


@dataclass(frozen=True)
class Holder:
    """A holder, and what it says of its workflows."""

    title: str
    path: str
    rows: Sequence[Row]


def _holder(document: dict[str, object]) -> Holder | None:
    """The holder, where everybody may know it and it tells of its workflows."""
    named = [str(document[name]) for name in HOLDERS if isinstance(document.get(name), str)]
    known = catalogue.records.named(session, named)
    shape = catalogue.records.shape("agent")
    for reference in named:
        if (found := known.get(reference)) is None:
            continue
        said = spared(found, partial(public, shape, found)) or {}
        if said.get(_WORKFLOW):
            remember({reference for _, reference in shape.references(said)})
            return Holder(found.title, path_of(found), picked(shape, said, [_WORKFLOW]))
    return None


@blueprint.get(f"/datasets/<slug:slug>/label.<{SUFFIX}:suffix>")
def document(slug: str, suffix: str) -> Response:
    """The label as a ``dqv:QualityAnnotation`` of this catalogue, apart from the description."""
    record = catalogue.records.by_slug(session, "dataset", slug)
    base = catalogue.settings.public_address
    format = FORMATS[suffix]

    def make() -> bytes:
        statements = catalogue.labelling.statements(
            label_of(record),
            names_of(record, base).absolute(record.iri),
            f"{base}{path_of(record)}/label",
            catalogue.graphs.network,
            catalogue.profile.own,
        )
        return write(statements, format, {**catalogue.profile.prefixes, **_PREFIXES})

    return answer(
        make,
        format.content_type,
        f"label-{record.id}-{record.revision}-{last_change()}-{suffix}-"
        f"{catalogue.labelling.version}-{catalogue.version}",
    )
