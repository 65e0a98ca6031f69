"""The folder of an engine: the index in use, and others that are being built.

    index/current    the name of the index in use
    index/<name>/    an index, in whatever way its engine keeps one

Another index is put to use by replacing one small file: at once, for every process.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{12}\Z")


class Folder:
    """Names the index in use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    @property
    def current(self) -> str:
        """The name of the index in use; empty if there is none."""
        try:
            name = (self.path / "current").read_text("ascii").strip()
        except (OSError, ValueError):
            return ""
        return name if _NAME.match(name) else ""

    def create(self) -> str:
        """A place for a new index; returns its name."""
        name = uuid.uuid4().hex[:12]
        (self.path / name).mkdir()
        return name

    def use(self, name: str) -> None:
        """Name the index in use; forget the others."""
        unfinished = self.path / f"current.{os.getpid()}"
        unfinished.write_text(name, "ascii")
        sync(unfinished)
        unfinished.replace(self.path / "current")
        sync(self.path)
        for path in self.path.iterdir():
            if _NAME.match(path.name) and path.name != name:
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one process at a time look whether there is an index and make one."""
        with (self.path / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
