"""The label: computed from answers, with evidence, by a file that can be replaced."""

from __future__ import annotations

import pytest
from conftest import ROOT
from factories import OWN, dataset

from catalogue.errors import FaultyTable
from catalogue.upkeep.label import Labelling


@pytest.fixture(scope="module")
def labelling(profile):
    return Labelling(profile, ROOT / "schemas")


def test_an_empty_record_has_the_lowest_class_and_is_no_error(labelling):
    label = labelling.label({})
    assert label.whole.grade == labelling.classes[-1]
    assert label.whole.percent == 0
    assert [one.grade.name for one in label.groups] == ["E"] * 6


def test_the_six_groups_are_those_of_the_regulation_each_with_its_evidence(labelling):
    assert [one.key for one in labelling.groups] == [
        "documentation",
        "technical-quality",
        "quality-management",
        "coverage",
        "access",
        "enrichment",
    ]
    found = labelling.label(dataset())
    evidence = {
        each.name: each.stated
        for group in found.groups
        for one in group.answers
        for each in one.evidence
    }
    assert evidence["description"]
    assert evidence["temporal"]
    assert not evidence["linkage"]


def test_every_path_of_the_file_is_a_property_of_the_profile(labelling, profile):
    import tomllib

    said = tomllib.loads((ROOT / "schemas/label.toml").read_text())
    paths = [p for g in said["group"] for d in g["dimension"] for p in d["evidence"]]
    kept = [p for g in labelling.groups for d in g.dimensions for p in d.evidence]
    assert len(paths) == len(kept) > 25


def test_what_does_not_apply_is_left_out_and_another_reason_is_no_answer(labelling, profile):
    reasons = profile.vocabularies["reason"].by_code

    def enrichment(reason):
        said = [
            {"field": name, "reason": reasons[reason].iri} for name in ("biosamples", "recontact")
        ]
        return next(
            one
            for one in labelling.label(dataset(not_stated=said)).groups
            if one.key == "enrichment"
        )

    assert [len(one.evidence) for one in enrichment("not-applicable").answers] == [2, 0]
    assert [one.share for one in enrichment("unknown").answers] == [0.0, 0.0]


def test_another_file_makes_another_label_without_another_line_of_code(profile, tmp_path):
    (tmp_path / "label.toml").write_text(
        """
        version = "2027/1"
        title = "Label"
        note = ""
        [[class]]
        name = "gold"
        label = "Gold"
        from = 50
        [[class]]
        name = "none"
        label = "None"
        from = 0
        [[group]]
        key = "a"
        label = "A"
        [[group.dimension]]
        key = "size"
        label = "Size"
        weight = 3
        evidence = ["number_of_unique_individuals"]
        [[group.dimension]]
        key = "link"
        label = "Links"
        weight = 1
        evidence = ["linkage.linked_with"]
        """
    )
    found = Labelling(profile, tmp_path)
    label = found.label(dataset())
    assert (found.version, label.whole.grade.name, label.whole.percent) == ("2027/1", "gold", 75)


def test_a_class_begins_exactly_where_the_file_says(profile, tmp_path):
    said = "version = '1'\ntitle = 'L'\nnote = ''\n"
    said += "".join(
        f"[[class]]\nname = '{name}'\nlabel = ''\nfrom = {start}\n"
        for name, start in (("high", 70), ("low", 0))
    )
    said += "[[group]]\nkey = 'a'\nlabel = 'A'\n"
    for weight, name in ((0.1, "title"), (0.6, "description"), (0.3, "linkage")):
        said += f"[[group.dimension]]\nkey = '{name}'\nlabel = ''\n"
        said += f"weight = {weight}\nevidence = ['{name}']\n"
    (tmp_path / "label.toml").write_text(said)
    whole = (
        Labelling(profile, tmp_path).label({"title": {"en": "x"}, "description": {"en": "x"}}).whole
    )
    assert (whole.grade.name, whole.percent) == ("high", 70)


def test_a_faulty_file_is_told_at_the_start(profile, tmp_path):
    (tmp_path / "label.toml").write_text("version = 1")
    with pytest.raises(FaultyTable, match=r"label\.toml"):
        Labelling(profile, tmp_path)


def test_a_holder_has_several_workflows_each_with_its_own_maturity(profile):
    shape = profile.records["agent"]
    levels = [{"maturity_dimension": "governance", "maturity_level": "3"}]
    document, problems = shape.load(
        {
            "workflow": [
                {"workflow_name": {"en": "Registry"}, "maturity": levels},
                {"workflow_name": {"en": "Claims"}, "maturity": []},
            ]
        }
    )
    assert problems == []
    assert len(document["workflow"]) == 2
    stated = document["workflow"][0]["maturity"][0]
    assert stated["maturity_level"] == OWN + "maturity-level/3"
    assert len(profile.vocabularies["maturity-dimension"].concepts) == 10
    assert len(profile.vocabularies["maturity-level"].concepts) == 5
