"""A process that answers queries over a snapshot, and may be killed at any moment.

Oxigraph cannot cancel a query, and some queries end the process (deep nesting) or take all
memory.  So they run here: within a limit of memory, without a network, with an alarm that the
kernel rings even if the parent is gone (``catalogue/confined.py``).

Started as ``python -m catalogue.sparql.child``; it imports nothing heavy.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from catalogue import confined
from catalogue.sparql import results


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


class Child:
    """Answers queries over the snapshot that it was asked about last."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None

    def answer(self, asked: Mapping[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """What is said to a question."""
        try:
            return _answer(self._opened(Path(asked["snapshot"])).store, asked)
        except Gone:
            return {"is": "gone"}, b""
        except SyntaxError as error:
            return {"is": "malformed", "why": str(error)}, b""
        except MemoryError:
            return {"is": "memory"}, b""
        except (ValueError, OSError) as error:
            return {"is": "failed", "why": str(error)[:1000]}, b""

    def _opened(self, path: Path) -> Snapshot:
        if self._snapshot is None or self._snapshot.path != path:
            if self._snapshot is not None:
                self._snapshot.close()
            self._snapshot = None
            self._snapshot = Snapshot(path)
        return self._snapshot


def _answer(store: ox.Store, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
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


if __name__ == "__main__":
    confined.serve(Child().answer)
