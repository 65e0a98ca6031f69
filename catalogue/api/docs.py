"""The interface to read: a page drawn from the OpenAPI document, without scripts of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response

from catalogue.api.openapi import DRAFT, document
from catalogue.api.operations import blueprint
from catalogue.search.query import DEEPEST
from catalogue.web.current import catalogue
from catalogue.web.views import page

Schema = Mapping[str, Any]
#: A list of more values than these is not told, but what they are.
_FEW = 8


@dataclass(frozen=True)
class Member:
    """One parameter, or one member of an answer, as the page shows it.

    ``part`` names the schema its value has, where that is told by itself.
    """

    name: str
    kind: str
    said: str
    part: str = ""
    group: str = ""
    always: bool = True


@dataclass(frozen=True)
class Entry:
    """One operation as the page shows it."""

    method: str
    path: str
    operation: Schema
    part: str
    parameters: Sequence[Member]
    body: Sequence[Member]
    answer: Sequence[Member]
    errors: Sequence[tuple[str, str]]

    @property
    def groups(self) -> dict[str, list[Member]]:
        """The parameters by what they are: those of the search itself, facets, ranges."""
        found: dict[str, list[Member]] = {}
        for one in self.parameters:
            found.setdefault(one.group, []).append(one)
        return found


@blueprint.get("/api/docs")
def docs() -> Response:
    """The JSON interface to read: every operation with parameters, a call that works, fields."""
    said = document()
    tags: dict[str, list[Entry]] = {tag["name"]: [] for tag in said["tags"]}
    for entry in _entries(said):
        tags[entry.operation["tags"][0]].append(entry)
    parts = {
        name: (schema, list(_members(schema)))
        for name, schema in sorted(said["components"]["schemas"].items())
        if name not in catalogue.profile and not _is_draft(name)
    }
    entries = [entry for some in tags.values() for entry in some]
    # What one operation alone answers, or is sent, is told there; all else is told once below.
    times = Counter(one.part for one in entries)
    referred = {member.part for _, members in parts.values() for member in members}
    shared = {part for part in parts if times[part] > 1 or part in referred}
    alone = {one.part for one in entries} - shared
    alone |= {_part(_body(one.operation)) for one in entries} - referred
    return page(
        "api/docs.html",
        document=said,
        tags=tags,
        parts={name: part for name, part in parts.items() if name not in alone},
        shared=shared,
        shapes=catalogue.profile,
        deepest=DEEPEST,
    )


def _entries(said: Schema) -> Iterator[Entry]:
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            yield _entry(said["components"], method.upper(), path, operation)


def _entry(components: Schema, method: str, path: str, operation: Schema) -> Entry:
    part = _part(_answer(operation))
    body = _part(_body(operation))
    return Entry(
        method,
        path,
        operation,
        part,
        [
            Member(
                one["name"],
                _given(one),
                one["description"],
                group=one.get("x-group", "Headers" if one["in"] == "header" else ""),
                always=one["required"],
            )
            for one in operation["parameters"]
        ],
        list(_members(components["schemas"].get(body))),
        [] if part in catalogue.profile else list(_members(components["schemas"].get(part))),
        [
            (status, components["responses"][status]["description"])
            for status, one in operation["responses"].items()
            if "$ref" in one
        ],
    )


def _answer(operation: Schema) -> Schema:
    """The schema of the answer when all is well; an empty one where nothing is answered."""
    right = next(one for status, one in operation["responses"].items() if status < "300")
    content: Schema = next(iter(right.get("content", {}).values()), {"schema": {}})
    return content["schema"]  # type: ignore[no-any-return]


def _body(operation: Schema) -> Schema:
    """The schema of what is sent; an empty one where nothing is."""
    content = operation.get("requestBody", {}).get("content", {})
    return next(iter(content.values()), {"schema": {}})["schema"]


def _members(schema: Schema | None) -> Iterator[Member]:
    """The members of an object, those that are always there first."""
    if schema is None:
        return
    always = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield Member(
            name, _kind(one), one.get("description", ""), _part(one), always=name in always
        )


def _given(parameter: Schema) -> str:
    """What the value of a parameter is, in words."""
    schema = parameter["schema"]
    if schema.get("type") == "array":
        how = "repeatable" if parameter["explode"] else "with commas between"
        names = schema["items"].get("enum", ())
        return f"{'names' if len(names) > _FEW else _kind(schema['items'])}, {how}"
    return _kind(schema)


def _kind(schema: Schema) -> str:
    """What a value is, in words."""
    kinds = schema.get("type", "")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if (alternatives := schema.get("anyOf")) and _is_draft(_name(alternatives[0])):
        named = ", ".join(_name(one).removesuffix(DRAFT) for one in alternatives)
        return f"object with the properties of its class: {named}"
    if alternatives:
        return " or ".join(_kind(one) for one in alternatives)
    if "enum" in schema:
        said = "one of " + ", ".join(map(str, schema["enum"]))
    elif "array" in kinds:
        inner = _kind(schema["items"])
        said = f"list of {inner}" if inner else "list"
    elif "additionalProperties" in schema:
        inner = _kind(schema["additionalProperties"] or {})
        said = f"object: {inner} by name" if inner else "object"
    elif part := _part(schema):
        said = part
    else:
        said = " or ".join(kinds)
    if "minimum" in schema and "maximum" in schema:
        said += f" from {schema['minimum']} to {schema['maximum']}"
    if "default" in schema:
        said += f"; {schema['default']} if not given"
    return said


def _part(schema: Schema) -> str:
    """The name of the schema that a schema refers to, itself or for its members.

    Drafts have none: what their properties mean stands at their classes.
    """
    if name := _name(schema):
        return "" if _is_draft(name) else name
    inside = [*schema.get("allOf", ()), *schema.get("anyOf", ())]
    inside += [schema.get(name) for name in ("items", "additionalProperties")]
    return next((found for one in inside if one and (found := _part(one))), "")


def _name(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _is_draft(name: str) -> bool:
    """Whether a schema is a class of the profile as its editors write it."""
    return name.endswith(DRAFT) and name.removesuffix(DRAFT) in catalogue.profile
