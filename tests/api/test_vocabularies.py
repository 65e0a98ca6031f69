"""Vocabularies, concepts and typing help for programs."""

from urllib.parse import urlsplit

from conftest import ADDRESS


def get(client, address):
    parts = urlsplit(address)
    response = client.get(parts.path + (f"?{parts.query}" if parts.query else ""))
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def test_every_vocabulary_is_listed_with_source_and_licence(client, catalogue):
    answer = get(client, "/api/v1/vocabularies")
    assert {one["name"] for one in answer["items"]} == set(catalogue.vocabularies)
    assert answer["total"] == len(catalogue.vocabularies)
    country = next(one for one in answer["items"] if one["name"] == "country")
    assert country["facets"] == ["spatial"]
    assert country["concepts"] > 200
    assert country["licence"]
    assert client.get(urlsplit(country["links"]["ttl"]).path).status_code == 200


def test_a_vocabulary_walked_to_its_end_has_every_concept_once(client, catalogue):
    found, address = [], "/api/v1/vocabularies/country?size=100"
    while address:
        answer = get(client, address)
        found += [one["value"] for one in answer["items"]]
        address = answer["next"]
    assert len(found) == len(set(found)) == answer["total"]
    assert set(found) == set(catalogue.vocabularies["country"].concepts)


def test_concepts_are_found_by_words_in_any_language_and_by_code(client):
    for words in ("Schweden", "SWE", "swed"):
        codes = [
            one["code"] for one in get(client, f"/api/v1/vocabularies/country?q={words}")["items"]
        ]
        assert "SWE" in codes, words
    assert get(client, "/api/v1/vocabularies/country?q=zzzz")["items"] == []


def test_a_concept_tells_its_neighbours_and_the_datasets_that_state_it(client):
    concept = get(client, "/api/v1/vocabularies/condition/heart-failure")
    assert concept["label"] == "Heart failure"
    assert concept["labels"]["en"] == "Heart failure"
    assert concept["links"]["self"] == f"{ADDRESS}api/v1/vocabularies/condition/heart-failure"
    stated = concept["datasets"]["condition"]
    assert get(client, stated["url"])["total"] == stated["count"] > 0
    for one in concept["broader"]:
        above = get(client, f"/api/v1/vocabularies/condition/{one['code']}")
        assert concept["value"] in [below["value"] for below in above["narrower"]]


def test_a_core_outcome_set_tells_its_members(client, catalogue):
    header = get(client, "/api/v1/vocabularies/core-outcome-set?size=1")
    code = header["collections"][0]["code"]
    one = get(client, f"/api/v1/vocabularies/core-outcome-set/{code}")
    assert len(one["members"]) > 3


def test_what_is_not_there_says_so(client):
    for address in ("colours", "country/XXX", "country/a/b"):
        response = client.get(f"/api/v1/vocabularies/{address}")
        assert response.status_code == 404
        assert "There is no" in response.get_json()["detail"]


def test_typing_is_helped_with_concepts_datasets_and_holders(client):
    items = get(client, "/api/v1/suggest?q=heart+fai")["items"]
    concept = next(one for one in items if one["kind"] == "condition")
    assert (concept["text"], concept["label"]) == ("Heart failure", "Condition")
    assert get(client, concept["api"])["total"] == concept["count"] > 0
    assert client.get(concept["url"].removeprefix(ADDRESS.rstrip("/"))).status_code == 200
    items = get(client, "/api/v1/suggest?q=sidi")["items"]
    found = next(one for one in items if one["kind"] == "dataset")
    assert found["url"] == f"{ADDRESS}datasets/sidiap"
    assert found["api"] == f"{ADDRESS}api/v1/datasets/sidiap"


def test_too_little_is_helped_with_nothing(client):
    assert get(client, "/api/v1/suggest")["items"] == []
    assert get(client, "/api/v1/suggest?q=x")["items"] == []
