"""From exact numbers to a fingerprint: what is few is taken out, then everything is rounded.

One table of people is told, never two: what one hides, a second cut of the same people could
give away.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.errors import Invalid, Problem
from catalogue.outcomes.fingerprint import reading
from catalogue.outcomes.fingerprint.analyses import DOMAINS
from catalogue.outcomes.fingerprint.before import Before
from catalogue.outcomes.fingerprint.privacy import FEW, Number, Rule
from catalogue.outcomes.fingerprint.raw import (
    BANDS,
    FEMALE,
    MALE,
    OTHER,
    TABLES,
    Cell,
    Concept,
    Raw,
    add_up,
    end_of,
    is_local,
)

#: A fingerprint as it is kept and told: plain JSON, rounded.
Fingerprint = dict[str, Any]
#: How many concepts of each domain are kept, the commonest.
MOST_CONCEPTS = 50
#: The lengths of observation, in years, of which is told what share reaches them.
REACHED = (1, 2, 5, 10, 20)
#: What an age may be the age at, and what it is in each table of people.
AT_FIRST, IN_YEAR = "first-observation", "year-of-release"
_BASIS = {
    "age_by_sex": AT_FIRST,
    "age": AT_FIRST,
    "birth_by_sex": IN_YEAR,
    "birth": IN_YEAR,
}
_SHARE, _STEP_DAYS, _YEAR_DAYS = 5, 30, 365.25
#: Of fewer records no share of mapped ones is told.
_LEAST_RECORDS = 1_000
_SEXES = (FEMALE, MALE, OTHER)


@dataclass(frozen=True)
class Made:
    """A fingerprint, and what is to be said of the file it is made of."""

    fingerprint: Fingerprint
    notes: Sequence[str] = ()
    unknown: Sequence[int] = ()
    rows: int = 0


def make(content: bytes, minimum: int, before: Fingerprint | None = None) -> Made:
    """The fingerprint of a file, after the one that was released before, if one was.

    Raises what is wrong with the file, all at once; nothing of it is kept then.
    """
    export = reading.Export()
    raw = add_up(content, export)
    if export.faulty:
        more = export.faulty - len(export.faults)
        told = [*export.faults, *([f"And {more:,} rows more."] if more > 0 else [])]
        raise Invalid(Problem(("file",), one, rule="row") for one in told)
    rule = Rule(minimum)
    return Made(
        protected(raw, rule, before),
        tuple(dict.fromkeys(raw.notes))[:20],
        tuple(sorted(export.unknown)),
        export.needed,
    )


def protected(raw: Raw, rule: Rule, before: Fingerprint | None = None) -> Fingerprint:
    """The fingerprint of exact numbers."""
    old = Before(before)
    basis = next((one for one in TABLES if raw.tables.get(one)), "")
    if not basis:
        raise Invalid(
            "The file says nothing of how many people there are. Export analysis 1, or better "
            "102, people by sex and age."
        )
    table = raw.tables[basis]
    cells = {cell: rule.settled(table.get(cell, 0), old.cells, cell) for cell in _cells(table)}
    shown = {cell: table.get(cell, 0) for cell, told in cells.items() if told is not FEW}
    people = sum(shown.values())
    sexes = list(_sexes(cells, shown, rule, old))
    least = sum(_least_of(one["sex"], one["persons"], cells, rule) for one in sexes)
    persons = rule.total(people, least or rule.least(cells.values()), old.persons, "")
    if people < rule.least_people or persons is FEW:
        raise Invalid(
            f"A fingerprint is made of {rule.least_people:,} people or more; of fewer it would "
            "tell too much of each. Describe them in words instead."
        )
    domains, concepts = _domains(raw, rule, old, people, persons)
    return {
        "minimum": rule.minimum,
        # What was few stays few until it is clearly more.
        "few": rule.minimum if before is None else 2 * rule.minimum,
        "persons": persons,
        "age_basis": _BASIS.get(basis, ""),
        "sexes": sexes,
        "ages": list(_ages(cells)),
        "age": _percentiles(raw, "age_distribution", rule, 1, 1),
        "observation_years": _percentiles(raw, "observation_distribution", rule, _YEAR_DAYS, 0.5),
        "observed": list(_reached(raw.lengths, rule, old.shares)),
        "years": list(_years(raw.years, rule, old, people, persons)),
        "domains": domains,
        "concepts": concepts,
        "mapping_coverage": _mapped(raw, rule),
        **{
            name: raw.versions.get(name, "")
            for name in (
                "cdm_version",
                "vocabulary_version",
                "cdm_release_date",
                "source_release_date",
            )
        },
    }


# people -------------------------------------------------------------------------------


def _cells(table: Mapping[Cell, int]) -> Sequence[Cell]:
    """Every cell that is told of: those of which nothing is counted are few too."""
    banded = any(band is not None for band, _ in table)
    sexed = any(sex for _, sex in table)
    return [
        (band, sex)
        for band in (BANDS if banded else (None,))
        for sex in (_SEXES if sexed else ("",))
    ]


def _sexes(
    cells: Mapping[Cell, Number], shown: Mapping[Cell, int], rule: Rule, old: Before
) -> Iterator[dict[str, Any]]:
    for sex in _SEXES if any(sex for _, sex in cells) else ():
        if (None, sex) in cells:
            told = cells[None, sex]
        else:
            count = sum(number for (_, one), number in shown.items() if one == sex)
            told = rule.total(count, rule.least(_of(sex, cells)), old.sexes, sex)
        if sex != OTHER or told is not FEW:
            yield {"sex": sex, "persons": told}


def _least_of(sex: str, told: Number, cells: Mapping[Cell, Number], rule: Rule) -> int:
    """How many people of a sex there are at the least, after all that is told."""
    least = rule.least(_of(sex, cells))
    return least if (None, sex) in cells else rule.least_of_total(told, least)


def _of(sex: str, cells: Mapping[Cell, Number]) -> list[Number]:
    return [told for (_, one), told in cells.items() if one == sex]


def _ages(cells: Mapping[Cell, Number]) -> Iterator[dict[str, Any]]:
    with_other = any(told is not FEW for (_, sex), told in cells.items() if sex == OTHER)
    for (band, sex), told in cells.items():
        if band is not None and (sex != OTHER or with_other):
            yield {"from": band, "to": end_of(band), "sex": sex, "persons": told}


def _years(
    years: Mapping[int, int], rule: Rule, old: Before, people: int, persons: int
) -> Iterator[dict[str, Any]]:
    """People by year; years of few at either end are not told of, for they date single people."""
    everywhere = {*years, *(old.years or ())}
    if not everywhere:
        return
    told = {
        year: _at_most(
            rule.settled(min(years.get(year, 0), people), old.years, year),
            persons,
        )
        for year in range(min(everywhere), max(everywhere) + 1)
    }
    kept = [year for year, number in told.items() if number is not FEW]
    for year in range(kept[0], kept[-1] + 1) if kept else ():
        yield {"year": year, "persons": told[year]}


def _at_most(told: Number, persons: int) -> Number:
    """Nobody counts more people than there are, also where one number stayed and one moved on."""
    return told if told is FEW else min(told, persons)


def _percentiles(raw: Raw, name: str, rule: Rule, unit: float, step: float) -> dict[str, float]:
    """A distribution in steps; without the least and the greatest value, which are of one person."""
    count, found = raw.distributions.get(name, (0, {}))
    if count < rule.least_distribution or not all(one in found for one in reading.PERCENTILES):
        return {}
    rounded = [round(found[one] / unit / step) * step for one in reading.PERCENTILES]
    if rounded != sorted(rounded) or rounded[0] < 0 or rounded[-1] > 150:
        raw.notes.append("A distribution whose percentiles cannot be is left out.")
        return {}
    return {
        one: int(value) if float(value).is_integer() else value
        for one, value in zip(reading.PERCENTILES, rounded, strict=True)
    }


def _reached(
    lengths: Mapping[int, int], rule: Rule, old: Mapping[Hashable, Number] | None
) -> Iterator[dict[str, Any]]:
    """What share is observed so many years at least: shares, because counts would add up to all."""
    total = sum(lengths.values())
    if total < rule.least_shares:
        return
    for years in REACHED:
        steps = -(-int(years * _YEAR_DAYS) // _STEP_DAYS)
        share = 100 * sum(n for step, n in lengths.items() if step >= steps) / total
        percent = round(share / _SHARE) * _SHARE
        before = (old or {}).get(years)
        if before is not None and abs(share - before) < _SHARE:
            percent = before
        yield {"years": years, "percent": percent}


# domains ------------------------------------------------------------------------------


def _domains(
    raw: Raw, rule: Rule, old: Before, people: int, persons: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []
    concepts: list[dict[str, Any]] = []
    for domain in DOMAINS:
        if domain == "death":
            if raw.deaths is not None:
                number = rule.settled(min(raw.deaths, people), old.domain_persons, domain)
                number = _at_most(number, persons)
                told.append(_domain(domain, number, number, 0))
            continue
        own = {number: one for (where, number), one in raw.concepts.items() if where == domain}
        if not own and domain not in raw.domains:
            continue
        found = list(_concepts(domain, own, rule, old, people, persons))
        listed = {one["concept"] for one in found}
        records = sum(one.records or 0 for number, one in own.items() if number in listed)
        counted = any(one.records is not None for one in own.values())
        known = domain in raw.domains
        told.append(
            _domain(
                domain,
                _at_most(
                    rule.settled(min(raw.domains[domain], people), old.domain_persons, domain),
                    persons,
                )
                if known
                else FEW,
                rule.total(
                    records,
                    rule.least(one["records"] for one in found),
                    old.domain_records,
                    domain,
                )
                if counted
                else FEW,
                len(found),
                persons_known=known,
                records_known=counted,
            )
        )
        common = [one for one in found if not is_local(one["concept"])]
        # By what is told, not by what is counted: the order must not tell more.
        common.sort(
            key=lambda one: (-(one["persons"] or 0), -(one["records"] or 0), one["concept"])
        )
        concepts += common[:MOST_CONCEPTS]
    return told, concepts


def _domain(
    domain: str,
    persons: Number,
    records: Number,
    concepts: int,
    *,
    persons_known: bool = True,
    records_known: bool = True,
) -> dict[str, Any]:
    return {
        "domain": domain,
        "persons": persons,
        "persons_known": persons_known,
        "records": records,
        "records_known": records_known,
        "concepts": concepts,
    }


def _concepts(
    domain: str,
    own: Mapping[int, Concept],
    rule: Rule,
    old: Before,
    people: int,
    persons: int,
) -> Iterator[dict[str, Any]]:
    """The concepts of a domain of which anything is told; one that few people have is not named."""
    for number, one in own.items():
        key = (domain, number)
        told = records = FEW
        if one.persons is not None:
            told = rule.settled(min(one.persons, people), old.concept_persons, key)
            if told is FEW:
                continue
        if one.records is not None:
            records = rule.settled(one.records, old.concept_records, key)
            if records is FEW and told is FEW:
                continue
        yield {
            "domain": domain,
            "concept": number,
            "name": one.name,
            "persons": _at_most(told, persons),
            "records": records,
        }


def _mapped(raw: Raw, rule: Rule) -> int | None:
    """The share of records with a standard concept, in whole percent; None if nobody can tell.

    A file that leaves out what was not mapped does not say that everything was.
    """
    unmapped = {name: n for name, n in raw.unmapped.items() if rule.told(n) is not FEW}
    if not unmapped:
        return None
    mapped = sum(
        one.records or 0
        for (domain, _), one in raw.concepts.items()
        if domain in unmapped
        and rule.told(one.records or 0) is not FEW
        and (one.persons is None or rule.told(one.persons) is not FEW)
    )
    total = mapped + sum(unmapped.values())
    return None if total < _LEAST_RECORDS else int(100 * mapped / total)
