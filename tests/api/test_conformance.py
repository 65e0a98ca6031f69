"""Schemathesis asks everything the document allows, and what it does not: no 5xx, no untold answer.

``make test`` asks a little of every operation, the same each time; ``make fuzz`` more, and
something else each time (``FUZZ_EXAMPLES`` calls of each kind).
"""

from __future__ import annotations

import gzip
import os
import zlib
from datetime import UTC, datetime
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from factories import dataset
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalogue.harvest.models import FINISHED, Find, Item, Page, Run, Unread

pytestmark = pytest.mark.fuzz

FUZZ = "FUZZ_EXAMPLES" in os.environ
#: How many right and how many wrong calls of each operation are tried.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
WHO = ["anybody", "administrator", *(["editor"] if FUZZ else [])]
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
KEY = "heart-failure"
#: Stands in a working copy only: nobody hears it who has not said who they are.
SECRET = "Aardwolf"
#: What an address names, so that calls often meet something that is there.
KNOWN = {
    **{"slug": KEY, "key": KEY, "path": "datasets", "number": 1, "name": "country", "code": "BEL"},
    **{"left": 2, "right": 3},  # the two datasets
}


def sow(town: Any) -> None:
    """A record with comments and a history, of the key that the examples name."""
    new = "/workspace/datasets"
    sent = {"organisation": "ghent", "key": KEY, "document": dataset()}
    town.editor.post(new, sent, 201)
    town.administrator.post(f"{new}/{KEY}/publish")
    town.editor("PATCH", f"{new}/{KEY}", {"document": {"version": SECRET}}, "*")
    town.editor.post(f"{new}/{KEY}/comments", {"text": "Which?"}, 201)
    town.editor.post(new, {**sent, "key": "the-same-once-more"}, 201)
    town.administrator.post(f"{new}/the-same-once-more/publish")
    harvested(town)


def harvested(town: Any) -> None:
    """A source of the same key with a run, its finds and pages, and an item."""
    new, moment = "/harvest/sources", datetime(2030, 6, 1, tzinfo=UTC)
    sent = {"key": KEY, "title": SECRET, "address": "https://data.example.org/", "grace": 0}
    town.administrator.post(new, sent, 201)
    town.administrator.post(f"{new}/{KEY}/runs", {}, 202)
    remote = {"name": "0", "remote_id": "1", "kind": "dataset", "record_id": 2}
    wrong = [{"path": ["title"], "message": SECRET, "severity": "warning", "rule": "type"}]
    with town.catalogue.database.write() as session:
        session.get_one(Run, 1).state = FINISHED
        page = {"place": "", "content": "", "address": "https://data.example.org/?page=1"}
        session.add_all(
            (
                Page(run_id=1, number=1, found=1, at=moment, problems=[SECRET], **page),
                Find(run_id=1, rank=0, outcome="created", problems=wrong, **remote),
                Item(
                    source_id=1,
                    seen=1,
                    first=moment,
                    changed=moment,
                    hash="",
                    outcome="created",
                    said={"title": {"en": SECRET}},
                    raw=gzip.compress(SECRET.encode()),
                    problems=wrong,
                    **remote,
                ),
            )
        )
        session.flush()
        session.add(Unread(source_id=1, predicate=f"https://e.example/{SECRET}", item_id=1))


def steered(town: Any) -> Any:
    """The document as a schema whose calls often name what is there."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", town.app)

    def often(value: object) -> bool:
        return zlib.crc32(repr(value).encode("utf-8", "replace")) % 4 > 0

    @schema.hook
    def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> Any:
        if not path_parameters or not often(path_parameters):
            return path_parameters
        known = dict(KNOWN)
        if "/organisations/" in context.operation.path:
            known |= {"key": "ghent", "slug": "ghent"}
        return {name: known.get(name, value) for name, value in path_parameters.items()}

    @schema.hook
    def map_query(context: Any, query: dict[str, Any] | None) -> Any:
        if query and often(query):
            query.pop("cursor", None)  # a made-up one is refused before anything else is read
        return query

    @schema.hook
    def map_headers(context: Any, headers: dict[str, Any] | None) -> Any:
        if headers and "If-Match" in headers and often(headers):
            headers["If-Match"] = "*"
        return headers

    @schema.hook
    def map_body(context: Any, body: Any) -> Any:
        items = body.get("items") if isinstance(body, dict) else None
        for one in (body, *(items if isinstance(items, list) else ())):
            if isinstance(one, dict) and "organisation" in one and often(one):
                one["organisation"] = "ghent"
        return body

    return schema


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("who", WHO)
def test_every_answer_is_as_the_document_says(town, who, mode):
    sow(town)
    schema, token = steered(town), getattr(town, who).token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    called = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            database=None,
            derandomize=not FUZZ,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        def check(case: Any) -> None:
            response = case.call(headers=headers)
            case.validate_response(response, checks=list(CHECKS))
            called.add((case.operation.label, response.status_code))
            if not token:
                assert SECRET not in response.text

        try:
            check()
        except (Unsatisfiable, SkipTest):  # nothing about the operation can be wrong
            assert mode is GenerationMode.NEGATIVE
    assert len({label for label, _ in called}) > (40 if mode is GenerationMode.POSITIVE else 20)
    if token and mode is GenerationMode.POSITIVE:
        assert sum(status < 300 for _, status in called) > 15
