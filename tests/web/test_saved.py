"""The pages of saved searches: saving, telling, the feed, and the way out of mails."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from conftest import browser_of, signed_in
from factories import dataset, plant
from lxml import etree
from sqlalchemy import select

from catalogue.outcomes.saved.models import Saved
from catalogue.outcomes.saved.saved import SavedAlready

PAGE = {"Accept": "text/html"}
ASKED = "/datasets?q=registry"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def app(catalogue_app):
    catalogue_app.testing = False
    catalogue_app.extensions["catalogue"].post.close()  # mails are sent when a test says so
    plant(catalogue_app.extensions["catalogue"])
    return catalogue_app


@pytest.fixture
def catalogue(app):
    return app.extensions["catalogue"]


@pytest.fixture
def ada(app):
    return signed_in(app, "ada@example.org", name="Ada")


def save(client, title="Registries", often="weekly", asked=ASKED):
    sent = {"asked": asked, "title": title, "often": often}
    return client.post("/saved/new", data=sent, headers=PAGE)


def publish(catalogue, **changed):
    with catalogue.changing() as session:
        catalogue.records.put(session, "dataset", dataset(**changed), key="hf", author="test")


def digest(catalogue):
    with catalogue.database.write() as session:
        for one in session.scalars(select(Saved)):
            one.due = datetime.now(UTC) - timedelta(minutes=1)
    catalogue.tenders.only("digests")
    catalogue.post.deliver()
    return catalogue.mailer.sent


def feed(client, page="/saved/1"):
    address = re.search(r'href="(\S+\.atom)"', client.get(page).text)[1]
    return "/" + address.split("/", 3)[3]


def test_a_search_is_saved_from_its_page_and_signing_in_leads_back(app, ada):
    results = app.test_client().get(ASKED).text
    way = f"/saved/new?asked={quote(ASKED, safe='/')}"
    assert "/saved/new?asked=/datasets?q%3Dregistry" in results
    stranger = app.test_client().get(way, headers=PAGE)
    assert stranger.status_code == 303
    assert stranger.location.startswith("/sign-in?next=/saved/new%3Fasked")
    form = ada.get(way).text
    assert 'value="“registry”"' in form
    assert "1 dataset now" in form
    answer = save(ada)
    assert (answer.status_code, answer.location) == (303, "/saved/1")
    page = ada.get("/saved/1")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "You will get a mail in every week in which something changed" in page.text
    assert "Nothing has changed since" in page.text
    assert "Registries" in ada.get("/saved").text


def test_who_saves_the_same_again_is_led_to_what_is_there(catalogue, ada, app):
    assert save(ada).location == "/saved/1"
    for again in (
        lambda: save(ada),
        lambda: save(ada, title="Again", often="daily"),
        lambda: ada.get(f"/saved/new?asked={ASKED}"),
    ):
        answer = again()
        assert (answer.status_code, answer.location) == (303, "/saved/1")
        assert "You follow this already, as “Registries”" in ada.get("/saved/1").text
    assert save(ada, asked="/datasets?q=cohort").location == "/saved/2"
    assert save(signed_in(app, "bob@example.org")).location == "/saved/3"
    with catalogue.database.read() as session:
        assert [one.title for one in session.scalars(select(Saved))] == ["Registries"] * 3


def test_two_presses_at_once_save_it_once(catalogue, ada):
    with catalogue.database.read() as session:
        found = catalogue.saved.answers(session, ASKED)

    def press(_):
        try:
            with catalogue.database.write() as session:
                return catalogue.saved.save(session, 1, found).id
        except SavedAlready as there:
            return there.number

    with ThreadPoolExecutor(2) as both:
        assert list(both.map(press, range(2))) == [1, 1]


def test_what_was_saved_anew_meanwhile_is_not_taken_back_beside_it(ada):
    save(ada)
    ada.post("/saved/1/delete")
    assert save(ada).location == "/saved/2"
    assert ada.post("/saved/1/undo").location == "/saved/2"
    assert "You follow this already" in ada.get("/saved/2").text


def test_what_cannot_be_saved_is_told_with_the_way_out(ada):
    for asked, said in (
        ("", "Say what to save"),
        ("/datasets?colour=blue", "not something to search by"),
        ("https://elsewhere.example/", "neither a search"),
        ("//[", "neither a search"),
        ("/datasets?q=" + "x" * 9000, "too long"),
        ("/questions", "asks for nothing"),
    ):
        answer = ada.get("/saved/new", query_string={"asked": asked}, headers=PAGE)
        assert answer.status_code == 400
        assert said in answer.text
        assert save(ada, asked=asked).status_code == 400


def test_faults_of_the_form_stand_at_its_fields(ada):
    answer = save(ada, title="x" * 300, often="hourly")
    assert answer.status_code == 422
    assert "longer than 200 characters" in answer.text
    assert "How often is one of" in answer.text
    save(ada)
    answer = ada.post("/saved/1", data={"title": "", "often": "daily"}, headers=PAGE)
    assert answer.status_code == 422
    assert "Give it a name" in answer.text


def test_what_is_saved_is_changed_paused_looked_at_deleted_and_taken_back(app, catalogue, ada):
    save(ada)
    ada.post("/saved/1", data={"title": "Belgian registries", "often": "daily"})
    assert "Belgian registries" in ada.get("/saved").text
    ada.post("/saved/1/pause", data={"paused": "yes"})
    assert "Paused since" in ada.get("/saved/1").text
    ada.post("/saved/1/pause", data={"paused": "no"})
    assert "Paused since" not in ada.get("/saved/1").text
    ada.post("/saved/1/run")
    assert "nothing has changed" in ada.get("/saved/1").text
    publish(catalogue, number_of_unique_individuals=15000)
    ada.post("/saved/1/run")
    page = ada.get("/saved/1").text
    assert "<del>12,000</del>" in page
    assert "<ins>15,000</ins>" in page
    ada.post("/saved/1/delete")
    assert ada.get("/saved/1").status_code == 404
    assert "Take it back" in ada.get("/saved").text
    ada.post("/saved/1/undo")
    assert ada.get("/saved/1").status_code == 200


def test_nobody_sees_or_changes_what_others_saved(app, ada):
    save(ada)
    ben = signed_in(app, "ben@example.org")
    assert "Registries" not in ben.get("/saved").text
    assert ben.get("/saved/1").status_code == 404
    for way in ("", "/pause", "/run", "/delete", "/undo"):
        assert ben.post(f"/saved/1{way}", data={"title": "x", "often": "daily"}).status_code == 404
    assert ada.get("/saved/1").status_code == 200


def test_the_feed_tells_what_digests_told_until_it_is_deleted(app, catalogue, ada):
    save(ada)
    address, anybody = feed(ada), app.test_client()
    empty = etree.fromstring(anybody.get(address).data)
    assert empty.findall(f"{ATOM}entry") == []
    publish(catalogue, number_of_unique_individuals=15000)
    digest(catalogue)
    answer = anybody.get(address)
    assert answer.mimetype == "application/atom+xml"
    root = etree.fromstring(answer.data)
    assert [one.tag for one in root[:3]] == [ATOM + name for name in ("id", "title", "updated")]
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    assert root.find(f"{ATOM}link[@rel='self']").get("href").endswith(address)
    (entry,) = root.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Changed: Heart failure registry of Ghent"
    assert entry.findtext(f"{ATOM}content") == "People in the dataset: 12,000 → 15,000"
    assert entry.findtext(f"{ATOM}id").startswith("tag:catalogue.example.org,2")
    assert entry.findtext(f"{ATOM}updated").endswith("Z")
    secret = address.removeprefix("/saved/").removesuffix(".atom")
    assert secret not in entry.findtext(f"{ATOM}id") + root.findtext(f"{ATOM}id")
    again = anybody.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    ada.post("/saved/1/delete")
    assert anybody.get(address).status_code == 404
    assert anybody.get("/saved/guess.atom").status_code == 404


def test_a_look_at_the_way_out_changes_nothing_and_one_click_from_anywhere_does(
    app, catalogue, ada
):
    save(ada, often="daily")
    publish(catalogue, number_of_unique_individuals=15000)
    (mail,) = digest(catalogue)
    way = "/" + mail.unsubscribe.split("/", 3)[3]
    scanner = app.test_client()
    for _ in range(2):
        assert "Send me no more of them" in scanner.get(way, headers=PAGE).text
    publish(catalogue, number_of_unique_individuals=16000)
    assert len(digest(catalogue)) == 2
    # A mail program asks with neither cookie nor origin (RFC 8058).
    done = scanner.post(way, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert "no more mails about “Registries”" in done.text
    assert scanner.post(way).status_code == 200
    publish(catalogue, number_of_unique_individuals=17000)
    assert len(digest(catalogue)) == 2
    assert scanner.get("/unsubscribe/guess").status_code == 410
    assert scanner.post("/unsubscribe/guess").status_code == 410
    ada.post("/saved/1/delete")
    assert "saved no longer" in browser_of(app).post(way).text
