"""A search for datasets as a question: what narrows the hits becomes what all are held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalogue.errors import BadRequest
from catalogue.outcomes.questions import MOST_CRITERIA, Criterion, Question, Questions
from catalogue.profile.criteria import CriterionKind
from catalogue.search.language import span_of
from catalogue.search.query import NOT_STATED, Query


def question_of(query: Query, questions: Questions) -> Question:
    """The chosen facets and ranges as criteria; words are left to be understood.

    What may be asked of the same part goes with it: the stages and the number of people with
    the conditions.  What no criterion asks for (the publisher, say) is left out.
    """
    chosen = {
        name: [one for one in sorted(values) if one != NOT_STATED]
        for name, values in query.chosen.items()
    }
    criteria: list[Criterion] = []
    for kind in questions.kinds.values():
        facet = _name(kind, chosen)
        if not facet or not chosen[facet]:
            continue
        for text in _written(kind, chosen[facet], questions):
            beside = "".join(_beside(kind, chosen, questions))
            try:
                criteria.append(questions.criterion(kind.name, text + beside))
            except BadRequest:
                continue  # a place that is no country, a number that makes no sense here
    return Question(tuple(dict.fromkeys(criteria))[:MOST_CRITERIA])


def _name(kind: CriterionKind, chosen: Mapping[str, list[str]]) -> str:
    """The facet or range that asks for the same."""
    if kind.is_number:
        return kind.name if kind.name in chosen else ""
    return next((one for one in (kind.name, kind.path[-1]) if one in chosen), "")


def _written(kind: CriterionKind, values: list[str], questions: Questions) -> Iterator[str]:
    """The values as criteria are written; of several intervals the widest one."""
    if not kind.is_number:
        yield ",".join(_codes(values, questions))
        return
    spans = [span for value in values if (span := span_of(value))]
    if spans:
        lows, highs = zip(*spans, strict=True)
        low = "" if None in lows or kind.test == "most" else f"{min(lows):.10g}"
        high = "" if None in highs or kind.test == "least" else f"{max(highs):.10g}"
        if low or high:
            yield f"{low}..{high}"


def _beside(
    kind: CriterionKind, chosen: Mapping[str, list[str]], questions: Questions
) -> Iterator[str]:
    for name, vocabulary in kind.qualifiers.items():
        # An instrument that is chosen stands for itself: nobody said of which outcome.
        if not chosen.get(name) or name in questions.kinds:
            continue
        if vocabulary is not None:
            yield f";{name}={','.join(_codes(chosen[name], questions))}"
        elif (span := span_of(chosen[name][0])) and span[0] is not None:
            yield f";{name}={span[0]:.10g}.."


def _codes(values: list[str], questions: Questions) -> Iterator[str]:
    yield from (questions.code(value) for value in values)
