"""The change log: what happened to which record, numbered without a gap.

Every save appends to one table in its own transaction; every view of the records is a
:class:`Follower` that remembers how far it has read.  There are no signals and no dual
writes: what a follower missed, it reads later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import BigInteger, Row, String, Text, cast, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue.database import Base, Database, Moment, Serial
from catalogue.errors import Unavailable
from catalogue.locks import alone
from catalogue.records.models import Record

#: How many changes a follower takes at a time, and how long their descriptions may be together.
BATCH, _MOST_CHARACTERS = 500, 16_000_000
#: How many records are held at once where a view is built of all of them.
_AT_ONCE = 50


class Head(Base):
    """The number of the last change: one row, which every writer locks in turn.

    Order of number is so order of commit; a sequence would let a follower pass by a
    change whose transaction ends late.
    """

    __tablename__ = "head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class Change(Base):
    """One thing that happened to one record; rows are added, never changed."""

    __tablename__ = "change"

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    revision: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment)


class Position(Base):
    """How far a follower has read, and what stopped it last.

    ``whole_from`` is the change from which on the view holds everything: while it is built
    anew in place it has read less than that.
    """

    __tablename__ = "follower"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    whole_from: Mapped[int] = mapped_column(BigInteger, default=0)
    version: Mapped[str] = mapped_column(String(64))
    error: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)


class Follower(Protocol):
    """A view of the records that keeps up with the change log.

    ``apply`` may see the same record twice (after a crash) and must not mind.
    ``version`` changes when the view would look different: it is then built anew, beside
    the one in use where the view can do that.
    """

    @property
    def name(self) -> str:
        """What the view is called."""

    @property
    def version(self) -> str:
        """Changes when the view would look different."""

    @property
    def applied(self) -> int | None:
        """How far the view itself says it has come; None if it lies in the database."""

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Bring the view up to date with these records, in whatever state they are."""

    def clear(self, session: Session) -> None:
        """Forget everything, before a rebuild in place."""

    def beside(self) -> Beside | None:
        """A new view to be filled while this one is in use; None if that cannot be."""


class Beside(Protocol):
    """A view that is being built beside the one in use."""

    def fill(self, session: Session, records: Iterable[Record], position: int) -> None:
        """Take in every record there is."""

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Take in what changed meanwhile."""

    def take_over(self) -> None:
        """Take the place of the view in use."""


def append(session: Session, record: Record, action: str, at: datetime) -> int:
    """Write a change into the log; returns its number."""
    append_all(session, [record], action, at)
    assert record.last_change is not None
    return record.last_change


def append_all(session: Session, records: Sequence[Record], action: str, at: datetime) -> None:
    """Write one change of each record into the log, in their order."""
    last = session.execute(
        update(Head).where(Head.id == 1).values(seq=Head.seq + len(records)).returning(Head.seq)
    ).scalar_one()
    for seq, record in enumerate(records, start=last - len(records) + 1):
        session.add(
            Change(
                seq=seq,
                record_id=record.id,
                kind=record.kind,
                revision=record.revision,
                action=action,
                at=at,
            )
        )
        record.last_change = seq


def head(session: Session) -> int:
    """The number of the last change."""
    return session.execute(select(Head.seq)).scalar_one()


def position(session: Session, name: str) -> int:
    """The number of the last change a follower has taken in."""
    return session.execute(select(Position.seq).where(Position.name == name)).scalar() or 0


def whole(session: Session, follower: Follower) -> int:
    """The state a view shows, as the number of a change, if it shows all of that state.

    Raises :class:`Unavailable` while it is built anew, or has to be: half a view looks like
    deletions.
    """
    at = session.get(Position, follower.name)
    seq, needed = (at.seq, at.whole_from) if at else (0, head(session))
    if seq < needed or (at is not None and at.version != follower.version):
        raise Unavailable("This is being built anew just now. Try again in a minute.", wait=60)
    return seq


def mark(session: Session, seq: int) -> str:
    """What tells a change from another one of the same number, of another history."""
    found = session.execute(
        select(Change.record_id, Change.revision, Change.at).where(Change.seq == seq)
    ).first()
    if found is None:
        return ""
    record, revision, at = found
    return f"{record}-{revision}-{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}"


Progress = Callable[[int, int], None]


class Follow:
    """Lets followers follow: one at a time each, across threads and processes."""

    def __init__(self, database: Database, locks: Path) -> None:
        self.database = database
        self._locks = locks

    def __call__(self, follower: Follower, progress: Progress | None = None) -> int:
        """Take in every change since the last time; returns how many records were touched.

        A follower that has changed its ``version`` starts from nothing.
        """
        with self.alone(follower.name):
            if self._is_current(follower):
                return self._read_on(follower, progress)
        return self._rebuild(follower, progress, only_if_needed=True)

    def failed(self, follower: Follower, error: Exception) -> None:
        """Write down what stopped a follower, also one that never came to its first change."""
        with self.database.write() as session:
            at = session.get(Position, follower.name)
            if at is None:
                at = Position(name=follower.name, seq=0, version="")
                session.add(at)
            at.error, at.at = repr(error)[:2000], datetime.now(UTC)

    def rebuild(self, follower: Follower, progress: Progress | None = None) -> int:
        """Forget everything and read all of it again."""
        return self._rebuild(follower, progress)

    def _rebuild(
        self, follower: Follower, progress: Progress | None, *, only_if_needed: bool = False
    ) -> int:
        with self.alone(f"{follower.name}-rebuild"):
            if only_if_needed and self._is_current(follower):
                return self(follower, progress)
            if (beside := follower.beside()) is not None:
                return self._build(follower, beside, progress)
            with self.alone(follower.name):
                with self.database.write() as session:
                    follower.clear(session)
                    self._put_position(session, follower, 0, whole_from=head(session))
                return self._read_on(follower, progress)

    def _build(self, follower: Follower, beside: Beside, progress: Progress | None) -> int:
        """Build a view beside the one in use, which goes on following; then change places."""
        with self.database.read() as session:
            at = head(session)
            total = session.scalar(select(func.count()).select_from(Record)) or 0
            every = session.scalars(
                select(Record).order_by(Record.id).execution_options(yield_per=_AT_ONCE)
            )
            beside.fill(session, _counted(every, total, progress), at)
        with self.alone(follower.name):
            touched = total
            while step := self._changes(at):
                with self.database.read() as session:
                    beside.apply(session, _records(session, step), step[-1].seq)
                at, touched = step[-1].seq, touched + len(step)
            beside.take_over()
            with self.database.write() as session:
                self._put_position(session, follower, at)
        return touched

    def _is_current(self, follower: Follower) -> bool:
        """Whether the view is of the version that the program makes now."""
        with self.database.read() as session:
            at = session.get(Position, follower.name)
            return at is not None and at.version == follower.version

    def _read_on(self, follower: Follower, progress: Progress | None) -> int:
        """Take in what there is now; what comes meanwhile is for the next time.

        Else one view would run after a writer that does not end, and the others wait.
        """
        with self.database.read() as session:
            until = head(session)
        touched, at = 0, -1
        while at < until:
            found, at = self._step(follower, progress)
            touched += found
            if not found:
                break
        return touched

    def _changes(self, after: int) -> Sequence[Row[int, int]]:
        """The next batch of changes; fewer where descriptions are long, but always one."""
        with self.database.read() as session:
            found = session.execute(
                select(Change.seq, Change.record_id)
                .where(Change.seq > after)
                .order_by(Change.seq)
                .limit(BATCH)
            ).all()
            if len(found) < 2:  # what a save brings: nothing to leave for later
                return found
            return found[: _not_too_long(session, [one.record_id for one in found])]

    def _step(self, follower: Follower, progress: Progress | None) -> tuple[int, int]:
        """Take in one batch; returns how many records it held, and the last change in it."""
        with self.database.read() as session:
            start = position(session, follower.name)
        if follower.applied is not None:  # an older copy of an index may have been put back
            start = min(start, follower.applied)
        changes = self._changes(start)
        if not changes:
            return 0, start
        last = changes[-1].seq
        # The view and the position move in one transaction where the view is in SQL; elsewhere
        # (the index) the view moves first, holds up no writer, and a crash between repeats a batch.
        if follower.applied is not None:
            with self.database.read() as session:
                records = _records(session, changes)
                follower.apply(session, records, last)
        with self.database.write() as session:
            # On another machine, where no lock of ours holds, somebody may have been faster.
            at = session.get(Position, follower.name, with_for_update=True)
            if follower.applied is None:
                if at is not None and at.seq > start:
                    return len(changes), last
                records = _records(session, changes)
                follower.apply(session, records, last)
            session.execute(
                update(Position)
                .where(Position.name == follower.name)
                .values(seq=last, error="", at=datetime.now(UTC))
            )
        if progress:
            with self.database.read() as session:
                progress(last, head(session))
        return len(records), last

    @staticmethod
    def _put_position(
        session: Session, follower: Follower, seq: int, *, whole_from: int = 0
    ) -> None:
        session.execute(delete(Position).where(Position.name == follower.name))
        session.add(
            Position(
                name=follower.name,
                seq=seq,
                whole_from=whole_from,
                version=follower.version,
                at=datetime.now(UTC),
            )
        )

    def alone(self, name: str, *, wait: bool = True) -> AbstractContextManager[bool]:
        """Hold a lock of this catalogue; see :func:`catalogue.locks.alone`."""
        return alone(self._locks, name, wait=wait)


def _records(session: Session, changes: Sequence[Row[int, int]]) -> Sequence[Record]:
    """The records of some changes, each once, as they are now."""
    return session.scalars(
        select(Record)
        .where(Record.id.in_({change.record_id for change in changes}))
        .order_by(Record.id)
    ).all()


def _not_too_long(session: Session, records: Sequence[int]) -> int:
    """How many of some records may be held at once; each is counted once."""
    length = func.length(cast(Record.document, Text))
    found = session.execute(select(Record.id, length).where(Record.id.in_(set(records))))
    longest: dict[int, int | None] = {one.id: one[1] for one in found}
    total = 0
    for number, record in enumerate(records):
        total += longest.pop(record, None) or 0
        if total > _MOST_CHARACTERS and number:
            return number
    return len(records)


def _counted(records: Iterable[Record], total: int, progress: Progress | None) -> Iterator[Record]:
    for number, record in enumerate(records, start=1):
        yield record
        if progress and (number % BATCH == 0 or number == total):
            progress(number, total)


def lag(session: Session) -> dict[str, int]:
    """How many changes each follower is behind."""
    last = head(session)
    return {name: last - seq for name, seq in session.execute(select(Position.name, Position.seq))}


def count(session: Session) -> int:
    """How many changes there are; equal to :func:`head` as long as there is no gap."""
    return session.execute(select(func.count()).select_from(Change)).scalar_one()
