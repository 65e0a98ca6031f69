"""The shortlist: datasets side by side, and as files.

It is an address: the datasets stand in it, so it can be bookmarked, sent and used without
scripts.  ``shortlist.js`` keeps the same list in the browser while somebody looks around.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import urlencode

from flask import Response, request

from catalogue.changes import public_revisions
from catalogue.errors import BadRequest
from catalogue.outcomes.references import Reference
from catalogue.outcomes.wording import SILENT
from catalogue.search.query import LONGEST_QUERY, Query
from catalogue.web import citing
from catalogue.web.comparing import (
    MOST,
    MOST_LISTED,
    Column,
    Comparison,
    asked_for,
    compared,
    listed,
)
from catalogue.web.current import catalogue, session
from catalogue.web.dataset import CONTEXT
from catalogue.web.results import hits
from catalogue.web.spreadsheets import as_csv
from catalogue.web.upkeep import tell_shortlist
from catalogue.web.views import page, pages, unlisted

blueprint = pages("compare", __name__)
#: How many datasets are offered for the words of whoever adds one.
_OFFERED = 8


@blueprint.get("/compare")
def compare() -> Response:
    """Datasets side by side: where they differ, what is the same, what nobody states."""
    found = compared(asked_for(request.args.getlist("dataset")), CONTEXT["read_first"])
    words, asked = " ".join(request.args.get("find", "").split()), _asked()
    response = page(
        "compare/compare.html",
        found=found,
        most=MOST,
        words=words,
        offered=_offered(words, found),
        asked=asked,
        list_address=partial(list_address, asked=asked),
        file_address=list_address,
        formats=citing.CALLED,
    )
    if not words:  # whoever looks for one more had opened it before
        tell_shortlist(one.record for one in (*found.columns, *found.left))
    return unlisted(response)


def _asked() -> str:
    """The search or question the datasets were chosen from; nothing if it cannot be read."""
    try:
        return catalogue.asking.read(request.args.get("asked", "")).address
    except BadRequest:
        return ""


def list_address(
    slugs: Sequence[str],
    without: str = "",
    also: str = "",
    path: str = "/compare",
    asked: str = "",
) -> str:
    """The address of a shortlist, with one dataset more or less, and what it was chosen from."""
    some = [one for one in slugs if one != without] + ([also] if also else [])
    chosen_from = [("asked", asked)] if asked else []
    query = urlencode([*(("dataset", one) for one in some), *chosen_from])
    return f"{path}?{query}" if query else path


def _offered(words: str, found: Comparison) -> Sequence[object]:
    """Datasets that hold some words and are not on the list yet."""
    if not words:
        return []
    if len(words) > LONGEST_QUERY:
        raise BadRequest("The search is longer than anybody reads; use fewer words.")
    answer = catalogue.finder.find(Query(text=words, size=_OFFERED + MOST_LISTED), counting=False)
    taken = {f"datasets/{slug}" for slug in found.slugs}
    offered = [one.summary for one in hits(answer.records, ()) if one.summary.path not in taken]
    return offered[:_OFFERED]


# files --------------------------------------------------------------------------------


@blueprint.get("/compare.csv")
def as_table() -> Response:
    """A comparison for a spreadsheet: a line for each property, a column for each dataset."""
    found = compared(asked_for(request.args.getlist("dataset")), CONTEXT["read_first"])
    columns = ["section", "property", "same", *(one.head for one in found.columns)]
    return unlisted(as_csv("comparison", columns, list(_lines(found))))


def _lines(found: Comparison) -> Iterator[list[str]]:
    yield ["", "title", "", *(one.title.text for one in found.columns)]
    base = catalogue.settings.public_address
    yield ["", "address", "", *(f"{base}datasets/{one.slug}" for one in found.columns)]
    for group in found.groups:
        for line in group.lines:
            same = SILENT if line.silent else "yes" if line.same else "no"
            yield [
                group.title,
                line.label,
                same if len(found.columns) > 1 else "",
                *("\n".join(side.texts) for side in line.sides),
            ]


@blueprint.get(f"/compare.<any({','.join(citing.FORMATS)}):suffix>")
def as_references(suffix: str) -> Response:
    """The datasets of a shortlist for reference managers."""
    columns, _ = listed(asked_for(request.args.getlist("dataset")))
    return unlisted(citing.as_file("shortlist", suffix, list(_references(columns))))


def _references(columns: Sequence[Column]) -> Iterator[Reference]:
    citing.remember_holders(one.document for one in columns)
    states = public_revisions(session, [one.record.id for one in columns])
    for one in columns:
        revision, at = states[one.record.id]
        yield citing.reference(one.record, one.document, revision, at)
