"""Fingerprints through the interface: tried, uploaded, released, read, taken back, summed."""

from __future__ import annotations

from exports import MALE, export, table
from factories import dataset
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from catalogue.web.limits import LIMITS

PLACE = "/datasets/hf/fingerprint"


def begin(town, key="hf", **changed):
    sent = {"organisation": "ghent", "key": key, "document": dataset(**changed)}
    town.editor.post("/workspace/datasets", sent, 201)
    town.administrator.post(f"/workspace/datasets/{key}/publish")


def put(person, content, place=PLACE, **headers):
    return person("PUT", place, content, Content_Type=headers.pop("kind", "text/csv"), **headers)


def test_a_file_is_tried_uploaded_released_and_read(town):
    begin(town)
    tried = put(town.editor, export(4_321), f"{PLACE}?dry_run=true")
    assert tried.status_code == 200
    assert tried.headers["Cache-Control"] == "private, no-store"
    assert tried.get_json()["stored"] is False
    assert tried.get_json()["unknown"] == [2004]
    assert town.editor("POST", f"{PLACE}/release").status_code == 404
    kept = put(town.contributor, export(4_321)).get_json()
    assert kept["stored"] is True
    assert kept["fingerprint"] == tried.get_json()["fingerprint"]
    assert town.anybody("GET", PLACE).status_code == 404
    assert town.contributor("POST", f"{PLACE}/release").status_code == 403
    assert town.editor.post(f"{PLACE}/release")["shown"] is True
    answer = town.anybody("GET", PLACE)
    told = answer.get_json()
    assert told["persons"] == 4400
    assert told["dataset"].endswith("id/dataset/hf")
    again = town.anybody("GET", PLACE, If_None_Match=answer.headers["ETag"])
    assert again.status_code == 304
    town.manager.post("/workspace/datasets/hf/withdraw", {"note": "Moved"})
    assert town.anybody("GET", PLACE).status_code == 410
    town.reviewer.post("/workspace/datasets/hf/restore")
    assert town.editor("DELETE", PLACE).get_json()["shown"] is False
    assert town.anybody("GET", PLACE).status_code == 404
    assert town.editor("DELETE", PLACE).status_code == 422


def test_what_is_wrong_is_told_by_row_and_nothing_is_kept(town):
    begin(town)
    answer = put(town.editor, table({(MALE, 50): 700}, ["x"], [109, "soon", "", "", "", "", 5]))
    assert answer.status_code == 422
    said = [one["message"] for one in answer.get_json()["problems"]]
    assert said == ["Row 3: analysis_id is not a whole number.", "Row 4: stratum_1 is not a year."]
    assert put(town.editor, b"{}", kind="application/json").status_code == 415
    assert put(town.editor, b"9" * 16_000_001).status_code == 413
    assert put(town.editor, b"").status_code == 400
    assert town.editor("POST", f"{PLACE}/release").status_code == 404


def test_only_those_who_edit_upload(town):
    begin(town)
    content = table({(MALE, 50): 700})
    assert put(town.anybody, content).status_code == 401
    assert put(town.stranger, content).status_code == 404
    assert put(town.reader, content).status_code == 403
    assert put(town.reading_editor, content).status_code == 403
    assert put(town.editor, content, "/datasets/nothing/fingerprint").status_code == 404


def test_the_sums_are_those_of_three_at_least(town):
    for number in (1, 2, 3):
        begin(town, f"hf-{number}", title={"en": f"Hearts {number}"})
        assert town.anybody.get("/network")["databases"] == number - 1
        assert "persons" not in town.anybody.get("/network")
        place = f"/datasets/hf-{number}/fingerprint"
        put(town.editor, export(4_000 * number, number), place)
        town.editor.post(f"{place}/release")
    told = town.anybody.get("/network")
    assert told["databases"] == 3
    assert 24_000 <= told["persons"] <= 24_300
    assert {one["databases"] for one in told["concepts"]} == {3}
    town.editor("DELETE", "/datasets/hf-2/fingerprint")
    assert "persons" not in town.anybody.get("/network")


def test_answers_are_as_the_document_says(town):
    from jsonschema import Draft202012Validator

    for number in (1, 2, 3):
        begin(town, f"hf-{number}", title={"en": f"Hearts {number}"})
        place = f"/datasets/hf-{number}/fingerprint"
        upload = put(town.editor, export(4_000), place).get_json()
        state = town.editor.post(f"{place}/release")
    components = town.anybody.get("/openapi.json")["components"]
    for schema in components["schemas"].values():
        schema["additionalProperties"] = False
    for name, answer in (
        ("FingerprintUpload", upload),
        ("FingerprintState", state),
        ("Fingerprint", town.anybody.get("/datasets/hf-1/fingerprint")),
        ("Network", town.anybody.get("/network")),
    ):
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        faults = [one.message[:200] for one in Draft202012Validator(schema).iter_errors(answer)]
        assert faults == [], name


def test_a_file_is_read_before_its_turn_to_write_comes(town):
    begin(town)
    with town.catalogue.database.write():  # somebody else's turn, which would have to end first
        answer = put(town.editor, table({(MALE, 50): 700}, ["x"]))
    assert answer.status_code == 422


def test_one_person_has_so_many_files_read_in_an_hour(town, monkeypatch):
    begin(town)
    storage = storage_from_string("memory://")
    town.app.extensions["catalogue.limits"] = MovingWindowRateLimiter(storage)
    monkeypatch.setitem(LIMITS, "fingerprint", "2 per hour")
    monkeypatch.setitem(LIMITS, "dictionary", "2 per hour")
    sent = {"variables": [{"name": "nyha", "label": "NYHA class"}]}
    place = "/workspace/datasets/hf/variables?dry_run=true"
    for status in (200, 200, 429):
        assert put(town.editor, export(4_321), f"{PLACE}?dry_run=true").status_code == status
        assert town.editor("PUT", place, sent).status_code == status
    assert put(town.contributor, export(4_321)).status_code == 200
