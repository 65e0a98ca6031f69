"""What somebody asked, in words, and how many datasets are left at each step of it.

A protocol reports a search as it reports a review: all records, those with the words, those
left after each criterion in turn.  A question leaves nothing out, so it is told otherwise: how
many datasets meet each criterion, do not, or do not state it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from catalogue.outcomes.asking import Asked, AskedQuestion, AskedSearch
from catalogue.outcomes.fit import State
from catalogue.outcomes.wording import Wording, titled
from catalogue.profile import Profile
from catalogue.search.engine import TITLE
from catalogue.search.finder import Finder
from catalogue.search.plan import Criterion as Words
from catalogue.search.plan import Variant
from catalogue.search.query import SORTS, Query

#: How many expansions of one criterion are kept.
_MOST_EXPANSIONS = 200
#: What the list of a question is.
_LISTED = "In the list: those that meet all criteria, or all but one"
_MEETING = "In the list: those that meet it"


@dataclass(frozen=True)
class Expansion:
    """What was typed, what it was also taken to mean, and what of that was switched off."""

    said: str
    used: Sequence[str]
    removed: Sequence[str]


@dataclass(frozen=True)
class Step:
    """One step, and how many datasets are left after it."""

    label: str
    count: int


@dataclass(frozen=True)
class Split:
    """One criterion, and how many datasets meet it, do not, or do not state it."""

    label: str
    met: int
    unmet: int
    unknown: int


@dataclass(frozen=True)
class Account:
    """Everything that was asked and how it came out, but for the list itself.

    ``criteria`` are pairs of a name and what was chosen.  ``steps`` tell of a search,
    ``splits`` and ``groups`` (how many criteria are met → how many datasets) of a question.
    """

    kind: str
    words: str
    criteria: Sequence[tuple[str, str]] = ()
    order: str = ""
    expanded: bool = True
    expansions: Sequence[Expansion] = ()
    notes: Sequence[str] = ()
    steps: Sequence[Step] = ()
    splits: Sequence[Split] = ()
    groups: Sequence[tuple[int, int]] = ()
    total: int = 0

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Account:
        """From JSON."""
        return cls(
            **{
                **plain,
                "criteria": [(name, said) for name, said in plain["criteria"]],
                "expansions": [Expansion(**one) for one in plain["expansions"]],
                "steps": [Step(**one) for one in plain["steps"]],
                "splits": [Split(**one) for one in plain["splits"]],
                "groups": [(met, count) for met, count in plain["groups"]],
            }
        )


def account_of(session: Session, profile: Profile, asked: Asked, total: int) -> Account:
    """What was asked and how it came out; ``total`` is how many datasets are in its list."""
    if isinstance(asked, AskedQuestion):
        return _of_question(session, profile, asked, total)
    assert isinstance(asked, AskedSearch)
    return _of_search(profile, asked, total)


def named(session: Session, account: Account) -> Account:
    """An account with the records it speaks of by the titles that the world may read today.

    Titles are not kept: one that is withdrawn later must not stay readable here.
    """
    texts = [said for _, said in account.criteria] + [one.label for one in account.steps]
    read = titled(session, texts)
    return replace(
        account,
        criteria=[(name, read(said)) for name, said in account.criteria],
        steps=[Step(read(one.label), one.count) for one in account.steps],
    )


# a search -----------------------------------------------------------------------------


def _of_search(profile: Profile, asked: AskedSearch, total: int) -> Account:
    query, finder = asked.query, asked.finder
    answer = finder.find(_bare(query), counting=False)
    criteria = Wording(profile).pairs(asked)
    notes = list(answer.notes)
    notes += [
        f"No description holds “{said}”; looked for “{taken}”."
        for said, taken in answer.corrections.items()
    ]
    notes += [
        f"“{choice.said}” was taken to mean {concept.label()}."
        for choice in answer.choices
        for concept in choice.concepts
        if concept.iri == choice.chosen
    ]
    if answer.relaxed:
        notes.append("No dataset holds all of this, so the list is empty.")
    return Account(
        "search",
        query.text,
        criteria,
        SORTS[query.sort] if query.text or query.sort != next(iter(SORTS)) else SORTS[TITLE],
        query.expand,
        [one for one in map(_expansion, answer.criteria) if one.used or one.removed],
        notes,
        list(_steps(finder, query, criteria)),
        total=total,
    )


def _bare(query: Query) -> Query:
    """A query of which only the number of hits is wanted, so nothing near them is looked for."""
    return replace(query, page=1, size=1, sort=TITLE)


def _steps(finder: Finder, query: Query, criteria: Sequence[tuple[str, str]]) -> Iterator[Step]:
    """All datasets, those that hold the words, those left after each filter in turn."""

    def total(one: Query) -> int:
        answer = finder.find(_bare(one), counting=False)
        return 0 if answer.relaxed else answer.total

    yield Step("All datasets", total(Query(kind=query.kind)))
    left = replace(query, chosen={})
    if query.text:
        yield Step(f"Words: {query.text}", total(left))
    for (name, values), (label, said) in zip(query.chosen.items(), criteria, strict=True):
        left = replace(left, chosen={**left.chosen, name: values})
        yield Step(f"{label}: {said}", total(left))


def _expansion(one: Words) -> Expansion:
    return Expansion(one.said, _variants(one.variants), _variants(one.removed))


def _variants(some: Sequence[Variant]) -> list[str]:
    return [f"{one.text} ({one.kind})" for one in some[:_MOST_EXPANSIONS]]


# a question ---------------------------------------------------------------------------


def _of_question(session: Session, profile: Profile, asked: AskedQuestion, total: int) -> Account:
    question = asked.question
    fitted = asked.fitter.fit(session, question, 0, 1)
    criteria = Wording(profile).pairs(asked)
    return Account(
        "question",
        question.text,
        criteria,
        "Criteria met, then those left open, then how well the words fit, then title",
        steps=[
            Step("All datasets", fitted.total),
            Step(_LISTED if len(criteria) > 1 else _MEETING, total),
        ],
        splits=[
            Split(
                f"{label}: {said}",
                states.get(State.MET, 0),
                states.get(State.UNMET, 0),
                states.get(State.UNKNOWN, 0),
            )
            for (label, said), states in zip(criteria, fitted.states, strict=True)
        ],
        groups=sorted(fitted.groups.items(), reverse=True),
        total=total,
    )
