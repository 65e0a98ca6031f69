"""What editors and reviewers say to each other of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from catalogue.api import cursors
from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import with_query
from catalogue.api.copies import KEY, NUMBER_RULE, PATH, RULE, address, moment, number, persons
from catalogue.api.operations import Example, Operation
from catalogue.api.parameters import PAGING, Parameter, size
from catalogue.api.workspace_forms import NewComment
from catalogue.profile import Profile
from catalogue.records.models import Comment
from catalogue.web.current import catalogue
from catalogue.web.paths import KINDS

_TAG = "Workspace"
_ONE = {"path": "datasets", "key": "heart-failure"}
_NUMBER = number("number", "The `id` of a comment.")


def _of_comment(_: Profile) -> Sequence[Parameter]:
    return (PATH, KEY, _NUMBER)


@personal(
    f"{RULE}/comments",
    Operation(
        "list_comments",
        _TAG,
        "List the comments on a record",
        "Comments",
        lambda profile: (PATH, KEY, *PAGING),
        lambda: [Example("", _ONE)],
        missing=True,
    ),
)
def every(acting: Acting, path: str, key: str) -> Response:
    """What was said of a record, the oldest first; what is dealt with too."""
    workspace = catalogue.workspace
    record = workspace.open(acting.session, acting.viewer, KINDS[path], key)
    most, list_ = size(acting.asked), ("comments", record.id)
    place = cursors.read(list_, dict(acting.asked).get("cursor", ""))
    after = int(place[0]) if place else 0
    found = workspace.comments(acting.session, record, after=after, size=most + 1)
    shown, asked = found[:most], [pair for pair in acting.asked if pair[0] != "cursor"]
    here, next_ = address(record, "comments"), None
    if len(found) > most:
        cursor = cursors.written(list_, (shown[-1].id,))
        next_ = with_query(here, [*asked, ("cursor", cursor)])
    return told(
        {
            "items": _comments(shown),
            "next": next_,
            "links": {"self": with_query(here, asked), "record": address(record)},
        }
    )


@personal(
    f"{RULE}/comments",
    Operation(
        "comment_record",
        _TAG,
        "Comment on a record",
        "Comment",
        lambda profile: (PATH, KEY),
        lambda: [Example("", _ONE, sent={"field": "title", "text": "Which year?"})],
        method="POST",
        body=NewComment,
        missing=True,
        status=201,
        located=True,
    ),
)
def say(acting: Acting, path: str, key: str) -> Response:
    """Say something of a record, or of one property of it, to those who look after it."""
    workspace, said = catalogue.workspace, acting.said
    record = workspace.open(acting.session, acting.viewer, KINDS[path], key, "comment")
    made = workspace.comment(
        acting.session, acting.viewer, record, said.get("field", ""), said["text"]
    )
    return told(_comments([made])[0], 201, location=address(record, "comments"))


def _settle(acting: Acting, path: str, key: str, number: int, *, open_: bool) -> Response:
    workspace = catalogue.workspace
    record = workspace.open(acting.session, acting.viewer, KINDS[path], key, "comment")
    done = workspace.resolve(acting.session, acting.viewer, record, number, open_=open_)
    return told(_comments([done])[0])


@personal(
    f"{RULE}/comments/{NUMBER_RULE}/resolve",
    Operation(
        "resolve_comment",
        _TAG,
        "Say that a comment is dealt with",
        "Comment",
        _of_comment,
        lambda: [Example("", {**_ONE, "number": "1"})],
        method="POST",
        missing=True,
    ),
)
def resolve(acting: Acting, path: str, key: str, number: int) -> Response:
    """Say that a comment is dealt with; it stays to be read."""
    return _settle(acting, path, key, number, open_=False)


@personal(
    f"{RULE}/comments/{NUMBER_RULE}/reopen",
    Operation(
        "reopen_comment",
        _TAG,
        "Open a comment again",
        "Comment",
        _of_comment,
        lambda: [Example("", {**_ONE, "number": "1"})],
        method="POST",
        missing=True,
    ),
)
def reopen(acting: Acting, path: str, key: str, number: int) -> Response:
    """Say that a comment is not dealt with after all."""
    return _settle(acting, path, key, number, open_=True)


def _comments(found: Sequence[Comment]) -> list[dict[str, Any]]:
    who = persons(author for one in found for author in (one.author, one.resolved_by))
    return [_comment(one, who) for one in found]


def _comment(one: Comment, who: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "id": one.id,
        "field": one.field,
        "text": one.text,
        "author": who[one.author],
        "at": moment(one.at),
        "resolved": moment(one.resolved),
        "resolved_by": who[one.resolved_by] if one.resolved else None,
    }
