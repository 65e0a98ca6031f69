"""The fit table: datasets by criteria in groups, best first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import defer

from catalogue.outcomes.fit import Fit, Fitted, State, Verdict
from catalogue.outcomes.questions import Question
from catalogue.records.models import Record
from catalogue.web.current import catalogue, session
from catalogue.web.summaries import Summary, summary
from catalogue.web.words import number


@dataclass(frozen=True)
class Cell:
    """How one dataset answers one criterion: the state, what it states, and the ways on.

    ``ask`` is where the owner is asked for what is not stated; ``page`` where it stands.
    """

    verdict: Verdict
    page: str
    ask: str

    @property
    def state(self) -> State:
        """Met, not met, or not stated."""
        return self.verdict.state

    @property
    def name(self) -> str:
        """The state as the name of a class: ``unmet``."""
        return self.state.name.lower()


@dataclass(frozen=True)
class Row:
    """One dataset of the table."""

    fit: Fit
    record: Record
    summary: Summary
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Group:
    """The datasets that meet equally many criteria."""

    met: int
    title: str
    total: int
    rows: Sequence[Row]


def rows(question: Question, fits: Sequence[Fit]) -> Iterator[Row]:
    """Fits as lines of the table; a dataset that is gone meanwhile is left out."""
    asked = catalogue.questions.address(question)
    known = _records(fits)
    for fit in fits:
        record = known.get(fit.record)
        if record is None or (said := summary(record)) is None:
            continue
        cells = [_cell(said, record.slug, one, asked) for one in fit.verdicts]
        yield Row(fit, record, said, cells)


def _records(fits: Sequence[Fit]) -> Mapping[int, Record]:
    """The records of some fits."""
    wanted = select(Record).where(Record.id.in_([one.record for one in fits]))
    return {one.id: one for one in session.scalars(wanted.options(defer(Record.draft)))}


def _cell(said: Summary, slug: str, verdict: Verdict, asked: str) -> Cell:
    page = f"/{said.path}#{verdict.anchor}" if verdict.anchor else f"/{said.path}"
    query = urlencode([("field", ".".join(verdict.path)), ("question", asked)])
    return Cell(verdict, page, f"/datasets/{slug}/ask?{query}")


def grouped(fitted: Fitted, found: Sequence[Row]) -> list[Group]:
    """The lines under headings: those that meet all, near misses, the others."""
    many = len(fitted.question.criteria)
    groups: dict[int, list[Row]] = {}
    for row in found:
        groups.setdefault(row.fit.met, []).append(row)
    return [
        Group(met, title_of(met, many), fitted.groups.get(met, 0), some)
        for met, some in groups.items()
    ]


def title_of(met: int, many: int) -> str:
    """What a group is called."""
    if met == many:
        return f"Meets {_all(many)}"
    if not met:
        return "Meets none of them" if many > 1 else "Does not meet it, or does not say"
    return f"Near misses: {met} of {many}" if met == many - 1 else f"{met} of {many}"


def headline(fitted: Fitted) -> str:
    """What a question found, in a sentence."""
    many = len(fitted.question.criteria)
    all_ = _all(many)
    parts = [_counted(fitted.full, f"meets {all_}", f"meet {all_}").capitalize()]
    # The next best is told, however far it is from the best.
    met = next((met for met in range(many - 1, 0, -1) if fitted.groups.get(met)), 0)
    if met:
        parts.append(_counted(fitted.groups[met], f"meets {met}", f"meet {met}"))
    if fitted.open:
        one = "may meet it but does" if many == 1 else f"may meet {all_} but leaves something"
        some = "may meet it but do" if many == 1 else f"may meet {all_} but leave something"
        end = " not say" if many == 1 else " open"
        parts.append(_counted(fitted.open, one + end, some + end))
    return "; ".join(parts) + "."


def _all(many: int) -> str:
    return {1: "it", 2: "both"}.get(many, f"all {many}")


def _counted(count: int, one: str, several: str) -> str:
    if not count:
        return f"none {one}"
    return f"{number(count)} {one if count == 1 else several}"
