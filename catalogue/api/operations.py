"""What the interface answers: each operation is told where its view is, and documented from there.

Those that only read published things are here; those for people who say who they are begin
in ``acting.py``.

The OpenAPI document is made of these and of the address map, so an address without words
cannot come about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from flask import Flask
from marshmallow import Schema

from catalogue.api.parameters import Parameter
from catalogue.profile import Profile
from catalogue.web.views import pages

#: Where version 1 of the interface lies.
PREFIX = "/api/v1"
blueprint = pages("api", __name__)

#: The groups of operations, in the order they are told.
TAGS = (
    "Datasets",
    "Questions",
    "Organisations",
    "Catalogues",
    "Series",
    "Services",
    "Assets",
    "Vocabularies",
    "Fingerprints",
    "Workspace",
    "Harvesting",
    "Saved",
    "Account",
    "About",
)

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Example:
    """A call that works: its words, its path parameters, its query and what is sent."""

    said: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    sent: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Operation:
    """One thing the interface answers.

    ``answer`` names the schema of the answer, if there is one; ``parameters`` depend on the
    profile, for its facets and ranges are among them.  ``gone`` tells that what it answers
    with may have been withdrawn.  What is ``personal`` is for those who say who they are.

    ``sends`` are the media types of a file that is sent as it is.
    ``ahead`` makes of what was sent what the view needs, before the transaction begins, so that
    no writer waits for it.
    ``body`` is the form of what is sent, ``accepts`` its media types and ``most`` the bytes
    of it that are read.  ``matches`` tells whether ``If-Match`` is heeded or even needed,
    ``status`` how a success is answered, ``located`` that the answer says where the new thing
    is, ``tagged`` that it names its state.
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
    method: str = "GET"
    personal: bool = False
    body: type[Schema] | None = None
    accepts: Sequence[str] = ("application/json",)
    sends: Sequence[str] = ()
    ahead: Callable[..., Mapping[str, Any]] | None = None
    most: int = 100_000
    matches: Literal["", "heeded", "needed"] = ""
    status: int = 200
    located: bool = False
    tagged: bool = False

    @property
    def changes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"


_OPERATIONS: dict[str, Operation] = {}


def get(rule: str, operation: Operation, **fixed: Any) -> Callable[[View], View]:
    """Let a view answer GET below the prefix; ``fixed`` are arguments the address implies."""

    def add_(view: View) -> View:
        add(rule, operation, view, **fixed)
        return view

    return add_


def add(rule: str, operation: Operation, view: Callable[..., Any], **fixed: Any) -> None:
    """Let a view answer an operation below the prefix."""
    _OPERATIONS[f"{blueprint.name}.{operation.name}"] = operation
    blueprint.add_url_rule(
        PREFIX + rule, operation.name, view, methods=[operation.method], defaults=fixed
    )


def operations(app: Flask) -> Sequence[tuple[str, Operation, Callable[..., Any]]]:
    """Every operation with its rule and its view, in the order of the tags."""
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    found = [
        (rules[endpoint], one, app.view_functions[endpoint])
        for endpoint, one in _OPERATIONS.items()
    ]
    return sorted(found, key=lambda each: (TAGS.index(each[1].tag), each[0]))
