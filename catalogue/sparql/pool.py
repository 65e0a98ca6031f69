"""The child processes that answer, started when somebody asks and killed at the limit.

Killing is the only way to end a query; what a query did to its process (memory, stack) ends
with it.  One process answers one query at a time.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Mapping
from typing import Any

import structlog

from catalogue.children import Child, Died, NotStarting
from catalogue.errors import Unavailable
from catalogue.sparql.store import Busy, TooCostly, too_long

log = structlog.get_logger()

#: The memory a child may allocate, in bytes.
MEMORY = 1_000_000_000
#: How long a query waits for a child that is free, in seconds; and when to come again.
_PATIENCE, _AGAIN = 1.0, 3


class Pool:
    """A few children; whoever asks while all are busy waits a moment and is then turned away."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._process = 0
        self._beginning = threading.Lock()
        self._places: queue.LifoQueue[Child | None] = queue.LifoQueue()

    def ask(self, question: Mapping[str, Any], seconds: float) -> tuple[dict[str, Any], bytes]:
        """What a child says.  Raises :class:`Busy` and :class:`TooCostly`."""
        places = self._own_places()
        try:
            child = places.get(timeout=_PATIENCE)
        except queue.Empty:
            raise Busy("Too many queries are running. Try again in a moment.", _AGAIN) from None
        again = False
        try:
            while True:
                if child is not None and not child.lives:
                    child.end()
                    child = None
                child = child or _child()
                try:
                    return child.ask(question, seconds)
                except NotStarting as error:
                    child.end()
                    child = None
                    log.error("a process for SPARQL does not start", exc_info=error.__cause__)
                    said = "The process that answers queries does not start."
                    raise Unavailable(said, 60) from None
                except BaseException as error:
                    child.end()
                    child = _child()  # it starts while nobody waits for it
                    if isinstance(error, TimeoutError):
                        raise too_long(seconds) from None
                    if not isinstance(error, Died):
                        raise
                    if error.status or again:
                        raise _reason(error, seconds) from None
                    again = True  # it just went to rest
        finally:
            places.put(child)

    def _own_places(self) -> queue.LifoQueue[Child | None]:
        """The places of this process: a fork must not talk to its parent's children."""
        with self._beginning:
            if self._process != os.getpid():
                self._places, self._process = queue.LifoQueue(), os.getpid()
                for _ in range(self._size):
                    self._places.put(None)
            return self._places

    def close(self) -> None:
        """End every child that is at rest."""
        if self._process != os.getpid():
            return
        while True:
            try:
                child = self._places.get_nowait()
            except queue.Empty:
                break
            if child is not None:
                child.end()
        self._process = 0


def _child() -> Child:
    return Child("catalogue.sparql.child", MEMORY)


def _reason(died: Died, seconds: float) -> TooCostly:
    """Why a child ended, in words for who asked."""
    if died.status == -signal.SIGALRM:
        return too_long(seconds)
    said = died.why.casefold()
    if "memory" in said or "bad_alloc" in said:
        return TooCostly(f"The query needs more than {MEMORY // 1_000_000:,} MB of memory.")
    if died.status == -signal.SIGSEGV or "stack" in said:
        return TooCostly("The query is nested too deeply.")
    return TooCostly("The query ended the process that answered it.")
