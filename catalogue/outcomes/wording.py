"""Criteria in words, as people say them: for pages, tables, statements and letters."""

from __future__ import annotations

from collections.abc import Mapping

from catalogue.outcomes.questions import Criterion, Span, least_of
from catalogue.profile import Profile
from catalogue.profile.criteria import LEAST, CriterionKind

#: How qualifiers are said; ``{}`` is the number or the names.
_BESIDE = {
    "persons": "at least {} people",
    "instrument": "measured with {}",
    "timing": "{}",
    "completeness_percent": "at least {} % complete",
}


class Wording:
    """Says criteria with the labels of a profile."""

    def __init__(self, profile: Profile) -> None:
        self._kinds: Mapping[str, CriterionKind] = profile.criteria
        self._vocabularies = profile.vocabularies

    def label(self, criterion: Criterion) -> str:
        """What kind of criterion it is: *Condition*."""
        return self._kinds[criterion.kind].label

    def said(self, criterion: Criterion) -> str:
        """What it asks for: *Prostate cancer, localised, at least 5,000 people*."""
        kind = self._kinds[criterion.kind]
        if criterion.span is not None:
            subject = self._span(kind, criterion.span)
        else:
            subject = self.names(criterion.values)
        beside = dict(criterion.qualifiers)
        stage = beside.pop("stage", None)
        if isinstance(stage, tuple):
            # Localised prostate cancer need not say prostate cancer before.
            named = self.names(stage)
            subject = named if subject.casefold() in named.casefold() else f"{subject}, {named}"
        parts = [subject]
        if kind.test == "coverage":
            parts.append(self._coverage(criterion))
        for name, asked in beside.items():
            if name != LEAST:
                said = number(asked) if isinstance(asked, int | float) else self.names(asked)
                parts.append(_BESIDE.get(name, "{}").format(said))
        return ", ".join(parts)

    def whole(self, criterion: Criterion) -> str:
        """Both: *Condition: Prostate cancer, localised, at least 5,000 people*."""
        return f"{self.label(criterion)}: {self.said(criterion)}"

    def names(self, values: tuple[str, ...]) -> str:
        """Concepts, any of which is enough."""
        return " or ".join(self._vocabularies.label(value) for value in values)

    def _coverage(self, criterion: Criterion) -> str:
        found = [self._vocabularies.concept(value) for value in criterion.values]
        sizes = {len(one.members) for one in found if one is not None}
        of = f" of {sizes.pop()}" if len(sizes) == 1 else ""
        least = least_of(criterion)
        return f"at least {number(least)}{of} {'item' if least == 1 and not of else 'items'}"

    def _span(self, kind: CriterionKind, span: Span) -> str:
        low, high = span
        unit = f" {kind.unit}" if kind.unit else ""
        shown = number if kind.unit else _year
        if low is not None and high is not None:
            if low == high:
                return f"{shown(low)}{unit}"
            return f"{shown(low)} to {shown(high)}{unit}"
        if low is not None:
            return f"{'at least' if kind.unit else 'since'} {shown(low)}{unit}"
        assert high is not None
        if kind.test == "overlaps":
            return f"up to {shown(high)}{unit}"
        return f"{'at most' if kind.unit else 'until'} {shown(high)}{unit}"


def number(value: float) -> str:
    """A number with its thousands apart."""
    return f"{value:,.10g}"


def _year(value: float) -> str:
    return f"{value:.10g}"
