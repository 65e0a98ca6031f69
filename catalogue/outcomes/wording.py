"""Criteria in words, as people say them: for pages, tables, statements, titles and letters.

The criteria of a question and the filters of a search are said alike, so that a page, the title
of something saved, and each step of a statement use the same words for the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.outcomes.asking import Asked, AskedQuestion, AskedSearch
from catalogue.outcomes.questions import Criterion, Span, least_of
from catalogue.profile import Profile, Property
from catalogue.profile.criteria import LEAST, STAGE, CriterionKind
from catalogue.profile.ranges import Range
from catalogue.profile.units import beside
from catalogue.records.models import PUBLISHED, Record
from catalogue.search.language import span_of
from catalogue.search.query import NOT_STATED

#: How qualifiers are said, and what is counted; ``{}`` is the number or the names.
_BESIDE = {
    "persons": ("at least {}", "people"),
    "instrument": ("measured with {}", ""),
    "completeness_percent": ("at least {} % complete", ""),
}
SILENT = "not stated"
#: The longest name that is made up of criteria.
_LONGEST_TITLE = 160
#: How a text names a record: titles change and are withdrawn, so none is kept in a text.
_REFERENCE = re.compile(r"<(id/[a-z]+/[^<>\s]+|https?://[^<>\s]+)>")

#: What something is called, and what is said of it: *People in the dataset*, *at least 5,000*.
Pair = tuple[str, str]


class Wording:
    """Says criteria with the labels of a profile."""

    def __init__(self, profile: Profile) -> None:
        self._kinds: Mapping[str, CriterionKind] = profile.criteria
        self._facets, self._ranges = profile.facets, profile.ranges
        self._vocabularies = profile.vocabularies

    def label(self, criterion: Criterion) -> str:
        """What kind of criterion it is: *Condition*."""
        return self._kinds[criterion.kind].label

    def said(self, criterion: Criterion) -> str:
        """What it asks for: *Prostate cancer, localised, at least 5,000 people*."""
        kind = self._kinds[criterion.kind]
        if criterion.span is not None:
            overlaps = kind.test == "overlaps"
            subject = _span(criterion.span, kind.unit, overlaps=overlaps)
        else:
            subject = self.names(criterion.values)
        beside = dict(criterion.qualifiers)
        stage = beside.pop(STAGE, None)
        if isinstance(stage, tuple):
            # Localised prostate cancer need not say prostate cancer before.
            named = self.names(stage)
            subject = named if subject.casefold() in named.casefold() else f"{subject}, {named}"
        parts = [subject]
        if kind.test == "coverage":
            parts.append(self._coverage(criterion))
        for name, asked in beside.items():
            if name != LEAST:
                form, unit = _BESIDE.get(name, ("{}", ""))
                said = amount(asked, unit) if isinstance(asked, int | float) else self.names(asked)
                parts.append(form.format(said))
        return ", ".join(parts)

    def whole(self, criterion: Criterion) -> str:
        """Both: *Condition: Prostate cancer, localised, at least 5,000 people*."""
        return f"{self.label(criterion)}: {self.said(criterion)}"

    def range(self, one: Range, value: str) -> str:
        """A chosen value of a range: ``5000..`` as *at least 5,000 people*."""
        if value == NOT_STATED:
            return SILENT
        low, high = span_of(value) or (None, None)
        if low is None and high is None:
            return value
        if one.step != 1 and high is not None:
            # A class ends where the next begins, not the smallest step before.
            high = next((edge for edge in one.edges if round(edge - one.step, 2) == high), high)
        return _span((low, high), one.unit, overlaps=one.is_span)

    def choice(self, one: Property, value: str) -> str:
        """A chosen value of a facet; a record as its reference, for :func:`titled`."""
        if value == NOT_STATED:
            return SILENT
        if one.value.kind == "boolean":
            return {"true": "yes", "false": "no"}.get(value, value)
        if one.value.kind == "reference":
            return f"<{value}>"
        return self._vocabularies.label(value)

    def pairs(self, asked: Asked) -> list[Pair]:
        """The criteria of a question, or the filters of a search."""
        if isinstance(asked, AskedQuestion):
            return [(self.label(one), self.said(one)) for one in asked.question.criteria]
        assert isinstance(asked, AskedSearch)
        return [self.chosen(name, values) for name, values in asked.query.chosen.items()]

    def chosen(self, name: str, values: Iterable[str]) -> Pair:
        """A filter of a search; records as references, for :func:`titled`."""
        if (one := self._ranges.get(name)) is not None:
            return one.label, " or ".join(self.range(one, value) for value in sorted(values))
        facet = self._facets[name]
        return facet.label, " or ".join(sorted(self.choice(facet, value) for value in values))

    def names(self, values: tuple[str, ...]) -> str:
        """Concepts, any of which is enough."""
        return " or ".join(self._vocabularies.label(value) for value in values)

    def _coverage(self, criterion: Criterion) -> str:
        found = [self._vocabularies.concept(value) for value in criterion.values]
        sizes = {len(one.members) for one in found if one is not None}
        of = f" of {sizes.pop()}" if len(sizes) == 1 else ""
        least = least_of(criterion)
        return f"at least {number(least)}{of} items" if of else f"at least {amount(least, 'items')}"


def title_of(words: str, pairs: Iterable[Pair]) -> str:
    """What a search or question is called where nobody names it."""
    said = [f"“{words}”"] if words else []
    said += [f"{label}: {one}" for label, one in pairs]
    title = "; ".join(said) or "All datasets"
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 2].rstrip() + " …"


def titled(session: Session, texts: Sequence[str]) -> Callable[[str], str]:
    """A function that calls the records in some texts by the titles that all may read today."""
    references = {found for text in texts for found in _REFERENCE.findall(text)}
    known: dict[str, Any] = {}
    if references:
        published = select(Record.iri, Record.title).where(
            Record.iri.in_(references), Record.state == PUBLISHED
        )
        known = {one.iri: one.title for one in session.execute(published)}
    return lambda text: _REFERENCE.sub(lambda match: known.get(match[1]) or match[1], text)


def _span(span: Span, unit: str, *, overlaps: bool) -> str:
    """A number or an interval; what has no unit is a year."""
    low, high = span
    shown = number if unit else _year
    if low is not None and high is not None:
        said = shown(low) if low == high else f"{shown(low)} to {shown(high)}"
    elif low is not None:
        said = f"{'at least' if unit else 'since'} {shown(low)}"
    else:
        assert high is not None
        most = "up to" if overlaps else "at most" if unit else "until"
        said = f"{most} {shown(high)}"
    ends = {low, high} - {None}
    return f"{said} {beside(low or high or 0, unit) if len(ends) == 1 else unit}".rstrip()


def amount(value: float, unit: str) -> str:
    """A number of something: *1 person*, *5,000 people*."""
    return f"{number(value)} {beside(value, unit)}".rstrip()


def number(value: float) -> str:
    """A number with its thousands apart."""
    return f"{value:,.10g}"


def _year(value: float) -> str:
    return f"{value:.10g}"
