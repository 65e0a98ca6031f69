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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from catalogue.database import Database
from catalogue.upkeep.models import DayOfViews, Demand

log = structlog.get_logger()
#: How many bits a sketch of people has; they fit a signed number of 64.
BUCKETS = 60
#: Of fewer people nothing is told, and what they asked is not kept in words.
LEAST_PEOPLE = 5
#: So many different things are counted between two writes, and addresses a month, at most.
_MOST_AT_ONCE, _MOST_A_MONTH = 5_000, 20_000
_LONGEST_ADDRESS = 1_000
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
        key: Callable[[], str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: float = _PAUSE,
    ) -> None:
        self._database, self._key, self._now, self._pause = database, key, clock, pause
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
        key = f"demand {self._key()}".encode()
        return hmac.digest(key, said.encode("utf-8", "surrogatepass"), "sha256")

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
        """Write down what was counted since the last time."""
        with self._lock:
            views, self._views = self._views, Counter()
            asked, self._asked = self._asked, {}
        if not views and not asked:
            return
        try:
            with self._database.write() as session:
                _write_views(session, views)
                _write_asked(session, asked, self.digest_of)
        except SQLAlchemyError:
            with self._lock:  # as another process wrote the same first: next time
                self._views.update(views)
                for place, one in asked.items():
                    kept = self._asked.setdefault(place, Asked())
                    kept.people |= one.people
                    kept.times, kept.found = kept.times + one.times, one.found
            raise


def _write_views(session: Session, views: Mapping[tuple[int, str, str], int]) -> None:
    for (record, day, what), number in sorted(views.items()):
        kept = session.get(DayOfViews, (record, day))
        if kept is None:
            kept = DayOfViews(record_id=record, day=day, views=0, shortlists=0)
            session.add(kept)
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
    asked: Mapping[tuple[str, str], Asked],
    digest_of: Callable[[str], str],
) -> None:
    rooms: dict[str, int] = {}
    for (month, address), one in sorted(asked.items()):
        digest = digest_of(address)
        kept = session.get(Demand, (month, digest), with_for_update=True)
        if kept is None:
            if month not in rooms:
                rooms[month] = _room(session, month)
            if rooms[month] <= 0:
                continue
            rooms[month] -= 1
            kept = Demand(month=month, digest=digest, address="", people=0, times=0, found=0)
            session.add(kept)
        kept.people |= one.people
        kept.times, kept.found = kept.times + one.times, one.found
        if people_in(kept.people) >= LEAST_PEOPLE:
            kept.address = address
    session.flush()


def _room(session: Session, month: str) -> int:
    """How many addresses more a month takes.

    Of a full one what few asked is forgotten, so that nobody who asks a great many things
    keeps out what many people ask.
    """
    room = _MOST_A_MONTH - _number(session, month)
    if room <= 0:
        session.execute(delete(Demand).where(Demand.month == month, Demand.address == ""))
        session.expire_all()
        room = _MOST_A_MONTH - _number(session, month)
    return room


def _number(session: Session, month: str) -> int:
    return session.scalar(select(func.count()).where(Demand.month == month)) or 0
