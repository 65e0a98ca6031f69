"""What a reader gives: pages of descriptions, from whatever protocol a source speaks.

A reader holds no state: where it goes on is said in the place that came with the page before,
which is JSON and kept in the database, so any worker can go on at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from catalogue.errors import CatalogueError, Problem

Place = Mapping[str, Any]
_MINTED = re.compile(r"id/[a-z]+/h[0-9a-f]{15}\Z")


def is_minted(reference: str) -> bool:
    """Whether we made a name ourselves, for what its source gave no address."""
    return bool(_MINTED.match(reference))


class Unreadable(CatalogueError):
    """A page cannot be had or understood, after all patience; the words say why.

    ``after`` is the place to go on at, if that is known all the same.
    """

    title = "Not readable"

    def __init__(self, message: str, after: Place | None = None) -> None:
        super().__init__(message)
        self.after = after


class Expired(CatalogueError):
    """The source has forgotten where we were: the run has to begin at the first page again."""

    title = "Begin again"


@dataclass(frozen=True)
class Remote:
    """One description as a source gives it.

    ``id`` is what the source calls it and never changes; ``iri`` its own address in RDF if it
    has one.  ``raw`` is the whole of it: canonical N-Triples (``form`` rdf) with whatever in it
    belongs to no other record, or the JSON of a document of ours (``form`` json).  ``hash``
    is the digest of that.  A description with ``problems`` of severity violation is not taken
    in, but told of; ``raw`` may be empty then.
    """

    id: str
    kind: str
    iri: str
    raw: bytes
    hash: str
    form: Literal["rdf", "json"] = "rdf"
    title: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page of a source.

    ``address`` is where it was read, for people.  ``next`` is the place of the page after it,
    None after the last.  ``total`` is how many descriptions the source says it has in all,
    ``named`` the ids of those that it says it lists and that are not described on the page.
    ``deleted`` are ids that the source says are gone.  ``problems`` are of the page itself;
    ``whole`` is false if something on it could not be read.
    """

    address: str
    found: Sequence[Remote]
    next: Place | None = None
    total: int | None = None
    named: Sequence[str] = ()
    deleted: Sequence[str] = ()
    problems: Sequence[str] = ()
    whole: bool = True
    digest: str = ""


class Reader(Protocol):
    """Reads one source."""

    def page(self, place: Place | None) -> Page:
        """The page at a place; the first one without.  Raises :class:`Unreadable`, :class:`Expired`."""


@dataclass(frozen=True)
class Asked:
    """What a reader is given: where the source is, and what was said about how to read it."""

    address: str
    options: Mapping[str, Any] = field(default_factory=dict)
