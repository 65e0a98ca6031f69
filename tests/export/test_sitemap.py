"""The site map: each page once, nothing that is not public."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from factories import dataset, plant
from sqlalchemy import select

from catalogue.app import create_app
from catalogue.export import sitemap
from catalogue.records.models import PUBLISHED, Record
from catalogue.web.paths import path_of

BASE = "https://catalogue.example.org/"


def addresses(client, path) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type.startswith("application/xml")
    return [one.text for one in ET.fromstring(answer.data).iter() if one.tag.endswith("}loc")]


def walked(client) -> list[str]:
    parts = [one.removeprefix(BASE) for one in addresses(client, "/sitemap.xml")]
    return [found for part in parts for found in addresses(client, f"/{part}")]


def test_the_site_map_lists_each_published_record_once(client, catalogue):
    with catalogue.database.read() as session:
        records = session.scalars(select(Record).where(Record.state == PUBLISHED)).all()
        wanted = {BASE + path_of(record) for record in records}
    found = walked(client)
    assert len(found) == len(set(found))
    assert wanted <= set(found)


def test_every_address_of_the_site_map_is_a_page_and_its_own_canonical_one(client):
    for address in [*addresses(client, "/sitemaps/0.xml"), *walked(client)[::9]]:
        answer = client.get("/" + address.removeprefix(BASE), headers={"Accept": "text/html"})
        assert answer.status_code == 200, address
        assert f'<link rel="canonical" href="{address}">' in answer.get_data(as_text=True)


def test_drafts_and_withdrawn_records_are_not_in_the_site_map(empty):
    plant(empty, dataset(), dataset(title={"en": "Another registry of Ghent"}))
    with empty.changing() as session:
        empty.records.save(session, "dataset", {"title": {"en": "D"}}, key="draft", author="t")
        withdrawn = empty.records.by_slug(session, "dataset", "hf-2")
        empty.records.withdraw(session, withdrawn, author="t")
    found = walked(create_app(catalogue=empty).test_client())
    assert f"{BASE}datasets/hf" in found
    assert not [one for one in found if one.endswith(("draft", "hf-2"))]


def test_a_long_site_map_comes_in_parts_and_none_is_empty(empty, monkeypatch):
    monkeypatch.setattr(sitemap, "_SIZE", 3)
    monkeypatch.setattr(sitemap, "_CHUNK", 2)
    plant(empty, *(dataset(title={"en": f"Registry number {n} of Ghent"}) for n in range(8)))
    with empty.changing() as session:
        for slug in ("hf-3", "hf-4", "hf-5"):  # all of the second part
            record = empty.records.by_slug(session, "dataset", slug)
            empty.records.withdraw(session, record, author="t")
    client = create_app(catalogue=empty).test_client()
    parts = addresses(client, "/sitemap.xml")
    assert parts == [f"{BASE}sitemaps/{number}.xml" for number in (0, 1, 3)]
    assert all(len(addresses(client, f"/sitemaps/{n}.xml")) <= 3 for n in (1, 3))
    assert len([one for one in walked(client) if "/datasets/" in one]) == 5
    assert client.get("/sitemaps/4.xml").status_code == 404


def test_each_record_says_when_it_changed_and_the_index_when_its_part_did(client, catalogue):
    with catalogue.database.read() as session:
        record = catalogue.records.by_slug(session, "dataset", "sidiap")
        changed = f"{record.modified:%Y-%m-%dT%H:%M:%SZ}"
    part = client.get("/sitemaps/1.xml").get_data(as_text=True)
    assert f"<loc>{BASE}datasets/sidiap</loc><lastmod>{changed}</lastmod>" in part
    index = client.get("/sitemap.xml").get_data(as_text=True)
    assert re.search(r"sitemaps/1\.xml</loc><lastmod>\d{4}-\d\d-\d\dT", index)


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemaps/0.xml", "/sitemaps/1.xml"])
def test_who_has_the_site_map_already_is_told_so(client, path):
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.head(path).headers["ETag"] == tag


def test_crawlers_may_read_all_but_results_of_searches_and_find_the_site_map(client):
    answer = client.get("/robots.txt")
    assert answer.content_type.startswith("text/plain")
    lines = answer.get_data(as_text=True).splitlines()
    assert "Disallow: /datasets?" in lines
    assert "Disallow: /datasets.atom" in lines
    assert "Disallow: /oai" in lines
    assert "Allow: /" in lines
    assert f"Sitemap: {BASE}sitemap.xml" in lines


def test_below_a_path_the_rules_for_crawlers_name_that_path(new_catalogue):
    below = new_catalogue(public_address="https://example.org/outcomes/")
    lines = create_app(catalogue=below).test_client().get("/robots.txt").text.splitlines()
    assert "Disallow: /outcomes/datasets?" in lines


def test_what_is_for_programs_or_asks_for_more_is_no_page(client):
    pages = [one.removeprefix(BASE) for one in addresses(client, "/sitemaps/0.xml")]
    assert {"questions", "cube", "variables", "network"} <= set(pages)
    assert not [one for one in pages if "." in one or one.startswith("questions/")]
