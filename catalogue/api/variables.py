"""Variables: searched across datasets, and the dictionary of a working copy replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Any

from flask import Response, request

from catalogue.api.acting import Acting, Undone, personal, told
from catalogue.api.answers import absolute, answer, with_query
from catalogue.api.bodies import LONGEST_OF_MANY
from catalogue.api.changing import to_change
from catalogue.api.copies import KEY, address
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import (
    EXPAND,
    MOST_OF_ALL,
    PAGING,
    Parameter,
    flag,
    given,
    is_set,
    refuse,
    size,
    sorted_by,
)
from catalogue.api.parts import part_of, place_of
from catalogue.api.variable_forms import SentDictionary
from catalogue.dictionary.reading import Dictionary
from catalogue.dictionary.taking import REPLACE, Offer, difference
from catalogue.dictionary.writing import COLUMNS
from catalogue.errors import BadRequest, Invalid, Problem
from catalogue.harvest.sheets import NoTable, Sheet
from catalogue.profile import Names, Profile
from catalogue.search.query import LONGEST_QUERY, NOT_STATED, Query
from catalogue.variables.describing import FACETS
from catalogue.web.current import catalogue, last_change
from catalogue.web.limits import count
from catalogue.web.names import remember
from catalogue.web.variable_hits import Hit, hits, value_label
from catalogue.web.variables import ORDERS, query_of

_TAG = "Datasets"


def _of_search(_: Profile) -> Sequence[Parameter]:
    return (
        Parameter(
            "q",
            "What to look for in names, labels, descriptions, codes and units. Synonyms of "
            "outcomes and instruments are looked for as well.",
            {"type": "string", "maxLength": LONGEST_QUERY},
        ),
        *(
            Parameter(name, f"{one.label}: {_how(name, one.scheme)}", many=True)
            for name, one in FACETS.items()
        ),
        sorted_by(ORDERS),
        EXPAND,
        *PAGING,
    )


def _how(name: str, scheme: str) -> str:
    if scheme:
        return f"a code, label or IRI of the list `{scheme}`, or `{NOT_STATED}`."
    return "its IRI." if name == "dataset" else "a name of CSV on the Web, such as `decimal`."


@get(
    "/variables",
    Operation(
        "search_variables",
        _TAG,
        "Search the variables of all datasets",
        "Variables",
        _of_search,
        lambda: [
            Example("Words", query=(("q", "PSA at diagnosis"), ("size", "2"))),
            Example("A type", query=(("datatype", "decimal"), ("size", "2"))),
        ],
    ),
)
def search() -> Response:
    """The variables that answer a query: the same hits and order as on the page.

    Only datasets whose data dictionary is described have any; another dataset may hold the
    variable all the same.
    """
    if "page" in request.args:
        raise refuse("page", "There are no numbered pages here; follow `next` of each answer.")
    said = given(_of_search(catalogue.profile))
    query = query_of(said, size(said), ("size", "cursor"))
    place = place_of(query, dict(said).get("cursor", ""))
    state = (catalogue.variables.engine.reader().generation, last_change())

    def content() -> Mapping[str, Any]:
        part = part_of(catalogue.variables, query, place, counting=True)
        found, here = part.answer, absolute(query.turned(1).address(f"{PREFIX}/variables"))
        more = [pair for pair in said if pair[0] == "size"]
        return {
            "total": found.total,
            "relaxed": found.relaxed,
            "items": [_item(one) for one in hits(part.records)],
            "next": with_query(here, [*more, ("cursor", part.next)]) if part.next else None,
            "facets": _facets(query, found.counts),
            "corrections": dict(found.corrections),
            "notes": list(found.notes),
            "links": {
                "self": with_query(here, more),
                "page": absolute(query.turned(1).address("variables")),
            },
        }

    return answer(content, "variables", state, sorted(request.args.items(multi=True)))


def _item(one: Hit) -> dict[str, Any]:
    labels = one.said.get("column_title") or {}
    return {
        "name": one.name,
        "label": one.variable.label,
        "labels": {str(tag): str(text) for tag, text in labels.items()},
        "description": one.description.text,
        "table": one.table.text,
        "type": str(one.said.get("datatype", "")),
        "unit": str(one.said.get("unit", "")),
        "codes": list(one.codes),
        "concept": one.concept or None,
        "dataset": {
            "value": Names(catalogue.settings.public_address).absolute(one.iri),
            "code": one.iri.rpartition("/")[2],
            "label": one.dataset.title.text,
        },
        "links": {
            "page": absolute(one.address),
            "dataset": absolute(one.dataset.path),
            "api": absolute(f"{PREFIX}/{one.dataset.path}"),
        },
    }


def _facets(query: Query, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    base = Names(catalogue.settings.public_address)
    best = {
        name: nlargest(MOST_OF_ALL, found.items(), key=lambda pair: (pair[1], pair[0]))
        for name, found in counts.items()
    }
    remember(value for value, _ in best.get("dataset", ()))
    return {
        name: {
            "label": FACETS[name].label,
            "values": [
                {
                    "value": base.absolute(value) if name == "dataset" else value,
                    "code": value.rpartition("/")[2],
                    "label": value_label(name, value),
                    "count": count,
                }
                for value, count in some
            ],
        }
        for name, some in best.items()
    }


# the dictionary of a working copy ---------------------------------------------------


def _read_ahead(acting: Acting, key: str) -> Mapping[str, Any]:
    """What was sent as a dictionary."""
    to_change(acting, "dataset", key, "edit")
    count("dictionary", acting.viewer.author)
    return {"read": _read(acting.said)}


@personal(
    "/workspace/datasets/<slug:key>/variables",
    Operation(
        "replace_dictionary",
        "Workspace",
        "Replace a data dictionary",
        "DictionaryRead",
        lambda profile: (
            KEY,
            flag("dry_run", "`true` to be told what would happen; nothing is written."),
        ),
        lambda: [
            Example(
                "Say what would happen",
                {"key": "heart-failure"},
                [("dry_run", "true")],
                {"variables": [{"name": "nyha", "label": "NYHA class", "type": "integer"}]},
            )
        ],
        method="PUT",
        body=SentDictionary,
        ahead=_read_ahead,
        most=LONGEST_OF_MANY,
        missing=True,
        matches="heeded",
        tagged=True,
    ),
)
def replace(acting: Acting, key: str) -> Response:
    """Read a dictionary into the working copy of a dataset; all of it, or nothing if it is faulty.

    What its variables seem to measure is suggested with the reason, and stated only if you
    confirm it. What the record states already is never overwritten.
    """
    record = to_change(acting, "dataset", key, "edit")
    said, dictionaries = acting.said, catalogue.dictionaries
    found: Dictionary = said["read"]
    before, way = record.working_copy, said.get("way", REPLACE)
    offers = dictionaries.offers(found.tables, before)
    document = dictionaries.taken(before, found.tables, said.get("confirm", ()), way)
    dry = is_set("dry_run", acting.asked)
    if not dry:
        note = f"Data dictionary “{said.get('name') or 'sent'}” taken in"
        record = catalogue.workspace.save(
            acting.session, acting.viewer, record, document, note=note
        )
    response = told(
        {
            "written": not dry,
            "variables": found.variables,
            "changes": vars(difference(before, document)),
            "notes": [str(one) for one in found.said],
            "suggestions": [_suggested(one) for one in offers if one.value],
            "links": {"self": address(record, "variables"), "record": address(record)},
        },
        etag=record.etag,
    )
    if dry:
        raise Undone(response)
    return response


def _read(said: Mapping[str, Any]) -> Dictionary:
    """What was sent as a dictionary; raises what is wrong with it."""
    if ("variables" in said) == ("csv" in said):
        raise BadRequest("Send either `variables` or `csv`.")
    name = said.get("name") or "Variables"
    try:
        if "csv" in said:
            found = catalogue.dictionaries.read(said["csv"].encode(), name)
        else:
            found = catalogue.dictionaries.read_sheet(_sheet(said["variables"]), "Variables")
    except NoTable as error:
        raise Invalid([Problem(("csv",), str(error), rule="table")]) from None
    errors = found.of("error")
    if errors:
        where = "csv" if "csv" in said else "variables"
        raise Invalid([Problem((where,), str(one), rule="table") for one in errors[:100]])
    return found


def _sheet(variables: Sequence[Mapping[str, Any]]) -> Sheet:
    """Variables as the rows of our own table, so that both are read alike."""
    rows = []
    for number, one in enumerate(variables, start=1):
        cells = [one.get(column.lower(), "") for column in COLUMNS]
        rows.append((number, [" | ".join(c) if isinstance(c, list) else c for c in cells]))
    return Sheet(COLUMNS, rows)


def _suggested(one: Offer) -> dict[str, str]:
    return {
        "value": one.value,
        "kind": one.kind,
        "label": one.label,
        "reason": one.reason,
        "stated": one.stated,
    }
