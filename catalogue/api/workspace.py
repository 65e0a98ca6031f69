"""The workspace: what somebody looks after, and one working copy read, begun and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Response

from catalogue.api import cursors
from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import absolute, with_query
from catalogue.api.bodies import LONGEST
from catalogue.api.changing import check_key, merged, named, organisation, own, to_change
from catalogue.api.copies import (
    KEY,
    PATH,
    RULE,
    address,
    by_severity,
    item,
    persons,
    problems,
    working_copy,
)
from catalogue.api.operations import PREFIX, Example, Operation
from catalogue.api.parameters import PAGING, Parameter, choice, flag, is_set, refuse, size
from catalogue.api.workspace_forms import NewRecord, Patch, Replacement
from catalogue.errors import Forbidden, within
from catalogue.profile import Profile
from catalogue.records.models import Record
from catalogue.records.permissions import may_over_all
from catalogue.web.current import catalogue
from catalogue.web.paths import KINDS
from catalogue.workspace import LISTS

MERGE_PATCH = "application/merge-patch+json"
_TAG = "Workspace"
_ONE = {"path": "datasets", "key": "heart-failure"}
_STAGES = ("", *LISTS)


def _of_list(_: Profile) -> Sequence[Parameter]:
    return (
        Parameter(
            "stage",
            "Only those that stand there.",
            {"type": "string", "enum": list(LISTS)},
        ),
        flag("waiting", "`true` for what waits for a review instead; for reviewers."),
        *PAGING,
    )


def of_record(_: Profile) -> Sequence[Parameter]:
    """The parameters in the address of one record."""
    return (PATH, KEY)


@personal(
    "/workspace",
    Operation("list_workspace", _TAG, "List what you look after", "WorkspaceItems", _of_list),
)
def every(acting: Acting) -> Response:
    """The records of your organisations in every stage, last touched first.

    What is worked on while you page moves to the beginning.
    """
    stage, waiting = choice("stage", acting.asked, _STAGES), is_set("waiting", acting.asked)
    if waiting and stage:
        raise refuse("stage", "What waits for a review is all in one stage; leave one of both out.")
    if waiting and not may_over_all(acting.viewer, "see waiting"):
        raise Forbidden("Only reviewers see what waits for a review.")
    most, list_ = size(acting.asked), ("workspace", acting.viewer.user, stage, waiting)
    place = cursors.read(list_, dict(acting.asked).get("cursor", ""))
    after = (datetime.fromisoformat(place[0]), int(place[1])) if place else None
    workspace = catalogue.workspace
    found, total = (
        workspace.waiting(acting.session, acting.viewer, size=most + 1, after=after)
        if waiting
        else workspace.mine(acting.session, acting.viewer, stage=stage, size=most + 1, after=after)
    )
    shown, asked = found[:most], [pair for pair in acting.asked if pair[0] != "cursor"]
    next_ = None
    if len(found) > most:
        last = shown[-1].record
        cursor = cursors.written(list_, (last.touched.isoformat(), last.id))
        next_ = with_query(_address(), [*asked, ("cursor", cursor)])
    who = persons(one.author for one in shown)
    return told(
        {
            "total": total,
            "items": [item(acting, one, who[one.author]) for one in shown],
            "next": next_,
            "links": {"self": with_query(_address(), asked), "page": absolute("workspace")},
        }
    )


def _address() -> str:
    return absolute(f"{PREFIX}/workspace")


@personal(
    f"/workspace/<any({','.join(KINDS)}):path>",
    Operation(
        "begin_record",
        _TAG,
        "Begin a record",
        "WorkingCopy",
        lambda profile: (PATH,),
        lambda: [
            Example(
                "",
                {"path": "datasets"},
                sent={
                    "organisation": "university-hospital",
                    "document": {"title": {"en": "Heart failure registry"}, "spatial": ["BEL"]},
                },
            )
        ],
        method="POST",
        body=NewRecord,
        most=LONGEST,
        status=201,
        located=True,
        tagged=True,
    ),
)
def begin(acting: Acting, path: str) -> Response:
    """Begin a record for an organisation; nobody else sees it until it is published.

    What the profile begins such a record with is filled in where nothing is said.
    """
    said, kind = acting.said, KINDS[path]
    holder = organisation(acting, said["organisation"])
    if "key" in said:
        check_key(said["key"])
    with within("document"):
        record = catalogue.workspace.create(
            acting.session,
            acting.viewer,
            kind,
            holder,
            named(said["document"]),
            key=said.get("key", ""),
            note=said.get("note", ""),
        )
    return _told(acting, record, 201)


@personal(
    RULE,
    Operation(
        "read_working_copy",
        _TAG,
        "Read a working copy",
        "WorkingCopy",
        of_record,
        lambda: [Example("", _ONE)],
        missing=True,
        tagged=True,
    ),
)
def show(acting: Acting, path: str, key: str) -> Response:
    """What the editors of a record have before them, what is wrong with it, what you may do."""
    record = catalogue.workspace.open(acting.session, acting.viewer, KINDS[path], key)
    return _told(acting, record)


@personal(
    RULE,
    Operation(
        "replace_working_copy",
        _TAG,
        "Replace a working copy",
        "WorkingCopy",
        of_record,
        lambda: [Example("", _ONE, sent={"document": {"title": {"en": "Heart failure registry"}}})],
        method="PUT",
        body=Replacement,
        most=LONGEST,
        missing=True,
        matches="needed",
        tagged=True,
    ),
)
def replace(acting: Acting, path: str, key: str) -> Response:
    """Say anew what the working copy says, all of it; the world sees it once it is published."""
    record = to_change(acting, KINDS[path], key, "edit")
    return _saved(acting, record, acting.said["document"])


@personal(
    RULE,
    Operation(
        "change_working_copy",
        _TAG,
        "Change a working copy",
        "WorkingCopy",
        of_record,
        lambda: [Example("", _ONE, sent={"document": {"number_of_unique_individuals": 12000}})],
        method="PATCH",
        body=Patch,
        accepts=(MERGE_PATCH, "application/json"),
        most=LONGEST,
        missing=True,
        matches="needed",
        tagged=True,
    ),
)
def change(acting: Acting, path: str, key: str) -> Response:
    """Set some members of the working copy, or take them out with null (RFC 7396)."""
    record = to_change(acting, KINDS[path], key, "edit")
    return _saved(acting, record, merged(record.working_copy, acting.said["document"]))


@personal(
    RULE,
    Operation(
        "delete_draft",
        _TAG,
        "Delete a draft",
        "",
        of_record,
        lambda: [Example("", _ONE)],
        method="DELETE",
        missing=True,
        matches="needed",
        status=204,
    ),
)
def delete(acting: Acting, path: str, key: str) -> Response:
    """Delete a record that the world never saw; what was published once can be withdrawn."""
    record = to_change(acting, KINDS[path], key, "delete")
    catalogue.workspace.delete(acting.session, acting.viewer, record)
    return told(None, 204)


@personal(
    f"{RULE}/check",
    Operation(
        "check_working_copy",
        _TAG,
        "Check a working copy",
        "Check",
        of_record,
        lambda: [Example("", _ONE)],
        missing=True,
        tagged=True,
    ),
)
def check(acting: Acting, path: str, key: str) -> Response:
    """Whether a working copy could be published, and what would make it better."""
    record = catalogue.workspace.open(acting.session, acting.viewer, KINDS[path], key)
    found = by_severity(problems(acting, record))
    links = {"self": address(record, "check"), "record": address(record)}
    return told(
        {"ready": not found["violation"], "problems": found, "links": links}, etag=record.etag
    )


def _saved(acting: Acting, record: Record, document: Mapping[str, Any]) -> Response:
    with within("document"):
        done = catalogue.workspace.save(
            acting.session,
            acting.viewer,
            record,
            own(document, record),
            note=acting.said.get("note", ""),
        )
    return _told(acting, done)


def _told(acting: Acting, record: Record, status: int = 200) -> Response:
    location = address(record) if status == 201 else ""
    return told(working_copy(acting, record), status, etag=record.etag, location=location)
