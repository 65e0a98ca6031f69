"""Variables for programs: the search, its parts, and a dictionary that is sent."""

from __future__ import annotations

from typing import Any

from factories import OWN, dataset

URINARY = "instrument epic-26 urinary-function"


def variables(number: int) -> list[dict[str, Any]]:
    return [
        {"name": f"bp_{n}", "label": f"Blood pressure {n}", "type": "decimal", "unit": "mmHg"}
        for n in range(1, number + 1)
    ]


def begun(town: Any, key: str, **changed: Any) -> str:
    document = dataset(title={"en": key.title()}, identifier=[key], **changed)
    town.editor.post(
        "/workspace/datasets", {"organisation": "ghent", "key": key, "document": document}, 201
    )
    return f"/workspace/datasets/{key}"


def test_a_dictionary_is_sent_published_and_found(town: Any) -> None:
    path = begun(town, "pressure")
    answer = town.editor("PUT", f"{path}/variables", {"variables": variables(30)})
    assert answer.status_code == 200, answer.text
    told = answer.get_json()
    assert told["written"] is True
    assert told["changes"] == {"new": 30, "changed": 0, "same": 0, "gone": 0}
    assert town.anybody.get("/variables?q=pressure")["total"] == 0  # a draft is nobody's business
    town.administrator.post(f"{path}/publish")

    first = town.anybody.get("/variables?q=blood+pressure&size=20")
    assert first["total"] == 30
    assert first["facets"]["datatype"]["values"][0]["code"] == "decimal"
    item = first["items"][0]
    assert item["unit"] == "mmHg"
    assert item["dataset"]["label"] == "Pressure"
    second = town.anybody.get(first["next"])
    names = [one["name"] for one in (*first["items"], *second["items"])]
    assert len(set(names)) == 30
    assert second["next"] is None

    only = town.anybody.get(f"/variables?dataset={item['dataset']['value']}&q=bp_7")
    assert [one["name"] for one in only["items"]] == ["bp_7"]


def test_a_dry_run_tells_and_writes_nothing(town: Any) -> None:
    path = begun(town, "dry")
    sent = {"csv": "variable;label;type\nepic26_q1;Leaking;Ganzzahl\n", "name": "codes.csv"}
    told = town.editor("PUT", f"{path}/variables?dry_run=true", sent).get_json()
    assert told["written"] is False
    assert told["variables"] == 1
    assert URINARY in [one["value"] for one in told["suggestions"]]
    assert "variables" not in town.editor.get(path)["document"]


def test_what_is_confirmed_is_stated(town: Any) -> None:
    path = begun(town, "confirmed")
    sent = {"variables": [{"name": "epic26_q1", "label": "Item 1"}], "confirm": [URINARY]}
    assert town.editor("PUT", f"{path}/variables", sent).status_code == 200
    (statement,) = town.editor.get(path)["document"]["outcome_statement"]
    assert statement["outcome"] == f"{OWN}outcome/urinary-function"
    refused = town.editor("PUT", f"{path}/variables", {**sent, "confirm": ["outcome pain"]})
    assert refused.status_code == 400


def test_faults_name_row_and_column_and_nothing_is_stored(town: Any) -> None:
    path = begun(town, "faulty")
    sent = {"csv": "name,label\na,A\na,B\n"}
    refused = town.editor("PUT", f"{path}/variables", sent)
    assert refused.status_code == 422
    assert "row 3, column A" in refused.get_json()["problems"][0]["message"]
    persons = town.editor("PUT", f"{path}/variables", {"csv": "patient_id,psa\n7788,1\n"})
    assert persons.status_code == 422
    assert "data about persons" in persons.text
    assert "7788" not in persons.text
    assert town.editor("PUT", f"{path}/variables", {}).status_code == 400
    assert "variables" not in town.editor.get(path)["document"]


def test_only_those_who_may_edit_send_one(town: Any) -> None:
    path = f"{begun(town, 'mine')}/variables"
    sent = {"variables": variables(1)}
    assert town.anybody("PUT", path, sent).status_code == 401
    assert town.stranger("PUT", path, sent).status_code == 404
    assert town.reader("PUT", path, sent).status_code == 403
    assert town.editor("PUT", path, sent, "older").status_code == 412


def test_what_is_unknown_is_refused_by_name(town: Any) -> None:
    for query in ("colour=red", "sort=people", "size=0", "cursor=made-up", "page=2"):
        assert town.anybody("GET", f"/variables?{query}").status_code == 400
