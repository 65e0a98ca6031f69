"""Documents fetched one by one for a page of ours: had, parsed, and told of if they failed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from catalogue.errors import Problem
from catalogue.harvest.fetch import Fetcher, FetchError
from catalogue.harvest.parsing import Parsed, Parser, SourceDocument
from catalogue.harvest.readers.documents import Got, get
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


def gather(fetcher: Fetcher, names: Sequence[str], reached: Callable[[str], str] = str) -> Gathered:
    """The documents of some addresses; ``reached`` is where one is to be asked for.

    It is not sure of all if something could not be had that is there perhaps.
    """
    gathered, size = Gathered(), 0
    for position, name in enumerate(names):
        if size > _LONGEST:
            gathered.left = tuple(names[position:])
            break
        try:
            got = get(fetcher, reached(name))
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
