"""The port: a store of named graphs that answers questions within limits.

Every record and every vocabulary is one named graph.  Queries see all of them together as the
default graph, each statement once (SPARQL 1.1, section 13: an RDF merge).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from catalogue.errors import BadRequest, CatalogueError, Invalid, Problem, Unavailable

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
#: The forms whose answers are statements; the others answer with a table or yes and no.
GRAPH_FORMS: tuple[Form, ...] = ("CONSTRUCT", "DESCRIBE")


@dataclass(frozen=True)
class State:
    """What a store holds: the content's version, and how far the change log was read.

    ``mark`` names the change at that position, so that a restored database, whose log went
    another way, is told apart.
    """

    version: str
    position: int
    mark: str


@dataclass(frozen=True)
class Graph:
    """A named graph; without ``ntriples`` it is no more."""

    name: str
    ntriples: bytes | None


@dataclass(frozen=True)
class Limits:
    """The most that one query may cost: seconds, rows or statements, bytes of its answer."""

    seconds: float = 10.0
    rows: int = 10_000
    statements: int = 100_000
    bytes: int = 20_000_000

    def of(self, form: Form) -> int:
        """The most rows or statements of an answer."""
        return self.statements if form in GRAPH_FORMS else self.rows


@dataclass(frozen=True)
class Question:
    """A query that passed :func:`catalogue.sparql.request.checked`."""

    text: str
    form: Form
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    #: The prefixes that the query uses without declaring them.
    prefixes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Answer:
    """The serialised answer; ``position`` is None where a store does not say how far it came."""

    body: bytes
    count: int
    truncated: bool
    seconds: float
    position: int | None


class TripleStore(Protocol):
    """What keeps named graphs and answers queries over them."""

    @property
    def state(self) -> State | None:
        """What the store holds; None if it holds nothing that can be relied on."""

    @property
    def is_fed_here(self) -> bool:
        """Whether this program fills the store; else somebody else does."""

    def alone(self, wait: float) -> AbstractContextManager[None]:
        """Be the only one who writes.  Raises :class:`Unavailable` after ``wait`` seconds."""

    def replace(self, graphs: Iterable[Graph], state: State) -> None:
        """Put these graphs in the place of those of the same names; to be called ``alone``."""

    def beside(self) -> AbstractContextManager[Beside]:
        """Build all of it anew.  Raises :class:`Unavailable` if somebody does so already."""

    def query(self, question: Question, media_type: str, limits: Limits) -> Answer:
        """The answer in a format.

        Raises :class:`Malformed` for a fault in the query, :class:`TooCostly` at a limit and
        :class:`Unavailable` if the store cannot be asked.
        """

    def close(self) -> None:
        """Let go of processes and connections."""


class Beside(Protocol):
    """The content as it is being built; queries go on over the old one where there is one."""

    def load(self, graphs: Iterable[Graph]) -> None:
        """Take in graphs that were not taken in before."""

    def replace(self, graphs: Iterable[Graph]) -> None:
        """Take in what changed meanwhile."""

    def take_over(self, state: State) -> None:
        """Answer from the new content from now on; to be called ``alone``."""


class Malformed(BadRequest):
    """The query cannot be read, or asks for what is not done here; says where (from 1)."""

    title = "A fault in the query"

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        self.line, self.column, self.message = line, column, message
        where = ("query", line, column) if line else ("query",)
        super().__init__([Problem(where, message, rule="sparql")])

    def __str__(self) -> str:
        where = f"Line {self.line}, column {self.column}: " if self.line else ""
        return where + self.message


class TooCostly(Invalid):
    """The query came to a limit.

    422 and not 503 or 504: asking the same again would end the same way, and programs ask
    again by themselves after a 5xx.
    """

    title = "The query costs too much"


def too_long(seconds: float) -> TooCostly:
    """The query came to the limit of time."""
    return TooCostly(
        f"The query took longer than {seconds:g} s. Narrow it, for example by a class, a "
        "property or LIMIT; for everything there is, take /dump.nt.gz."
    )


class Busy(Unavailable):
    """As many queries as may run at once are running."""


class Broken(CatalogueError):
    """The store gave an answer that cannot be read."""

    status = 502
    title = "The store does not answer properly"
