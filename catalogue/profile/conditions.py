"""Conditions in the property table: ``access_rights is NON_PUBLIC``.

Grammar::

    condition  = test { "and" test }
    test       = name "is" [ "not" ] ( CODE | "true" | "false" | "missing" | "given" )

``CODE`` is the notation of a concept.  An exception to an obligation reads
``mandatory if access_rights is NON_PUBLIC; recommended if …``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalogue.errors import FaultyTable

_TEST = re.compile(r"(\w+) is (not )?([\w-]+)\Z")


@dataclass(frozen=True)
class Test:
    """One test of one property."""

    name: str
    negated: bool
    expected: str

    def holds(self, document: Mapping[str, object], code_of: Callable[[str], str]) -> bool:
        """Whether a document passes; ``code_of`` gives a concept's notation."""
        value = document.get(self.name)
        if self.expected in ("missing", "given"):
            found = (value in (None, "", [], {})) == (self.expected == "missing")
        elif self.expected in ("true", "false"):
            found = value is (self.expected == "true")
        else:
            values = value if isinstance(value, list) else [value]
            found = any(isinstance(one, str) and code_of(one) == self.expected for one in values)
        return found != self.negated


@dataclass(frozen=True)
class Condition:
    """Tests that must all hold; none at all always holds."""

    tests: tuple[Test, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a condition; raises :class:`FaultyTable` if it cannot be read."""
        tests = []
        for part in text.split(" and "):
            if not (match := _TEST.match(part.strip())):
                raise FaultyTable(
                    f'cannot read the condition "{text}"; write it like "access_rights is PUBLIC"'
                )
            tests.append(Test(match[1], bool(match[2]), match[3]))
        return cls(tuple(tests))

    def holds(self, document: Mapping[str, object], code_of: Callable[[str], str]) -> bool:
        """Whether every test holds for a document."""
        return all(test.holds(document, code_of) for test in self.tests)

    def __str__(self) -> str:
        return " and ".join(
            f"{test.name} is {'not ' if test.negated else ''}{test.expected}" for test in self.tests
        )
