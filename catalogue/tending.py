"""What is kept fresh in the background, and whether there is somebody who does it.

A *tender* is a function that brings something up to date and returns: it finds what is due in
the database, so nothing is lost when it is killed in the middle.  Each runs at most once at a
time; one that fails is written down, and never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue.changes import Follow
from catalogue.database import Base, Database, Moment

log = structlog.get_logger()

#: Says whether a tender should come to an end: what it leaves undone is done by the next.
Stopping = Callable[[], bool]
Tender = Callable[[Stopping], object]
#: How often a worker gives a sign of life, and after how long without one it counts as dead.
BEAT, SILENCE = timedelta(seconds=10), timedelta(seconds=45)
#: How long the last sign of a worker that was killed is kept.
_KEPT = timedelta(days=1)


class Worker(Base):
    """A background process, and when it last gave a sign of life."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    began: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment)


class Failure(Base):
    """Why a tender did not come to its end the last time it ran; no row if it did."""

    __tablename__ = "failure"

    tender: Mapped[str] = mapped_column(String(64), primary_key=True)
    error: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class Tenders(dict[str, Tender]):
    """The tenders by name, in the order in which they run."""

    def __init__(self, database: Database, follow: Follow) -> None:
        super().__init__()
        self._database = database
        self._follow = follow

    def run(self, stopping: Stopping = lambda: False) -> None:
        """Let every tender do what is due; one that runs elsewhere just now is passed by."""
        for name, tender in self.items():
            if stopping():
                return
            with self._follow.alone(f"tender-{name}", wait=False) as mine:
                if mine:
                    self._run(name, tender, stopping)

    def only(self, name: str, stopping: Stopping = lambda: False) -> bool:
        """Let one tender do what is due; its error is raised.

        False if it runs elsewhere just now: waiting for that could not be given up.
        """
        with self._follow.alone(f"tender-{name}", wait=False) as mine:
            if mine:
                self[name](stopping)
        return mine

    def _run(self, name: str, tender: Tender, stopping: Stopping) -> None:
        try:
            tender(stopping)
        except Exception as error:
            # Whatever it is, the others must run; the doctor tells of it, and it is tried
            # again in a minute.
            log.error("a tender failed", tender=name, exc_info=error)
            with self._database.write() as session:
                session.merge(Failure(tender=name, error=repr(error)[:2000], at=_now()))
        else:
            with self._database.read() as session:
                if session.get(Failure, name) is None:
                    return  # the usual case, and no reason to hold up writers
            with self._database.write() as session:
                session.execute(delete(Failure).where(Failure.tender == name))


def failures(session: Session) -> Sequence[Failure]:
    """The tenders whose last run failed."""
    return session.scalars(select(Failure).order_by(Failure.tender)).all()


def beat(session: Session, name: str, began: datetime) -> None:
    """Give a sign of life; the last signs of others who died long ago are cleared away."""
    session.merge(Worker(name=name, began=began, seen=_now()))
    session.execute(delete(Worker).where(Worker.seen < _now() - _KEPT))


def farewell(session: Session, name: str) -> None:
    """Say that a worker ends as it should."""
    session.execute(delete(Worker).where(Worker.name == name))


def workers(session: Session) -> Sequence[Worker]:
    """The workers that live, the newest first."""
    alive = select(Worker).where(Worker.seen > _now() - SILENCE)
    return session.scalars(alive.order_by(Worker.began.desc())).all()


def _now() -> datetime:
    return datetime.now(UTC)
