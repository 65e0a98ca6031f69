"""Letting the views follow in a process of their own while a long run goes on writing.

Following costs more than writing does.  A short run lets them follow when it is done.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict

import structlog

from catalogue.config import Settings

log = structlog.get_logger()
#: The longest that is waited for the process to come to its end, in seconds.
_PATIENCE = 60.0


class Abreast:
    """The process; it starts when somebody first rings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = False

    def ring(self) -> None:
        """Have the views follow, unless they are at it; returns at once."""
        try:
            if self._is_free():
                stdin = self._living().stdin
                assert stdin is not None
                stdin.write(b"\n")
                stdin.flush()
                self._asked = True
        except OSError as error:  # they follow when the run is done, too
            log.warning("the views do not follow abreast", error=repr(error))
            self._process = None

    def ring_again(self) -> None:
        """Ring where the process was rung before; a short run needs none."""
        if self._process is not None:
            self.ring()

    def close(self) -> None:
        """Let the process come to its end."""
        process, self._process, self._asked = self._process, None, False
        if process is None:
            return
        with suppress(OSError):
            process.communicate(timeout=_PATIENCE)
        if process.poll() is None:
            process.kill()
            process.wait()

    def _is_free(self) -> bool:
        if self._process is None or not self._asked:
            return True
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], 0)[0]:
            return False
        self._asked = False
        if not os.read(self._process.stdout.fileno(), 64):
            self._process = None  # it ended; another one is started
        return True

    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "catalogue.following"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the worker, which then closes its input
            )
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(asdict(self._settings)).encode() + b"\n")
        return self._process
