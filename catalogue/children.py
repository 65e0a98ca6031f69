"""Processes that do what may not end, or end badly: killed at the limit, and started again.

Each is a module of ours (``confined.py`` is its side) that answers one question at a time: a
JSON object and a body there, a JSON object and a body back, each with its length before it.
"""

from __future__ import annotations

import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

#: The most that a child takes to start, on a machine that is very busy.
_START = 15.0
_PIECE = 1 << 20


class Died(Exception):
    """The child ended before it answered; ``why`` is what it wrote last."""

    def __init__(self, status: int, why: str) -> None:
        self.status, self.why = status, why


class NotStarting(Exception):
    """A child does not come up."""


class Child:
    """One process, that runs ``module`` and may allocate ``memory`` bytes."""

    def __init__(self, module: str, memory: int) -> None:
        self._is_ready = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        # Nothing of the parent's environment: it holds passwords.
        paths = os.pathsep.join(os.path.abspath(one) for one in sys.path)
        environment = {"PYTHONPATH": paths, "LANG": "C.UTF-8"}
        self._process = subprocess.Popen(  # noqa: S603 - nothing of it comes from outside
            [sys.executable, "-P", "-S", "-m", module, str(memory)],
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

    def ask(
        self, question: Mapping[str, Any], seconds: float, body: bytes = b""
    ) -> tuple[dict[str, Any], bytes]:
        """What the child says.  Raises :class:`TimeoutError` and :class:`Died`."""
        if not self._is_ready:
            self._wait_until_ready()
        until = time.monotonic() + seconds
        text = json.dumps({**question, "length": len(body)}).encode()
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(struct.pack(">I", len(text)) + text)
            stdin.write(body)
            stdin.flush()
        except BrokenPipeError:
            raise self._died() from None
        length = struct.unpack(">I", self._read(4, until))[0]
        said = dict(json.loads(self._read(length, until)))
        return said, self._read(said["length"], until)

    def _wait_until_ready(self) -> None:
        """Starting is not part of the time that an answer may take."""
        try:
            self._read(1, time.monotonic() + _START)
        except (TimeoutError, Died) as error:
            raise NotStarting from error
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
