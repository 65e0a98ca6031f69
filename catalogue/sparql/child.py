"""A process that answers queries over a snapshot, and may be killed at any moment.

Oxigraph cannot cancel a query, and some queries end the process (deep nesting) or take all
memory.  So they run here: within a limit of memory, without a network, with an alarm that the
kernel rings even if the parent is gone.  It reads requests from standard input and writes
answers to standard output, each a length of four bytes, a JSON object and, in answers, a body.

Started as ``python -m catalogue.sparql.child``; it imports nothing heavy.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

from catalogue.sparql import results

#: After so many seconds without a question it ends, and lets go of its snapshot.
IDLE = 300.0
#: What it writes first: starting is not part of the time that a query may take.
READY = b"!"
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


class Gone(Exception):
    """The snapshot is not there any more."""


class Snapshot:
    """The snapshot that is open; a lock tells the writer that it is in use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = os.open(f"{path}.lock", os.O_RDONLY | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        if not path.is_dir():  # it was removed before the lock was ours
            os.close(self._lock)
            raise Gone
        self.store = ox.Store.read_only(str(path))

    def close(self) -> None:
        """Close the store first: its files may be gone a moment later."""
        del self.store
        os.close(self._lock)


def main() -> None:
    """Answer until nobody asks any more."""
    _confine(int(sys.argv[1]))
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    snapshot: Snapshot | None = None
    answers.write(READY)
    answers.flush()
    while select.select([questions], [], [], IDLE)[0]:
        asked = _read(questions)
        if asked is None:
            return
        # One second later than the parent kills, for the case that there is no parent.
        signal.setitimer(signal.ITIMER_REAL, asked["seconds"] + 1)
        try:
            if snapshot is None or str(snapshot.path) != asked["snapshot"]:
                if snapshot is not None:
                    snapshot.close()
                snapshot = None
                snapshot = Snapshot(Path(asked["snapshot"]))
            said, body = _answer(snapshot.store, asked)
        except Gone:
            said, body = {"is": "gone"}, b""
        except SyntaxError as error:
            said, body = {"is": "malformed", "why": str(error)}, b""
        except MemoryError:
            said, body = {"is": "memory"}, b""
        except (ValueError, OSError) as error:
            said, body = {"is": "failed", "why": str(error)[:1000]}, b""
        signal.setitimer(signal.ITIMER_REAL, 0)
        header = json.dumps({**said, "length": len(body)}).encode()
        answers.write(struct.pack(">I", len(header)) + header + body)
        answers.flush()


def _read(questions: BinaryIO) -> dict[str, Any] | None:
    """The next question; None at the end."""
    length = questions.read(4)
    if len(length) < 4:
        return None
    text = questions.read(struct.unpack(">I", length)[0])
    return dict(json.loads(text)) if text else None


def _answer(store: ox.Store, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    begun = time.perf_counter()
    found = store.query(
        asked["query"],
        base_iri=asked["base"],
        prefixes=dict(asked["prefixes"]),
        default_graph=[ox.NamedNode(one) for one in asked["default_graphs"]] or None,
        named_graphs=[ox.NamedNode(one) for one in asked["named_graphs"]] or None,
    )
    format, most, most_bytes = asked["format"], asked["most"], asked["bytes"]
    if isinstance(found, ox.QueryBoolean):
        written = results.boolean(bool(found), format)
    elif isinstance(found, ox.QuerySolutions):
        written = results.solutions(found, format, most, most_bytes)
    else:
        known = dict(asked["known_prefixes"])
        written = results.statements(found, format, known, most, most_bytes)
    said = {
        "is": "answer",
        "count": written.count,
        "truncated": written.truncated,
        "seconds": time.perf_counter() - begun,
    }
    return said, written.body


def _confine(memory: int) -> None:
    """Give up what a query must not have: much memory, files to write, a network."""
    for what, most in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 65_536),  # what it says when it ends goes to a file
    ):
        resource.setrlimit(what, (most, most))
    with suppress(OSError, AttributeError):
        os.nice(5)  # pages of the catalogue come first
    with suppress(OSError, AttributeError):
        # SERVICE and LOAD are refused before; where the kernel allows it, they could not get
        # anywhere either.
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_NEW_NETWORK) != 0:
            libc.unshare(_NEW_USER | _NEW_NETWORK)


if __name__ == "__main__":
    main()
