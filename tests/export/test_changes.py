"""What changed since, for mirrors: by ``/changes``, by the stream of events, by a dump."""

from __future__ import annotations

import errno
import gzip
import json
import re

import pyoxigraph as ox
import pytest
from conftest import ADDRESS
from factories import agent, dataset, plant

from catalogue.app import create_app
from catalogue.rdf import dumps as dumps_module
from catalogue.rdf.ldes import STREAMS

AS = "https://www.w3.org/ns/activitystreams#"
TREE = "https://w3id.org/tree#"
LDES = "https://w3id.org/ldes#"
TITLE = ox.NamedNode("http://purl.org/dc/terms/title")


@pytest.fixture
def three(new_catalogue):
    catalogue = new_catalogue(feed_page_size=2)
    plant(catalogue, *(dataset(title={"en": f"Registry {n} of Ghent"}) for n in range(3)))
    return catalogue


@pytest.fixture
def client(three):
    return create_app(catalogue=three).test_client()


def withdraw(catalogue, key):
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", key)
        catalogue.records.withdraw(session, record, author="t")


def put(catalogue, key, **changed):
    with catalogue.changing() as session:
        catalogue.records.put(session, "dataset", dataset(**changed), key=key, author="t")


def told(client, query="") -> list[tuple[str, str]]:
    """The actions since, over all pages."""
    found, address = [], f"/changes?{query}"
    while address:
        page = client.get(address).get_json()
        found += [(one["action"], one["iri"].rpartition("/")[2]) for one in page["items"]]
        address = page.get("next", "").replace(ADDRESS, "/")
    return found


# /changes ---------------------------------------------------------------------------


def test_everything_there_is_is_a_change_since_the_beginning(client):
    assert told(client) == [("created", key) for key in ("ghent", "hf", "hf-2", "hf-3")]


def test_changes_are_plain_json_that_leads_to_each_record(client):
    answer = client.get("/changes?since=1")
    assert answer.mimetype == "application/json"
    said = json.loads(answer.data)
    assert set(said) == {"items", "position"}
    first = said["items"][0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first.pop("at"))
    assert first == {
        "change": 2,
        "action": "created",
        "kind": "dataset",
        "iri": f"{ADDRESS}id/dataset/hf",
        "page": f"{ADDRESS}datasets/hf",
        "document": f"{ADDRESS}datasets/hf.ttl",
    }
    for address in (first["page"], first["document"]):
        assert client.get(address.replace(ADDRESS, "/")).status_code == 200


def test_since_a_position_only_what_changed_is_told_each_record_once_deletions_included(
    three, client
):
    position = client.get("/changes").get_json()["position"]
    assert told(client, f"since={position}") == []
    put(three, "hf-3", title={"en": "Changed"})
    put(three, "hf-3", title={"en": "Changed again"})
    withdraw(three, "hf")
    put(three, "new", title={"en": "New"})
    assert told(client, f"since={position}") == [
        ("updated", "hf-3"),
        ("deleted", "hf"),
        ("created", "new"),
    ]


def test_a_mirror_that_goes_on_from_its_position_holds_what_the_catalogue_holds(three, client):
    mirror, position = set(), 0

    def catch_up():
        nonlocal position
        while True:
            page = client.get(f"/changes?since={position}").get_json()
            for one in page["items"]:
                key = one["iri"].rpartition("/")[2]
                (mirror.discard if one["action"] == "deleted" else mirror.add)(key)
            position = page["position"]
            if "next" not in page:
                return

    catch_up()
    assert mirror == {"ghent", "hf", "hf-2", "hf-3"}
    withdraw(three, "hf-2")
    put(three, "later", title={"en": "Later"})
    catch_up()
    assert mirror == {"ghent", "hf", "hf-3", "later"}
    with three.changing() as session:
        record = three.records.get(session, "dataset", "hf-2")
        three.records.restore(session, record, author="t")
    catch_up()
    assert mirror == {"ghent", "hf", "hf-2", "hf-3", "later"}


def test_changes_come_in_pages(three, client, monkeypatch):
    monkeypatch.setattr("catalogue.export.changes._SIZE", 2)
    first = client.get("/changes").get_json()
    assert len(first["items"]) == 2
    assert first["next"] == f"{ADDRESS}changes?since={first['position']}"
    assert len(told(client)) == 4
    assert len(told(client, "organisation=ghent")) == 3


def test_a_dataset_that_leaves_an_organisation_is_deleted_there_and_updated_everywhere(
    three, client
):
    position = client.get("/changes").get_json()["position"]
    with three.changing() as session:
        three.records.put(session, "agent", agent("Leuven"), key="leuven", author="t")
    put(three, "hf", publisher="id/agent/leuven")
    assert ("updated", "hf") in told(client, f"since={position}")
    assert told(client, f"since={position}&organisation=ghent") == [("deleted", "hf")]
    assert told(client, f"since={position}&organisation=leuven") == [("updated", "hf")]


def test_since_may_be_a_moment_and_drafts_are_no_changes(three, client):
    with three.changing() as session:
        three.records.save(session, "dataset", dataset(), key="draft", author="t")
    assert len(told(client, "since=2020-01-01")) == 4
    assert told(client, "since=2199-01-01T00:00:00Z") == []
    assert "draft" not in str(told(client))


def test_of_what_is_gone_only_the_address_is_told(three, client):
    withdraw(three, "hf")
    gone = [one for one in client.get("/changes").get_json()["items"] if one["action"] == "deleted"]
    assert [set(one) for one in gone] == [{"change", "at", "action", "kind", "iri"}]


def test_who_has_read_the_changes_already_is_told_so(client):
    first = client.get("/changes?since=1")
    again = client.get("/changes?since=1", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


# the stream of events -----------------------------------------------------------------


def stream(client, suffix="trig"):
    """Every quad of the stream, over its pages."""
    quads, address, pages = [], f"/ldes.{suffix}", 0
    while address:
        response = client.get(address)
        assert response.status_code == 200
        format, _ = STREAMS[suffix]
        assert response.mimetype == format.media_type
        found = list(ox.parse(response.data, format=format.oxigraph))
        quads += found
        following = [q.object.value for q in found if q.predicate.value == TREE + "node"]
        address = following[0].replace(ADDRESS, "/") if following else ""
        pages += 1
        assert pages < 20
    return quads, pages


@pytest.mark.parametrize("suffix", STREAMS)
def test_the_stream_tells_each_record_once_with_its_latest_change_as_a_graph(three, client, suffix):
    put(three, "hf", title={"en": "Changed"})
    withdraw(three, "hf-2")
    quads, pages = stream(client, suffix)
    assert pages == 2
    actions = {
        q.subject.value: q.object.value.removeprefix(AS)
        for q in quads
        if q.object.value.startswith(AS) and q.predicate.value.endswith("#type")
    }
    about = {q.subject.value: q.object.value for q in quads if q.predicate.value == AS + "object"}
    assert sorted((about[one].rpartition("/")[2], what) for one, what in actions.items()) == [
        ("ghent", "Create"),
        ("hf", "Update"),
        ("hf-2", "Delete"),
        ("hf-3", "Create"),
    ]
    titles = {
        q.graph_name.value: q.object.value
        for q in quads
        if q.predicate == TITLE and q.subject.value == about.get(getattr(q.graph_name, "value", ""))
    }
    assert {about[graph].rpartition("/")[2]: title for graph, title in titles.items()} == {
        "hf": "Changed",
        "hf-3": "Registry 2 of Ghent",
    }
    assert not any(isinstance(term, ox.BlankNode) for q in quads for term in (q.subject, q.object))


def test_the_stream_says_what_it_keeps_and_each_page_says_what_comes_after(three, client):
    quads, _ = stream(client)
    said = {(q.predicate.value, q.object.value) for q in quads}
    assert (LDES + "timestampPath", AS + "published") in said
    assert (LDES + "versionOfPath", AS + "object") in said
    assert any(value == LDES + "LatestVersionSubset" for _, value in said)
    published = [q.object.value for q in quads if q.predicate.value == AS + "published"]
    (bound,) = {q.object.value for q in quads if q.predicate.value == TREE + "value"}
    assert all(moment >= bound for moment in published[2:])
    members = [q.object.value for q in quads if q.predicate.value == TREE + "member"]
    assert len(members) == len(set(members)) == 4


# dumps ----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["nt", "nq", "ttl"])
def test_a_dump_is_the_same_packed_and_unpacked(client, suffix):
    plain = client.get(f"/dump.{suffix}", headers={"Accept-Encoding": "gzip"})
    packed = client.get(f"/dump.{suffix}.gz")
    assert gzip.decompress(packed.data) == plain.data
    assert (packed.mimetype, "Content-Encoding" in packed.headers) == ("application/gzip", False)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["ETag"] != plain.headers["ETag"]


def test_in_n_quads_each_record_is_a_graph_of_its_name(client):
    quads = list(ox.parse(client.get("/dump.nq").data, format=ox.RdfFormat.N_QUADS))
    triples = set(ox.parse(client.get("/dump.nt").data, format=ox.RdfFormat.N_TRIPLES))
    assert {q.triple for q in quads} == {q.triple for q in triples}
    assert {q.graph_name.value for q in quads} == {
        f"{ADDRESS}id/{name}"
        for name in ("agent/ghent", "dataset/hf", "dataset/hf-2", "dataset/hf-3")
    }


def test_a_dump_can_be_fetched_in_parts_and_tells_from_where_to_go_on(client):
    whole = client.get("/dump.nt.gz")
    part = client.get("/dump.nt.gz", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    again = client.get("/dump.nt.gz", headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304
    assert whole.headers["Catalogue-Position"] == str(client.get("/changes").get_json()["position"])


def test_a_small_catalogue_never_gives_an_old_dump(three, client):
    client.get("/dump.nt")
    withdraw(three, "hf-2")
    assert b"Registry 1" not in client.get("/dump.nt").data
    put(three, "hf", title={"en": "Changed"})
    assert b"Changed" in client.get("/dump.nt").data
    assert len(list((three.settings.instance_folder / "dumps").glob("*.nt.gz"))) == 1


def test_a_large_catalogue_gives_an_older_dump_for_a_while_but_nothing_withdrawn(
    three, client, monkeypatch
):
    monkeypatch.setattr(dumps_module, "_FEW", 0)
    assert client.get("/dump.nt").status_code == 503
    assert three.dumps.tend() == 3
    assert three.dumps.tend() == 0
    first = client.get("/dump.nt")
    put(three, "hf", title={"en": "Changed"})
    assert client.get("/dump.nt").data == first.data
    monkeypatch.setattr(dumps_module, "_FRESH", -1)
    assert client.get("/dump.nt").status_code == 503
    monkeypatch.setattr(dumps_module, "_FRESH", 600)
    withdraw(three, "hf-2")
    response = client.get("/dump.nt")
    assert response.status_code == 503
    assert "Registry" not in response.text
    three.dumps.tend()
    assert b"Changed" in client.get("/dump.nt").data


def test_a_holder_who_is_withheld_from_now_on_is_in_no_older_dump(three, client, monkeypatch):
    monkeypatch.setattr(dumps_module, "_FEW", 0)
    three.dumps.tend()
    put(three, "hf", title={"en": "Changed"}, holder_withheld=True)
    assert client.get("/dump.nt").status_code == 503


def test_who_reads_a_dump_reads_on_while_it_is_replaced(three):
    client = create_app(catalogue=three).test_client()
    reading = client.get("/dump.nt", buffered=False)
    pieces = reading.iter_encoded()
    begun = next(pieces)
    put(three, "hf", title={"en": "Changed"})
    three.dumps.tend()
    rest = b"".join(pieces)
    assert b"Registry 0" in begun + rest
    assert b"Changed" not in begun + rest


def test_after_a_copy_is_put_back_no_dump_of_the_lost_future_is_given(three, client):
    put(three, "hf", title={"en": "Of the lost future"})
    client.get("/dump.nt.gz")
    folder = three.settings.instance_folder / "dumps"
    (future,) = folder.glob("*.nt.gz")
    position, _, rest = future.name.partition("-")
    future.rename(folder / f"{int(position) + 50}-{rest}")
    # The same number in another history is another change.
    _, _, version = rest.partition("-")
    (folder / f"{int(position) + 1}-000000000000-{version}").write_bytes(b"another history")
    put(three, "hf", title={"en": "Of the present"})
    assert b"Of the present" in client.get("/dump.nt").data
    assert len(list(folder.glob("*.nt.gz"))) == 1


def test_an_unfinished_dump_is_never_given(three, client, monkeypatch):
    folder, made = three.settings.instance_folder / "dumps", three.dumps._makers["nt"]
    before = client.get("/dump.nt").data
    put(three, "hf", title={"en": "Changed"})

    def breaks_off(session):
        piece = next(iter(made(session)))
        yield piece[: len(piece) // 2]
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setitem(three.dumps._makers, "nt", breaks_off)
        assert client.get("/dump.nt").status_code == 500
    assert [gzip.decompress(file.read_bytes()) for file in folder.glob("*.nt.gz")] == [before]
    assert (folder / "unfinished.nt").exists()  # it did break off in the middle
    triples = list(ox.parse(client.get("/dump.nt").data, format=ox.RdfFormat.N_TRIPLES))
    assert "Changed" in {one.object.value for one in triples if one.predicate == TITLE}
    assert len(triples) == len(list(ox.parse(before, format=ox.RdfFormat.N_TRIPLES)))
    assert not (folder / "unfinished.nt").exists()
