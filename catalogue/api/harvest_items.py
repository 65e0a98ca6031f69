"""Items: what is remembered of each description of a source, and what nobody reads in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import absolute
from catalogue.api.copies import NUMBER_RULE, broken_rule, moment, number
from catalogue.api.copies import address as record_address
from catalogue.api.harvest import KEY, ONE, RULE, TAG, Part, address, of_source, opened
from catalogue.api.harvest_forms import ItemChanges
from catalogue.api.operations import Example, Operation
from catalogue.api.parameters import PAGING, Parameter, choice, words
from catalogue.harvest.interpreting import of_json
from catalogue.harvest.models import OUTCOMES, Item, Source
from catalogue.harvest.seen import raw_of
from catalogue.profile import Profile
from catalogue.records.models import Record
from catalogue.records.naming import names_of
from catalogue.web.current import catalogue

_ITEM_RULE = f"{RULE}/items/{NUMBER_RULE}"
_NUMBER = number("number", "The number of an item of the source.")
_ITEM = {**ONE, "number": "1"}
_PROBLEMS = "problems"


def _of_item(_: Profile) -> Sequence[Parameter]:
    return (KEY, _NUMBER)


def _of_list(_: Profile) -> Sequence[Parameter]:
    return (
        KEY,
        Parameter(
            "q",
            "A part of what the source calls it, or of the title of the record.",
            {"type": "string", "maxLength": 200},
        ),
        Parameter(
            "outcome",
            f"Only those that came to it in their last run; `{_PROBLEMS}` for all with something "
            "wrong.",
            {"type": "string", "enum": [*OUTCOMES, _PROBLEMS]},
        ),
        *PAGING,
    )


@personal(
    f"{RULE}/items",
    Operation(
        "list_items",
        TAG,
        "List the items of a source",
        "HarvestItems",
        _of_list,
        lambda: [Example("", ONE, [("outcome", _PROBLEMS)])],
        missing=True,
    ),
)
def every(acting: Acting, key: str) -> Response:
    """What is remembered of the descriptions of a source, each with the record it became."""
    source = opened(acting, key)
    outcome = choice("outcome", acting.asked, ("", *OUTCOMES, _PROBLEMS))
    said = words(acting.asked)
    part = Part(acting, address(source, "items"), outcome, said)
    found, total = catalogue.sources.items(
        acting.session,
        source,
        words=said,
        outcome=outcome,
        size=part.most + 1,
        after=part.after[0] if part.after else 0,
    )
    shown = [item for item, _ in found[: part.most]]
    return told(
        part.of(
            total,
            _items(acting.session, source, shown),
            (shown[-1].id,) if shown else (),
            more=len(found) > part.most,
        )
    )


@personal(
    _ITEM_RULE,
    Operation(
        "read_item",
        TAG,
        "Read an item",
        "HarvestItem",
        _of_item,
        lambda: [Example("", _ITEM)],
        missing=True,
    ),
)
def show(acting: Acting, key: str, number: int) -> Response:
    """What is remembered of one description: what it came to, what was kept, what is wrong."""
    source = opened(acting, key)
    return _told(acting, source, catalogue.sources.item(acting.session, source, number))


@personal(
    _ITEM_RULE,
    Operation(
        "change_item",
        TAG,
        "Leave an item out, or take it in again",
        "HarvestItem",
        _of_item,
        lambda: [Example("", _ITEM, sent={"excluded": True})],
        method="PATCH",
        body=ItemChanges,
        missing=True,
    ),
)
def change(acting: Acting, key: str, number: int) -> Response:
    """Leave an item out of every run from now on, or take it in again at the next."""
    source = opened(acting, key, "harvest")
    item = catalogue.sources.item(acting.session, source, number)
    excluded = acting.said["excluded"]
    if excluded != item.excluded:  # the same again is no news
        catalogue.sources.exclude(acting.session, acting.viewer, item, excluded=excluded)
    return _told(acting, source, item)


@personal(
    f"{_ITEM_RULE}/raw",
    Operation(
        "read_raw_item",
        TAG,
        "Read what a source said",
        "HarvestRaw",
        _of_item,
        lambda: [Example("", _ITEM)],
        missing=True,
    ),
)
def raw(acting: Acting, key: str, number: int) -> Response:
    """What the source said last of an item, all of it, also what no property here reads."""
    source = opened(acting, key)
    item = catalogue.sources.item(acting.session, source, number)
    here = address(source, "items", item.id)
    return told(
        {
            "form": item.form,
            "hash": item.hash,
            "content": raw_of(item),
            "links": {"self": f"{here}/raw", "item": here},
        }
    )


@personal(
    f"{RULE}/unread",
    Operation(
        "list_unread",
        TAG,
        "List the properties nobody reads",
        "HarvestUnread",
        of_source,
        lambda: [Example("", ONE)],
        missing=True,
    ),
)
def unread(acting: Acting, key: str) -> Response:
    """The properties that the source uses and no row of the profile reads, the 200 commonest."""
    source = opened(acting, key)
    return told(
        {
            "items": [
                {
                    "predicate": predicate,
                    "count": count,
                    "example": address(source, "items", example),
                }
                for predicate, count, example in catalogue.sources.unread(acting.session, source)
            ],
            "links": {"self": address(source, "unread"), "source": address(source)},
        }
    )


# as they are told ---------------------------------------------------------------------


def records_as_told(
    session: Session, numbers: Iterable[int | None]
) -> Mapping[int | None, dict[str, Any]]:
    """Records by their numbers, as lists of harvesting tell of them."""
    wanted = {one for one in numbers if one is not None}
    found = select(Record).where(Record.id.in_(wanted)).options(defer(Record.document))
    return {record.id: record_as_told(record) for record in session.scalars(found)}


def broken_rules(kept: Sequence[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Problems that were kept."""
    return [broken_rule(one) for one in of_json(kept)]


def record_as_told(record: Record) -> dict[str, Any]:
    """A record as lists of harvesting tell of it."""
    base = catalogue.settings.public_address
    return {
        "kind": record.kind,
        "key": record.key,
        "iri": names_of(record, base).absolute(record.iri),
        "title": record.title,
        "stage": record.stage,
        "links": {
            "self": record_address(record),
            "page": absolute(f"workspace/{record.kind}/{record.key}"),
        },
    }


def _told(acting: Acting, source: Source, item: Item) -> Response:
    found = _items(acting.session, source, [item])[0]
    unread = list(catalogue.sources.unread_in(acting.session, item))
    return told({**found, "said": item.said, "unread": unread})


def _items(session: Session, source: Source, found: Sequence[Item]) -> list[dict[str, Any]]:
    records = records_as_told(session, (n for one in found for n in (one.record_id, one.same_as)))
    return [_item(source, one, records) for one in found]


def _item(
    source: Source, one: Item, records: Mapping[int | None, dict[str, Any]]
) -> dict[str, Any]:
    here = address(source, "items", one.id)
    return {
        "number": one.id,
        "remote_id": one.remote_id,
        "kind": one.kind,
        "iri": one.iri,
        "record": records.get(one.record_id),
        "outcome": one.outcome,
        "excluded": one.excluded,
        "first": moment(one.first),
        "changed": moment(one.changed),
        "gone": moment(one.gone),
        "seen": one.seen,
        "kept": list(one.kept or ()),
        "same_as": records.get(one.same_as),
        "problems": broken_rules(one.problems),
        "links": {
            "self": here,
            "page": absolute(f"harvest/{source.key}/items/{one.id}"),
            "raw": f"{here}/raw",
            "source": address(source),
        },
    }
