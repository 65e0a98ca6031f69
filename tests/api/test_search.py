"""Searching by the interface: what the page finds, in a form for programs."""

import re
from urllib.parse import urlencode, urlsplit

import pytest
from conftest import ADDRESS
from factories import agent, dataset, plant
from sqlalchemy import event

from catalogue.app import create_app
from catalogue.search.query import Query, parse

FRANCE = "http://publications.europa.eu/resource/authority/country/FRA"
SEARCHES = (
    "",
    "q=heart+failure",
    "q=dementia&sort=title",
    "q=registry+-trial",
    "q=cohort&spatial=" + FRANCE,
    "year=2005..2010",
    "number_of_unique_individuals=100000..&number_of_unique_individuals=not-stated",
    "q=spatial:Sweden",
    "q=mortality&expand=no&sort=modified",
    "q=dementia+zzzzqqq",
    "q=zzzzqqq",
)


def get(client, address):
    """The answer at an address of the interface, whole or below the catalogue's own."""
    parts = urlsplit(address)
    response = client.get(parts.path + (f"?{parts.query}" if parts.query else ""))
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def search(client, query="", **parameters):
    more = urlencode(parameters, doseq=True)
    return get(client, "/api/v1/datasets?" + "&".join(filter(None, (query, more))))


def walk(client, query, size):
    """Every item of a search, page after page, with the total each page told."""
    answer = search(client, query, size=size)
    while True:
        yield answer
        if not answer["next"]:
            return
        answer = get(client, answer["next"])


def on_page(client, query):
    """The datasets on all pages of results, in order."""
    found, number = [], 1
    while True:
        page = client.get(f"/datasets?{query}&page={number}").get_data(as_text=True)
        page = page.partition('<section class="near-misses"')[0]
        slugs = re.findall(r'<article class="found">\s*<h\d><a href="/datasets/([^"]+)"', page)
        found += slugs
        if 'rel="next"' not in page:
            return found
        number += 1


@pytest.mark.parametrize("query", SEARCHES)
def test_page_and_interface_find_the_same_in_the_same_order(client, query):
    slugs = [item["slug"] for answer in walk(client, query, 20) for item in answer["items"]]
    assert slugs == on_page(client, query)


@pytest.mark.parametrize("query", SEARCHES)
def test_page_and_interface_count_the_same(client, catalogue, query):
    answer = search(client, query)
    profile = catalogue.profile
    pairs = [tuple(one.split("=", 1)) for one in query.replace("+", " ").split("&") if one]
    found = catalogue.finder.find(parse(pairs, profile.facets, profile.ranges, 20))
    assert answer["total"] == found.total
    assert answer["relaxed"] == found.relaxed
    for name, facet in answer["facets"].items():
        told = {value["value"].removeprefix(ADDRESS): value["count"] for value in facet["values"]}
        counts = found.counts.get(name, {})
        commonest = sorted(counts.values(), reverse=True)[:25]
        assert [n for n in told.values() if n] == commonest
        assert all(counts[v] == n for v, n in told.items() if n)
        assert facet["not_stated"] == found.missing[name]
        assert facet["left_out"] == len(counts) - len(commonest)
    for name, range_ in answer["ranges"].items():
        assert [one["count"] for one in range_["classes"]] == list(found.classes[name])
        assert range_["not_stated"] == found.missing[name]


def test_a_facet_asked_for_by_name_tells_every_value(client, catalogue):
    facet = search(client, "facets=spatial")["facets"]["spatial"]
    profile = catalogue.profile
    counts = catalogue.finder.find(parse([], profile.facets, profile.ranges, 20)).counts["spatial"]
    assert len(counts) > 25
    assert {value["value"]: value["count"] for value in facet["values"]} == counts
    assert facet["left_out"] == 0


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("query", ["", "q=heart", "q=registry&sort=number_of_unique_individuals"])
def test_walking_to_the_end_gives_every_hit_once(client, query, size):
    answers = list(walk(client, query, size))
    found = [item["iri"] for answer in answers for item in answer["items"]]
    assert len(found) == len(set(found)) == answers[0]["total"]
    assert all(len(answer["items"]) == size for answer in answers[:-1])


def test_the_next_part_is_a_link_as_well(client):
    response = client.get("/api/v1/datasets?size=5")
    assert response.headers["Link"] == f'<{response.get_json()["next"]}>; rel="next"'
    assert response.get_json()["next"].startswith(
        f"{ADDRESS}api/v1/datasets?facets=none&size=5&cursor="
    )
    assert "Link" not in client.get("/api/v1/datasets?q=zzzzqqq").headers


def test_the_counts_are_told_once_unless_they_are_asked_for(client):
    first = search(client, "q=heart", size=2)
    assert first["facets"]
    assert get(client, first["next"])["facets"] == {}
    first = search(client, "q=heart", size=2, facets="condition")
    assert get(client, first["next"])["facets"] == first["facets"] != {}


def test_parts_go_on_where_they_stopped_while_the_catalogue_changes(empty):
    """Some of what was read is withdrawn and something new comes first: nothing twice or lost."""
    client = create_app(catalogue=empty).test_client()
    titles = [f"Cohort {letter}" for letter in "bcdefghijklm"]
    records = plant(empty, *(dataset(title={"en": title}) for title in titles))
    first = search(client, "sort=title", size=5)
    with empty.changing() as session:
        for record in records[3:5]:
            empty.records.withdraw(session, session.merge(record), author="t")
        new = dataset(title={"en": "Cohort a"}, identifier=["new"])
        empty.records.put(session, "dataset", new, key="new", author="t")
    rest = [item["title"] for part in _on(client, first) for item in part["items"]]
    assert [item["title"] for item in first["items"]] + rest == titles


def _on(client, answer):
    while answer["next"]:
        answer = get(client, answer["next"])
        yield answer


def test_a_cursor_fits_its_own_search_only(client):
    cursor = search(client, "q=heart", size=2)["next"].partition("cursor=")[2]
    response = client.get(f"/api/v1/datasets?q=cancer&cursor={cursor}")
    assert response.status_code == 400
    assert response.get_json()["problems"][0]["path"] == ["cursor"]
    assert "another search" in response.get_json()["detail"]


def test_who_reads_on_for_ever_is_sent_to_the_feed(client, monkeypatch):
    monkeypatch.setattr("catalogue.api.parts.DEEPEST", 10)
    answer = search(client, size=10)
    path = answer["next"].removeprefix(ADDRESS.rstrip("/"))
    response = client.get(path)
    assert response.status_code == 400
    assert f"{ADDRESS}catalogue" in response.get_json()["detail"]
    assert f"{ADDRESS}dump.nt.gz" in response.get_json()["detail"]


def test_concepts_may_be_given_by_code_or_label_and_records_by_their_iri(client):
    by_iri = search(client, spatial=FRANCE)
    assert by_iri["total"] > 0
    for value in ("FRA", "France"):
        answer = search(client, spatial=value)
        assert answer["total"] == by_iri["total"]
        assert answer["query"]["filters"] == {"spatial": [FRANCE]}
        assert answer["links"]["page"] == f"{ADDRESS}datasets?{urlencode({'spatial': FRANCE})}"
    publisher = search(client, "q=sidiap")["items"][0]["facts"]["publisher"][0]["value"]
    assert publisher.startswith(ADDRESS)
    assert "sidiap" in [item["slug"] for item in search(client, publisher=publisher)["items"]]


def test_a_facet_counts_what_may_be_added_to_what_is_chosen(client):
    answer = search(client, spatial="FRA", facets="spatial")
    values = {one["code"]: one["count"] for one in answer["facets"]["spatial"]["values"]}
    assert values["FRA"] == answer["total"]
    assert len(values) > 1
    aruba = search(client, spatial="ABW", facets="spatial")["facets"]["spatial"]["values"]
    assert {"Aruba": 0}.items() <= {one["label"]: one["count"] for one in aruba}.items()


def test_only_what_is_asked_for_is_counted(client, catalogue):
    profile = catalogue.profile
    everything = search(client)
    assert list(everything["facets"]) == list(profile.facets)
    assert list(everything["ranges"]) == list(profile.ranges)
    some = search(client, facets="condition,year")
    assert (list(some["facets"]), list(some["ranges"])) == (["condition"], ["year"])
    assert some["facets"]["condition"] == everything["facets"]["condition"]
    none = search(client, facets="none")
    assert (none["facets"], none["ranges"]) == ({}, {})
    assert none["items"] == everything["items"]


def test_a_class_of_a_range_narrows_the_search_to_it(client, catalogue):
    for name, range_ in search(client)["ranges"].items():
        for one in range_["classes"]:
            assert search(client, facets="none", **{name: one["value"]})["total"] == one["count"]


def test_an_item_tells_what_it_can_be_found_by(client, catalogue):
    for item in search(client, size=100)["items"]:
        assert item["links"]["page"] == f"{ADDRESS}datasets/{item['slug']}"
        for name, values in item["facts"].items():
            assert catalogue.profile.facets[name]
            assert all(value["label"] for value in values)
    item = search(client, "q=sidiap")["items"][0]
    assert item["iri"] == f"{ADDRESS}id/dataset/sidiap"
    assert item["alternative"] == ["SIDIAP"]
    assert item["description"].startswith("Pseudonymised primary-care records")
    assert item["ranges"]["year"] == {"from": 2006, "to": None}
    assert {value["label"] for value in item["facts"]["spatial"]} == {"Spain"}


def test_a_fact_finds_the_item_again(client):
    item = search(client, "q=sidiap")["items"][0]
    for name, values in item["facts"].items():
        for value in values:
            found = search(client, "q=sidiap&facets=none", **{name: value["value"]})
            assert item["slug"] in [one["slug"] for one in found["items"]], (name, value)


def test_the_whole_document_comes_when_asked_for_and_is_that_of_the_record(client):
    plain = search(client, "q=sidiap")["items"][0]
    assert "document" not in plain
    whole = search(client, "q=sidiap&include=document")["items"][0]
    assert whole["document"] == client.get("/datasets/sidiap.json").get_json()
    assert {name: value for name, value in whole.items() if name != "document"} == plain


def test_why_comes_when_asked_for_and_names_criterion_words_and_place(client):
    assert "why" not in search(client, "q=myocardial+infarction")["items"][0]
    answer = search(client, "q=heart+failure&include=why")
    for item in answer["items"]:
        assert item["why"]["lacking"] == []
        assert {one["said"] for one in item["why"]["reasons"]} == {"heart failure"}
    assert any(p["marked"] for p in answer["items"][0]["why"]["snippet"])
    assert search(client, "include=why")["items"][0]["why"] is None


def test_what_else_was_looked_for_is_told_and_can_be_taken_away(client):
    answer = search(client, "q=heart+failure")
    (expansion,) = answer["expansions"]
    assert expansion["said"] == "heart failure"
    assert expansion["concepts"][0]["label"] == "Heart failure"
    variant = expansion["used"][0]
    assert variant.keys() == {"key", "text", "kind", "language"}
    without = search(client, "q=heart+failure", without=variant["key"])
    assert variant in without["expansions"][0]["removed"]
    assert variant not in without["expansions"][0]["used"]
    assert search(client, "q=heart+failure&expand=no")["expansions"][0]["used"] == []


def test_an_acronym_with_several_meanings_offers_them(client):
    (choice,) = search(client, "q=MI")["choices"]
    assert (choice["said"], choice["chosen"]) == ("MI", None)
    meanings = {one["label"]: one["value"] for one in choice["concepts"]}
    assert len(meanings) == 2
    chosen = search(client, "q=MI", meaning=meanings["Myocardial infarction"])
    assert chosen["choices"][0]["chosen"] == meanings["Myocardial infarction"]
    assert chosen["total"] > 0


def test_a_misspelt_word_is_put_right_and_it_says_so(client):
    assert search(client, "q=dementai")["corrections"] == {"dementai": "dementia"}


def test_nothing_found_names_the_ways_on_and_they_lead_there(client):
    answer = search(client, "q=zzzzqqq", spatial="FRA")
    assert (answer["total"], answer["items"], answer["next"]) == (0, [], None)
    assert answer["ways"]
    for way in answer["ways"]:
        assert get(client, way["url"])["total"] == way["total"]
        assert client.get(way["page"].removeprefix(ADDRESS.rstrip("/"))).status_code == 200


def test_few_hits_come_with_what_nearly_fits(client):
    answer = search(client, "q=heart+failure+biobank&include=why")
    assert answer["near"]
    assert not {i["slug"] for i in answer["items"]} & {i["slug"] for i in answer["near"]}
    assert all(item["why"]["lacking"] for item in answer["near"])


def test_an_answer_leads_to_its_page_and_a_query_to_the_interface(app, client):
    answer = search(client, "q=heart+failure&sort=title")
    assert answer["links"]["page"] == f"{ADDRESS}datasets?q=heart+failure&sort=title"
    assert get(client, answer["links"]["self"]) == answer
    with app.test_request_context():
        make = app.jinja_env.globals["api_address"]
        query = Query("heart failure", sort="title", page=3)
        assert make(query) == f"{ADDRESS}api/v1/datasets?q=heart+failure&sort=title"


def test_addresses_are_the_configured_ones_whatever_host_was_asked(client):
    response = client.get(
        "/api/v1/datasets?q=heart", headers={"Host": "evil.example", "X-Forwarded-Host": "evil"}
    )
    assert b"evil" not in response.data
    assert "evil" not in str(response.headers)


def test_a_new_revision_a_new_name_and_a_withdrawal_are_told_at_once(empty):
    client = create_app(catalogue=empty).test_client()
    plant(empty, dataset(), dataset(title={"en": "Second"}))
    assert [item["title"] for item in search(client)["items"]] == [
        "Heart failure registry of Ghent",
        "Second",
    ]
    with empty.changing() as session:
        changed = dataset(title={"en": "First"})
        empty.records.put(session, "dataset", changed, key="hf", author="t")
        empty.records.put(session, "agent", agent("New name"), key="ghent", author="t")
    (item, _) = search(client)["items"]
    assert (item["title"], item["facts"]["publisher"][0]["label"]) == ("First", "New name")
    with empty.changing() as session:
        record = empty.records.get(session, "dataset", "hf")
        empty.records.withdraw(session, record, author="t")
    assert [item["title"] for item in search(client)["items"]] == ["Second"]


def test_how_many_items_there_are_does_not_change_how_often_the_database_is_asked(
    client, catalogue
):
    asked = []

    def note(*said):
        asked.append(said[2])

    event.listen(catalogue.database.engine, "before_cursor_execute", note)
    for parameters in ({"size": 90}, {"size": 30}, {"size": 60, "include": "document"}):
        before = len(asked)
        search(client, **parameters)
        assert len(asked) - before <= 6, asked[before:]
    event.remove(catalogue.database.engine, "before_cursor_execute", note)


def test_a_damaged_record_keeps_its_title_and_harms_no_other(empty):
    client = create_app(catalogue=empty).test_client()
    plant(empty, dataset(), dataset(title={"en": "Sound"}))
    with empty.database.write() as session:
        record = empty.records.get(session, "dataset", "hf")
        record.document = {**record.document, "studied_condition": "not a list", "title": 7}
    answer = search(client, "include=why,document&q=heart")
    damaged, sound = sorted(answer["items"], key=lambda item: item["slug"])
    assert damaged["title"] == "Heart failure registry of Ghent"
    assert damaged["why"] is None
    assert "studied_condition" not in damaged["document"]
    assert sound["document"]["title"] == {"en": "Sound"}
    assert client.get("/api/v1/datasets/hf").status_code == 200
