"""A search as a feed: newest first, in pages, and nothing in it that is not on the page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from conftest import ADDRESS
from factories import EU, agent, dataset, plant
from test_nothing_leaks import SECRETS, told

from catalogue.app import create_app
from catalogue.export import atom

assert told  # the fixture of the walk through every route
ATOM = "{http://www.w3.org/2005/Atom}"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(client, path: str = "/datasets.atom") -> ET.Element:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(answer.data)
    assert root.tag == ATOM + "feed"
    check(root)
    return root


def check(root: ET.Element) -> None:
    """The rules of RFC 4287, sections 4.1.1 and 4.1.2."""
    for one in (root, *root.iter(ATOM + "entry")):
        for name in ("id", "title", "updated"):
            assert len(one.findall(ATOM + name)) == 1
        assert one.findtext(ATOM + "id", "").startswith("https://")
        assert datetime.fromisoformat(one.findtext(ATOM + "updated", "")).tzinfo
        assert one.findtext(f"{ATOM}author/{ATOM}name")
        rels = [(link.get("rel"), link.get("type")) for link in one.findall(ATOM + "link")]
        assert len(rels) == len(set(rels))
        assert ("alternate", "text/html") in rels
    ids = [one.findtext(ATOM + "id") for one in root.iter(ATOM + "entry")]
    assert len(ids) == len(set(ids))


def titles(root: ET.Element) -> list[str]:
    return [one.findtext(ATOM + "title", "") for one in root.iter(ATOM + "entry")]


def links(one: ET.Element) -> dict[tuple[str, str], str]:
    found = one.findall(ATOM + "link")
    return {(x.get("rel", ""), x.get("type", "")): x.get("href", "") for x in found}


def link(one: ET.Element, relation: str) -> str:
    return links(one).get((relation, "application/atom+xml"), "")


@pytest.fixture
def three(empty):
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(), key="ghent", author="t", at=START)
        for n, country in enumerate(("BEL", "FRA", "BEL")):
            document = dataset(
                title={"en": f"Registry {n}"},
                spatial=[f"{EU}country/{country}"],
                identifier=[f"r-{n}"],
            )
            moment = START + timedelta(days=n)
            empty.records.put(session, "dataset", document, key=f"r{n}", author="t", at=moment)
    return empty


@pytest.fixture
def reader(three):
    app = create_app(catalogue=three)
    app.testing = False
    return app.test_client()


def test_the_newest_description_comes_first(three, reader):
    assert titles(read(reader)) == ["Registry 2", "Registry 1", "Registry 0"]
    with three.changing() as session:
        changed = dataset(title={"en": "Registry 0 again"}, identifier=["r-0"])
        three.records.put(
            session, "dataset", changed, key="r0", author="t", at=START + timedelta(days=9)
        )
    root = read(reader)
    assert titles(root) == ["Registry 0 again", "Registry 2", "Registry 1"]
    assert root.findtext(ATOM + "updated") == "2026-03-10T12:00:00Z"
    first = root.find(ATOM + "entry")
    assert first.findtext(ATOM + "updated") == "2026-03-10T12:00:00Z"
    assert first.findtext(ATOM + "published") == "2026-03-01T12:00:00Z"


def test_the_order_asked_for_is_that_of_the_feed_all_the_same(reader):
    root = read(reader, "/datasets.atom?sort=title")
    assert titles(root) == ["Registry 2", "Registry 1", "Registry 0"]
    assert link(root, "self") == ADDRESS + "datasets.atom"


def test_an_entry_tells_what_a_reader_shows(reader):
    entry = read(reader).find(ATOM + "entry")
    assert entry.findtext(ATOM + "id") == ADDRESS + "id/dataset/r2"
    assert links(entry) == {
        ("alternate", "text/html"): ADDRESS + "datasets/r2",
        ("alternate", "text/turtle"): ADDRESS + "datasets/r2.ttl",
    }
    assert entry.findtext(ATOM + "summary") == "Everybody admitted with heart failure since 2009."
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Hospital of Ghent"
    categories = {(one.get("term"), one.get("label")) for one in entry.iter(ATOM + "category")}
    assert (f"{EU}country/BEL", "Belgium") in categories


def test_a_feed_holds_what_the_search_finds_and_says_so(reader):
    belgium = f"spatial={EU}country/BEL".replace(":", "%3A").replace("/", "%2F")
    root = read(reader, f"/datasets.atom?q=registry&{belgium}")
    assert titles(root) == ["Registry 2", "Registry 0"]
    title = root.findtext(ATOM + "title", "")
    assert title.startswith("Outcome Catalogue: datasets – “registry”, ")
    assert title.endswith(": Belgium")
    assert links(root)[("alternate", "text/html")] == (
        f"{ADDRESS}datasets?q=registry&{belgium}&sort=modified"
    )
    assert link(root, "self") == root.findtext(ATOM + "id")
    assert link(root, "self") == f"{ADDRESS}datasets.atom?q=registry&{belgium}"
    assert read(reader).findtext(ATOM + "title") == "Outcome Catalogue: datasets"


def test_what_fits_only_in_part_is_no_news(reader):
    """The page shows what holds most of the words; a follower waits for all of them."""
    page = reader.get("/datasets?q=registry+zebrafish", headers={"Accept": "text/html"}).text
    assert 'href="/datasets/r0"' in page
    assert titles(read(reader, "/datasets.atom?q=registry+zebrafish")) == []


def test_a_feed_without_entries_is_one_all_the_same(reader, new_catalogue):
    assert titles(read(reader, "/datasets.atom?q=zebrafish")) == []
    nothing = create_app(catalogue=new_catalogue("nothing")).test_client()
    assert titles(read(nothing)) == []


def test_a_long_feed_comes_in_pages(reader, monkeypatch):
    monkeypatch.setattr(atom, "_SIZE", 2)
    first = read(reader, "/datasets.atom?q=registry")
    second = read(reader, link(first, "next").removeprefix(ADDRESS[:-1]))
    assert titles(first) + titles(second) == ["Registry 2", "Registry 1", "Registry 0"]
    assert link(second, "previous") == link(first, "self") == link(second, "first")
    assert link(second, "next") == ""
    assert first.findtext(ATOM + "id") == second.findtext(ATOM + "id")


@pytest.mark.parametrize(
    "query",
    ["nonsense=1", "page=0", "page=x", "page=999999", "sort=nonsense", "year=x", "expand=1"],
)
def test_what_the_page_refuses_the_feed_refuses(reader, query):
    accept = {"Accept": "application/atom+xml"}
    assert reader.get(f"/datasets.atom?{query}", headers=accept).status_code == 400


def test_who_has_the_feed_already_is_told_so(three, reader):
    tag = reader.get("/datasets.atom?q=registry").headers["ETag"]
    again = reader.get("/datasets.atom?q=registry", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = reader.get("/datasets.atom?q=ghent", headers={"If-None-Match": tag})
    assert other.status_code == 200
    with three.changing() as session:
        three.records.withdraw(session, three.records.get(session, "dataset", "r1"), author="t")
    answer = reader.get("/datasets.atom?q=registry", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert b"Registry 1" not in answer.data


@pytest.mark.parametrize(
    "title", ["</title><script>alert(1)</script>", "]]> & &lt; \"quoted' <b>", "\U0001f9ec \u202e"]
)
def test_no_title_breaks_a_feed(empty, title):
    plant(empty, dataset(title={"en": title}, description={"en": title}))
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(title), key="ghent", author="t")
    root = read(create_app(catalogue=empty).test_client())
    assert titles(root) == [title]
    assert root.findtext(f"{ATOM}entry/{ATOM}author/{ATOM}name") == title
    assert {one.tag.removeprefix(ATOM) for one in root.iter()} <= {
        *("feed", "id", "title", "updated", "link", "author", "name"),
        *("entry", "published", "summary", "category"),
    }


@pytest.mark.parametrize("words", ["<script>", "\x00\x0b", "&amp;\"'", "]]>", "é" * 900])
def test_no_words_break_a_feed(reader, words):
    root = read(reader.application.test_client(), f"/datasets.atom?{encoded(q=words)}")
    assert root.find(ATOM + "id") is not None


def encoded(**said: str) -> str:
    from urllib.parse import urlencode

    return urlencode(said)


def test_a_damaged_record_is_left_out(three, reader):
    with three.database.write() as session:
        record = three.records.get(session, "dataset", "r1")
        record.document = {"title": {"en": ["x"]}, "spatial": [{}], "publisher": 5, "keyword": 1}
        record.revision += 1  # what is kept of a record goes by its revision
    assert {"Registry 2", "Registry 0"} <= set(titles(read(reader)))


def test_a_search_leads_to_its_feed(reader):
    page = reader.get("/datasets?q=registry&sort=title", headers={"Accept": "text/html"}).text
    found = re.search(
        r'<link rel="alternate" type="application/atom\+xml"[^>]*href="([^"]+)"', page
    )
    assert unescape(found[1]) == ADDRESS + "datasets.atom?q=registry"
    assert 'href="/datasets.atom?q=registry">Follow this search</a>' in page
    nothing = reader.get("/datasets?q=zebrafish", headers={"Accept": "text/html"}).text
    assert "Follow this search" in nothing
    assert "application/atom+xml" in reader.get("/", headers={"Accept": "text/html"}).text
    holder = reader.get("/organisations/ghent", headers={"Accept": "text/html"}).text
    feed = unescape(re.search(r'href="(/datasets\.atom\?[^"]+)"', holder)[1])
    assert titles(read(reader, feed)) == ["Registry 2", "Registry 1", "Registry 0"]


def test_nothing_unpublished_or_withheld_is_in_a_feed(told):
    client = create_app(catalogue=told).test_client()
    text = client.get("/datasets.atom").get_data(as_text=True)
    assert len(titles(read(client))) == 3
    for kind, word in SECRETS.items():
        assert word.casefold() not in text.casefold(), kind
        found = titles(read(client, f"/datasets.atom?{encoded(q=word, expand='no')}"))
        assert found == [], kind
