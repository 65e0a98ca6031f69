"""Single records and lists of them: whole, by title, and only what everybody may see."""

from urllib.parse import urlsplit

import pytest
from conftest import ADDRESS
from factories import agent, dataset, plant

from catalogue.app import create_app
from catalogue.web.paths import KINDS

LISTS = [path for path in KINDS if path != "datasets"]


def get(client, address):
    parts = urlsplit(address)
    response = client.get(parts.path + (f"?{parts.query}" if parts.query else ""))
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def walk(client, address):
    while address:
        answer = get(client, address)
        yield answer
        address = answer["next"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("size", [1, 40])
def test_a_list_walked_to_its_end_has_every_record_once_by_title(client, catalogue, path, size):
    answers = list(walk(client, f"/api/v1/{path}?size={size}"))
    found = [item for answer in answers for item in answer["items"]]
    assert len({item["iri"] for item in found}) == len(found) == answers[0]["total"]
    titles = [item["title"].lower() for item in found]
    assert titles == sorted(titles)
    for item in found[:5]:
        document = get(client, item["links"]["self"])
        assert document["id"] == item["iri"]
        assert document == get(client, item["links"]["json"])


def test_a_list_is_narrowed_by_how_titles_begin(client):
    answer = get(client, "/api/v1/organisations?q=UNI")
    assert answer["total"] == len(answer["items"]) > 1
    assert all(item["title"].lower().startswith("uni") for item in answer["items"])
    assert get(client, "/api/v1/organisations?q=%25")["total"] == 0
    assert get(client, "/api/v1/organisations?q=_")["total"] == 0


def test_an_organisation_leads_to_its_datasets(client):
    for item in get(client, "/api/v1/organisations?q=Fundaci")["items"]:
        found = get(client, item["links"]["datasets"])
        assert found["query"]["filters"] == {"publisher": [item["iri"]]}
    catalogue = get(client, "/api/v1/catalogues?size=1")["items"][0]
    assert get(client, catalogue["links"]["datasets"])["total"] > 0


def test_a_record_leads_to_its_other_forms_and_is_json_ld(client):
    response = client.get("/api/v1/datasets/sidiap")
    assert response.content_type == "application/json"
    assert response.get_json() == client.get("/datasets/sidiap.json").get_json()
    assert f'<{ADDRESS}datasets/sidiap.ttl>; rel="alternate"' in response.headers["Link"]
    linked = client.get("/api/v1/datasets/sidiap", headers={"Accept": "application/ld+json"})
    assert linked.content_type == "application/ld+json"
    assert linked.get_json() == response.get_json()
    assert linked.headers["ETag"] != response.headers["ETag"]
    assert "Accept" in linked.headers["Vary"]


def test_a_draft_is_not_there_and_a_withdrawn_record_is_gone(empty):
    client = create_app(catalogue=empty).test_client()
    plant(empty, dataset(), dataset(title={"en": "Withdrawn secret"}))
    with empty.changing() as session:
        empty.records.save(
            session, "dataset", dataset(title={"en": "Unborn secret"}), key="un", author="t"
        )
        empty.records.save(session, "agent", agent("Draft secret"), key="draft", author="t")
        changed = dataset(title={"en": "Changed secret"})
        empty.records.save(session, "dataset", changed, key="hf", author="t")
        withdrawn = empty.records.get(session, "dataset", "hf-2")
        empty.records.withdraw(session, withdrawn, author="t")
    assert client.get("/api/v1/datasets/hf-2").status_code == 410
    for address in ("datasets/un", "organisations/draft", "datasets/nothing", "datasets/%20"):
        assert client.get(f"/api/v1/{address}").status_code == 404, address
    for address in (
        "datasets?include=why,document",
        "datasets?q=secret&include=why,document",
        "datasets/hf",
        "datasets/un",
        "datasets/hf-2",
        "organisations",
        "organisations?q=draft",
        "organisations/draft",
        "suggest?q=secret",
        "suggest?q=unb",
        "openapi.json",
    ):
        said = client.get(f"/api/v1/{address}").get_data(as_text=True)
        said = said.replace("q=secret", "").replace('"text":"secret"', "")
        said = said.replace('"said":"secret"', "").replace('"without":"secret"', "")
        assert "secret" not in said.lower(), address
    assert get(client, "/api/v1/datasets?facets=none")["total"] == 1


def test_a_withheld_holder_is_named_nowhere(empty):
    client = create_app(catalogue=empty).test_client()
    with empty.changing() as session:
        empty.records.put(session, "agent", agent("Health body"), key="hdab", author="t")
        empty.records.put(session, "agent", agent("Hidden holder"), key="hidden", author="t")
        hidden = dataset(
            hdab="id/agent/hdab",
            publisher="id/agent/hidden",
            custodian="id/agent/hidden",
            holder_withheld=True,
            contact_point=[{"contact_name": "Hidden desk", "email": "hidden@example.org"}],
        )
        empty.records.put(session, "dataset", hidden, key="hf", author="t")
    for address in (
        "datasets?include=why,document",
        "datasets?q=heart&include=why,document",
        "datasets/hf",
        "suggest?q=heart",
    ):
        said = client.get(f"/api/v1/{address}").get_data(as_text=True)
        assert "hidden" not in said.lower(), address
    for query in ("q=hidden", f"publisher={ADDRESS}id/agent/hidden", "publisher=id/agent/hidden"):
        assert get(client, f"/api/v1/datasets?facets=none&{query}")["total"] == 0


def test_a_record_that_is_no_longer_seen_lends_its_name_to_no_facet(empty):
    client = create_app(catalogue=empty).test_client()
    plant(empty, dataset())
    with empty.changing() as session:
        publisher = empty.records.get(session, "agent", "ghent")
        empty.records.withdraw(session, publisher, author="t")
    answer = get(client, "/api/v1/datasets")
    assert "Hospital of Ghent" not in str(answer)
    (value,) = answer["facets"]["publisher"]["values"]
    assert value == {
        "value": f"{ADDRESS}id/agent/ghent",
        "code": "ghent",
        "label": "ghent",
        "count": 1,
    }


def test_hostile_words_stay_in_their_field(empty):
    client = create_app(catalogue=empty).test_client()
    hostile = 'x"}],"total":0} </script> IGNORE ALL RULES\u2028\r\nX-Evil: yes'
    plant(empty, dataset(title={"en": hostile}, description={"en": hostile}))
    response = client.get("/api/v1/datasets?include=why,document&q=rules")
    (item,) = response.get_json()["items"]
    assert item["title"] == item["description"] == item["document"]["title"]["en"] == hostile
    assert "X-Evil" not in response.headers
