"""A search for datasets as a question: what narrows the hits becomes what all are held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalogue.errors import BadRequest
from catalogue.outcomes.questions import MOST_CRITERIA, Criterion, Question, Questions
from catalogue.profile.criteria import CriterionKind
from catalogue.search.language import span_of
from catalogue.search.query import NOT_STATED, Query


@dataclass(frozen=True)
class Taken:
    """What a search became as a question, and the facets and ranges that were not taken whole."""

    question: Question
    left: tuple[str, ...] = ()


def question_of(query: Query, questions: Questions) -> Taken:
    """The chosen facets and ranges as criteria; words are left to be understood.

    What may be asked of the same part goes with it: the stages and the number of people with
    the conditions.  What no criterion asks for is left, and named: the publisher, a number of
    people with a condition where no condition is chosen (that is not the size of the dataset),
    the upper end where only a least number can be asked.
    """
    chosen = {
        name: [one for one in sorted(values) if one != NOT_STATED]
        for name, values in query.chosen.items()
    }
    criteria: list[Criterion] = []
    taken: set[str] = set()
    for kind in questions.kinds.values():
        facet = _name(kind, chosen)
        if not facet or not chosen[facet]:
            continue
        for text in _written(kind, chosen[facet], questions):
            if len(criteria) == MOST_CRITERIA:
                break
            beside = _beside(kind, chosen, questions)
            try:
                criteria.append(questions.criterion(kind.name, text + "".join(beside.values())))
            except BadRequest:
                continue  # a place that is no country, a number that makes no sense here
            whole = [name for name in beside if _is_whole(chosen[name], "least")]
            taken.update(whole)
            if not kind.is_number or _is_whole(chosen[facet], kind.test):
                taken.add(facet)
    taken -= {name for name, values in query.chosen.items() if NOT_STATED in values}
    return Taken(
        Question(tuple(dict.fromkeys(criteria))),
        tuple(
            sorted(name for name, values in query.chosen.items() if values and name not in taken)
        ),
    )


def _is_whole(values: list[str], test: str) -> bool:
    """Whether all that was chosen can be asked: a least number has no upper end.

    Several intervals are alternatives: one without that end is enough.
    """
    spans = [span for value in values if (span := span_of(value))]
    if test == "least":
        return not spans or any(high is None for _, high in spans)
    return test != "most" or not spans or any(not low for low, _ in spans)


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
) -> dict[str, str]:
    """What is asked of the same part, by name."""
    found: dict[str, str] = {}
    for name, vocabulary in kind.qualifiers.items():
        # An instrument that is chosen stands for itself: nobody said of which outcome.
        if not chosen.get(name) or name in questions.kinds:
            continue
        if vocabulary is not None:
            found[name] = f";{name}={','.join(_codes(chosen[name], questions))}"
        else:  # of several intervals the lowest end holds
            lows = [span[0] for value in chosen[name] if (span := span_of(value))]
            known = [low for low in lows if low is not None]
            if known and len(known) == len(lows):
                found[name] = f";{name}={min(known):.10g}.."
    return found


def _codes(values: list[str], questions: Questions) -> Iterator[str]:
    yield from (questions.code(value) for value in values)
