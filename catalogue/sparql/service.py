"""The SPARQL service: a store that is brought up to date when somebody asks.

It is no follower that runs after every save: writing a snapshot takes tenths of a second, and
most saves are never asked about by SPARQL.  A query first looks how far the store is behind the
log.  A little is caught up at once, so that what was withdrawn is not found any more; otherwise
the answer is to come again later, while a worker (:meth:`Sparql.catch_up`) or a thread builds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue.changes import BATCH, Change, Position, head, mark
from catalogue.database import Database
from catalogue.errors import Unavailable
from catalogue.records.models import Fragment, Record
from catalogue.sparql.contents import Contents
from catalogue.sparql.request import checked
from catalogue.sparql.results import CSV
from catalogue.sparql.store import Answer, Graph, Limits, Question, State, TripleStore

log = structlog.get_logger()
#: So many changes are taken in before a query is answered; more are left to the worker.
NEAR = BATCH
#: A catalogue of so many records is built while the first query waits, in about two seconds.
_SMALL = 1000
#: How long a query waits for the one who writes; what one who came in vain is told to wait.
_PATIENCE, _AGAIN = 10.0, 30
#: The name of the follower that keeps the fragments.
_FRAGMENTS = "rdf"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Standing:
    """How a store stands to the log: ``behind`` is None if it must be built (anew)."""

    head: int
    behind: int | None


class Stopped(Exception):
    """The program ends while a store is being built."""


class Sparql:
    """Answers queries of a known position of the change log.

    ``follow`` lets the fragments catch up; ``version_of_fragments`` tells of which version they
    must be.
    """

    def __init__(
        self,
        database: Database,
        contents: Contents,
        store: TripleStore,
        follow: Callable[[], object],
        version_of_fragments: Callable[[], str],
    ) -> None:
        self.store = store
        self._database, self._contents = database, contents
        self._follow, self._fragments = follow, version_of_fragments
        self._stopping = threading.Event()
        self._builder: threading.Thread | None = None
        self._starting = threading.Lock()

    # asking --------------------------------------------------------------------------

    def query(self, question: Question, media_type: str, limits: Limits | None = None) -> Answer:
        """The answer as of the last change.

        Raises :class:`Unavailable` where the store is far behind, and what
        :meth:`TripleStore.query` raises.
        """
        if self.store.is_fed_here:
            self._make_current()
        return self.store.query(question, media_type, limits or Limits())

    def standing(self, session: Session) -> Standing:
        """How the store stands to the log."""
        last, state = head(session), self.store.state
        if (
            state is None
            or state.version != self._contents.version
            or state.position > last
            or state.mark != mark(session, state.position)
        ):
            return Standing(last, None)
        return Standing(last, last - state.position)

    def fault(self) -> str:
        """What is wrong with how the store answers; empty if nothing is.

        A store elsewhere may be set to see only the default graph where no graph is named.
        """
        scheme = next(iter(self._contents.fixed())).name
        question = checked(f"ASK {{ <{scheme}> ?p ?o }}", {})
        answer = self.store.query(question, CSV, Limits())
        if answer.body.strip() == b"true":
            return ""
        return "its default graph is not the union of its named graphs"

    def _make_current(self) -> None:
        with self._database.read() as session:
            standing = self.standing(session)
            if standing.behind == 0:
                return
            some = select(Record.id).limit(_SMALL + 1).subquery()
            size = session.scalar(select(func.count()).select_from(some)) or 0
            late = standing.head - self._fragments_at(session)
        if size > _SMALL and (standing.behind is None or max(late, standing.behind) > NEAR):
            self._begin_building()
            raise Unavailable("The SPARQL store is being brought up to date.", _AGAIN)
        self.catch_up(_PATIENCE)

    def _fragments_at(self, session: Session) -> int:
        """How far the fragments are, of which the graphs are made; none if they are outdated."""
        at = session.get(Position, _FRAGMENTS)
        return at.seq if at is not None and at.version == self._fragments() else -NEAR - 1

    def _begin_building(self) -> None:
        """Catch up in a thread, unless one is at it; a worker may be faster, and is not hindered."""
        with self._starting:
            if self._builder is None or not self._builder.is_alive():
                self._builder = threading.Thread(target=self._build_quietly, daemon=True)
                self._builder.start()

    def _build_quietly(self) -> None:
        try:
            self.catch_up()
        except (Stopped, Unavailable):
            pass
        except Exception as error:
            log.error("the SPARQL store could not be brought up to date", exc_info=error)

    # following -----------------------------------------------------------------------

    def catch_up(self, wait: float = 60.0, progress: Progress | None = None) -> int:
        """Take in what changed, or build the store where that must be; returns how many graphs.

        For a worker to call at every tick: without changes it costs two SELECTs.  Raises
        :class:`Unavailable` if somebody else writes for longer than ``wait`` seconds.
        """
        if not self.store.is_fed_here:
            return 0
        with self._database.read() as session:
            standing = self.standing(session)
        if standing.behind == 0:
            return 0
        if standing.behind is None:
            return self.rebuild(progress, only_if_needed=True)
        with self.store.alone(wait):
            touched = 0
            while found := self._step():
                touched += found
        return touched

    def rebuild(self, progress: Progress | None = None, *, only_if_needed: bool = False) -> int:
        """Build the store beside the one in use, then let it take its place."""
        self._follow()
        with self.store.beside() as new:
            with self._database.read() as session:
                if only_if_needed and self.standing(session).behind is not None:
                    return 0
                at = self._reliable(session)
                total = session.scalar(select(func.count()).select_from(Fragment)) or 0
                everything = _chained(self._contents.fixed(), self._contents.records(session))
                new.load(self._counted(everything, total, progress))
            with self.store.alone(60.0):
                self._follow()
                while step := self._changes(at.position):
                    graphs, at = step
                    new.replace(graphs)
                new.take_over(at)
        return total

    def _step(self) -> int:
        """Take in some changes; returns how many graphs they touched."""
        self._follow()
        state = self.store.state
        step = self._changes(state.position) if state else None
        if step is None:
            return 0
        graphs, at = step
        self.store.replace(graphs, at)
        return len(graphs)

    def _changes(self, after: int) -> tuple[list[Graph], State] | None:
        """The graphs that changed after a position, and what the store holds with them."""
        with self._database.read() as session:
            until = self._reliable(session).position
            rows = session.execute(
                select(Change.seq, Change.record_id)
                .where(Change.seq > after, Change.seq <= until)
                .order_by(Change.seq)
                .limit(BATCH)
            ).all()
            if not rows:
                return None
            graphs = self._contents.changed(session, [record for _, record in rows])
            return list(graphs), self._state(session, rows[-1][0])

    def _reliable(self, session: Session) -> State:
        """How far the fragments can be relied on."""
        if (at := self._fragments_at(session)) < 0:
            raise Unavailable("The RDF of the records is being built anew.", _AGAIN)
        return self._state(session, min(at, head(session)))

    def _state(self, session: Session, position: int) -> State:
        return State(self._contents.version, position, mark(session, position))

    def _counted(
        self, graphs: Iterable[Graph], total: int, progress: Progress | None
    ) -> Iterator[Graph]:
        for number, graph in enumerate(graphs, start=1):
            if self._stopping.is_set():
                raise Stopped
            yield graph
            if progress and number % BATCH == 0:
                progress(min(number, total), total)

    def close(self) -> None:
        """Stop building, end the processes."""
        self._stopping.set()
        if self._builder is not None:
            self._builder.join(10)
        self.store.close()


def _chained(*some: Iterable[Graph]) -> Iterator[Graph]:
    for graphs in some:
        yield from graphs
