"""Whoever repeats a change hears its answer again, and nothing is done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from conftest import ROOT
from factories import dataset
from sqlalchemy import func, select, update

from catalogue.accounts.models import Answered
from catalogue.records.models import Record

NEW = "/workspace/datasets"
SENT = {"organisation": "ghent", "document": dataset()}


def count(catalogue, of=Record):
    with catalogue.database.read() as session:
        return session.scalar(select(func.count()).select_from(of))


def test_the_same_request_is_answered_as_before_and_done_once(town):
    before = count(town.catalogue)
    first = town.editor("POST", NEW, SENT, Idempotency_Key="abc")
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    for key in ("abc", '"abc"'):  # the draft writes it as a string of structured fields
        again = town.editor("POST", NEW, SENT, Idempotency_Key=key)
        assert again.status_code == 201
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.data == first.data
        for name in ("Location", "ETag", "Content-Type", "Cache-Control"):
            assert again.headers[name] == first.headers[name]
    assert count(town.catalogue) == before + 1


def test_a_key_fits_one_request_of_one_person(town):
    town.editor("POST", NEW, SENT, Idempotency_Key="abc")
    other = town.editor("POST", NEW, {**SENT, "note": "x"}, Idempotency_Key="abc")
    assert other.status_code == 422
    assert "another request" in other.get_json()["detail"]
    elsewhere = town.editor("POST", "/workspace/series", SENT, Idempotency_Key="abc")
    assert elsewhere.status_code == 422
    manager = town.manager("POST", NEW, SENT, Idempotency_Key="abc")
    assert manager.status_code == 201
    assert "Idempotency-Replayed" not in manager.headers


def test_a_refusal_is_not_kept(town):
    wrong = {**SENT, "organisation": "nowhere"}
    assert town.editor("POST", NEW, wrong, Idempotency_Key="abc").status_code == 422
    assert town.editor("POST", NEW, SENT, Idempotency_Key="abc").status_code == 201
    assert count(town.catalogue, Answered) == 1


def test_every_post_heeds_it(town):
    made = town.editor("POST", NEW, SENT).get_json()["links"]["self"]
    for address, sent in (
        (f"{made}/submit", {}),
        (f"{made}/recall", {}),
        (f"{made}/comments", {"text": "Hello"}),
        ("/workspace/bulk", {"items": [{"kind": "dataset", "key": "b", **SENT}]}),
    ):
        first = town.editor("POST", address, sent, Idempotency_Key=address)
        assert first.status_code < 300, first.get_json()
        again = town.editor("POST", address, sent, Idempotency_Key=address)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.data == first.data
    assert len(town.editor.get(f"{made}/comments")["items"]) == 1


def test_a_dry_run_is_not_taken_for_the_change(town):
    sent = {"items": [{"kind": "dataset", "key": "b", **SENT}]}
    town.editor("POST", "/workspace/bulk?dry_run=true", sent, Idempotency_Key="abc")
    done = town.editor("POST", "/workspace/bulk", sent, Idempotency_Key="abc")
    assert done.get_json()["created"] == 1


def test_an_answer_is_kept_for_a_day(town):
    town.editor("POST", NEW, SENT, Idempotency_Key="abc")
    with town.catalogue.changing() as session:
        session.execute(update(Answered).values(at=Answered.at))
        for one in session.scalars(select(Answered)):
            one.at -= timedelta(hours=24, seconds=1)
    later = town.editor("POST", NEW, SENT, Idempotency_Key="abc")
    assert "Idempotency-Replayed" not in later.headers
    assert count(town.catalogue, Answered) == 1


def test_a_token_is_not_kept_with_the_answer_that_showed_it(town):
    first = town.editor("POST", "/account/tokens", {"name": "a"}, Idempotency_Key="abc")
    token = first.get_json()["token"]
    assert token.startswith("cat_")
    again = town.editor("POST", "/account/tokens", {"name": "a"}, Idempotency_Key="abc")
    assert again.get_json() == {**first.get_json(), "token": None}
    with town.catalogue.database.read() as session:
        assert token not in session.scalar(select(Answered.body))


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256, '"'])
def test_what_is_no_key_is_refused(town, key):
    response = town.editor("POST", NEW, SENT, Idempotency_Key=key)
    assert response.status_code == 400
    assert response.get_json()["problems"][0]["path"] == ["Idempotency-Key"]


def test_of_two_at_once_one_is_done_and_the_other_waits_or_is_told_to(town):
    before, held, go = count(town.catalogue), threading.Event(), threading.Event()
    create = town.catalogue.workspace.create

    def slowly(*arguments, **more):
        held.set()
        assert go.wait(20)
        return create(*arguments, **more)

    town.catalogue.workspace.create = slowly
    answers = []

    def ask():
        answers.append(town.editor("POST", NEW, SENT, Idempotency_Key="abc"))

    first = threading.Thread(target=ask)
    first.start()
    assert held.wait(20)
    second = town.app.test_client().post(
        f"/api/v1{NEW}",
        json=SENT,
        headers={"Authorization": f"Bearer {town.editor.token}", "Idempotency-Key": "abc"},
    )
    assert second.status_code == 409
    assert "still running" in second.get_json()["detail"]
    go.set()
    first.join(20)
    assert answers[0].status_code == 201
    third = town.editor("POST", NEW, SENT, Idempotency_Key="abc")
    assert third.headers["Idempotency-Replayed"] == "true"
    assert count(town.catalogue) == before + 1


def test_many_at_once_make_one_record(town):
    before, statuses = count(town.catalogue), []

    def ask():
        client = town.app.test_client()
        response = client.post(
            f"/api/v1{NEW}",
            json=SENT,
            headers={"Authorization": f"Bearer {town.editor.token}", "Idempotency-Key": "abc"},
        )
        statuses.append(response.status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert count(town.catalogue) == before + 1


_KILLED = """
import os, signal, sys
from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.api import idempotency
keep = idempotency.keep
def killed(*arguments, **more):
    keep(*arguments, **more)
    os.kill(os.getpid(), signal.SIGKILL)
idempotency.keep = killed
app = create_app(Settings(public_address="https://c.example/", instance=sys.argv[1], database=sys.argv[4]))
app.test_client().post(
    "/api/v1/workspace/datasets",
    data=sys.argv[3],
    headers={
        "Authorization": "Bearer " + sys.argv[2],
        "Content-Type": "application/json",
        "Idempotency-Key": "abc",
    },
)
"""


def test_a_kill_leaves_neither_the_change_nor_the_answer(town):
    before = count(town.catalogue)
    command = [sys.executable, "-c", _KILLED, str(town.catalogue.settings.instance_folder)]
    killed = subprocess.run(
        [*command, town.editor.token, json.dumps(SENT), town.catalogue.settings.database_address],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (count(town.catalogue), count(town.catalogue, Answered)) == (before, 0)
    for replayed in (None, "true"):
        done = town.editor("POST", NEW, SENT, Idempotency_Key="abc")
        assert done.status_code == 201
        assert done.headers.get("Idempotency-Replayed") == replayed
    assert (count(town.catalogue), count(town.catalogue, Answered)) == (before + 1, 1)
