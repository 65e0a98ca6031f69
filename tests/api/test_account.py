"""Who asks, their tokens, their organisations and who belongs to them."""

from __future__ import annotations

import pytest


def test_an_account_tells_who_asks_and_where_they_belong(town):
    said = town.editor.get("/account")
    assert (said["name"], said["email"], said["role"]) == ("Editor", "editor@hospital.example", "")
    assert said["reads_only"] is False
    assert [(one["key"], one["role"]) for one in said["organisations"]] == [("ghent", "editor")]
    assert town.reading_editor.get("/account")["reads_only"] is True
    assert town.reviewer.get("/account")["role"] == "reviewer"
    town.anybody.get("/account", 401)
    assert town.editor.get("/account/organisations")["items"] == said["organisations"]


def test_a_token_is_shown_once_works_and_is_revoked(town):
    made = town.editor.post("/account/tokens", {"name": "Export", "reads_only": True}, 201)
    listed = town.editor.get("/account/tokens")["items"]
    assert [one["name"] for one in listed] == ["Export", "reads", "tests"]
    assert all("token" not in one for one in listed)
    assert made["token"].endswith(listed[0]["ending"])
    bearer = f"Bearer {made['token']}"
    assert town.anybody("GET", "/account", Authorization=bearer).get_json()["reads_only"] is True
    address = f"/account/tokens/{made['id']}"
    assert town.manager("DELETE", address).status_code == 404
    assert town.editor("DELETE", address).status_code == 204
    assert town.anybody("GET", "/account", Authorization=bearer).status_code == 401


def test_a_token_that_only_reads_makes_none(town):
    assert town.reading_editor("POST", "/account/tokens", {"name": "x"}).status_code == 403
    assert town.reading_editor.get("/account/tokens")["items"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"name": ""},
        {"name": "x" * 121},
        {"name": 3},
        {"name": "x", "days": 0},
        {"name": "x", "days": 10**9},
        {"name": "x", "days": 1.5},
        {"name": "x", "reads_only": "yes"},
        {"name": "x", "colour": 1},
    ],
)
def test_a_token_with_faults_is_refused(town, sent):
    assert town.editor("POST", "/account/tokens", sent).status_code == 422


def test_managers_decide_who_belongs(town):
    here = "/account/organisations/ghent"
    listed = {one["name"]: one for one in town.manager.get(f"{here}/members")["items"]}
    assert listed["Editor"]["email"] == "editor@hospital.example"
    seen = {one["email"] for one in town.editor.get(f"{here}/members")["items"]}
    assert seen == {""}  # addresses are for managers
    one = f"{here}/members/{town.editor.number}"
    changed = town.manager("PUT", one, {"role": "reader"})
    assert changed.get_json()["role"] == "reader"
    assert town.editor.get("/account")["organisations"][0]["role"] == "reader"
    assert town.editor("PUT", one, {"role": "manager"}).status_code == 403
    assert town.manager("PUT", one, {"role": "king"}).status_code == 422
    assert town.manager("PUT", f"{here}/members/999", {"role": "reader"}).status_code == 404
    assert town.manager("DELETE", one).status_code == 204
    assert town.editor.get("/account")["organisations"] == []
    own = f"{here}/members/{town.manager.number}"
    last = town.manager("DELETE", own)
    assert last.status_code == 409
    assert "must keep a manager" in last.get_json()["detail"]
    assert town.reader("DELETE", f"{here}/members/{town.reader.number}").status_code == 204


def test_invitations_are_made_and_taken_back_by_managers(town):
    here = "/account/organisations/ghent/invitations"
    sent = {"email": "new@hospital.example", "role": "editor"}
    made = town.manager.post(here, sent, 201)
    assert [one["email"] for one in town.manager.get(here)["items"]] == [sent["email"]]
    for person, status in ((town.editor, 403), (town.stranger, 404), (town.anybody, 401)):
        person.get(here, status)
        assert person("POST", here, sent).status_code == status
        assert person("DELETE", f"{here}/{made['id']}").status_code == status
    assert town.manager("POST", here, {"email": "x", "role": "editor"}).status_code == 422
    assert town.manager("DELETE", f"{here}/{made['id']}").status_code == 204
    assert town.manager.get(here)["items"] == []
    assert town.manager("DELETE", f"{here}/{made['id']}").status_code == 404


def test_nobody_learns_of_organisations_of_others(town):
    for key in ("ghent", "nowhere"):
        for below in ("members", "invitations"):
            said = town.stranger("GET", f"/account/organisations/{key}/{below}")
            assert said.status_code == 404
            assert f'no organisation "{key}"' in said.get_json()["detail"]
