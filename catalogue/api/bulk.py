"""Many records in one request: all of them or none, or what is right of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response
from sqlalchemy.exc import IntegrityError

from catalogue.api.acting import Acting, Undone, personal, told
from catalogue.api.answers import dumps
from catalogue.api.bodies import LONGEST, LONGEST_OF_MANY
from catalogue.api.changing import check_key, named, organisation
from catalogue.api.copies import address, broken_rule
from catalogue.api.operations import Example, Operation
from catalogue.api.parameters import Parameter, choice, flag, is_set
from catalogue.api.workspace_forms import MOST_ITEMS, Bulk
from catalogue.bulk import Item, put
from catalogue.errors import (
    CatalogueError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    within,
)
from catalogue.records.models import Record
from catalogue.web.current import catalogue

_MODES = ("atomic", "each")
_PARAMETERS = (
    Parameter(
        "mode",
        "`atomic`: all items or none. `each`: what is right is stored and the rest is told.",
        {"type": "string", "enum": list(_MODES), "default": _MODES[0]},
    ),
    flag("dry_run", "`true` to be told what would happen; nothing is written."),
)
#: What kind of rule an error is about, where it does not say so itself.
_RULES: Mapping[type[CatalogueError], str] = {
    NotFound: "missing",
    Forbidden: "permission",
    Conflict: "conflict",
}
_OUTCOMES = ("created", "updated", "unchanged", "refused")


@personal(
    "/workspace/bulk",
    Operation(
        "store_records",
        "Workspace",
        "Store many records",
        "BulkAnswer",
        lambda profile: _PARAMETERS,
        lambda: [
            Example(
                "Say what would happen",
                query=[("mode", "each"), ("dry_run", "true")],
                sent={
                    "items": [
                        {
                            "kind": "dataset",
                            "key": "heart-failure",
                            "organisation": "university-hospital",
                            "document": {"title": {"en": "Heart failure registry"}},
                            "step": "submit",
                        }
                    ]
                },
            )
        ],
        method="POST",
        body=Bulk,
        most=LONGEST_OF_MANY,
    ),
)
def store(acting: Acting) -> Response:
    """Begin, change and move on many records; the same items again change nothing."""
    mode, dry = choice("mode", acting.asked, _MODES), is_set("dry_run", acting.asked)
    items = acting.said["items"]
    _refuse_twins(items)
    answers = [_one(acting, place, item) for place, item in enumerate(items)]
    counts = Counter(answer["outcome"] for answer, _ in answers)
    if counts["refused"] and mode == "atomic":
        raise Invalid(problem for _, problems in answers for problem in problems)
    response = told(
        {
            "written": not dry and counts["created"] + counts["updated"] > 0,
            **{outcome: counts[outcome] for outcome in _OUTCOMES},
            "items": [answer for answer, _ in answers],
        }
    )
    if dry:
        raise Undone(response)
    return response


def _one(
    acting: Acting, place: int, item: Mapping[str, Any]
) -> tuple[dict[str, Any], Sequence[Problem]]:
    """What became of one item; what it changed is taken back if anything about it is wrong."""
    about = {"position": place, "kind": item["kind"], "key": item["key"]}
    try:
        with acting.session.begin_nested():
            outcome, record = put(
                catalogue.workspace, acting.session, acting.viewer, _item(acting, item)
            )
    except (CatalogueError, IntegrityError) as error:
        problems = list(_problems(error, place))
        refused = {"outcome": "refused", "problems": [broken_rule(one) for one in problems]}
        return {**about, **refused}, problems
    return {**about, "outcome": outcome, **_state(record)}, ()


def _item(acting: Acting, said: Mapping[str, Any]) -> Item:
    workspace, document = catalogue.workspace, said["document"]
    check_key(said["key"])
    step = said.get("step", "")
    if step and step not in workspace.steps:
        known = ", ".join(workspace.steps)
        raise Invalid([Problem(("step",), f"“{step[:60]}” is no step; there are {known}")])
    if len(dumps(document)) > LONGEST:
        raise Invalid([Problem(("document",), f"is longer than {LONGEST:,} characters")])
    key = said.get("organisation")
    with within("document"):
        named(document)
    return Item(
        said["kind"],
        said["key"],
        document,
        organisation(acting, key) if key else None,
        step,
        said.get("etag", ""),
        acting.said.get("note", ""),
    )


def _state(record: Record) -> dict[str, Any]:
    return {
        "revision": record.revision,
        "etag": record.etag,
        "stage": record.stage,
        "url": address(record),
    }


def _problems(error: Exception, place: int) -> Iterator[Problem]:
    """What is wrong with an item, each with the place in the request."""
    if isinstance(error, Invalid):
        yield from (one.inside("items", place) for one in error.problems)
        return
    rule = next((said for kind, said in _RULES.items() if isinstance(error, kind)), "conflict")
    said = (
        "Somebody did the same at the same moment" if isinstance(error, IntegrityError) else error
    )
    yield Problem(("items", place), str(said), rule=rule)


def _refuse_twins(items: Sequence[Mapping[str, Any]]) -> None:
    assert len(items) <= MOST_ITEMS
    first: dict[tuple[str, str], int] = {}
    twins = []
    for place, item in enumerate(items):
        before = first.setdefault((item["kind"], item["key"]), place)
        if before != place:
            message = f"Item {before} is about the same record already"
            twins.append(Problem(("items", place, "key"), message, rule="conflict"))
    if twins:
        raise Invalid(twins)
