"""Any SPARQL 1.1 store, asked and fed over HTTP.

Its default graph must be the union of its named graphs; docs/sparql.md says how to set that.
Source: SPARQL 1.1 Protocol; SPARQL 1.1 Update.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit, urlunsplit
from urllib.request import Request, urlopen

import pyoxigraph as ox

from catalogue.errors import Unavailable
from catalogue.sparql import results
from catalogue.sparql.faults import malformed
from catalogue.sparql.folder import Folder
from catalogue.sparql.store import (
    GRAPH_FORMS,
    Answer,
    Beside,
    Broken,
    Busy,
    Graph,
    Limits,
    Question,
    State,
    too_long,
)
from catalogue.terms import literal

#: How much is written at once, in bytes; and how long one such step may take, in seconds.
_PIECE, _WRITING = 2_000_000, 120.0
#: How many queries run at once, and how long one waits for its turn, in seconds.
_AT_ONCE, _PATIENCE = 4, 1.0
_NS = "https://w3id.org/outcome-catalogue/ns#"
#: The graph that says how far the store was fed, and the one that lists what was put there:
#: whatever else a store holds is never touched.
_STATE, _HELD = f"<{_NS}store>", f"<{_NS}store-graphs>"
_ANSWERS = {"table": results.JSON, "graph": "application/n-triples"}


class RemoteStore:
    """A store at an address for queries and, if this program feeds it, one for updates."""

    def __init__(
        self, query: str, update: str, base: str, prefixes: Mapping[str, str], locks: Path
    ) -> None:
        self._query, self._update = query, update
        self._base, self._prefixes = base, dict(prefixes)
        self._folder = Folder(locks)
        self._turns = BoundedSemaphore(_AT_ONCE)

    @property
    def is_fed_here(self) -> bool:
        """Whether an address for updates is set."""
        return bool(self._update)

    @property
    def state(self) -> State | None:
        """What the store says of itself."""
        text = (
            f"SELECT ?version ?position ?mark WHERE {{ GRAPH {_STATE} {{ {_STATE} "
            f"<{_NS}storeVersion> ?version ; <{_NS}storePosition> ?position ; "
            f"<{_NS}storeMark> ?mark }} }}"
        )
        with self._asked({"query": text}, results.JSON, 10.0) as body:
            rows = _read(body, results.JSON)
            found = [(r["version"].value, int(r["position"].value), r["mark"].value) for r in rows]
        return State(*found[0]) if len(found) == 1 else None

    @contextmanager
    def alone(self, wait: float) -> Iterator[None]:
        """Hold a lock on this machine; one machine feeds a store."""
        with self._folder.alone("remote", wait):
            yield

    def replace(self, graphs: Iterable[Graph], state: State) -> None:
        """Replace graphs; the state moves last, so a crash repeats them."""
        self._replace(graphs)
        self._send(self._put_state(state))

    @contextmanager
    def beside(self) -> Iterator[Beside]:
        """Build in place: queries are turned away until the state is there again."""
        with self._folder.alone("remote-building", 0):
            self._send(f"DROP SILENT GRAPH {_STATE}")
            self._replace([Graph(name, None) for name in self._held()])
            yield _InPlace(self)

    def _held(self) -> list[str]:
        """The names of the graphs that were put there."""
        text = f"SELECT ?graph WHERE {{ GRAPH {_HELD} {{ {_HELD} <{_NS}holds> ?graph }} }}"
        with self._asked({"query": text}, results.JSON, _WRITING) as body:
            return [row["graph"].value for row in _read(body, results.JSON)]

    def _replace(self, graphs: Iterable[Graph]) -> None:
        self._in_pieces(
            f"DROP SILENT GRAPH <{graph.name}> ;\n"
            + (
                f"{_insert(graph.name, graph.ntriples)} ;\n"
                if graph.ntriples
                else f"DELETE DATA {{ {_held(graph.name)} }} ;\n"
            )
            for graph in graphs
        )

    def _load(self, graphs: Iterable[Graph]) -> None:
        self._in_pieces(
            f"{_insert(graph.name, graph.ntriples)} ;\n" for graph in graphs if graph.ntriples
        )

    def _in_pieces(self, updates: Iterable[str]) -> None:
        waiting: list[str] = []
        size = 0
        for one in updates:
            waiting.append(one)
            size += len(one)
            if size >= _PIECE:
                self._send("".join(waiting))
                waiting, size = [], 0
        if waiting:
            self._send("".join(waiting))

    def _put_state(self, state: State) -> str:
        return (
            f"DROP SILENT GRAPH {_STATE} ;\nINSERT DATA {{ GRAPH {_STATE} {{ {_STATE} "
            f"<{_NS}storeVersion> {literal(state.version)} ; "
            f"<{_NS}storePosition> {state.position} ; "
            f"<{_NS}storeMark> {literal(state.mark)} }} }}"
        )

    def _send(self, update: str) -> None:
        request = _request(
            self._update, update.encode(), "application/sparql-update; charset=utf-8"
        )
        try:
            with urlopen(request, timeout=_WRITING) as answer:  # noqa: S310 - set by the operator
                answer.read(1000)
        except HTTPError as error:
            with error:
                said = error.read(500).decode("utf-8", "replace")
            raise Broken(f"The store refused an update: {error.code} {said}") from None
        except OSError as error:
            raise Unavailable(f"The SPARQL store does not answer: {error}", 60) from None

    def query(self, question: Question, media_type: str, limits: Limits) -> Answer:
        """Ask the store; its answer is read up to the limits and written in the format."""
        begun = time.perf_counter()
        if not self._turns.acquire(timeout=_PATIENCE):
            raise Busy("Too many queries are running. Try again in a moment.", 3)
        try:
            state = self.state if self.is_fed_here else None
            wanted = _ANSWERS["graph" if question.form in GRAPH_FORMS else "table"]
            with self._asked(self._form(question), wanted, limits.seconds, question) as body:
                written = self._written(body, question, wanted, media_type, limits)
        finally:
            self._turns.release()
        return Answer(
            body=written.body,
            count=written.count,
            truncated=written.truncated,
            seconds=time.perf_counter() - begun,
            position=state.position if state else None,
        )

    def _form(self, question: Question) -> dict[str, Any]:
        return {
            "query": self._prologue(question) + question.text,
            "default-graph-uri": question.default_graphs,
            "named-graph-uri": question.named_graphs,
        }

    def _prologue(self, question: Question) -> str:
        """What the query need not say itself: on its first line, so that lines keep their numbers."""
        known = "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in question.prefixes)
        return f"BASE <{self._base}> {known}"

    def _written(
        self, body: _Until, question: Question, wanted: str, media_type: str, limits: Limits
    ) -> results.Written:
        found = _read(body, wanted)
        most = limits.of(question.form)
        try:
            if question.form in GRAPH_FORMS:
                triples = (quad.triple for quad in found)
                return results.statements(triples, media_type, self._prefixes, most, limits.bytes)
            if isinstance(found, ox.QueryBoolean):
                return results.boolean(bool(found), media_type)
            return results.solutions(found, media_type, most, limits.bytes)
        except SyntaxError as error:
            raise Broken(f"The SPARQL store's answer cannot be read: {error}") from None

    @contextmanager
    def _asked(
        self,
        form: Mapping[str, Any],
        accept: str,
        seconds: float,
        question: Question | None = None,
    ) -> Iterator[_Until]:
        request = _request(
            self._query,
            urlencode(form, doseq=True).encode(),
            "application/x-www-form-urlencoded",
            accept,
        )
        until = time.monotonic() + seconds
        try:
            with urlopen(request, timeout=seconds) as answer:  # noqa: S310 - set by the operator
                yield _Until(answer, until)
        except HTTPError as error:
            with error:
                said = error.read(2000).decode("utf-8", "replace")
            if error.code == 400 and question is not None:
                shift = len(self._prologue(question))
                raise malformed(said.strip(), question.text, shift) from None
            raise _refused(error.code, seconds) from None
        except TimeoutError:
            raise too_long(seconds) from None
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise too_long(seconds) from None
            raise Unavailable("The SPARQL store does not answer.", 60) from None
        except OSError:
            raise Unavailable("The SPARQL store does not answer.", 60) from None

    def close(self) -> None:
        """Nothing is kept open."""


class _InPlace:
    def __init__(self, store: RemoteStore) -> None:
        self._store = store

    def load(self, graphs: Iterable[Graph]) -> None:
        """Insert."""
        self._store._load(graphs)

    def replace(self, graphs: Iterable[Graph]) -> None:
        """Drop and insert."""
        self._store._replace(graphs)

    def take_over(self, state: State) -> None:
        """Say what is there."""
        self._store._send(self._store._put_state(state))


class _Until:
    """What a store sends, until the time is up."""

    def __init__(self, answer: IO[bytes], until: float) -> None:
        self._answer, self._until = answer, until

    def read(self, size: int = -1) -> bytes:
        """Some bytes; raises :class:`TimeoutError` when it took too long."""
        if time.monotonic() > self._until:
            raise TimeoutError
        return self._answer.read(min(size, 1 << 16) if size >= 0 else 1 << 16)


def _read(body: Any, media_type: str) -> Any:
    try:
        if media_type == results.JSON:
            return ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
        return ox.parse(body, format=ox.RdfFormat.N_TRIPLES)
    except SyntaxError as error:
        raise Broken(f"The SPARQL store's answer cannot be read: {error}") from None


def _insert(name: str, ntriples: bytes) -> str:
    return f"INSERT DATA {{ {_held(name)} GRAPH <{name}> {{\n{ntriples.decode()}}} }}"


def _held(name: str) -> str:
    return f"GRAPH {_HELD} {{ {_HELD} <{_NS}holds> <{name}> }}"


def _request(address: str, body: bytes, content_type: str, accept: str = "*/*") -> Request:
    """A POST; name and password in the address become a header."""
    parts = urlsplit(address)
    user, _, host = parts.netloc.rpartition("@")
    request = Request(  # noqa: S310 - set by the operator
        urlunsplit(parts._replace(netloc=host)),
        data=body,
        headers={"Content-Type": content_type, "Accept": accept, "User-Agent": "outcome-catalogue"},
    )
    if user:
        secret = base64.b64encode(user.encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {secret}")
    return request


def _refused(status: int, seconds: float) -> Exception:
    """What a store's status means to who asked."""
    if status in (408, 504):
        return too_long(seconds)
    if status in (429, 503):
        return Unavailable("The SPARQL store is busy. Try again in a moment.", 10)
    return Broken(f"The SPARQL store answered {status}.")
