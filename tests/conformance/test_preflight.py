"""The pre-flight and the official shapes break rules over the same documents."""

from __future__ import annotations

from copy import deepcopy

import pytest
from factories import EU, agent, dataset
from official import LEVELS, SHAPES, STANDARDS, load_shapes, violations
from sqlalchemy import select

from catalogue.rdf.formats import TURTLE, write
from catalogue.records.models import Record

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(not SHAPES.is_dir(), reason=f"the official shapes are not at {STANDARDS}"),
]
NON_PUBLIC, PUBLIC = (EU + f"access-right/{code}" for code in ("NON_PUBLIC", "PUBLIC"))
#: What is done to a sound document, and whether it then breaks a rule of an official shape.
DAMAGES = {
    "nothing": {},
    "no title": {"title": None},
    "no description": {"description": None},
    "no identifier": {"identifier": None},
    "no themes": {"theme": None},
    "themes without health": {"theme": [EU + "data-theme/TECH"]},
    "no health category": {"health_category": None},
    "no legislation": {"applicable_legislation": None},
    "no access body": {"hdab": None},
    "an access body that is not public": {"hdab": "id/agent/hidden"},
    "an access body that cannot be reached": {"hdab": "id/agent/silent"},
    "a publisher that is not public": {"publisher": "id/agent/hidden"},
    "no distribution": {"distribution": None},
    "a distribution without address": {
        "distribution": [
            {"id": "#d", "applicable_legislation": dataset()["applicable_legislation"]}
        ]
    },
    "a distribution without legislation": {
        "distribution": [{"id": "#d", "access_url": ["https://hospital.example/data"]}]
    },
    "no contact": {"contact_point": None},
    "no keywords": {"keyword": None},
    "no type": {"dataset_type": None},
    "no provenance": {"provenance": None},
    "a country that is none": {"spatial": [EU + "country/ATLANTIS"]},
    "a withheld holder": {"holder_withheld": True},
    "a withheld holder of public data": {"holder_withheld": True, "access_rights": PUBLIC},
    "no period": {"temporal": None},
    "no number of people": {"number_of_unique_individuals": None},
}


@pytest.fixture(scope="module")
def official():
    return {code: load_shapes(level) for code, level in LEVELS.items()}


def compared(catalogue, session, record, official):
    """Whether the shapes and the pre-flight say that a record breaks a rule."""
    code = record.document.get("access_rights", NON_PUBLIC).rsplit("/", 1)[-1]
    statements = catalogue.graphs.self_contained(session, record)
    shapes = violations(write(statements, TURTLE, catalogue.profile.prefixes), official[code])
    _, faults = catalogue.preflight.assess(session, record)
    ours = [one for one in faults if one.severity == "violation"]
    return shapes, ours


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_breaks_a_shape_breaks_a_rule_and_the_other_way_round(empty, official, damage):
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(), key="ghent", author="t")
        silent = {**agent("Silent"), "contact_details": None}
        empty.records.put(session, "agent", silent, key="silent", author="t")
        empty.records.save(session, "agent", agent("Hidden"), key="hidden", author="t")
        record = empty.records.put(session, "dataset", dataset(), key="hf", author="t")
    document = deepcopy(record.document)
    for name, value in DAMAGES[damage].items():
        document[name] = value
    document = {name: value for name, value in document.items() if value is not None}
    with empty.database.write() as session:  # past every check, as a restored database may be
        session.merge(record).document = empty.profile["Dataset"].identify(document)
    with empty.database.read() as session:
        record = session.scalar(select(Record).where(Record.key == "hf"))
        shapes, ours = compared(empty, session, record, official)
    assert bool(shapes) == bool(ours), (shapes, ours)
    if damage == "nothing":
        assert ours == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(3))
def test_the_demonstration_datasets_pass_both(catalogue, official, part):
    with catalogue.database.read() as session:
        records = session.scalars(
            select(Record).where(Record.kind == "dataset").order_by(Record.key)
        ).all()
        for record in records[part * 7 :: 21]:
            assert compared(catalogue, session, record, official) == ([], []), record.key
        for record in records:
            _, faults = catalogue.preflight.assess(session, record)
            assert not [one for one in faults if one.severity == "violation"], record.key
