"""The page of results: what was understood, why each hit is one, and the ways to narrow."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from factories import agent, dataset, plant


def text(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def links(answer):
    return [unescape(one) for one in re.findall(r'href="([^"]+)"', answer.get_data(as_text=True))]


def test_the_page_tells_what_else_was_looked_for_and_how_to_stop_it(client):
    page = client.get("/datasets?q=heart attack")
    assert "heart attack also:" in text(page)
    for said in ("Myocardial infarction", "MI", "Only my words"):
        assert said in text(page)
    less = next(
        one for one in links(page) if ("without", "myocardial infarction") in parse_qsl(one[10:])
    )
    assert "Look again for Myocardial infarction" in text(client.get(less))
    assert "Looked for your words only" in text(client.get("/datasets?q=heart attack&expand=no"))


def test_a_hit_says_why_it_is_one(client):
    page = text(client.get("/datasets?q=cardiac failure"))
    assert "cardiac failure Condition: Heart failure; “Heart failure” (synonym) in" in page


def test_the_words_that_were_looked_for_are_marked(client):
    page = client.get("/datasets?q=dementia").get_data(as_text=True)
    assert "<mark>Dementia</mark>" in page
    assert re.search(r'class="snippet">[^<]*<mark>', page)


def test_an_acronym_of_several_meanings_asks_which(client):
    page = client.get("/datasets?q=MDS")
    assert "“MDS” can mean several things" in text(page)
    chosen = next(one for one in links(page) if "meaning=" in one)
    assert "just the letters" in text(client.get(chosen))


def test_a_correction_is_told_and_can_be_refused(client):
    page = client.get("/datasets?q=demntia")
    assert "No description holds “demntia”; looked for dementia" in text(page)
    refused = next(one for one in links(page) if "expand=no" in one)
    assert "No dataset fits" in text(client.get(refused))


def test_a_range_narrows_by_its_classes_and_by_its_ends(client):
    everything = client.get("/datasets").get_data(as_text=True)
    assert 'name="number_of_unique_individuals.from"' in everything
    large = client.get("/datasets?number_of_unique_individuals=1000000..9999999")
    assert "People in the dataset: 1,000,000 to 9,999,999" in text(large)
    silent = client.get("/datasets?number_of_unique_individuals=not-stated")
    assert "People in the dataset: not stated" in text(silent)
    assert re.search(r'value="not-stated"[^>]* checked', silent.get_data(as_text=True))


def test_a_form_without_scripts_comes_to_the_one_address_of_its_search(client):
    answer = client.get("/datasets?q=dementia&year.from=2005&year.to=&lag_months.from=&sort=")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/datasets?q=dementia&year=2005.."


def test_what_is_not_stated_is_no_value(client):
    page = text(client.get("/datasets?omop_status=not-stated"))
    assert "OMOP status: not stated" in page


def test_the_hits_can_be_looked_at_as_pictures_with_tables_behind(client):
    page = client.get("/datasets?q=dementia").get_data(as_text=True)
    look = page[page.index('class="look"') : page.index('<ol class="list"')]
    assert look.count("<svg") >= 3
    assert look.count("<table") >= 3


def test_the_whole_state_is_in_every_link(client):
    address = "/datasets?q=cohort&year=2000..&expand=no&sort=title"
    for link in links(client.get(address)):
        if link.startswith("/datasets?") and "page=2" in link:
            assert set(parse_qsl(urlsplit(address).query)) < set(parse_qsl(urlsplit(link).query))
            break
    else:
        pytest.fail("there is no second page")


def test_the_same_search_as_a_call_for_programs(client):
    page = client.get("/datasets?q=dementia&sort=title")
    call = next(one for one in links(page) if "/api/v1/datasets?" in one)
    assert call.endswith("/api/v1/datasets?q=dementia&sort=title")
    total = int(re.search(r"(\d+) datasets for", text(page))[1])
    assert client.get(call[call.index("/api") :]).get_json()["total"] == total


def test_the_help_page_shows_searches_that_find(client):
    page = client.get("/help/search")
    tried = [one for one in links(page) if one.startswith("/datasets?q=")]
    assert len(tried) > 8
    for link in tried:
        answer = client.get(link)
        assert answer.status_code == 200, link
        assert "No dataset fits" not in text(answer), link


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "x" * 10_000,
        "&".join(f"spatial={n}" for n in range(1_000)),
        "colour=red",
        "page=-1",
        "page=0",
        "page=99999999999",
        "sort=colour",
        "year=soon",
        "expand=maybe",
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(client, query):
    answer = client.get("/datasets?" + query, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert len(text(answer)) > 100


@pytest.mark.parametrize(
    "query",
    [
        "q=%00%01",
        "q=" + "(" * 1_500,
        "q=%FF%FE",
        "spatial=nowhere",
        "year=0..900000000000",
        "q=%E2%80%AE",
    ],
)
def test_what_is_strange_but_sensible_is_answered(client, query):
    assert client.get("/datasets?" + query).status_code == 200


@pytest.mark.parametrize(("people", "said"), [(1, "1 person in the dataset"), (2, "2 people in")])
def test_a_hit_says_how_many_people_in_words_that_fit_the_number(catalogue_app, people, said):
    catalogue = catalogue_app.extensions["catalogue"]
    plant(catalogue, dataset(number_of_unique_individuals=people))
    assert said in text(catalogue_app.test_client().get("/datasets"))


def test_what_was_typed_stands_in_one_pair_of_quotation_marks(client):
    page = client.get("/datasets", query_string={"q": '"cardiac failure"'}).text
    assert "0 datasets for &#34;cardiac failure&#34;<" in page
    assert "“&#34;" not in page
    assert "Look for “cardiac failure” anywhere" in page


def test_an_organisation_is_chosen_by_its_slug_whatever_it_is_stored_as(catalogue_app):
    catalogue = catalogue_app.extensions["catalogue"]
    with catalogue.changing() as session:
        holder = catalogue.records.save(session, "agent", agent("Uppsala Clinic"), author="test")
        catalogue.records.put(session, "agent", agent(), key="ghent", author="test")
        catalogue.records.publish(session, holder, author="test")
    assert holder.slug == "uppsala-clinic" != holder.key
    plant(catalogue, dataset(publisher=holder.iri), dataset())
    client = catalogue_app.test_client()
    chosen = client.get("/datasets?publisher=uppsala-clinic")
    assert dict(parse_qsl(urlsplit(chosen.location).query)) == {"publisher": holder.iri}
    assert "1 dataset" in text(client.get(chosen.location))
    assert client.get("/api/v1/datasets?publisher=uppsala-clinic").json["total"] == 1
    asked = catalogue.asking.read("/datasets?publisher=uppsala-clinic")
    assert asked.address == chosen.location
    with catalogue.changing() as session:
        catalogue.records.withdraw(session, session.merge(holder), author="test")
    assert client.get("/api/v1/datasets?publisher=uppsala-clinic").json["total"] == 0
