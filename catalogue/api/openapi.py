"""The OpenAPI document: what the interface answers, read off its operations and the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Response, current_app
from marshmallow import Schema

from catalogue import __version__
from catalogue.api.answers import absolute, answer
from catalogue.api.documents import Documents
from catalogue.api.forms import Problem, Records
from catalogue.api.operations import TAGS, Example, Operation, get, operations
from catalogue.api.parameters import Parameter, given
from catalogue.api.search_forms import Search, Suggestions
from catalogue.api.vocabulary_forms import Concept, Vocabularies, Vocabulary
from catalogue.profile import Profile
from catalogue.web import counts
from catalogue.web.current import catalogue, last_change

_ABOUT = (
    "Reads the catalogue: search with the words, facets and ranges of the page, single "
    "descriptions as JSON-LD, vocabularies. No key, no registration; it only reads. "
    "Every answer has an `ETag`: send `If-None-Match` and get 304 while nothing has changed. "
    "To have everything, take the feed or the dump instead of paging. "
    "What is not stated is unknown; do not read silence as “no”."
)
_PROBLEMS: Mapping[int, str] = {
    400: "The request cannot be understood; the answer names the parameter and the way out.",
    404: "There is no such thing.",
    406: "There is no such representation; this is JSON.",
    410: "There was such a record, and it was withdrawn: forget it too.",
    503: "Not now; try again after a minute.",
}
#: Every form of an answer by the name operations give it.
_ANSWERS: Mapping[str, type[Schema]] = {
    one.__name__: one
    for one in (Search, Suggestions, Records, Vocabularies, Vocabulary, Concept, Problem)
}
_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?([a-z_]+)>")


@get(
    "/openapi.json",
    Operation("read_openapi", "About", "Read this description", "OpenAPI"),
)
def openapi() -> Response:
    """This interface as an OpenAPI 3.1 document."""
    given(())
    return answer(document, "openapi", last_change())


def document() -> dict[str, Any]:
    """The document; made once for each state of the catalogue, for its examples follow that."""
    return counts.once("openapi", _document)


def _document() -> dict[str, Any]:
    spec = APISpec(
        f"{catalogue.settings.title}: JSON API",
        __version__,
        "3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=_name_of)],
        info={"description": _ABOUT},
        tags=[{"name": tag} for tag in TAGS],
        servers=[{"url": catalogue.settings.public_address.rstrip("/")}],
        externalDocs={"description": "The same to read", "url": absolute("api/docs")},
    )
    documents = Documents()
    for shape in catalogue.profile.values():
        if shape.kept == "record":
            spec.components.schema(shape.name, schema=documents(shape))
    for name, schema in _ANSWERS.items():
        spec.components.schema(name, schema=schema)
    for status, said in _PROBLEMS.items():
        content = {"application/problem+json": {"schema": _reference("Problem")}}
        spec.components.response(str(status), {"description": said, "content": content})
    for rule, one, view in operations(current_app):
        spec.path(
            path=_ARGUMENT.sub(r"{\1}", rule),
            operations={"get": _operation(one, view, rule)},
        )
    found = spec.to_dict()
    dataset = catalogue.profile.records["dataset"].name
    item = found["components"]["schemas"]["DatasetItem"]["properties"]["document"]
    item |= _reference(dataset)  # which class that is, the profile says
    del item["type"]
    return found


def _reference(name: str) -> dict[str, str]:
    """A schema of the document; its bare name could be taken for a class of that name elsewhere."""
    return {"$ref": f"#/components/schemas/{name}"}


def _name_of(schema: Any) -> str:
    """The name of a schema in the document."""
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__


def _operation(one: Operation, view: Callable[..., Any], rule: str) -> dict[str, Any]:
    profile = catalogue.profile
    examples = list(one.examples())
    path = set(_ARGUMENT.findall(rule))
    return {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": one.title,
        "description": " ".join((view.__doc__ or "").replace("``", "`").split()),
        "parameters": [
            _parameter(p, examples)
            for p in one.parameters(profile)
            if p.place == "query" or p.name in path
        ],
        "responses": {"200": _answered(one, profile), **_others(one)},
        "x-codeSamples": [
            {
                "lang": "Shell",
                "label": example.said or one.title,
                "source": f"curl '{address_of(rule, example)}'",
            }
            for example in examples
        ],
    }


def address_of(rule: str, example: Example) -> str:
    """The address of an example."""
    path = _ARGUMENT.sub(lambda match: quote(example.path[match[1]]), rule)
    query = urlencode(list(example.query))
    return absolute(path) + (f"?{query}" if query else "")


def _parameter(one: Parameter, examples: list[Example]) -> dict[str, Any]:
    listed = one.many or one.commas
    schema: Any = {"type": "array", "items": dict(one.schema)} if listed else dict(one.schema)
    found: dict[str, Any] = {
        "name": one.name,
        "in": one.place,
        "required": one.place == "path",
        "description": one.description,
        "schema": schema,
    }
    if listed:
        found |= {"style": "form", "explode": one.many}
    if one.group:
        found["x-group"] = one.group
    if one.place == "path" and examples:
        found["example"] = examples[0].path[one.name]
    return found


def _answered(one: Operation, profile: Profile) -> dict[str, Any]:
    """The answer when all is well; a record is named by its kind, all else by its schema."""
    name = profile.records[one.answer].name if one.answer in profile.records else one.answer
    known = name in _ANSWERS or name in profile
    schema: Any = _reference(name) if known else {"type": "object"}
    headers = {"ETag": {"description": "The state of the answer.", "schema": {"type": "string"}}}
    if "next" in getattr(_ANSWERS.get(name), "_declared_fields", {}):
        headers["Link"] = {
            "description": "Where to go on, as `rel=next`.",
            "schema": {"type": "string"},
        }
    return {
        "description": one.title,
        "headers": headers,
        "content": {media_type: {"schema": schema} for media_type in one.media_types},
    }


def _others(one: Operation) -> dict[str, Any]:
    """The answers when something is otherwise; each problem is told once, by its status."""
    statuses = [400, *([404] if one.missing else []), 406, *([410] if one.gone else []), 503]
    return {
        "304": {"description": "Nothing has changed since the ETag that was sent."},
        **{str(status): str(status) for status in statuses},
    }
