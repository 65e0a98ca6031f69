"""Asking for a profile: by address, by header, and what the answer says of it."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from conftest import ADDRESS

from catalogue.rdf.formats import FORMATS

R8 = "https://data.health.europa.eu/healthdcat-ap/releases/latest/"
DCAT_AP = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"
DCAT = "https://www.w3.org/TR/vocab-dcat-3/"
PAGE = "/datasets/sidiap.ttl"


def got(client, address, **headers):
    return client.get(address, headers={name.replace("_", "-"): v for name, v in headers.items()})


def links(response) -> list[tuple[str, dict[str, str]]]:
    found = re.findall(r"<([^>]*)>((?:; [a-z]+=\"[^\"]*\")*)", response.headers["Link"])
    return [(to, dict(re.findall(r'; ([a-z]+)="([^"]*)"', said))) for to, said in found]


@pytest.mark.parametrize(
    ("name", "followed"),
    [
        ("dcat", [DCAT]),
        ("http://www.w3.org/ns/dcat%23", [DCAT]),
        ("dcat-ap", [DCAT_AP]),
        ("healthdcat-ap", [R8, DCAT_AP]),
        ("outcome-ap", ["https://w3id.org/outcome-catalogue/ns#", R8, DCAT_AP]),
    ],
)
def test_a_profile_is_asked_for_by_its_name_or_iri_and_named_in_the_answer(client, name, followed):
    response = client.get(f"{PAGE}?profile={name}")
    assert response.status_code == 200
    assert response.headers["Content-Profile"] == ", ".join(f"<{one}>" for one in followed)
    stated = [to for to, said in links(response) if said["rel"] == "profile"]
    assert stated == followed[::-1]
    assert response.headers["Vary"] == "Accept, Accept-Profile, Accept-Encoding"


def test_the_header_chooses_where_the_address_does_not(client):
    turtle = {"Accept": "text/turtle", "Accept_Profile": f"<{DCAT}>;q=0.3, <{DCAT_AP}>;q=0.7"}
    by_header = got(client, "/datasets/sidiap", **turtle)
    assert by_header.data == client.get(f"{PAGE}?profile=dcat-ap").data
    both = got(client, f"{PAGE}?profile=dcat", **turtle)
    assert both.data == client.get(f"{PAGE}?profile=dcat").data
    unknown = got(client, PAGE, Accept_Profile="<https://nobody.example/>")
    assert unknown.data == client.get(PAGE).data


def test_an_unknown_profile_in_an_address_is_answered_with_those_there_are(client):
    response = client.get(f"{PAGE}?profile=marc21")
    assert response.status_code == 400
    detail = response.get_json()["detail"]
    assert 'There is no profile "marc21"' in detail
    assert "outcome-ap, healthdcat-ap, dcat-ap, dcat" in detail


def test_the_answer_leads_to_the_other_profiles_and_formats(client):
    for address in (PAGE, f"{PAGE}?profile=dcat&self_contained=false"):
        found = links(client.get(address))
        canonical = [to for to, said in found if said["rel"] == "canonical"]
        assert len(canonical) == 1
        profiles = {said["profile"]: to for to, said in found if "profile" in said}
        assert len(profiles) == 4
        assert profiles[DCAT].endswith("profile=dcat")
        for to, said in found:
            if said["rel"] in ("canonical", "alternate"):
                other = client.get("/" + to.removeprefix(ADDRESS))
                assert other.status_code == 200, to
                assert other.mimetype == said["type"]
                if "profile" in said:
                    assert other.headers["Content-Profile"].startswith(f"<{said['profile']}>")
                assert ("self_contained" in to) is ("self_contained" in address)


def test_a_records_iri_leads_to_the_profile_asked_for(client):
    turtle = {"Accept": "text/turtle"}
    by_header = got(client, "/id/dataset/sidiap", **turtle, Accept_Profile=f"<{DCAT_AP}>")
    assert by_header.headers["Location"] == "/datasets/sidiap.ttl?profile=dcat-ap"
    assert by_header.headers["Content-Profile"] == f"<{DCAT_AP}>"
    asked = got(client, "/id/dataset/sidiap?profile=dcat&self_contained=false", **turtle)
    assert asked.headers["Location"] == "/datasets/sidiap.ttl?profile=dcat&self_contained=false"
    plain = got(client, "/id/dataset/sidiap", **turtle)
    assert plain.headers["Location"] == "/datasets/sidiap.ttl"


def test_the_switch_gives_the_bare_fragment_and_the_default_is_the_whole(client, catalogue):
    bare = client.get(f"{PAGE}?self_contained=false")
    whole = client.get(f"{PAGE}?self_contained=true")
    assert whole.data == client.get(PAGE).data
    assert len(bare.data) < len(whole.data)
    said = {quad.triple for quad in ox.parse(bare.data, format=ox.RdfFormat.TURTLE)}
    with catalogue.database.read() as session:
        record = catalogue.records.by_slug(session, "dataset", "sidiap")
        assert len(said) == len(set(catalogue.graphs.fragment(record)))
    wrong = client.get(f"{PAGE}?self_contained=maybe")
    assert wrong.status_code == 400
    assert "true or false" in wrong.get_json()["detail"]


def test_every_way_of_telling_has_an_etag_of_its_own(client):
    asked = [
        f"{PAGE}?profile={token}&self_contained={switch}"
        for token in ("outcome-ap", "healthdcat-ap", "dcat-ap", "dcat")
        for switch in ("true", "false")
    ]
    tags = [client.get(address).headers["ETag"] for address in asked]
    assert len(set(tags)) == len(asked)
    for address, tag in zip(asked, tags, strict=True):
        assert got(client, address, If_None_Match=tag).status_code == 304
        assert got(client, asked[0], If_None_Match=tag).status_code == (
            304 if tag == tags[0] else 200
        )


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_says_the_same_under_a_profile(client, suffix):
    format = FORMATS[suffix]

    def said(suffix, format):
        response = client.get(f"/datasets/sidiap.{suffix}?profile=dcat")
        return {q.triple for q in ox.parse(response.data, format=format.oxigraph)}

    assert said(suffix, format) == said("nt", FORMATS["nt"])


def test_a_past_state_can_be_had_under_a_profile(client):
    past = client.get(f"{PAGE}?at=2100&profile=dcat")
    assert past.status_code == 200
    assert past.headers["Memento-Datetime"]
    assert past.data == client.get(f"{PAGE}?profile=dcat").data


def test_the_plain_json_has_one_form(client):
    assert "Content-Profile" not in client.get("/datasets/sidiap.json?profile=dcat").headers
