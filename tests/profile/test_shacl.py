"""The table as SHACL says the same as the table itself: a differential test by mutation."""

from __future__ import annotations

import warnings

import pytest
from factories import EHDS, EU, HDEU, dataset
from rdflib import Graph
from reports import problems_in

from catalogue.profile import Names, Profile
from catalogue.profile.shacl import shapes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pyshacl import validate

NAMES = Names("https://c.example/", "id/dataset/hf")
REASON = "https://w3id.org/outcome-catalogue/reason/unknown"
COLUMN = {
    "column_name": "psa",
    "column_title": {"en": "PSA"},
    "description": {"en": "PSA"},
    "datatype": "decimal",
}
TABLES = [{"title": {"en": "Book"}, "table": [{"title": {"en": "T"}, "column": [COLUMN]}]}]


@pytest.fixture(scope="module")
def shapes_graph(profile: Profile) -> Graph:
    return Graph().parse(data=shapes(profile), format="turtle")


MUTATIONS = {
    "valid": {},
    "public needs no contact": {"access_rights": EU + "access-right/PUBLIC", "contact_point": None},
    "not public needs a contact": {"contact_point": None},
    "not public needs provenance": {"provenance": None},
    "no title": {"title": None},
    "no identifier": {"identifier": None},
    "no access rights": {"access_rights": None},
    "a level that is none": {"access_rights": EU + "access-right/CONFIDENTIAL"},
    "themes without health": {"theme": [EU + "data-theme/SOCI"]},
    "health among themes": {"theme": [EU + "data-theme/SOCI", EU + "data-theme/HEAL"]},
    "an unknown theme": {"theme": [EU + "data-theme/HEAL", EU + "data-theme/HEALTH"]},
    "a foreign category": {"health_category": ["http://www.wikidata.org/entity/Q12078"]},
    "no health category": {"health_category": None},
    "structured without variables": {"structured_data": True},
    "structured with variables": {"structured_data": True, "variables": TABLES},
    "a contact nobody can reach": {"contact_point": [{"contact_name": "Desk"}]},
    "a contact with a page": {"contact_point": [{"url": "https://a.example/"}]},
    "a distribution without address": {"distribution": [{"applicable_legislation": [EHDS]}]},
    "a distribution without law": {"distribution": [{"access_url": ["https://a.example/"]}]},
    "a format that is none": {
        "distribution": [
            {
                "access_url": ["https://a.example/"],
                "applicable_legislation": [EHDS],
                "format": EU + "file-type/PARCHMENT",
            }
        ]
    },
    "a coding system elsewhere": {"coding_system": ["https://www.wikidata.org/entity/Q45127"]},
    "a coding system of the list": {"coding_system": [HDEU + "coding-system/ICD-10"]},
    "a reason for no period": {
        "temporal": None,
        "not_stated": [{"field": "temporal", "reason": REASON}],
    },
    "an activity without kind": {"was_generated_by": [{"label": {"en": "Routine"}}]},
    "a relation without role": {"qualified_relation": [{"relation": ["https://a.example/"]}]},
}


@pytest.mark.parametrize("changed", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_shacl_and_the_table_find_the_same_violations(profile, shapes_graph, changed):
    shape = profile["Dataset"]
    document = shape.identify(dataset(**changed))
    found = [p for p in shape.problems(document) if p.severity == "violation"]
    statements = shape.describe(document, NAMES)
    data = Graph().parse(data="\n".join(" ".join(s) + " ." for s in statements), format="nt")
    _, report, _ = validate(data, shacl_graph=shapes_graph, inference="none")
    by_shacl = [p for p in problems_in(report) if p.severity == "violation"]
    assert bool(found) == bool(by_shacl), (found, by_shacl)
    # What is wrong at the record itself is found at the record by both, parts at parts.
    assert {len(p.path) > 1 and isinstance(p.path[-1], str) for p in found} == {
        p.path[0] != "https://c.example/id/dataset/hf" for p in by_shacl
    }, (found, by_shacl)


def test_the_generated_shapes_are_valid_turtle_and_warn_where_a_value_is_recommended(
    profile, shapes_graph
):
    assert len(shapes_graph) > 1000
    shape = profile["Dataset"]
    document = shape.identify(dataset(number_of_unique_individuals=None))
    data = Graph().parse(
        data="\n".join(" ".join(s) + " ." for s in shape.describe(document, NAMES)), format="nt"
    )
    _, report, _ = validate(data, shacl_graph=shapes_graph, inference="none")
    record = "https://c.example/id/dataset/hf"
    by_shacl = {
        p.message for p in problems_in(report) if p.severity == "warning" and p.path[0] == record
    }
    # The law's own level outranks a recommendation in the table; SHACL knows only the latter.
    by_table = {
        shape[p.path[0]].label + ": recommended"
        for p in shape.problems(document)
        if p.severity in ("warning", "ehds")
        and len(p.path) == 1
        and shape[p.path[0]].obligation_in(document, profile) == "recommended"
    }
    assert "People in the dataset: recommended" in by_shacl
    assert by_shacl == by_table
