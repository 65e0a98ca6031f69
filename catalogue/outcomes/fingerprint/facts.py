"""What a released fingerprint states of a dataset, for the questions that datasets are held against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.outcomes.fingerprint.privacy import ROUNDING


def facts(fingerprint: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """From–to by the name of the criterion, only for what is stated.

    People are a range: what is rounded up to 5,000 may be 4,901.  Ages are those that four
    fifths of the people are of, if that is told, else the bands that are told of.
    """
    found: dict[str, tuple[float, float]] = {}
    if persons := fingerprint.get("persons"):
        found["number_of_unique_individuals"] = (persons - ROUNDING + 1, persons)
    if ages := ages_of(fingerprint):
        found["typical_age"] = ages
    years = [one["year"] for one in fingerprint.get("years", ()) if one["persons"] is not None]
    if years:
        found["year"] = (min(years), max(years))
    if (median := fingerprint.get("observation_years", {}).get("median")) is not None:
        found["follow_up_median_years"] = (median, median)
    return found


def ages_of(fingerprint: Mapping[str, Any]) -> tuple[int, int] | None:
    """The usual ages: the tenth and ninetieth percentile, else the bands that are told of."""
    if age := fingerprint.get("age"):
        return int(age["p10"]), int(age["p90"])
    told = [one for one in fingerprint.get("ages", ()) if one["persons"] is not None]
    if not told:
        return None
    last = max(told, key=lambda one: one["from"])
    return min(one["from"] for one in told), last["to"] or last["from"] + 9
