"""Tantivy as the larger embedded engine: its files and commits, one index in use.

A folder holds one Tantivy index; ``tantivy_documents.py`` says what of a record goes into
it, ``tantivy_queries.py`` how a tree becomes a query, ``tantivy_state.py`` how hits are
counted and ordered.  How far the change log was read is a document as well, without a
kind, so that it is committed with what was read.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from catalogue.errors import FaultyTable
from catalogue.search.entry import Entry, Fields
from catalogue.search.folder import Folder, sync
from catalogue.search.tantivy_documents import (
    POSITION,
    class_field,
    document,
    facet_field,
    position_document,
    schema,
    tantivy,
    words_field,
)
from catalogue.search.tantivy_state import State

_LAYOUT = 2  # changes with what is written into an index
#: The memory of a writer; what does not fit is a segment of its own.
_HEAP = 128_000_000


class TantivyEngine:
    """The index in one folder.

    ``building`` is the name of an index that is not in use yet.
    """

    def __init__(self, folder: Path, fields: Fields, building: str = "") -> None:
        if tantivy is None:
            raise FaultyTable(
                "the search engine tantivy is not installed: "
                "pip install 'outcome-catalogue[tantivy]'"
            )
        self._folder, self._fields, self._building = Folder(folder), fields, building
        self._lock = threading.Lock()
        self._index: tuple[Path, Any] | None = None
        self._state: State | None = None
        self._weights: dict[str, int] = {}
        if not building:
            with self._folder.alone():
                if not self._is_sound():
                    self._folder.use(self._created())

    @property
    def version(self) -> str:
        """Changes with the fields, and with an index that was made anew."""
        said = repr((_LAYOUT, list(self._fields.boosts), self._fields.facets, self._fields.ranges))
        return f"tantivy-{hashlib.sha256(said.encode()).hexdigest()[:12]}-{self._path.name}"

    @property
    def position(self) -> int:
        """How far the change log was read for the newest state."""
        return self.reader().position

    @property
    def _path(self) -> Path:
        return self._folder.path / (self._building or self._folder.current or "nowhere")

    def _created(self) -> str:
        name = self._folder.create()
        path = self._folder.path / name
        _commit(tantivy.Index(schema(self._fields), str(path)), path, self._fields)
        return name

    def _is_sound(self) -> bool:
        """Whether there is an index that can be read."""
        try:
            return self.reader().position >= 0
        except (OSError, ValueError, LookupError):
            return False

    # writing ------------------------------------------------------------------------

    def update(self, entries: Iterable[Entry], gone: Sequence[int], position: int) -> None:
        """Commit once: all of it becomes visible at its end, or nothing."""
        path = self._path
        index = tantivy.Index.open(str(path))
        _commit(index, path, _known(path, self._fields), entries, gone, position)

    def beside(self) -> TantivyEngine:
        """An empty index that is not in use."""
        return TantivyEngine(self._folder.path, self._fields, building=self._created())

    def take_over(self, other: Any) -> None:
        """Use the other index from now on."""
        self._folder.use(other._building)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._index = self._state = None

    # reading ------------------------------------------------------------------------

    def reader(self) -> State:
        """The newest state, whichever process committed it."""
        while True:
            path = self._path
            name = _generation(path)
            state = self._state
            if state is not None and state.generation == name:
                return state
            with self._lock:
                state = self._state  # another thread may have been quicker
                if state is not None and state.generation == name:
                    return state
                try:
                    found = self._open(path, name)
                except (OSError, ValueError):
                    if path == self._path:
                        raise
                    continue  # another index has taken over meanwhile
                if _generation(path) == name:
                    self._state = found
                    return found

    def _open(self, path: Path, name: str) -> State:
        if self._index is None or self._index[0] != path:
            index = tantivy.Index.open(str(path))
            index.config_reader("manual")
            self._index = path, index
        index = self._index[1]
        index.reload()
        known = _known(path, self._fields)
        return State(name, index.searcher(), index.schema, known, self._weights)


def _commit(
    index: Any,
    path: Path,
    fields: Fields,
    entries: Iterable[Entry] = (),
    gone: Sequence[int] = (),
    position: int = 0,
) -> None:
    writer = index.writer(_HEAP, 1)
    try:
        # What a killed writer left would be in the way: Tantivy uses its names again.
        writer.garbage_collect_files()
        for record in (*gone, POSITION):
            writer.delete_documents_by_term("record", record)
        for entry in entries:
            writer.delete_documents_by_term("record", entry.record)
            writer.add_document(document(entry, fields))
        writer.add_document(position_document(position))
        writer.commit()
    except BaseException:
        writer.rollback()
        raise
    finally:
        writer.wait_merging_threads()
    # Tantivy syncs every file, and the folder before but not after it names the new state.
    sync(path)


def _generation(path: Path) -> str:
    """The name of the newest state: Tantivy replaces one file at every commit."""
    try:
        said = (path / "meta.json").stat()
    except FileNotFoundError:
        return f"{path.name}-none"
    return f"{path.name}-{said.st_mtime_ns:x}-{said.st_ino:x}"


def _known(path: Path, fields: Fields) -> Fields:
    """The fields that an index has: one of another version answers until it is replaced."""
    said = json.loads((path / "meta.json").read_text("utf-8"))
    names = {one["name"] for one in said["schema"]}
    return Fields(
        {name: boost for name, boost in fields.boosts.items() if words_field(name) in names},
        tuple(name for name in fields.facets if facet_field(name) in names),
        {name: edges for name, edges in fields.ranges.items() if class_field(name, edges) in names},
    )
