"""The folder of the embedded store: what is written to, what is read, which of each is in use.

    sparql/current            the state, the store and the snapshot in use
    sparql/stores/<name>/     a store that is written to
    sparql/snapshots/<name>/  what queries read: hard links to files that do not change

Reading a store that another process writes to is undefined in Oxigraph, hence the snapshots.
``current`` is replaced as a whole, so a crash at any moment leaves the old or the new state.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalogue.errors import Unavailable
from catalogue.search.folder import sync
from catalogue.sparql.store import State

#: How often a lock is tried, in seconds.
_PAUSE = 0.02


@dataclass(frozen=True)
class Current:
    """What is in use."""

    state: State
    store: str
    snapshot: str


class Folder:
    """The files of one embedded store."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def current(self) -> Current | None:
        """What is in use; None if nothing is, or nothing that can be read."""
        try:
            said = json.loads((self.path / "current").read_text("utf-8"))
            state = State(said["version"], said["position"], said["mark"])
            found = Current(state, said["store"], said["snapshot"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if self.snapshot(found.snapshot).is_dir() else None

    def store(self, name: str) -> Path:
        """Where a store lies."""
        return self.path / "stores" / name

    def tidy(self, name: str) -> None:
        """Remove the logs that Oxigraph's storage begins anew whenever a store is opened."""
        for one in self.store(name).glob("LOG.old.*"):
            one.unlink(missing_ok=True)

    def snapshot(self, name: str) -> Path:
        """Where a snapshot lies."""
        return self.path / "snapshots" / name

    def create(self) -> str:
        """A name for a new store or snapshot."""
        for folder in ("stores", "snapshots"):
            (self.path / folder).mkdir(parents=True, exist_ok=True)
        return uuid.uuid4().hex[:12]

    def use(self, found: Current) -> None:
        """Say what is in use from now on, and remove what nobody uses any more."""
        state = found.state
        said = {
            "version": state.version,
            "position": state.position,
            "mark": state.mark,
            "store": found.store,
            "snapshot": found.snapshot,
        }
        unfinished = self.path / f"current.{os.getpid()}"
        unfinished.write_text(json.dumps(said), "utf-8")
        sync(unfinished)
        unfinished.replace(self.path / "current")
        self.sweep()

    def sweep(self) -> None:
        """Remove snapshots that no process has open; to be called by who holds ``lock``."""
        current = self.current
        for path in self._all("snapshots"):
            if current is None or path.name != current.snapshot:
                with self._unused(path) as unused:
                    if unused:
                        shutil.rmtree(path, ignore_errors=True)
                        Path(f"{path}.lock").unlink(missing_ok=True)

    def sweep_stores(self) -> None:
        """Remove stores that were replaced or never finished; for who holds both locks."""
        current = self.current
        for path in self._all("stores"):
            if current is None or path.name != current.store:
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def alone(self, name: str, wait: float) -> Iterator[None]:
        """Hold a lock, which the kernel frees when a process dies.

        Raises :class:`Unavailable` if it cannot be had within ``wait`` seconds.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + wait
        with (self.path / name).open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= until:
                        raise Unavailable("The SPARQL store is being written to.", 5) from None
                    time.sleep(_PAUSE)
            yield

    def _all(self, folder: str) -> list[Path]:
        parent = self.path / folder
        return [one for one in parent.iterdir() if one.is_dir()] if parent.is_dir() else []

    @staticmethod
    @contextmanager
    def _unused(snapshot: Path) -> Iterator[bool]:
        with Path(f"{snapshot}.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
