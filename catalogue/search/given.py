"""Queries as people and programs give them: values by code, by label, by slug or by IRI."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from catalogue.profile import Names, Profile
from catalogue.profile.values import ConceptValue, Reference
from catalogue.search.query import NOT_STATED, Query, parse

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*\Z")


@dataclass(frozen=True)
class Given:
    """Reads queries: a country may be given as ``SWE`` or ``Sweden``, an organisation by its slug.

    Full IRIs of records lie below ``base``; ``iri_of`` gives the IRI of the published record of
    a kind that has a slug, or nothing.
    """

    profile: Profile
    base: str
    iri_of: Callable[[str, str], str]

    def query(
        self,
        parameters: Iterable[tuple[str, str]],
        size: int,
        *,
        also: Collection[str] = (),
        kind: str = "dataset",
    ) -> Query:
        """The query for records of a kind in some parameters; raises :class:`BadRequest`.

        Parameters named in ``also`` are left to the caller.
        """
        facets = self.profile.facets_by_kind[kind]
        ranges = self.profile.ranges if kind == "dataset" else ()
        return parse(self.meant(parameters, kind), facets, ranges, size, also, kind)

    def meant(
        self, parameters: Iterable[tuple[str, str]], kind: str = "dataset"
    ) -> Iterator[tuple[str, str]]:
        """The parameters with every concept and record by the value that the index knows."""
        facets = self.profile.facets_by_kind[kind]
        for name, value in parameters:
            one = facets.get(name)
            if one is None or value.strip() == NOT_STATED:
                yield name, value
            elif isinstance(one.value, ConceptValue):
                yield name, one.value.resolve(value) or value
            elif isinstance(one.value, Reference):
                kinds = [self.profile[target].path for target in one.value.targets]
                yield name, self.record(kinds, value.strip())
            else:
                yield name, value

    def record(self, kinds: Iterable[str], value: str) -> str:
        """The reference of a record of one of some kinds that is given by its slug or IRI."""
        if _SLUG.match(value):
            return next(filter(None, (self.iri_of(kind, value) for kind in kinds)), value)
        return Names(self.base).relative(value)
