"""Foreign RDF: parsed and split into descriptions, in a process that may be killed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalogue.harvest.reading import Remote
from catalogue.terms import Statement, Statements

if TYPE_CHECKING:
    from catalogue.harvest.fetch import Fetched
    from catalogue.profile import Profile


@dataclass(frozen=True)
class SourceDocument:
    """A document as a source sent it.

    ``address`` is where it was, which relative addresses in it begin from.  ``id`` is what the
    protocol calls the one entry of the document, where it does (OAI-PMH).  ``charset`` is what
    was said of its encoding.
    """

    content: bytes
    content_type: str
    address: str
    id: str = ""
    charset: str = ""

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

    def __init__(self, profile: Profile, base: str, salt: str) -> None:
        self._base, self._salt = base, salt

    def read(self, documents: Sequence[SourceDocument]) -> Sequence[Parsed]:
        """What some documents say, in their order; small ones are best read together."""
        raise NotImplementedError

    def remotes(self, statements: Sequence[Statement], id: str = "") -> Parsed:
        """What statements say that we made ourselves from another format, in this process."""
        raise NotImplementedError

    def close(self) -> None:
        """End the process that parses."""
