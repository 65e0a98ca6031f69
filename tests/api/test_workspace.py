"""The workspace through the interface: begin, change, move on; nobody oversteps."""

from __future__ import annotations

import json

import pytest
from conftest import ADDRESS
from factories import dataset
from sqlalchemy import select

from catalogue.accounts.models import Audit
from catalogue.workspace import LISTS

NEW = "/workspace/datasets"


def begin(person, key="hf", status=201, **changed):
    sent = {"organisation": "ghent", "key": key, "document": dataset(**changed)}
    return person.post(NEW, sent, status)


def problems(response):
    return {tuple(one["path"]): one["message"] for one in response.get_json()["problems"]}


# the way of a record ------------------------------------------------------------------


def test_a_record_goes_from_a_token_to_the_world_and_back(town):
    response = town.editor(
        "POST",
        NEW,
        {
            "organisation": "ghent",
            "document": {"title": {"en": "Hearts"}, "spatial": ["BEL"]},
            "note": "A start",
        },
    )
    assert response.status_code == 201
    here, etag = response.headers["Location"], response.headers["ETag"].strip('"')
    begun = response.get_json()
    assert begun["links"]["self"] == here == f"{ADDRESS}api/v1{NEW}/{begun['key']}"
    assert begun["etag"] == etag
    assert begun["stage"] == "draft"
    assert begun["organisation"] == {"key": "ghent", "name": "Ghent"}
    assert begun["document"]["spatial"][0].endswith("country/BEL")
    assert begun["document"]["publisher"] == "id/agent/ghent"  # as the profile begins it
    lacking = begun["problems"]["violation"]
    assert ["description"] in [one["path"] for one in lacking]
    assert town.editor.get(begun["links"]["check"])["ready"] is False
    refused = town.editor("POST", f"{here}/submit", {})
    assert refused.status_code == 422
    assert ("description",) in problems(refused)

    response = town.editor("PUT", here, {"document": dataset()}, etag)
    assert response.status_code == 200, response.get_json()
    assert response.get_json()["problems"]["violation"] == []
    etag = response.headers["ETag"].strip('"')
    response = town.editor(
        "PATCH",
        here,
        {"document": {"title": {"en": "Hearts of Ghent"}, "temporal": None}},
        etag,
        Content_Type="application/merge-patch+json",
    )
    changed = response.get_json()
    assert changed["document"]["title"] == {"en": "Hearts of Ghent"}
    assert "temporal" not in changed["document"]
    assert changed["document"]["keyword"] == dataset()["keyword"]
    assert town.editor.get(f"{here}/check")["ready"] is True

    assert town.editor.post(f"{here}/submit")["stage"] == "submitted"
    waiting = town.reviewer.get("/workspace?waiting=true")
    assert [one["key"] for one in waiting["items"]] == [begun["key"]]
    published = town.reviewer.post(f"{here}/publish", {"note": "Well done"})
    assert published["stage"] == "published"
    public = town.anybody.get(published["links"]["public"])
    assert public["title"] == {"en": "Hearts of Ghent"}
    found = town.anybody.get("/datasets?q=hearts")
    assert [one["slug"] for one in found["items"]] == ["hearts-of-ghent"]
    assert town.manager.post(f"{here}/withdraw", {"note": "Moved"})["stage"] == "withdrawn"
    assert town.anybody("GET", published["links"]["public"]).status_code == 410
    assert town.reviewer.post(f"{here}/restore")["stage"] == "published"


def test_every_step_is_written_down_with_who_took_it(town):
    begin(town.editor)
    town.editor.post(f"{NEW}/hf/submit")
    town.reviewer.post(f"{NEW}/hf/publish")
    with town.catalogue.database.read() as session:
        said = session.execute(
            select(Audit.action, Audit.user_id).where(Audit.subject == "id/dataset/hf")
        ).all()
    assert said == [
        ("record-begun", town.editor.number),
        ("submit", town.editor.number),
        ("publish", town.reviewer.number),
    ]


@pytest.mark.parametrize("path", ["organisations", "catalogues", "series", "services"])
def test_every_kind_of_record_begins_alike(town, path):
    key = {"organisations": "name"}.get(path, "title")
    sent = {"organisation": "ghent", "document": {key: {"en": "New"}}}
    begun = town.editor.post(f"/workspace/{path}", sent, 201)
    assert begun["title"] == "New"
    assert town.editor.get(f"/workspace/{path}/{begun['key']}")["etag"] == begun["etag"]


def test_what_is_returned_or_recalled_goes_back_to_its_editors(town):
    begin(town.editor)
    town.editor.post(f"{NEW}/hf/submit")
    silent = town.reviewer("POST", f"{NEW}/hf/return", {})
    assert problems(silent) == {("note",): "Say why, for those who look after it"}
    returned = town.reviewer.post(f"{NEW}/hf/return", {"note": "Whose heart?"})
    assert (returned["stage"], returned["review"]) == ("returned", "returned")
    town.editor.post(f"{NEW}/hf/submit")
    assert town.editor.post(f"{NEW}/hf/recall")["stage"] == "draft"


def test_changes_to_what_is_published_wait_until_they_are_published_or_dropped(town):
    begin(town.editor)
    town.administrator.post(f"{NEW}/hf/publish")
    revised = town.editor("PATCH", f"{NEW}/hf", {"document": {"title": {"en": "Lungs"}}}, "*")
    assert revised.get_json()["stage"] == "revised"
    assert town.anybody.get("/datasets/hf")["title"] == dataset()["title"]
    assert town.editor.post(f"{NEW}/hf/discard")["stage"] == "published"


def test_only_what_the_world_never_saw_is_deleted(town):
    etag = begin(town.editor)["etag"]
    assert town.editor("DELETE", f"{NEW}/hf", etag="*").status_code == 204
    town.editor.get(f"{NEW}/hf", 404)
    again = begin(town.editor)
    assert again["etag"] == etag  # the same text in its first revision
    town.administrator.post(f"{NEW}/hf/publish")
    refused = town.administrator("DELETE", f"{NEW}/hf", etag="*")
    assert refused.status_code == 403


# who may ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        # begin, read, edit, submit, withdraw
        ("reader", (403, 200, 403, 403, 403)),
        ("contributor", (201, 200, 200, 403, 403)),
        ("editor", (201, 200, 200, 200, 403)),
        ("manager", (201, 200, 200, 200, 200)),
        ("administrator", (201, 200, 200, 200, 200)),
        ("reviewer", (403, 404, 404, 404, 200)),
        ("stranger", (422, 404, 404, 404, 404)),
        ("reading_editor", (403, 200, 403, 403, 403)),
        ("reading_administrator", (403, 200, 403, 403, 403)),
        ("anybody", (401, 401, 401, 401, 401)),
    ],
)
def test_everybody_may_do_what_the_table_says(town, name, statuses):
    begin(town.editor)
    begin(town.editor, "public")
    town.administrator.post(f"{NEW}/public/publish")
    person = getattr(town, name)
    got = (
        person("POST", NEW, {"organisation": "ghent", "document": {}}),
        person("GET", f"{NEW}/hf"),
        person("PATCH", f"{NEW}/hf", {"document": {"version": "2"}}, "*"),
        person("POST", f"{NEW}/hf/submit"),
        person("POST", f"{NEW}/public/withdraw", {"note": "Gone"}),
    )
    assert tuple(one.status_code for one in got) == statuses
    for response in got:
        assert response.headers["Cache-Control"] == "private, no-store"
        if response.status_code >= 400:
            assert response.mimetype == "application/problem+json"
            assert response.get_json()["detail"]
        if response.status_code == 401:
            assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_actions_told_are_the_actions_allowed(town):
    begun = begin(town.editor)
    assert begun["actions"] == ["view", "comment", "edit", "submit", "delete"]
    assert town.reader.get(f"{NEW}/hf")["actions"] == ["view", "comment"]
    assert town.reading_editor.get(f"{NEW}/hf")["actions"] == ["view"]


def test_a_network_that_does_not_review_lets_editors_publish(town):
    network = {
        "title": {"en": "Open"},
        "description": {"en": "Open"},
        "publisher": "id/agent/ghent",
    }
    sent = {"organisation": "ghent", "key": "open", "document": network}
    town.administrator.post("/workspace/catalogues", sent, 201)
    policy = {"catalogue": "id/catalogue/open", "review": False}
    assert town.manager("PUT", "/workspace/policies", policy).status_code == 403
    assert town.administrator("PUT", "/workspace/policies", policy).get_json() == policy
    assert town.administrator.get("/workspace/policies")["items"] == [policy]
    assert town.reading_administrator.get("/workspace/policies")["items"] == [policy]
    town.editor.get("/workspace/policies", 403)
    wrong = town.administrator(
        "PUT", "/workspace/policies", {**policy, "catalogue": "id/agent/ghent"}
    )
    assert ("catalogue",) in problems(wrong)
    begin(town.editor)
    assert town.editor("POST", f"{NEW}/hf/publish").status_code == 403
    begin(town.editor, "open", listed_in=["id/catalogue/open"])
    assert town.editor.post(f"{NEW}/open/publish")["stage"] == "published"


def test_a_role_that_went_while_the_change_waited_counts_no_more(town):
    from catalogue.accounts.models import Membership

    begin(town.editor)
    with town.catalogue.changing() as session:
        session.delete(session.get(Membership, (town.editor.number, 1)))
    assert town.editor("POST", f"{NEW}/hf/submit").status_code == 404


# lists --------------------------------------------------------------------------------


def test_a_list_walked_to_its_end_has_every_record_once(town):
    for number in range(7):
        begin(town.editor, f"hf-{number}")
    town.editor.post(f"{NEW}/hf-3/submit")
    keys, address = [], "/workspace?size=2"
    while address:
        answer = town.editor.get(address)
        assert answer["total"] == 7
        keys += [one["key"] for one in answer["items"]]
        address = answer["next"]
    assert keys == ["hf-3", *(f"hf-{n}" for n in (6, 5, 4, 2, 1, 0))]
    assert answer["items"][0]["author"]["name"] == "Editor"
    counts = {one: town.editor.get(f"/workspace?stage={one}")["total"] for one in LISTS}
    assert counts == {"draft": 6, "in-review": 1, "returned": 0, "published": 0, "withdrawn": 0}
    assert town.stranger.get("/workspace")["items"] == []
    assert town.reviewer.get("/workspace?waiting=true")["total"] == 1
    town.editor.get("/workspace?waiting=true", 403)
    for wrong in ("stage=lost", "waiting=perhaps", "waiting=true&stage=draft", "colour=red"):
        town.editor.get(f"/workspace?{wrong}", 400)


def test_a_cursor_of_one_person_leads_nowhere_for_another(town):
    for number in range(3):
        begin(town.editor, f"hf-{number}")
    next_ = town.editor.get("/workspace?size=1")["next"]
    town.contributor.get(next_, 400)


# If-Match -----------------------------------------------------------------------------


def test_a_change_says_which_state_it_is_meant_for(town):
    first = begin(town.editor)["etag"]
    sent = {"document": {"version": "2"}}
    for method, body in (("PUT", sent), ("PATCH", sent), ("DELETE", None)):
        missing = town.editor(method, f"{NEW}/hf", body)
        assert missing.status_code == 428
        assert "If-Match" in missing.get_json()["detail"]
        for tag in ("something", first.upper()):
            assert town.editor(method, f"{NEW}/hf", body, tag).status_code == 412
        weak = town.editor(method, f"{NEW}/hf", body, If_Match=f'W/"{first}"')
        assert weak.status_code == 412
    assert town.editor("PATCH", f"{NEW}/hf", sent, first).status_code == 200
    late = town.contributor("PATCH", f"{NEW}/hf", {"document": {"version": "3"}}, first)
    assert late.status_code == 412
    assert "Read it again" in late.get_json()["detail"]
    assert town.editor.get(f"{NEW}/hf")["document"]["version"] == "2"


def test_a_step_heeds_if_match_and_does_not_ask_for_it(town):
    etag = begin(town.editor)["etag"]
    assert town.editor("POST", f"{NEW}/hf/submit", {}, "other").status_code == 412
    assert town.editor("POST", f"{NEW}/hf/submit", {}, etag).status_code == 200


def test_one_of_several_tags_is_enough(town):
    etag = begin(town.editor)["etag"]
    tags = f'"x", "{etag}"'
    response = town.editor("PATCH", f"{NEW}/hf", {"document": {"version": "2"}}, If_Match=tags)
    assert response.status_code == 200


def test_saving_the_same_again_changes_nothing(town):
    begun = begin(town.editor)
    response = town.editor("PUT", f"{NEW}/hf", {"document": begun["document"]}, begun["etag"])
    assert response.get_json()["etag"] == begun["etag"]
    assert response.get_json()["revision"] == 1


# what is sent -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "status", "path"),
    [
        ({}, 422, ("document",)),
        ({"document": 3, "organisation": "ghent"}, 422, ("document",)),
        ({"document": {}, "organisation": "nowhere"}, 422, ("organisation",)),
        ({"document": {}, "organisation": "elsewhere"}, 422, ("organisation",)),
        ({"document": {}, "organisation": "ghent", "colour": 1}, 422, ("colour",)),
        ({"document": {"titel": "x"}, "organisation": "ghent"}, 422, ("document", "titel")),
        (
            {"document": {"temporal": [{"start_date": "soon"}]}, "organisation": "ghent"},
            422,
            ("document", "temporal", 0, "start_date"),
        ),
        (
            {"document": {"spatial": ["Atlantis"]}, "organisation": "ghent"},
            422,
            ("document", "spatial", 0),
        ),
        ({"document": {"id": "id/dataset/x"}, "organisation": "ghent"}, 422, ("document", "id")),
        (
            {"document": {"id": f"{ADDRESS}id/dataset/x"}, "organisation": "ghent"},
            422,
            ("document", "id"),
        ),
        ({"document": {"title": {"en": "a\u0000b"}}}, 400, ("document", "title", "en")),
    ],
)
def test_every_problem_is_told_with_its_place(town, sent, status, path):
    response = town.editor("POST", NEW, sent)
    assert response.status_code == status
    assert path in problems(response)


def test_very_many_problems_are_listed_while_the_sentence_stays_short(town):
    document = {f"field_{number}": "x" for number in range(500)}
    response = town.editor("POST", NEW, {"document": document, "organisation": "ghent"})
    assert response.status_code == 422
    assert len(problems(response)) == 500
    assert response.json["detail"].endswith("and 450 more")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"[]", "a list"),
        (b"null", "null"),
        (b'{"document": NaN}', "NaN"),
        (b'{"document": -Infinity}', "-Infinity"),
        (b'{"document": 1e999}', "beyond"),
        (b'{"document": ' + b"9" * 5000 + b"}", "beyond"),
        (b'{"document": {}, "document": {"title": {}}}', "twice"),
        (b'{"a": {"b": 1, "b": 2}}', "twice"),
        (b'{"\\ud800": 1, "\\ud800": 1}', "twice"),
        (b'{"document": {"title": {"en": "\\ud83d"}}}', "half a character"),
        (b'{"\\udc00": 1}', "half a character"),
        (b'{"document": "\xff"}', "not UTF-8"),
        (b"\xef\xbb\xbf{}", "no JSON"),
        (b'{"document": ' + b"[" * 100 + b"]" * 100 + b"}", "deep"),
        (b'{"document": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "deep"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "deep"),
    ],
)
def test_what_json_leaves_open_is_refused(town, sent, said):
    response = town.editor("POST", NEW, sent)
    assert response.status_code == 400
    assert said in response.get_json()["detail"]


def test_what_is_sent_has_a_form_and_a_size(town):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        response = town.editor("POST", NEW, b"{}", Content_Type=kind)
        assert response.status_code == 415
        assert "application/json" in response.get_json()["detail"]
    assert town.editor("POST", NEW).status_code == 415
    begin(town.editor)
    assert (
        town.editor(
            "PUT", f"{NEW}/hf", {"document": {}}, "*", Content_Type="application/merge-patch+json"
        ).status_code
        == 415
    )
    large = json.dumps({"organisation": "ghent", "document": {"version": "x" * 1_000_001}})
    response = town.editor("POST", NEW, large.encode())
    assert response.status_code == 413
    assert "1,000,000 bytes" in response.get_json()["detail"]
    assert town.editor("POST", f"{NEW}/hf/comments", b" " * 200_000).status_code == 413


def test_a_charset_beside_the_type_does_no_harm(town):
    sent = json.dumps({"organisation": "ghent", "document": {}}).encode()
    kind = "application/json; charset=utf-8"
    assert town.editor("POST", NEW, sent, Content_Type=kind).status_code == 201


def test_a_key_or_name_that_is_taken_is_refused(town):
    begin(town.editor)
    assert begin(town.editor, status=409)["title"] == "Changed meanwhile"
    begin(town.editor, "HF", status=422)
    begin(town.editor, "elsewhere", id="https://other.example/id/1")
    begin(town.editor, "second", id="https://other.example/id/1", status=409)
    other = town.editor("PATCH", f"{NEW}/hf", {"document": {"id": "https://x.example/1"}}, "*")
    assert ("document", "id") in problems(other)
    same = {"document": {"id": f"{ADDRESS}id/dataset/hf"}}
    assert town.editor("PATCH", f"{NEW}/hf", same, "*").status_code == 200


@pytest.mark.parametrize("key", ["", "HF", "-hf", "a b", "a\u0011", "é", "x" * 65, "a.b", "a/b"])
def test_what_can_be_no_key_is_refused_before_anything_is_made_of_it(town, key):
    sent = {"organisation": "ghent", "key": key, "document": {}}
    refused = town.editor("POST", NEW, sent)
    assert refused.status_code == 422
    assert ("key",) in problems(refused)
    item = {**sent, "kind": "dataset"}
    refused = town.editor("POST", "/workspace/bulk", {"items": [item]})
    assert refused.status_code == 422
    assert ("items", 0, "key") in problems(refused)


def test_a_merge_patch_does_what_rfc_7396_says(town):
    from catalogue.api.changing import merged

    # The examples of its appendix A whose results are objects.
    for target, patch, result in (
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ):
        assert merged(target, patch) == result


# the past -----------------------------------------------------------------------------


def test_the_history_tells_every_step_and_what_it_changed(town):
    begun = begin(town.editor)
    town.editor.post(f"{NEW}/hf/submit", {"note": "Ready"})
    town.reviewer.post(f"{NEW}/hf/publish")
    changed = {"title": {"en": "Lungs"}, "temporal": [{**begun["document"]["temporal"][0]}]}
    changed["temporal"][0]["start_date"] = "2010"
    town.editor("PATCH", f"{NEW}/hf", {"document": changed}, "*")
    history = town.editor.get(f"{NEW}/hf/history?size=2")
    assert [one["action"] for one in history["items"]] == ["saved", "published"]
    older = town.editor.get(history["next"])
    assert [one["action"] for one in older["items"]] == ["submitted", "saved"]
    assert older["items"][0]["note"] == "Ready"
    assert older["items"][0]["author"] == {
        "id": f"user:{town.editor.number}",
        "name": "Editor",
    }
    assert older["next"] is None
    newest = history["items"][0]["links"]
    assert town.editor.get(newest["self"])["document"]["title"] == {"en": "Lungs"}
    told = {one["field"]: one for one in town.editor.get(newest["differences"])["items"]}
    assert set(told) == {"title", "temporal"}
    assert told["title"]["before"] == [dataset()["title"]]
    assert told["title"]["after"] == [{"en": "Lungs"}]
    (part,) = told["temporal"]["parts"]
    assert part["part"] == "#temporal-1"
    assert [one["after"] for one in part["differences"]] == [["2010"]]
    town.editor.post(f"{NEW}/hf/discard")
    dropped = town.editor.get(f"{NEW}/hf/history/5")
    assert dropped["document"]["title"] == dataset()["title"]
    back = {one["field"] for one in town.editor.get(f"{NEW}/hf/history/5/differences")["items"]}
    assert back == {"title", "temporal"}
    first = town.editor.get(f"{NEW}/hf/history/1/differences")
    assert first["before"] is None
    assert len(first["items"]) > 10


def test_an_earlier_revision_is_taken_up_again(town):
    begin(town.editor)
    town.administrator.post(f"{NEW}/hf/publish")
    town.editor("PATCH", f"{NEW}/hf", {"document": {"title": {"en": "Lungs"}}}, "*")
    reverted = town.editor.post(f"{NEW}/hf/history/1/revert", {"note": "Hearts again"})
    assert reverted["document"]["title"] == dataset()["title"]
    assert town.editor("POST", f"{NEW}/hf/history/99/revert").status_code == 404
    assert town.reader("POST", f"{NEW}/hf/history/1/revert").status_code == 403
    assert town.editor("GET", f"{NEW}/hf/history/{10**30}").status_code == 404
    town.stranger.get(f"{NEW}/hf/history", 404)
    town.stranger.get(f"{NEW}/hf/history/1", 404)
    town.stranger.get(f"{NEW}/hf/history/1/differences", 404)


def test_the_world_reads_what_was_public_at_a_moment(town):
    begin(town.editor)
    town.administrator.post(f"{NEW}/hf/publish")
    then = town.administrator.get(f"{NEW}/hf")["touched"]
    town.editor("PATCH", f"{NEW}/hf", {"document": {"title": {"en": "Lungs"}}}, "*")
    town.administrator.post(f"{NEW}/hf/publish")
    now = town.anybody("GET", "/datasets/hf")
    assert now.get_json()["title"] == {"en": "Lungs"}
    assert "Memento-Datetime" not in now.headers
    with town.catalogue.changing() as session:  # the two were a moment apart
        from datetime import timedelta

        from catalogue.records.models import Revision

        for one in session.scalars(select(Revision)):
            one.at -= timedelta(days=0 if one.number > 2 else 1)
    past = town.anybody("GET", f"/datasets/hf?at={then[:10]}")
    assert past.get_json()["title"] == {"en": "Lungs"}
    from datetime import date

    yesterday = date.fromisoformat(then[:10]) - timedelta(days=1)
    past = town.anybody("GET", f"/datasets/hf?at={yesterday}")
    assert past.get_json()["title"] == dataset()["title"]
    assert past.headers["Memento-Datetime"]
    assert past.headers["ETag"] != now.headers["ETag"]
    town.anybody.get("/datasets/hf?at=1999", 404)
    town.anybody.get("/datasets/hf?at=soon", 400)
    town.anybody.get("/datasets/hf?at=2024-02-31", 400)


# comments -----------------------------------------------------------------------------


def test_comments_stand_until_they_are_dealt_with(town):
    begin(town.editor)
    here = f"{NEW}/hf/comments"
    said = town.reader.post(here, {"field": "title", "text": "Which Ghent?"}, 201)
    assert said["author"]["name"] == "Reader"
    town.editor.post(here, {"text": "The one in Belgium"}, 201)
    assert [one["text"] for one in town.editor.get(here)["items"]] == [
        "Which Ghent?",
        "The one in Belgium",
    ]
    assert town.editor.get(f"{here}?size=1")["next"]
    assert town.editor.get("/workspace")["items"][0]["open_comments"] == 2
    done = town.editor.post(f"{here}/{said['id']}/resolve")
    assert done["resolved_by"]["name"] == "Editor"
    assert town.editor.get("/workspace")["items"][0]["open_comments"] == 1
    assert town.editor.post(f"{here}/{said['id']}/reopen")["resolved"] is None
    assert town.editor("POST", here, {"field": "titel", "text": "x"}).status_code == 422
    assert town.editor("POST", here, {"text": " "}).status_code == 422
    assert town.editor("POST", here, {"text": "x" * 2001}).status_code == 422
    assert town.editor("POST", f"{here}/99/resolve").status_code == 404
    assert town.reviewer("POST", here, {"text": "x"}).status_code == 404
    assert town.stranger("GET", here).status_code == 404


# scripts of other pages ---------------------------------------------------------------


def test_scripts_of_other_pages_act_with_a_token_and_never_with_a_cookie(town):
    begin(town.editor)
    origin = "https://other.example"
    asked = town.anybody("OPTIONS", f"{NEW}/hf", Origin=origin, Access_Control_Request_Method="PUT")
    assert asked.status_code == 200
    methods = asked.headers["Access-Control-Allow-Methods"].split(", ")
    assert methods == ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]
    for name in ("Authorization", "If-Match", "Idempotency-Key", "Content-Type"):
        assert name in asked.headers["Access-Control-Allow-Headers"]
    answered = town.editor("POST", f"{NEW}/hf/submit", Origin=origin)
    assert answered.headers["Access-Control-Allow-Origin"] == "*"
    forged = town.anybody("POST", f"{NEW}/hf/submit", Origin=origin, Cookie="session=x")
    assert forged.status_code == 401
    for response in (asked, answered, forged):
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Set-Cookie" not in response.headers
    assert "Access-Control-Allow-Origin" not in forged.headers


def test_a_wrong_token_is_told_so_everywhere(town):
    for address in ("/workspace", "/datasets", "/account"):
        response = town.anybody("GET", address, Authorization="Bearer cat_nothing")
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


# reading with a token -----------------------------------------------------------------


def test_what_members_see_has_a_tag_of_its_own_and_is_for_them_alone(town):
    audience = town.catalogue.vocabularies["audience"].by_code["members"].iri
    begin(town.editor, restricted=[{"field": "version", "audience": audience}], version="Secret 7")
    town.administrator.post(f"{NEW}/hf/publish")
    public = town.anybody("GET", "/datasets/hf")
    assert "Secret 7" not in public.get_data(as_text=True)
    assert public.headers["Cache-Control"] == "no-cache"
    shown = town.stranger("GET", "/datasets/hf")
    assert shown.get_json()["version"] == "Secret 7"
    assert "private" in shown.headers["Cache-Control"]
    assert shown.headers["ETag"] != public.headers["ETag"]
    again = town.anybody("GET", "/datasets/hf", If_None_Match=shown.headers["ETag"])
    assert again.status_code == 200
