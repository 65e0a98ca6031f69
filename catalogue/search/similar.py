"""Records like another one: those that share most of what it is about, the rare before the common.

What a record is about are its concept facets that are searched; a value that few records have
weighs more (inverse document frequency), so two registries of one rare disease are more alike
than two cohorts of one country.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalogue.profile import Profile
from catalogue.profile.values import ConceptValue
from catalogue.search.engine import Reader, Request
from catalogue.search.tree import Or, Tagged

#: How many values are looked at: those that say most come first in the profile.
_MOST_VALUES = 24


def similar(
    reader: Reader, profile: Profile, record: int, facets: Mapping[str, Sequence[str]], most: int
) -> list[int]:
    """The published datasets most like one with these facet values, the most alike first.

    None of them shares only one value: the country alone makes nothing alike.
    """
    telling = [
        Tagged(name, frozenset({value}))
        for name, one in profile.facets.items()
        if one.boost and isinstance(one.value, ConceptValue)
        for value in facets.get(name, ())
    ][:_MOST_VALUES]
    if len(telling) < 2:
        return []
    found = reader.find(Request(Or(tuple(telling), 2), limit=most + 1))
    return [one for one in found.records if one != record][:most]
