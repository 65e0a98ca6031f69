"""Adding the records of a scope up: counts, points and the first of each kind of problem.

Of each record only numbers are kept, so a report holds no text of anybody: titles and messages
are looked up when a page is drawn, of what is public then.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np

from catalogue.preflight.assess import SEVERITIES, Assessed, Fault, measured
from catalogue.preflight.measures import MEASURES, SOUND, UNKNOWN, YES

#: So many records are named for each kind of problem.
FIRST = 50
_IDENTIFIER = "identifier"


@dataclass
class Group:
    """One kind of problem: how many records have it, how often, and the first of them."""

    records: int = 0
    places: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, record: int, places: int) -> None:
        """Take a record in that has it in some places."""
        self.records += 1
        self.places += places
        if len(self.first) < FIRST:
            self.first.append(record)


class Sum:
    """A report that is being made."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._sound: Counter[str] = Counter()
        self._severities: Counter[str] = Counter()
        self._measures = [[0, 0] for _ in MEASURES]
        self._groups: dict[tuple[str, str, str, str], Group] = {}
        # Sixteen bytes a record: what is the same twice is only known at the end.
        self._hashes, self._numbers = array("q"), array("q")
        self._kind_of = array("b")
        self._kind_names: list[str] = []

    def add(
        self,
        record: int,
        kind: str,
        assessed: Assessed,
        more: Iterable[Fault],
        *,
        listed: bool = True,
    ) -> None:
        """Take a record in; ``more`` is what its references come to.

        One that is not ``listed`` is the catalogue itself: its problems count, it does not.
        """
        faults = [*assessed.faults, *more]
        places = Counter((one.severity, one.rule, one.where) for one in faults)
        for (severity, rule, where), number in places.items():
            key = (severity, rule, where, kind)
            self._groups.setdefault(key, Group()).add(record, number)
        if not listed:
            return
        severities = {one.severity for one in faults}
        sound = "violation" not in severities
        self._kinds[kind] += 1
        self._sound[kind] += sound
        self._severities.update(severities)
        for counts, letter in zip(self._measures, measured(assessed, sound=sound), strict=False):
            counts[0] += letter == YES
            counts[1] += letter == UNKNOWN
        self._remember(record, kind, assessed, sound=sound)

    def _remember(self, record: int, kind: str, assessed: Assessed, *, sound: bool) -> None:
        if kind not in self._kind_names:
            self._kind_names.append(kind)
        place = self._kind_names.index(kind) * 2 + sound
        for identifier in dict.fromkeys(assessed.identifiers):
            digest = blake2b(identifier.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            self._hashes.append(int.from_bytes(digest, "big", signed=True))
            self._numbers.append(record)
            self._kind_of.append(place)

    def _twice(self) -> Iterator[tuple[int, int]]:
        """The records that share an identifier with another: their places, by number."""
        hashes = np.frombuffer(self._hashes, dtype=np.int64)
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        same = ordered[1:] == ordered[:-1]
        shared = np.zeros(len(order), dtype=bool)
        shared[1:] |= same
        shared[:-1] |= same
        seen: set[int] = set()
        for place in np.sort(order[shared]):
            if (number := self._numbers[place]) not in seen:
                seen.add(number)
                yield number, int(place)

    def content(self) -> dict[str, Any]:
        """The report."""
        if len(self._hashes):
            for number, place in self._twice():
                which, sound = divmod(self._kind_of[place], 2)
                kind = self._kind_names[which]
                key = ("violation", "identifier-twice", _IDENTIFIER, kind)
                self._groups.setdefault(key, Group()).add(number, 1)
                if sound:  # it was counted as one that breaks no rule
                    self._sound[kind] -= 1
                    self._severities["violation"] += 1
                    if kind == "dataset":
                        self._measures[SOUND][0] -= 1
        rank: dict[str, int] = {severity: place for place, severity in enumerate(SEVERITIES)}
        groups = sorted(
            self._groups.items(), key=lambda one: (rank[one[0][0]], -one[1].records, one[0])
        )
        return {
            "kinds": dict(self._kinds),
            "sound": dict(self._sound),
            "severities": dict(self._severities),
            "measures": self._measures,
            "groups": [
                {
                    "severity": severity,
                    "rule": rule,
                    "where": where,
                    "kind": kind,
                    "records": group.records,
                    "places": group.places,
                    "first": group.first,
                }
                for (severity, rule, where, kind), group in groups
            ],
        }
