"""Whoosh as the embedded engine: its analysis, files and writer, our arrays for the answers.

The folder holds one index a generation of fields, and a file that names the one in use::

    index/current            the name of the index in use
    index/<name>/_MAIN_7.toc what belongs to state 7: segments and deletions
    index/<name>/MAIN_*.…    immutable segments; *.columns is a cache of ours
    index/<name>/position.7  how far the change log was read for state 7

A commit is on the disk before it is seen (Whoosh itself never syncs).  Readers open a
state by its number and share the segments they have already decoded, so a small change
costs a small segment.  Private parts of whoosh-reloaded 2.7.5 are read here and nowhere
else; the release is frozen and pinned.
"""

from __future__ import annotations

import hashlib
import io
import mmap
import os
import pickle
import shutil
import struct
import threading
import uuid
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import index
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3TermInfo, W3TermsReader
from whoosh.fields import STORED, FieldType, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.formats import Existence, Format
from whoosh.index import TOC, FileIndex
from whoosh.reading import SegmentReader, TermNotFound

from catalogue.search.arrays import FIELD_BIT, NOWHERE, Postings, exact_term
from catalogue.search.columns import Columns
from catalogue.search.entry import Entry, Fields
from catalogue.search.snapshot import Segment, Snapshot

_LAYOUT = 3  # changes with what is written into an index
_MAIN, _WORDS, _SPELLINGS, _STORED = "MAIN", "words", "spellings", "stored"
_MOST_PLACES = (1 << FIELD_BIT) - 1
#: More small segments than this are merged into one; a segment this large is left alone
#: until a quarter of it is deleted.
_MOST_SMALL, _LARGE, _MOST_DELETED = 6, 4_000, 0.25
#: Larger segments get their columns at once from whoever writes them.
_WORTH_KEEPING = 500


class _Places(Format):  # type: ignore[misc]
    """Where a term stands in a record, over all fields: ``field << 22 | place`` each."""


class _Words(FieldType):  # type: ignore[misc]
    """The texts of an entry: one posting a term, whatever field it stands in."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(_Places(), None, scorable=False, stored=False)
        self.numbers = {name: number for number, name in enumerate(fields)}

    def index(self, entry: Entry, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """The postings of an entry: term, how often, the same as a weight, the places."""
        found: dict[str, array[int]] = {}
        for name, place, term, exact in entry.occurrences():
            number = self.numbers.get(name)
            if number is None or place > _MOST_PLACES:
                continue
            for one in (term, exact):
                if one:
                    found.setdefault(one, array("I")).append(number << FIELD_BIT | place)
        for name_terms in entry.names:
            found[exact_term(name_terms)] = array("I", [0])
        for term, places in found.items():
            number = len(places)
            yield term.encode(), number, float(number), array("I", sorted(places)).tobytes()


class _Spellings(FieldType):  # type: ignore[misc]
    """Readable words, for suggestions."""

    def __init__(self) -> None:
        super().__init__(Existence(), None, scorable=False, stored=False)

    def index(self, entry: Entry, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Each word once, after the kind of its record."""
        for word in sorted(entry.spellings):
            yield f"{entry.kind} {word}".encode(), 1, 1.0, b""


class _Storage(FileStorage):  # type: ignore[misc]
    """Files that are on the disk before the state that names them can be seen."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._new: set[str] = set()

    def create_file(self, name: str, **rest: Any) -> Any:
        """Note the file for the next commit."""
        self._new.add(name)
        return super().create_file(name, **rest)

    def temp_storage(self, name: str | None = None) -> FileStorage:
        """Sorting runs are scratch and need no sync."""
        store = FileStorage(os.path.join(self.folder, name or f"{uuid.uuid4().hex}.tmp"))
        store.create()
        return store

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Before a state gets its name, all it is made of is on the disk."""
        for name in self._new:
            path = Path(self.folder, name)
            if path.exists():
                sync(path)
        self._new.clear()
        super().rename_file(oldname, newname, safe)
        sync(Path(self.folder))


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class WhooshEngine:
    """The index in one folder.

    ``building`` is the name of an index that is not in use yet.
    """

    def __init__(self, folder: Path, fields: Fields, building: str = "") -> None:
        self._folder, self._fields, self._building = folder, fields, building
        self._schema = Schema(
            **{_WORDS: _Words(list(fields.boosts)), _SPELLINGS: _Spellings(), _STORED: STORED()}
        )
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        folder.mkdir(parents=True, exist_ok=True)
        if building:
            self._create(building)
        elif not self._is_sound():
            name = uuid.uuid4().hex[:12]
            self._create(name)
            self._point_to(name)

    @property
    def version(self) -> str:
        """Changes with the fields, and with an index that was made anew."""
        said = repr((_LAYOUT, list(self._fields.boosts), self._fields.facets, self._fields.ranges))
        return f"whoosh-{hashlib.sha256(said.encode()).hexdigest()[:12]}-{self._name}"

    @property
    def position(self) -> int:
        """How far the change log was read for the newest state."""
        path = self._path
        try:
            generation = TOC._latest_generation(FileStorage(str(path)), _MAIN)
            return int((path / f"position.{generation}").read_text("ascii"))
        except (OSError, ValueError):
            return 0

    @property
    def _name(self) -> str:
        return self._building or (self._folder / "current").read_text("ascii").strip()

    @property
    def _path(self) -> Path:
        return self._folder / self._name

    def _create(self, name: str) -> None:
        path = self._folder / name
        path.mkdir(parents=True)
        TOC.create(_Storage(str(path)), self._schema, _MAIN)

    def _is_sound(self) -> bool:
        """Whether there is an index that can be read."""
        try:
            return index.exists_in(str(self._path), _MAIN) and bool(self.reader())
        except (OSError, ValueError, EOFError, pickle.UnpicklingError, index.IndexError):
            return False

    def _point_to(self, name: str) -> None:
        """Name the index in use, at once for every process; forget the others."""
        unfinished = self._folder / f"current.{os.getpid()}"
        unfinished.write_text(name, "ascii")
        sync(unfinished)
        unfinished.replace(self._folder / "current")
        sync(self._folder)
        for path in self._folder.iterdir():
            if path.is_dir() and path.name != name:
                shutil.rmtree(path, ignore_errors=True)

    # writing ------------------------------------------------------------------------

    def update(self, entries: Iterable[Entry], gone: Sequence[int], position: int) -> None:
        """Write one segment: all of it becomes visible at its end, or nothing."""
        storage = _Storage(str(self._path))
        before = self.reader()
        opened = FileIndex(storage, schema=self._schema, indexname=_MAIN)
        writer = opened.writer(
            limitmb=512, compound=False, codec=W3Codec(blocklimit=1024, compression=0)
        )
        try:
            deleted = set(gone)
            for entry in entries:
                deleted.add(entry.record)
                writer.add_document(
                    **{_WORDS: entry, _SPELLINGS: entry, _STORED: self._stored(entry)}
                )
            for record in deleted:
                for document in before.documents(record):
                    writer.delete_document(document)
            file = self._path / f"position.{writer.generation}"
            file.write_text(str(position), "ascii")
            sync(file)
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=_merged)
        for other in self._path.glob("position.*"):
            if other != file:
                other.unlink(missing_ok=True)
        for segment in self.reader().segments:
            segment.columns  # noqa: B018 - made and kept by the writer, so that no reader waits
        for cache in self._path.glob("*.columns"):
            if not cache.with_suffix(".trm").exists():
                cache.unlink(missing_ok=True)

    def _stored(self, entry: Entry) -> dict[str, Any]:
        """What the columns of a record are made of."""
        lengths: dict[str, int] = {}
        for name, _, term, _ in entry.occurrences():
            if term and name in self._fields.boosts:
                lengths[name] = lengths.get(name, 0) + 1
        return {
            "record": entry.record,
            "kind": entry.kind,
            "title": entry.title.casefold(),
            "modified": entry.modified.timestamp(),
            "facets": {n: v for n, v in entry.facets.items() if n in self._fields.facets},
            "ranges": {n: v for n, v in entry.ranges.items() if n in self._fields.ranges},
            "lengths": lengths,
        }

    def beside(self) -> WhooshEngine:
        """An empty index that is not in use."""
        return WhooshEngine(self._folder, self._fields, building=uuid.uuid4().hex[:12])

    def take_over(self, other: Any) -> None:
        """Use the other index from now on."""
        self._point_to(other._building)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._snapshot = None

    # reading ------------------------------------------------------------------------

    def reader(self) -> Snapshot:
        """The newest state; segments known already are shared."""
        while True:
            path = self._path
            storage = FileStorage(str(path))
            generation = TOC._latest_generation(storage, _MAIN)
            name = f"{path.name}-{generation}"
            snapshot = self._snapshot
            if snapshot is not None and snapshot.generation == name:
                return snapshot
            with self._lock:
                try:
                    self._snapshot = self._open(path, storage, generation, name)
                    return self._snapshot
                except FileNotFoundError:
                    # A writer has moved on meanwhile; try its newer state.
                    if TOC._latest_generation(storage, _MAIN) == generation and path == self._path:
                        raise

    def _open(self, path: Path, storage: FileStorage, generation: int, name: str) -> Snapshot:
        toc = TOC.read(storage, _MAIN, gen=generation, schema=self._schema)
        before = self._snapshot
        known = {one.name: one for one in before.segments} if before else {}
        segments = []
        for found in toc.segments:
            same = known.get(found.segment_id())
            files = same.files if same else _Files(path, storage, found, self._fields)
            segments.append(
                Segment(found.segment_id(), files, frozenset(found.deleted_docs()), same)
            )
        return Snapshot(name, segments, self._fields)


class _Files:
    """The files of one segment, decoded as they are asked.  Safe between threads."""

    def __init__(self, path: Path, storage: FileStorage, segment: Any, fields: Fields) -> None:
        self._path, self._storage, self._segment = path, storage, segment
        self._fields = fields
        self.size: int = segment.doc_count_all()
        self._terms = _mapped(path / segment.make_filename(".trm"))
        self._posts = _mapped(path / segment.make_filename(".pst"))
        self._reader = W3TermsReader(segment.codec(), _Mapped(self._terms), len(self._terms), None)

    def columns(self) -> Columns:
        """The columns: from their file, or made from the stored values."""
        if self.size < _WORTH_KEEPING:
            return Columns.of(list(self._stored()), self._fields)
        file = self._path / self._segment.make_filename(".columns")
        return Columns.kept(file, self._stored(), self._fields, self.size)

    def _stored(self) -> Iterator[Mapping[str, Any]]:
        reader = self._segment.codec().per_document_reader(self._storage, self._segment)
        try:
            for document in range(self.size):
                yield reader.stored_fields(document)[_STORED]
        finally:
            reader.close()

    def frequency(self, term: str) -> int:
        """How many documents have a term, deleted ones included."""
        try:
            return int(self._reader.doc_frequency(_WORDS, term.encode()))
        except KeyError:
            return 0

    def terms_from(self, start: str) -> Iterator[tuple[str, int]]:
        """The terms that begin so, with how many documents have each."""
        yield from self._beginning(_WORDS, start.encode())

    def spellings(self, kind: str) -> Iterator[tuple[str, int]]:
        """The readable words of a kind, with how many documents have each."""
        start = f"{kind} "
        for word, frequency in self._beginning(_SPELLINGS, start.encode()):
            yield word[len(start) :], frequency

    def _beginning(self, field: str, start: bytes) -> Iterator[tuple[str, int]]:
        try:
            for (name, term), info in self._reader.items_from(field, start):
                if name != field or not term.startswith(start):
                    return
                yield term.decode(), int(info.doc_frequency())
        except TypeError:  # Whoosh's way of saying that nothing comes after
            return

    def postings(self, term: str) -> Postings:
        """The postings of a term in arrays."""
        try:
            info: W3TermInfo = self._reader.term_info(_WORDS, term.encode())
        except (KeyError, TermNotFound):
            return NOWHERE
        documents, counts, places = [], [], []
        for ids, weights, values in self._blocks(info.extent()[0]):
            # Numbers are written as differences, and weights that are all equal once.
            documents.append(np.cumsum(np.array(ids, dtype=np.uint32), dtype=np.uint32))
            same = weights is None or isinstance(weights, float)
            counts.append(np.full(len(ids), weights or 1) if same else np.array(weights))
            places += values
        return Postings(
            np.concatenate(documents),
            np.concatenate(counts).astype(np.uint32),
            np.frombuffer(b"".join(places), dtype=np.uint32),
        )

    def _blocks(self, offset: int) -> Iterator[tuple[Any, Any, Any]]:
        """The blocks of a posting list as Whoosh's writer packed them; the last is marked."""
        at, size = offset + len(WHOOSH3_HEADER_MAGIC), 0
        while size >= 0:
            (size,) = struct.unpack_from("!i", self._posts, at)
            at += 4
            block = io.BytesIO(self._posts[at : at + abs(size)])
            pickle.load(block)  # noqa: S301 - the folder is as trusted as the program
            yield pickle.load(block)  # noqa: S301
            at += abs(size)


class _Mapped(BufferFile):  # type: ignore[misc]
    """A file of Whoosh's read from where it is mapped, not copied; reading has no cursor."""

    def __init__(self, mapped: mmap.mmap) -> None:
        super(BufferFile, self).__init__(mapped)
        self._buf = mapped

    def get(self, position: int, length: int) -> bytes:
        """Some bytes."""
        return self._buf[position : position + length]


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as opened:
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)


def _merged(writer: Any, segments: Sequence[Any]) -> list[Any]:
    """Which segments stay; the others are written anew into the new one.

    Small ones when there are many, so that a state never has many; large ones only when
    much of them is deleted.
    """
    small = [one for one in segments if one.doc_count_all() < _LARGE]
    merged = [
        one
        for one in segments
        if (one in small and len(small) > _MOST_SMALL)
        or one.deleted_count() > one.doc_count_all() * _MOST_DELETED
    ]
    for one in merged:
        reader = SegmentReader(writer.storage, writer.schema, one)
        writer.add_reader(reader)
        reader.close()
    return [one for one in segments if one not in merged]
