"""The side of a child process: what it gives up, how it is asked, how it answers.

It imports nothing heavy: a child has to start in no time.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO

#: After so many seconds without a question it ends, and lets go of what it holds.
IDLE = 300.0
#: What it writes first: starting is not part of the time that an answer may take.
READY = b"!"
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000

#: What is said and its body: a question, or an answer.
Message = tuple[Mapping[str, Any], bytes]


def serve(answer: Callable[[Mapping[str, Any], bytes], Message]) -> None:
    """Answer until nobody asks any more; the memory it may take is its argument."""
    confine(int(sys.argv[1]))
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(READY)
    answers.flush()
    while select.select([questions], [], [], IDLE)[0]:
        asked = _read(questions)
        if asked is None:
            return
        # One second later than the parent kills, for the case that there is no parent.
        signal.setitimer(signal.ITIMER_REAL, asked[0]["seconds"] + 1)
        said, body = answer(*asked)
        signal.setitimer(signal.ITIMER_REAL, 0)
        header = json.dumps({**said, "length": len(body)}).encode()
        answers.write(struct.pack(">I", len(header)) + header)
        answers.write(body)
        answers.flush()


def _read(questions: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next question; None at the end."""
    length = questions.read(4)
    if len(length) < 4:
        return None
    text = questions.read(struct.unpack(">I", length)[0])
    if not text:
        return None
    asked = dict(json.loads(text))
    return asked, questions.read(asked["length"])


def confine(memory: int) -> None:
    """Give up what nobody else's question must have: much memory, files to write, a network."""
    for what, most in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 65_536),  # what it says when it ends goes to a file
    ):
        resource.setrlimit(what, (most, most))
    with suppress(OSError, AttributeError):
        os.nice(5)  # pages of the catalogue come first
    with suppress(OSError, AttributeError):
        # Where the kernel allows it, what fetches addresses (SERVICE, LOAD, a remote context)
        # could not get anywhere, even if it were not refused before.
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_NEW_NETWORK) != 0:
            libc.unshare(_NEW_USER | _NEW_NETWORK)
