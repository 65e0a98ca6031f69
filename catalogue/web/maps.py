"""A map of countries as geometry: how many there are of something in each.

Pure.  The outlines are those of Natural Earth in one small file (``docs/make_outlines.py``
makes it); Europe fills the frame, and every other place is told beside the map.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

#: The frame that the outlines are drawn in.
WIDTH, HEIGHT = 1000, 1030
#: How dark the country with the fewest and the one with the most are; both keep ink legible.
_LIGHTEST, _DARKEST = 0.12, 0.45
_COUNTRY = "http://publications.europa.eu/resource/authority/country/"


@dataclass(frozen=True)
class Outline:
    """One country of the file: its path, and the point where a number fits best."""

    code: str
    x: int
    y: int
    small: bool
    path: str


@dataclass(frozen=True)
class Place:
    """One place with its number; ``outline`` is None where it is not on the map."""

    value: str
    name: str
    count: int
    address: str
    chosen: bool
    shade: float
    outline: Outline | None = None

    @property
    def words(self) -> str:
        """What the place is called for those who listen."""
        said = f"{self.name}: {self.count:,} {'dataset' if self.count == 1 else 'datasets'}"
        return f"{said}, chosen" if self.chosen else said


@dataclass(frozen=True)
class CountryMap:
    """Every place with its number, the greatest first, and the land around them."""

    places: Sequence[Place]
    land: Sequence[Outline]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def drawn(self) -> Sequence[Place]:
        """The places on the map."""
        return [one for one in self.places if one.outline]

    @property
    def beyond(self) -> Sequence[Place]:
        """The places that are not on the map: other continents, regions, all of Europe."""
        return [one for one in self.places if not one.outline]


def country_map(
    counts: Mapping[str, int],
    label: Callable[[str], str],
    address: Callable[[str], str],
    chosen: Collection[str] = (),
) -> CountryMap:
    """The map of how many datasets each place has; places are named by their concepts.

    A chosen place stays although nothing is there, so that it can be let go.
    """
    known = outlines()
    found = [value for value, count in counts.items() if count > 0 or value in chosen]
    found += [value for value in chosen if value not in counts]
    on_map = {value: known.get(value.removeprefix(_COUNTRY)) for value in found}
    most = max((counts.get(value, 0) for value in found if on_map[value]), default=0)
    places = [
        Place(
            value,
            label(value),
            (count := counts.get(value, 0)),
            address(value),
            value in chosen,
            _shade(count, most),
            on_map[value],
        )
        for value in found
    ]
    places.sort(key=lambda one: (-one.count, one.name.casefold()))
    shown = {one.outline.code for one in places if one.outline}
    return CountryMap(places, [one for code, one in known.items() if code not in shown])


@cache
def outlines() -> Mapping[str, Outline]:
    """The outlines of the file by the codes of the countries."""
    text = Path(__file__).with_name("outlines.csv").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {
        row["code"]: Outline(
            row["code"],
            int(row["x"]),
            int(row["y"]),
            row["small"] == "yes",
            Markup(row["path"]),  # noqa: S704 - a file of ours; long, and drawn on every page
        )
        for row in csv.DictReader(lines)
    }


def _shade(count: int, most: int) -> float:
    """How dark a count is: by its root, or the greatest one would leave all others pale."""
    return round(_LIGHTEST + (_DARKEST - _LIGHTEST) * math.sqrt(count / max(most, 1)), 3)
