"""What splitting a document has to know of the profile: little, so that a process can begin at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from catalogue.harvest.misspelt import spellings


@dataclass(frozen=True)
class Rulebook:
    """Terms are N-Triples, where nothing else is said.

    ``classes`` give the kind of record of each class, ``class_of`` the class of each kind,
    ``references`` the kind of record that a predicate refers to, ``members`` the predicates by
    which a catalogue lists, ``parts`` those that lead to a part, ``distributions`` those that
    lead to a distribution, ``vocabulary`` all properties and classes.  ``titles`` and ``names`` are what things are called by.  ``most`` is
    how often one property may be stated.  ``prefixes`` and the JSON-LD ``context`` are those of
    the profile.
    """

    classes: Mapping[str, str]
    class_of: Mapping[str, str]
    references: Mapping[str, str]
    members: frozenset[str]
    parts: frozenset[str]
    distributions: frozenset[str]
    titles: frozenset[str]
    names: frozenset[str]
    vocabulary: frozenset[str]
    most: int
    prefixes: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """What misspelt terms are looked up in."""
        return spellings(self.vocabulary)

    def json(self) -> dict[str, Any]:
        """The rulebook as JSON."""
        return {k: sorted(v) if isinstance(v, frozenset) else v for k, v in asdict(self).items()}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Rulebook:
        """The rulebook in some JSON."""
        values: dict[str, Any] = {
            key: frozenset(value) if isinstance(value, list) else value
            for key, value in said.items()
        }
        return cls(**values)

    def shrink(self, term: str) -> str:
        """A predicate as people write it."""
        value = term[1:-1]
        for prefix, namespace in self.prefixes.items():
            if value.startswith(namespace) and len(value) > len(namespace):
                return f"{prefix}:{value[len(namespace) :]}"
        return value
