"""Many records at once: all or none, or what is right; the same again changes nothing."""

from __future__ import annotations

import pytest
from factories import dataset
from sqlalchemy import func, select

from catalogue import changes
from catalogue.records.models import Record, Revision

BULK = "/workspace/bulk"


def item(key, step="", kind="dataset", organisation="ghent", **changed):
    made = {"kind": kind, "key": key, "document": dataset(**changed)}
    made |= {"organisation": organisation} if organisation else {}
    return made | ({"step": step} if step else {})


def state(catalogue):
    with catalogue.database.read() as session:
        return (
            session.scalar(select(func.count()).select_from(Record)),
            session.scalar(select(func.count()).select_from(Revision)),
            changes.head(session),
        )


def outcomes(answer):
    return [one["outcome"] for one in answer["items"]]


def test_the_same_items_again_change_nothing(town):
    sent = {"items": [item("a"), item("b", "submit"), item("c", title={"en": "Third"})]}
    first = town.editor.post(BULK, sent)
    assert outcomes(first) == ["created"] * 3
    assert (first["created"], first["written"]) == (3, True)
    assert [one["stage"] for one in first["items"]] == ["draft", "submitted", "draft"]
    assert town.editor.get(first["items"][2]["url"])["etag"] == first["items"][2]["etag"]
    before = state(town.catalogue)
    again = town.editor.post(BULK, sent)
    assert outcomes(again) == ["unchanged"] * 3
    assert again["written"] is False
    assert [one["etag"] for one in again["items"]] == [one["etag"] for one in first["items"]]
    assert state(town.catalogue) == before
    sent["items"][2]["document"]["title"] = {"en": "Another"}
    assert outcomes(town.editor.post(BULK, sent)) == ["unchanged", "unchanged", "updated"]


def test_what_is_published_is_found_at_once_and_left_alone_the_next_time(town):
    sent = {"items": [item(f"hf-{n}", "publish", title={"en": f"Tachy {n}"}) for n in range(3)]}
    answer = town.administrator.post(BULK, sent)
    assert {one["stage"] for one in answer["items"]} == {"published"}
    assert town.anybody.get("/datasets?q=tachy")["total"] == 3
    before = state(town.catalogue)
    assert outcomes(town.administrator.post(BULK, sent)) == ["unchanged"] * 3
    assert state(town.catalogue) == before
    sent["items"][0]["document"]["title"] = {"en": "Brady"}
    assert town.administrator.post(BULK, sent)["updated"] == 1
    assert town.anybody.get("/datasets?q=tachy")["total"] == 2


def test_one_wrong_item_keeps_all_out_and_every_problem_is_told(town):
    wrong = [
        item("a"),
        item("b", titel="x"),
        item("c", organisation=""),
        item("d", organisation="nowhere"),
        item("e", "submit", description=None),
        item("f", "fly"),
        item("g", "publish"),
        item("H"),
        item("i", id="id/dataset/z"),
        item("hf", kind="agent"),
    ]
    before = state(town.catalogue)
    response = town.editor("POST", BULK, {"items": wrong})
    assert response.status_code == 422
    told = [(one["path"][1], *one["path"][2:]) for one in response.get_json()["problems"]]
    assert all(one["path"][0] == "items" for one in response.get_json()["problems"])
    assert {place for place, *_ in told} == {1, 2, 3, 4, 5, 6, 7, 8, 9}
    assert (1, "document", "titel") in told
    assert (2, "organisation") in told
    assert (4, "document", "description") in told
    assert state(town.catalogue) == before


def test_each_stores_what_is_right_and_tells_the_rest(town):
    sent = {"items": [item("a"), item("b", "submit", description=None), item("c", "submit")]}
    answer = town.editor.post(f"{BULK}?mode=each", sent)
    assert outcomes(answer) == ["created", "refused", "created"]
    assert (answer["created"], answer["refused"]) == (2, 1)
    assert answer["items"][1]["problems"][0]["path"][:2] == ["items", 1]
    town.editor.get("/workspace/datasets/b", 404)  # its text was right, but the item is one
    assert town.editor.get("/workspace/datasets/c")["stage"] == "submitted"


@pytest.mark.parametrize("mode", ["atomic", "each"])
def test_a_dry_run_tells_what_would_happen_and_writes_nothing(town, mode):
    town.editor.post(BULK, {"items": [item("a")]})
    before = state(town.catalogue)
    sent = {"items": [item("a"), item("b", "submit"), item("a2", title={"en": "New"})]}
    answer = town.editor.post(f"{BULK}?mode={mode}&dry_run=true", sent)
    assert outcomes(answer) == ["unchanged", "created", "created"]
    assert answer["written"] is False
    assert state(town.catalogue) == before
    town.editor.get("/workspace/datasets/b", 404)


def test_an_item_names_the_state_it_is_meant_for(town):
    made = town.editor.post(BULK, {"items": [item("a")]})["items"][0]
    changed = {**item("a", title={"en": "New"}), "etag": "other"}
    assert town.editor("POST", BULK, {"items": [changed]}).status_code == 422
    changed["etag"] = made["etag"]
    assert outcomes(town.editor.post(BULK, {"items": [changed]})) == ["updated"]
    gone = {**item("never"), "etag": "x"}
    assert town.editor("POST", BULK, {"items": [gone]}).status_code == 422


def test_what_others_refer_to_comes_first(town):
    series = {
        "kind": "series",
        "key": "all",
        "organisation": "ghent",
        "document": {"title": {"en": "All"}, "description": {"en": "All"}},
    }
    sent = {"items": [series, item("a", in_series=["id/series/all"])]}
    assert outcomes(town.editor.post(BULK, sent)) == ["created", "created"]


def test_nobody_oversteps_by_sending_much(town):
    town.editor.post(BULK, {"items": [item("a")]})
    sent = {"items": [item("a", title={"en": "Mine"})]}
    for person in (town.stranger, town.reviewer, town.reader):
        response = person("POST", BULK, sent)
        assert response.status_code == 422, response.get_json()
    assert town.reading_editor("POST", BULK, sent).status_code == 403
    assert town.anybody("POST", BULK, sent).status_code == 401
    answer = town.stranger.post(f"{BULK}?mode=each", {"items": [item("a", organisation="")]})
    assert outcomes(answer) == ["refused"]
    assert "that you look after" in answer["items"][0]["problems"][0]["message"]
    assert town.editor.get("/workspace/datasets/a")["title"] == dataset()["title"]["en"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"items": []},
        {"items": [{}]},
        {"items": {}},
        {"items": [item("a"), item("a")]},
        {"items": [item("a", kind="biobank")]},
        {"items": [{**item("a"), "colour": 1}]},
        {"items": [{"kind": "dataset", "key": f"k{n}", "document": {}} for n in range(1001)]},
    ],
)
def test_what_is_no_bulk_is_refused_whole(town, sent):
    assert town.editor("POST", BULK, sent).status_code == 422
    assert town.editor("POST", f"{BULK}?mode=some", {"items": [item("a")]}).status_code == 400
    assert town.editor("POST", f"{BULK}?dry_run=1", {"items": [item("a")]}).status_code == 400


def test_an_item_has_the_size_of_a_record(town):
    sent = {"items": [item("a", keyword={"en": ["x" * 40_000] * 30})]}
    response = town.editor("POST", BULK, sent)
    assert response.get_json()["problems"][0]["path"] == ["items", 0, "document"]
    assert "1,000,000" in response.get_json()["detail"]


def test_many_go_in_at_once_and_nobody_gets_a_letter_for_each(town):
    many = [item(f"hf-{n}", "submit", title={"en": f"Registry {n}"}) for n in range(30)]
    answer = town.editor.post(BULK, {"items": many})
    assert answer["created"] == 30
    assert town.reviewer.get("/workspace?waiting=true&size=1")["total"] == 30
    with town.catalogue.database.read() as session:
        from catalogue.accounts.models import Mail

        assert session.scalar(select(func.count()).select_from(Mail)) == 0
