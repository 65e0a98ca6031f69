"""The numbers that were released before, which new ones are held against."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from catalogue.outcomes.fingerprint.privacy import Number
from catalogue.outcomes.fingerprint.raw import Cell


class Before:
    """The numbers of the release before, by what they are of; all None if there is none."""

    def __init__(self, before: Mapping[str, Any] | None) -> None:
        def numbers(part: str, *keys: str, value: str) -> Mapping[Hashable, Number] | None:
            if before is None:
                return None
            return {
                tuple(one[key] for key in keys) if len(keys) > 1 else one[keys[0]]: one[value]
                for one in before[part]
            }

        self.persons = None if before is None else {"": before["persons"]}
        self.cells: Mapping[Cell, Number] | None = None
        if before is not None:
            sexes: dict[Cell, Number] = {
                (None, one["sex"]): one["persons"] for one in before["sexes"]
            }
            ages: dict[Cell, Number] = {
                (one["from"], one["sex"]): one["persons"] for one in before["ages"]
            }
            self.cells = ages or sexes or {(None, ""): before["persons"]}
        self.sexes = numbers("sexes", "sex", value="persons")
        self.years = numbers("years", "year", value="persons")
        self.shares = numbers("observed", "years", value="percent")
        self.domain_persons = numbers("domains", "domain", value="persons")
        self.domain_records = numbers("domains", "domain", value="records")
        self.concept_persons = numbers("concepts", "domain", "concept", value="persons")
        self.concept_records = numbers("concepts", "domain", "concept", value="records")
