"""What the page of results shows beside the hits: facets, ranges, what else was looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import defer

from catalogue.memory import Memory
from catalogue.outcomes.wording import SILENT
from catalogue.profile.ranges import Range
from catalogue.profile.shape import Property
from catalogue.records.models import Record
from catalogue.search.entry import Called
from catalogue.search.explain import WORDS, Explainer, Piece, Reason, Why, pieces
from catalogue.search.finder import Answer, Way
from catalogue.search.language import span_of
from catalogue.search.plan import STATED, Criterion, Variant
from catalogue.search.query import NOT_STATED, Query
from catalogue.search.thesaurus import (
    ABBREVIATION,
    CODE,
    NARROWER,
    SPELLING,
    SYNONYM,
    TRANSLATION,
)
from catalogue.web.current import catalogue, last_change, session
from catalogue.web.names import label_of, remember
from catalogue.web.sections import BROKEN
from catalogue.web.summaries import Summary, card, summary
from catalogue.web.upkeep import Badge, badge
from catalogue.web.words import number

log = structlog.get_logger()
#: How many values of a facet are seen at once, and how many in all.
_SEEN, _MOST = 6, 15
#: How many expansions of a criterion are seen at once, and how many can be taken away.
_SEEN_VARIANTS, _MOST_VARIANTS = 7, 24
#: How many fields a reason names.
_MOST_FIELDS = 3


@dataclass(frozen=True)
class Hit:
    """One hit: what it is, and why it is one."""

    summary: Summary
    why: Why | None
    badge: Badge | None = None

    @property
    def title(self) -> list[Piece]:
        """The title with the words that were looked for marked."""
        text = self.summary.title.text
        return pieces(text, self.why.terms) if self.why else [Piece(text)]

    @property
    def reasons(self) -> list[tuple[str, list[str]]]:
        """What was said with the ways in which the hit fulfils it, in words.

        One whose words stand in the title needs no words.
        """
        found: dict[str, list[str]] = {}
        for one in self.why.reasons if self.why else ():
            found.setdefault(one.said, []).append(_said(one))
        return list(found.items())


def _said(one: Reason) -> str:
    if one.kind == STATED:
        return one.by
    labels = catalogue.profile.labels
    fields = [labels[name].lower() for name in one.fields[:_MOST_FIELDS] if name in labels]
    where = f" in {', '.join(fields)}" if fields else ""
    if one.kind == WORDS:
        return f"as typed{where}"
    return f"“{one.by}” ({one.kind}){where}"


def hits(ids: Sequence[int], criteria: Sequence[Criterion]) -> list[Hit]:
    """Some records in the order of their ids, each with why it is a hit."""
    if not ids:
        return []
    wanted = select(Record).where(Record.id.in_(ids)).options(defer(Record.draft))
    known = {record.id: record for record in session.scalars(wanted)}
    explained = Explained(known.values(), criteria)
    found, checked = [], catalogue.checks.standings(session, known)
    for one in ids:
        if (record := known.get(one)) is None or (said := summary(record)) is None:
            continue
        told = badge(said.confirmed, checked.get(one))
        found.append(Hit(said, explained.why(record), told))
    return found


class Explained:
    """Why some records are hits; what others are called is looked up for all of them at once."""

    def __init__(self, records: Iterable[Record], criteria: Sequence[Criterion]) -> None:
        self._explainer = Explainer(criteria, _prose()) if criteria else None
        if self._explainer is None:
            return
        known: Memory = current_app.extensions.setdefault("called", Memory(2))
        names = known((catalogue.version, last_change()), dict[str, list[str]])
        self._called = Called(catalogue.records, session, names)
        self._called(_named(records))

    def why(self, record: Record) -> Why | None:
        """Why a record is a hit; None if nothing was asked, or it cannot be read."""
        if self._explainer is None or (described := card(record).described) is None:
            return None
        try:
            return self._explainer.why(described, self._called)
        except BROKEN as error:
            log.warning("hit cannot be explained", record=record.iri, error=str(error))
            return None


def _named(records: Iterable[Record]) -> Iterator[str]:
    """The records that some records name in what is searched."""
    for record in records:
        if (described := card(record).described) is None:
            continue
        try:
            yield from [reference for _, reference in described.references]
        except BROKEN:
            continue  # whoever explains it will say so


def _prose() -> frozenset[str]:
    """The properties that are written in sentences: texts that are neither names nor subjects."""
    return frozenset(
        one.name
        for shape in catalogue.profile.values()
        for one in shape
        if one.value.kind == "text" and one.boost == 1
    )


# expansions -------------------------------------------------------------------------


@dataclass(frozen=True)
class Widening:
    """One criterion with what was looked for beside it: seen at once, on demand, taken away."""

    said: str
    wider: str
    seen: Sequence[Variant]
    more: Sequence[Variant]
    left: int
    removed: Sequence[Variant]


def widenings(answer: Answer) -> list[Widening]:
    """The criteria that also stand for something else."""
    found = []
    order = (STATED, SYNONYM, ABBREVIATION, SPELLING, CODE, TRANSLATION, NARROWER)
    for one in answer.criteria:
        used = sorted(one.variants, key=lambda v: order.index(v.kind))
        if used or one.removed:
            found.append(
                Widening(
                    one.said,
                    one.wider,
                    used[:_SEEN_VARIANTS],
                    used[_SEEN_VARIANTS:_MOST_VARIANTS],
                    len(used[_MOST_VARIANTS:]),
                    one.removed,
                )
            )
    return found


# the panel --------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """One value of a facet or class of a range: how many hits have it, whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Panel:
    """One facet of the panel; ``seen`` at once, ``more`` on demand, ``left`` not at all."""

    name: str
    label: str
    seen: Sequence[Choice]
    more: Sequence[Choice]
    left: int
    missing: Choice | None
    open: bool

    @classmethod
    def of(
        cls,
        name: str,
        label: str,
        choices: Iterable[Choice],
        left: int = 0,
        missing: Choice | None = None,
        *,
        open: bool,
    ) -> Panel:
        """What is chosen first, then what most have."""
        found = sorted(choices, key=lambda c: (not c.chosen, -c.count, c.label.casefold()))
        seen = max(_SEEN, sum(one.chosen for one in found))
        return cls(name, label, found[:seen], found[seen:], left, missing, open)


def panel(query: Query, answer: Answer) -> Iterator[Panel]:
    """The facets that can narrow the hits, or already do, in the order of the profile."""
    told: list[tuple[Property, list[tuple[str, int]], int]] = []
    for name, one in catalogue.profile.facets_by_kind[query.kind].items():
        chosen = query.chosen.get(name, frozenset())
        found = {**dict.fromkeys(chosen - {NOT_STATED}, 0), **answer.counts.get(name, {})}
        same = len(found) == 1 and not answer.missing.get(name) and answer.total in found.values()
        if chosen or (found and not same):
            best = nlargest(_MOST, found.items(), key=lambda p: (p[0] in chosen, p[1], p[0]))
            told.append((one, best, len(found) - len(best)))
    remember_labels((one, best) for one, best, _ in told)
    for one, best, left in told:
        chosen = query.chosen.get(one.name, frozenset())
        yield Panel.of(
            one.name,
            one.label,
            [Choice(v, label_of(one, v), count, v in chosen) for v, count in best],
            left,
            _missing(answer.missing.get(one.name, 0), chosen),
            open=bool(chosen) or (one.leading and one.value.kind == "concept"),
        )


@dataclass(frozen=True)
class Values:
    """Every value of one facet among the hits, those first that most have."""

    property: Property
    choices: list[Choice]
    total: int
    missing: Choice | None


def values(query: Query, answer: Answer, name: str, first: int, most: int) -> Values:
    """Some of the values of a facet, from the place ``first`` on."""
    one, chosen = catalogue.profile.facets[name], query.chosen.get(name, frozenset())
    counts = answer.counts.get(name, {})
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    best = ordered[first : first + most]
    remember_labels([(one, best)])
    return Values(
        one,
        [Choice(v, label_of(one, v), count, v in chosen) for v, count in best],
        len(counts),
        _missing(answer.missing.get(name, 0), chosen),
    )


def _missing(count: int, chosen: frozenset[str]) -> Choice | None:
    if not count and NOT_STATED not in chosen:
        return None
    return Choice(NOT_STATED, "Not stated", count, NOT_STATED in chosen)


@dataclass(frozen=True)
class RangePanel:
    """One range of the panel: its ends as typed, its classes with their counts."""

    range: Range
    low: str
    high: str
    classes: list[Choice]
    missing: Choice | None
    open: bool


def range_panel(query: Query, answer: Answer) -> Iterator[RangePanel]:
    """The ranges that some hit states, or that narrow the hits already."""
    for name, one in catalogue.profile.ranges.items():
        chosen = query.chosen.get(name, frozenset())
        counts = answer.classes.get(name, ())
        if not chosen and not any(counts):
            continue
        classes = [
            Choice(value, label, count, value in chosen)
            for (value, label), count in zip(classes_of(one), counts, strict=False)
        ]
        spans = [v for v in chosen if v != NOT_STATED and v not in {c.value for c in classes}]
        low, high = (span_of(spans[0]) if len(spans) == 1 else None) or (None, None)
        yield RangePanel(
            one,
            _plain(low),
            _plain(high),
            [c for c in classes if c.count or c.chosen],
            _missing(answer.missing.get(name, 0), chosen),
            open=bool(chosen),
        )


def classes_of(one: Range) -> Iterator[tuple[str, str]]:
    """The classes of a range: the value that chooses each, and its words."""
    for place, low in enumerate(one.edges):
        if place + 1 == len(one.edges):
            yield f"{_plain(low)}..", f"{_shown(one, low)} or more"
        else:
            high = one.edges[place + 1]
            last = _plain(round(high - one.step, 2))
            words = f"{_shown(one, low)} to {_shown(one, high)}"
            if one.step == 1:
                words = f"{_shown(one, low)} to {_shown(one, high - 1)}"
            yield f"{_plain(low)}..{last}", words


def _shown(one: Range, value: float | None) -> str:
    plain = _plain(value)
    return plain if one.is_year or not plain.isdecimal() else number(int(plain))


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


@dataclass(frozen=True)
class Chip:
    """One chosen value, and the query without it."""

    label: str
    value: str
    without: Query


def chips(query: Query) -> Iterator[Chip]:
    """The chosen values of facets and ranges."""
    facets, ranges = catalogue.profile.facets_by_kind[query.kind], catalogue.profile.ranges
    for name, values in query.chosen.items():
        for value in sorted(values):
            if name in ranges:
                label, said = ranges[name].label, catalogue.wording.range(ranges[name], value)
            else:
                label = facets[name].label
                said = SILENT if value == NOT_STATED else label_of(facets[name], value)
            yield Chip(label, said, query.toggled(name, value))


def way_label(way: Way) -> str:
    """What is left out on a way on, as people read it."""
    if (one := catalogue.profile.ranges.get(way.name)) is not None:
        return f"{one.label}: {catalogue.wording.range(one, way.value)}"
    facet = catalogue.profile.facets[way.name]
    said = SILENT if way.value == NOT_STATED else label_of(facet, way.value)
    return f"{facet.label}: {said}"


def remember_labels(told: Iterable[tuple[Property, Iterable[tuple[str, int]]]]) -> None:
    """Look up the titles of the records that are facet values, all at once."""
    remember(value for one, found in told if one.value.kind == "reference" for value, _ in found)
