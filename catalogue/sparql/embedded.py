"""The embedded store: Oxigraph on disk, read through snapshots by processes of their own."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from catalogue.errors import Unavailable
from catalogue.sparql.faults import malformed
from catalogue.sparql.folder import Current, Folder
from catalogue.sparql.pool import Pool
from catalogue.sparql.store import (
    Answer,
    Beside,
    Graph,
    Limits,
    Question,
    State,
    TooCostly,
)

#: How much N-Triples is loaded at once: a larger piece is faster and takes more memory.
_PIECE = 8_000_000
#: A snapshot may be replaced between looking and opening, so often that it is no accident.
_TRIES = 5


class EmbeddedStore:
    """Oxigraph in a folder; ``children`` processes answer at once."""

    is_fed_here = True

    def __init__(
        self, path: Path, base: str, prefixes: Mapping[str, str], children: int = 2
    ) -> None:
        self.folder = Folder(path)
        self._base, self._prefixes = base, dict(prefixes)
        self._pool = Pool(children)

    @property
    def state(self) -> State | None:
        """What queries see now."""
        current = self.folder.current
        return current.state if current else None

    def alone(self, wait: float) -> AbstractContextManager[None]:
        """Hold the lock for writing."""
        return self.folder.alone("lock", wait)

    def replace(self, graphs: Iterable[Graph], state: State) -> None:
        """Write, then show a new snapshot; a crash between is made good by doing it again."""
        current = self.folder.current
        if current is None:
            raise Unavailable("The SPARQL store is not there.", 30)
        store = ox.Store(str(self.folder.store(current.store)))
        try:
            _replace(store, graphs)
            self._show(store, current.store, state)
        finally:
            del store  # closes it, also when an error keeps this frame alive
            self.folder.tidy(current.store)

    @contextmanager
    def beside(self) -> Iterator[Beside]:
        """Build a store beside the one in use; what is not finished is removed."""
        with self.folder.alone("building", 0):
            name = self.folder.create()
            path = self.folder.store(name)
            try:
                yield _Beside(self, name, ox.Store(str(path)))
            finally:
                current = self.folder.current
                if current is None or current.store != name:
                    shutil.rmtree(path, ignore_errors=True)

    def _show(self, store: ox.Store, name: str, state: State) -> None:
        """Let queries see what was written: a snapshot, named in the file ``current``."""
        snapshot = self.folder.create()
        store.backup(str(self.folder.snapshot(snapshot)))
        self.folder.use(Current(state, name, snapshot))

    def query(self, question: Question, media_type: str, limits: Limits) -> Answer:
        """Ask a child, which may be killed for it."""
        begun = time.perf_counter()
        for _ in range(_TRIES):
            current = self.folder.current
            if current is None:
                break
            said, body = self._pool.ask(
                self._request(question, media_type, limits, current), limits.seconds
            )
            if said["is"] == "gone":
                continue
            if said["is"] == "malformed":
                raise malformed(said["why"], question.text)
            if said["is"] == "memory":
                raise TooCostly("The query needs too much memory.")
            if said["is"] == "failed":
                raise TooCostly(f"The query could not be answered: {said['why']}")
            return Answer(
                body=body,
                count=said["count"],
                truncated=said["truncated"],
                seconds=time.perf_counter() - begun,
                position=current.state.position,
            )
        raise Unavailable("The SPARQL store is just being replaced. Try again.", 2)

    def _request(
        self, question: Question, media_type: str, limits: Limits, current: Current
    ) -> dict[str, Any]:
        return {
            "snapshot": str(self.folder.snapshot(current.snapshot).resolve()),
            "query": question.text,
            "base": self._base,
            "prefixes": question.prefixes,
            "known_prefixes": self._prefixes,
            "default_graphs": question.default_graphs,
            "named_graphs": question.named_graphs,
            "format": media_type,
            "most": limits.of(question.form),
            "bytes": limits.bytes,
            "seconds": limits.seconds,
        }

    def close(self) -> None:
        """End the processes."""
        self._pool.close()


class _Beside:
    def __init__(self, owner: EmbeddedStore, name: str, store: ox.Store) -> None:
        self._owner, self._name, self._store = owner, name, store

    def load(self, graphs: Iterable[Graph]) -> None:
        """Write files of statements directly, piece by piece, in constant memory."""
        piece: list[bytes] = []
        size = 0
        for graph in graphs:
            if graph.ntriples is None:
                continue
            piece += [graph.ntriples, b"<", graph.name.encode(), b"> {\n", graph.ntriples, b"}\n"]
            size += 2 * len(graph.ntriples)
            if size >= _PIECE:
                self._load(piece)
                piece, size = [], 0
        self._load(piece)
        self._store.optimize()

    def _load(self, piece: list[bytes]) -> None:
        if piece:
            self._store.bulk_load(b"".join(piece), ox.RdfFormat.TRIG)

    def replace(self, graphs: Iterable[Graph]) -> None:
        """As in a store in use."""
        _replace(self._store, graphs)

    def take_over(self, state: State) -> None:
        """Show the new store and forget the old one."""
        self._owner._show(self._store, self._name, state)
        del self._store
        self._owner.folder.sweep_stores()


def _replace(store: ox.Store, graphs: Iterable[Graph]) -> None:
    """Replace named graphs, and what they add to the default graph, in one transaction.

    Only what differs is written.  A statement leaves the default graph with the last graph
    that makes it.
    """
    gone: list[str] = []
    new: list[str] = []
    removed: dict[ox.Triple, set[ox.NamedNode]] = {}
    added: set[ox.Triple] = set()
    for graph in graphs:
        name = ox.NamedNode(graph.name)
        before = {quad.triple for quad in store.quads_for_pattern(None, None, None, name)}
        after = {
            quad.triple for quad in ox.parse(graph.ntriples or b"", format=ox.RdfFormat.N_TRIPLES)
        }
        for one in before - after:
            removed.setdefault(one, set()).add(name)
        added |= after - before
        gone += _within(name, before - after)
        new += _within(name, after - before)
    lonely = [
        one
        for one, names in removed.items()
        if one not in added and not _is_said_elsewhere(store, one, names)
    ]
    parts = []
    if gone:
        parts.append(f"DELETE DATA {{ {_text(lonely)} {' '.join(gone)} }}")
    if new:
        parts.append(f"INSERT DATA {{ {_text(added)} {' '.join(new)} }}")
    if parts:
        store.update(";\n".join(parts))


def _is_said_elsewhere(store: ox.Store, one: ox.Triple, besides: set[ox.NamedNode]) -> bool:
    found = store.quads_for_pattern(one.subject, one.predicate, one.object, None)
    return any(
        isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name not in besides
        for quad in found
    )


def _within(name: ox.NamedNode, triples: set[ox.Triple]) -> list[str]:
    return [f"GRAPH {name} {{ {_text(triples)} }}"] if triples else []


def _text(triples: Iterable[ox.Triple]) -> str:
    return "".join(f"{one.subject} {one.predicate} {one.object} .\n" for one in triples)
