"""Foreign RDF, read and split into descriptions in a process that may be killed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from catalogue.children import Child, Died, NotStarting
from catalogue.errors import Problem, Unavailable
from catalogue.harvest.naming import Place
from catalogue.harvest.reading import Remote
from catalogue.harvest.rulebook import Rulebook
from catalogue.harvest.splitting import Split, split
from catalogue.profile import Profile
from catalogue.profile.shape import MOST_VALUES
from catalogue.profile.values import Nested, Reference
from catalogue.terms import Statement, Statements, iri

if TYPE_CHECKING:
    from catalogue.harvest.fetch import Fetched

log = structlog.get_logger()

#: What the process may take: bytes of memory; seconds, and more for each million bytes to read.
MEMORY, SECONDS, _SECONDS_EACH = 1_000_000_000, 60.0, 2.0
_NAMES = (
    "http://xmlns.com/foaf/0.1/name",
    "http://www.w3.org/2006/vcard/ns#fn",
    "http://www.w3.org/2006/vcard/ns#organization-name",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://www.w3.org/2000/01/rdf-schema#label",
    "https://schema.org/name",
    "http://schema.org/name",
    "http://purl.org/dc/terms/title",
    "http://purl.org/dc/elements/1.1/title",
)


@dataclass(frozen=True)
class SourceDocument:
    """A document as a source sent it.

    ``address`` is where it was, which relative addresses in it begin from.  ``id`` is what the
    protocol calls the one entry of the document, where it does (OAI-PMH).  ``charset`` is what
    was said of its encoding.  ``parts`` are documents of their own that tell more of what this
    one describes (the distributions of a dataset): they are read together with it, as one.
    """

    content: bytes
    content_type: str
    address: str
    id: str = ""
    charset: str = ""
    parts: tuple[SourceDocument, ...] = ()

    @classmethod
    def of(cls, fetched: Fetched, id: str = "") -> SourceDocument:
        """The document that was fetched."""
        return cls(fetched.content, fetched.content_type, fetched.address, id, fetched.charset)


@dataclass(frozen=True)
class Parsed:
    """What a document says.

    ``found`` are its descriptions.  ``paging`` is what it says of its pages and its members
    (``hydra:``, ``ldp:``, ``void:``, ``dcat:dataset`` …), as terms of N-Triples; ``mentioned``
    the IRIs of datasets that it names without describing them.  ``problems`` are of the document
    itself; ``whole`` is false if not all of it could be read.
    """

    found: tuple[Remote, ...] = ()
    paging: Statements = field(default_factory=Statements)
    mentioned: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    whole: bool = True


class Parser:
    """Reads documents; ``base`` is our public address, ``salt`` the key of the source."""

    def __init__(
        self,
        profile: Profile,
        base: str,
        salt: str,
        memory: int = MEMORY,
        seconds: float = SECONDS,
    ) -> None:
        self.profile = profile
        self._rules = rulebook_of(profile)
        self._base, self._salt = base, salt
        self._memory, self._seconds = memory, seconds
        self._child: Child | None = None
        self._alone = threading.Lock()

    def read(self, documents: Sequence[SourceDocument]) -> Sequence[Parsed]:
        """What some documents say, in their order; small ones are best read together."""
        if not documents:
            return []
        with self._alone:
            try:
                return self._asked(documents)
            except _Ended as ended:
                if len(documents) == 1:
                    return [Parsed(problems=(str(ended),), whole=False)]
        # One of them is to blame; the others must not suffer from it.
        return [parsed for one in documents for parsed in self.read([one])]

    def remotes(self, statements: Sequence[Statement], id: str = "", address: str = "") -> Parsed:
        """What statements say that we made ourselves from another format, in this process."""
        lines = [" ".join((*statement, ".")) for statement in statements]
        return _parsed(
            split(lines, self._rules, Place(self._base, self._salt, address, id)), whole=True
        )

    def close(self) -> None:
        """End the process that parses."""
        with self._alone:
            self._end()

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def _asked(self, documents: Sequence[SourceDocument]) -> list[Parsed]:
        """What the child says.  Raises :class:`_Ended`."""
        body = b"".join(piece.content for one in documents for piece in (one, *one.parts))
        question = {
            "base": self._base,
            "salt": self._salt,
            "documents": [_head(one) for one in documents],
        }
        seconds = self._seconds + _SECONDS_EACH * len(body) / 1e6
        said, raws = self._answer({**question, "seconds": seconds}, body, seconds)
        if said["is"] == "memory":
            raise _Ended(self._too_much())
        return _read(said["documents"], raws)

    def _answer(
        self, question: Mapping[str, Any], body: bytes, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        again = False
        while True:
            try:
                return self._living().ask(question, seconds, body)
            except TimeoutError:
                self._end()
                raise _Ended(f"It takes longer than {seconds:.0f} seconds to read.") from None
            except Died as died:
                self._end()
                # One that nobody asked for long had just gone to rest.
                if died.status or again:
                    raise _Ended(self._why(died)) from None
                again = True
            except BaseException:
                self._end()  # what it says now would be taken for the next answer
                raise

    def _living(self) -> Child:
        """The process; a new one is told the rules."""
        if self._child is not None and not self._child.lives:
            self._end()
        if self._child is None:
            self._child = Child("catalogue.harvest.child", self._memory)
            try:
                self._child.ask({"rules": self._rules.json(), "seconds": 30}, 30)
            except (NotStarting, TimeoutError, Died) as error:
                log.error("a process for reading documents does not start", exc_info=error)
                raise Unavailable("The process that reads documents does not start.", 60) from None
        return self._child

    def _too_much(self) -> str:
        return (
            f"It needs more than {self._memory // 1_000_000:,} MB of memory to read; have the "
            "source give smaller pages."
        )

    def _why(self, died: Died) -> str:
        said = died.why.casefold()
        if died.status == -signal.SIGALRM:
            return "It takes too long to read."
        if "memory" in said or "bad_alloc" in said:
            return self._too_much()
        if died.status == -signal.SIGSEGV or "stack" in said:
            return "It is nested too deeply."
        log.error("the process that reads documents ended", status=died.status, said=died.why)
        return "It ended the process that read it."


class _Ended(Exception):
    """The process did not live to answer; the words say why."""


def rulebook_of(profile: Profile) -> Rulebook:
    """What splitting has to know of a profile."""
    kinds = {shape.name: kind for kind, shape in profile.records.items()}
    rows = [one for shape in profile.values() for one in shape]
    nested = [(one.predicate, one.value) for one in rows if isinstance(one.value, Nested)]
    titles = {
        one.predicate
        for shape in profile.records.values()
        for one in shape
        if one.column == "title"
    }
    classes = [iri(one) for shape in profile.values() for one in (shape.class_, *shape.also)]
    listing = profile["Catalogue"]
    return Rulebook(
        classes={
            iri(class_): kind
            for kind, shape in profile.records.items()
            for class_ in (*shape.also, shape.class_)
        },
        class_of={kind: iri(shape.class_) for kind, shape in profile.records.items()},
        references={
            one.predicate: kinds[one.value.targets[0]]
            for one in rows
            if isinstance(one.value, Reference) and not one.derived
        },
        members=frozenset(
            one.predicate for one in listing if one.derived and isinstance(one.value, Reference)
        ),
        parts=frozenset(predicate for predicate, _ in nested),
        distributions=frozenset(
            predicate for predicate, value in nested if value.values == "Distribution"
        ),
        titles=frozenset(titles),
        names=frozenset({*titles, *map(iri, _NAMES)}),
        vocabulary=frozenset({*classes, *(one.predicate for one in rows)}),
        most=MOST_VALUES,
        prefixes=dict(profile.prefixes),
        context=profile.context(),
    )


def _head(document: SourceDocument) -> dict[str, Any]:
    """What the child has to know of a document besides its content."""
    return {
        "content_type": document.content_type,
        "address": document.address,
        "id": document.id,
        "charset": document.charset,
        "size": len(document.content),
        "parts": [_head(one) for one in document.parts],
    }


def _read(said: Sequence[Mapping[str, Any]], raws: bytes) -> list[Parsed]:
    """What a child says of documents."""
    parsed: list[Parsed] = []
    at = 0
    for document in said:
        found: list[Remote] = []
        for id, kind, address, digest, title, size, problems in document["found"]:
            told = tuple(Problem(**{**one, "path": tuple(one["path"])}) for one in problems)
            raw = raws[at : at + size]
            found.append(Remote(id, kind, address, raw, digest, "rdf", title, told))
            at += size
        parts = Split(
            found,
            [(subject, predicate, object_) for subject, predicate, object_ in document["paging"]],
            document["mentioned"],
            document["problems"],
        )
        parsed.append(_parsed(parts, whole=document["whole"]))
    return parsed


def _parsed(parts: Split, *, whole: bool) -> Parsed:
    return Parsed(
        tuple(parts.found),
        Statements(parts.paging),
        tuple(parts.mentioned),
        tuple(parts.problems),
        whole,
    )
