"""What changed since: for mirrors that want to read only that, deletions included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from catalogue.changes import mark
from catalogue.errors import BadRequest, NotFound, Problem
from catalogue.export import blueprint
from catalogue.profile import Names
from catalogue.profile.dates import instant, start_of
from catalogue.rdf.listing import EVERYTHING, action_of, change_before, changes
from catalogue.web.current import catalogue, session
from catalogue.web.linked import answer, digest
from catalogue.web.paths import path

#: The parameters that narrow the changes to those of one record's datasets, and its kind.
_OF = {"catalogue": "catalogue", "organisation": "agent"}
_SIZE = 1_000


@blueprint.get("/changes")
def changed() -> Response:
    """Created, updated and deleted records after a change or moment (``since``), as JSON.

    Each record comes once, with its latest change.  ``position`` is what to go on from.
    """
    upto = catalogue.whole(session)
    since, scope = _since(upto), _scope()
    asked = {name: request.args[name] for name in _OF if name in request.args}
    base = catalogue.settings.public_address

    def make() -> str:
        found = changes(session, scope, since, upto, _SIZE + 1)
        told: dict[str, Any] = {"items": list(_items(found[:_SIZE]))}
        told["position"] = found[_SIZE - 1].change if len(found) > _SIZE else upto
        if len(found) > _SIZE:
            told["next"] = f"{base}changes?{urlencode({'since': told['position'], **asked})}"
        return json.dumps(told, ensure_ascii=False, indent=1)

    tag = f"changes-{since}-{upto}-{digest((scope, mark(session, upto)))}-{catalogue.version}"
    return answer(make, "application/json", tag)


def _items(found: Any) -> Iterator[dict[str, Any]]:
    base = catalogue.settings.public_address
    names = Names(base)
    for row in found:
        page = base + path(row.kind, row.slug)
        item = {
            "change": row.change,
            "at": instant(row.at),
            "action": action_of(row),
            "kind": row.kind,
            "iri": names.absolute(row.iri),
        }
        yield item if row.gone else {**item, "page": page, "document": f"{page}.ttl"}


def _since(upto: int) -> int:
    """The change to go on from: as a number, or the last one before a moment."""
    said = request.args.get("since", "0")[:40]
    if said.isascii() and said.isdigit():  # a year alone is a number like any other
        number = int(said)
        if number > upto:
            raise _wrong(
                f"The last change is {upto}. Begin anew: this is another catalogue's number."
            )
        return number
    try:
        before = change_before(session, start_of(said.replace(" ", "+")))
    except ValueError as error:
        raise _wrong(f"{error}, nor the number of a change") from None
    return upto if before is None else before


def _wrong(message: str) -> BadRequest:
    return BadRequest([Problem(("since",), message)])


def _scope() -> str:
    named = [name for name in _OF if name in request.args]
    if len(named) > 1:
        raise BadRequest("Ask for the changes of a catalogue or of an organisation, not of both.")
    for name in named:
        slug = request.args[name]
        try:
            return catalogue.graphs.scope_of(catalogue.records.by_slug(session, _OF[name], slug))
        except NotFound as error:
            raise BadRequest([Problem((name,), str(error))]) from None
    return EVERYTHING
