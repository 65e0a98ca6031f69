"""The feed as its readers walk it: each dataset once, whatever happens meanwhile."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyoxigraph as ox
import pytest
from conftest import ADDRESS
from databases import only_sqlite
from factories import EHDS, agent, dataset, plant

from catalogue.app import create_app
from catalogue.changes import Position, head
from catalogue.rdf.formats import FORMATS

HYDRA = "http://www.w3.org/ns/hydra/core#"
DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LDP = "http://www.w3.org/ns/ldp#"


def named(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


class Graph(list):
    """The triples of a document."""

    @classmethod
    def of(cls, response, suffix="ttl"):
        assert response.status_code == 200, response.text
        quads = ox.parse(response.data, format=FORMATS[suffix].oxigraph, base_iri=ADDRESS)
        return cls(quad.triple for quad in quads)

    def subjects(self, predicate, object_) -> list[str]:
        return [t.subject.value for t in self if (t.predicate, t.object) == (predicate, object_)]

    def objects(self, subject: str, predicate: str) -> list[str]:
        asked = (named(subject), named(predicate))
        return [t.object.value for t in self if (t.subject, t.predicate) == asked]


def walk(client, address: str, suffix="ttl", between: Callable[[int], None] = lambda _: None):
    """Every page of a feed, by ``hydra:next``; what happens in between is up to the caller."""
    pages = []
    while address:
        assert len(pages) < 50, "the walk does not end"
        graph = Graph.of(client.get(address.replace(ADDRESS, "/")), suffix)
        pages.append(graph)
        (view,) = graph.subjects(TYPE, named(HYDRA + "PartialCollectionView"))
        address = next(iter(graph.objects(view, HYDRA + "next")), "")
        between(len(pages))
    return pages


def datasets(pages) -> list[str]:
    found = [one for page in pages for one in page.subjects(TYPE, named(DCAT + "Dataset"))]
    return [one.rpartition("/")[2] for one in found]


@pytest.fixture
def nine(new_catalogue):
    """Nine datasets, two to a page."""
    catalogue = new_catalogue(feed_page_size=2)
    plant(catalogue, *(dataset(title={"en": f"Registry {n} of Ghent"}) for n in range(9)))
    return catalogue


KEYS = ["hf", *(f"hf-{n}" for n in range(2, 10))]


def change(catalogue, key: str, **changed) -> None:
    with catalogue.changing() as session:
        catalogue.records.put(
            session,
            "dataset",
            dataset(title={"en": f"Changed {key}"}, **changed),
            key=key,
            author="t",
        )


def withdraw(catalogue, key: str, kind="dataset") -> None:
    with catalogue.changing() as session:
        record = catalogue.records.get(session, kind, key)
        catalogue.records.withdraw(session, record, author="t")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("address", ["/catalogue", "/organisations/ghent/feed"])
def test_a_walk_meets_each_dataset_once_in_every_format(nine, address, suffix):
    pages = walk(create_app(catalogue=nine).test_client(), f"{address}.{suffix}", suffix)
    assert datasets(pages) == KEYS
    assert len(pages) == 5


def test_what_is_there_all_the_time_is_met_once_while_records_come_and_go(nine):
    def meanwhile(read: int) -> None:
        if read == 1:
            withdraw(nine, "hf")  # read already
            withdraw(nine, "hf-5")  # not yet
            change(nine, "hf-2")  # read already
            change(nine, "hf-7")  # not yet
        if read == 2:
            with nine.changing() as session:
                record = nine.records.get(session, "dataset", "hf")
                nine.records.restore(session, record, author="t")
                nine.records.put(session, "dataset", dataset(), key="new", author="t")

    pages = walk(create_app(catalogue=nine).test_client(), "/catalogue.ttl", between=meanwhile)
    assert datasets(pages) == [key for key in KEYS if key != "hf-5"] + ["new"]


def test_a_walk_ends_well_when_everything_that_was_left_is_withdrawn(nine):
    def meanwhile(read: int) -> None:
        if read == 3:
            for key in KEYS[5:]:
                withdraw(nine, key)

    pages = walk(create_app(catalogue=nine).test_client(), "/catalogue.ttl", between=meanwhile)
    assert datasets(pages) == KEYS[:6]
    assert len(pages) == 4
    assert datasets(pages[3:]) == []


def test_pages_lead_forwards_backwards_and_to_both_ends(nine):
    client = create_app(catalogue=nine).test_client()
    forwards, address = ["/catalogue.nt"], "/catalogue.nt"
    while True:
        links = {
            relation: link
            for header in client.get(address).headers.getlist("Link")
            for link, relation in re.findall(r'<([^>]+)>; rel="(\w+)"', header)
        }
        assert links["first"] == f"{ADDRESS}catalogue.nt"
        if len(forwards) > 1:
            assert links["prev"] == ADDRESS + forwards[-2].lstrip("/")
        if "next" not in links:
            break
        address = links["next"].replace(ADDRESS, "/")
        forwards.append(address)
    assert links["last"] == ADDRESS + forwards[-1].lstrip("/")
    assert len(forwards) == 5


def test_one_page_has_one_view_one_total_and_the_description_of_its_catalogue(client, catalogue):
    graph = Graph.of(client.get("/catalogue.ttl"))
    root = f"{ADDRESS}id/catalogue/bd4bo"
    assert graph.subjects(TYPE, named(HYDRA + "PartialCollectionView")) == [
        f"{ADDRESS}catalogue.ttl"
    ]
    assert graph.subjects(TYPE, named(HYDRA + "PagedCollection")) == []
    (total,) = (t.object for t in graph if t.predicate.value == HYDRA + "totalItems")
    assert (total.value, total.datatype.value.rpartition("#")[2]) == ("107", "integer")
    for name in ("title", "description", "publisher", "language", "modified"):
        assert graph.objects(root, DCT + name), name
    (publisher,) = graph.objects(root, DCT + "publisher")
    assert graph.objects(publisher, "http://xmlns.com/foaf/0.1/name")
    members = set(graph.objects(root, DCAT + "dataset"))
    assert members == set(graph.subjects(TYPE, named(DCAT + "Dataset")))
    assert len(members) == 100
    assert {f"{one}#record" for one in members} <= set(graph.objects(root, DCAT + "record"))
    assert not [t for t, times in Counter(graph).items() if times > 1]
    (modified,) = {
        t.object
        for t in graph
        if t.subject == named(root) and t.predicate == named(DCT + "modified")
    }
    assert modified.datatype.value.endswith("dateTime")


def test_the_feed_of_a_catalogue_holds_what_it_lists_and_no_other_catalogue(client):
    pages = walk(client, "/catalogues/harmony/feed.ttl")
    root = f"{ADDRESS}id/catalogue/harmony"
    for page in pages:
        assert page.subjects(TYPE, named(DCAT + "Catalog")) == [root]
        for one in page.subjects(TYPE, named(DCAT + "Dataset")):
            assert one in page.objects(root, DCAT + "dataset")
    listed = client.get("/api/v1/datasets?listed_in=id/catalogue/harmony&size=100").get_json()
    assert "items" in listed, listed
    assert sorted(datasets(pages)) == sorted(
        one["iri"].rpartition("/")[2] for one in listed["items"]
    )
    assert len(datasets(pages)) == listed["total"] > 2


def test_the_feed_of_the_networks_own_catalogue_is_that_of_the_network(client):
    assert len(datasets(walk(client, "/catalogues/bd4bo/feed.ttl"))) == 107


def test_the_feed_of_an_organisation_describes_itself_as_a_catalogue(nine):
    client = create_app(catalogue=nine).test_client()
    graph = Graph.of(client.get("/organisations/ghent/feed.ttl"))
    (root,) = graph.subjects(TYPE, named(DCAT + "Catalog"))
    assert root == f"{ADDRESS}id/agent/ghent#catalogue"
    assert graph.objects(root, DCT + "publisher") == [f"{ADDRESS}id/agent/ghent"]
    assert "Hospital of Ghent" in graph.objects(root, DCT + "title")[0]
    assert graph.objects(root, HYDRA + "totalItems") == ["9"]


def test_an_empty_catalogue_has_a_feed_of_one_page_that_says_so(empty):
    client = create_app(catalogue=empty).test_client()
    graph = Graph.of(client.get("/catalogue.ttl"))
    (root,) = graph.subjects(TYPE, named(DCAT + "Catalog"))
    assert graph.objects(root, HYDRA + "totalItems") == ["0"]
    assert graph.objects(root, DCT + "title") == [empty.settings.title]


def test_every_page_is_an_ldp_container_of_its_datasets_and_of_the_next_page(nine):
    client = create_app(catalogue=nine).test_client()
    for page in walk(client, "/catalogue.ttl"):
        (view,) = page.subjects(TYPE, named(LDP + "DirectContainer"))
        contained = page.objects(view, LDP + "contains")
        following = page.objects(view, HYDRA + "next")
        assert sorted(contained) == sorted(page.subjects(TYPE, named(DCAT + "Dataset")) + following)


def test_since_a_moment_the_feed_holds_what_changed_later_and_its_links_keep_the_moment(nine):
    moment = datetime.now(UTC) + timedelta(hours=1)
    for key in ("hf-8", "hf-3", "hf"):
        with nine.changing() as session:
            nine.records.put(
                session,
                "dataset",
                dataset(title={"en": f"Changed {key}"}),
                key=key,
                author="t",
                at=moment + timedelta(seconds=1),
            )
    client = create_app(catalogue=nine).test_client()
    said = f"{moment:%Y-%m-%dT%H:%M:%S+00:00}"
    pages = walk(client, f"/catalogue.ttl?modified_since={said.replace('+', '%2B')}")
    assert datasets(pages) == ["hf", "hf-3", "hf-8"]
    assert len(pages) == 2
    assert datasets(walk(client, f"/catalogue.ttl?modified_since={said}")) == ["hf", "hf-3", "hf-8"]
    assert datasets(walk(client, "/catalogue.ttl?modified_since=2199")) == []


def test_head_says_what_get_says(client):
    for address in (
        "/catalogue.ttl",
        "/catalogues/ehden/feed.rdf",
        "/dump.ttl",
        "/changes",
        "/fdp",
    ):
        got, headed = client.get(address), client.head(address)
        assert (headed.status_code, headed.data) == (200, b"")
        for name in ("Content-Type", "ETag", "Link", "Vary", "Content-Length"):
            assert headed.headers.getlist(name) == got.headers.getlist(name), (address, name)


def test_who_can_unpack_is_sent_it_packed_and_both_are_known_again(client):
    plain = client.get("/catalogue.ttl")
    packed = client.get("/catalogue.ttl", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 4 < len(plain.data)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for one in (plain, packed):
        assert "Accept-Encoding" in one.headers["Vary"]
        again = client.get("/catalogue.ttl", headers={"If-None-Match": one.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    refused = client.get("/catalogue.ttl", headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.data == plain.data


def test_while_the_view_is_built_anew_there_is_no_feed_rather_than_half_a_feed(nine):
    client = create_app(catalogue=nine).test_client()
    for name in ("rdf", "facets"):
        follower = nine.followers[name]
        with nine.database.write() as session:
            follower.clear(session)
            nine.follow._put_position(session, follower, 0, whole_from=head(session))
        for address in ("/catalogue.ttl", "/organisations/ghent/feed.rdf"):
            response = client.get(address)
            assert response.status_code == 503
            assert int(response.headers["Retry-After"]) > 0
            assert b"dcat:Dataset" not in response.data
        if name == "rdf":
            for address in ("/changes", "/ldes.trig", "/dump.nt.gz"):
                assert client.get(address).status_code == 503, address
        nine.catch_up()
        assert client.get("/catalogue.ttl").status_code == 200


@only_sqlite  # which calls a lost table a database that is away
def test_a_database_that_does_not_answer_is_told_as_such(nine):
    client = create_app(catalogue=nine).test_client()
    with nine.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE listing RENAME TO lost")
    response = client.get("/catalogue.ttl")
    assert response.status_code == 503
    assert response.mimetype == "application/problem+json"


def test_a_withdrawn_organisation_has_no_feed_and_says_gone(nine):
    withdraw(nine, "ghent", "agent")
    assert (
        create_app(catalogue=nine).test_client().get("/organisations/ghent/feed.ttl").status_code
        == 410
    )


def test_a_holder_who_is_withheld_has_no_feed_with_the_dataset(new_catalogue):
    catalogue = new_catalogue()
    plant(catalogue, dataset(holder_withheld=True), dataset(title={"en": "Open"}))
    client = create_app(catalogue=catalogue).test_client()
    assert datasets(walk(client, "/organisations/ghent/feed.ttl")) == ["hf-2"]
    assert datasets(walk(client, "/catalogue.ttl")) == ["hf", "hf-2"]


def test_a_fair_data_point_leads_to_every_dataset_without_knowing_pages(nine):
    with nine.changing() as session:
        for key in (nine.settings.network, "project"):
            nine.records.put(
                session,
                "catalogue",
                {
                    "title": {"en": key},
                    "description": {"en": "A project."},
                    "publisher": "id/agent/ghent",
                    "applicable_legislation": [EHDS],
                },
                key=key,
                author="t",
            )
        nine.records.put(session, "agent", agent(), key="ghent", author="t")
    client = create_app(catalogue=nine).test_client()
    seen, waiting, found = set(), ["/"], []
    while waiting:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address, headers={"Accept": "text/turtle"}, follow_redirects=True)
        graph = Graph.of(response)
        if named(DCAT + "Dataset") in [
            t.object
            for t in graph
            if t.subject == named(ADDRESS + address.lstrip("/")) and t.predicate == TYPE
        ]:
            found.append(address.rpartition("/")[2])
        for container in graph.subjects(TYPE, named(LDP + "DirectContainer")):
            waiting += [
                one.replace(ADDRESS, "/") for one in graph.objects(container, LDP + "contains")
            ]
    assert sorted(found) == sorted(KEYS)


def test_the_fair_data_point_says_what_it_is(client):
    graph = Graph.of(client.get("/fdp"))
    assert graph == Graph.of(client.get("/", headers={"Accept": "text/turtle"}))
    point = "https://w3id.org/fdp/fdp-o#"
    assert graph.subjects(TYPE, named(point + "FAIRDataPoint")) == [ADDRESS]
    assert graph.subjects(TYPE, named(point + "MetadataService")) == [ADDRESS]
    (publisher,) = graph.objects(ADDRESS, DCT + "publisher")
    assert graph.objects(publisher, "http://xmlns.com/foaf/0.1/name")
    catalogues = graph.objects(ADDRESS, point + "metadataCatalog")
    assert catalogues[0] == f"{ADDRESS}id/catalogue/bd4bo"
    assert len(catalogues) == 7


def test_a_feed_under_a_narrower_profile_holds_the_same_datasets_in_its_words_alone(client):
    for name, foreign in (
        ("healthdcat-ap", "outcome-catalogue/ns#"),
        ("dcat-ap", "healthdataportal.eu/ns/health#"),
        ("dcat", "data.europa.eu/r5r/"),
    ):
        pages = walk(client, f"/catalogue.ttl?profile={name}")
        assert len(datasets(pages)) == len(set(datasets(pages))) == 107
        assert len(pages) == 2
        said = {t.predicate.value for page in pages for t in page}
        assert not [one for one in said if foreign in one], name
    response = client.get("/catalogue.ttl?profile=dcat-ap")
    assert "DCAT-AP/releases/3.0.1" in response.headers["Content-Profile"]
    by_header = client.get(
        "/catalogue.ttl",
        headers={"Accept-Profile": "<https://semiceu.github.io/DCAT-AP/releases/3.0.1/>"},
    )
    assert set(Graph.of(by_header)) >= {
        t for t in Graph.of(response) if "after=" not in str(t) and "profile=" not in str(t)
    }
    assert client.get("/catalogue.ttl?profile=none").status_code == 400


def test_a_self_contained_feed_tells_labels_and_still_types_its_own_datasets_only(client):
    prefixed = "http://www.w3.org/2004/02/skos/core#prefLabel"
    bare = Graph.of(client.get("/organisations/inserm/feed.ttl"))
    whole = Graph.of(client.get("/organisations/inserm/feed.ttl?self_contained=true"))
    assert not [t for t in bare if t.predicate.value == prefixed]
    assert [t for t in whole if t.predicate.value == prefixed]
    assert {t for t in bare if "feed.ttl" not in str(t)} <= set(whole)
    assert datasets([whole]) == datasets([bare])


def test_where_nearly_everything_changed_since_nobody_counts_it(nine, monkeypatch):
    monkeypatch.setattr("catalogue.rdf.listing._FEW", 2)
    pages = walk(create_app(catalogue=nine).test_client(), "/catalogue.ttl?modified_since=1970")
    assert datasets(pages) == KEYS
    for page in pages:
        said = {t.predicate.value for t in page}
        assert HYDRA + "totalItems" not in said
        assert HYDRA + "last" not in said


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "0001", "9999-12"]
)
def test_a_moment_at_the_edge_of_the_calendar_is_answered(client, moment):
    for address in (
        "/catalogue.ttl?modified_since=",
        "/changes?since=",
        "/datasets/sidiap.ttl?at=",
    ):
        assert client.get(address + moment).status_code in (200, 400, 404), address


def test_a_view_of_an_older_version_of_the_program_is_not_given_as_a_feed(nine):
    client = create_app(catalogue=nine).test_client()
    tag = client.get("/catalogue.ttl").headers["ETag"]
    with nine.database.write() as session:
        session.get_one(Position, "rdf").version = "older"
    for address in ("/catalogue.ttl", "/changes", "/dump.nt", "/ldes.trig", "/fdp"):
        assert client.get(address).status_code == 503, address
    response = client.get("/catalogue.ttl", headers={"If-None-Match": tag})
    assert response.status_code == 503
    nine.catch_up()
    assert datasets(walk(client, "/catalogue.ttl")) == KEYS


def test_the_same_page_under_another_profile_is_linked_as_such(nine):
    client = create_app(catalogue=nine).test_client()
    links = client.get("/catalogue.ttl?after=3").headers.getlist("Link")
    canonical = [link for link in links if 'rel="canonical"' in link]
    assert f"<{ADDRESS}catalogue.ttl?after=3>" in canonical[0]


def test_of_a_header_of_commas_only_the_beginning_is_read(client):
    dcat_ap = "<https://semiceu.github.io/DCAT-AP/releases/3.0.1/>"
    followed = {}
    for commas in (0, 800, 8_000):
        asked = {"Accept-Profile": "," * commas + dcat_ap}
        response = client.get("/datasets/sidiap.ttl", headers=asked)
        assert response.status_code == 200
        followed[commas] = response.headers["Content-Profile"]
    assert followed[0] == followed[800] == dcat_ap
    assert followed[8_000] != dcat_ap  # nobody looks so far: it is told as if nothing was asked


def test_another_title_is_another_tag(new_catalogue):
    tags = set()
    for title in ("One", "Two"):
        catalogue = new_catalogue("same", title=title)
        plant(catalogue)
        client = create_app(catalogue=catalogue).test_client()
        tags.add(client.get("/organisations/ghent/feed.ttl").headers["ETag"])
    assert len(tags) == 2
