"""The background worker: when the tenders run.

The queue (Huey) is a doorbell and holds nothing of worth: each minute, and whenever somebody
rings, every tender looks for what is due.  A ring that gets lost costs a minute.  The worker
runs threads, not child processes: a forked SQLite connection would be shared by both.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import structlog
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from huey.exceptions import ConfigurationError
from huey.serializer import SignedSerializer
from sqlalchemy.exc import SQLAlchemyError

from catalogue.errors import FaultyTable
from catalogue.instance import Catalogue
from catalogue.tending import BEAT, beat, farewell

log = structlog.get_logger()
#: The longest time between two looks at the queue, in seconds.
_NAP = 1.0
#: A round of the timetable that could not begin for so many seconds is left to the next.
_STALE = 50
_ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's consumer, without its signal handlers: the worker has its own."""

    def _set_signal_handlers(self) -> None:
        pass


class Jobs:
    """The doorbell of a catalogue, and the worker that answers it.

    ``immediate`` is for tests: whoever rings does the work.
    """

    def __init__(self, catalogue: Catalogue, *, immediate: bool = False) -> None:
        self.catalogue = catalogue
        self._immediate = immediate
        self._ending = threading.Event()

    @cached_property
    def huey(self) -> Any:
        """The queue; raises :class:`FaultyTable` if Redis is asked for and cannot be spoken to."""
        settings = self.catalogue.settings
        # What lies in a queue is unpickled: only what was signed with our own key.
        options: dict[str, Any] = {
            "results": False,
            "immediate": self._immediate,
            "serializer": SignedSerializer(secret=settings.signing_key()),
        }
        if settings.jobs:
            try:
                return RedisHuey("catalogue", url=settings.jobs, **options)
            except ConfigurationError:
                raise FaultyTable(
                    "CATALOGUE_JOBS: Redis is spoken to by the extra `redis`: "
                    "pip install 'outcome-catalogue[redis]'"
                ) from None
        return SqliteHuey(
            "catalogue", filename=str(settings.instance_folder / "jobs.db"), **options
        )

    @cached_property
    def _task(self) -> Any:
        return self.huey.task(name="tend")(self.tend)

    def ring(self) -> None:
        """Say that something may be due; returns at once.

        A queue that is out of order costs a minute, and no request.
        """
        try:
            if self._immediate or not self.huey.pending_count():
                self._task()
        except Exception as error:
            log.warning("the worker cannot be rung", error=repr(error))

    def tend(self) -> None:
        """Let every tender do what is due."""
        self.catalogue.tenders.run(self._ending.is_set)

    def work(self, threads: int = 2) -> None:
        """Answer the bell and keep the timetable until a signal says to end.

        What is being done then comes to a good end first; a second signal does not wait.
        """
        huey: Huey = self.huey
        _ = self._task
        huey.periodic_task(crontab(minute="*"), name="minute", expires=_STALE)(self.tend)
        consumer = _Consumer(huey, workers=threads, max_delay=_NAP)
        name, began = f"{socket.gethostname()}:{os.getpid()}", datetime.now(UTC)
        with _signals() as ended:
            consumer.start()
            self.ring()  # what was left undone need not wait for the minute
            log.info("worker began", worker=name, threads=threads)
            while True:
                self._beat(name, began)
                if ended(BEAT.total_seconds()):
                    break
                consumer.check_worker_health()
            log.info("worker ends", worker=name)
            self._ending.set()
            consumer.stop(graceful=True)
        with self.catalogue.database.write() as session:
            farewell(session, name)

    def _beat(self, name: str, began: datetime) -> None:
        try:
            with self.catalogue.database.write() as session:
                beat(session, name, began)
        except SQLAlchemyError as error:  # a database that is away comes back
            log.error("no sign of life could be given", error=type(error).__name__)


@contextmanager
def _signals() -> Iterator[Any]:
    """Gives a function that waits some seconds and says whether it is time to end.

    A handler may run in the middle of anything, so it only writes into a pipe.
    """
    reading, writing = os.pipe()

    def end(number: int, _: object) -> None:
        os.write(writing, b".")
        signal.signal(number, signal.SIG_DFL)

    before = {one: signal.signal(one, end) for one in _ENDINGS}
    try:
        yield lambda seconds: bool(select.select([reading], [], [], seconds)[0])
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        os.close(reading)
        os.close(writing)
