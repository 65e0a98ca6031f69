"""What every page of the workspace stands on: who may come in, one record, and its frame."""

from __future__ import annotations

from typing import Any

from flask import Response

from catalogue.accounts.models import Organisation
from catalogue.profile import Document
from catalogue.records.models import Record
from catalogue.records.naming import title_of
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.damaged import tell_of_damage
from catalogue.web.guard import signed_in_only
from catalogue.web.names import remember_own
from catalogue.web.paths import path_of
from catalogue.web.views import page, pages
from catalogue.web.workspace.words import STAGES, STEPS
from catalogue.workspace import WITH_A_REASON

blueprint = pages("workspace", __name__)
blueprint.before_request(signed_in_only)
tell_of_damage(blueprint)


def opened(kind: str, key: str, action: str = "view") -> Record:
    """A record of the workspace, to be read."""
    return catalogue.workspace.open(session, viewer, kind, key, action)


def record_page(template: str, record: Record, status: int = 200, **context: Any) -> Response:
    """A page about one record of the workspace."""
    shape = catalogue.records.shape(record.kind)
    response = page(
        template,
        record=record,
        shape=shape,
        document=record.working_copy,
        actions=catalogue.workspace.actions(session, viewer, record),
        steps=STEPS,
        with_a_reason=WITH_A_REASON,
        stage=STAGES[record.stage],
        name=title_of(shape, record.working_copy) or f"New {shape.label.lower()}",
        etag=record.etag,
        public_path=path_of(record),
        published_with=catalogue.workspace.published_with(session, record),
        **context,
    )
    response.status_code = status
    return response


def organisation_of(record: Record) -> Organisation | None:
    """The organisation that looks after a record."""
    return session.get(Organisation, record.organisation) if record.organisation else None


def remember_named(record: Record, *documents: Document | None) -> None:
    """Look up in one go what some documents refer to."""
    shape = catalogue.records.shape(record.kind)
    remember_own({ref for one in documents if one for _, ref in shape.references(one)})
