"""The table of criteria: what it may say, and what is told of a faulty row."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalogue.errors import FaultyTable
from catalogue.profile import Profile
from catalogue.profile.criteria import CONCEPTS, NUMBERS

ROOT = Path(__file__).parents[2]


def test_every_kind_of_criterion_leads_to_a_property_of_datasets(profile):
    shape = profile["Dataset"]
    for kind in profile.criteria.values():
        assert kind.test in NUMBERS | CONCEPTS
        assert (kind.vocabulary is None) == kind.is_number
        one = shape[kind.path[0]]
        if kind.part:
            assert one.value.shape[kind.subject]
    assert profile.criteria["variable"].also == ("variables", "table", "column")
    assert profile.criteria["follow_up_median_years"].ceiling == "follow_up_maximum_years"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x,X,,nothing,,any,,,,,", 'no property "nothing"'),
        ("x,X,,omop_status,,guess,,,,,", 'test is "guess"; there are'),
        ("x,X,omop_status,omop_status,,any,,,,,", '"omop_status" has no parts'),
        ("x,X,,title,,any,,,,,", '"title" has no vocabulary'),
        ("x,X,,omop_status,,any,nowhere,,,,", 'there is no vocabulary "nowhere"'),
        ("x,X,,key_variable,,named,,,variables.columns,,", 'no property "columns"'),
        ("x,X,,key_variable,,named,,,title,,", '"title" has no parts'),
        ("x,X,,lag_months,,most,,,,nothing,", 'no property "nothing"'),
    ],
)
def test_a_faulty_row_is_named_with_file_and_line(tmp_path, vocabularies, line, said):
    schemas = tmp_path / "schemas"
    shutil.copytree(ROOT / "schemas", schemas)
    file = schemas / "outcome-ap" / "criteria.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + line + "\n", encoding="utf-8")
    with pytest.raises(FaultyTable) as raised:
        Profile.read(schemas, "outcome-ap", vocabularies)
    assert f"{file}:{text.count(chr(10)) + 1}: x:" in raised.value.faults[0]
    assert said in raised.value.faults[0]
