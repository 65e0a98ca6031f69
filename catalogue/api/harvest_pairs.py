"""Pairs: two records that are probably the same dataset, and what somebody decides of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from catalogue.api import preconditions
from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import absolute
from catalogue.api.copies import LARGEST, moment, number, persons
from catalogue.api.harvest import TAG, Part, address
from catalogue.api.harvest_forms import NewDecision
from catalogue.api.harvest_items import record_as_told
from catalogue.api.operations import PREFIX, Example, Operation
from catalogue.api.parameters import PAGING, Parameter, flag, is_set
from catalogue.errors import Conflict
from catalogue.harvest.pairs import SAME, Decision, Pair, etag_of
from catalogue.profile import Profile
from catalogue.records.models import Record
from catalogue.web.current import catalogue

_PAIRS = "/harvest/pairs"
_LEFT, _RIGHT = (
    number("left", "The `number` of one of the two records."),
    number("right", "The `number` of the other one."),
)
_RULE = f"{_PAIRS}/<int(max={LARGEST}):left>/<int(max={LARGEST}):right>"
_TWO = {"left": "17", "right": "42"}


def _of_list(_: Profile) -> Sequence[Parameter]:
    return (
        flag("decided", "`true` for those that were decided instead, the newest first."),
        *PAGING,
    )


def _of_pair(_: Profile) -> Sequence[Parameter]:
    return (_LEFT, _RIGHT)


@personal(
    _PAIRS,
    Operation("list_pairs", TAG, "List what is probably the same", "HarvestPairs", _of_list),
)
def every(acting: Acting) -> Response:
    """The pairs of records that are probably the same dataset, the best evidence first.

    Nothing is ever done by itself. What too many records share makes no pairs; the first part
    tells of it in `crowds`.
    """
    catalogue.pairs.allow(acting.viewer, "see harvest")
    decided = is_set("decided", acting.asked)
    part = Part(acting, absolute(PREFIX + _PAIRS), decided)
    session, most, after = acting.session, part.most + 1, part.after
    list_ = catalogue.pairs.decided if decided else catalogue.pairs.open
    found, total = list_(session, 1, most, after=after)
    shown = found[: part.most]
    crowds = [] if decided or after else catalogue.pairs.crowds(session)
    said = part.of(
        total,
        [_pair(one) for one in shown],
        shown[-1].place if shown else (),
        more=len(found) > part.most,
    )
    said["links"]["page"] = absolute("harvest/pairs")
    return told({**said, "crowds": [{"said": one.words, "count": one.number} for one in crowds]})


@personal(
    _RULE,
    Operation(
        "read_pair",
        TAG,
        "Read a pair",
        "HarvestPair",
        _of_pair,
        lambda: [Example("", _TWO)],
        missing=True,
        tagged=True,
    ),
)
def show(acting: Acting, left: int, right: int) -> Response:
    """Two records, what speaks for their being one dataset, and what was decided of them."""
    catalogue.pairs.allow(acting.viewer, "see harvest")
    return _told(catalogue.pairs.pair(acting.session, left, right))


@personal(
    _RULE,
    Operation(
        "decide_pair",
        TAG,
        "Decide a pair",
        "HarvestPair",
        _of_pair,
        lambda: [
            Example("They are one", _TWO, sent={"decision": "same", "stays": 17}),
            Example("They are two", _TWO, sent={"decision": "different"}),
        ],
        method="PUT",
        body=NewDecision,
        missing=True,
        matches="heeded",
        tagged=True,
    ),
)
def decide(acting: Acting, left: int, right: int) -> Response:
    """Say that two records are the same dataset, or that they are not.

    Of the same one the record that does not stay is withdrawn, and no run brings it back. The
    decision holds whatever is harvested later, until it is undone.
    """
    pair = _to_change(acting, left, right)
    decision, stays = acting.said["decision"], acting.said.get("stays")
    if pair.decision is not None:
        if not _says(pair.decision, decision, stays):
            raise Conflict("Something else was decided of these two; undo that first.")
        return _told(pair)
    catalogue.pairs.decide(acting.session, acting.viewer, left, right, decision, stays)
    return _told(catalogue.pairs.pair(acting.session, left, right))


@personal(
    _RULE,
    Operation(
        "undo_pair",
        TAG,
        "Take a decision back",
        "",
        _of_pair,
        lambda: [Example("", _TWO)],
        method="DELETE",
        missing=True,
        matches="heeded",
        status=204,
    ),
)
def undo(acting: Acting, left: int, right: int) -> Response:
    """Take a decision back: what was withdrawn by it is there again, and the pair is open again."""
    _to_change(acting, left, right)
    catalogue.pairs.undo(acting.session, acting.viewer, left, right)
    return told(None, 204)


def _to_change(acting: Acting, left: int, right: int) -> Pair:
    catalogue.pairs.allow(acting.viewer)
    pair = catalogue.pairs.pair(acting.session, left, right)
    preconditions.hold(etag_of(pair), "pair")
    return pair


def _says(made: Decision, decision: str, stays: int | None) -> bool:
    """Whether the same was decided before."""
    return made.decision == decision and (decision != SAME or made.stays == stays)


# as they are told ---------------------------------------------------------------------


def _told(pair: Pair) -> Response:
    return told(_pair(pair), etag=etag_of(pair))


def _pair(pair: Pair) -> dict[str, Any]:
    here = f"{_PAIRS}/{pair.left.id}/{pair.right.id}"
    return {
        "left": _record(pair, pair.left),
        "right": _record(pair, pair.right),
        "reasons": list(pair.reasons),
        "decision": pair.decision and _decision(pair.decision),
        "etag": etag_of(pair),
        "links": {"self": absolute(PREFIX + here), "page": absolute(here[1:])},
    }


def _record(pair: Pair, record: Record) -> dict[str, Any]:
    return {
        **record_as_told(record),
        "number": record.id,
        "origins": [
            {"source": one.source.title, "remote_id": one.remote_id, "url": address(one.source)}
            for one in pair.of(record)
        ],
    }


def _decision(made: Decision) -> Mapping[str, Any]:
    return {
        "decision": made.decision,
        "stays": made.stays,
        "author": persons([made.author])[made.author],
        "at": moment(made.at),
    }
