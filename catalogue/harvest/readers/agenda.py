"""What a reader that walks from document to document still has before it.

The place of such a reader must stay small though a source may list a hundred thousand
documents.  So only the next of them are in it.  Documents of a list are taken in the order of
their addresses, and where more are listed than are kept ahead, the list is read again after the
last one: what was added or removed meanwhile shifts nothing, and a list of 100,000 is read a
hundred times in 5,000 pages.  At most :data:`AHEAD` addresses of documents, :data:`MOST` lists
and as many digests of lists that were read are kept: some 100 kB at the usual length of
addresses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from catalogue.harvest.reading import Place

#: So many addresses of documents are kept; so many documents are read for one page.
AHEAD, BATCH = 1_000, 20
#: So many lists may wait, and so many are remembered, in one walk.
MOST = 2_000


@dataclass(frozen=True)
class Listing:
    """A document that lists others, to be read for those whose addresses come ``after`` one."""

    address: str
    after: str = ""


@dataclass(frozen=True)
class Agenda:
    """The documents to be read next, then the lists; ``seen`` are digests of lists read."""

    documents: tuple[str, ...] = ()
    lists: tuple[Listing, ...] = ()
    seen: tuple[str, ...] = ()

    @classmethod
    def at(cls, place: Place) -> Agenda:
        """The agenda that a place holds."""
        return cls(
            tuple(place.get("documents", ())),
            tuple(Listing(*one) for one in place.get("lists", ())),
            tuple(place.get("seen", ())),
        )

    @property
    def place(self) -> Place | None:
        """It as a place; None if nothing is left to be read."""
        if not self.documents and not self.lists:
            return None
        lists = [[one.address, one.after] if one.after else [one.address] for one in self.lists]
        told = {"documents": list(self.documents), "lists": lists, "seen": list(self.seen)}
        return {name: value for name, value in told.items() if value}

    @property
    def is_full(self) -> bool:
        """Whether more lists were met than can be kept."""
        return len(self.lists) >= MOST or len(self.seen) >= MOST

    def batch(self, size: int = BATCH) -> tuple[tuple[str, ...], Agenda]:
        """The documents to be read now, and what is left."""
        return self.documents[:size], replace(self, documents=self.documents[size:])

    def before(self, documents: Iterable[str]) -> Agenda:
        """It with documents to be read before the others."""
        return replace(self, documents=(*documents, *self.documents))

    def first(self) -> tuple[Listing, Agenda]:
        """The list to be read now, and what is left."""
        return self.lists[0], replace(self, lists=self.lists[1:])

    def having(self, address: str) -> Agenda:
        """It with a list that has been read."""
        return replace(self, seen=(*self.seen, _digest(address))[:MOST])

    def has_read(self, address: str) -> bool:
        """Whether a list was read before."""
        return _digest(address) in self.seen

    def next(self, address: str) -> Agenda:
        """It with a list to be read before the others."""
        return replace(self, lists=(Listing(address), *self.lists)[:MOST])

    def listed(
        self, listing: Listing, documents: Iterable[str], lists: Iterable[str] = ()
    ) -> Agenda:
        """It with what a list holds, or as much as can be kept and the list again."""
        inner = {one for one in lists if not self.has_read(one)} - {listing.address}
        rest = sorted(one for one in {*documents, *inner} if one > listing.after)
        kept = rest[:AHEAD]
        again = [Listing(listing.address, kept[-1])] if len(rest) > AHEAD else []
        waiting = {one.address for one in self.lists}
        more = [Listing(one) for one in kept if one in inner and one not in waiting]
        queue = (*self.lists, *more, *again) if more else (*again, *self.lists)
        found = [one for one in kept if one not in inner and one not in self.documents]
        return replace(self, documents=(*self.documents, *found), lists=queue[:MOST])


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:16]
