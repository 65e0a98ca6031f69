"""What the interface answers: each operation is told where its view is, and documented from there.

The OpenAPI document is made of these and of the address map, so an address without words
cannot come about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask

from catalogue.api.parameters import Parameter
from catalogue.profile import Profile
from catalogue.web.views import pages

#: Where version 1 of the interface lies.
PREFIX = "/api/v1"
blueprint = pages("api", __name__)

#: The groups of operations, in the order they are told.
TAGS = ("Datasets", "Organisations", "Catalogues", "Series", "Services", "Vocabularies", "About")

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Example:
    """A call that works: its words, its path parameters and its query."""

    said: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Operation:
    """One thing the interface answers.

    ``answer`` names the schema of the answer; ``parameters`` depend on the profile, for its
    facets and ranges are among them.  ``gone`` tells that what it answers with may have
    been withdrawn.
    """

    name: str
    tag: str
    title: str
    answer: str
    parameters: Callable[[Profile], Sequence[Parameter]] = lambda profile: ()
    examples: Callable[[], Sequence[Example]] = lambda: (Example(""),)
    missing: bool = False
    gone: bool = False
    media_types: Sequence[str] = ("application/json",)


_OPERATIONS: dict[str, Operation] = {}


def get(rule: str, operation: Operation, **fixed: Any) -> Callable[[View], View]:
    """Let a view answer GET below the prefix; ``fixed`` are arguments the address implies."""

    def add(view: View) -> View:
        _OPERATIONS[f"{blueprint.name}.{operation.name}"] = operation
        blueprint.add_url_rule(PREFIX + rule, operation.name, view, methods=["GET"], defaults=fixed)
        return view

    return add


def operations(app: Flask) -> Sequence[tuple[str, Operation, Callable[..., Any]]]:
    """Every operation with its rule and its view, in the order of the tags."""
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    found = [
        (rules[endpoint], one, app.view_functions[endpoint])
        for endpoint, one in _OPERATIONS.items()
    ]
    return sorted(found, key=lambda each: (TAGS.index(each[1].tag), each[0]))
