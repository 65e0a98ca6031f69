"""Searching datasets, and the page of each."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from sqlalchemy import select

from catalogue.records.models import PUBLISHED, Record
from catalogue.web.sections import caption


def text(answer):
    return unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def first(catalogue, kind="dataset"):
    with catalogue.database.read() as session:
        return (
            session.scalars(
                select(Record)
                .where(Record.kind == kind, Record.state == PUBLISHED)
                .order_by(Record.id)
            )
            .first()
            .slug
        )


def test_a_search_finds_and_counts(client):
    page = client.get("/datasets?q=dementia")
    assert re.search(r"\d+ datasets for “dementia”", text(page))
    assert page.get_data(as_text=True).count('class="found"') > 3


def test_a_chosen_criterion_is_ticked_and_can_be_taken_away(client):
    france = "http://publications.europa.eu/resource/authority/country/FRA"
    page = client.get(f"/datasets?spatial={quote(france)}&q=cohort").get_data(as_text=True)
    assert re.search(rf'value="{france}"[^>]* checked', page)
    assert re.search(r'href="/datasets\?q=cohort"><span class="sr">Remove', page)


def test_a_chosen_criterion_stays_when_nothing_fits_it(client):
    aruba = "http://publications.europa.eu/resource/authority/country/ABW"
    page = client.get(f"/datasets?spatial={quote(aruba)}")
    assert "No dataset fits" in text(page)
    assert f'value="{aruba}"' in page.get_data(as_text=True)


def test_no_result_names_ways_out(client):
    france = "http://publications.europa.eu/resource/authority/country/FRA"
    page = client.get(f"/datasets?q=zzzzqqq&spatial={quote(france)}")
    assert "Without “zzzzqqq”" in text(page)
    everything = client.get("/datasets?q=zzzzqqq+-yyyyqqq&expand=no")
    assert "Look for synonyms and near spellings as well" in text(everything)
    assert "Look at all datasets" in text(everything)


def test_words_that_no_dataset_holds_together_are_loosened_and_it_says_so(client):
    assert "No dataset holds all of this" in text(client.get("/datasets?q=dementia zzzzqqq"))


def test_pages_of_results_follow_each_other(client):
    first_page = client.get("/datasets").get_data(as_text=True)
    assert 'rel="next" href="/datasets?page=2"' in first_page
    second = client.get("/datasets?page=2").get_data(as_text=True)
    assert 'rel="prev" href="/datasets"' in second
    names = [set(re.findall(r'<h3><a href="([^"]+)"', page)) for page in (first_page, second)]
    assert not names[0] & names[1]


@pytest.mark.parametrize(
    ("path", "way"), [("/datasets", "/developers#feed"), ("/variables", "table")]
)
def test_the_pages_end_where_no_further_one_may_be_opened(client, monkeypatch, path, way):
    monkeypatch.setattr("catalogue.search.query.DEEPEST", 40)
    html = client.get(f"{path}?page=2").get_data(as_text=True)
    assert client.get(f"{path}?page=3").status_code == 400
    assert "Page 2 of 2" in html
    assert 'rel="next"' not in html
    assert 'rel="prev"' in html
    said = re.search(r"<p[^>]*>The pages end here.*</p>", html)[0]
    assert re.search(r"and \d+ more are on none", said)
    assert way in said
    assert "The pages end here" not in client.get(path).get_data(as_text=True)


def test_the_page_of_a_dataset_shows_every_public_property_it_holds(client, catalogue):
    shape = catalogue.profile.records["dataset"]
    with catalogue.database.read() as session:
        record = catalogue.records.by_slug(session, "dataset", "sidiap")
        document = dict(record.document)
    page = text(client.get("/datasets/sidiap"))
    told_elsewhere = {"title", "alternative", "description", "demonstration", "not_stated"}
    for name in document.keys() - told_elsewhere - {"id"}:
        assert caption(shape[name]) in page, name


def test_what_is_not_known_is_not_stated_and_never_no(client):
    page = text(client.get("/datasets/sidiap"))
    assert "Not stated" in page


def test_a_demonstration_says_that_it_is_one(client):
    assert "The holder has not registered it" in text(client.get("/datasets/sidiap"))


def test_the_history_names_nobody(client):
    page = text(client.get("/datasets/sidiap"))
    assert "Written from public facts" in page
    assert "demonstration team" not in page.split("History")[-1]


def test_a_program_gets_data_at_the_address_of_the_page(client):
    answer = client.get("/datasets/sidiap", headers={"Accept": "text/turtle"})
    assert answer.content_type.startswith("text/turtle")
    assert answer.vary.find("Accept") >= 0
    page = client.get(
        "/datasets/sidiap", headers={"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"}
    )
    assert page.content_type.startswith("text/html")
    assert page.vary.find("Accept") >= 0
    assert 'type="application/ld+json"' in page.headers["Link"]


def test_a_suffix_is_not_taken_for_a_slug(client):
    assert client.get("/datasets/sidiap.ttl").content_type.startswith("text/turtle")
    assert client.get("/datasets/sidiap.json").content_type.startswith("application/json")


def test_every_published_record_has_a_page(client, catalogue):
    from catalogue.web.paths import path_of

    with catalogue.database.read() as session:
        paths = [
            path_of(r) for r in session.scalars(select(Record).where(Record.state == PUBLISHED))
        ]
    assert len(paths) > 50
    for path in paths:
        answer = client.get("/" + path)
        assert answer.status_code == 200, path
        assert "Cannot be shown" not in answer.get_data(as_text=True), path
        assert "A record that is not public" not in answer.get_data(as_text=True), path


def test_an_organisation_lists_its_datasets(client):
    assert client.get("/organisations/inserm").get_data(as_text=True).count('class="found"') >= 1


@pytest.mark.parametrize(
    "given",
    [
        "condition=prostate-cancer",
        "spatial=Sweden",
        "spatial=SWE&spatial=not-stated",
        "listed_in=ehden",
    ],
)
def test_a_criterion_may_be_given_by_code_label_or_slug_as_in_the_api(client, given):
    total = client.get(f"/api/v1/datasets?{given}&facets=none").json["total"]
    assert total
    answer = client.get(f"/datasets?{given}")
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200  # the search's one address leads nowhere else
    assert f"{total} datasets" in page.text
    assert client.get(f"/datasets.atom?{given}").text.count("<entry>") == min(total, 50)
