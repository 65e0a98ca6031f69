"""The whole catalogue as one document: the cached fragments put together, in constant memory.

Dumps lie packed in the instance folder, made beforehand and replaced as a whole.  Of a small
catalogue one is made while the asker waits, if it is older than the records; of a large one the
older one is given for some minutes, unless something it tells may have been taken back.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, load_only

from catalogue.changes import mark
from catalogue.database import Database
from catalogue.errors import Unavailable
from catalogue.locks import alone
from catalogue.profile import Names
from catalogue.rdf.formats import N_QUADS, N_TRIPLES, TURTLE, Format
from catalogue.rdf.fragments import kept, piece
from catalogue.rdf.graph import Graphs
from catalogue.rdf.listing import EVERYTHING, Scope
from catalogue.records.models import PUBLISHED, Fragment, Record
from catalogue.records.visibility import keeps_back

#: Fragments read from the database at a time, and bytes written at a time.
_CHUNK, _PIECE = 1_000, 1 << 20
#: For how many seconds a dump of a large catalogue is given though records were edited since.
_FRESH = 600
#: If that many were, they are not looked at one by one.
_MANY = 1_000
#: So many records are put together while somebody waits; more are left to the worker.
_FEW = 20_000


def fragments(session: Session, format: Format) -> Iterator[tuple[str, bytes]]:
    """The IRI of every record and its piece of a format, in order, in constant memory."""
    wanted = select(Fragment.record_id, Record.iri, kept(format))
    joined = wanted.join(Record, Record.id == Fragment.record_id)
    for _, reference, content in _batches(session, joined):
        yield reference, piece(format, content)


def dump(session: Session, format: Format, prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """The whole catalogue in a format: the pieces of all records put together."""
    pieces = (piece(format, content) for content in _contents(session, format))
    return _joined(format.writer(prefixes).document(pieces))


def packed_triples(session: Session) -> Iterator[bytes]:
    """N-Triples in gzip: the members as they lie in the database."""
    return _joined(_contents(session, N_TRIPLES))


def packed_quads(session: Session, base: str) -> Iterator[bytes]:
    """N-Quads in gzip: each record is a graph, named as the record is."""
    names, writer = Names(base), N_QUADS.writer({})
    graphs = (
        writer.graph(names.absolute(reference), triples)
        for reference, triples in fragments(session, N_TRIPLES)
    )
    return _packed(_joined(graphs))


def packed_turtle(session: Session, prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Turtle in gzip."""
    return _packed(dump(session, TURTLE, prefixes))


def _packed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return (gzip.compress(one, compresslevel=1, mtime=0) for one in pieces)


def _contents(session: Session, format: Format) -> Iterator[bytes]:
    wanted = select(Fragment.record_id, kept(format))
    return (content for _, content in _batches(session, wanted))


def _batches(session: Session, wanted: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    last = 0
    while True:
        rows = session.execute(
            wanted.where(Fragment.record_id > last).order_by(Fragment.record_id).limit(_CHUNK)
        ).all()
        if not rows:
            return
        yield from rows
        last = rows[-1][0]


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces put together to large ones: fewer writes, and they pack better."""
    waiting: list[bytes] = []
    length = 0
    for one in pieces:
        waiting.append(one)
        length += len(one)
        if length >= _PIECE:
            yield b"".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield b"".join(waiting)


@dataclass(frozen=True)
class Dump:
    """A dump that lies ready: its file, and the change up to which it tells everything."""

    file: Path
    position: int


class Dumps:
    """The dumps of a catalogue, in a folder of its instance.

    ``version`` changes with what a dump would look like; ``whole`` tells up to which change the
    fragments go.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        graphs: Graphs,
        version: str,
        whole: Callable[[Session], int],
    ) -> None:
        self._database = database
        self._folder = folder
        self._version = version
        self._whole = whole
        prefixes, base = graphs.profile.prefixes, graphs.base
        self._makers: dict[str, Callable[[Session], Iterator[bytes]]] = {
            "nt": packed_triples,
            "nq": lambda session: packed_quads(session, base),
            "ttl": lambda session: packed_turtle(session, prefixes),
        }

    def tend(self) -> int:
        """Make the dumps anew that are older than the records; returns how many were made.

        One that was made lately may wait as long as it may be given.
        """
        with self._database.read() as session:
            due = [suffix for suffix in self._makers if self._is_due(session, suffix)]
        return sum(self._make(suffix) for suffix in due)

    def _is_due(self, session: Session, suffix: str) -> bool:
        found = self._newest(session, suffix)
        return found is None or not self._may_be_given(session, found, _FRESH / 2)

    def open(self, session: Session, suffix: str) -> tuple[Dump, BinaryIO]:
        """A dump that may be given, and its file, open: it may be replaced meanwhile.

        Raises :class:`Unavailable` if one has to be made first.
        """
        while True:
            dump = self._get(session, suffix)
            try:
                return dump, dump.file.open("rb")
            except FileNotFoundError:  # replaced between the two; the new one is there
                continue

    def _get(self, session: Session, suffix: str) -> Dump:
        position, found = self._whole(session), self._newest(session, suffix)
        if found and found.position == position:
            return found
        if (Scope(EVERYTHING).total(session) or 0) <= _FEW:
            self._make(suffix)
            with self._database.read() as later:  # which may see more than the asker's session
                found = self._newest(later, suffix)
            assert found is not None
            return found
        if found and self._may_be_given(session, found, _FRESH):
            return found
        raise Unavailable("The dump is being made anew. Try again in a minute.", wait=60)

    def _may_be_given(self, session: Session, dump: Dump, seconds: float) -> bool:
        if dump.position == self._whole(session):
            return True
        if time.time() - dump.file.stat().st_mtime > seconds:
            return False
        changed = session.scalars(
            select(Record)
            .options(load_only(Record.state, Record.document))
            .where(Record.last_change > dump.position)
            .limit(_MANY)
        ).all()
        taken_back = any(one.state != PUBLISHED or keeps_back(one) for one in changed)
        return not taken_back and len(changed) < _MANY

    def _newest(self, session: Session, suffix: str) -> Dump | None:
        """The newest dump of this history; after a copy was put back there may be others."""
        known = self._whole(session)
        found = (
            Dump(file, int(file.name.split("-")[0]))
            for file in self._folder.glob(f"*-{self._version}.{suffix}.gz")
        )
        return max(
            (
                dump
                for dump in found
                if dump.position <= known
                and dump.file == self._file(session, dump.position, suffix)
            ),
            key=lambda dump: dump.position,
            default=None,
        )

    def _file(self, session: Session, position: int, suffix: str) -> Path:
        which = hashlib.sha256(mark(session, position).encode()).hexdigest()[:12]
        return self._folder / f"{position}-{which}-{self._version}.{suffix}.gz"

    def _make(self, suffix: str) -> bool:
        """Make a dump unless there is one of this state; the older ones go once it is there."""
        with alone(self._folder, f"dump-{suffix}"), self._database.read() as session:
            file = self._file(session, self._whole(session), suffix)
            if file.exists():
                return False
            unfinished = self._folder / f"unfinished.{suffix}"  # of nobody else: we are alone
            with unfinished.open("wb") as written:
                for piece in self._makers[suffix](session):
                    written.write(piece)
            unfinished.replace(file)
            for older in self._folder.glob(f"*.{suffix}.gz"):
                if older != file:
                    older.unlink(missing_ok=True)  # who is reading it reads on
            return True
