"""The work of harvesting: what a worker does, slice by slice, until nothing is left to do.

::

    waiting → reading → writing → finished → (undoing → undone)
                 │         │
                 │         └─ asking → (an answer) → writing, or stopped
                 └─ stopped, failed → (go on) → where it was

Every slice is a few transactions, each of which leaves the run where the next can go on: a
worker may be killed anywhere.  Several runs take turns, so that a slow source holds up no other.
"""

from __future__ import annotations

import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import delete, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from catalogue.database import Database
from catalogue.errors import CatalogueError, Conflict
from catalogue.harvest import planning
from catalogue.harvest.abreast import Abreast
from catalogue.harvest.ahead import Ahead
from catalogue.harvest.gathering import Gathering, Turn, read
from catalogue.harvest.interpreting import Interpreter, Read, as_json
from catalogue.harvest.models import (
    ACTIVE,
    ASKING,
    AT_WORK,
    FAILED,
    FINISHED,
    LEAVING,
    PAUSED,
    PREVIEW,
    READING,
    STOPPED,
    UNDOING,
    UNDONE,
    WAITING,
    WRITING,
    Find,
    Item,
    Named,
    Page,
    Run,
    Source,
)
from catalogue.harvest.reading import Asked, Reader
from catalogue.harvest.sources import Sources
from catalogue.harvest.taking import GONE, Taking, before
from catalogue.harvest.undoing import Undoing
from catalogue.records.models import Record
from catalogue.records.records import Records
from catalogue.tending import Stopping

log = structlog.get_logger()
#: How long one run is worked at before the next has its turn, in seconds.
_SLICE = 20.0
#: How many finds are taken in one transaction.
_BATCH = 100
#: A worker that says nothing for so long has lost its run; longer than the slowest page.
LEASE = timedelta(minutes=15)
#: A run that takes longer is stopped: something is wrong, and somebody has to look.
LONGEST = timedelta(hours=48)
#: The finds and pages of so many runs of a source are kept; items are kept for good.
_KEPT_RUNS = 30
_HERE = socket.gethostname()[:40]

#: Makes what reads a source, and what lets go of it again.
Opening = Callable[[str, Asked, str], tuple[str, Reader, Callable[[], object]]]


class _Open:
    """A source that is being read: its reader, and the page that is being fetched ahead."""

    def __init__(self, reader: Reader, close: Callable[[], object]) -> None:
        self._reader = reader
        self._close = close
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="harvest")
        self._ahead: tuple[object, Future[Turn]] | None = None

    def turn(self, place: dict[str, object] | None) -> Turn:
        """The page at a place; the one after it is being read while this one is put aside."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == place:
            turn = ahead[1].result()
        else:
            if ahead is not None:
                ahead[1].cancel()
            turn = read(self._reader, place)
        if turn.after is not None:
            after = dict(turn.after)
            self._ahead = (after, self._pool.submit(read, self._reader, after))
        return turn

    def close(self) -> None:
        """Let go of it; a page that is being fetched is waited for."""
        self._pool.shutdown(cancel_futures=True)
        self._close()


class Harvester:
    """Works at runs; ``opening`` makes readers, ``changed`` lets the views follow."""

    def __init__(
        self,
        database: Database,
        records: Records,
        interpreter: Interpreter,
        sources: Sources,
        opening: Opening,
        ahead: Ahead,
        abreast: Abreast,
        changed: Callable[[], object],
    ) -> None:
        self._database = database
        self._sources = sources
        self._opening = opening
        self._ahead = ahead
        self._abreast = abreast
        self._changed = changed
        self._gathering = Gathering(interpreter)
        self._taking = Taking(records, interpreter)
        self._undoing = Undoing(records)
        self._open: dict[int, _Open] = {}

    def tend(self, stopping: Stopping) -> None:
        """Begin what is due, and work at all runs in turn until nothing is left to do."""
        holder = f"{_HERE}:{secrets.token_hex(8)}"
        try:
            while not stopping():
                self._begin_due()
                worked = [self._part(number, stopping) for number in self._being_left()]
                worked += [self._work(number, holder, stopping) for number in self._at_work(holder)]
                if not any(worked):
                    return
        finally:
            for number in list(self._open):
                self._shut(number)
            self._ahead.close()
            self._abreast.close()
            self._let_go(holder)

    # what there is to do -----------------------------------------------------------------

    def _begin_due(self) -> None:
        """Ask for a run of every source whose time has come."""
        due = select(Source).where(Source.state == ACTIVE, Source.due <= _now())
        with self._database.read() as session:
            if session.scalar(due.limit(1)) is None:
                return
        with self._database.write() as session:
            for source in session.scalars(due):
                with suppress(Conflict):  # the last one is still at work
                    self._sources.ask(session, None, source)
                source.due = self._sources.next(source)

    def _at_work(self, holder: str) -> list[int]:
        """The runs to work at: nobody else holds them."""
        # Who tends is alone on this machine: whoever held a run here before is dead.
        dead = Run.holder.startswith(f"{_HERE}:", autoescape=True)
        free = or_(Run.holder == "", Run.lease.is_(None), Run.lease <= _now(), dead)
        with self._database.read() as session:
            found = select(Run.id).where(Run.state.in_(AT_WORK), free).order_by(Run.id)
            return list(session.scalars(found))

    def _being_left(self) -> list[int]:
        with self._database.read() as session:
            return list(session.scalars(select(Source.id).where(Source.state == LEAVING)))

    @contextmanager
    def _held(
        self, number: int, holder: str, states: Sequence[str] = AT_WORK
    ) -> Iterator[tuple[Session, Source, Run] | None]:
        """A run in a transaction of its own, held; None if somebody else took or stopped it."""
        with self._database.write() as session:
            run = session.get(Run, number, with_for_update=True)
            taken = run is not None and run.holder not in ("", holder)
            if run is None or run.state not in states or (taken and not self._is_free(run)):
                yield None
                return
            run.holder, run.lease = holder, _now() + LEASE
            run.began = run.began or _now()
            yield session, session.get_one(Source, run.source_id), run

    @staticmethod
    def _is_free(run: Run) -> bool:
        dead = run.holder.startswith(f"{_HERE}:")
        return dead or run.lease is None or run.lease <= _now()

    def _let_go(self, holder: str) -> None:
        with self._database.read() as session:
            if session.scalar(select(Run.id).where(Run.holder == holder).limit(1)) is None:
                return
        with self._database.write() as session:
            session.execute(update(Run).where(Run.holder == holder).values(holder="", lease=None))

    # one run -----------------------------------------------------------------------------

    def _work(self, number: int, holder: str, stopping: Stopping) -> bool:
        """Work at a run for a while; whether anything was done."""
        until = time.monotonic() + _SLICE
        worked = False
        try:
            while not stopping() and time.monotonic() < until:
                if not self._step(number, holder):
                    break
                worked = True
        except Exception as error:
            # Whatever it is, the other runs go on, and this one can be gone on with.
            if not isinstance(error, CatalogueError):
                log.error("a run failed", run=number, exc_info=error)
            self._fail(number, holder, error)
            worked = True
        if worked and not self._is_long(number):
            self._abreast.ring_again()  # the last of it is shared by both
            self._changed()
        return worked

    def _is_long(self, number: int) -> bool:
        """Whether a run goes on writing, so that the views follow abreast of it."""
        with self._database.read() as session:
            run = session.get(Run, number)
            if run is None or run.state not in AT_WORK:
                return False
            if run.state == READING:
                return True  # nothing has changed yet
            waiting = select(Find.name).where(Find.run_id == number, Find.outcome == "")
            return session.scalar(waiting.offset(_BATCH).limit(1)) is not None

    def _step(self, number: int, holder: str) -> bool:
        """The next step of a run; false if there is none for us."""
        with self._database.read() as session:
            run = session.get(Run, number)
            if run is None or run.state not in AT_WORK:
                return False
            state, mode = run.state, run.mode
        if state in (WAITING, READING):
            if state == WAITING and not self._begin(number, holder):
                return True
            return self._read(number, holder)
        if state == UNDOING:
            return self._undo(number, holder)
        if mode == PREVIEW:
            return self._show(number, holder)
        return self._write(number, holder)

    def _begin(self, number: int, holder: str) -> bool:
        """Whether a run that waited is to read; one that has read all goes on to be written."""
        with self._held(number, holder, (WAITING,)) as held:
            if held is None:
                return False
            _, _, run = held
            read_all = run.pages > 0 and "at" not in (run.place or {})
            run.state = WRITING if read_all else READING
            return not read_all

    def _read(self, number: int, holder: str) -> bool:
        with self._database.read() as session:
            run = session.get_one(Run, number)
            source = session.get_one(Source, run.source_id)
            place = (run.place or {}).get("at")
            began = run.began
            protocol = run.protocol or source.protocol
            asked = Asked(source.address, {**source.options})
            key = source.key
        if number not in self._open:
            protocol, reader, close = self._opening(protocol, asked, key)
            self._open[number] = _Open(reader, close)
        turn = self._open[number].turn(place)
        with self._held(number, holder) as held:
            if held is None:
                self._shut(number)
                return False
            session, source, run = held
            run.protocol = protocol
            if run.state == READING and (run.place or {}).get("at") == place:
                self._gathering.put(session, source, run, turn)
            if run.state != READING:
                self._shut(number)
            self._heed(run, began)
        return True

    def _heed(self, run: Run, began: datetime | None) -> None:
        """Stop where somebody wished it, or after far too long."""
        if run.wish == STOPPED and run.state in AT_WORK:
            self._end(run, STOPPED)
        elif began is not None and began < _now() - LONGEST and run.state in AT_WORK:
            run.error = f"It took longer than {LONGEST.total_seconds() / 3600:.0f} hours."
            self._end(run, STOPPED)

    def _end(self, run: Run, state: str) -> None:
        run.state, run.ended, run.wish = state, _now(), ""
        run.holder, run.lease = "", None
        self._shut(run.id)

    def _shut(self, number: int) -> None:
        if (opened := self._open.pop(number, None)) is not None:
            opened.close()

    def _fail(self, number: int, holder: str, error: Exception) -> None:
        words = str(error) if isinstance(error, CatalogueError) else repr(error)
        with self._held(number, holder) as held:
            if held is not None:
                _, _, run = held
                run.error = words[:2000]
                self._end(run, FAILED)
        self._shut(number)

    # writing -----------------------------------------------------------------------------

    def _write(self, number: int, holder: str) -> bool:
        """One batch: the question first, then finds, then what is gone, then the end.

        A batch is taken in one go; where anything in it fails, again one by one.
        """
        ready = self._ahead.taken(number)  # waited for before anybody has to wait for us
        try:
            return self._write_batch(number, holder, ready)
        except Exception as error:
            log.info("a batch is taken in one by one", run=number, error=repr(error)[:500])
        return self._write_batch(number, holder, None)

    def _write_batch(self, number: int, holder: str, ready: Mapping[str, Read] | None) -> bool:
        """Write a batch at once, some of it ``ready``; one by one where that is None."""
        with self._held(number, holder, (WRITING,)) as held:
            if held is None:
                return False
            session, source, run = held
            if not self._may_go_on(session, source, run):
                return True
            if not self._take_some(session, source, run, ready) and not self._let_some_go(
                session, source, run
            ):
                self._finish(session, source, run)
            self._heed(run, run.began)
        return True

    def _may_go_on(self, session: Session, source: Source, run: Run) -> bool:
        """Whether a run may be written: asked once, before the first change."""
        if run.question is None:
            planning.reconcile(session, run)
            run.question = dict(planning.question(session, source, run) or {})
        if run.question and not run.answer:
            run.state, run.holder, run.lease = ASKING, "", None
            return False
        if run.answer == "match":
            taken = planning.take_over_ids(session, source, run)
            run.question, run.answer = {**run.question, "matched": taken}, "matched"
        return True

    def _take_some(
        self, session: Session, source: Source, run: Run, ready: Mapping[str, Read] | None
    ) -> int:
        waiting = select(Find).where(Find.run_id == run.id, Find.outcome == "")
        waiting = waiting.order_by(Find.rank, Find.name)
        finds = session.scalars(waiting.limit(_BATCH)).all()
        if len(finds) == _BATCH:
            self._abreast.ring()
            known = exists().where(Item.source_id == source.id, Item.name == Find.name)
            behind = tuple_(Find.rank, Find.name) > (finds[-1].rank, finds[-1].name)
            after = waiting.where(behind, Find.form != GONE, ~known).limit(_BATCH)
            self._ahead.begin(run.id, session.scalars(after).all(), source.listed_in)
        if ready is None:
            for find in finds:
                self._taking.take(session, source, run, find)
        else:
            self._taking.take_all(session, source, run, finds, ready)
        self._count(run, Counter(find.outcome for find in finds))
        return len(finds)

    def _let_some_go(self, session: Session, source: Source, run: Run) -> int:
        """What a complete run did not meet: away at first, withdrawn when its days are over."""
        if not run.complete:
            return 0
        after = (run.place or {}).get("gone", 0)
        items = planning.going(session, source, run, after, _BATCH)
        counts: Counter[str] = Counter()
        for item in items:
            record = session.get(Record, item.record_id)
            was = before(item, record)
            if planning.is_due(source, item):
                why = "no longer there"
                taken = self._taking.let_go(session, source, item, record, why)
                outcome, problems = taken.outcome, taken.problems
            elif item.gone is None:
                item.gone, outcome, problems = _now(), "missing", []
            else:
                continue
            item.outcome = outcome
            counts[outcome] += 1
            session.merge(
                Find(
                    run_id=run.id,
                    name=item.name,
                    remote_id=item.remote_id,
                    kind=item.kind,
                    iri=item.iri,
                    rank=0,
                    hash="",
                    form="gone",
                    title=record.title if record is not None else "",
                    outcome=outcome,
                    record_id=item.record_id,
                    problems=as_json(problems),
                    before={**was, "after": record.revision if record is not None else None},
                )
            )
        self._count(run, counts)
        if items:
            run.place = {"gone": items[-1].id}
        return len(items)

    @staticmethod
    def _count(run: Run, counts: Counter[str]) -> None:
        run.counts = dict(Counter(run.counts) + counts)

    def _finish(self, session: Session, source: Source, run: Run) -> None:
        failed = select(func.count()).select_from(Find)
        failed = failed.where(Find.run_id == run.id, Find.outcome == "failed")
        counts = {**run.counts, "failed": session.scalar(failed) or 0}
        run.counts = {outcome: number for outcome, number in counts.items() if number}
        run.place, run.question = None, run.question or None
        self._end(run, FINISHED)
        self._prune(session, source)
        log.info("run finished", source=source.key, run=run.id, complete=run.complete, **run.counts)

    def _prune(self, session: Session, source: Source) -> None:
        """Old runs lose their details; what is remembered of records lies in the items."""
        old = session.scalar(
            select(Run.id)
            .where(Run.source_id == source.id)
            .order_by(Run.id.desc())
            .offset(_KEPT_RUNS)
            .limit(1)
        )
        if old is not None:
            runs = select(Run.id).where(Run.source_id == source.id, Run.id <= old)
            for table in (Find, Page, Named):
                session.execute(delete(table).where(table.run_id.in_(runs)))

    # a preview ---------------------------------------------------------------------------

    def _show(self, number: int, holder: str) -> bool:
        """What the finds would come to: all is done, looked at, and taken back."""
        told: dict[str, dict[str, object]] = {}
        with suppress(_Enough), self._held(number, holder) as held:
            if held is None:
                return False
            session, source, run = held
            finds = session.scalars(
                select(Find).where(Find.run_id == run.id).order_by(Find.rank, Find.name)
            ).all()
            for find in finds:
                if find.outcome == "":
                    self._taking.take(session, source, run, find)
                told[find.name] = {
                    "outcome": find.outcome,
                    "problems": find.problems,
                    "title": find.title,
                }
            raise _Enough
        with self._held(number, holder) as held:
            if held is None:
                return False
            session, _, run = held
            for name, values in told.items():
                session.execute(
                    update(Find).where(Find.run_id == number, Find.name == name).values(**values)
                )
            run.counts = dict(
                Counter(run.counts) + Counter(str(one["outcome"]) for one in told.values())
            )
            self._end(run, FINISHED)
        return True

    # undoing and leaving -----------------------------------------------------------------

    def _undo(self, number: int, holder: str) -> bool:
        with self._held(number, holder, (UNDOING,)) as held:
            if held is None:
                return False
            session, source, run = held
            if not self._undoing.undo(session, source, run, _BATCH):
                self._end(run, UNDONE)
                run.place, source.state, source.due = None, PAUSED, None
            self._heed(run, run.began)
        return True

    def _part(self, number: int, stopping: Stopping) -> bool:
        """Work at giving a source up; what is in its way is told, and stops no other source."""
        try:
            return self._leave(number, stopping)
        except Exception as error:
            log.error("a source cannot be given up", source=number, exc_info=error)
            return False

    def _leave(self, number: int, stopping: Stopping) -> bool:
        """Do with a source that is given up what was said, until nothing of it is left."""
        with self._database.write() as session:
            for run in session.scalars(
                select(Run).where(Run.source_id == number, Run.state.in_(AT_WORK))
            ):
                if run.holder and not self._is_free(run):
                    return False  # another machine is at it still, and was told to stop
                self._end(run, STOPPED)
        while not stopping():
            with self._database.write() as session:
                source = session.get(Source, number)
                if source is None:
                    break
                if not self._undoing.leave(session, source, _BATCH) and self._undoing.forget(
                    session, source
                ):
                    break
        self._changed()
        return False


class _Enough(Exception):
    """Ends a transaction that is to leave nothing behind."""


def _now() -> datetime:
    return datetime.now(UTC)
