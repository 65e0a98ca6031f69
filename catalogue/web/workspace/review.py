"""The review of a record: all it says and what changes, with comments beside the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.records.differences import differences
from catalogue.records.models import Comment
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.people import persons
from catalogue.web.sections import sections
from catalogue.web.workspace.frame import blueprint, opened, record_page, remember_named
from catalogue.web.workspace.lacking import problems_by_severity


@blueprint.get("/workspace/<kind>/<key>/review")
def review(kind: str, key: str) -> Response:
    """Everything a record says, with what others say about each field."""
    record = opened(kind, key)
    shape = catalogue.records.shape(kind)
    comments = catalogue.workspace.comments(session, record)
    remember_named(record, record.working_copy, record.document)
    return record_page(
        "workspace/review.html",
        record,
        sections=sections(shape, record.working_copy, ()),
        changed=differences(shape, record.document, record.working_copy)
        if record.document is not None
        else None,
        comments=_by_field(comments),
        people=persons(one.author for one in comments),
        problems=problems_by_severity(record),
    )


@blueprint.post("/workspace/<kind>/<key>/comments")
def comment(kind: str, key: str) -> AnyResponse:
    """Say something about a field, or about the whole."""
    field = request.form.get("field", "")
    with catalogue.database.write() as writing:
        record = catalogue.workspace.open(writing, viewer, kind, key, "comment")
        catalogue.workspace.comment(writing, viewer, record, field, request.form.get("text", ""))
    return redirect(_back(kind, key, field), 303)


@blueprint.post("/workspace/<kind>/<key>/comments/<int:number>")
def resolve(kind: str, key: str, number: int) -> AnyResponse:
    """Say that a comment is dealt with, or open it again."""
    with catalogue.database.write() as writing:
        record = catalogue.workspace.open(writing, viewer, kind, key, "comment")
        done = catalogue.workspace.resolve(
            writing, viewer, record, number, open_=request.form.get("open") == "yes"
        )
    return redirect(_back(kind, key, done.field), 303)


def _back(kind: str, key: str, field: str) -> str:
    """The page a comment was made on: the review, or a page of the form."""
    section = request.form.get("section", "")
    anchor = f"field-{field}" if field else "comments"
    if section:
        return url_for("workspace_form.show", kind=kind, key=key, section=section, _anchor=anchor)
    return url_for("workspace.review", kind=kind, key=key, _anchor=anchor)


def _by_field(comments: Sequence[Comment]) -> Mapping[str, list[Comment]]:
    """Comments by the field they are about; "" is the whole."""
    sorted_: dict[str, list[Comment]] = {}
    for one in comments:
        sorted_.setdefault(one.field, []).append(one)
    return sorted_
