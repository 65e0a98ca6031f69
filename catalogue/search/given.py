"""Queries as people and programs give them: values by code, by label, by slug or by IRI."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from catalogue.profile import Names, Profile
from catalogue.profile.values import ConceptValue, Reference
from catalogue.search.query import NOT_STATED, Query, parse

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*\Z")


def query_of(
    parameters: Iterable[tuple[str, str]],
    profile: Profile,
    size: int,
    base: str = "",
    *,
    also: Collection[str] = (),
    kind: str = "dataset",
) -> Query:
    """The query for records of a kind in some parameters; raises :class:`BadRequest`.

    Parameters named in ``also`` are left to the caller.
    """
    facets = profile.facets_by_kind[kind]
    ranges = profile.ranges if kind == "dataset" else ()
    return parse(meant(parameters, profile, base, kind), facets, ranges, size, also, kind)


def meant(
    parameters: Iterable[tuple[str, str]], profile: Profile, base: str = "", kind: str = "dataset"
) -> Iterator[tuple[str, str]]:
    """The parameters with every concept and record by the value that the index knows.

    So a country may be given as ``SWE`` or ``Sweden``, and an organisation by its slug or its
    full IRI below the address ``base``.
    """
    facets = profile.facets_by_kind[kind]
    for name, value in parameters:
        one = facets.get(name)
        if one is None or value.strip() == NOT_STATED:
            yield name, value
        elif isinstance(one.value, ConceptValue):
            yield name, one.value.resolve(value) or value
        elif isinstance(one.value, Reference):
            yield name, _record(one.value, value.strip(), profile, base)
        else:
            yield name, value


def record_of(kind: str, value: str, base: str = "") -> str:
    """The reference of a record that is given by its slug, or by its IRI below ``base``."""
    return f"id/{kind}/{value}" if _SLUG.match(value) else Names(base).relative(value)


def _record(reference: Reference, value: str, profile: Profile, base: str) -> str:
    if len(reference.targets) == 1:
        return record_of(profile[reference.targets[0]].path, value, base)
    return Names(base).relative(value)
