"""The profiles under which records can be had: the one in force, and every narrower one.

A narrower profile is one that the profile in force extends, or one that keeps some namespaces
of such a profile (``narrows`` in its ``profile.toml``).  Nothing is said twice: a record is
described by the narrower profile's own rows.
Source: Content Negotiation by Profile, https://www.w3.org/TR/dx-prof-conneg/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from catalogue.profile import Profile
from catalogue.profile.tables import names_below
from catalogue.rdf.graph import Graphs

#: One entry of ``Accept-Profile``: an IRI in angle brackets, or a bare one or token; its weight.
_ENTRY = re.compile(r"""(?:<([^<>]*)>|"([^"]*)"|([^\s,;<>"]+))(?:\s*;\s*q\s*=\s*([0-9.]+))?[^,]*""")
#: A header longer than this is not a wish.
_LONGEST = 1_000


class Profiles(Mapping[str, Graphs]):
    """The profiles by token (the name of their folder), the one in force first."""

    def __init__(self, graphs: Graphs, narrower: Mapping[str, Profile]) -> None:
        self.in_force = graphs
        self._graphs = {graphs.profile.name: graphs}
        self._graphs.update({name: graphs.under(one) for name, one in narrower.items()})
        self._by_name: dict[str, Graphs] = {}
        for token, one in self._graphs.items():
            header = one.profile.tables.headers[-1]
            for name in (token, header.iri, *header.also):
                self._by_name.setdefault(name, one)

    @classmethod
    def read(cls, graphs: Graphs, folder: Path) -> Profiles:
        """Read what is below the profile in force; raises ``FaultyTable`` with every fault."""
        profile = graphs.profile
        return cls(
            graphs,
            {
                name: Profile.read(folder, name, profile.vocabularies)
                for name in names_below(folder, profile.tables)
            },
        )

    def __getitem__(self, token: str) -> Graphs:
        return self._graphs[token]

    def __iter__(self) -> Iterator[str]:
        return iter(self._graphs)

    def __len__(self) -> int:
        return len(self._graphs)

    def named(self, name: str) -> Graphs | None:
        """The profile with a token or IRI; None if there is none."""
        return self._by_name.get(name)

    def negotiate(self, accept: str) -> Graphs:
        """The profile that an ``Accept-Profile`` header prefers; the one in force if none fits.

        The specification answers what is unknown with the default, not with an error.
        """
        best, most = self.in_force, 0.0
        for match in _ENTRY.finditer(accept[:_LONGEST]):
            found = self.named(match[1] or match[2] or match[3] or "")
            weight = _weight(match[4])
            if found is not None and weight > most:
                best, most = found, weight
        return best


def _weight(text: str | None) -> float:
    """A weight from 0 to 1; 1 if none is given, 0 if it is no number."""
    try:
        return min(float(text), 1.0) if text else 1.0
    except ValueError:
        return 0.0
