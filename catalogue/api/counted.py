"""What an answer counts: the values of facets, the classes of ranges, and the silent ones."""

from __future__ import annotations

from collections.abc import Collection
from heapq import nlargest
from typing import Any

from catalogue.api import labels
from catalogue.api.answers import Written, object_of
from catalogue.api.items import plain
from catalogue.profile.values import Reference
from catalogue.search.finder import Answer
from catalogue.search.language import span_of
from catalogue.search.query import NOT_STATED, Query
from catalogue.web.current import catalogue
from catalogue.web.results import classes_of


def facets(query: Query, found: Answer, names: Collection[str], most: int) -> Written:
    """The facets asked for, with their commonest values.

    A chosen value is among the values even where none has it.
    """
    told = [one for one in catalogue.profile.facets if one in names]
    best = {name: _best(query, found, name, most) for name in told}
    labels.remember(
        value
        for name in told
        if isinstance(catalogue.profile.facets[name].value, Reference)
        for value, _ in best[name]
    )
    return object_of({name: _facet(found, name, best[name]) for name in told})


def _best(query: Query, found: Answer, name: str, most: int) -> list[tuple[str, int]]:
    counts = found.counts.get(name, {})
    best = list(counts.items())
    if len(best) > most:
        best = nlargest(most, best, key=lambda pair: (pair[1], pair[0]))
    missed = query.chosen.get(name, frozenset()) - {value for value, _ in best} - {NOT_STATED}
    return best + [(value, counts.get(value, 0)) for value in sorted(missed)]


def _facet(found: Answer, name: str, best: list[tuple[str, int]]) -> Written:
    one = catalogue.profile.facets[name]
    label = labels.labeller(one)
    told = [(label(value), count) for value, count in best]
    told.sort(key=lambda each: (-each[1], each[0]["label"].casefold()))
    values = ",".join(f'{{{value.members},"count":{count}}}' for value, count in told)
    return object_of(
        {
            "label": one.label,
            "values": Written(f"[{values}]"),
            "not_stated": found.missing.get(name, 0),
            "left_out": max(0, len(found.counts.get(name, {})) - len(best)),
        }
    )


def ranges(found: Answer, names: Collection[str]) -> dict[str, Any]:
    """The ranges asked for, in classes; ``value`` of a class narrows a search to it."""
    told: dict[str, Any] = {}
    for name, one in catalogue.profile.ranges.items():
        if name not in names:
            continue
        counts = found.classes.get(name, [0] * len(one.edges))
        classes = []
        for (value, label), count in zip(classes_of(one), counts, strict=True):
            low, high = span_of(value) or (None, None)
            classes.append(
                {
                    "value": value,
                    "label": label,
                    "from": None if low is None else plain(low),
                    "to": None if high is None else plain(high),
                    "count": count,
                }
            )
        told[name] = {
            "label": one.label,
            "unit": one.unit,
            "classes": classes,
            "not_stated": found.missing.get(name, 0),
        }
    return told
