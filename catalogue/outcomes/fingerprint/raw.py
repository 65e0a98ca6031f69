"""The exact numbers of an export, added up; they live in memory while one request lasts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from catalogue.outcomes.fingerprint.reading import Export, Row, read, whole

#: Bands of age are ten years wide; the last one has no end.
BAND, LAST_BAND = 10, 90
BANDS = tuple(range(0, LAST_BAND + 1, BAND))
_OLDEST, _FIRST_YEAR = 130, 1850
#: The sexes as the common data model numbers them; every other answer is "other".
FEMALE, MALE, OTHER = "female", "male", "other"
_SEXES = {"8532": FEMALE, "8507": MALE, "f": FEMALE, "m": MALE, FEMALE: FEMALE, MALE: MALE}
#: Numbers from here on are local: they mean nothing elsewhere and may tell whose they are.
_LOCAL = 2_000_000_000
#: How a cell of people is addressed: the beginning of a band (none if not told), and a sex.
Cell = tuple[int | None, str]
AnyCell = TypeVar("AnyCell")
#: The tables of people there may be, best first; of the first that is there all is made.
TABLES = ("age_by_sex", "birth_by_sex", "age", "birth", "sex", "persons")


@dataclass(repr=False, slots=True)
class Concept:
    """What is counted of one concept."""

    persons: int | None = None
    records: int | None = None
    name: str = ""


@dataclass(repr=False)
class Raw:
    """Everything that is needed of an export, exactly."""

    tables: dict[str, dict[Cell, int]] = field(default_factory=dict)
    births: dict[str, dict[tuple[int, str], int]] = field(default_factory=dict)
    distributions: dict[str, tuple[int, Mapping[str, float]]] = field(default_factory=dict)
    lengths: dict[int, int] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)
    domains: dict[str, int] = field(default_factory=dict)
    concepts: dict[tuple[str, int], Concept] = field(default_factory=dict)
    #: Records without a standard concept, by domain.
    unmapped: dict[str, int] = field(default_factory=dict)
    deaths: int | None = None
    versions: dict[str, str] = field(default_factory=dict)
    #: What was left out, to be told to whoever uploads: rows, never numbers.
    notes: list[str] = field(default_factory=list)

    @property
    def year(self) -> int:
        """The year of the release, else the last year that people were observed in."""
        for name in ("cdm_release_date", "source_release_date"):
            if said := self.versions.get(name):
                return int(said[:4])
        return max(self.years, default=date.today().year)


def add_up(content: bytes, export: Export) -> Raw:
    """The numbers of a file; what is wrong with a row is told to ``export``."""
    raw, seen = Raw(), dict[tuple[int, tuple[str, ...]], int]()
    for row in read(content, export):
        key = (row.analysis.number, row.strata[: _keys(row)])
        if key in seen:
            export.fault(row.number, f"says the same as row {seen[key]} once more.")
            continue
        seen[key] = row.number
        if fault := _TAKERS[row.analysis.feeds](raw, row):
            export.fault(row.number, fault)
    for name, births in raw.births.items():
        raw.tables.setdefault(name, _ages(births, raw.year))
    return raw


def _keys(row: Row) -> int:
    """How many strata tell one row of an analysis from another."""
    feeds = row.analysis.feeds
    if feeds in ("persons", "version") or row.analysis.is_distribution:
        return 0
    return 2 if feeds in ("age_by_sex", "birth_by_sex") else 1


def _persons(raw: Raw, row: Row) -> str:
    raw.tables["persons"] = {(None, ""): row.count}
    return ""


def _sex(raw: Raw, row: Row) -> str:
    _add(raw.tables.setdefault("sex", {}), (None, _sex_of(row.strata[0])), row.count)
    return ""


def _age(raw: Raw, row: Row, sex: str = "", place: int = 0) -> str:
    table = raw.tables.setdefault(row.analysis.feeds, {})
    said = row.strata[place]
    age = whole(said.removeprefix("-"))
    if age is None:
        return f"stratum_{place + 1} is not an age."
    if said.startswith("-") or age > _OLDEST:
        raw.notes.append(f"Row {row.number} has an age that nobody reaches; it is left out.")
        return ""
    _add(table, (band_of(age), sex), row.count)
    return ""


def _age_by_sex(raw: Raw, row: Row) -> str:
    return _age(raw, row, _sex_of(row.strata[0]), 1)


def _birth(raw: Raw, row: Row, sex: str = "") -> str:
    year = whole(row.strata[0])
    if year is None:
        return "stratum_1 is not a year."
    if not _FIRST_YEAR <= year <= date.today().year:
        raw.notes.append(f"Row {row.number} has a year of birth that cannot be; it is left out.")
        return ""
    _add(raw.births.setdefault(row.analysis.feeds, {}), (year, sex), row.count)
    return ""


def _birth_by_sex(raw: Raw, row: Row) -> str:
    return _birth(raw, row, _sex_of(row.strata[1]))


def _distribution(raw: Raw, row: Row) -> str:
    if row.percentiles:
        raw.distributions[row.analysis.feeds] = (row.count, row.percentiles)
    return ""


def _length(raw: Raw, row: Row) -> str:
    steps = whole(row.strata[0].removeprefix("-"))
    if steps is None:
        return "stratum_1 is not a number of steps of 30 days."
    if not row.strata[0].startswith("-"):
        raw.lengths[steps] = row.count
    return ""


def _year(raw: Raw, row: Row) -> str:
    year = whole(row.strata[0])
    if year is None:
        return "stratum_1 is not a year."
    if not _FIRST_YEAR <= year <= date.today().year + 1:
        raw.notes.append(f"Row {row.number} has a year that cannot be; it is left out.")
        return ""
    raw.years[year] = row.count
    return ""


def _domain_persons(raw: Raw, row: Row) -> str:
    raw.domains[row.analysis.domain] = row.count
    return ""


def _concept(raw: Raw, row: Row) -> str:
    number, domain = whole(row.strata[0]), row.analysis.domain
    if number is None:
        return "stratum_1 is not the number of a concept."
    of_records = row.analysis.feeds == "concept_records"
    if number == 0:
        if of_records:
            raw.unmapped[domain] = row.count
        return ""
    concept = raw.concepts.setdefault((domain, number), Concept())
    if of_records:
        concept.records = row.count
    else:
        concept.persons = row.count
    concept.name = concept.name or clean(row.name, 200)
    return ""


def _deaths(raw: Raw, row: Row) -> str:
    raw.deaths = (raw.deaths or 0) + row.count
    return ""


def _version(raw: Raw, row: Row) -> str:
    for name, said in zip(
        ("source_release_date", "cdm_release_date"), row.strata[1:3], strict=True
    ):
        if day := _day(said):
            raw.versions[name] = day
        elif said:
            raw.notes.append(f"Row {row.number}: the {name.replace('_', ' ')} is not a date.")
    for name, said in zip(("cdm_version", "vocabulary_version"), row.strata[3:5], strict=True):
        if said := clean(said, 60):
            raw.versions[name] = said.removeprefix("v") if name == "cdm_version" else said
    return ""


_TAKERS: Mapping[str, Callable[[Raw, Row], str]] = {
    "persons": _persons,
    "sex": _sex,
    "age": _age,
    "age_by_sex": _age_by_sex,
    "birth": _birth,
    "birth_by_sex": _birth_by_sex,
    "age_distribution": _distribution,
    "observation_distribution": _distribution,
    "observation_length": _length,
    "year": _year,
    "domain_persons": _domain_persons,
    "concept_persons": _concept,
    "concept_records": _concept,
    "deaths": _deaths,
    "version": _version,
}


def band_of(age: int) -> int:
    """The beginning of the band that an age is in."""
    return min(age // BAND * BAND, LAST_BAND)


def end_of(band: int) -> int | None:
    """The last age of a band, by its first; None if it has no end."""
    return None if band == LAST_BAND else band + BAND - 1


def is_local(concept: int) -> bool:
    """Whether a concept is one that somebody made for themselves."""
    return concept >= _LOCAL


def clean(text: str, most: int) -> str:
    """A text of a file in one line, without what no text may hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def _ages(births: Mapping[tuple[int, str], int], year: int) -> dict[Cell, int]:
    table: dict[Cell, int] = {}
    for (born, sex), count in births.items():
        _add(table, (band_of(min(max(year - born, 0), _OLDEST)), sex), count)
    return table


def _add(table: dict[AnyCell, int], cell: AnyCell, count: int) -> None:
    table[cell] = table.get(cell, 0) + count


def _sex_of(said: str) -> str:
    return _SEXES.get(said.casefold().removesuffix(".0"), OTHER)


def _day(said: str) -> str:
    found = re.match(r"(\d{4})-?(\d{2})-?(\d{2})(?:\D|$)", said)
    if not found:
        return ""
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return ""
