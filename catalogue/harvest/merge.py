"""What a source says now, laid over what was made of it here.

Three documents are known: what the source said last, what it says now, and what stands here.
What only one side changed is taken from that side, piece by piece (``profile/merging.py``).
Where both changed the same thing to different things, the policy of the source decides, and
what lost is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.harvest.models import LOCAL, Source
from catalogue.profile import Document, Shape
from catalogue.profile.folding import Folded
from catalogue.profile.merging import MINE, THEIRS, digest, merge, nameless, state
from catalogue.profile.shape import reasons_in
from catalogue.terms import is_blank

_REASONS = "not_stated"


@dataclass(frozen=True)
class Laid:
    """The document, and the fields where an edit of ours stands, or had to give way."""

    document: Document
    kept: tuple[str, ...]
    lost: tuple[str, ...]


def lay(
    source: Source,
    shape: Shape,
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    ours: Mapping[str, Any],
) -> Laid:
    """What a record is to say: the source went from ``before`` to ``now``, we made it ``ours``."""
    if ours == before:
        return Laid(dict(now), (), ())
    names = [one.name for one in shape.stored if one.name != _REASONS]
    reasons = reasons_in(ours)
    folded = Folded(
        values={name: ours.get(name) for name in names},
        reasons={name: reasons.get(name, "") for name in names},
    )
    was = {name: state(shape[name], before) for name in names}
    first = merge(shape, now, folded, was)
    choice = {
        one.field: MINE if source.fields.get(one.field, source.edits) == LOCAL else THEIRS
        for one in first.conflicts
    }
    laid = merge(shape, now, folded, was, choice).document if choice else first.document
    return Laid(
        laid,
        tuple(name for name, side in choice.items() if side == MINE),
        tuple(name for name, side in choice.items() if side == THEIRS),
    )


def aligned(shape: Shape, now: Document, before: Mapping[str, Any] | None) -> Document:
    """The document with the names that its unnamed parts had before.

    A blank node has no name that lasts.  A part that says the same is the same; the others are
    taken in their order, so that a changed title does not make a new distribution.
    """
    unnamed = [(name, part) for _, name, part in shape.parts(now) if is_blank(part.get("id", ""))]
    if not before or not unnamed:
        return now
    taken = {part["id"] for _, _, part in shape.parts(now)}
    free: dict[str, dict[str, None]] = defaultdict(dict)  # the names of each row, in their order
    saying: dict[tuple[str, str], list[str]] = defaultdict(list)
    for _, name, part in shape.parts(before):
        if part["id"].startswith("#") and part["id"] not in taken:
            free[name][part["id"]] = None
            saying[name, digest(nameless(part))].append(part["id"])
    named: dict[str, str] = {}
    for name, part in unnamed:
        same = saying[name, digest(nameless(part))]
        if same and part["id"] not in named:
            named[part["id"]] = same.pop(0)
            free[name].pop(named[part["id"]], None)
    for name, part in unnamed:
        if part["id"] not in named and free[name]:
            named[part["id"]] = next(iter(free[name]))
            del free[name][named[part["id"]]]
    for _, part in unnamed:
        part["id"] = named.get(part["id"], part["id"])
    return now
