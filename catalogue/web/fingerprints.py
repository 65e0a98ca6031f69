"""Fingerprints as pictures and words: the geometry of pyramids and time-lines, and what few is called.

Across, everything is a share of the width in percent, as in ``charts.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.outcomes.fingerprint.analyses import CONCEPTS as CONCEPTS
from catalogue.outcomes.fingerprint.analyses import DOMAINS as DOMAINS
from catalogue.outcomes.fingerprint.making import AT_FIRST, IN_YEAR
from catalogue.outcomes.fingerprint.raw import FEMALE, MALE, OTHER
from catalogue.outcomes.fingerprint.store import Released
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.web.charts import HEIGHT, LEAST, MOST_LABELS, share
from catalogue.web.current import catalogue, session

#: What a sum is called that is not told.
NOT_TOLD = "not told"
#: What the sexes are called.
SEXES: Mapping[str, str] = {
    FEMALE: "Women",
    MALE: "Men",
    OTHER: "Other or not stated",
    "": "People",
}
#: What an age is the age at.
BASIS: Mapping[str, str] = {
    AT_FIRST: "Age when the observation begins.",
    IN_YEAR: "Age in the year of the release, also of those who have died.",
}
#: How wide one side of a pyramid is, and where its two sides begin: percent.
_SIDE, _LEFT, _RIGHT = 33.0, 43.0, 57.0


def of(record: Record) -> Released | None:
    """The fingerprint of a record as far as the world sees it."""
    return spared(record, lambda: catalogue.fingerprints.of(session, record))


def few(fingerprint: Mapping[str, Any]) -> str:
    """What a count that is not told is called; a sum may be more than each of its parts."""
    return f"fewer than {fingerprint['few']}" if "few" in fingerprint else NOT_TOLD


@dataclass(frozen=True)
class Side:
    """One bar of a pyramid, with where its number stands."""

    sex: str
    persons: int | None
    x: float
    width: float

    @property
    def is_left(self) -> bool:
        """Whether it grows to the left."""
        return self.sex == FEMALE

    @property
    def end(self) -> float:
        """Where its number stands."""
        return round(self.x - 1, 2) if self.is_left else round(self.x + self.width + 1, 2)


@dataclass(frozen=True)
class Band:
    """One band of age: its label, its bars, and all that is told of it for the table."""

    label: str
    sides: Sequence[Side]
    told: Mapping[str, int | None]


def pyramid(fingerprint: Mapping[str, Any]) -> Sequence[Band]:
    """The bands of age, the oldest first; women to the left, men to the right.

    Where sexes are not told apart all bars grow to the right.
    """
    bands: dict[tuple[int, int | None], dict[str, int | None]] = {}
    for one in fingerprint.get("ages", ()):
        bands.setdefault((one["from"], one["to"]), {})[one["sex"]] = one["persons"]
    drawn = (FEMALE, MALE, "")
    most = max(
        (n or 0 for told in bands.values() for sex, n in told.items() if sex in drawn), default=0
    )
    found = []
    for (begin, end), told in sorted(bands.items(), key=lambda each: -each[0][0]):
        sides = []
        for sex in drawn:
            if sex in told:
                width = round(share(told[sex] or 0, most) * _SIDE / 100, 2)
                x = _LEFT - width if sex == FEMALE else _RIGHT
                sides.append(Side(sex, told[sex], round(x, 2), width))
        label = f"{begin} or older" if end is None else f"{begin}–{end}"
        found.append(Band(label, sides, told))
    return found


def sexes_of(bands: Sequence[Band]) -> Sequence[str]:
    """The sexes that a pyramid tells of, in the order of its table."""
    return [sex for sex in SEXES if any(sex in band.told for band in bands)]


@dataclass(frozen=True)
class Year:
    """One year of a time-line; ``label`` is empty where there is no room for it."""

    year: int
    persons: int | None
    label: str
    x: float
    width: float
    height: float

    @property
    def top(self) -> float:
        """Where its bar begins."""
        return HEIGHT - self.height

    @property
    def middle(self) -> float:
        """The middle of the bar, for its label."""
        return round(self.x + self.width / 2, 2)


def timeline(fingerprint: Mapping[str, Any]) -> Sequence[Year]:
    """The people of each year, as upright bars."""
    years = fingerprint.get("years", ())
    most = max((one["persons"] or 0 for one in years), default=0)
    slot = 100 / len(years) if years else 0.0
    step = -(-len(years) // MOST_LABELS) or 1
    return [
        Year(
            one["year"],
            one["persons"],
            str(one["year"]) if place % step == 0 else "",
            x=round((place + 0.06) * slot, 2),
            width=round(slot * 0.88, 2),
            height=round(max(HEIGHT * one["persons"] / most, LEAST), 1) if one["persons"] else 0.0,
        )
        for place, one in enumerate(years)
    ]


def by_domain(fingerprint: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """The concepts of each domain that has any."""
    for domain in DOMAINS:
        found = [one for one in fingerprint.get("concepts", ()) if one["domain"] == domain]
        if found:
            yield domain, found


def lines(fingerprint: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """Everything that is told, a line each: part, key, name, people, records, databases."""
    unsaid = few(fingerprint)
    silent = {
        one["domain"]
        for one in fingerprint.get("domains", ())
        if not one.get("persons_known", True)
    }

    def line(part: str, key: object, one: Mapping[str, Any], name: str = "") -> tuple[object, ...]:
        persons, records = one.get("persons"), one.get("records")
        if persons is None and not (part == "domain" and key in silent):
            persons = NOT_TOLD if part in ("sex", "people") else unsaid
        return part, key, name, persons or "", records or "", one.get("databases") or ""

    yield line("people", "all", {"persons": fingerprint.get("persons")})
    for one in fingerprint.get("sexes", ()):
        yield line("sex", one["sex"], one, SEXES[one["sex"]])
    for one in fingerprint.get("ages", ()):
        until = "" if one["to"] is None else one["to"]
        yield line("age", f"{one['from']} to {until}".strip(), one, SEXES[one["sex"]])
    for one in fingerprint.get("years", ()):
        yield line("year", one["year"], one)
    for one in fingerprint.get("domains", ()):
        yield line("domain", one["domain"], one, DOMAINS[one["domain"]])
    for one in fingerprint.get("concepts", ()):
        yield line("concept", f"{one['domain']} {one['concept']}", one, one["name"])
    for part in ("age", "observation_years"):
        for name, value in fingerprint.get(part, {}).items() if part in fingerprint else ():
            yield "percentile", f"{part} {name}", value, "", "", ""
    for one in fingerprint.get("observed", ()):
        yield "observed", f"{one['years']} years or more", f"{one['percent']} %", "", "", ""
    for name in ("cdm_version", "vocabulary_version", "cdm_release_date", "mapping_coverage"):
        if fingerprint.get(name) not in (None, ""):
            yield "release", name, fingerprint[name], "", "", ""


#: What the lines are of.
COLUMNS = ("part", "key", "name", "persons", "records", "databases")
