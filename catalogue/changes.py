"""The change log: what happened to which record, numbered without a gap.

Every save appends to one table in its own transaction; every view of the records is a
:class:`Follower` that remembers how far it has read.  There are no signals and no dual
writes: what a follower missed, it reads later.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import BigInteger, String, Text, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue.database import Base, Database, Moment, Serial
from catalogue.records.models import Record

#: How many changes a follower takes at a time.
BATCH = 500


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
    """How far a follower has read, and what stopped it last."""

    __tablename__ = "follower"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[str] = mapped_column(String(64))
    error: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)


class Follower(Protocol):
    """A view of the records that keeps up with the change log.

    ``apply`` may see the same record twice (after a crash) and must not mind.
    ``version`` changes when the view would look different: it is then built anew.
    """

    @property
    def name(self) -> str:
        """What the view is called."""

    @property
    def version(self) -> str:
        """Changes when the view would look different."""

    def apply(self, session: Session, records: Sequence[Record]) -> None:
        """Bring the view up to date with these records, in whatever state they are."""

    def clear(self, session: Session) -> None:
        """Forget everything, before a rebuild."""


def append(session: Session, record: Record, action: str, at: datetime) -> int:
    """Write a change into the log; returns its number."""
    seq = session.execute(
        update(Head).where(Head.id == 1).values(seq=Head.seq + 1).returning(Head.seq)
    ).scalar_one()
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
    return seq


def head(session: Session) -> int:
    """The number of the last change."""
    return session.execute(select(Head.seq)).scalar_one()


def position(session: Session, name: str) -> int:
    """The number of the last change a follower has taken in."""
    return session.execute(select(Position.seq).where(Position.name == name)).scalar() or 0


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
        with self._alone(follower):
            return self._follow(follower, progress)

    def failed(self, follower: Follower, error: Exception) -> None:
        """Write down what stopped a follower."""
        with self.database.write() as session:
            session.execute(
                update(Position)
                .where(Position.name == follower.name)
                .values(error=repr(error)[:2000], at=datetime.now(UTC))
            )

    def rebuild(self, follower: Follower, progress: Progress | None = None) -> int:
        """Forget everything and read all of it again."""
        with self._alone(follower):
            self._restart(follower)
            return self._follow(follower, progress)

    def _follow(self, follower: Follower, progress: Progress | None) -> int:
        with self.database.read() as session:
            at = session.get(Position, follower.name)
        if at is None or at.version != follower.version:
            self._restart(follower)
        touched = 0
        while found := self._step(follower, progress):
            touched += found
        return touched

    def _step(self, follower: Follower, progress: Progress | None) -> int:
        """Take in one batch; returns how many records it held."""
        with self.database.read() as session:
            start = position(session, follower.name)
            changes = session.execute(
                select(Change.seq, Change.record_id)
                .where(Change.seq > start)
                .order_by(Change.seq)
                .limit(BATCH)
            ).all()
        if not changes:
            return 0
        last = changes[-1].seq
        # The view and the position move in one transaction where the view is in SQL;
        # elsewhere (the index) the view moves first, and a crash between repeats a batch.
        with self.database.write() as session:
            records = session.scalars(
                select(Record)
                .where(Record.id.in_({change.record_id for change in changes}))
                .order_by(Record.id)
            ).all()
            follower.apply(session, records)
            session.execute(
                update(Position)
                .where(Position.name == follower.name)
                .values(seq=last, error="", at=datetime.now(UTC))
            )
        if progress:
            with self.database.read() as session:
                progress(last, head(session))
        return len(records)

    def _restart(self, follower: Follower) -> None:
        with self.database.write() as session:
            follower.clear(session)
            session.execute(delete(Position).where(Position.name == follower.name))
            session.add(
                Position(name=follower.name, seq=0, version=follower.version, at=datetime.now(UTC))
            )

    @contextmanager
    def _alone(self, follower: Follower) -> Iterator[None]:
        """Hold the follower's lock; the kernel frees it when a process dies."""
        self._locks.mkdir(parents=True, exist_ok=True)
        with (self._locks / f"{follower.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def lag(session: Session) -> dict[str, int]:
    """How many changes each follower is behind."""
    last = head(session)
    return {name: last - seq for name, seq in session.execute(select(Position.name, Position.seq))}


def count(session: Session) -> int:
    """How many changes there are; equal to :func:`head` as long as there is no gap."""
    return session.execute(select(func.count()).select_from(Change)).scalar_one()
