"""Whoosh as the embedded engine: its writer, segments and states, our arrays for the answers.

A folder holds one index of these files::

    _MAIN_7.toc   what belongs to state 7: segments and deletions
    state.7       how far the change log was read for state 7, how its fields are numbered,
                  how large its files are
    MAIN_*.…      immutable segments; *.columns is a cache of ours

A commit is on the disk before it is seen (Whoosh itself never syncs).  Readers open a
state by its number and share the segments they have already decoded, so a small change
costs a small segment.  Our codec lays postings down as arrays: they are read from where
the file is mapped, and merged without a loop over documents.  Private parts of
whoosh-reloaded 2.7.5 are used here and nowhere else; the release is frozen and pinned.
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
import threading
import uuid
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.whoosh3 import W3Codec, W3PostingsWriter, W3TermInfo, W3TermsReader
from whoosh.fields import STORED, FieldType, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.formats import Existence, Format
from whoosh.index import TOC, FileIndex
from whoosh.reading import TermNotFound
from whoosh.writing import SegmentWriter

from catalogue.search.arrays import FIELD_BIT, NOWHERE, Array, Postings, exact_term
from catalogue.search.columns import Columns
from catalogue.search.entry import Entry, Fields
from catalogue.search.folder import Folder, sync
from catalogue.search.snapshot import Segment, Snapshot

_LAYOUT = 5  # changes with what is written into an index
_MAIN, _WORDS, _SPELLINGS, _STORED = "MAIN", "words", "spellings", "stored"
_MOST_PLACES = (1 << FIELD_BIT) - 1
#: So many segments of one size are merged, sizes being powers of this number; a segment
#: that is large is left alone until a quarter of it is deleted.
_MOST_OF_A_SIZE, _LARGE, _MOST_DELETED = 4, 50_000, 0.25
#: Larger segments get a file of columns from whoever writes them.
_WORTH_KEEPING = 200


class WhooshEngine:
    """The index in one folder.

    ``building`` is the name of an index that is not in use yet.
    """

    def __init__(self, folder: Path, fields: Fields, building: str = "") -> None:
        self._folder, self._fields, self._building = Folder(folder), fields, building
        self._schema = Schema(**{_WORDS: _Words(), _SPELLINGS: _Spellings(), _STORED: STORED()})
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        if not building:
            with self._folder.alone():
                if not self._is_sound():
                    self._folder.use(self._created())

    @property
    def version(self) -> str:
        """Changes with the fields, and with an index that was made anew."""
        said = repr((_LAYOUT, list(self._fields.boosts), self._fields.facets, self._fields.ranges))
        return f"whoosh-{hashlib.sha256(said.encode()).hexdigest()[:12]}-{self._path.name}"

    @property
    def position(self) -> int:
        """How far the change log was read for the newest state."""
        while True:
            path, generation = self._latest()
            try:
                return _Said.read(path, generation).position
            except FileNotFoundError:
                if (path, generation) == self._latest():
                    return 0

    @property
    def _path(self) -> Path:
        return self._folder.path / (self._building or self._folder.current or "nowhere")

    def _latest(self) -> tuple[Path, int]:
        """The index in use and the number of its newest state."""
        path = self._path
        return path, TOC._latest_generation(FileStorage(str(path)), _MAIN)

    def _created(self) -> str:
        name = self._folder.create()
        path = self._folder.path / name
        _Said(0, list(self._fields.boosts), {}).write(path, 0)
        TOC.create(_Storage(str(path)), self._schema, _MAIN)
        return name

    def _is_sound(self) -> bool:
        """Whether there is an index whose newest state can be read, every file whole."""
        path, generation = self._latest()
        try:
            sizes = _Said.read(path, generation).sizes
            if any((path / name).stat().st_size != size for name, size in sizes.items()):
                return False
            self.reader()
        except Exception:  # damage has many faces: Whoosh and pickle raise what they like
            return False
        return True

    # writing ------------------------------------------------------------------------

    def update(self, entries: Iterable[Entry], gone: Sequence[int], position: int) -> None:
        """Write one segment: all of it becomes visible at its end, or nothing."""
        before = self.reader()
        path = self._path
        storage = _Storage(str(path))
        known = {segment.name: segment.files for segment in before.segments}

        def finish(generation: int, segments: Sequence[Any]) -> None:
            """Lay down columns and what is said of a state before it can be seen."""
            for segment in segments:
                if segment.segment_id() not in known:
                    _Files(path, storage, segment, before.fields)
            names = list(before.fields.boosts)
            _Said(position, names, _sizes(path, segments)).write(path, generation)

        writer = _Writer(FileIndex(storage, self._schema, _MAIN), finish)
        try:
            deleted = set(gone)
            for entry in entries:
                deleted.add(entry.record)
                read = _Read(entry, before.fields)
                writer.add_document(**{_WORDS: read, _SPELLINGS: entry, _STORED: read.stored})
            for record in deleted:
                for document in before.documents(record):
                    writer.delete_document(document)
            writer.commit(mergetype=lambda _, segments: _merged(writer, segments, known))
        except BaseException:
            if not writer.is_closed:
                writer.cancel()
            raise
        for other in path.glob("state.*"):
            if other.name != f"state.{writer.generation}":
                other.unlink(missing_ok=True)

    def beside(self) -> WhooshEngine:
        """An empty index that is not in use."""
        return WhooshEngine(self._folder.path, self._fields, building=self._created())

    def take_over(self, other: Any) -> None:
        """Use the other index from now on."""
        self._folder.use(other._building)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._snapshot = None

    # reading ------------------------------------------------------------------------

    def reader(self) -> Snapshot:
        """The newest state; segments known already are shared."""
        while True:
            path, generation = self._latest()
            name = f"{path.name}-{generation}"
            snapshot = self._snapshot
            if snapshot is not None and snapshot.generation == name:
                return snapshot
            with self._lock:
                snapshot = self._snapshot  # another thread may have been quicker
                if snapshot is not None and snapshot.generation == name:
                    return snapshot
                try:
                    self._snapshot = self._open(path, generation, name)
                    return self._snapshot
                except FileNotFoundError:
                    # A writer has moved on meanwhile; try its newer state.
                    if (path, generation) == self._latest():
                        raise

    def _open(self, path: Path, generation: int, name: str) -> Snapshot:
        storage = FileStorage(str(path))
        toc = TOC.read(storage, _MAIN, gen=generation, schema=self._schema)
        # An index of another version answers until it is replaced: its own numbers hold.
        names = _Said.read(path, generation).names
        boosts = {name: self._fields.boosts.get(name, 0.0) for name in names}
        fields = replace(self._fields, boosts=boosts)
        before = self._snapshot
        known = {one.name: one for one in before.segments} if before else {}
        segments = []
        for found in toc.segments:
            same = known.get(found.segment_id())
            files = same.files if same else _Files(path, storage, found, fields)
            segments.append(
                Segment(found.segment_id(), files, frozenset(found.deleted_docs()), same)
            )
        return Snapshot(name, segments, fields)


@dataclass(frozen=True)
class _Said:
    """What the file beside a state tells: ``names`` are the full-text fields in order."""

    position: int
    names: list[str]
    sizes: dict[str, int]

    @classmethod
    def read(cls, path: Path, generation: int) -> _Said:
        """What is said of a state."""
        return cls(**json.loads((path / f"state.{generation}").read_text("ascii")))

    def write(self, path: Path, generation: int) -> None:
        """Say it, on the disk."""
        file = path / f"state.{generation}"
        file.write_text(json.dumps(asdict(self)), "ascii")
        sync(file)


def _sizes(path: Path, segments: Sequence[Any]) -> dict[str, int]:
    """How large the files of segments are, without what can be made again."""
    names = {segment.segment_id() for segment in segments}
    return {
        file.name: file.stat().st_size
        for file in path.iterdir()
        if file.name.partition(".")[0] in names and file.suffix != ".columns"
    }


# what is written ----------------------------------------------------------------------


class _Read:
    """An entry, read once: its postings, and what its columns are made of."""

    def __init__(self, entry: Entry, fields: Fields) -> None:
        numbers = {name: number for number, name in enumerate(fields.boosts)}
        self.postings: dict[str, array[int]] = {}
        lengths: dict[str, int] = {}
        for name, place, term, exact in entry.occurrences():
            number = numbers.get(name)
            if number is None or place > _MOST_PLACES:
                continue
            if term:
                lengths[name] = lengths.get(name, 0) + 1
            for one in (term, exact):
                if one:
                    known = self.postings.setdefault(one, array("I"))
                    known.append(number << FIELD_BIT | place)
        for name_terms in entry.names:
            self.postings[exact_term(name_terms)] = array("I", [0])
        self.stored = {
            "record": entry.record,
            "kind": entry.kind,
            "title": entry.title.casefold(),
            "modified": entry.modified.timestamp(),
            "facets": {n: v for n, v in entry.facets.items() if n in fields.facets},
            "ranges": {n: v for n, v in entry.ranges.items() if n in fields.ranges},
            "lengths": lengths,
        }


class _Places(Format):  # type: ignore[misc]
    """Where a term stands in a record, over all fields: ``field << 22 | place`` each."""


class _Words(FieldType):  # type: ignore[misc]
    """The texts of an entry: one posting a term, whatever field it stands in."""

    def __init__(self) -> None:
        super().__init__(_Places(), None, scorable=False, stored=False)

    def index(self, read: _Read, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """The postings of an entry: term, how often, the same as a weight, the places."""
        for term, places in read.postings.items():
            number = len(places)
            yield _encoded(term), number, float(number), array("I", sorted(places)).tobytes()


class _Spellings(FieldType):  # type: ignore[misc]
    """Readable words, for suggestions."""

    def __init__(self) -> None:
        super().__init__(Existence(), None, scorable=False, stored=False)

    def index(self, entry: Entry, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Each word once, after the kind of its record; as if at the first place."""
        for word in sorted(entry.spellings):
            yield _encoded(f"{entry.kind} {word}"), 1, 1.0, bytes(4)


def _encoded(term: str) -> bytes:
    """A term as bytes; half a character is none."""
    return term.encode("utf-8", "replace")


class _Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's files, with our postings; nothing is kept of lengths, which are columns."""

    length_stats = False

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> _PostingsWriter:
        """What writes postings into a file."""
        return _PostingsWriter(dbfile)


class _PostingsWriter(W3PostingsWriter):  # type: ignore[misc]
    """Postings as three arrays: documents, how many occurrences in each, the occurrences."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def start_postings(self, _: Any, info: W3TermInfo) -> None:
        """Begin a term."""
        self._info = info
        self._documents, self._counts = array("I"), array("I")
        self._places: list[bytes] = []

    def add_posting(self, document: int, weight: float, places: bytes, _: Any = None) -> None:
        """Take in one document, or, with a negative weight, all of a merged segment."""
        if weight > 0:
            self._documents.append(document)
            self._counts.append(int(weight))
            self._places.append(places)
        else:
            end = int(-weight) * self._documents.itemsize
            self._documents.frombytes(places[:end])
            self._counts.frombytes(places[end : 2 * end])
            self._places.append(places[2 * end :])

    def finish_postings(self) -> W3TermInfo:
        """Write the arrays of the term."""
        begin = self._file.tell()
        for part in (self._documents.tobytes(), self._counts.tobytes(), *self._places):
            self._file.write(part)
        self._info._df = len(self._documents)
        self._info.set_extent(begin, self._file.tell() - begin)
        return self._info


class _Writer(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer; ``before`` is done when a state is complete but not yet to be seen."""

    def __init__(self, index: FileIndex, before: Callable[[int, Sequence[Any]], None]) -> None:
        super().__init__(index, limitmb=512, compound=False, codec=_Codec())
        self._before = before

    def _commit_toc(self, segments: Sequence[Any]) -> None:
        self._before(self.generation, segments)
        super()._commit_toc(segments)

    def add_segment(self, segment: Any, files: _Files) -> None:
        """Take in what is not deleted of another segment, a term at a time."""
        live = np.ones(files.columns.size, dtype=np.bool_)
        live[list(segment.deleted_docs())] = False
        numbers = (self.docnum + np.cumsum(live) - 1).astype(np.uint32)
        for name in (_WORDS, _SPELLINGS):
            for term, _ in files.terms(name):
                found = _without(files.postings(term.decode(), name), live, numbers)
                if len(found.documents):
                    arrays = (found.documents, found.counts, found.occurrences)
                    chunk = b"".join(one.tobytes() for one in arrays)
                    first = int(found.documents[0])
                    self.pool.add((name, term, first, -float(len(found.documents)), chunk))
        for stored in files.stored(live):
            self.perdocwriter.start_doc(self.docnum)
            self.perdocwriter.add_field(_STORED, self.schema[_STORED], stored, 0)
            self.perdocwriter.finish_doc()
            self.docnum += 1
            self._added = True


def _without(postings: Postings, live: Array, numbers: Array) -> Postings:
    """Postings without deleted documents, and with new numbers."""
    kept = live[postings.documents]
    if kept.all():
        return Postings(numbers[postings.documents], postings.counts, postings.occurrences)
    return Postings(
        numbers[postings.documents[kept]],
        postings.counts[kept],
        postings.occurrences[np.repeat(kept, postings.counts)],
    )


def _merged(writer: _Writer, segments: Sequence[Any], files: Mapping[str, Any]) -> list[Any]:
    """Which segments stay; the others are written anew into the new one.

    Several of about one size are merged, so that there are never many, and yet a record is
    written anew a few times only, however many updates there are.
    """
    merged, sizes = [], defaultdict(list)
    for one in segments:
        size = one.doc_count_all()
        if one.deleted_count() > size * _MOST_DELETED:
            merged.append(one)
        elif size < _LARGE:
            sizes[int(math.log(max(size, 1), _MOST_OF_A_SIZE))].append(one)
    for some in sizes.values():
        if len(some) >= _MOST_OF_A_SIZE:
            merged += some
    for one in merged:
        writer.add_segment(one, files[one.segment_id()])
    return [one for one in segments if one not in merged]


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


# what is read -------------------------------------------------------------------------


class _Files:
    """The files of one segment, open as long as any state has it.  Safe between threads."""

    def __init__(self, path: Path, storage: FileStorage, segment: Any, fields: Fields) -> None:
        self._storage, self._segment = storage, segment
        self._posts = _mapped(path / segment.make_filename(W3Codec.POSTS_EXT))
        terms = _mapped(path / segment.make_filename(W3Codec.TERMS_EXT))
        self._reader = W3TermsReader(segment.codec(), _Mapped(terms), len(terms), None)
        size = segment.doc_count_all()
        every = np.ones(size, dtype=np.bool_)
        if size < _WORTH_KEEPING:
            self.columns = Columns.of(list(self.stored(every)), fields)
        else:
            file = path / segment.make_filename(".columns")
            self.columns = Columns.kept(file, self.stored(every), fields, size)

    def stored(self, wanted: Array) -> Iterator[Mapping[str, Any]]:
        """What was stored of some documents."""
        reader = self._segment.codec().per_document_reader(self._storage, self._segment)
        try:
            if not reader.has_column("_stored"):
                raise FileNotFoundError(f"{self._segment.segment_id()}: removed by a writer")
            for document in np.flatnonzero(wanted).tolist():
                yield reader.stored_fields(document)[_STORED]
        finally:
            reader.close()

    def frequency(self, term: str) -> int:
        """How many documents have a term, deleted ones included."""
        try:
            return int(self._reader.doc_frequency(_WORDS, _encoded(term)))
        except KeyError:
            return 0

    def terms_from(self, start: str) -> Iterator[tuple[str, int]]:
        """The terms that begin so, with how many documents have each."""
        for term, frequency in self.terms(_WORDS, _encoded(start)):
            yield term.decode(), frequency

    def spellings(self, kind: str) -> Iterator[tuple[str, int]]:
        """The readable words of a kind, with how many documents have each."""
        start = _encoded(f"{kind} ")
        for word, frequency in self.terms(_SPELLINGS, start):
            yield word[len(start) :].decode(), frequency

    def terms(self, field: str, start: bytes = b"") -> Iterator[tuple[bytes, int]]:
        """The terms of a field that begin so, in order, with how many documents have each."""
        if field not in self._reader.indexed_field_names():
            return
        for (name, term), info in self._reader.items_from(field, start):
            if name != field or not term.startswith(start):
                return
            yield term, int(info.doc_frequency())

    def postings(self, term: str, field: str = _WORDS) -> Postings:
        """The postings of a term, as they lie in the file."""
        try:
            info: W3TermInfo = self._reader.term_info(field, _encoded(term))
        except (KeyError, TermNotFound):
            return NOWHERE
        offset, (length,) = info.extent()  # Whoosh does not unpack the length
        number = info.doc_frequency()
        arrays = np.frombuffer(self._posts, np.uint32, length // 4, offset)
        return Postings(arrays[:number], arrays[number : 2 * number], arrays[2 * number :])


class _Mapped(BufferFile):  # type: ignore[misc]
    """A file of Whoosh's read from where it is mapped, not copied; reading has no cursor."""

    def __init__(self, mapped: mmap.mmap) -> None:
        super(BufferFile, self).__init__(mapped)
        self._buf = mapped

    def get(self, position: int, length: int) -> bytes:
        """Some bytes."""
        return self._buf[position : position + length]


def _mapped(path: Path) -> mmap.mmap:
    """A file in memory; an empty one cannot be mapped, and stands for itself."""
    with path.open("rb") as opened:
        if not path.stat().st_size:
            return mmap.mmap(-1, 1)
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
