"""How references inside a document become addresses, and back.

A document never holds the address the catalogue is served at: it refers to another
record as ``id/agent/inserm`` and to its own parts as ``#distribution-1``.  So a
catalogue can move to another address without a change to any record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_RECORDS = "id/"
_PART = re.compile(r"#[a-z][a-z-]*-[0-9]+\Z")


@dataclass(frozen=True)
class Names:
    """The names inside one record.

    ``base`` is the public address of the catalogue, with a slash at its end;
    ``record`` the reference or IRI of the record itself.
    """

    base: str
    record: str = ""

    def of(self, record: str) -> Names:
        """The names inside another record."""
        return Names(self.base, record)

    def absolute(self, reference: str) -> str:
        """The IRI of a reference: ``#x`` of a part, ``id/…`` of a record, or any IRI as it is."""
        if reference.startswith("#"):
            return self.absolute(self.record) + reference
        if reference.startswith(_RECORDS):
            return self.base + reference
        return reference

    def relative(self, iri: str) -> str:
        """The reference of an IRI: the inverse of :meth:`absolute`."""
        own = self.absolute(self.record)
        if own and iri.startswith(own + "#"):
            return iri[len(own) :]
        if iri.startswith(self.base + _RECORDS):
            return iri[len(self.base) :]
        return iri


def anchor_of(part: Any) -> str:
    """Where a part stands on the page of its record; empty if it has no name that lasts."""
    name = part.get("id") if isinstance(part, Mapping) else None
    return name[1:] if isinstance(name, str) and _PART.match(name) else ""


def section_slug(section: str) -> str:
    """The name of a section in addresses of the form and of the page."""
    return re.sub(r"[^a-z0-9]+", "-", section.lower()).strip("-")


def is_record(reference: str) -> bool:
    """Whether a reference is to a record of this catalogue."""
    return reference.startswith(_RECORDS)
