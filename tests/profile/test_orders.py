"""Orders: which of two numbers or dates cannot be the larger."""

import pytest
from conftest import signed_in
from factories import dataset, plant
from sqlalchemy import select

from catalogue.accounts.models import Organisation
from catalogue.errors import FaultyTable
from catalogue.profile.orders import Order
from catalogue.profile.tables import Row

HF = "https://w3id.org/outcome-catalogue/condition/heart-failure"


def problems(profile, **said):
    found = profile.records["dataset"].problems(dataset(**said))
    return {one.path: one.severity for one in found if one.rule == "orders"}


def people(persons):
    return [{"id": "#studied-condition-1", "condition": HF, "persons": persons}]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"studied_condition": people(12_001)}, {("studied_condition", 0, "persons"): "violation"}),
        ({"studied_condition": people(12_000)}, {}),
        # What nobody has said contradicts nothing.
        ({"studied_condition": people(12_001), "number_of_unique_individuals": None}, {}),
        ({"min_typical_age": 80, "max_typical_age": 18}, {("min_typical_age",): "violation"}),
        (
            {"temporal": [{"start_date": "2009"}, {"start_date": "2012", "end_date": "2011-12"}]},
            {("temporal", 1, "start_date"): "warning"},
        ),
        # A year is not later than a day of it.
        ({"temporal": [{"start_date": "2009-05", "end_date": "2009"}]}, {}),
    ],
)
def test_what_contradicts_itself_is_told_where_it_stands(profile, said, expected):
    assert problems(profile, **said) == expected


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"lower": "title"}, "neither a number nor a date"),
        ({"lower": "min_typical_age.x"}, "has no parts"),
        ({"upper": "nothing"}, 'has no property "nothing"'),
        ({"upper": "issued"}, "not two numbers or two dates"),
        ({"severity": "fatal"}, "violation or warning"),
        ({"message": ""}, "message is needed"),
    ],
)
def test_a_faulty_row_is_told(profile, cells, fault):
    row = {"shapeID": "Dataset", "lower": "min_typical_age", "upper": "max_typical_age"}
    row |= {"severity": "violation", "message": "Turned round"} | cells
    with pytest.raises(FaultyTable, match=fault):
        Order.of(Row(row, "orders.csv:2"), profile["Dataset"])


def test_the_form_refuses_people_with_the_condition_in_place_of_all_people(catalogue_app):
    """AS-4b: the two are different numbers, and neither stands for the other."""
    catalogue = catalogue_app.extensions["catalogue"]
    plant(catalogue, dataset(number_of_unique_individuals=None))
    client = signed_in(catalogue_app, "olga@example.org", organisations={"ghent": "manager"})
    with catalogue.database.write() as session:
        number = session.scalars(select(Organisation)).one().id
        catalogue.records.get(session, "dataset", "hf").organisation = number
        wrong = dataset(number_of_unique_individuals=500, studied_condition=people(12_000))
        catalogue.records.save(session, "dataset", wrong, key="hf", author="user:1")
    page = client.get("/workspace/dataset/hf/check").text
    assert "one cannot stand for the other" in page
    client.post("/workspace/dataset/hf/publish", headers={"Accept": "text/html"})
    with catalogue.database.read() as session:
        record = catalogue.records.get(session, "dataset", "hf")
        assert "number_of_unique_individuals" not in record.document
