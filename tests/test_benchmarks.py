"""What is measured is what could be there."""

from __future__ import annotations

import runpy
from pathlib import Path

RECORDS = Path(__file__).parents[1] / "benchmarks" / "records.py"


def test_the_datasets_that_benchmarks_make_could_be_published(profile):
    made = runpy.run_path(str(RECORDS))["described"](profile, 300)
    shape = profile.records["dataset"]
    for key, document in made:
        loaded, faults = shape.load(document)
        wrong = [one for one in shape.problems(loaded) if one.severity == "violation"]
        assert not faults, key
        assert not wrong, (key, wrong)
