"""What two people said of one record at the same time, field by field.

A page says of every field what it held when it was drawn: ``state`` in a hidden input.  So
three things are known: what was there, what I say now, and what is stored now.  What only one
of us changed is taken from that one; parts, languages and values of a list are compared each
for itself, so that two people may add to one list.  Where both changed the same thing to
different things, what is stored stays until somebody chooses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.profile.folding import Folded
from catalogue.profile.shape import Document, Property, Shape, reasons_in

#: A list longer than this is compared as a whole.
_MOST_PIECES = 300
_REASON = "?reason"  # no language and no part is called so
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Conflict:
    """A field that two people changed to different things: what I say and what is stored."""

    field: str
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    """The document after a change, and what could not be taken into it."""

    document: Document
    conflicts: tuple[Conflict, ...]


def digest(value: Any) -> str:
    """A short name of a value: equal for equal values, whatever spaces stand at their ends."""
    said = json.dumps(_tidy(value), ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:10]


def nameless(value: Any) -> Any:
    """A value without the names of the parts in it, which tell nothing."""
    if isinstance(value, list):
        return [nameless(one) for one in value]
    if isinstance(value, dict):
        return {key: nameless(one) for key, one in value.items() if key != "id"}
    return value


def state(one: Property, document: Mapping[str, Any]) -> str:
    """What a field holds, in short: the digests of its pieces by their names."""
    pieces = _pieces(one, document.get(one.name), reasons_in(document).get(one.name, ""))
    if len(pieces) > _MOST_PIECES:
        return "*" + digest(list(pieces.values()))
    return " ".join(f"{key}={digest(piece)}" for key, piece in pieces.items()) or "-"


def merge(
    shape: Shape,
    stored: Mapping[str, Any],
    folded: Folded,
    was: Mapping[str, str],
    kept: Mapping[str, str] | None = None,
) -> Merged:
    """The stored document with what a form says; see the module for the rules.

    ``was`` holds the states that the page was drawn with; ``kept`` the choice, mine or
    theirs, for fields that were in conflict.
    """
    document = dict(stored)
    reasons = reasons_in(stored)
    conflicts = []
    for name, value in folded.values.items():
        one, choice = shape[name], (kept or {}).get(name)
        if choice == THEIRS:
            continue
        reason = folded.reasons.get(name, "")
        mine = _pieces(one, value, reason)
        theirs = _pieces(one, stored.get(name), reasons.get(name, ""))
        pieces = mine if choice == MINE else _three_way(_known(was.get(name)), mine, theirs)
        if pieces is None or (_REASON in pieces and len(pieces) > 1):
            conflicts.append(Conflict(name, value or reason, stored.get(name) or reasons.get(name)))
            continue
        reasons[name] = pieces.pop(_REASON, "")
        document[name] = _whole(one, pieces)
    said = {name: value for name, value in document.items() if value not in (None, "", [], {})}
    return Merged(_with_reasons(said, reasons), tuple(conflicts))


def tidy(document: Mapping[str, Any]) -> Document:
    """A document without spaces at the ends of its texts: as a form would say it."""
    return dict(_tidy(document))


def _pieces(one: Property, value: Any, reason: str) -> dict[str, Any]:
    """The pieces of a value that can change by themselves, by name."""
    if value in (None, "", [], {}):
        pieces: dict[str, Any] = {}
    elif one.value.gathers:
        pieces = dict(value)
    elif isinstance(value, list):
        # A part that has no name yet is told by its own digest, like any value of a list.
        pieces = {
            (isinstance(single, dict) and single.get("id")) or digest(single): single
            for single in value
        }
    else:
        pieces = {"": value}
    if reason:
        pieces[_REASON] = reason
    return pieces


def _whole(one: Property, pieces: dict[str, Any]) -> Any:
    if not pieces:
        return None
    if one.value.gathers:
        return pieces
    return list(pieces.values()) if one.repeatable else pieces[""]


def _known(was: str | None) -> Mapping[str, str] | str | None:
    """A state as it was written: the digests by name, one for all, or None if it is not known."""
    if not was:
        return None
    if was.startswith("*"):
        return was
    pairs = (pair.rpartition("=") for pair in was.split(" ") if "=" in pair)
    return {key: value for key, _, value in pairs}


def _three_way(
    was: Mapping[str, str] | str | None, mine: dict[str, Any], theirs: dict[str, Any]
) -> dict[str, Any] | None:
    """Mine and theirs in one; None where both changed one thing to different things."""
    if was is None:
        return mine
    if isinstance(was, str):
        if was == "*" + digest(list(mine.values())):
            return theirs
        unchanged = was == "*" + digest(list(theirs.values()))
        return mine if unchanged or mine == theirs else None
    merged: dict[str, Any] = {}
    mine = _known_by_now(was, mine, theirs)
    for key in (*mine, *(key for key in theirs if key not in mine)):
        before = was.get(key)
        now = [digest(side[key]) if key in side else None for side in (mine, theirs)]
        if now[0] == now[1] or now[0] == before:
            side = theirs
        elif now[1] == before:
            side = mine
        else:
            return None
        if key in side:
            merged[key] = side[key]
    return merged


def _known_by_now(
    was: Mapping[str, str], mine: dict[str, Any], theirs: dict[str, Any]
) -> dict[str, Any]:
    """My pieces, with new parts that were stored already by the names they got there.

    A page may send the same words twice: by itself and by a button, or again after a
    connection was lost before the answer.
    """
    if not any(isinstance(piece, dict) for piece in mine.values()):
        return mine
    stored = {digest(_nameless(part)): key for key, part in theirs.items() if key not in was}
    named = {}
    for key, piece in mine.items():
        same = stored.get(digest(_nameless(piece))) if key not in was else None
        named[same or key] = theirs[same] if same else piece
    return named


def _nameless(value: Any) -> Any:
    """A value without the names of its parts."""
    if isinstance(value, list):
        return [_nameless(one) for one in value]
    if isinstance(value, dict):
        return {key: _nameless(one) for key, one in value.items() if key != "id"}
    return value


def _with_reasons(document: Document, reasons: Mapping[str, str]) -> Document:
    """The document with these reasons; entries that stay keep their names."""
    entries = [
        {**entry, "reason": reasons[entry["field"]]}
        for entry in document.get("not_stated") or []
        if reasons.get(entry.get("field", ""))
    ]
    told = {entry["field"] for entry in entries}
    entries += [
        {"field": name, "reason": reason}
        for name, reason in reasons.items()
        if reason and name not in told
    ]
    document.pop("not_stated", None)
    return {**document, "not_stated": entries} if entries else document


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    if isinstance(value, dict):
        return {key: _tidy(one) for key, one in value.items()}
    return value
