"""Values of criteria as people and programs give them: by code, by label, by slug or by IRI."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from catalogue.profile import Names, Profile
from catalogue.profile.values import ConceptValue, Reference
from catalogue.search.query import NOT_STATED

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*\Z")


def meant(
    parameters: Iterable[tuple[str, str]], profile: Profile, base: str = ""
) -> Iterator[tuple[str, str]]:
    """The parameters with every concept and record by the value that the index knows.

    So a country may be given as ``SWE`` or ``Sweden``, and an organisation by its slug or its
    full IRI below the address ``base``.
    """
    for name, value in parameters:
        one = profile.facets.get(name)
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
