"""The shortlist: datasets side by side, and as files."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from conftest import browser_of
from factories import EU, OWN, dataset, plant

from catalogue.app import create_app


def rows(page: str) -> dict[str, list[str]]:
    """The lines of the table of differences as texts, by their labels."""
    found = {}
    table = re.search(r'<div class="comparing.*?</table>', page, re.S)
    for row in re.findall(r"<tr>(.*?)</tr>", table[0] if table else "", re.S):
        label = re.search(r'<th scope="row">(.*?)</th>', row, re.S)
        if label:
            cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
            found[plain(label[1])] = [plain(cell) for cell in cells]
    return found


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_what_differs_comes_first_what_is_the_same_is_folded_and_silence_is_visible(client):
    page = client.get("/compare?dataset=3c&dataset=adc").text
    assert "2 datasets side by side" in page
    differing = rows(page)
    assert differing["People in the dataset"] == ["9,294", "Not stated: unknown"]
    assert differing["Biosamples"] == ["Not stated", "Yes"]
    alike = re.search(r'<details class="rest alike">.*?</details>', page, re.S)[0]
    assert "say the same of both" in plain(alike)
    assert "Access rights" in plain(alike) or "Access" in plain(alike)
    assert "Not stated by any of them" in plain(page)


def test_sections_come_in_the_order_of_the_page_of_a_dataset(client):
    titles = re.findall(
        r'<tr class="section"><th[^>]*><span>(.*?)</span>',
        client.get("/compare?dataset=3c&dataset=adc&dataset=adni").text,
    )
    assert titles[:3] == ["People", "Health", "Outcomes"]


def test_conditions_are_compared_with_their_persons_and_outcomes_in_four_states(empty):
    state = f"{OWN}outcome-state/"
    label = {one.label(): iri for iri, one in empty.vocabularies["outcome"].concepts.items()}
    pain, continence = label["Pain"], next(iri for name, iri in label.items() if name != "Pain")
    conditions = list(empty.vocabularies["condition"].concepts.values())[:2]
    plant(
        empty,
        dataset(
            studied_condition=[{"condition": conditions[0].iri, "persons": 6700}],
            outcome_statement=[
                {"outcome": pain, "state": f"{state}collected"},
                {"outcome": continence, "state": f"{state}not-applicable"},
            ],
        ),
        dataset(
            title={"en": "Another"},
            studied_condition=[{"condition": conditions[1].iri}],
            outcome_statement=[{"outcome": pain, "state": f"{state}not-collected"}],
        ),
    )
    app = create_app(catalogue=empty)
    differing = rows(app.test_client().get("/compare?dataset=hf&dataset=hf-2").text)
    assert differing["Pain"] == ["Collected", "Not collected"]
    other = empty.vocabularies.label(continence)
    assert differing[other] == ["Not applicable", "Not stated"]
    assert differing[f"{conditions[0].label()} people with it"] == ["6,700 people", "Not stated"]
    assert differing[f"{conditions[1].label()} people with it"] == [
        "Not stated",
        "Studied; how many people is not stated",
    ]


def test_how_much_of_a_core_outcome_set_is_collected_stands_on_one_line(client):
    page = plain(client.get("/compare?dataset=ipcor&dataset=npca").text)
    assert re.search(r"core outcome set \d+ of \d+ collected", page), page[:2000]


def test_at_most_eight_stand_beside_each_other_and_the_others_are_named(client, catalogue):
    slugs = [f"dataset={one['slug']}" for one in _first(client, 10)]
    page = client.get(f"/compare?{'&'.join(slugs)}").text
    assert "8 datasets side by side" in page
    assert "At most 8 datasets stand side by side. Not shown:" in plain(page)
    assert page.count('scope="col"') == 8
    many = "&".join(f"dataset=x{n}" for n in range(51))
    refused = client.get(f"/compare?{many}", headers={"Accept": "text/html"})
    assert refused.status_code == 400
    assert "at most 50 can be" in refused.text


def _first(client, number):
    return client.get(f"/api/v1/datasets?size={number}&facets=none").get_json()["items"]


def test_what_was_withdrawn_or_never_was_is_told_and_no_more(empty):
    plant(empty, dataset(), dataset(title={"en": "Secret cohort"}))
    with empty.changing() as session:
        gone = empty.records.by_slug(session, "dataset", "hf-2")
        empty.records.withdraw(session, gone, author="test", note="Moved")
    client = create_app(catalogue=empty).test_client()
    page = client.get("/compare?dataset=hf&dataset=hf-2&dataset=nope&dataset=%00&dataset=a/b").text
    assert "“hf-2” was withdrawn from the catalogue." in page
    assert "“nope” is not in the catalogue." in page
    assert "Secret cohort" not in page
    assert "Take it off the list" in page


def test_nothing_that_is_kept_back_is_compared(empty):
    curators = empty.vocabularies["audience"].by_code["curators"].iri
    plant(
        empty,
        dataset(
            access_cost={"en": "Kakapo"},
            restricted=[{"field": "access_cost", "audience": curators}],
        ),
        dataset(title={"en": "Other"}, holder_withheld=True),
    )
    client = create_app(catalogue=empty).test_client()
    for suffix in ("", ".csv", ".ris", ".bib"):
        page = client.get(f"/compare{suffix}?dataset=hf&dataset=hf-2").text
        assert "Kakapo" not in page
    differing = rows(client.get("/compare?dataset=hf&dataset=hf-2").text)
    assert differing["Publisher"][1] == "Not disclosed: the holder is not named here"


def test_a_damaged_record_breaks_no_comparison(empty):
    plant(empty, dataset(), dataset(title={"en": "Broken"}))
    with empty.database.write() as session:
        record = empty.records.by_slug(session, "dataset", "hf-2")
        record.document = {**record.document, "spatial": 7, "temporal": "no list"}
    client = create_app(catalogue=empty).test_client()
    page = client.get("/compare?dataset=hf&dataset=hf-2")
    assert page.status_code == 200
    assert "“hf-2” is damaged" in page.text
    assert client.get("/api/v1/compare?dataset=hf&dataset=hf-2").status_code == 200


def test_datasets_are_added_and_removed_by_links_alone(client):
    page = client.get("/compare?dataset=3c&find=amsterdam+dementia").text
    added = re.search(r'data-add="adc" href="([^"]+)"', page)[1]
    assert html.unescape(added) == "/compare?dataset=3c&dataset=adc"
    page = client.get(html.unescape(added)).text
    removed = re.search(r'data-remove="3c" href="([^"]+)"', page)[1]
    assert html.unescape(removed) == "/compare?dataset=adc"
    assert "Nothing is on the list yet" in client.get("/compare").text
    assert "holds “zzzzqq”" in client.get("/compare?find=zzzzqq").text


def test_the_boxes_of_results_and_pages_are_a_form_that_leads_to_the_comparison(client):
    for address, slug in (("/datasets?q=dementia", "adc"), ("/datasets/adc", "adc")):
        page = client.get(address).text
        assert f'name="dataset" value="{slug}" form="shortlist"' in page
        assert '<form id="shortlist" class="shortlist-bar" action="/compare" method="get">' in page


def test_it_is_had_as_a_table_in_which_silence_is_no_no(client):
    response = client.get("/compare.csv?dataset=3c&dataset=adc")
    lines = list(csv.DictReader(io.StringIO(response.text)))
    by_name = {line["property"]: line for line in lines}
    assert by_name["People in the dataset"]["3C"] == "9,294"
    assert by_name["Biosamples"] == {
        "section": "People",
        "property": "Biosamples",
        "same": "no",
        "3C": "Not stated",
        "ADC": "Yes",
    }
    assert by_name["Oldest typical age"]["same"] == "not stated"
    assert response.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("suffix", ["ris", "bib"])
def test_a_dataset_and_a_shortlist_are_had_for_reference_managers(client, suffix):
    one = client.get(f"/datasets/3c.{suffix}")
    assert one.status_code == 200
    assert "Three-City Study (3C)" in one.text
    both = client.get(f"/compare.{suffix}?dataset=3c&dataset=adc").text
    assert both.count("TY  - DATA" if suffix == "ris" else "@dataset{") == 2
    assert f'href="/datasets/3c.{suffix}"' in client.get("/datasets/3c").text
    assert client.get(f"/datasets/nope.{suffix}").status_code == 404


def test_crawlers_are_kept_away(client):
    assert client.get("/compare?dataset=3c").headers["X-Robots-Tag"] == "noindex"
    assert "Disallow: /compare" in client.get("/robots.txt").text


def test_places_of_the_profile_that_are_not_stated_by_one_are_a_difference(empty):
    plant(empty, dataset(), dataset(title={"en": "Other"}, spatial=[f"{EU}country/NLD"]))
    differing = rows(
        browser_of(create_app(catalogue=empty)).get("/compare?dataset=hf&dataset=hf-2").text
    )
    assert differing["Countries and regions"] == ["Belgium", "Netherlands"]


def test_a_title_in_the_head_of_a_column_is_no_formula(empty):
    plant(empty, dataset(title={"en": '=HYPERLINK("https://evil.example","x")'}))
    client = create_app(catalogue=empty).test_client()
    head, *lines = csv.reader(io.StringIO(client.get("/compare.csv?dataset=hf").text))
    assert not [cell for line in (head, *lines) for cell in line if cell[:1] in "=+-@" and cell]
