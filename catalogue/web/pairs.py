"""Probably the same dataset: what is proposed, two side by side, what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, flash, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.errors import BadRequest, CatalogueError, Problem
from catalogue.harvest.pairs import DIFFERENT, SAME, Pair, mark
from catalogue.profile import Document, Property, Shape
from catalogue.profile.shape import reasons_in
from catalogue.profile.values import Nested, Reference
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.permissions import may_over_all
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.guard import signed_in_only
from catalogue.web.names import remember
from catalogue.web.paths import path_of
from catalogue.web.people import persons
from catalogue.web.posted import go, number, said
from catalogue.web.views import Paged, page, page_number, pages

blueprint = pages("pairs", __name__)
_SIZE, _DECIDED_AT_ONCE = 25, 10
#: A part with more in it than this is told by its size.
_MOST_IN_PART = 60
_RULE = "/harvest/pairs/<int:left>/<int:right>"


@blueprint.before_request
def only_for_those_who_harvest() -> Response | None:
    """Others are told so; those who are nobody yet sign in."""
    if response := signed_in_only():
        return response
    catalogue.pairs.allow(viewer, "see harvest")
    return None


@dataclass(frozen=True)
class Side:
    """One value of one of the two; ``alone`` if the other one does not have it."""

    value: Any
    alone: bool
    #: How much is in a part that is too large to be shown.
    size: int = 0


@dataclass(frozen=True)
class Line:
    """One property of the two."""

    field: Property
    left: Sequence[Side]
    right: Sequence[Side]
    #: The reasons that stand in place of values.
    reasons: tuple[str, str] = ("", "")

    @property
    def same(self) -> bool:
        """Whether both say the same, in whatever order."""
        return self.reasons[0] == self.reasons[1] and not any(
            one.alone for one in (*self.left, *self.right)
        )

    @property
    def leads(self) -> bool:
        """Whether its values are other records: two of one name are told apart by their address."""
        return isinstance(self.field.value, Reference)

    @property
    def verdict(self) -> str:
        """How the two differ, in words."""
        if self.same:
            return "the same"
        if not self.left or not self.right:
            return "only on the right" if not self.left else "only on the left"
        both = any(not one.alone for one in self.left)
        return "different in part" if both else "different"


@blueprint.get("/harvest/pairs")
def every() -> Response:
    """What is probably the same dataset, the best evidence first, and what was decided last."""
    at = page_number()
    found, total = catalogue.pairs.open(session, at, _SIZE)
    decided, all_decided = catalogue.pairs.decided(session, 1, _DECIDED_AT_ONCE)
    return page(
        "harvest/pairs.html",
        paged=Paged(found, total, at, _SIZE),
        decided=decided if at == 1 else [],
        all_decided=all_decided,
        crowds=catalogue.pairs.crowds(session) if at == 1 else [],
        **_common(decided),
    )


@blueprint.get("/harvest/pairs/decided")
def decided() -> Response:
    """Everything that was decided and stands, the newest first."""
    at = page_number()
    found, total = catalogue.pairs.decided(session, at, _SIZE)
    paged = Paged(found, total, at, _SIZE)
    return page("harvest/decided.html", paged=paged, **_common(found))


@blueprint.get(_RULE)
def show(left: int, right: int) -> Response:
    """Two records side by side, and what can be done with them."""
    return _page(catalogue.pairs.pair(session, left, right))


@blueprint.post(_RULE)
def decide(left: int, right: int) -> AnyResponse:
    """Remember what somebody decided of the two."""
    choice = said("choice")
    decision, _, stays = choice.partition(" ")
    if decision not in (SAME, DIFFERENT):
        raise BadRequest("The form was not whole. Go back and try again.")
    try:
        with catalogue.changing() as writing:
            catalogue.pairs.decide(
                writing,
                viewer,
                left,
                right,
                decision,
                number(stays) if decision == SAME else None,
                said("seen"),
            )
    except CatalogueError as error:
        return _page(catalogue.pairs.pair(session, left, right), error)
    flash(
        "They are one dataset now: the other description was withdrawn."
        if decision == SAME
        else "They stay two datasets, and are not proposed again."
    )
    return go(url_for("pairs.every"))


@blueprint.post(_RULE + "/undo")
def undo(left: int, right: int) -> AnyResponse:
    """Take a decision back."""
    try:
        with catalogue.changing() as writing:
            catalogue.pairs.undo(writing, viewer, left, right)
    except CatalogueError as error:
        return _page(catalogue.pairs.pair(session, left, right), error)
    flash("That decision was taken back. The two are proposed again.")
    return go(url_for("pairs.show", left=left, right=right))


def _page(pair: Pair, error: CatalogueError | None = None) -> Response:
    shape = catalogue.records.shape(pair.left.kind)
    documents = [_document(shape, one) for one in (pair.left, pair.right)]
    remember({reference for one in documents for _, reference in shape.references(one)})
    lines = list(compared(shape, *documents))
    problems = list(getattr(error, "problems", [])) or ([Problem((), str(error))] if error else [])
    response = page(
        "harvest/pair.html",
        pair=pair,
        different=[one for one in lines if not one.same],
        equal=[one for one in lines if one.same],
        seen=mark(pair),
        problems=problems,
        **_common([pair] if pair.decision else []),
    )
    response.status_code = error.status if error else 200
    return response


def _common(decided: Sequence[Pair]) -> Mapping[str, object]:
    """What every page of these needs."""
    authors = [one.decision.author for one in decided if one.decision]
    return {
        "may_decide": may_over_all(viewer, "harvest"),
        "people": persons(authors),
        "path_of": path_of,
    }


def _document(shape: Shape, record: Record) -> Document:
    """A record for comparing: all of it, for whoever comes here looks after every record."""
    checked = partial(_readable, shape, record.document or record.draft or {})
    return spared(record, checked) or {}


def _readable(shape: Shape, document: Document) -> Document:
    """The document if it is what its shape says; raises what a damaged one does."""
    shape.canonical(document)
    list(shape.references(document))
    return document


def compared(shape: Shape, left: Document, right: Document) -> Iterator[Line]:
    """Every property that one of two documents speaks of, in the order of the sections."""
    reasons = reasons_in(left), reasons_in(right)
    for one in (one for group in shape.groups.values() for one in group):
        if one.value.values in ("NotStated", "Restriction"):
            continue  # told at the fields themselves
        values = [[_bare(value) for value in one.values(said)] for said in (left, right)]
        why = reasons[0].get(one.name, ""), reasons[1].get(one.name, "")
        if values[0] or values[1] or any(why):
            yield Line(one, _side(one, *values), _side(one, *reversed(values)), why)


def _side(one: Property, values: Sequence[Any], others: Sequence[Any]) -> list[Side]:
    known = [one.value.canonical(value) for value in others]
    nested = isinstance(one.value, Nested)
    return [
        Side(value, one.value.canonical(value) not in known, size)
        for value in values
        for size in [_size(value) if nested else 0]
    ]


def _bare(value: Any) -> Any:
    """A part without the names that each description gives its own parts."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _bare(one)
        for key, one in value.items()
        if not (key == "id" and isinstance(one, str) and one.startswith("#"))
    }


def _size(value: Any) -> int:
    """How much is in a part, where that is too much to be shown; else nothing."""
    number = _leaves(value)
    return number if number > _MOST_IN_PART else 0


def _leaves(value: Any) -> int:
    if isinstance(value, dict | list):
        return sum(_leaves(one) for one in (value.values() if isinstance(value, dict) else value))
    return 1
