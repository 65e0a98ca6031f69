"""Which networks review what they list: for administrators."""

from __future__ import annotations

from flask import Response

from catalogue.api.acting import Acting, personal, told
from catalogue.api.operations import Example, Operation
from catalogue.api.workspace_forms import NewPolicy
from catalogue.errors import Forbidden, Invalid, Problem
from catalogue.records.permissions import may_over_all
from catalogue.web.current import catalogue

_NETWORK = "catalogue"


@personal(
    "/workspace/policies",
    Operation("list_policies", "Workspace", "List which networks review", "Policies"),
)
def every(acting: Acting) -> Response:
    """What networks say of reviews; for administrators."""
    found = catalogue.workspace.policies(acting.session, acting.viewer)
    return told(
        {
            "default": catalogue.settings.review == "required",
            "items": [{"catalogue": one.catalogue, "review": one.review} for one in found],
        }
    )


@personal(
    "/workspace/policies",
    Operation(
        "set_policy",
        "Workspace",
        "Say whether a network reviews",
        "NetworkPolicy",
        examples=lambda: [Example("", sent={"catalogue": "id/catalogue/network", "review": True})],
        method="PUT",
        body=NewPolicy,
    ),
)
def put(acting: Acting) -> Response:
    """Say whether what a network lists is reviewed before it is published."""
    reference, review = acting.said["catalogue"], acting.said["review"]
    if not may_over_all(acting.viewer, "administer"):
        raise Forbidden("Only administrators say which networks review.")
    found = catalogue.records.named(acting.session, [reference]).get(reference)
    if found is None or found.kind != _NETWORK:
        message = f"There is no catalogue “{reference[:200]}” here"
        raise Invalid([Problem(("catalogue",), message, rule="reference")])
    catalogue.workspace.set_policy(acting.session, acting.viewer, reference, review)
    return told({"catalogue": reference, "review": review})
