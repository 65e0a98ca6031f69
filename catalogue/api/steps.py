"""The way of a record to the world and back: one operation for each step.

Who may take which step, and from where, is in one table: ``catalogue/records/permissions.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import Response

from catalogue.api.acting import Acting, personal, told
from catalogue.api.changing import to_change
from catalogue.api.copies import KEY, PATH, RULE, working_copy
from catalogue.api.operations import Example, Operation
from catalogue.api.workspace_forms import Step
from catalogue.web.current import catalogue
from catalogue.web.paths import KINDS

#: The steps in the order of a record's life, each with what it does.
STEPS: Mapping[str, tuple[str, str]] = {
    "submit": (
        "Submit a record for review",
        "Hand the working copy to a reviewer. What keeps it from being published is told.",
    ),
    "recall": ("Recall a record from review", "Take the working copy back to go on editing."),
    "return": (
        "Ask for changes",
        "Send the working copy back to its editors. The note says what is to change.",
    ),
    "publish": (
        "Publish a record",
        "Show the working copy to the world. With a record its organisation's own description "
        "is published, if it never was.",
    ),
    "discard": (
        "Drop the changes to a record",
        "Drop the working copy of a record that the world sees; its text stays in the history.",
    ),
    "withdraw": (
        "Withdraw a record",
        "Take a record out of the world's sight; its address answers 410. The note says why.",
    ),
    "restore": ("Restore a record", "Bring a withdrawn record back into the world's sight."),
}


def take(step: str, acting: Acting, path: str, key: str) -> Response:
    """Take a step with a record and tell how it stands then."""
    record = to_change(acting, KINDS[path], key, step)
    note = acting.said.get("note", "")
    done = catalogue.workspace.take(acting.session, acting.viewer, record, step, note)
    return told(working_copy(acting, done), etag=done.etag)


for _step, (_title, _said) in STEPS.items():
    _view = partial(take, _step)
    _view.__doc__ = _said
    personal(
        f"{RULE}/{_step}",
        Operation(
            f"{_step}_record",
            "Workspace",
            _title,
            "WorkingCopy",
            lambda profile: (PATH, KEY),
            lambda: [
                Example("", {"path": "datasets", "key": "heart-failure"}, sent={"note": "Checked"})
            ],
            method="POST",
            body=Step,
            missing=True,
            matches="heeded",
            tagged=True,
        ),
    )(_view)
