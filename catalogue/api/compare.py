"""Datasets side by side, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response
from sqlalchemy import select

from catalogue.api.answers import absolute, answer
from catalogue.api.items import items
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import Parameter, given, refuse
from catalogue.records.models import PUBLISHED, Record
from catalogue.web.comparing import MOST, Comparison, Line, asked_for, compared
from catalogue.web.current import last_change, session
from catalogue.web.dataset import CONTEXT
from catalogue.web.sides import Side

_DATASETS = (
    Parameter(
        "dataset",
        f"The `slug` of a dataset; at most {MOST} of them.",
        {"type": "string", "maxLength": 200},
        many=True,
    ),
)


def _examples() -> Sequence[Example]:
    slugs = session.scalars(
        select(Record.slug)
        .where(Record.kind == "dataset", Record.state == PUBLISHED)
        .order_by(Record.id)
        .limit(2)
    ).all()
    return [Example("", query=[("dataset", slug) for slug in slugs])] if slugs else []


@get(
    "/compare",
    Operation(
        "compare_datasets",
        "Datasets",
        "Compare datasets",
        "Comparison",
        lambda profile: _DATASETS,
        _examples,
    ),
)
def compare() -> Response:
    """Datasets side by side, by section: what each says, and whether all say the same.

    Outcomes, conditions and core outcome sets have a line each. What one says and another does
    not state is a difference.
    """
    slugs = asked_for(value for _, value in given(_DATASETS))
    if len(slugs) > MOST:
        raise refuse("dataset", f"{len(slugs)} are asked for; at most {MOST} can be compared.")
    return answer(
        lambda: _content(compared(slugs, CONTEXT["read_first"]), slugs),
        "compare",
        last_change(),
        slugs,
    )


def _content(found: Comparison, slugs: Sequence[str]) -> Mapping[str, Any]:
    query = urlencode([("dataset", slug) for slug in slugs])
    query = f"?{query}" if query else ""
    shown = [item for _, item in items([one.record for one in found.columns], whole=False)]
    return {
        "items": [{name: one[name] for name in one if name in _TOLD} for one in shown],
        "missing": [{"slug": one.slug, "said": one.said} for one in found.missing],
        "groups": [
            {"label": group.title, "lines": [_line(line) for line in group.lines]}
            for group in found.groups
        ],
        "links": {
            "self": absolute(f"{PREFIX}/compare{query}"),
            "page": absolute(f"compare{query}"),
        },
    }


#: What is told of each dataset itself.
_TOLD = frozenset(
    {
        *("iri", "slug", "title", "language", "alternative", "description"),
        *("modified", "revision", "links"),
    }
)


def _line(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "label": line.label,
        "of": line.of or None,
        "concept": line.concept or None,
        "same": line.same and not line.silent,
        "stated": not line.silent,
        "sides": [_side(one) for one in line.sides],
    }


def _side(one: Side) -> dict[str, Any]:
    return {
        "stated": one.stated,
        "said": one.texts,
        "values": list(one.values),
        "state": one.state or None,
        "reason": one.reason or None,
    }
