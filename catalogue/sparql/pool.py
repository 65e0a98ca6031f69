"""The child processes that answer, started when somebody asks and killed at the limit.

Killing is the only way to end a query; what a query did to its process (memory, stack) ends
with it.  One process answers one query at a time.
"""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

from catalogue.errors import Unavailable
from catalogue.sparql.store import Busy, TooCostly, too_long

log = structlog.get_logger()

#: The memory a child may allocate, in bytes.
MEMORY = 1_000_000_000
#: How long a query waits for a child that is free, in seconds; and when to come again.
_PATIENCE, _AGAIN = 1.0, 3
#: The most that a child takes to start, on a machine that is very busy.
_START = 15.0
_PIECE = 1 << 20


class Died(Exception):
    """The child ended before it answered; ``why`` is what it wrote last."""

    def __init__(self, status: int, why: str) -> None:
        self.status, self.why = status, why


class Child:
    """One process."""

    def __init__(self) -> None:
        self._is_ready = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        # Nothing of the parent's environment: it holds passwords.
        paths = os.pathsep.join(os.path.abspath(one) for one in sys.path)
        environment = {"PYTHONPATH": paths, "LANG": "C.UTF-8"}
        self._process = subprocess.Popen(  # noqa: S603 - nothing of it comes from outside
            [sys.executable, "-P", "-S", "-m", "catalogue.sparql.child", str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            cwd="/",
        )

    @property
    def lives(self) -> bool:
        """Whether it can be asked; one that nobody asked for long ends by itself."""
        return self._process.poll() is None

    def ask(self, question: Mapping[str, Any], seconds: float) -> tuple[dict[str, Any], bytes]:
        """What the child says.  Raises :class:`TimeoutError` and :class:`Died`."""
        if not self._is_ready:
            self._wait_until_ready()
        until = time.monotonic() + seconds
        text = json.dumps(question).encode()
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(struct.pack(">I", len(text)) + text)
            stdin.flush()
        except BrokenPipeError:
            raise self._died() from None
        length = struct.unpack(">I", self._read(4, until))[0]
        said = dict(json.loads(self._read(length, until)))
        return said, self._read(said["length"], until)

    def _wait_until_ready(self) -> None:
        """Starting is not part of the time that a query may take."""
        try:
            self._read(1, time.monotonic() + _START)
        except (TimeoutError, Died) as error:
            log.error("a process for SPARQL does not start", exc_info=error)
            raise Unavailable("The process that answers queries does not start.", 60) from None
        self._is_ready = True

    def _read(self, size: int, until: float) -> bytes:
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        parts, left = [], size
        while left:
            wait = until - time.monotonic()
            if wait <= 0 or not poll.poll(wait * 1000):
                raise TimeoutError
            part = os.read(pipe, min(left, _PIECE))
            if not part:
                raise self._died()
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _died(self) -> Died:
        try:
            status = self._process.wait(5)
        except subprocess.TimeoutExpired:
            status = 0
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        return Died(status, self._errors.read().decode("utf-8", "replace"))

    def end(self) -> None:
        """Kill it, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout, self._errors):
            if file is not None:
                with suppress(BrokenPipeError):
                    file.close()


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
                child = child or Child()
                try:
                    return child.ask(question, seconds)
                except BaseException as error:
                    child.end()
                    child = Child()  # it starts while nobody waits for it
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
