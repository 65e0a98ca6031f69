"""Addresses for the records of a document that are blank nodes: the same at every reading.

An organisation is known by its name, a dataset by its identifier, a service by where it is
asked.  What has nothing of that cannot be known again.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from catalogue.harvest.canonical import canonical
from catalogue.harvest.sheet import AGENT, CATALOGUE, DATASET, DCAT, DCT, SERVICE, Sheet
from catalogue.terms import is_blank

IDENTIFIER = f"<{DCT}identifier>"
_ENDPOINT = f"<{DCAT}endpointURL>"
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Place:
    """Where a document is from, and what it is read for.

    ``base`` is our public address, ``salt`` the key of the source, ``address`` the document's
    own; ``id`` what the protocol calls the one entry of the document, where it does.
    ``broken`` says that not all of the document could be read; ``last`` are then the nodes that
    were read last, the latest first, unless it is known that nothing of them is missing;
    ``lost`` those of which something is missing for certain.  ``early`` says that it ended
    before its end, so that anything may have come after it.
    """

    base: str
    salt: str
    address: str = ""
    id: str = ""
    broken: bool = False
    last: tuple[str, ...] = ()
    lost: frozenset[str] = frozenset()
    early: bool = False


class Naming:
    """What the records of a document are called.

    ``terms`` give blank ones their address; ``nameless`` have none.  ``entry`` is the node that
    the document is about.
    """

    def __init__(self, sheet: Sheet, place: Place) -> None:
        self._sheet, self._place = sheet, place
        self.entry = self._entry() if place.id else ""
        self.terms: dict[str, str] = {}
        self.nameless: set[str] = set()
        self._ids: dict[str, str] = {}
        for node, kind in sheet.kinds.items():
            if is_blank(node):
                self._name(node, kind)
        if self.entry:
            self._ids[self.term(self.entry)] = place.id

    def term(self, node: str) -> str:
        """What a node is called here."""
        return self.terms.get(node, node)

    def id(self, term: str) -> str:
        """What the source calls a record, for good."""
        return self._ids.get(term, term[1:-1])

    def content(self, node: str) -> str:
        """A digest of all that is said of a node."""
        lines = [line for one in self._sheet.closure(node) for _, _, line in self._sheet.about[one]]
        return _digest("\n".join(canonical(lines)))

    def _name(self, node: str, kind: str) -> None:
        identity = self._identity(node, kind)
        if not identity:
            self.nameless.add(node)
            return
        digest = _digest("\0".join((self._place.salt, kind, identity)))[:15]
        self.terms[node] = f"<{self._place.base}id/{kind}/h{digest}>"
        if kind != AGENT:
            self._ids[self.terms[node]] = identity

    def _identity(self, node: str, kind: str) -> str:
        """What tells a blank record from others of its kind; "" if nothing does."""
        if kind == AGENT:
            name = self._sheet.called(node, self._sheet.rules.names)
            return _SPACE.sub(" ", name).casefold()
        if node == self.entry:
            return self._place.id
        found = self._sheet.texts(node, IDENTIFIER) if kind != CATALOGUE else []
        if kind == SERVICE:
            found = found or self._sheet.texts(node, _ENDPOINT) or [self.content(node)]
        return found[0] if found else ""

    def _entry(self) -> str:
        """The first dataset that has a title, or whatever else is described."""
        titles = self._sheet.rules.titles
        told = [
            node
            for node, kind in self._sheet.kinds.items()
            if kind != AGENT and self._sheet.called(node, titles)
        ]
        return min(told, key=lambda node: self._sheet.kinds[node] != DATASET, default="")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
