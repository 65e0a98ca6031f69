"""Documents fetched one by one for a page of ours: had, parsed, and told of if they failed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from catalogue.errors import Problem
from catalogue.harvest.fetch import Fetcher, FetchError
from catalogue.harvest.parsing import Parsed, Parser, SourceDocument
from catalogue.harvest.readers.documents import Got, get
from catalogue.harvest.readers.hydra import reached
from catalogue.harvest.readers.links import host_of
from catalogue.harvest.reading import Remote

#: A page of ours ends early where its documents took so many bytes.
_LONGEST = 20_000_000
#: What a server says of something that is not there any more, rather than not just now.
GONE = (404, 410)


@dataclass
class Gathered:
    """Documents by the name each was asked for as; what could not be had; what is left to ask."""

    got: dict[str, Got] = field(default_factory=dict)
    failed: list[Remote] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    left: tuple[str, ...] = ()
    is_sure: bool = True

    def content(self, name: str) -> bytes:
        """What a document holds; nothing if it could not be had."""
        return self.got[name].answer.content if name in self.got else b""


@dataclass(frozen=True)
class Read:
    """A document and what is in it; ``asked`` is what it was asked for as."""

    asked: str
    got: Got
    parsed: Parsed

    @property
    def address(self) -> str:
        """Where it was in the end."""
        return self.got.answer.address

    @property
    def iris(self) -> set[str]:
        """What it describes."""
        return {one.iri for one in self.parsed.found}

    def is_of(self, iri: str) -> bool:
        """Whether it is the document of something, and not only one that tells of it."""
        return is_same(iri, self.address, self.asked)


def is_same(iri: str, *addresses: str) -> bool:
    """Whether an IRI leads to the document of one of some addresses."""
    plain = iri.partition("#")[0]
    return any(reached(plain, one)[0] == one.partition("#")[0] for one in addresses)


def is_here(iri: str, read: Read, source: str) -> bool:
    """Whether something is to be had from a source itself, in another document than this."""
    host = host_of(iri)
    ours = {host_of(one) for one in (read.address, source)}
    return bool(host) and host in ours and not is_same(iri, read.address)


def gather(fetcher: Fetcher, names: Sequence[str], at: Callable[[str], str] = str) -> Gathered:
    """The documents of some addresses; ``at`` tells where one is to be asked for.

    It is not sure of all if something could not be had that is there perhaps.
    """
    gathered, size = Gathered(), 0
    for position, name in enumerate(names):
        if size > _LONGEST:
            gathered.left = tuple(names[position:])
            break
        try:
            got = get(fetcher, at(name))
        except FetchError as error:
            if error.status == 410:
                gathered.deleted.append(name)
            else:
                gathered.failed.append(failure(name, str(error)))
            gathered.is_sure = gathered.is_sure and error.status in GONE
        else:
            gathered.got[name] = got
            size += len(got.answer.content)
    return gathered


def parsed(parser: Parser, got: Iterable[Got]) -> Sequence[Parsed]:
    """What each document says."""
    documents = [SourceDocument.of(one.answer) for one in got]
    return parser.read(documents) if documents else ()


def failure(id: str, reason: str) -> Remote:
    """A dataset of which it is only known why it could not be read."""
    return Remote(id, "dataset", id, b"", "", problems=(Problem((), reason, rule="fetch"),))


def digest_of(pieces: Iterable[tuple[str, bytes]]) -> str:
    """The digest of some contents, each with a name or with none."""
    digest = hashlib.sha256()
    for name, content in pieces:
        digest.update(name.encode() + content)
    return digest.hexdigest()
