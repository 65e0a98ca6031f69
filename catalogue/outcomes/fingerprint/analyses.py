"""The analyses of an export that are known, and what each of them feeds: a table beside this file.

Numbers and meanings are those of the OHDSI tools; an analysis that is not in the table is
reported, not refused, for the tools grow.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Where the concepts of the standard vocabularies have their addresses, by their numbers.
CONCEPTS = "https://athena.ohdsi.org/search-terms/terms/"
#: The domains, in the order they are shown in, with what they are called.
DOMAINS: Mapping[str, str] = {
    "condition": "Conditions",
    "drug": "Drugs",
    "measurement": "Measurements",
    "procedure": "Procedures",
    "observation": "Observations",
    "visit": "Visits",
    "death": "Deaths",
}


@dataclass(frozen=True)
class Analysis:
    """One analysis; ``feeds`` is empty if nothing of it is kept."""

    number: int
    feeds: str
    domain: str
    label: str

    @property
    def is_distribution(self) -> bool:
        """Whether percentiles are read of it, and one row is all of it."""
        return self.feeds.endswith("_distribution")


def _read() -> Mapping[int, Analysis]:
    with (Path(__file__).parent / "analyses.csv").open(encoding="utf-8", newline="") as file:
        return {
            int(row["analysis"]): Analysis(
                int(row["analysis"]), row["feeds"], row["domain"], row["label"]
            )
            for row in csv.DictReader(file)
        }


#: Every analysis by its number.
ANALYSES = _read()
