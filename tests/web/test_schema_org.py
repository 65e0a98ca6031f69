"""What search engines read of the pages."""

import json
import re

import pytest
from factories import dataset, plant
from sqlalchemy import select

from catalogue.app import create_app
from catalogue.records.models import PUBLISHED, Record
from catalogue.web.paths import path_of


def data(answer):
    """Every node of the block of data in a page, by type."""
    [block] = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', answer.get_data(as_text=True), re.S
    )
    whole = json.loads(block)
    assert whole["@context"] == "https://schema.org/"
    return {node["@type"]: node for node in whole.get("@graph", [whole])}


def published(catalogue, kind):
    with catalogue.database.read() as session:
        found = session.scalars(
            select(Record).where(Record.kind == kind, Record.state == PUBLISHED)
        ).all()
        return [(path_of(record), record.title) for record in found]


def test_every_dataset_says_what_search_engines_ask_for(client, catalogue):
    found = published(catalogue, "dataset")
    assert len(found) == 107
    for path, title in found:
        node = data(client.get(f"/{path}"))["Dataset"]
        assert node["name"] == title
        assert 50 <= len(node["description"]) <= 5000, path
        assert node["url"] == f"https://catalogue.example.org/{path}"
        assert node["@id"].startswith("https://catalogue.example.org/id/dataset/")
        assert node["includedInDataCatalog"][0]["name"] == "Outcome Catalogue"
        assert node["conditionsOfAccess"]
        assert None not in node.values()
        # No property of the profile states it, so nothing is said.
        assert "isAccessibleForFree" not in node


def test_a_dataset_says_what_is_measured_when_and_where(client):
    node = data(client.get("/datasets/geras"))["Dataset"]
    assert node["temporalCoverage"] == "2010/2013"
    assert {"@type": "Place", "name": "France"} in node["spatialCoverage"]
    assert {
        "@type": "PropertyValue",
        "name": "Carer burden",
        "propertyID": "https://w3id.org/outcome-catalogue/outcome/carer-burden",
        "measurementTechnique": ["Zarit Burden Interview"],
    } in node["variableMeasured"]
    assert node["publisher"]["name"] == "Eli Lilly and Company"


def test_a_period_that_goes_on_has_an_open_end(client):
    assert data(client.get("/datasets/sidiap"))["Dataset"]["temporalCoverage"] == "2006/.."


@pytest.mark.parametrize(
    ("path", "type", "name"),
    [
        ("/", "WebSite", "Outcome Catalogue"),
        ("/", "DataCatalog", "Outcome Catalogue"),
        ("/organisations/inserm", "Organization", "French National Institute of Health"),
        ("/catalogues/roadmap", "DataCatalog", "ROADMAP"),
        ("/vocabularies/condition", "DefinedTermSet", "Condition"),
        ("/vocabularies/condition/heart-failure", "DefinedTerm", "Heart failure"),
        ("/vocabularies/core-outcome-set/ichom-hf", "DefinedTermSet", "ICHOM standard set"),
    ],
)
def test_other_pages_say_what_they_are_about(client, path, type, name):
    assert data(client.get(path))[type]["name"].startswith(name)


def test_the_home_page_tells_how_to_search(client):
    target = data(client.get("/"))["WebSite"]["potentialAction"]["target"]["urlTemplate"]
    address = target.replace("{search_term_string}", "dementia")
    path = address.removeprefix("https://catalogue.example.org")
    assert client.get(path).status_code == 200


def test_the_way_to_a_page_ends_with_the_page(client):
    steps = data(client.get("/vocabularies/condition/heart-failure"))["BreadcrumbList"][
        "itemListElement"
    ]
    assert [step["name"] for step in steps] == ["Vocabularies", "Condition", "Heart failure"]
    assert [step["position"] for step in steps] == [1, 2, 3]


def test_nothing_in_a_description_can_end_the_block_of_data(empty):
    evil = "</script><script>alert(1)</script><!-- & \u2028 everybody admitted since 2009"
    plant(empty, dataset(title={"en": evil}, description={"en": "T. " * 30 + evil}))
    answer = create_app(catalogue=empty).test_client().get("/datasets/hf")
    node = data(answer)["Dataset"]
    assert node["name"] == evil
    assert "<script>alert" not in answer.get_data(as_text=True)


def test_a_short_description_is_introduced_rather_than_left_out(empty):
    plant(empty, dataset(title={"en": "HF"}, description={"en": "Registry."}))
    node = data(create_app(catalogue=empty).test_client().get("/datasets/hf"))["Dataset"]
    assert node["description"] == "HF (Dataset). Registry. Described in Outcome Catalogue."
    assert len(node["description"]) >= 50


def test_what_cannot_be_made_is_left_out_and_the_rest_stays(empty):
    with empty.database.write() as session:
        record = empty.records.save(
            session, "dataset", {"title": {"en": "T"}}, key="bad", author="x"
        )
        record.state = PUBLISHED
        record.document = {
            "title": {"en": "T"},
            "distribution": [None, {"download_url": 5}],
            "spatial": None,
            "keyword": {"en": None},
            "temporal": [None],
            "identifier": None,
            "listed_in": [7],
            "is_referenced_by": "one",
        }
    answer = create_app(catalogue=empty).test_client().get("/datasets/bad")
    assert answer.status_code == 200
    assert data(answer)["Dataset"]["name"] == "T"


def test_a_withheld_holder_is_not_told(empty):
    plant(empty, dataset(holder_withheld=True, custodian="id/agent/ghent"))
    node = data(create_app(catalogue=empty).test_client().get("/datasets/hf"))["Dataset"]
    assert not {"publisher", "creator", "maintainer", "sameAs"} & node.keys()


def test_pages_shared_elsewhere_bring_title_summary_and_address(client):
    page = client.get("/datasets/sidiap").get_data(as_text=True)
    meta = dict(re.findall(r'<meta property="og:([^"]+)" content="([^"]*)">', page))
    assert meta["title"] == "Information System for Research in Primary Care (SIDIAP)"
    assert meta["description"].startswith("Pseudonymised primary-care records")
    assert meta["url"] == "https://catalogue.example.org/datasets/sidiap"
    assert (meta["type"], meta["locale"]) == ("website", "en_GB")
    assert meta["site_name"] == "Outcome Catalogue"


def test_a_later_page_of_a_list_is_a_page_of_its_own(client):
    page = client.get("/organisations?page=2").get_data(as_text=True)
    assert 'rel="canonical" href="https://catalogue.example.org/organisations?page=2"' in page
    first = client.get("/organisations?page=1").get_data(as_text=True)
    assert 'rel="canonical" href="https://catalogue.example.org/organisations"' in first
