"""The history of a record for those who look after it: every step, what changed, and back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from catalogue.api import cursors
from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import with_query
from catalogue.api.changing import to_change
from catalogue.api.copies import (
    KEY,
    NUMBER_RULE,
    PATH,
    RULE,
    address,
    moment,
    number,
    persons,
    working_copy,
)
from catalogue.api.operations import Example, Operation
from catalogue.api.parameters import PAGING, Parameter, size
from catalogue.api.workspace_forms import Step
from catalogue.errors import NotFound
from catalogue.profile import Profile
from catalogue.records import revisions
from catalogue.records.damage import spared
from catalogue.records.differences import Difference, differences
from catalogue.records.models import Record, Revision
from catalogue.web.current import catalogue
from catalogue.web.paths import KINDS

_TAG = "Workspace"
_NUMBER = number("number", "The number of a revision.")
_ONE = {"path": "datasets", "key": "heart-failure"}
_RULE = f"{RULE}/history/{NUMBER_RULE}"


def _of_revision(_: Profile) -> Sequence[Parameter]:
    return (PATH, KEY, _NUMBER)


@personal(
    f"{RULE}/history",
    Operation(
        "list_history",
        _TAG,
        "List what happened to a record",
        "History",
        lambda profile: (PATH, KEY, *PAGING),
        lambda: [Example("", _ONE)],
        missing=True,
    ),
)
def every(acting: Acting, path: str, key: str) -> Response:
    """Every step of a record, drafts too, with who took it; the newest first."""
    record = _record(acting, path, key)
    most, list_ = size(acting.asked), ("history", record.id)
    place = cursors.read(list_, dict(acting.asked).get("cursor", ""))
    below = int(place[0]) if place else None
    found = revisions.of(acting.session, record, below=below, most=most + 1)
    shown, asked = found[:most], [pair for pair in acting.asked if pair[0] != "cursor"]
    next_ = None
    if len(found) > most:
        cursor = cursors.written(list_, (shown[-1].number,))
        next_ = with_query(address(record, "history"), [*asked, ("cursor", cursor)])
    who = persons(one.author for one in shown)
    return told(
        {
            "items": [_step(record, one, who[one.author]) for one in shown],
            "next": next_,
            "links": {
                "self": with_query(address(record, "history"), asked),
                "record": address(record),
            },
        }
    )


@personal(
    _RULE,
    Operation(
        "read_revision",
        _TAG,
        "Read a revision",
        "Revision",
        _of_revision,
        lambda: [Example("", {**_ONE, "number": "1"})],
        missing=True,
    ),
)
def show(acting: Acting, path: str, key: str, number: int) -> Response:
    """One step of a record, with what its editors had before them then."""
    record = _record(acting, path, key)
    revision = revisions.get(acting.session, record, number)
    who = persons([revision.author])[revision.author]
    document = revisions.said(acting.session, record, revision)
    return told({**_step(record, revision, who), "document": document})


@personal(
    f"{_RULE}/differences",
    Operation(
        "compare_revision",
        _TAG,
        "See what a revision changed",
        "Differences",
        _of_revision,
        lambda: [Example("", {**_ONE, "number": "2"})],
        missing=True,
    ),
)
def compare(acting: Acting, path: str, key: str, number: int) -> Response:
    """What a revision changed, field by field, beside the one before it."""
    record, records = _record(acting, path, key), catalogue.records
    revision = revisions.get(acting.session, record, number)
    before = revisions.before(acting.session, record, number)
    old = revisions.said(acting.session, record, before) if before else {}
    new = revisions.said(acting.session, record, revision)
    shape = records.shape(record.kind)
    found = spared(record, lambda: differences(shape, old, new))
    if found is None:
        raise NotFound("One of the two revisions cannot be read, so they cannot be compared.")
    here = address(record, "history", str(number))
    return told(
        {
            "number": number,
            "before": before.number if before else None,
            "items": [_difference(one) for one in found],
            "links": {"self": f"{here}/differences", "revision": here, "record": address(record)},
        }
    )


@personal(
    f"{_RULE}/revert",
    Operation(
        "revert_record",
        _TAG,
        "Take an earlier revision up",
        "WorkingCopy",
        _of_revision,
        lambda: [Example("", {**_ONE, "number": "1"}, sent={})],
        method="POST",
        body=Step,
        missing=True,
        matches="heeded",
        tagged=True,
    ),
)
def revert(acting: Acting, path: str, key: str, number: int) -> Response:
    """Make what a record said in an earlier revision its working copy."""
    record = to_change(acting, KINDS[path], key, "edit")
    note = acting.said.get("note", "")
    done = catalogue.workspace.revert(acting.session, acting.viewer, record, number, note)
    return told(working_copy(acting, done), etag=done.etag)


def _record(acting: Acting, path: str, key: str) -> Record:
    return catalogue.workspace.open(acting.session, acting.viewer, KINDS[path], key)


def _step(record: Record, one: Revision, author: Mapping[str, str]) -> dict[str, Any]:
    here = address(record, "history", str(one.number))
    return {
        "number": one.number,
        "action": one.action,
        "state": one.state,
        "author": author,
        "at": moment(one.at),
        "note": one.note,
        "links": {"self": here, "differences": f"{here}/differences"},
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "field": one.field.name,
        "label": one.field.label,
        "before": list(one.before),
        "after": list(one.after),
        "parts": [
            {"part": part.get("id", ""), "differences": [_difference(inner) for inner in within]}
            for part, within in one.parts
        ],
        "reason_before": one.reason_before,
        "reason_after": one.reason_after,
    }
