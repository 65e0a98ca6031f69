"""Harvesting through the interface: sources, their runs, and what became of what was found."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from conftest import ADDRESS
from factories import dataset
from harvest.portals import Portal
from harvest.sites import Site
from sqlalchemy import select

from catalogue.accounts.models import Audit
from catalogue.harvest.models import (
    ASKING,
    FAILED,
    FINISHED,
    LEAVING,
    READING,
    STOPPED,
    UNDOING,
    WAITING,
    Find,
    Item,
    Page,
    Run,
    Source,
    Unread,
)

NEW = "/harvest/sources"
ONE = f"{NEW}/portal"
PORTAL = {
    "key": "portal",
    "title": "National portal",
    "address": "https://data.example.org/catalog.ttl",
    "schedule": "daily",
    "organisation": "ghent",
}
NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)


def add(person, status=201, **changed):
    return person.post(NEW, {**PORTAL, **changed}, status)


def problems(response):
    return {tuple(one["path"]): one["message"] for one in response.get_json()["problems"]}


def keep(town, *rows):
    """Put rows into the database, as a worker would; returns their numbers."""
    with town.catalogue.database.write() as session:
        for one in rows:
            session.add(one)
            session.flush()
        return [getattr(one, "id", None) for one in rows]


def a_run(state=FINISHED, **more):
    values = {
        "mode": "full",
        "author": "",
        "asked": NOW,
        "counts": {},
        "kinds": {},
        "source_id": 1,
        **more,
    }
    return Run(state=state, **values)


def a_find(run, number, outcome="", **more):
    remote = f"https://data.example.org/dataset/{number}"
    return Find(
        run_id=run,
        name=f"{number:064}",
        remote_id=remote,
        kind="dataset",
        iri=remote,
        rank=1,
        title=f"Registry {number}",
        outcome=outcome,
        **more,
    )


def broken(message, *path):
    return {"path": list(path), "message": message, "severity": "violation", "rule": "type"}


def an_item(number, **more):
    remote = f"https://data.example.org/dataset/{number}"
    values = {"outcome": "created", "seen": 1, "first": NOW, "changed": NOW, "hash": "", **more}
    return Item(
        source_id=1, name=f"{number:064}", remote_id=remote, kind="dataset", iri=remote, **values
    )


def walked(person, address):
    found = []
    while address:
        answer = person.get(address)
        found += answer["items"]
        address = answer["next"]
    return found, answer["total"]


def state_of(town, number=1):
    with town.catalogue.database.read() as session:
        return session.get(Run, number).state


# sources ------------------------------------------------------------------------------


def test_a_source_is_added_read_changed_and_given_up(town):
    response = town.administrator("POST", NEW, PORTAL)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{ADDRESS}api/v1{ONE}"
    made = response.get_json()
    assert made["organisation"] == {"key": "ghent", "name": "Ghent"}
    assert (made["protocol"], made["edits"], made["grace"], made["brake"]) == (
        "auto",
        "local",
        7,
        20,
    )
    assert made["author"] == {"id": f"user:{town.administrator.number}", "name": "Administrator"}
    assert made["due"]
    assert (made["last"], made["now"]) == (None, None)
    read = town.reviewer("GET", ONE)
    assert read.get_json() == made
    assert read.headers["ETag"].strip('"') == made["etag"]
    changed = town.administrator(
        "PATCH",
        ONE,
        {"schedule": "manual", "organisation": None, "grace": 0, "fields": {"keyword": "source"}},
        made["etag"],
        Content_Type="application/merge-patch+json",
    ).get_json()
    assert changed["etag"] != made["etag"]
    assert changed["title"] == "National portal"
    assert (changed["schedule"], changed["due"], changed["grace"]) == ("manual", None, 0)
    assert changed["organisation"] is None
    assert changed["fields"] == {"keyword": "source"}
    assert town.administrator.get(NEW)["items"] == [changed]
    left = town.administrator("DELETE", f"{ONE}?way=withdraw", etag=changed["etag"])
    assert left.status_code == 202
    assert (left.get_json()["state"], left.get_json()["leaving"]) == (LEAVING, "withdraw")
    for method, address, sent in (
        ("PATCH", ONE, {"grace": 1}),
        ("POST", f"{ONE}/pause", None),
        ("POST", f"{ONE}/runs", {}),
    ):
        assert town.administrator(method, address, sent).status_code == 409, address


def test_every_change_is_written_down_with_who_made_it(town):
    add(town.administrator)
    town.administrator("PATCH", ONE, {"grace": 1})
    town.administrator.post(f"{ONE}/pause")
    town.administrator.post(f"{ONE}/resume")
    town.administrator("DELETE", f"{ONE}?way=keep")
    with town.catalogue.database.read() as session:
        said = session.execute(
            select(Audit.action, Audit.user_id).where(Audit.subject == "portal")
        ).all()
    names = ("added", "changed", "paused", "resumed", "left")
    assert said == [(f"source-{name}", town.administrator.number) for name in names]


def test_a_source_belongs_to_a_catalogue_here_by_reference_or_full_name(town):
    network = {"title": {"en": "Network"}, "publisher": "id/agent/ghent"}
    town.administrator.post(
        "/workspace/catalogues",
        {"organisation": "ghent", "key": "network", "document": network},
        201,
    )
    add(town.administrator, listed_in=f"{ADDRESS}id/catalogue/network")
    assert town.administrator.get(ONE)["listed_in"] == "id/catalogue/network"
    assert town.administrator("PATCH", ONE, {"listed_in": None}).get_json()["listed_in"] == ""
    wrong = town.administrator("PATCH", ONE, {"listed_in": "id/agent/ghent"})
    assert problems(wrong) == {("listed_in",): "There is no such catalogue"}


def test_a_patch_takes_single_options_and_fields_in_and_out(town):
    add(
        town.administrator,
        protocol="oai-pmh",
        options={"set": "health", "prefix": "dcat_ap"},
        fields={"title": "local", "keyword": "source"},
    )
    sent = {"options": {"set": None}, "fields": {"keyword": None, "description": "source"}}
    changed = town.administrator("PATCH", ONE, sent).get_json()
    assert changed["options"] == {"prefix": "dcat_ap"}
    assert changed["fields"] == {"title": "local", "description": "source"}


def test_a_paused_source_is_off_the_timetable_until_it_is_resumed(town):
    add(town.administrator)
    paused = town.administrator.post(f"{ONE}/pause")
    assert (paused["state"], paused["due"]) == ("paused", None)
    assert town.administrator("POST", f"{ONE}/pause").status_code == 200
    resumed = town.administrator.post(f"{ONE}/resume")
    assert resumed["state"] == "active"
    assert resumed["due"]


def test_a_change_meant_for_another_state_changes_nothing(town):
    etag = add(town.administrator)["etag"]
    town.administrator("PATCH", ONE, {"grace": 1}, etag)
    for method, address, sent in (
        ("PATCH", ONE, {"grace": 2}),
        ("DELETE", f"{ONE}?way=delete", None),
        ("POST", f"{ONE}/pause", None),
        ("POST", f"{ONE}/resume", None),
    ):
        late = town.administrator(method, address, sent, etag)
        assert late.status_code == 412, address
        assert "source is no longer what If-Match says" in late.get_json()["detail"]
        weak = town.administrator(method, address, sent, If_Match=f'W/"{etag}"')
        assert weak.status_code == 412
    now = town.administrator.get(ONE)
    assert (now["grace"], now["state"]) == (1, "active")
    assert town.administrator("PATCH", ONE, {"grace": 3}, "*").status_code == 200


def test_a_run_at_work_does_not_change_the_etag_of_its_source(town):
    etag = add(town.administrator)["etag"]
    town.administrator.post(f"{ONE}/runs", {}, 202)
    assert town.administrator.get(ONE)["etag"] == etag


def test_giving_up_says_what_becomes_of_the_records(town):
    add(town.administrator)
    silent = town.administrator("DELETE", ONE)
    assert silent.status_code == 400
    assert "keep, withdraw, delete" in problems(silent)[("way",)]
    assert town.administrator("DELETE", f"{ONE}?way=burn").status_code == 400
    assert town.administrator.get(ONE)["state"] == "active"


def test_the_same_request_again_adds_no_second_source_and_asks_for_no_second_run(town):
    sent = {name: value for name, value in PORTAL.items() if name != "key"}
    first = town.administrator("POST", NEW, sent, Idempotency_Key="one")
    again = town.administrator("POST", NEW, sent, Idempotency_Key="one")
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    runs = f"{first.get_json()['links']['runs']}"
    first = town.administrator("POST", runs, {}, Idempotency_Key="two")
    again = town.administrator("POST", runs, {}, Idempotency_Key="two")
    assert first.get_json() == again.get_json()
    assert again.headers["Location"] == first.headers["Location"]
    assert town.administrator.get(runs)["total"] == 1
    assert town.administrator.get(NEW)["total"] == 1


def test_a_key_is_taken_once(town):
    add(town.administrator)
    taken = town.administrator("POST", NEW, PORTAL)
    assert taken.status_code == 409
    assert "choose another key" in taken.get_json()["detail"]


# who may ------------------------------------------------------------------------------

READS = (
    NEW,
    ONE,
    f"{ONE}/runs",
    f"{ONE}/runs/1",
    f"{ONE}/runs/1/finds",
    f"{ONE}/runs/1/pages",
    f"{ONE}/items",
    f"{ONE}/items/1",
    f"{ONE}/items/1/raw",
    f"{ONE}/unread",
)
CHANGES = (
    ("POST", NEW, PORTAL),
    ("PATCH", ONE, {"grace": 1}),
    ("DELETE", f"{ONE}?way=delete", None),
    ("POST", f"{ONE}/pause", None),
    ("POST", f"{ONE}/resume", None),
    ("POST", f"{ONE}/runs", {}),
    ("POST", f"{ONE}/runs/1/stop", None),
    ("POST", f"{ONE}/runs/1/resume", None),
    ("POST", f"{ONE}/runs/1/answer", {"answer": "stop"}),
    ("POST", f"{ONE}/runs/1/undo", None),
    ("PATCH", f"{ONE}/items/1", {"excluded": True}),
)


@pytest.mark.parametrize(
    ("name", "reads", "changes"),
    [
        ("anybody", 401, 401),
        ("reader", 403, 403),
        ("editor", 403, 403),
        ("manager", 403, 403),
        ("reading_editor", 403, 403),
        ("reviewer", 200, 403),
        ("reading_administrator", 200, 403),
    ],
)
def test_administrators_look_after_sources_and_reviewers_read(town, name, reads, changes):
    add(town.administrator)
    keep(town, a_run(), an_item(1))
    before = town.administrator.get(ONE)
    person = getattr(town, name)
    for address in READS:
        response = person("GET", address)
        assert response.status_code == reads, address
        assert response.headers["Cache-Control"] == "private, no-store"
        assert person("GET", f"{NEW}/nothing").status_code == (404 if reads == 200 else reads)
    for method, address, sent in CHANGES:
        response = person(method, address, sent)
        assert response.status_code == changes, address
        assert response.get_json()["detail"]
        assert response.headers["Cache-Control"] == "private, no-store"
    assert town.administrator.get(ONE) == before
    assert town.administrator.get(f"{ONE}/items/1")["excluded"] is False


# runs ---------------------------------------------------------------------------------


def test_a_run_is_asked_for_and_the_answer_says_where_to_look(town):
    add(town.administrator)
    response = town.administrator("POST", f"{ONE}/runs", {"mode": "full"})
    assert response.status_code == 202
    run = response.get_json()
    assert response.headers["Location"] == run["links"]["self"]
    assert (run["mode"], run["state"], run["counts"]) == ("full", WAITING, {})
    assert run["author"]["name"] == "Administrator"
    assert town.reviewer.get(run["links"]["self"]) == run
    busy = town.administrator("POST", f"{ONE}/runs", {"mode": "preview"})
    assert busy.status_code == 409
    assert f"Run {run['number']} of this source is still at work" in busy.get_json()["detail"]
    source = town.administrator.get(ONE)
    assert source["last"]["number"] == source["now"]["number"] == run["number"]


def test_nothing_sent_asks_for_a_full_run(town):
    add(town.administrator)
    assert town.administrator.post(f"{ONE}/runs", status=202)["mode"] == "full"


def test_whoever_asks_for_a_run_rings_the_worker_once_it_is_written_down(town):
    heard = []

    def tender(_):
        with town.catalogue.database.read() as session:
            heard.extend(session.scalars(select(Run.state)))

    town.catalogue.tenders["harvest"] = tender
    town.app.extensions["jobs"]._immediate = True
    add(town.administrator)
    assert heard == []
    town.administrator.post(f"{ONE}/runs", {"mode": "preview"}, 202)
    assert heard == [WAITING]
    town.administrator.post(f"{ONE}/runs/1/stop", status=202)
    assert heard == [WAITING, STOPPED]


def test_a_run_tells_how_far_it_is_and_what_came_of_it(town):
    add(town.administrator)
    (number,) = keep(
        town,
        a_run(
            READING,
            place={"page": 3},
            pages=2,
            entries=40,
            stated=54,
            lease=datetime.now(UTC) + timedelta(minutes=1),
            counts={"unchanged": 37},
            protocol="dcat",
            began=NOW,
        ),
    )
    keep(town, a_find(number, 1, "created"), a_find(number, 2), a_find(number, 3))
    run = town.reviewer.get(f"{ONE}/runs/{number}")
    assert run["progress"] == {
        "read": 40,
        "of": 54,
        "taken": 1,
        "waiting": 2,
        "working": True,
        "workers": 0,
    }
    assert run["counts"] == {"unchanged": 37}
    assert (run["protocol"], run["pages"], run["began"]) == ("dcat", 2, NOW.isoformat())


def test_a_run_tells_what_the_source_lists_and_does_not_give(town):
    add(town.administrator)
    sleep = "https://data.example.org/dataset/sleep"
    keep(
        town,
        a_run(stated=54, entries=53, kinds={"dataset": 53, "agent": 4}, missing=[sleep]),
        a_run(entries=53, question={}),
    )
    first, second = (town.reviewer.get(f"{ONE}/runs/{number}") for number in (1, 2))
    assert (first["stated"], first["entries"], first["missing"]) == (54, 53, [sleep])
    assert first["kinds"] == {"dataset": 53, "agent": 4}
    assert (second["stated"], second["missing"], second["question"]) == (None, [], None)


def test_a_list_of_runs_walked_to_its_end_has_every_run_once(town):
    add(town.administrator)
    other = keep(town, a_source("elsewhere"))[0]
    keep(town, *(a_run() for _ in range(7)), a_run(source_id=other))
    found, total = walked(town.reviewer, f"{ONE}/runs?size=2")
    assert [one["number"] for one in found] == [7, 6, 5, 4, 3, 2, 1]
    assert total == 7
    town.reviewer.get(f"{ONE}/runs/8", 404)  # of another source
    town.reviewer.get(f"{NEW}/elsewhere/runs/8")


def a_source(key):
    return Source(
        key=key,
        title=key.title(),
        address=f"https://{key}.example.org/",
        protocol="auto",
        options={},
        schedule="manual",
        fields={},
        created=NOW,
        author="",
    )


@pytest.mark.parametrize(
    ("before", "step", "sent", "after"),
    [
        (WAITING, "stop", None, STOPPED),
        (READING, "stop", None, READING),  # until the page is read
        (ASKING, "stop", None, STOPPED),
        (STOPPED, "resume", None, WAITING),
        (FAILED, "resume", None, WAITING),
        (ASKING, "answer", {"answer": "go-on"}, WAITING),
        (ASKING, "answer", {"answer": "stop"}, STOPPED),
        (FINISHED, "undo", None, UNDOING),
        (STOPPED, "undo", None, UNDOING),
    ],
)
def test_a_step_is_taken_or_asked_for(town, before, step, sent, after):
    add(town.administrator)
    question = (
        {"is": "withdraw", "count": 30, "of": 100, "examples": []} if before == ASKING else None
    )
    keep(town, a_run(before, question=question))
    run = town.administrator.post(f"{ONE}/runs/1/{step}", sent, 202)
    assert run["state"] == after == state_of(town)
    assert run["stopping"] is (before == READING)
    assert run["answer"] == (sent or {}).get("answer", "")


@pytest.mark.parametrize(
    ("state", "step", "sent"),
    [
        (FINISHED, "stop", None),
        (FINISHED, "resume", None),
        (FINISHED, "answer", {"answer": "go-on"}),
        (WAITING, "undo", None),
    ],
)
def test_a_step_that_does_not_fit_is_a_conflict_and_changes_nothing(town, state, step, sent):
    add(town.administrator)
    keep(town, a_run(state))
    assert town.administrator("POST", f"{ONE}/runs/1/{step}", sent).status_code == 409
    assert state_of(town) == state


def test_only_a_run_with_new_ids_takes_them_over(town):
    add(town.administrator)
    keep(town, a_run(ASKING, question={"is": "withdraw"}))
    wrong = town.administrator("POST", f"{ONE}/runs/1/answer", {"answer": "match"})
    assert wrong.status_code == 422
    with town.catalogue.database.write() as session:
        session.get(Run, 1).question = {"is": "new-ids"}
    run = town.administrator.post(f"{ONE}/runs/1/answer", {"answer": "match"}, 202)
    assert (run["answer"], run["state"]) == ("match", WAITING)


# what a run found ---------------------------------------------------------------------


def test_finds_walked_to_their_end_are_each_told_once_with_what_became_of_them(town):
    add(town.administrator)
    record = put(town, "hf")
    keep(town, a_run())
    keep(
        town,
        *(a_find(1, n, "created", record_id=record) for n in range(4)),
        *(a_find(1, n) for n in range(4, 7)),
        a_find(
            1,
            7,
            "failed",
            problems=[
                broken("holds a space", "iri"),
                broken("has 10,000 distributions", "distribution", 3),
            ],
        ),
    )
    found, total = walked(town.reviewer, f"{ONE}/runs/1/finds?size=3")
    assert total == len({one["remote_id"] for one in found}) == 8
    assert [one["outcome"] for one in found] == ["waiting"] * 3 + ["created"] * 4 + ["failed"]
    assert found[3]["record"]["key"] == "hf"
    assert found[0]["record"] is None
    assert found[-1]["problems"] == [
        broken("holds a space", "iri"),
        broken("has 10,000 distributions", "distribution", 3),
    ]
    waiting, number = walked(town.reviewer, f"{ONE}/runs/1/finds?outcome=waiting&size=2")
    assert number == len(waiting) == 3
    next_ = town.reviewer.get(f"{ONE}/runs/1/finds?size=3")["next"]
    other = next_.replace("size=3", "size=3&outcome=failed")
    town.reviewer.get(other, 400)  # the cursor is of another list


def put(town, key):
    with town.catalogue.changing() as session:
        document = dataset(title={"en": "Heart failure registry"})
        return town.catalogue.records.put(session, "dataset", document, key=key, author="x").id


def test_pages_are_told_in_their_order_and_the_faulty_ones_by_themselves(town):
    add(town.administrator)
    keep(town, a_run())
    keep(
        town,
        *(
            Page(
                run_id=1,
                number=n,
                place="p",
                content="c",
                address=f"https://data.example.org/catalog.ttl?page={n}",
                found=100,
                at=NOW,
                problems=["The totals differ"] if n == 3 else None,
            )
            for n in range(1, 6)
        ),
    )
    found, total = walked(town.reviewer, f"{ONE}/runs/1/pages?size=2")
    assert [one["number"] for one in found] == [1, 2, 3, 4, 5]
    assert total == 5
    (faulty,), number = walked(town.reviewer, f"{ONE}/runs/1/pages?faulty=true")
    assert (faulty["number"], faulty["problems"], number) == (3, ["The totals differ"], 1)


# items --------------------------------------------------------------------------------


def test_items_are_found_by_words_and_outcome_and_each_is_told_once(town):
    add(town.administrator)
    record = put(town, "hf")
    keep(
        town,
        an_item(1, record_id=record, kept=["title"]),
        *(an_item(n, outcome="updated") for n in range(2, 6)),
        an_item(6, outcome="failed", problems=[broken("is missing", "title")]),
    )
    found, total = walked(town.reviewer, f"{ONE}/items?size=2")
    assert [one["number"] for one in found] == [1, 2, 3, 4, 5, 6]
    assert total == 6
    assert found[0]["record"] == {
        "kind": "dataset",
        "key": "hf",
        "iri": f"{ADDRESS}id/dataset/hf",
        "title": "Heart failure registry",
        "stage": "published",
        "links": {
            "self": f"{ADDRESS}api/v1/workspace/datasets/hf",
            "page": f"{ADDRESS}workspace/dataset/hf",
        },
    }
    assert found[0]["kept"] == ["title"]

    def numbers(query):
        return [one["number"] for one in walked(town.reviewer, f"{ONE}/items?size=2&{query}")[0]]

    assert numbers("q=heart+failure") == [1]
    assert numbers("q=dataset/3") == [3]
    assert numbers("q=%25") == []
    assert numbers("outcome=updated") == [2, 3, 4, 5]
    assert numbers("outcome=problems") == [6]


def test_an_item_tells_what_the_source_said_word_for_word_and_what_it_came_to(town):
    add(town.administrator)
    said = '<https://data.example.org/dataset/1> <http://purl.org/dc/terms/title> "Herz"@de .\n'
    keep(
        town,
        an_item(1, raw=gzip.compress(said.encode()), hash="ab", said={"title": {"de": "Herz"}}),
        an_item(2),
    )
    item = town.reviewer.get(f"{ONE}/items/1")
    assert item["said"] == {"title": {"de": "Herz"}}
    raw = town.reviewer.get(item["links"]["raw"])
    assert (raw["form"], raw["hash"], raw["content"]) == ("rdf", "ab", said)
    assert town.reviewer.get(f"{ONE}/items/2/raw")["content"] == ""
    town.reviewer.get(f"{ONE}/items/3", 404)


def test_an_item_is_left_out_and_taken_in_again(town):
    add(town.administrator)
    keep(town, an_item(1, hash="ab"))
    out = town.administrator("PATCH", f"{ONE}/items/1", {"excluded": True})
    assert out.get_json()["excluded"] is True
    town.administrator("PATCH", f"{ONE}/items/1", {"excluded": True})
    back = town.administrator("PATCH", f"{ONE}/items/1", {"excluded": False}).get_json()
    assert back["excluded"] is False
    with town.catalogue.database.read() as session:
        said = select(Audit.action).where(Audit.subject.startswith("https://data.example.org"))
        assert session.scalars(said).all() == ["item-excluded", "item-included"]
        assert session.get(Item, 1).hash == ""  # so the next run looks at it anew


def test_what_no_row_of_the_profile_reads_is_told_with_an_item_that_has_it(town):
    add(town.administrator)
    rare, common = "http://purl.org/vocab/vann/usageNote", "http://schema.org/url"
    keep(town, an_item(1), an_item(2))
    keep(
        town,
        Unread(source_id=1, predicate=common, item_id=1),
        Unread(source_id=1, predicate=common, item_id=2),
        Unread(source_id=1, predicate=rare, item_id=2),
    )
    found = town.reviewer.get(f"{ONE}/unread")["items"]
    assert [(one["predicate"], one["count"]) for one in found] == [(common, 2), (rare, 1)]
    item = town.reviewer.get(found[1]["example"])
    assert (item["number"], item["unread"]) == (2, [rare, common])


# from one end to the other ------------------------------------------------------------


@pytest.fixture
def portal(town):
    """A portal with ten datasets of somebody else, which the town may read."""
    town.catalogue.settings = replace(town.catalogue.settings, harvest_allow="127.0.0.1")
    site = Site()
    yield Portal(site, town.catalogue.profile).fill(10)
    site.close()


def test_a_portal_is_looked_at_read_brought_up_to_date_and_put_back_as_it_was(town, portal):
    person = town.administrator
    add(person, address=portal.address, protocol="dcat", grace=0, organisation=None)

    def work(said, steps="runs"):
        asked = person.post(f"{ONE}/{steps}", said, 202)
        town.catalogue.tenders["harvest"](lambda: False)
        return person.get(asked["links"]["self"])

    looked = work({"mode": "preview"})
    assert (looked["state"], looked["error"]) == (FINISHED, "")
    finds, _ = walked(person, looked["links"]["finds"])
    assert {one["outcome"] for one in finds} == {"created"}
    assert town.anybody.get("/datasets")["total"] == 0
    assert person.get(f"{ONE}/items")["total"] == 0

    done = work({})
    assert (done["state"], done["stated"], done["kinds"]["dataset"]) == (FINISHED, 10, 10)
    assert done["progress"]["waiting"] == 0
    assert town.anybody.get("/datasets")["total"] == 10
    items, _ = walked(person, f"{ONE}/items?q=cohort&size=3")
    assert len(items) == 10
    assert items[0]["iri"] in person.get(items[0]["links"]["raw"])["content"]
    again = work({})
    assert set(again["counts"]) == {"unchanged"}

    portal.datasets = dict(list(portal.datasets.items())[:5])
    asking = work({})
    assert (asking["state"], asking["question"]["is"]) == (ASKING, "withdraw")
    assert (asking["question"]["count"], asking["question"]["of"]) >= (5, 10)
    number = asking["number"]
    gone = work({"answer": "go-on"}, f"runs/{number}/answer")
    assert (gone["state"], gone["counts"]["withdrawn"]) == (FINISHED, 5)
    assert town.anybody.get("/datasets")["total"] == 5
    assert walked(person, f"{ONE}/items?outcome=withdrawn")[1] == 5
    undone = work(None, f"runs/{number}/undo")
    assert undone["state"] == "undone"
    assert town.anybody.get("/datasets")["total"] == 10
    assert person.get(ONE)["state"] == "paused"

    assert person("DELETE", f"{ONE}?way=withdraw").status_code == 202
    town.catalogue.tenders["harvest"](lambda: False)
    person.get(ONE, 404)
    assert town.anybody.get("/datasets")["total"] == 0


def test_a_portal_that_does_not_answer_says_so_in_its_run(town, portal):
    portal.site.put("/catalogue.ttl", b"Out of order", "text/plain", 500)
    add(town.administrator, address=portal.address, protocol="dcat")
    asked = town.administrator.post(f"{ONE}/runs", {}, 202)
    town.catalogue.tenders["harvest"](lambda: False)
    failed = town.reviewer.get(asked["links"]["self"])
    assert failed["state"] == FAILED
    assert "500" in failed["error"]


# pairs --------------------------------------------------------------------------------


def twins(town, number=2, identifier="EGAD00001", key="twin"):
    """Some datasets with one identifier; their numbers."""
    made = []
    with town.catalogue.changing() as session:
        for n in range(number):
            document = dataset(title={"en": f"Hearts {key} {n}"}, identifier=[identifier])
            put_ = town.catalogue.records.put
            made.append(put_(session, "dataset", document, key=f"{key}-{n}", author="x").id)
    return made


def test_a_pair_is_proposed_decided_remembered_and_undone(town):
    low, high = twins(town)
    add(town.administrator)
    keep(town, an_item(1, record_id=high))
    (proposed,) = town.reviewer.get("/harvest/pairs")["items"]
    here = proposed["links"]["self"]
    assert here == f"{ADDRESS}api/v1/harvest/pairs/{low}/{high}"
    assert proposed["reasons"] == ["the same identifier: egad00001"]
    assert (proposed["left"]["number"], proposed["left"]["key"]) == (low, "twin-0")
    assert proposed["left"]["origins"] == []
    assert proposed["right"]["origins"] == [
        {
            "source": "National portal",
            "remote_id": "https://data.example.org/dataset/1",
            "url": f"{ADDRESS}api/v1{ONE}",
        }
    ]
    read = town.reviewer("GET", f"/harvest/pairs/{high}/{low}")
    assert read.get_json() == proposed
    etag = read.headers["ETag"].strip('"')
    sent = {"decision": "same", "stays": low}
    decided = town.administrator("PUT", here, sent, etag).get_json()
    assert decided["decision"]["stays"] == low
    assert decided["decision"]["author"]["name"] == "Administrator"
    assert (decided["left"]["stage"], decided["right"]["stage"]) == ("published", "withdrawn")
    assert town.anybody.get("/datasets?q=hearts")["total"] == 1
    assert town.reviewer.get("/harvest/pairs")["total"] == 0
    assert town.reviewer.get("/harvest/pairs?decided=true")["items"] == [decided]
    same_as = town.reviewer.get(f"{ONE}/items/1")["same_as"]
    assert same_as["key"] == "twin-0"
    assert town.administrator("PUT", here, sent).get_json() == decided  # the same again
    other = town.administrator("PUT", here, {"decision": "different"})
    assert other.status_code == 409
    assert town.administrator("DELETE", here, etag=etag).status_code == 412
    assert town.administrator("DELETE", here, etag=decided["etag"]).status_code == 204
    assert town.anybody.get("/datasets?q=hearts")["total"] == 2
    assert town.reviewer.get("/harvest/pairs")["total"] == 1
    assert town.administrator("DELETE", here).status_code == 404


def test_two_that_are_different_stay_two(town):
    low, high = twins(town)
    here = f"/harvest/pairs/{low}/{high}"
    decided = town.administrator("PUT", here, {"decision": "different"}).get_json()
    assert (decided["decision"]["decision"], decided["decision"]["stays"]) == ("different", None)
    assert town.anybody.get("/datasets?q=hearts")["total"] == 2
    assert town.reviewer.get("/harvest/pairs")["total"] == 0


def test_pairs_walked_to_their_end_are_each_told_once_whatever_is_decided_meanwhile(town):
    for n in range(5):
        twins(town, identifier=f"EGAD0000{n}", key=f"pair-{n}")
    twins(town, 3, identifier="EGAD99999", key="three")
    found, total = walked(town.reviewer, "/harvest/pairs?size=3")
    assert total == len({one["links"]["self"] for one in found}) == 8
    first = town.reviewer.get("/harvest/pairs?size=3")
    for one in first["items"]:
        town.administrator("PUT", one["links"]["self"], {"decision": "different"})
    rest, _ = walked(town.reviewer, first["next"])
    assert [one["links"]["self"] for one in rest] == [one["links"]["self"] for one in found[3:]]
    decided, number = walked(town.reviewer, "/harvest/pairs?decided=true&size=2")
    assert number == len(decided) == 3


def test_what_asks_for_another_look_stands_first_among_the_decided(town):
    for n in range(3):
        low, high = twins(town, identifier=f"EGAD0000{n}", key=f"pair-{n}")
        sent = {"decision": "same", "stays": low}
        town.administrator("PUT", f"/harvest/pairs/{low}/{high}", sent)
    town.administrator.post("/workspace/datasets/pair-1-0/withdraw", {"note": "Gone"})
    found, total = walked(town.reviewer, "/harvest/pairs?decided=true&size=1")
    assert [one["left"]["key"] for one in found] == ["pair-1-0", "pair-2-0", "pair-0-0"]
    assert total == 3


def test_what_too_many_share_is_told_and_makes_no_pairs(town):
    twins(town, 51, identifier="untitled")
    found = town.reviewer.get("/harvest/pairs")
    assert found["items"] == []
    assert found["crowds"] == [{"said": "the same identifier: untitled", "count": 51}]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 422),
        ({"decision": "perhaps"}, 422),
        ({"decision": ["same"]}, 422),
        ({"decision": "same"}, 422),
        ({"decision": "same", "stays": None}, 422),
        ({"decision": "same", "stays": 1}, 422),
        ({"decision": "same", "stays": "2"}, 422),
        ({"decision": "same", "stays": 10**25}, 422),
        ({"decision": "same", "stays": -1}, 422),
    ],
)
def test_a_decision_that_is_none_is_refused(town, sent, status):
    low, high = twins(town)
    refused = town.administrator("PUT", f"/harvest/pairs/{low}/{high}", sent)
    assert refused.status_code == status
    assert town.reviewer.get("/harvest/pairs")["total"] == 1


def test_only_administrators_decide_and_two_that_are_none_are_not_found(town):
    low, high = twins(town)
    here = f"/harvest/pairs/{low}/{high}"
    for name, reads, changes in (
        ("anybody", 401, 401),
        ("manager", 403, 403),
        ("reviewer", 200, 403),
        ("reading_administrator", 200, 403),
    ):
        person = getattr(town, name)
        assert person("GET", "/harvest/pairs").status_code == reads
        response = person("GET", here)
        assert response.status_code == reads
        assert response.headers["Cache-Control"] == "private, no-store"
        assert person("PUT", here, {"decision": "different"}).status_code == changes
        assert person("DELETE", here).status_code == changes
    for wrong in (f"{low}/{low}", f"{low}/999", "1/2", "0/0", f"{low}/{'9' * 30}", "a/b"):
        town.administrator.get(f"/harvest/pairs/{wrong}", 404)
    town.administrator.get("/harvest/pairs?decided=perhaps", 400)
    town.administrator.get("/harvest/pairs?cursor=x", 400)


# what is wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"address": "file:///etc/passwd"}, "address"),
        ({"address": "https://[1]/feed"}, "address"),
        ({"address": "https://data.example.org℀evil/feed"}, "address"),
        ({"address": "https://ada:secret@data.example.org/"}, "address"),
        ({"address": "https://data.example.org/" + "a" * 3_000}, "address"),
        ({"address": "no address at all"}, "address"),
        ({"address": ["https://data.example.org/"]}, "address"),
        ({"title": ""}, "title"),
        ({"title": "Bell\a"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"protocol": "gopher"}, "protocol"),
        ({"protocol": 7}, "protocol"),
        ({"schedule": "secondly"}, "schedule"),
        ({"grace": -1}, "grace"),
        ({"grace": True}, "grace"),
        ({"grace": "7"}, "grace"),
        ({"grace": 10**25}, "grace"),
        ({"brake": 20.5}, "brake"),
        ({"brake": 101}, "brake"),
        ({"options": "set=health"}, "options"),
        ({"options": {"query": "x" * 30_000}}, "options"),
        ({"fields": {"colour": "source"}}, "fields"),
        ({"fields": {"title": "theirs"}}, "fields"),
        ({"fields": {"title": ["source"]}}, "fields"),
        ({"organisation": "nowhere"}, "organisation"),
        ({"organisation": 1}, "organisation"),
        ({"listed_in": "id/catalogue/nowhere"}, "listed_in"),
        ({"key": "../portal"}, "key"),
        ({"key": "x" * 65}, "key"),
        ({"key": "pairs"}, "key"),
        ({"state": "leaving"}, "state"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_a_source_is_told_at_its_place(town, changed, path):
    response = town.administrator("POST", NEW, {**PORTAL, **changed})
    assert response.status_code == 422, response.get_json()
    assert path in {one[0] for one in problems(response)}
    if path not in ("key", "title") or None not in changed.values():
        add(town.administrator)
        changed.pop("key", None)
        if changed:
            assert town.administrator("PATCH", ONE, changed).status_code == 422
    assert town.administrator.get(NEW)["total"] <= 1


def test_every_problem_is_told_at_once(town):
    sent = {"title": "", "address": "x", "grace": -1, "schedule": "never"}
    response = town.administrator("POST", NEW, sent)
    assert set(problems(response)) == {("title",), ("grace",), ("schedule",)}


@pytest.mark.parametrize(
    "sent",
    [
        b'{"title": "a\\u0000b", "address": "https://data.example.org/"}',
        b'{"title": "a", "address": "https://x.org/", "options": {"a\\u0000": 1}}',
        b'{"title": "a", "address": "https://x.org/", "options": {"a": "\\ud800"}}',
        b'{"title": "a", "address": "https://x.org/", "options": '
        + b'{"a":' * 50
        + b"1"
        + b"}" * 51,
        b'{"title": "a", "address": "https://x.org/", "options": ' + b"[" * 100_000,
        b'{"title": "a", "address": "https://x.org/", "grace": ' + b"9" * 5_000 + b"}",
        b'{"title": "a", "address": "https://x.org/", "grace": 1e999}',
        b'{"title": "a", "title": "b", "address": "https://x.org/"}',
        b"[]",
        b"{",
        b"\xff",
    ],
)
def test_what_no_database_could_take_is_refused_before_anything_is_read(town, sent):
    response = town.administrator("POST", NEW, sent)
    assert response.status_code in (400, 413)
    assert response.get_json()["detail"]
    assert town.administrator.get(NEW)["total"] == 0


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{NEW}/nothing", 404),
        (f"{NEW}/" + "x" * 3_000, 404),
        (f"{NEW}/a%00b", 400),
        (f"{ONE}/runs/0", 404),
        (f"{ONE}/runs/9223372036854775808", 404),
        (f"{ONE}/runs/" + "9" * 5_000, 404),
        (f"{ONE}/runs/-1", 404),
        (f"{ONE}/items/" + "9" * 5_000, 404),
        (f"{ONE}/runs?size=0", 400),
        (f"{ONE}/runs?size=" + "9" * 5_000, 400),
        (f"{ONE}/runs?page=2", 400),
        (f"{ONE}/runs?cursor=x", 400),
        (f"{ONE}/items?outcome=burnt", 400),
        (f"{ONE}/items?outcome=", 200),
        (f"{ONE}/items?q=" + "x" * 201, 400),
        (f"{ONE}/items?q=%00", 400),
        (f"{ONE}/items?q=a&q=b", 400),
        (f"{ONE}/runs/1/finds?outcome=problems", 400),
        (f"{ONE}/runs/1/pages?faulty=perhaps", 400),
    ],
)
def test_an_address_that_leads_nowhere_is_told_so(town, address, status):
    add(town.administrator)
    keep(town, a_run())
    response = town.administrator("GET", address)
    assert response.status_code == status
    if status >= 400:
        assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        (f"{ONE}/runs", {"mode": "half"}),
        (f"{ONE}/runs", {"mode": None}),
        (f"{ONE}/runs", {"mode": ["full"]}),
        (f"{ONE}/runs/1/answer", {}),
        (f"{ONE}/runs/1/answer", {"answer": "perhaps"}),
        (f"{ONE}/runs/1/answer", {"answer": {"go-on": 1}}),
    ],
)
def test_what_a_run_cannot_be_told_is_refused(town, address, sent):
    add(town.administrator)
    keep(town, a_run(ASKING, question={"is": "withdraw"}))
    assert town.administrator("POST", address, sent).status_code == 422
    assert town.administrator.get(f"{ONE}/runs")["total"] == 1
    assert state_of(town) == ASKING


@pytest.mark.parametrize("sent", [{}, {"excluded": 2}, {"excluded": "true"}, {"excluded": None}])
def test_what_an_item_cannot_be_told_is_refused(town, sent):
    add(town.administrator)
    keep(town, an_item(1))
    assert town.administrator("PATCH", f"{ONE}/items/1", sent).status_code == 422
