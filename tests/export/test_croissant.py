"""Datasets with described variables as Croissant, as a loader would read it."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
from conftest import ADDRESS
from factories import agent, dataset, plant

from catalogue.app import create_app
from catalogue.vocabulary import Vocabularies
from catalogue.web.croissant import _DATATYPES

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
IRI = f"{ADDRESS}id/dataset/hf"
PAGE = f"{ADDRESS}datasets/hf.croissant.json"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
CHECKSUM = {
    "algorithm": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256",
    "checksum_value": SHA.upper(),
}


def column(name: str, datatype: str = "decimal", **changed):
    return {
        "column_name": name,
        "column_title": {"en": name.title()},
        "description": {"en": f"The {name} at discharge"},
        "datatype": datatype,
        **changed,
    }


def table(title: str, *columns, **changed):
    return {"title": {"en": title}, "column": [*columns], **changed}


def described(*tables, **changed):
    """A dataset as a registry would describe it, with its code book."""
    return dataset(
        structured_data=True,
        variables=[{"title": {"en": "Code book 2024"}, "table": [*tables]}],
        issued="2009",
        version="1.2.0",
        creator=["id/agent/maker"],
        **changed,
    )


DIAGNOSES = table(
    "Diagnoses",
    column("ejection_fraction", property_url="https://loinc.org/10230-1"),
    column("discharged", "date"),
    column("readmitted", "boolean"),
    column("stay", "duration"),
)
PEOPLE = table("People", column("birth_year", "gYear"), column("children", "nonNegativeInteger"))


@pytest.fixture
def read(empty):
    """Publishes a dataset called ``hf`` and reads its Croissant."""

    def read(document):
        with empty.changing() as session:
            empty.records.put(session, "agent", agent("University"), key="maker", author="test")
        plant(empty, document)
        response = create_app(catalogue=empty).test_client().get("/datasets/hf.croissant.json")
        assert response.status_code == 200, response.text
        return response.get_json()

    return read


def distribution(**changed):
    return {**dataset()["distribution"][0], **changed}


def test_tables_are_record_sets_and_variables_their_fields(read):
    found = read(described(DIAGNOSES, PEOPLE))
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert found["@type"] == "sc:Dataset"
    assert [one["name"] for one in found["recordSet"]] == ["Diagnoses", "People"]
    fields = [field for one in found["recordSet"] for field in one["field"]]
    assert {one["name"]: one["dataType"] for one in fields} == {
        "ejection_fraction": "sc:Float",
        "discharged": "sc:Date",
        "readmitted": "sc:Boolean",
        "stay": "sc:Text",
        "birth_year": "sc:Text",
        "children": "sc:Integer",
    }
    first = fields[0]
    assert first["description"] == "Ejection_Fraction. The ejection_fraction at discharge"
    assert first["equivalentProperty"] == "https://loinc.org/10230-1"
    assert first["source"]["extract"] == {"column": "ejection_fraction"}
    ids = [one["@id"] for one in (*found["recordSet"], *fields, *found["distribution"])]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith(IRI + "#") for one in ids)


def test_the_dataset_is_described_as_its_page_describes_it(read):
    licensed = distribution(licence={"id": LICENCE})
    found = read(described(PEOPLE, distribution=[licensed]))
    assert found["name"] == "Heart failure registry of Ghent"
    assert found["url"] == f"{ADDRESS}datasets/hf"
    assert found["license"] == [LICENCE]
    assert [one["name"] for one in found["creator"]] == ["University"]
    assert found["publisher"]["name"] == "Hospital of Ghent"
    assert (found["datePublished"], found["version"]) == ("2009", "1.2.0")
    assert found["citeAs"] == f"Heart failure registry of Ghent. Hospital of Ghent. {IRI}"


def test_data_that_are_had_on_application_have_the_page_for_it_as_their_source(read):
    found = read(described(DIAGNOSES))
    (page,) = found["distribution"]
    assert page["contentUrl"] == "https://hospital.example/data"
    assert page["encodingFormat"] == "text/html"
    assert found["isLiveDataset"] is True  # without a checksum it may change
    sources = {one["source"]["fileObject"]["@id"] for one in found["recordSet"][0]["field"]}
    assert sources == {page["@id"]}


def test_the_only_file_is_the_source_and_its_checksum_makes_it_fixed(read):
    file = distribution(
        download_url=["https://hospital.example/data.csv"], checksum=CHECKSUM, byte_size=12
    )
    found = read(described(DIAGNOSES, distribution=[file]))
    (told,) = found["distribution"]
    assert told["contentUrl"] == "https://hospital.example/data.csv"
    assert (told["encodingFormat"], told["sha256"]) == ("text/csv", SHA)
    assert told["contentSize"] == "12 B"
    assert "isLiveDataset" not in found
    assert found["recordSet"][0]["field"][0]["source"]["fileObject"] == {"@id": told["@id"]}


def test_a_tables_own_example_file_is_its_source(read):
    example = {**PEOPLE, "table_url": "https://hospital.example/people-synthetic.tsv"}
    found = read(described(DIAGNOSES, example))
    files = {one["@id"]: one for one in found["distribution"]}
    sources = [
        files[one["field"][0]["source"]["fileObject"]["@id"]]["contentUrl"]
        for one in found["recordSet"]
    ]
    assert sources[0] == "https://hospital.example/data"
    assert sources[1] == "https://hospital.example/people-synthetic.tsv"
    encodings = [one["encodingFormat"] for one in found["distribution"]]
    assert "text/tab-separated-values" in encodings


def test_no_file_is_named_the_source_where_several_could_be(read):
    files = [
        distribution(download_url=[f"https://hospital.example/{n}.csv"], title={"en": n})
        for n in ("a", "b")
    ]
    found = read(described(DIAGNOSES, distribution=files))
    key = found["recordSet"][0]["field"][0]["source"]["fileObject"]["@id"]
    (source,) = [one for one in found["distribution"] if one["@id"] == key]
    assert (source["contentUrl"], source["encodingFormat"]) == (IRI, "text/html")


def test_it_is_sound_json_ld(read):
    found = read(described(DIAGNOSES, PEOPLE))
    quads = list(ox.parse(json.dumps(found), format=ox.RdfFormat.JSON_LD, base_iri=PAGE))
    fields = {
        q.subject for q in quads if q.object == ox.NamedNode("http://mlcommons.org/croissant/Field")
    }
    assert len(fields) == 6
    types = {q.object.value for q in quads if q.predicate.value.endswith("croissant/dataType")}
    assert "https://schema.org/Float" in types


def test_every_datatype_that_is_mapped_is_one_of_the_list(vocabularies: Vocabularies):
    assert set(_DATATYPES) <= set(vocabularies["csvw-datatype"].by_code)


def test_it_is_linked_where_it_is(empty):
    with empty.changing() as session:
        empty.records.put(session, "agent", agent("University"), key="maker", author="test")
    plant(empty, described(PEOPLE), dataset())
    client = create_app(catalogue=empty).test_client()
    answer = client.get("/datasets/hf.croissant.json")
    assert answer.content_type == (
        'application/ld+json; profile="http://mlcommons.org/croissant/1.0"'
    )
    assert 'rel="describes"' in answer.headers["Link"]
    assert (
        client.get(
            "/datasets/hf.croissant.json", headers={"If-None-Match": answer.headers["ETag"]}
        ).status_code
        == 304
    )
    page = client.get("/datasets/hf", headers={"Accept": "text/html"})
    link = f'<{PAGE}>; rel="describedby"; type="application/ld+json"; profile="http://mlcommons'
    assert link in page.headers["Link"]
    assert page.text.count(PAGE) > 2  # in the head and for programs
    assert PAGE in client.get("/datasets/hf/linkset.json").text
    other = client.get("/datasets/hf-2", headers={"Accept": "text/html"})
    assert "croissant" not in other.text.casefold()
    assert "croissant" not in other.headers["Link"]


def test_where_no_variable_is_described_it_says_so(client):
    answer = client.get("/datasets/sidiap.croissant.json")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert "describes no variables" in answer.get_json()["detail"]
    assert client.get("/datasets/nothing.croissant.json").status_code == 404
    assert client.get("/organisations/inserm.croissant.json").status_code == 404


def test_what_is_kept_back_is_not_in_it(empty):
    members = empty.vocabularies["audience"].by_code["members"].iri
    with empty.changing() as session:
        empty.records.put(session, "agent", agent("University"), key="maker", author="test")
    plant(
        empty,
        described(PEOPLE, holder_withheld=True),
        described(PEOPLE, restricted=[{"field": "version", "audience": members}]),
    )
    client = create_app(catalogue=empty).test_client()
    withheld = client.get("/datasets/hf.croissant.json").text
    assert "University" not in withheld
    assert "Hospital of Ghent" not in withheld.replace("registry of Ghent", "")
    assert "1.2.0" not in client.get("/datasets/hf-2.croissant.json").text
