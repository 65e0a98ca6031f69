"""The OpenAPI document: what the interface answers, read off its operations and the table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Response, current_app
from marshmallow import Schema

from catalogue import __version__
from catalogue.api import (
    account_forms,
    bodies,
    compare_forms,
    cube_forms,
    fingerprint_forms,
    harvest_forms,
    idempotency,
    preconditions,
    question_forms,
    saved_forms,
    upkeep_forms,
    variable_forms,
    workspace_forms,
)
from catalogue.api.answers import absolute, answer
from catalogue.api.documents import Documents
from catalogue.api.forms import Problem, Records
from catalogue.api.operations import TAGS, Example, Operation, get, operations
from catalogue.api.parameters import Parameter, given
from catalogue.api.search_forms import Search, Suggestions
from catalogue.api.vocabulary_forms import Concept, Vocabularies, Vocabulary
from catalogue.api.workspace_forms import BulkItem
from catalogue.profile import Profile
from catalogue.web import counts
from catalogue.web.current import catalogue, last_change

_ABOUT = (
    "Reads the catalogue: search with the words, facets and ranges of the page, single "
    "descriptions as JSON-LD, vocabularies; without key or registration. "
    "Every such answer has an `ETag`: send `If-None-Match` and get 304 while nothing has changed. "
    "To have everything, take the feed or the dump instead of paging. "
    "What is not stated is unknown; do not read silence as “no”. "
    "Whoever looks after records writes here too, with a token of their account: a change names "
    "in `If-Match` the state it is meant for, and one that is sent again under the same "
    "`Idempotency-Key` is not done twice."
)
_PROBLEMS: Mapping[int, str] = {
    400: "The request cannot be understood; the answer names the parameter and the way out.",
    401: "It is not known who you are: the token is missing or does not work.",
    403: "You may not; the answer says what would help.",
    404: "There is no such thing.",
    405: "The address does not answer this kind of request.",
    406: "There is no such representation; this is JSON.",
    409: "It cannot be done as things stand: a key is taken, or the same request still runs.",
    410: "There was such a record, and it was withdrawn: forget it too.",
    412: "It is no longer what `If-Match` names; read it again.",
    413: "More was sent than is read.",
    415: "What was sent is in a form that is not read here.",
    422: "What was sent breaks rules; the answer names each with its place.",
    428: "`If-Match` is missing.",
    429: "Too many attempts; `Retry-After` says how long to wait.",
    503: "Not now; try again after a minute.",
}
#: Every form of an answer by the name operations give it.
_ANSWERS: Mapping[str, type[Schema]] = {
    one.__name__: one
    for one in (
        *(Search, Suggestions, Records, Vocabularies, Vocabulary, Concept, Problem),
        *question_forms.ANSWERS,
        *workspace_forms.ANSWERS,
        *variable_forms.ANSWERS,
        *harvest_forms.ANSWERS,
        *fingerprint_forms.ANSWERS,
        *compare_forms.ANSWERS,
        *account_forms.ANSWERS,
        *cube_forms.ANSWERS,
        *saved_forms.ANSWERS,
        *upkeep_forms.ANSWERS,
    )
}
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of your account: `Authorization: Bearer cat_…`. It is made on the "
    "page of your account, or with another token by `POST /api/v1/account/tokens`.",
}
#: The forms that hold the document of a record, which is of one of several classes.
_HOLDS_DOCUMENT = ("NewRecord", "Replacement", "BulkItem", "WorkingCopy", "Revision")
#: A class of the profile has two forms: published, as JSON-LD, and as its editors write it.
DRAFT = "Draft"
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
    spec.components.security_scheme("token", _TOKEN)
    for shape in catalogue.profile.values():
        if shape.kept == "record":
            spec.components.schema(_name_of(shape.schema_class), schema=shape.schema_class)
    for status, said in _PROBLEMS.items():
        content = {"application/problem+json": {"schema": _reference("Problem")}}
        spec.components.response(str(status), {"description": said, "content": content})
    every = operations(current_app)
    sent = {_name_of(one.body): one.body for _, one, _ in every if one.body}
    for name, schema in sent.items():
        spec.components.schema(name, schema=schema)
    for rule, one, view in every:
        spec.path(
            path=_ARGUMENT.sub(r"{\1}", rule),
            operations={one.method.lower(): _operation(one, view, rule)},
        )
    found = spec.to_dict()
    dataset = catalogue.profile.records["dataset"].name
    item = found["components"]["schemas"]["DatasetItem"]["properties"]["document"]
    item |= _reference(dataset)  # which class that is, the profile says
    del item["type"]
    drafts = [
        _reference(_name_of(shape.schema_class)) for shape in catalogue.profile.records.values()
    ]
    schemas = found["components"]["schemas"]
    for name in _HOLDS_DOCUMENT:
        held = schemas[name]["properties"]["document"]
        held.pop("additionalProperties", None)
        del held["type"]
        held["anyOf"] = drafts
    for name, schema in schemas.items():
        if name.endswith(DRAFT) or name in sent or name == BulkItem.__name__:
            schema["additionalProperties"] = False
    return found


def _reference(name: str) -> dict[str, str]:
    """A schema of the document; its bare name could be taken for a class of that name elsewhere."""
    return {"$ref": f"#/components/schemas/{name}"}


def _name_of(schema: Any) -> str:
    """The name of a schema in the document."""
    kind = schema if isinstance(schema, type) else type(schema)
    shape = catalogue.profile.get(kind.__name__)
    draft = shape is not None and kind is shape.schema_class
    return kind.__name__ + (DRAFT if draft else "")


def _operation(one: Operation, view: Callable[..., Any], rule: str) -> dict[str, Any]:
    profile = catalogue.profile
    examples = list(one.examples())
    path = set(_ARGUMENT.findall(rule))
    found: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": one.title,
        "description": " ".join((view.__doc__ or "").replace("``", "`").split()),
        "parameters": [
            _parameter(p, examples)
            for p in (*one.parameters(profile), *_headers(one))
            if p.place != "path" or p.name in path
        ],
        "responses": {str(one.status): _answered(one, profile), **_others(one)},
        "security": [{"token": []}] if one.personal else [{}, {"token": []}],
        "x-codeSamples": [
            {
                "lang": "Shell",
                "label": example.said or one.title,
                "source": _call(one, address_of(rule, example), example),
            }
            for example in examples
        ],
    }
    if one.body is not None:
        form = _reference(one.body.__name__)
        found["requestBody"] = {
            "required": bodies.is_needed(one.body),
            "description": f"At most {one.most:,} bytes.",
            "content": {media_type: {"schema": form} for media_type in one.accepts},
        }
    if one.sends:
        schema = {"schema": {"type": "string"}}
        found["requestBody"] = {
            "required": True,
            "description": f"The file, at most {one.most:,} bytes.",
            "content": dict.fromkeys(one.sends, schema),
        }
    return found


def _headers(one: Operation) -> Sequence[Parameter]:
    """The headers that an operation heeds."""
    found = []
    if one.matches:
        found.append(replace(preconditions.IF_MATCH, required=one.matches == "needed"))
    if one.method == "POST":
        found.append(idempotency.HEADER)
    return found


def _call(one: Operation, address: str, example: Example) -> str:
    """A call as somebody types it; the token is in the shell."""
    if not one.personal:
        return f"curl '{address}'"
    words = ["curl", '-H "Authorization: Bearer $TOKEN"']
    if one.changes:
        words.insert(1, f"-X {one.method}")
    if one.matches == "needed":
        words.append("""-H 'If-Match: "5f2c9a0b7d1e4c3f8a6b"'""")
    if one.sends:
        words += [f"-H 'Content-Type: {one.sends[0]}'", "--data-binary @export.csv"]
    if example.sent is not None:
        words.append(f"-H 'Content-Type: {one.accepts[0]}'")
        words.append(f"-d '{json.dumps(example.sent, ensure_ascii=False)}'")
    return " ".join((*words, f"'{address}'"))


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
        "required": one.required,
        "description": one.description,
        "schema": schema,
    }
    if listed:
        found |= {"style": "form", "explode": one.many}
    if one.group:
        found["x-group"] = one.group
    if one.place == "path" and examples:
        value = examples[0].path[one.name]
        found["example"] = int(value) if schema["type"] == "integer" else value
    return found


def _answered(one: Operation, profile: Profile) -> dict[str, Any]:
    """The answer when all is well; a record is named by its kind, all else by its schema."""
    if not one.answer:
        return {"description": one.title}
    name = profile.records[one.answer].name if one.answer in profile.records else one.answer
    known = name in _ANSWERS or name in profile
    schema: Any = _reference(name) if known else {"type": "object"}
    headers = {name: _header(said) for name, said in _answered_with(one, name).items()}
    return {
        "description": one.title,
        **({"headers": headers} if headers else {}),
        "content": {media_type: {"schema": schema} for media_type in one.media_types},
    }


def _answered_with(one: Operation, name: str) -> dict[str, str]:
    """The headers of an answer, and what each says."""
    found = {}
    if one.tagged or not one.personal:
        found["ETag"] = "The state of the answer; of a record, what `If-Match` takes."
    if "next" in getattr(_ANSWERS.get(name), "_declared_fields", {}):
        found["Link"] = "Where to go on, as `rel=next`."
    if one.located:
        found["Location"] = "Where to find it."
    if one.method == "POST":
        found["Idempotency-Replayed"] = "`true` if this was answered before and not done again."
    return found


def _header(said: str) -> dict[str, Any]:
    return {"description": said, "schema": {"type": "string"}}


def _others(one: Operation) -> dict[str, Any]:
    """The answers when something is otherwise; each problem is told once, by its status."""
    statuses = {400, 401, 406, 429, 503}
    if one.personal:
        statuses |= {403}
    if one.missing or (
        one.personal and "path" in {p.place for p in one.parameters(catalogue.profile)}
    ):
        statuses |= {404}
    if one.gone:
        statuses |= {410}
    if one.changes:
        statuses |= {405, 409, 422}
    if one.body is not None or one.sends:
        statuses |= {413, 415}
    if one.matches:
        statuses |= {412}
    if one.matches == "needed":
        statuses |= {428}
    unchanged = {"304": {"description": "Nothing has changed since the ETag that was sent."}}
    return {
        **({} if one.personal else unchanged),
        **{str(status): str(status) for status in sorted(statuses)},
    }
