"""Records like another one: those that share what it is about, the rare before the common.

What a record is about are those of its concept facets that weigh most in searches; each value
counts by its rarity (inverse document frequency).  What weighs less, such as country or kind of
source, counts once a facet: ten countries in common do not outweigh the disease.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalogue.profile import Profile
from catalogue.profile.values import ConceptValue
from catalogue.search.engine import Reader, Request
from catalogue.search.tree import And, Boost, Node, Or, Tagged

#: From this weight on a property tells what the data are about, and not only whence they come.
_TELLING = 3
#: How many values of a facet are looked at.
_MOST_VALUES = 12


def similar(
    reader: Reader, profile: Profile, record: int, facets: Mapping[str, Sequence[str]], most: int
) -> list[int]:
    """The published datasets most like one with these facet values, the most alike first.

    Each of them shares something that it is about, and something else besides.
    """
    about: list[Node] = []
    beside: list[Node] = []
    for name, one in profile.facets.items():
        values = facets.get(name, ())[:_MOST_VALUES]
        if not (one.boost and values and isinstance(one.value, ConceptValue)):
            continue
        if one.boost < _TELLING:
            beside.append(Boost(Tagged(name, frozenset(values)), one.boost))
        else:
            about += [Boost(Tagged(name, frozenset({each})), one.boost) for each in values]
    if not about:
        return []
    wanted = And((Or(tuple(about)), Or((*about, *beside), 2)))
    found = reader.find(Request(wanted, limit=most + 1))
    return [one for one in found.records if one != record][:most]
