"""Searches that datasets nearly matched: by which one criterion each missed.

Worked out in the background, of what at least five different people asked for in a month, so
that nothing follows about anybody, and so that no page waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from catalogue.database import Database
from catalogue.errors import CatalogueError
from catalogue.outcomes.asking import AskedQuestion, AskedSearch, Asking
from catalogue.outcomes.fit import State
from catalogue.outcomes.wording import Wording
from catalogue.records.models import Record
from catalogue.search.query import NOT_STATED
from catalogue.tending import Stopping
from catalogue.upkeep.counting import LEAST_PEOPLE, people_in
from catalogue.upkeep.models import DayOfViews, Demand, NearMiss

#: What searches are kept as whose criteria met nothing.
UNMET = "unmet:"
#: So many searches of a month are looked at, and so many datasets of each.
_MOST_SEARCHES, _MOST_DATASETS, _MOST_HITS = 300, 200, 1_000
_PAUSE = timedelta(hours=1)
_VIEWS_KEPT = timedelta(days=800)


@dataclass(frozen=True)
class Miss:
    """One dataset, and the one criterion that it did not meet."""

    record: int
    field: str
    asked: str
    stated: bool


@dataclass(frozen=True)
class Wanted:
    """Something that was asked for, with how many people asked at least."""

    address: str
    people: int


@dataclass(frozen=True)
class NearSearch:
    """A search that a dataset nearly matched; ``asked`` names records by references."""

    record: int
    field: str
    asked: str
    stated: bool
    address: str
    people: int


class Nearly:
    """Finds near misses, and tells of them."""

    def __init__(
        self,
        database: Database,
        wording: Wording,
        asking: Asking,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database, self._wording = database, wording
        self._asking, self._now = asking, clock
        self._next: datetime | None = None

    def tend(self, stopping: Stopping = lambda: False) -> None:
        """Look once an hour at what many asked for."""
        if self._next is not None and self._now() < self._next:
            return
        self.forget()
        self.look(stopping)
        self._next = self._now() + _PAUSE

    def look(self, stopping: Stopping = lambda: False) -> None:
        """Find the near misses of what was asked most in this month, and in the last."""
        for month in self._months():
            with self._database.read() as session:
                wanted = [
                    one for one in _asked_most(session, month) if not one.address.startswith(UNMET)
                ]
            for one in wanted[:_MOST_SEARCHES]:
                if stopping():
                    return
                self._look_at(month, one)

    def _look_at(self, month: str, one: Demand) -> None:
        with self._database.read() as session:
            try:
                found = list(self.misses(session, one.address))
            except CatalogueError:
                found = []  # asked under another profile
        with self._database.write() as session:
            session.execute(
                delete(NearMiss).where(NearMiss.month == month, NearMiss.digest == one.digest)
            )
            if rows := {
                miss.record: {
                    "record_id": miss.record,
                    "month": month,
                    "digest": one.digest,
                    "field": miss.field[:64],
                    "asked": miss.asked[:500],
                    "stated": miss.stated,
                }
                for miss in found
            }:
                session.execute(insert(NearMiss), list(rows.values()))

    def misses(self, session: Session, address: str) -> Iterator[Miss]:
        """The datasets that a search or question missed by one criterion alone."""
        asked = self._asking.read(address)
        if isinstance(asked, AskedSearch):
            yield from self._of_search(asked)
        elif isinstance(asked, AskedQuestion):
            yield from self._of_question(session, asked)

    def _of_search(self, search: AskedSearch) -> Iterator[Miss]:
        query = search.query
        if len(query.chosen) + bool(query.text) < 2:
            return  # every other dataset would be a near miss
        whole = search.finder.find(replace(query, page=1, size=_MOST_HITS), counting=False)
        if whole.total > _MOST_HITS or (whole.relaxed and not query.chosen):
            return
        hits = set() if whole.relaxed else set(whole.records)
        for name, values in query.chosen.items():
            others = {key: said for key, said in query.chosen.items() if key != name}
            silent = _found(search, {**others, name: frozenset({NOT_STATED})})
            asked = ": ".join(self._wording.chosen(name, values))
            for record in silent:
                if record not in hits:
                    yield Miss(record, name, asked, stated=False)
            for record in _found(search, others):
                if record not in hits and record not in silent:
                    yield Miss(record, name, asked, stated=True)

    def _of_question(self, session: Session, asked: AskedQuestion) -> Iterator[Miss]:
        question = asked.question
        number = len(question.criteria)
        if number < 2:
            return
        listed = asked.fitter.listed(session, question)
        near = [record for record, (met, _) in listed.items() if met == number - 1]
        for record in near[:_MOST_DATASETS]:
            if (fit := asked.fitter.fit_one(session, question, record)) is None:
                continue
            for criterion, verdict in zip(question.criteria, fit.verdicts, strict=True):
                if verdict.state is not State.MET:
                    stated = verdict.state is not State.UNKNOWN
                    yield Miss(record, verdict.path[0], self._wording.whole(criterion), stated)

    # telling ----------------------------------------------------------------------------

    def of_organisation(
        self, session: Session, organisation: int, most: int = 50
    ) -> Sequence[NearSearch]:
        """What an organisation's datasets nearly matched lately, asked by most people first."""
        found = session.execute(
            select(NearMiss, Demand)
            .join(Record, Record.id == NearMiss.record_id)
            .join(Demand, (Demand.month == NearMiss.month) & (Demand.digest == NearMiss.digest))
            .where(Record.organisation == organisation, NearMiss.month.in_(self._months()))
            .order_by(Demand.times.desc(), NearMiss.record_id)
            .limit(most)
        )
        told: dict[tuple[int, str], NearSearch] = {}  # of two months the one with more people
        for miss, demand in found:
            if people_in(demand.people) < LEAST_PEOPLE:
                continue
            one = NearSearch(
                miss.record_id,
                miss.field,
                miss.asked,
                miss.stated,
                demand.address,
                told_of(people_in(demand.people)),
            )
            before = told.get((one.record, one.address))
            if before is None or one.people > before.people:
                told[one.record, one.address] = one
        return sorted(told.values(), key=lambda one: -one.people)

    def without_results(self, session: Session, most: int = 50) -> Sequence[Wanted]:
        """What many asked for and nobody found."""
        return self._wanted(session, most, unmet=False)

    def unmet(self, session: Session, most: int = 50) -> Sequence[Wanted]:
        """Single criteria that stood in many searches which found nothing."""
        return self._wanted(session, most, unmet=True)

    def _wanted(self, session: Session, most: int, *, unmet: bool) -> Sequence[Wanted]:
        found: dict[str, Wanted] = {}
        for month in self._months():
            for one in _asked_most(session, month):
                if one.found == 0 and one.address.startswith(UNMET) == unmet:
                    address = one.address.removeprefix(UNMET)
                    found.setdefault(address, Wanted(address, told_of(people_in(one.people))))
        return sorted(found.values(), key=lambda one: -one.people)[:most]

    def _months(self) -> Sequence[str]:
        """This month and the last: on its first day a month knows nothing yet."""
        now = self._now()
        before = now.replace(day=1) - timedelta(days=1)
        return f"{now:%Y-%m}", f"{before:%Y-%m}"

    def forget(self) -> None:
        """Throw away what was asked in earlier months, and views of years ago."""
        months, day = self._months(), (self._now() - _VIEWS_KEPT).date().isoformat()
        with self._database.read() as session:
            old = select(Demand.month).where(Demand.month.not_in(months)).limit(1)
            views = select(DayOfViews.day).where(DayOfViews.day < day).limit(1)
            if session.scalar(old) is None and session.scalar(views) is None:
                return
        with self._database.write() as session:
            session.execute(delete(Demand).where(Demand.month.not_in(months)))
            session.execute(delete(NearMiss).where(NearMiss.month.not_in(months)))
            session.execute(delete(DayOfViews).where(DayOfViews.day < day))


def _found(search: AskedSearch, chosen: dict[str, frozenset[str]]) -> Sequence[int]:
    query = replace(search.query, chosen=chosen, page=1, size=_MOST_DATASETS)
    answer = search.finder.find(query, counting=False)
    return () if answer.relaxed else answer.records


def told_of(people: int) -> int:
    """A number of people as it is told: one more is not seen, so that nobody can be waited for."""
    return people if people < LEAST_PEOPLE else people - people % LEAST_PEOPLE


def _asked_most(session: Session, month: str) -> Sequence[Demand]:
    """What at least five people asked for in a month, the most often asked first."""
    found = session.scalars(
        select(Demand)
        .where(Demand.month == month, Demand.times >= LEAST_PEOPLE, Demand.address != "")
        .order_by(Demand.times.desc(), Demand.digest)
        .limit(4 * _MOST_SEARCHES)
    )
    return [one for one in found if people_in(one.people) >= LEAST_PEOPLE]
