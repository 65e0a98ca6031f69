"""Reading the documents that a sitemap lists."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from harvest.readers.feeds import (
    PREFIXES,
    dataset,
    datasets,
    iri,
    names,
    said,
    trouble,
    violations,
    walk,
)
from harvest.sites import Site

from catalogue.harvest.readers import agenda
from catalogue.harvest.reading import Reader

Opened = Callable[..., Reader]
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*addresses: str) -> str:
    """A sitemap of pages."""
    listed = "".join(
        f"<url><loc> {one}\n</loc><lastmod>2020-01-01</lastmod></url>" for one in addresses
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_NAMESPACE}>{listed}</urlset>'


def index(*addresses: str) -> str:
    """A sitemap of sitemaps."""
    listed = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in addresses)
    return f"<sitemapindex {_NAMESPACE}>{listed}</sitemapindex>"


def put(site: Site, *numbers: int) -> list[str]:
    """Put datasets at addresses of their own."""
    base = site.address + "/"
    for one in numbers:
        site.put(f"/dataset/{one}", PREFIXES + dataset(one, base))
    return [iri(one, base) for one in numbers]


def test_every_address_is_asked_for_what_it_describes(site: Site, opened: Opened) -> None:
    expected = put(site, *range(1, 46))
    address = site.put("/sitemap.xml", urlset(*expected), "application/xml")

    pages = walk(opened("sitemap", address))

    assert sorted(names(pages)) == sorted(expected)
    assert [len(names([one])) for one in pages] == [0, 20, 20, 5]
    assert all(one.whole for one in pages)
    assert site.count("/sitemap.xml") == 1


def test_an_index_leads_to_its_sitemaps_packed_or_not(site: Site, opened: Opened) -> None:
    expected = put(site, 1, 2, 3)
    site.put("/a.xml", urlset(expected[0]), "application/xml")
    site.put("/b.xml.gz", gzip.compress(urlset(*expected[1:]).encode()), "application/x-gzip")
    address = site.put(
        "/sitemap.xml", index(site.address + "/a.xml", "/b.xml.gz", "/sitemap.xml"), "text/xml"
    )

    assert sorted(names(walk(opened("sitemap", address)))) == expected


def test_a_sitemap_that_is_not_there_does_not_keep_the_others_away(
    site: Site, opened: Opened
) -> None:
    expected = put(site, 1)
    site.put("/b.xml", urlset(*expected), "application/xml")
    address = site.put("/sitemap.xml", index("/a.xml", "/b.xml"), "text/xml")
    reader = opened("sitemap", address)

    error = trouble(reader, reader.page(None).next)
    two = reader.page(error.after)

    assert "/a.xml answered 404" in str(error)
    assert names([reader.page(two.next)]) == expected


def test_pages_lead_to_their_rdf_or_hold_it(site: Site, opened: Opened) -> None:
    base = site.address + "/"
    site.put("/one.ttl", PREFIXES + dataset(1, base))
    site.put("/two.ttl", PREFIXES + dataset(2, base))
    page = "<!doctype html><html><head>{}</head><body>A cohort</body></html>"
    described = '<http://example.org/x>; rel="describedby"; type="application/xml", '
    described += '</one.ttl>; rel="describedby"; type="text/turtle"'
    site.put("/one", page.format(""), "text/html", headers={"Link": described})
    link = '<link rel="describedby" type="text/turtle" href="two.ttl">'
    site.put("/two", page.format(link), "text/html")
    embedded = f"""<script type="application/ld+json">{{
        "@context": {{"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"}},
        "@id": "{iri(3, base)}", "@type": "dcat:Dataset", "dct:title": "Cohort of strokes"
    }}</script>"""
    site.put("/three", page.format(embedded), "text/html; charset=utf-8")
    site.put("/four", page.format(""), "text/html")
    addresses = [base + one for one in ("one", "two", "three", "four")]
    address = site.put("/sitemap.xml", urlset(*addresses), "application/xml")

    pages = walk(opened("sitemap", address))

    assert sorted(names(pages)) == [iri(1, base), iri(2, base), iri(3, base)]
    assert f"1 addresses describe no dataset ({base}four)" in said(pages)


def test_an_address_that_fails_is_told_of_and_the_others_are_read(
    site: Site, opened: Opened
) -> None:
    expected = put(site, 1)
    base = site.address
    site.put("/broken", "broken", status=500)
    site.put("/garbage", "<<< { no RDF")
    site.put("/gone", "gone", status=410)
    site.put(
        "/bomb",
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "application/rdf+xml",
    )
    addresses = [base + one for one in ("/broken", "/garbage", "/gone", "/bomb")]
    address = site.put("/sitemap.xml", urlset(*addresses, *expected), "application/xml")

    pages = walk(opened("sitemap", address))

    assert names(pages) == expected
    failed = {one.id: violations(one) for one in datasets(pages) if violations(one)}
    assert set(failed) == {base + "/broken", base + "/garbage", base + "/bomb"}
    assert [one for page in pages for one in page.deleted] == [base + "/gone"]
    # What they described before is known by other names: nothing may count as gone.
    assert [one.whole for one in pages] == [True, False]


def test_while_an_address_fails_nothing_counts_as_gone(site: Site, opened: Opened) -> None:
    expected = put(site, 1)
    broken = site.put("/broken", "broken", status=500)
    address = site.put("/s.xml", urlset(broken, *expected), "application/xml")

    pages = walk(opened("sitemap", address))

    assert names(pages) == expected
    assert [one.whole for one in pages] == [True, False]


def test_an_address_that_is_not_there_is_told_of_and_the_rest_counts(
    site: Site, opened: Opened
) -> None:
    expected = put(site, 1)
    address = site.put("/s.xml", urlset(site.address + "/nothing", *expected), "application/xml")

    pages = walk(opened("sitemap", address))

    assert names(pages) == expected
    assert all(one.whole for one in pages)


def test_only_addresses_that_match_are_asked_for(site: Site, opened: Opened) -> None:
    expected = put(site, 1)
    address = site.put("/s.xml", urlset(site.address + "/news/1", *expected), "application/xml")

    assert names(walk(opened("sitemap", address, match="/dataset/"))) == expected
    assert site.count("/news/1") == 0
    assert "contains “/study/”" in said(walk(opened("sitemap", address, match="/study/")))


def test_entities_of_a_sitemap_are_not_read(site: Site, opened: Opened) -> None:
    bomb = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    address = site.put("/s.xml", bomb + urlset("&x;"), "application/xml")

    error = trouble(opened("sitemap", address))

    assert "document type" in str(error)
    assert "root:" not in str(error)


def test_a_page_is_no_sitemap_and_the_words_say_where_to_look(site: Site, opened: Opened) -> None:
    error = trouble(opened("sitemap", site.put("/s", "<!doctype html><p>Hello</p>", "text/html")))

    assert "is not a sitemap. It is a web page" in str(error)
    assert "robots.txt" in str(error)


def test_a_long_sitemap_is_read_to_its_end_part_by_part(
    site: Site, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "AHEAD", 30)
    expected = put(site, *range(1, 72))

    pages = walk(opened("sitemap", site.put("/s.xml", urlset(*expected), "application/xml")))

    assert sorted(names(pages)) == sorted(expected)
    assert site.count("/s.xml") == 3
    assert all(site.count(f"/dataset/{number}") == 1 for number in range(1, 72))
    assert (
        max(len(one.next["documents"]) for one in pages if one.next and "documents" in one.next)
        == 30
    )
