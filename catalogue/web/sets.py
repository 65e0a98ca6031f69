"""Core outcome sets on pages: the lines of a grid, with the statements behind them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import defer
from sqlalchemy.sql.base import ExecutableOption

from catalogue.memory import Memory
from catalogue.outcomes.grid import Grid, grid_of_set
from catalogue.outcomes.intervals import OPEN, YES
from catalogue.outcomes.questions import Criterion, Question
from catalogue.outcomes.sets import Member, Share
from catalogue.outcomes.states import ItemState
from catalogue.outcomes.table import Table
from catalogue.profile import Document
from catalogue.profile.criteria import CONDITION, LEAST, SET
from catalogue.profile.names import anchor_of
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.visibility import public
from catalogue.search.plan import Criterion as Asked
from catalogue.vocabulary import Concept
from catalogue.web.current import absolute, catalogue, session
from catalogue.web.paths import path_of
from catalogue.web.sections import BROKEN
from catalogue.web.summaries import Summary, summary

T = TypeVar("T")
#: How many lines are read at once, and how many grids are kept.
_TOGETHER, _KEPT = 200, 16
#: How many numbers of items are offered to ask for.
_MOST_STEPS = 6
#: Of how many outcomes and instruments of a search the sets are told.
_MOST_SERVED = 2


def domains_of(value: str) -> Sequence[Concept]:
    """The domains of an outcome."""
    return catalogue.sets.domains_of(value)


def shares(document: Document) -> Sequence[Share]:
    """The sets of which a dataset collects something; see :meth:`Sets.shares`."""
    try:
        return catalogue.sets.shares(document)
    except BROKEN:
        return []  # what is wrong with a statement is told where it stands


@dataclass(frozen=True)
class Served:
    """An outcome or instrument that was looked for, and what it belongs to."""

    concept: Concept
    outcomes: Sequence[Concept]
    sets: Sequence[Concept]


def served(criteria: Sequence[Asked]) -> list[Served]:
    """The outcomes and instruments that a search asks for, with the sets they are in."""
    concepts = {one.iri: one for asked in criteria for one in asked.concepts}
    found = [Served(one, *catalogue.sets.serving(one)) for one in concepts.values()]
    return [one for one in found if one.sets][:_MOST_SERVED]


# many datasets --------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What a source states of an item, and where on its page."""

    state: ItemState
    anchor: str = ""


@dataclass(frozen=True)
class Source:
    """One dataset beside some items: how many it collects of those that apply, and each of them."""

    summary: Summary
    cells: Sequence[Told]
    met: int
    applicable: int

    @property
    def name(self) -> str:
        """The shortest name it goes by."""
        return self.summary.short or self.summary.title.text

    @property
    def unknown(self) -> int:
        """Of how many items nobody has said anything."""
        return sum(one.state is ItemState.UNKNOWN for one in self.cells)


def table() -> Table:
    """What all datasets state, as the request sees it."""
    return catalogue.facts.table(session)


def covered(collection: Concept) -> Grid:
    """What all datasets state of a set, those that state most first; remembered."""

    def work_out(of: Table) -> Grid:
        return grid_of_set(of, collection, catalogue.sets.members(collection)).ordered()

    return remembered(collection.iri, work_out)


def remembered(question: Hashable, work_out: Callable[[Table], T]) -> T:
    """What is worked out over all datasets once for each state of the facts."""
    kept: Memory = current_app.extensions.setdefault("grids", Memory(_KEPT))
    found = table()
    return kept((catalogue.version, found.position, question), lambda: work_out(found))


def on(whole: Grid, conditions: Sequence[Concept]) -> Grid:
    """The lines of datasets that hold people with some conditions, or may: they say it broadly."""
    if not conditions or not len(whole):
        return whole
    found = table()
    answers = found.answers(Criterion(CONDITION, tuple(one.iri for one in conditions)))
    ill = (answers == YES) | ((answers == OPEN) & found.having(CONDITION))
    return whole.lines(np.isin(whole.records, found.records[ill]))


def sources(part: Grid) -> list[Source]:
    """The lines of a grid with their statements; the documents of all are read."""
    records = _records(part)
    found = []
    for place, number in enumerate(part.records.tolist()):
        record = records.get(number)
        about = summary(record) if record is not None else None
        if record is None or about is None:
            continue
        anchors = _anchors(record, part.members)
        states = part.states[place].tolist()
        cells = [Told(ItemState(said), anchors.get(at, "")) for at, said in enumerate(states)]
        found.append(Source(about, cells, int(part.met[place]), int(part.applicable[place])))
    return found


def lines(whole: Grid) -> Iterator[Sequence[object]]:
    """Every line of a grid for a spreadsheet: :data:`COLUMNS`, then the states."""
    for begin in range(0, len(whole), _TOGETHER):
        part = whole.lines(slice(begin, begin + _TOGETHER))
        records = _records(part, defer(Record.document))
        for place, number in enumerate(part.records.tolist()):
            if (record := records.get(number)) is not None:
                states = [ItemState(said).said for said in part.states[place].tolist()]
                name, address = record.title or record.slug, absolute(path_of(record))
                yield (name, address, int(part.met[place]), int(part.applicable[place]), *states)


def as_json(one: Source) -> Mapping[str, object]:
    """A line of a grid for programs."""
    page = absolute(one.summary.path)
    return {
        "title": one.summary.title.text,
        "page": page,
        "collected": one.met,
        "applicable": one.applicable,
        "unknown": one.unknown,
        "cells": [
            {"state": cell.state.key}
            | ({"statement": f"{page}#{cell.anchor}"} if cell.anchor else {})
            for cell in one.cells
        ],
    }


#: What stands before the states on every line of a spreadsheet.
COLUMNS = ("dataset", "address", "collected", "applicable")


def steps(collection: Concept, whole: Grid) -> Sequence[tuple[int, int, str]]:
    """Numbers of items one may ask for: the number, how many datasets, the question's address."""
    most = int(whole.met.max(initial=0))
    wanted = sorted({1, *(round(most * n / _MOST_STEPS) for n in range(1, _MOST_STEPS + 1))} - {0})
    return [
        (least, int((whole.met >= least).sum()), _question(collection, least))
        for least in wanted
        if most
    ]


def _question(collection: Concept, least: int) -> str:
    asked = Criterion(SET, (collection.iri,), qualifiers=((LEAST, float(least)),))
    return catalogue.questions.address(Question((asked,)))


def _records(part: Grid, *without: ExecutableOption) -> Mapping[int, Record]:
    wanted = select(Record).where(Record.id.in_(part.records.tolist()), Record.state == PUBLISHED)
    found = session.scalars(wanted.options(defer(Record.draft), *without))
    return {record.id: record for record in found}


def _anchors(record: Record, members: Sequence[Member]) -> Mapping[int, str]:
    """Where on the page of a dataset its statements on the items stand, by the item's place."""
    answers, shape = catalogue.sets.answers, catalogue.records.shape(record.kind)
    if answers is None:
        return {}
    try:
        cells = catalogue.sets.cells(public(shape, record) or {}, members, answers)
    except BROKEN:
        return {}
    return {place: anchor_of(cell.part) for place, cell in enumerate(cells)}
