"""A dictionary in a working copy: what is replaced, what stays, what is stated, how it is undone."""

from __future__ import annotations

import json

import pytest
from factories import OWN

from catalogue.dictionary.dictionaries import Dictionaries
from catalogue.dictionary.taking import ADD, difference
from catalogue.dictionary.writing import COLUMNS, EXAMPLES, csvw, rows, workbook
from catalogue.instance import Catalogue

TABLE = """\
table,name,label,type,unit
Base,psa_diag,PSA at diagnosis,decimal,ng/ml
Base,gg,Gleason score,integer,
PROMs,epic26_q1,EPIC-26 item 1,integer,
"""
URINARY = f"{OWN}outcome/urinary-function"
EPIC = f"{OWN}instrument/epic-26"


@pytest.fixture(scope="module")
def dictionaries(catalogue: Catalogue) -> Dictionaries:
    return catalogue.dictionaries


def read(dictionaries: Dictionaries, text: str = TABLE) -> list[dict]:
    return dictionaries.read(text.encode(), "code book.csv").tables


def columns(document: dict) -> dict[str, dict]:
    return {
        one["column_name"]: one
        for group in document["variables"]
        for table in group["table"]
        for one in table["column"]
    }


def test_nothing_is_stated_that_nobody_confirmed(dictionaries: Dictionaries) -> None:
    document = dictionaries.taken({}, read(dictionaries))
    assert document["structured_data"] is True
    assert list(columns(document)) == ["psa_diag", "gg", "epic26_q1"]
    assert "outcome_statement" not in document
    assert "key_variable" not in document
    assert "property_url" not in columns(document)["psa_diag"]


def test_what_is_confirmed_becomes_draft_statements(dictionaries: Dictionaries) -> None:
    document = dictionaries.taken(
        {},
        read(dictionaries),
        {"instrument epic-26 urinary-function", "key_variable prostate-specific-antigen"},
    )
    (statement,) = document["outcome_statement"]
    assert statement["outcome"] == URINARY
    assert statement["state"] == f"{OWN}outcome-state/collected"
    assert statement["instrument"] == [EPIC]
    assert statement["statement_note"] == {"en": "Variables: epic26_q1"}
    assert document["key_variable"] == [f"{OWN}variable/prostate-specific-antigen"]
    # The variable now says what it means, for those who look for it.
    assert columns(document)["psa_diag"]["property_url"] == document["key_variable"][0]


def test_what_is_stated_is_never_overwritten(dictionaries: Dictionaries) -> None:
    stated = {
        "outcome": URINARY,
        "state": f"{OWN}outcome-state/collected",
        "instrument": [f"{OWN}instrument/ipss"],
        "statement_note": {"en": "Ours"},
        "id": "#outcome-statement-7",
    }
    before = {"outcome_statement": [stated]}
    document = dictionaries.taken(
        before, read(dictionaries), {"instrument epic-26 urinary-function"}
    )
    (statement,) = document["outcome_statement"]
    assert statement == {**stated, "instrument": [f"{OWN}instrument/ipss", EPIC]}
    assert before == {"outcome_statement": [stated]}


@pytest.mark.parametrize("state", ["not-collected", "not-applicable"])
def test_a_no_of_the_holder_is_shown_and_stays(dictionaries: Dictionaries, state: str) -> None:
    before = {"outcome_statement": [{"outcome": URINARY, "state": f"{OWN}outcome-state/{state}"}]}
    offers = {one.value: one for one in dictionaries.offers(read(dictionaries), before)}
    value = "instrument epic-26 urinary-function"
    assert offers[value].stated.startswith("You state")
    document = dictionaries.taken(before, read(dictionaries), {value})
    assert [one["state"] for one in document["outcome_statement"]] == [
        f"{OWN}outcome-state/{state}"
    ]


def test_an_upload_again_keeps_the_names_of_parts_and_confirmed_concepts(
    dictionaries: Dictionaries,
) -> None:
    first = dictionaries.taken({}, read(dictionaries), {"key_variable prostate-specific-antigen"})
    changed = TABLE.replace("ng/ml", "ug/l") + "Base,age,Age,integer,years\n"
    second = dictionaries.taken(first, read(dictionaries, changed))
    one, other = columns(first)["psa_diag"], columns(second)["psa_diag"]
    assert one["id"] == other["id"]
    assert other["unit"] == "ug/l"
    assert one["property_url"] == other["property_url"]
    assert vars(difference(first, second)) == {"new": 1, "changed": 1, "same": 2, "gone": 0}


def test_tables_can_be_added_to_those_there_are(dictionaries: Dictionaries) -> None:
    first = dictionaries.taken({}, read(dictionaries))
    more = "table,name,label,type\nVisits,visit,Visit,date\nBase,psa_diag,PSA,decimal\n"
    second = dictionaries.taken(first, read(dictionaries, more), way=ADD)
    assert list(columns(second)) == ["epic26_q1", "visit", "psa_diag"]


def test_our_own_table_and_template_are_read_back_the_same(dictionaries: Dictionaries) -> None:
    first = dictionaries.taken({}, read(dictionaries))
    lines = list(rows(first))
    again = dictionaries.read(workbook(lines), "x.xlsx")
    assert not again.said or not again.of("error")
    assert list(rows(dictionaries.taken({}, again.tables))) == lines
    template = dictionaries.read(workbook(EXAMPLES), "template.xlsx")
    assert template.variables == len(EXAMPLES)
    assert not template.said
    assert len(COLUMNS) == len(EXAMPLES[0])


def test_csvw_names_tables_columns_and_types(dictionaries: Dictionaries) -> None:
    document = {"title": {"en": "Registry"}, **dictionaries.taken({}, read(dictionaries))}
    said = json.loads(json.dumps(csvw(document, "https://c.example/id/dataset/x")))
    assert said["@context"] == "http://www.w3.org/ns/csvw"
    assert [len(one["tableSchema"]["columns"]) for one in said["tables"]] == [2, 1]
    psa = said["tables"][0]["tableSchema"]["columns"][0]
    assert psa["name"] == "psa_diag"
    assert psa["titles"] == {"en": "PSA at diagnosis"}
    assert psa["datatype"] == "decimal"
    assert psa["schema:unitText"] == "ng/ml"
    assert all(one["url"] for one in said["tables"])
