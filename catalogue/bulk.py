"""Many records at once, as a system next door has them: each is begun, changed or left alone.

The same items sent again change nothing, so that whoever keeps records elsewhere may send
all of them every night.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.accounts.models import Organisation
from catalogue.accounts.viewer import Viewer
from catalogue.errors import Changed, Invalid, Problem, within
from catalogue.records.models import Record
from catalogue.workspace import Workspace

Outcome = Literal["created", "updated", "unchanged"]
#: Where a step leads: who stands there need not take it.
_LEADS_TO: Mapping[str, frozenset[str]] = {
    "submit": frozenset({"submitted", "revision-submitted"}),
    "publish": frozenset({"published"}),
    "withdraw": frozenset({"withdrawn"}),
}


@dataclass(frozen=True)
class Item:
    """One record: what it is to say, and the step to take with it then, if any.

    ``etag`` names the state that the change is meant for; empty for whatever state there is.
    """

    kind: str
    key: str
    document: Mapping[str, Any]
    organisation: Organisation | None = None
    step: str = ""
    etag: str = ""
    note: str = ""


def put(
    workspace: Workspace, session: Session, viewer: Viewer, item: Item
) -> tuple[Outcome, Record]:
    """Begin or change a record, and take a step with it if it does not stand there already.

    What the profile begins a record with is added where the document says nothing, each time:
    else the same document would take out what it filled in the first time.  Nobody is written
    to: a letter for each of a thousand records would be read by none.
    """
    known = select(Record.id).where(Record.kind == item.kind, Record.key == item.key)
    outcome: Outcome
    if session.scalar(known) is None:
        outcome, record = "created", _begun(workspace, session, viewer, item)
    else:
        outcome, record = _changed(workspace, session, viewer, item)
    if item.step and not (
        outcome == "unchanged" and record.stage in _LEADS_TO.get(item.step, frozenset())
    ):
        record = workspace.open(session, viewer, item.kind, item.key, item.step)
        with within("document"):
            record = workspace.take(session, viewer, record, item.step, item.note, tell=False)
        outcome = "updated" if outcome == "unchanged" else outcome
    return outcome, record


def _begun(workspace: Workspace, session: Session, viewer: Viewer, item: Item) -> Record:
    if item.organisation is None:
        message = "There is no such record yet; say which organisation is to look after it"
        raise Invalid([Problem(("organisation",), message, rule="mandatory")])
    if item.etag:
        raise Changed("There is no such record any more.")
    with within("document"):
        return workspace.create(
            session,
            viewer,
            item.kind,
            item.organisation,
            item.document,
            key=item.key,
            note=item.note,
        )


def _changed(
    workspace: Workspace, session: Session, viewer: Viewer, item: Item
) -> tuple[Outcome, Record]:
    record = workspace.open(session, viewer, item.kind, item.key)
    if item.organisation is not None and record.organisation != item.organisation.id:
        message = f"{record.iri} is looked after by another organisation"
        raise Invalid([Problem(("organisation",), message, rule="reference")])
    if item.etag and item.etag != record.etag:
        raise Changed("Somebody changed the record since you read it.")
    number = record.organisation
    holder = None if number is None else session.get(Organisation, number)
    begun = workspace.begun(item.kind, item.key, holder.agent if holder else "")
    document = {**begun, **item.document}
    if workspace.records.says(record, document):
        return "unchanged", record
    record = workspace.open(session, viewer, item.kind, item.key, "edit")
    with within("document"):
        return "updated", workspace.save(session, viewer, record, document, note=item.note)
