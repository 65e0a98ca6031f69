"""The pre-flight of a catalogue: one record at once, a whole scope in the background.

A page asks for a report by a row; a worker finds the row.  A record is assessed once for each
state that the world sees, and kept; adding up what is kept is quick, so a report that was cut
off begins again and loses nothing but seconds.
"""

from __future__ import annotations

import hashlib
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from catalogue.changes import Change
from catalogue.database import Database
from catalogue.errors import Unavailable
from catalogue.preflight.adding import Sum
from catalogue.preflight.assess import Assessed, Assessing, Fault
from catalogue.preflight.models import Assessment, Report
from catalogue.preflight.others import Others
from catalogue.profile import Profile
from catalogue.rdf.graph import Graphs
from catalogue.rdf.listing import LISTED, Scope
from catalogue.records.models import PUBLISHED, WITHDRAWN, Fragment, Listing, Record
from catalogue.tending import Stopping

log = structlog.get_logger()
#: Changes when other things would be found.
VERSION = "1"
#: How many records are looked at in one go.
BATCH = 200
#: A report that nobody has asked for so long is not kept fresh; asking is written down so often.
_WANTED, _ASKED = timedelta(days=30), timedelta(days=1)
#: A worker that says nothing for so long has lost its report to the next.
_LEASE = timedelta(minutes=2)
#: After a failure the next attempt waits so long.
_PAUSE = timedelta(minutes=5)
#: A report is made anew after so many times as long as it took, so that changes that come
#: without end do not keep a processor busy; and after a day in any case.
_REST, _OLDEST = 10, timedelta(days=1)
#: This machine, as part of the name of whoever holds a report.
_HERE = socket.gethostname()[:40]
#: More changes than these are "many".
MANY_CHANGES = 1000


@dataclass(frozen=True)
class Standing:
    """Where the report of a scope stands."""

    report: Report
    behind: int
    due: bool

    @property
    def working(self) -> bool:
        """Whether a worker makes it just now."""
        lease = self.report.lease
        return bool(self.report.holder) and lease is not None and lease > _now()


class Preflight:
    """What a European portal would report."""

    def __init__(
        self,
        database: Database,
        graphs: Graphs,
        official: Profile,
        whole: Callable[[Session], int],
    ) -> None:
        self.official = official
        self._whole = whole
        self._database = database
        self._graphs = graphs
        self._assessing = Assessing(graphs, official)
        profile = graphs.profile
        said = (
            VERSION,
            official.version,
            profile.version,
            profile.vocabularies.version,
            graphs.base,
        )
        self.version = hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    # one record ---------------------------------------------------------------------

    def assess(self, session: Session, record: Record) -> tuple[Assessed, list[Fault]] | None:
        """What is found in a record, and all its faults, references included.

        None if the world may not see it.
        """
        fault = session.scalar(select(Fragment.fault).where(Fragment.record_id == record.id))
        assessed = self._assessing.assess(record, fault or "")
        if assessed is None:
            return None
        others = Others(self._graphs.records)
        others.look_up(session, assessed.named)
        return assessed, [*assessed.faults, *others.faults(assessed.named)]

    def kept(self, session: Session, numbers: Sequence[int]) -> dict[int, Assessed]:
        """What was found in some records, as far as it still holds and they are public."""
        found = session.execute(
            select(Assessment.record_id, Assessment.result)
            .join(Record, Record.id == Assessment.record_id)
            .where(Assessment.record_id.in_(numbers), Assessment.version == self.version)
            .where(Assessment.change == Record.last_change, Record.state == PUBLISHED)
        )
        return {number: Assessed.of_json(result) for number, result in found}

    # asking -------------------------------------------------------------------------

    def ask(self, scope: str) -> None:
        """See to it that a worker finds the report of a scope; writes only if need be."""
        with self._database.read() as session:
            row = session.get(Report, scope)
            if row is not None and row.asked > _now() - _ASKED:
                return
        # Somebody may ask for the same at the same moment, which is as good.
        with suppress(IntegrityError), self._database.write() as session:
            if (row := session.get(Report, scope)) is None:
                session.add(Report(scope=scope, asked=_now()))
            else:
                row.asked = _now()

    def standing(self, session: Session, scope: str) -> Standing | None:
        """Where the report of a scope stands; None if nobody has asked for it yet."""
        row = session.get(Report, scope)
        if row is None:
            return None
        behind = self._behind(session, row)
        return Standing(row, behind, self._is_old(row) or behind > 0)

    def _behind(self, session: Session, row: Report) -> int:
        """How many changes since a report may change it; counted up to a thousand.

        Those of its own records; of organisations and catalogues, which its records name; and
        withdrawals of anything.  A dataset elsewhere that appears is noticed within a day.
        """
        if row.state is None:
            return 0
        own = select(Listing.record_id).where(
            Listing.scope == row.scope, Listing.change > row.state
        )
        others = select(Change.seq).where(
            Change.seq > row.state, or_(Change.kind.not_in(LISTED), Change.action == "withdrawn")
        )
        # A withdrawn record is in its listing as well: counted once.
        elsewhere = others.where(Change.record_id.not_in(own))
        return sum(
            session.scalar(select(func.count()).select_from(one.limit(MANY_CHANGES).subquery()))
            or 0
            for one in (own, elsewhere)
        )

    def _is_old(self, row: Report) -> bool:
        return row.made is None or row.version != self.version or row.made < _now() - _OLDEST

    # tending ------------------------------------------------------------------------

    def tend(self, stopping: Stopping) -> None:
        """Make every report that is due; one that fails waits and never stops the others."""
        self._forget()
        failed: Exception | None = None
        tried: set[str] = set()
        while not stopping() and (taken := self._take(tried)):
            scope, holder = taken
            tried.add(scope)
            try:
                self._make(scope, holder, stopping)
            except Unavailable:  # the listing itself is being built: nothing is wrong
                self._let_go(scope, holder)
            except Exception as error:
                log.error("a report failed", scope=scope, exc_info=error)
                self._let_go(scope, holder, error)
                failed = error
        if failed is not None:
            raise failed

    def _forget(self) -> None:
        """Forget what was found in records that the world may no longer see."""
        kinds = list(self._graphs.profile.records)
        gone = select(Record.id).where(Record.kind.in_(kinds), Record.state == WITHDRAWN)
        seen = exists().where(Record.iri == Report.scope, Record.state == PUBLISHED)
        for table, found in (
            (Assessment, Assessment.record_id.in_(gone)),
            (Report, ~seen),
        ):
            with self._database.read() as session:
                if session.scalar(select(table).where(found).limit(1)) is None:
                    continue
            with self._database.write() as session:
                session.execute(delete(table).where(found))

    def _take(self, tried: set[str]) -> tuple[str, str] | None:
        """The next report that is due, taken so that no other worker makes it."""
        now = _now()
        # Who tends is alone on this machine: whoever held a report here is dead.
        dead = Report.holder.startswith(f"{_HERE}:", autoescape=True)
        free = or_(Report.lease.is_(None), Report.lease <= now, dead)
        with self._database.read() as session:
            wanted = select(Report).options(defer(Report.content))
            wanted = wanted.where(free, Report.asked > now - _WANTED)
            rows = session.scalars(wanted.order_by(Report.made.is_not(None), Report.made)).all()
            due = next(
                (
                    row.scope
                    for row in rows
                    if row.scope not in tried and self._is_due(session, row)
                ),
                None,
            )
        if due is None:
            return None
        holder = f"{_HERE}:{secrets.token_hex(8)}"
        with self._database.write() as session:
            found = session.execute(
                update(Report)
                .where(Report.scope == due, free)
                .values(holder=holder, lease=now + _LEASE, done=0, total=0)
            )
        tried.add(due)
        return (due, holder) if found.rowcount else self._take(tried)  # type: ignore[attr-defined]

    def _is_due(self, session: Session, row: Report) -> bool:
        if self._is_old(row):
            return True
        rested = row.made is not None and row.made + timedelta(seconds=_REST * row.took) <= _now()
        return rested and self._behind(session, row) > 0

    def _make(self, scope: str, holder: str, stopping: Stopping) -> None:
        began = time.monotonic()
        with self._database.read() as session:
            state = self._whole(session)
            total = Scope(scope).total(session) or 0
            head = session.scalar(select(Record.id).where(Record.iri == scope))
        report, others, done = Sum(), Others(self._graphs.records), 0
        for numbers in self._batches(scope, head):
            if stopping():
                self._let_go(scope, holder)
                return
            self._add(numbers, report, others, head)
            done += len(numbers) - (head in numbers)
            if not self._say(scope, holder, done=min(done, total), total=total):
                log.warning("another worker has taken a report over", scope=scope)
                return
        took = time.monotonic() - began
        self._say(
            scope,
            holder,
            state=state,
            version=self.version,
            made=_now(),
            took=took,
            content=report.content(),
            holder="",
            lease=None,
            error="",
        )
        log.info("report made", scope=scope, records=done, seconds=round(took, 2))

    def _batches(self, scope: str, head: int | None) -> Iterator[Sequence[int]]:
        """The numbers of the records of a scope; first that of the catalogue itself."""
        if head is not None:
            yield [head]
        last = 0
        while True:
            with self._database.read() as session:
                numbers = Scope(scope).after(session, last, BATCH)
            if not numbers:
                return
            yield [number for number in numbers if number != head]
            last = numbers[-1]

    def _add(self, numbers: Sequence[int], report: Sum, others: Others, head: int | None) -> None:
        """Take a batch in; what was not assessed before is, and kept."""
        new: list[Assessment] = []
        with self._database.read() as session:
            known = self.kept(session, numbers)
            missing = [number for number in numbers if number not in known]
            for record, fault in session.execute(
                select(Record, Fragment.fault)
                .outerjoin(Fragment, Fragment.record_id == Record.id)
                .where(Record.id.in_(missing), Record.state == PUBLISHED)
            ):
                assessed = self._assessing.assess(record, fault or "")
                if assessed is None or record.last_change is None:
                    continue
                known[record.id] = assessed
                new.append(
                    Assessment(
                        record_id=record.id,
                        change=record.last_change,
                        version=self.version,
                        result=assessed.as_json(),
                    )
                )
            others.look_up(session, (one for found in known.values() for one in found.named))
            rows = session.execute(select(Record.id, Record.kind).where(Record.id.in_(known)))
            kinds = {row.id: row.kind for row in rows}
        for number in sorted(known):
            found = known[number]
            report.add(
                number, kinds[number], found, others.faults(found.named), listed=number != head
            )
        if new:
            with self._database.write() as session:
                session.execute(
                    delete(Assessment).where(Assessment.record_id.in_([a.record_id for a in new]))
                )
                session.add_all(new)

    def _say(self, scope: str, mine: str, **values: object) -> bool:
        """Write into a report that one still holds; false if somebody else does."""
        values.setdefault("lease", _now() + _LEASE)
        with self._database.write() as session:
            found = session.execute(
                update(Report).where(Report.scope == scope, Report.holder == mine).values(**values)
            )
        return bool(found.rowcount)  # type: ignore[attr-defined]

    def _let_go(self, scope: str, holder: str, error: Exception | None = None) -> None:
        """Leave a report to the next round, or to a later one after a failure."""
        lease = _now() + _PAUSE if error else None
        said = repr(error)[:2000] if error else ""
        with self._database.write() as session:
            session.execute(
                update(Report)
                .where(Report.scope == scope, Report.holder == holder)
                .values(holder="", lease=lease, error=said)
            )


def _now() -> datetime:
    return datetime.now(UTC)
