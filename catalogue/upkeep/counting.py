"""Counting views and what is asked for, without anybody waiting and without knowing anybody.

A request adds to numbers in memory and goes on; a thread writes them down every now and then.
What a process that is killed had not written is lost: a few views, no fact.  Of who asked only
one of 60 buckets is kept, by a keyed hash that is another every month; and what was asked is
written down in words only when enough people asked it, because words may tell who they are.
"""

from __future__ import annotations

import hmac
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from catalogue.database import Database
from catalogue.upkeep.models import DayOfViews, Demand

_T = TypeVar("_T")
log = structlog.get_logger()
#: How many bits a sketch of people has; they fit a signed number of 64.
BUCKETS = 60
#: Of fewer people nothing is told, and what they asked is not kept in words.
LEAST_PEOPLE = 5
#: So many different things are counted between two writes, and addresses a month, at most.
_MOST_AT_ONCE, _MOST_A_MONTH = 5_000, 20_000
_LONGEST_ADDRESS = 1_000
#: So many rows are written in one transaction: whoever else writes waits no longer than that.
_AT_ONCE = 250
_PAUSE = 20.0


@dataclass
class Asked:
    """How often something was asked since the last write, by whom as a sketch, with what result."""

    people: int = 0
    times: int = 0
    found: int = 0


def people_in(sketch: int) -> int:
    """How many people a sketch holds at least."""
    return sketch.bit_count()


class Counting:
    """The numbers of one process.  Safe between threads."""

    def __init__(
        self,
        database: Database,
        key: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: float = _PAUSE,
    ) -> None:
        self._database, self._now, self._pause = database, clock, pause
        self._key = f"demand {key}".encode()
        self._lock = threading.Lock()
        self._views: Counter[tuple[int, str, str]] = Counter()
        self._asked: dict[tuple[str, str], Asked] = {}
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    def viewed(self, record: int) -> None:
        """The page of a dataset was opened."""
        self._count(record, "views")

    def shortlisted(self, record: int) -> None:
        """A shortlist was opened on which a dataset stands."""
        self._count(record, "shortlists")

    def _count(self, record: int, what: str) -> None:
        place = record, self._now().date().isoformat(), what
        with self._lock:
            if place in self._views or len(self._views) < _MOST_AT_ONCE:
                self._views[place] += 1
            self._begin()

    def asked(self, address: str, who: str, found: int) -> None:
        """Something was asked; ``who`` is whatever tells people apart, and is forgotten at once."""
        if len(address) > _LONGEST_ADDRESS:
            return
        month = f"{self._now():%Y-%m}"
        bit = 1 << self._bucket(month, address, who)
        with self._lock:
            if (month, address) not in self._asked and len(self._asked) >= _MOST_AT_ONCE:
                return
            one = self._asked.setdefault((month, address), Asked())
            one.people, one.times, one.found = one.people | bit, one.times + 1, found
            self._begin()

    def _bucket(self, month: str, address: str, who: str) -> int:
        # With the address in it, the bits of one person differ from search to search.
        return int.from_bytes(self._hash(f"who {month}\n{address}\n{who}")[:8]) % BUCKETS

    def digest_of(self, address: str) -> str:
        """A short name of an address, from which nobody without the key can guess it."""
        return self._hash(f"what {address}").hex()[:32]

    def _hash(self, said: str) -> bytes:
        return hmac.digest(self._key, said.encode("utf-8", "surrogatepass"), "sha256")

    def _begin(self) -> None:
        """Have a thread write it down soon; called with the lock held."""
        if not self._ending.is_set() and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._work, name="counting", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while not self._ending.wait(self._pause):
            try:
                self.write()
            except SQLAlchemyError as error:
                log.error("views could not be written", error=type(error).__name__)

    def close(self) -> None:
        """Write down what there is and end."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        try:
            self.write()
        except SQLAlchemyError as error:
            log.error("views could not be written", error=type(error).__name__)

    def write(self) -> None:
        """Write down what was counted since the last time, some at once: others write as well."""
        with self._lock:
            views, self._views = self._views, Counter()
            asked, self._asked = self._asked, {}
        try:
            for some in _parts(sorted(views.items()), _AT_ONCE):
                with self._database.write() as session:
                    _write_views(session, some)
                for place, _ in some:
                    del views[place]
            for part in _parts(sorted(asked.items()), _AT_ONCE):
                with self._database.write() as session:
                    _write_asked(session, part, self.digest_of)
                for where, _ in part:
                    del asked[where]
        except SQLAlchemyError:
            with self._lock:  # as another process wrote the same first: next time
                self._views.update(views)
                for where, one in asked.items():
                    kept = self._asked.setdefault(where, Asked())
                    kept.people |= one.people
                    kept.times, kept.found = kept.times + one.times, one.found
            raise


def _parts(found: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """The same in parts of some size."""
    for start in range(0, len(found), size):
        yield found[start : start + size]


def _write_views(session: Session, views: Sequence[tuple[tuple[int, str, str], int]]) -> None:
    for (record, day, what), number in views:
        if session.get(DayOfViews, (record, day)) is None:
            session.add(DayOfViews(record_id=record, day=day, views=0, shortlists=0))
            session.flush()
        counted = getattr(DayOfViews, what)
        session.execute(
            update(DayOfViews)
            .where(DayOfViews.record_id == record, DayOfViews.day == day)
            .values({counted: counted + number})
            .execution_options(synchronize_session=False)
        )


def _write_asked(
    session: Session,
    asked: Sequence[tuple[tuple[str, str], Asked]],
    digest_of: Callable[[str], str],
) -> None:
    named = [(month, digest_of(address), address, one) for (month, address), one in asked]
    found = session.scalars(
        select(Demand)
        .where(
            Demand.month.in_({month for month, *_ in named}),
            Demand.digest.in_([digest for _, digest, *_ in named]),
        )
        .with_for_update()
    )
    known = {(one.month, one.digest): one for one in found}
    for month in sorted({month for month, *_ in named}):
        new = sum(this == month and (this, digest) not in known for this, digest, *_ in named)
        room = _room(session, month, new) if new else 0
        for this, digest, address, one in named:
            if this != month:
                continue
            if (kept := known.get((month, digest))) is None:
                if room <= 0:
                    continue
                room -= 1
                kept = Demand(month=month, digest=digest, address="", people=0, times=0, found=0)
                session.add(kept)
            kept.people |= one.people
            kept.times, kept.found = kept.times + one.times, one.found
            if people_in(kept.people) >= LEAST_PEOPLE:
                kept.address = address
    session.flush()


def _room(session: Session, month: str, new: int) -> int:
    """How many addresses more a month takes.

    Of a full one what few asked before is forgotten, so that nobody who asks a great many
    things keeps out what many people ask.
    """
    room = _MOST_A_MONTH - _number(session, month)
    if room < new:
        held = {one.digest for one in session.identity_map.values() if isinstance(one, Demand)}
        session.execute(
            delete(Demand)
            .where(Demand.month == month, Demand.address == "", Demand.digest.not_in(held))
            .execution_options(synchronize_session=False)
        )
        room = _MOST_A_MONTH - _number(session, month)
    return room


def _number(session: Session, month: str) -> int:
    return session.scalar(select(func.count()).where(Demand.month == month)) or 0
