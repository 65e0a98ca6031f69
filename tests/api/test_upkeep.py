"""Quality, score and confirmations for programs."""

from __future__ import annotations

from factories import dataset


def published(town, key="hf"):
    catalogue = town.catalogue
    with catalogue.changing() as session:
        record = catalogue.records.put(
            session, "dataset", dataset(identifier=[key]), key=key, author="seed"
        )
        record.organisation = 1
    return key


def test_everybody_reads_the_label_and_no_score(town):
    published(town)
    found = town.anybody.get("/datasets/hf/quality")
    assert found["label"]["official"] is False
    assert found["label"]["class"] in "ABCDE"
    assert found["label"]["groups"][0]["key"] == "documentation"
    assert "points" not in str(found)
    assert found["confirmed"] is None
    assert town.anybody.get("/datasets/none/quality", 404)["status"] == 404


def test_an_editor_confirms_section_by_section_or_all_at_once(town):
    published(town)
    check = town.editor.get("/workspace/datasets/hf/confirmations")
    assert (check["state"], check["confirmed"]) == ("current", None)
    names = [one["section"] for one in check["sections"]]
    after = town.editor.post("/workspace/datasets/hf/confirmations", {"section": names[0]})
    assert after["sections"][0]["confirmed"]
    assert after["confirmed"] is None
    after = town.editor.post("/workspace/datasets/hf/confirmations", {})
    assert after["confirmed"] == town.anybody.get("/datasets/hf/quality")["confirmed"]
    assert after["due"] > check["due"][:4]
    assert not any(one["confirmed"] for one in after["sections"])


def test_who_may_not_confirm_is_told_so_and_strangers_learn_nothing(town):
    published(town)
    path = "/workspace/datasets/hf/confirmations"
    town.reader.post(path, {}, 403)
    town.contributor.post(path, {}, 403)
    town.stranger.post(path, {}, 404)
    town.stranger.get("/workspace/datasets/hf/quality", 404)
    town.anybody.post(path, {}, 401)
    problem = town.editor.post(path, {"section": "feelings"}, 422)
    assert "feelings" in str(problem)
    town.editor.post(path, {"colour": "red"}, 422)


def test_a_confirmation_may_ask_that_nobody_changed_the_record_meanwhile(town):
    published(town)
    path = "/workspace/datasets/hf"
    etag = town.editor.get(path)["etag"]
    assert town.editor("POST", f"{path}/confirmations", {}, etag="old").status_code == 412
    assert town.editor("POST", f"{path}/confirmations", {}, etag=etag).status_code == 200


def test_a_score_says_what_each_answer_would_bring(town):
    published(town)
    found = town.reader.get("/workspace/datasets/hf/quality")
    line = next(one for one in found["lines"] if one["field"] == "follow_up_median_years")
    assert (line["state"], line["points"], line["most"]) == ("not stated", 0, 4)
    assert "Follow-up" in line["answers"]
    assert found["points"] == sum(one["points"] for one in found["lines"])
