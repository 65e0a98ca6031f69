"""Datasets side by side: where they differ, what they say alike, what nobody states.

Compared is what everybody may see.  A property on which one says something and another does
not is a difference, and the silence stands there as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer

from catalogue.errors import BadRequest, Problem
from catalogue.profile import Document, Shape
from catalogue.profile.shape import Property, reasons_in
from catalogue.profile.values import Nested
from catalogue.records.models import PUBLISHED, WITHDRAWN, Record
from catalogue.records.visibility import WITHHELD, public
from catalogue.web import words
from catalogue.web.current import catalogue, session
from catalogue.web.matching import matched
from catalogue.web.names import remember, short_name, title
from catalogue.web.sections import BROKEN, Row, draw, is_expected
from catalogue.web.sides import Side, bare, silent_side, size_of

KIND = "dataset"
#: The most datasets beside each other, and the most on one list.
MOST, MOST_LISTED = 8, 50
#: What the heads of the columns tell, and what stands at the fields themselves.
_IN_HEAD = frozenset({"title", "alternative", "description", "demonstration", WITHHELD})
_TOLD_ELSEWHERE = frozenset({"NotStated", "Restriction"})
_SHOWN = frozenset({"public", "holder"})
#: How many values of one property are drawn in a cell, and how large one part may be.
MOST_VALUES, _LARGEST_PART = 6, 24


@dataclass(frozen=True)
class Column:
    """One dataset: what it is called, and what everybody may see of it."""

    record: Record
    document: Document
    title: words.Phrase
    short: str

    @property
    def slug(self) -> str:
        """The readable part of its addresses."""
        return self.record.slug

    @property
    def head(self) -> str:
        """What stands over its column: the short name where there is one."""
        return self.short or self.title.text

    @property
    def demonstration(self) -> bool:
        """Whether its holder has not registered it."""
        return self.document.get("demonstration") is True


@dataclass(frozen=True)
class Line:
    """One property of all of them, or one outcome, condition or set."""

    name: str
    label: str
    sides: Sequence[Side]
    #: What it is one of, where it is no property: an outcome, a condition, a set.
    of: str = ""
    #: The concept it is about, if it is about one.
    concept: str = ""

    @property
    def silent(self) -> bool:
        """Whether nobody says anything."""
        return not any(one.stated for one in self.sides)

    @property
    def same(self) -> bool:
        """Whether all say the same; one alone has nothing to be the same as."""
        return len(self.sides) > 1 and len({one.key for one in self.sides}) == 1


@dataclass(frozen=True)
class Group:
    """One section, as on the page of a dataset."""

    title: str
    lines: Sequence[Line]

    @property
    def different(self) -> list[Line]:
        """The lines on which they differ."""
        return [one for one in self.lines if not one.silent and not one.same]

    @property
    def same(self) -> list[Line]:
        """The lines on which all say the same."""
        return [one for one in self.lines if not one.silent and one.same]

    @property
    def silent(self) -> list[Line]:
        """The lines on which nobody says anything."""
        return [one for one in self.lines if one.silent]


@dataclass(frozen=True)
class Missing:
    """A dataset that was asked for and cannot be shown."""

    slug: str
    said: str


@dataclass(frozen=True)
class Comparison:
    """Datasets side by side; ``left`` are those beyond the most."""

    columns: Sequence[Column] = ()
    left: Sequence[Column] = ()
    missing: Sequence[Missing] = ()
    groups: Sequence[Group] = field(default_factory=list)

    @property
    def slugs(self) -> list[str]:
        """All that are on the list and there."""
        return [one.slug for one in (*self.columns, *self.left)]

    def number(self, of: str) -> int:
        """How many lines differ, are the same, or are silent."""
        return sum(len(getattr(group, of)) for group in self.groups)


def asked_for(values: Iterable[str]) -> list[str]:
    """The slugs of an address, each once; raises :class:`BadRequest` for too many."""
    found = list(dict.fromkeys(value.strip() for value in values if value.strip()))
    if len(found) > MOST_LISTED:
        raise BadRequest(
            [
                Problem(
                    ("dataset",),
                    f"{len(found)} datasets are on the list; at most {MOST_LISTED} can be.",
                )
            ]
        )
    return found


def listed(slugs: Sequence[str]) -> tuple[list[Column], list[Missing]]:
    """The datasets of some slugs in their order, and those that cannot be shown."""
    sane = [one for one in slugs if len(one) <= 200 and one.isprintable()]
    found = {
        one.slug: one
        for one in session.scalars(
            select(Record)
            .where(Record.kind == KIND, Record.slug.in_(sane))
            .options(defer(Record.draft))
        )
    }
    columns, missing = [], []
    for slug in slugs:
        record = found.get(slug)
        if record is not None and record.state == WITHDRAWN:
            missing.append(Missing(slug, "was withdrawn from the catalogue"))
        elif record is None or record.state != PUBLISHED:
            missing.append(Missing(slug[:80], "is not in the catalogue"))
        elif (column := _column(record)) is None:
            missing.append(Missing(slug, "is damaged and cannot be shown just now"))
        else:
            columns.append(column)
    return columns, missing


def _column(record: Record) -> Column | None:
    shape = catalogue.records.shape(record.kind)
    try:
        document = public(shape, record)
        if document is None:
            return None
        shape.canonical(document)  # what is damaged somewhere is told once, not in every cell
        name = title(shape, document, record)
        return Column(record, document, name, short_name(document, name.text))
    except BROKEN:
        return None


def compared(slugs: Sequence[str], first: Sequence[str] = ()) -> Comparison:
    """The first :data:`MOST` of some datasets side by side, the sections named first first."""
    columns, missing = listed(slugs)
    shown, left = columns[:MOST], columns[MOST:]
    shape = catalogue.records.shape(KIND)
    documents = [one.document for one in shown]
    with suppress(*BROKEN):  # each is looked up where it is drawn
        remember({one for said in documents for _, one in shape.references(said)})
    groups = list(_groups(shape, documents)) if shown else []
    place = {name: number for number, name in enumerate(first)}
    groups.sort(key=lambda one: place.get(one.title, len(place)))
    return Comparison(shown, left, missing, groups)


def _groups(shape: Shape, documents: Sequence[Document]) -> Iterator[Group]:
    apart = matched(shape, documents)
    for name, members in shape.groups.items():
        lines: list[Line] = []
        for one in members:
            if one.value.values in _TOLD_ELSEWHERE:
                continue
            if one.name in apart:
                lines += [Line(*each) for each in apart[one.name]]
            elif one.visibility in _SHOWN and one.name not in _IN_HEAD:
                lines += _line(shape, one, documents)
        if lines:
            yield Group(name, lines)


def _line(shape: Shape, one: Property, documents: Sequence[Document]) -> Iterator[Line]:
    sides = [_side(one, document) for document in documents]
    if any(side.stated or side.reason for side in sides) or any(
        is_expected(one, document, shape) for document in documents
    ):
        yield Line(one.name, one.label, sides)


def _side(one: Property, document: Document) -> Side:
    values = one.values(document)
    reason = reasons_in(document).get(one.name, "")
    row = Row(one, values, reason, document.get(WITHHELD) is True and one.visibility == "holder")
    if not values:
        return silent_side(row.silence, reason)
    key = tuple(sorted(repr(one.value.canonical(bare(value))) for value in values))
    nested = isinstance(one.value, Nested)
    drawn = [
        words_of_size(one, value)
        if nested and size_of(value) > _LARGEST_PART
        else draw(one, bare(value))
        for value in values[:MOST_VALUES]
    ]
    return Side(key, drawn, more=len(values) - len(drawn), values=values)


def words_of_size(one: Property, value: Any) -> str:
    """A part that is too large for a cell, by how much is in it."""
    assert isinstance(one.value, Nested)
    return f"{one.value.shape.label} with {words.number(size_of(value))} details"
