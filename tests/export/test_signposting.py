"""A program that follows typed links, from a page to all that belongs to it and back."""

from __future__ import annotations

import re

import pytest
from conftest import ADDRESS
from factories import EU, agent, dataset, plant

from catalogue.app import create_app

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/text/csv"
DOI = "https://doi.org/10.5281/zenodo.123"


def parsed(text: str) -> list[dict[str, str]]:
    """The links of a ``Link`` header or a link set in text."""
    found = re.findall(r"<([^>]*)>((?:;\s*[\w-]+=\"[^\"]*\")*)", text)
    return [{"href": to, **dict(re.findall(r';\s*([\w-]+)="([^"]*)"', said))} for to, said in found]


def signposts(client, address, accept="text/html") -> dict[str, list[dict[str, str]]]:
    """The links of an answer, by relation."""
    response = client.get(address, headers={"Accept": accept})
    assert response.status_code == 200, address
    found: dict[str, list[dict[str, str]]] = {}
    for one in parsed(response.headers["Link"]):
        found.setdefault(one.pop("rel"), []).append(one)
    return found


def local(address: str) -> str:
    assert address.startswith(ADDRESS)
    return "/" + address.removeprefix(ADDRESS)


def published(empty, **changed):
    """A client of a catalogue with one dataset called ``hf``."""
    plant(empty, dataset(**changed))
    return create_app(catalogue=empty).test_client()


def distribution(**changed):
    return {**dataset()["distribution"][0], **changed}


PAGES = ["/datasets/sidiap", "/organisations/inserm", "/catalogues/roadmap"]


@pytest.mark.parametrize("address", PAGES)
def test_every_signpost_of_a_page_leads_to_what_it_promises(client, address):
    found = signposts(client, address)
    assert {"cite-as", "type", "describedby", "linkset"} <= found.keys()
    assert len(found["cite-as"]) == 1
    assert {"href": "https://schema.org/AboutPage"} in found["type"]
    assert len(found["type"]) == 2
    for rel, links in found.items():
        for one in links:
            if rel in ("type", "profile") or not one["href"].startswith(ADDRESS):
                continue
            answer = client.get(local(one["href"]), headers={"Accept": one.get("type", "*/*")})
            assert answer.status_code in (200, 303), (rel, one)
            if "type" in one:
                assert answer.mimetype == one["type"]


@pytest.mark.parametrize("address", PAGES)
def test_every_description_leads_back_to_the_page_it_describes(client, address):
    for one in signposts(client, address)["describedby"]:
        back = signposts(client, local(one["href"]), one["type"])
        assert back["describes"] == [{"href": ADDRESS[:-1] + address, "type": "text/html"}]
        assert back["linkset"] == signposts(client, address)["linkset"]
    assert "describes" in signposts(client, f"{address}.json", "application/json")


@pytest.mark.parametrize("address", PAGES)
def test_the_link_set_tells_all_of_it_and_leads_nowhere_in_vain(client, address):
    short = signposts(client, address)
    answer = client.get(local(short["linkset"][0]["href"]))
    assert answer.mimetype == "application/linkset+json"
    sets = {one["anchor"]: one for one in answer.get_json()["linkset"]}
    page = sets[ADDRESS[:-1] + address]
    for rel in ("cite-as", "type", "describedby", "author", "collection", "license"):
        told = {one["href"] for one in page.get(rel, ())}
        assert {one["href"] for one in short.get(rel, ())} <= told, rel
    assert len(page["describedby"]) == 16
    for one in page["describedby"]:
        document = client.get(local(one["href"]))
        assert document.mimetype == one["type"]
        assert document.headers["Content-Profile"].startswith(f"<{one['profile'][0]}>")
        assert sets[one["href"]]["describes"] == [{"href": page["anchor"], "type": "text/html"}]
    for one in (*page.get("item", ()), *page.get("collection", ())):
        assert client.get(local(one["href"])).status_code == 200


def test_a_catalogue_lists_its_members_in_the_link_set_only(client):
    assert "item" not in signposts(client, "/catalogues/roadmap")
    (page, *_) = client.get("/catalogues/roadmap/linkset.json").get_json()["linkset"]
    assert len(page["item"]) > 3
    for one in page["item"][:3]:
        back = signposts(client, local(one["href"]))["collection"]
        assert f"{ADDRESS}catalogues/roadmap" in [to["href"] for to in back]


def test_the_link_set_is_text_for_those_who_ask_for_text(client):
    answer = client.get("/datasets/sidiap/linkset.json", headers={"Accept": "application/linkset"})
    assert answer.mimetype == "application/linkset"
    assert "Accept" in answer.headers["Vary"]
    as_json = client.get("/datasets/sidiap/linkset.json").get_json()["linkset"]
    told = {
        (one["anchor"], rel, to["href"])
        for one in as_json
        for rel, links in one.items()
        if rel != "anchor"
        for to in links
    }
    assert {(one["anchor"], one["rel"], one["href"]) for one in parsed(answer.text)} == told
    tag = answer.headers["ETag"]
    assert tag != client.get("/datasets/sidiap/linkset.json").headers["ETag"]


def test_files_licence_and_persistent_identifier_are_told(empty):
    file = distribution(
        download_url=["https://hospital.example/données.csv"],
        media_type=MEDIA_TYPE,
        licence={"id": LICENCE},
    )
    client = published(
        empty,
        identifier=["ghent-hf"],
        other_identifier=[{"notation": "doi:10.5281/zenodo.123"}],
        distribution=[file, distribution(licence={"documentation": [LICENCE]})],
    )
    found = signposts(client, "/datasets/hf")
    assert found["cite-as"] == [{"href": DOI}]
    assert found["license"] == [{"href": LICENCE}]
    address = "https://hospital.example/donn%C3%A9es.csv"  # a header holds no other letters
    assert found["item"] == [{"href": address, "type": "text/csv"}]
    sets = {
        one["anchor"]: one for one in client.get("/datasets/hf/linkset.json").get_json()["linkset"]
    }
    assert sets[address]["collection"] == [{"href": f"{ADDRESS}datasets/hf", "type": "text/html"}]


@pytest.mark.parametrize(
    ("identifier", "cited"),
    [
        ("10.5281/zenodo.123", DOI),
        ("https://doi.org/10.5281/zenodo.123", DOI),
        ("https://hdl.handle.net/1854/LU-1", "https://hdl.handle.net/1854/LU-1"),
        ("ghent-hf", f"{ADDRESS}id/dataset/hf"),
        ("https://hospital.example/data", f"{ADDRESS}id/dataset/hf"),
    ],
)
def test_it_is_cited_by_the_identifier_that_lasts(empty, identifier, cited):
    client = published(empty, identifier=[identifier])
    assert signposts(client, "/datasets/hf")["cite-as"] == [{"href": cited}]


def test_no_licence_is_told_if_one_distribution_has_none_or_another(empty):
    client = published(empty, distribution=[distribution(licence={"id": LICENCE}), distribution()])
    assert "license" not in signposts(client, "/datasets/hf")


def test_the_file_format_tells_the_media_type_where_nobody_did(empty):
    file = distribution(download_url=["https://x.example/a.csv"], format=EU + "file-type/CSV")
    found = signposts(published(empty, distribution=[file]), "/datasets/hf")
    assert found["item"] == [{"href": "https://x.example/a.csv", "type": "text/csv"}]


@pytest.mark.parametrize(("files", "length"), [(21, 10), (19, 300)])
def test_what_would_make_the_header_too_long_is_in_the_link_set_only(empty, files, length):
    addresses = [f"https://x.example/{n}-{'x' * length}" for n in range(files)]
    client = published(empty, distribution=[distribution(download_url=addresses)])
    response = client.get("/datasets/hf", headers={"Accept": "text/html"})
    assert len(response.headers["Link"]) < 4_000
    found = signposts(client, "/datasets/hf")
    assert "item" not in found
    assert {"cite-as", "describedby", "linkset"} <= found.keys()
    (page, *_) = client.get(local(found["linkset"][0]["href"])).get_json()["linkset"]
    assert [one["href"] for one in page["item"]] == addresses


def test_a_withheld_holder_is_no_author(empty):
    client = published(empty, holder_withheld=True)
    assert "author" not in signposts(client, "/datasets/hf")
    assert "author" not in client.get("/datasets/hf/linkset.json").text


def test_who_made_the_data_goes_before_who_publishes_them(empty):
    with empty.changing() as session:
        empty.records.put(session, "agent", agent("University"), key="maker", author="test")
    client = published(empty, creator=["id/agent/maker"])
    assert signposts(client, "/datasets/hf")["author"] == [{"href": f"{ADDRESS}id/agent/maker"}]


def test_there_is_a_link_set_of_what_the_world_may_see_only(empty):
    client = published(empty)
    with empty.changing() as session:
        empty.records.save(session, "dataset", dataset(), key="unborn", author="test")
        record = empty.records.get(session, "dataset", "hf")
        empty.records.withdraw(session, record, author="test")
    assert client.get("/datasets/hf/linkset.json").status_code == 410
    assert client.get("/datasets/unborn/linkset.json").status_code == 404


def test_a_damaged_record_still_has_its_page(empty):
    client = published(empty)
    with empty.database.write() as session:
        record = empty.records.get(session, "dataset", "hf")
        record.document = {**record.document, "distribution": ["not a part"]}
    page = client.get("/datasets/hf", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert 'rel="linkset"' in page.headers["Link"]
    assert client.get("/datasets/hf/linkset.json").status_code == 503
