"""Who may see what: one rule for page, API, RDF, feeds, facets, counts and index.

Everybody sees published records only, and of them the properties whose ``visibility`` is
public.  A record may withhold its holder: then what the table marks ``holder`` is hidden as
well.  It may also show single fields to members or curators only (``restricted``).  Members
are those who belong to any organisation of the network; curators look after the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.accounts.viewer import Viewer
from catalogue.errors import Gone, NotFound
from catalogue.profile import Document, Shape
from catalogue.records.models import PUBLISHED, WITHDRAWN, Record, Revision

_EVERYBODY = frozenset({"public", "holder"})
_MEMBERS = _EVERYBODY | {"members"}
_CURATORS = _MEMBERS | {"curators"}
#: The properties that name who holds a dataset: the first that is stated.
HOLDERS = ("custodian", "publisher")
#: The property by which a record withholds its holder.
WITHHELD = "holder_withheld"
#: The property that says of single fields who may see them, and the reason shown instead.
RESTRICTED, _NOT_DISCLOSED = "restricted", "not-disclosed"


def seen(record: Record) -> Record:
    """The record if the world may see it; :class:`Gone` or :class:`NotFound` otherwise."""
    if record.state == WITHDRAWN:
        raise Gone(f"“{record.slug}” was withdrawn from the catalogue.")
    if record.state != PUBLISHED:
        raise NotFound(f'There is no {record.kind} "{record.slug}".')
    return record


def public(shape: Shape, record: Record) -> Document | None:
    """What everybody may see of a record; None if nothing."""
    if record.state != PUBLISHED or record.document is None:
        return None
    return as_public(shape, record.document)


def as_public(shape: Shape, document: Mapping[str, Any]) -> Document:
    """What everybody would see of a document, were it published."""
    return _shown(shape, document, _EVERYBODY)


def visible(shape: Shape, record: Record, viewer: Viewer) -> Document | None:
    """What somebody may see of what is published of a record; None if nothing."""
    if record.state != PUBLISHED or record.document is None:
        return None
    return _shown(shape, record.document, _audience(record, viewer))


def past(shape: Shape, record: Record, document: Mapping[str, Any]) -> Document:
    """What everybody may see of an earlier published state."""
    return as_public(shape, _with_wishes_of(record, document))


def as_of(record: Record, revision: Revision) -> Record:
    """The record as it was at a revision: to be read and described, not stored."""
    document = _with_wishes_of(record, revision.document or {})
    return Record(
        id=record.id,
        kind=record.kind,
        key=record.key,
        iri=record.iri,
        slug=record.slug,
        state=revision.state,
        review="",
        revision=revision.number,
        document=document,
        title=record.title,
        created=record.created,
        issued=record.issued,
        modified=revision.at,
        last_change=record.last_change,
    )


def holder_is_withheld(record: Record) -> bool:
    """Whether the world may not learn whose record it is."""
    return (record.document or {}).get(WITHHELD) is True


def keeps_back(record: Record) -> bool:
    """Whether a record keeps anything from the world that it holds."""
    document = record.document
    if not isinstance(document, dict):  # damaged: nobody knows
        return True
    return document.get(WITHHELD) is True or bool(document.get(RESTRICTED))


def is_curator(record: Record, viewer: Viewer) -> bool:
    """Whether somebody looks after the record."""
    return bool(viewer.role) or viewer.roles.get(record.organisation or 0) is not None


def _audience(record: Record, viewer: Viewer) -> frozenset[str]:
    if is_curator(record, viewer):
        return _CURATORS
    return _MEMBERS if viewer.roles else _EVERYBODY


def _with_wishes_of(record: Record, document: Mapping[str, Any]) -> Document:
    """An earlier document with what is kept back today kept back there too.

    The wish is to be hidden, not to be hidden from now on.
    """
    now, wished = record.document or {}, dict(document)
    if now.get(WITHHELD) is True:
        wished[WITHHELD] = True
    if now.get(RESTRICTED):
        wished[RESTRICTED] = [*wished.get(RESTRICTED, ()), *now[RESTRICTED]]
    return wished


def _shown(shape: Shape, document: Mapping[str, Any], audience: frozenset[str]) -> Document:
    """A document for an audience."""
    if "curators" in audience:
        return shape.only(document, audience)
    if document.get(WITHHELD) is True:
        audience -= {"holder"}
    shown = shape.only(document, audience)
    if hidden := _restricted(shape, document, audience):
        shown = {name: value for name, value in shown.items() if name not in hidden}
        reason = shape.profile.vocabularies["reason"].by_code[_NOT_DISCLOSED].iri
        for name in sorted(hidden & document.keys()):
            if shape[name].reasons:
                part = {"id": f"#not-disclosed-{name}", "field": name, "reason": reason}
                shown["not_stated"] = [*shown.get("not_stated", ()), part]
    return shown


def _restricted(shape: Shape, document: Mapping[str, Any], audience: frozenset[str]) -> set[str]:
    """The fields that a document keeps from an audience."""
    code_of = shape.profile.vocabularies.code
    return {
        entry["field"]
        for entry in document.get(RESTRICTED) or ()
        if entry.get("field") in shape.properties
        and code_of(entry.get("audience", "")) not in audience
    }
