"""Every page: found, titled, told apart, safe."""

import re

import pytest
from sqlalchemy.exc import DataError

PAGES = [
    "/",
    "/datasets",
    "/datasets?q=dementia",
    "/datasets/sidiap",
    "/organisations",
    "/organisations/inserm",
    "/catalogues",
    "/catalogues/roadmap",
    "/series",
    "/services",
    "/vocabularies",
    "/vocabularies/country",
    "/vocabularies/country?q=fra",
    "/vocabularies/core-outcome-set",
    "/vocabularies/source-type/cohort",
    "/profile",
    "/profile/Dataset",
    "/developers",
    "/about",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_a_title_and_its_own_address(client, path):
    page = client.get(path).get_data(as_text=True)
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert re.search(r"<title>\S.+ – .+</title>", page)
    assert '<link rel="canonical" href="http' in page
    assert '<html lang="en-GB">' in page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_to_the_content_policy(client, path):
    answer = client.get(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "style=" not in page
    assert "<style" not in page
    # A block of data is not run, so the policy has nothing to say of it.
    for script in re.findall(r"<script[^>]*>", page):
        assert " src=" in script or ' type="application/ld+json"' in script, script
    assert not re.search(r"\son[a-z]+=", page)


def test_titles_of_pages_differ(client):
    titles = [
        re.search(r"<title>(.*?)</title>", client.get(path).get_data(as_text=True), re.S)[1]
        for path in PAGES
    ]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/datasets/nothing",
        "/organisations/nothing",
        "/vocabularies/nothing",
        "/vocabularies/country/nothing",
        "/vocabularies/country/no/thing",
        "/profile/Nothing",
        "/datasets/..%2f..%2fetc",
        "/vocabularies/country/%00",
        "/datasets/%F0%9F%92%A9",
    ],
)
def test_an_address_without_anything_answers_with_a_way_out(client, path):
    answer = client.get(path, headers={"Accept": "text/html"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert 'role="search"' in page
    assert "home page" in page


@pytest.mark.parametrize(
    "path",
    [
        "/datasets?page=0",
        "/datasets?page=x",
        "/datasets?page=99999999999999999999",
        "/datasets?nothing=1",
        "/datasets?sort=nothing",
        "/organisations?page=-1",
        "/organisations?page=00000000199999999999999999999999",
        "/vocabularies/country?page=١",
        "/datasets?q=" + "x" * 3000,
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_words(client, path):
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "Bad request" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        "/datasets?q=%00%1f",
        "/datasets?q=%22",
        "/datasets?q=((",
        "/datasets?q=*",
        "/datasets?q=-",
        "/datasets?q=title%3A",
        "/datasets?q=OR+OR",
        pytest.param(f"/datasets?q={'ab:' * 660}x", id="660 fields"),
        pytest.param(f"/variables?q={'ab:' * 660}x", id="660 fields of variables"),
        pytest.param(f"/datasets?q={'NOT+' * 480}x", id="480 times not"),
        "/datasets?spatial=nowhere",
        "/datasets?spatial=%3Cscript%3E",
        "/datasets?page=400",
        "/organisations?page=1000",
        "/vocabularies/country?q=%00",
        "/vocabularies/country?page=500",
        "/datasets?q=%F0%9F%92%A9",
    ],
)
def test_a_strange_but_sensible_request_is_answered(client, path):
    assert client.get(path, headers={"Accept": "text/html"}).status_code == 200


def test_what_somebody_typed_is_shown_as_text(client):
    page = client.get("/datasets?q=<script>alert(1)</script>").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_home_page_leads_to_filtered_results(client):
    page = client.get("/").get_data(as_text=True)
    addresses = re.findall(r'<a href="(/datasets\?[^"]+)"', page)
    assert len(addresses) > 10
    for address in addresses[:5]:
        answer = client.get(address.replace("&amp;", "&")).get_data(as_text=True)
        assert "checked" in answer
        assert "No dataset fits" not in answer


def test_the_home_page_asks_first_and_then_shows_what_is_here(client):
    page = client.get("/").get_data(as_text=True)
    order = [
        page.index(mark)
        for mark in (
            'role="search"',
            'id="where"',
            'id="by-listed_in"',
            'id="by-condition"',
            'id="by-source_type"',
            'id="by-spatial"',
            'id="by-size"',
            'id="by-year"',
            'id="sets"',
            'id="hold"',
            'id="portal"',
        )
    ]
    assert order == sorted(order)
    assert re.search(r'aria-label="Sweden: \d+ datasets"', page)
    assert page.count("<summary>Show as a table") == page.count('<figure class="picture') == 3


def test_the_examples_for_developers_answer(client, catalogue):
    page = client.get("/developers").get_data(as_text=True)
    base = catalogue.settings.public_address
    addresses = {
        address.replace("&amp;", "&")
        for address in re.findall(r'class="address"><a href="([^"]+)"', page)
    }
    assert len(addresses) > 12
    for address in addresses:
        answer = client.get("/" + address.removeprefix(base), headers={"Accept": "*/*"})
        assert answer.status_code in (200, 303), address
        answer.close()


def test_every_address_for_programs_is_on_the_page_for_developers(client, catalogue):
    page = client.get("/developers").get_data(as_text=True)
    for rule in client.application.url_map.iter_rules():
        if rule.endpoint.startswith("export.") and not rule.arguments:
            assert f'href="{catalogue.settings.public_address}{rule.rule[1:]}"' in page, rule.rule


def test_what_a_database_cannot_hold_is_a_mistake_of_the_request(app):
    with app.test_request_context("/datasets", headers={"Accept": "text/html"}):
        answer = app.make_response(
            app.handle_user_exception(DataError("SELECT", {}, ValueError("NUL (0x00)")))
        )
    assert answer.status_code == 400
    assert "NUL" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/datasets/", "/datasets"),
        ("/datasets/?q=heart+failure", "/datasets?q=heart+failure"),
        ("/datasets/sidiap/", "/datasets/sidiap"),
    ],
)
def test_an_address_with_a_slash_too_many_leads_on(client, typed, meant):
    answer = client.get(typed)
    assert (answer.status_code, answer.location) == (308, meant)


@pytest.mark.parametrize(
    "typed", ["///evil.example/", "/%2Fevil.example/", "/no/", "/api/v1/datasets/"]
)
def test_a_slash_too_many_leads_nowhere_else(client, typed):
    assert client.get(typed).status_code == 404


def test_words_stay_in_the_box_when_a_search_is_refused(client):
    answer = client.get("/datasets?q=heart+failure&colour=red", headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert 'value="heart failure"' in answer.text
