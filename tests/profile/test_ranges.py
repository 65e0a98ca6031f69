"""Ranges: which interval a description gives, and that a faulty row is named."""

import math
import shutil
from pathlib import Path

import pytest

from catalogue.errors import FaultyTable
from catalogue.profile import Profile

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "document", "interval"),
    [
        ("number_of_unique_individuals", {"number_of_unique_individuals": 0}, (0, 0)),
        ("number_of_unique_individuals", {}, None),
        ("year", {"temporal": [{"start_date": "2006-05"}]}, (2006, math.inf)),
        ("year", {"temporal": [{"end_date": "2010"}]}, (-math.inf, 2010)),
        (
            "year",
            {
                "temporal": [
                    {"start_date": "1990", "end_date": "1995"},
                    {"start_date": "2001-01-01", "end_date": "2010-12-31"},
                ]
            },
            (1990, 2010),
        ),
        (
            "year",
            {"temporal": [{"start_date": "1990", "end_date": "1995"}, {"start_date": "2001"}]},
            (1990, math.inf),
        ),
        ("year", {"retention_period": [{"start_date": "2030"}]}, None),
        ("typical_age", {"min_typical_age": 40}, (40, math.inf)),
        ("typical_age", {"min_typical_age": 40, "max_typical_age": 69}, (40, 69)),
        ("persons", {"studied_condition": [{"persons": 90}, {"persons": 6000}, {}]}, (90, 6000)),
        ("follow_up_median_years", {"follow_up_median_years": 15.5}, (15.5, 15.5)),
        ("year", {"temporal": "nonsense"}, None),
        ("year", {"temporal": [{"start_date": ["nonsense"]}]}, None),
    ],
)
def test_the_interval_of_a_description(profile, name, document, interval):
    assert profile.ranges[name].interval(document) == interval


def test_people_in_the_dataset_and_people_with_the_condition_are_never_mixed(profile):
    document = {"number_of_unique_individuals": 8_000_000, "studied_condition": [{"persons": 90}]}
    assert profile.ranges["persons"].interval(document) == (90, 90)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x,X,,nothing,,0 1", 'datasets have no property "nothing"'),
        ("x,X,,title,,0 1", '"title" is neither a number nor a date'),
        ("x,X,,temporal.nothing,,0 1", 'no property "temporal.nothing"'),
        ("x,X,,lag_months,,1 0", "edges must be numbers that go up"),
        ("x,X,,lag_months,,one two", "are not numbers"),
        ("x,,,lag_months,,0 1", "label and from are needed"),
    ],
)
def test_a_faulty_row_is_named_with_file_and_line(tmp_path, vocabularies, line, said):
    schemas = tmp_path / "schemas"
    shutil.copytree(ROOT / "schemas", schemas)
    file = schemas / "outcome-ap" / "ranges.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + line + "\n", encoding="utf-8")
    with pytest.raises(FaultyTable) as raised:
        Profile.read(schemas, "outcome-ap", vocabularies)
    assert f"{file}:{text.count(chr(10)) + 1}: x:" in raised.value.faults[0]
    assert said in raised.value.faults[0]
