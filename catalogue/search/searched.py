"""What one kind of thing can be searched by: its texts, facets, ranges and names.

Datasets are searched by the rows of the property table, variables by their own few fields;
planner and finder read both alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.profile import Profile
from catalogue.profile.values import ConceptValue
from catalogue.search.tree import Fields
from catalogue.vocabulary import Vocabularies


@dataclass(frozen=True)
class Faceted:
    """A facet: what people call it, and the vocabulary of its values, if it has one."""

    label: str
    scheme: str = ""


@dataclass(frozen=True)
class Searched:
    """What things of a kind can be searched by.

    ``boosts`` are the full-text fields with their weights, ``names`` those that tell what a
    thing is called; ``counted`` are the facets that are counted of each kind in its index;
    ``nearly`` tells that with few hits those that fulfil most are named too.
    """

    kind: str
    vocabularies: Vocabularies
    boosts: Mapping[str, float]
    facets: Mapping[str, Faceted]
    ranges: tuple[str, ...]
    names: Fields
    counted: Mapping[str, tuple[str, ...]]
    nearly: bool = True


def datasets(profile: Profile) -> Searched:
    """What datasets can be searched by: the rows of a profile."""
    return Searched(
        "dataset",
        profile.vocabularies,
        profile.boosts,
        {
            name: Faceted(
                one.label, one.value.vocabulary.name if isinstance(one.value, ConceptValue) else ""
            )
            for name, one in profile.facets.items()
        },
        tuple(profile.ranges),
        frozenset(
            one.name
            for one in profile.records["dataset"].stored
            if one.column == "title" or one.name == "alternative"
        ),
        {kind: tuple(found) for kind, found in profile.facets_by_kind.items()},
    )
