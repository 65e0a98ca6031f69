"""Fragments, dumps and pages: what other portals read."""

from __future__ import annotations

import gzip
import io

import pyoxigraph as ox
import pytest
from factories import dataset, plant
from sqlalchemy import select, update

from catalogue.rdf.dumps import dump, packed_triples
from catalogue.rdf.formats import FORMATS, N_TRIPLES, TURTLE, write
from catalogue.records.models import Fragment, Record
from catalogue.search.query import Query

DATASET = ox.NamedNode("http://www.w3.org/ns/dcat#Dataset")
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def graph(source: bytes, format=TURTLE) -> set:
    return set(ox.parse(source, format=format.oxigraph))


def test_every_format_of_the_dump_says_the_same(catalogue):
    with catalogue.database.read() as session:
        dumps = {
            suffix: graph(b"".join(dump(session, one, catalogue.profile.prefixes)), one)
            for suffix, one in FORMATS.items()
        }
        packed = gzip.GzipFile(fileobj=io.BytesIO(b"".join(packed_triples(session)))).read()
    assert dumps["ttl"] == dumps["nt"] == dumps["rdf"] == dumps["jsonld"]
    assert graph(packed, N_TRIPLES) == dumps["nt"]
    assert sum(1 for q in dumps["nt"] if q.predicate == TYPE and q.object == DATASET) == 107


def test_a_dump_twice_is_the_same_to_the_byte(catalogue):
    with catalogue.database.read() as session:
        first, second = (
            b"".join(dump(session, TURTLE, catalogue.profile.prefixes)) for _ in range(2)
        )
    assert first == second


def test_no_dataset_is_a_blank_node_and_each_has_its_catalogue_record(catalogue):
    with catalogue.database.read() as session:
        quads = graph(b"".join(dump(session, N_TRIPLES, {})), N_TRIPLES)
    assert not any(isinstance(q.subject, ox.BlankNode) for q in quads)
    topics = [q.object for q in quads if q.predicate.value.endswith("/primaryTopic")]
    listed = {q.object for q in quads if q.predicate.value.endswith("dcat#dataset")}
    datasets = {q.subject for q in quads if q.predicate == TYPE and q.object == DATASET}
    assert datasets <= set(topics)
    assert datasets == listed


def test_a_value_that_cannot_be_serialised_is_isolated_and_breaks_nothing(empty):
    plant(empty, dataset(), dataset(title={"en": "Second"}))
    bad = dataset(title={"en": "Bro\x00ken"}, landing_page=["https://a.example/x y"])
    bad = empty.profile["Dataset"].identify(bad)
    with empty.database.write() as session:  # past every check, as a restored database might
        session.execute(update(Record).where(Record.key == "hf").values(document=bad))
    for follower in empty.followers.values():
        empty.follow.rebuild(follower)
    with empty.database.read() as session:
        fault = session.scalar(select(Fragment.fault).join(Record).where(Record.key == "hf"))
        for one in FORMATS.values():
            quads = graph(b"".join(dump(session, one, empty.profile.prefixes)), one)
            titles = {q.object.value for q in quads if q.predicate.value.endswith("terms/title")}
            assert "Second" in titles
            assert not any("\x00" in title for title in titles)
    assert "control character" in fault or "no format can carry" in fault
    assert "x y" in fault
    assert empty.finder.find(Query("second")).total == 1


def test_a_damaged_record_breaks_nothing_but_itself(empty):
    from catalogue.app import create_app

    plant(empty, dataset(), dataset(title={"en": "Second"}))
    with empty.database.write() as session:  # past every check, as an edited database might
        damaged = {"title": "not a language map", "distribution": ["not an object"]}
        session.execute(update(Record).where(Record.key == "hf").values(document=damaged))
    for follower in empty.followers.values():
        empty.follow.rebuild(follower)
    client = create_app(catalogue=empty).test_client()
    for address in (
        "/",
        "/datasets",
        "/datasets/hf-2",
        "/datasets/hf-2.ttl",
        "/catalogue.ttl",
        "/dump.nt",
        "/organisations/ghent",
    ):
        assert client.get(address).status_code == 200, address
    assert b"Second" in client.get("/dump.nt").data
    assert client.get("/datasets/hf.ttl").status_code == 503
    assert client.get("/datasets/hf").status_code in (200, 503)
    with empty.database.read() as session:
        fault = session.scalar(select(Fragment.fault).join(Record).where(Record.key == "hf"))
    assert fault == "the record is damaged"


def test_a_damaged_fragment_breaks_no_page_and_no_dump(empty):
    from catalogue.app import create_app

    plant(empty, dataset(), dataset(title={"en": "Second"}))
    with empty.database.write() as session:
        number = session.scalar(select(Record.id).where(Record.key == "hf"))
        values = dict.fromkeys(("ntriples", "rdf_xml", "json_ld"), b"no gzip")
        session.execute(update(Fragment).where(Fragment.record_id == number).values(**values))
    client = create_app(catalogue=empty).test_client()
    for address in ("/catalogue.rdf", "/catalogue.jsonld", "/catalogue.nt", "/ldes.jsonld"):
        response = client.get(address)
        assert response.status_code == 200, address
        assert b"Second" in response.data
    assert b"Second" in client.get("/dump.nq").data


AWKWARD = [
    (
        "<https://a.example/x?a=1&b=%20%22>",
        "<http://purl.org/dc/terms/title>",
        '"<b> & \\"q\\" ]]>"@en',
    ),
    ("<https://a.example/x?a=1&b=%20%22>", "<http://purl.org/dc/terms/title>", '"a\\r\\nb\\tc  d"'),
    (
        "<https://a.example/ü>",
        "<https://no.prefix.example/9term.with-dots>",
        '"1"^^<https://a.example/t>',
    ),
    (
        "<https://a.example/ü>",
        "<https://no.prefix.example/9term.with-dots>",
        "<https://a.example/?x=<>".replace("<>", "%3C") + ">",
    ),
    (
        "_:b0",
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
        "<http://www.w3.org/ns/dcat#Dataset>",
    ),
    ("_:b0", "<http://purl.org/dc/terms/relation>", "_:b1"),
    (
        "<https://a.example/e>",
        "<http://purl.org/dc/terms/description>",
        '" .\\n\\n</rdf:Description>\\n,\\n"',
    ),
]


@pytest.mark.parametrize("suffix", FORMATS)
def test_whatever_statements_hold_each_format_carries(profile, suffix):
    format = FORMATS[suffix]
    wanted = {q.triple for q in ox.parse(write(AWKWARD, N_TRIPLES, {}), format=N_TRIPLES.oxigraph)}
    writer = format.writer(profile.prefixes)
    pieces = [writer.piece([one]).encode() for one in AWKWARD]
    for source in (
        write(AWKWARD, format, profile.prefixes),
        b"".join(writer.document(pieces)),
        writer.once([*pieces, *pieces]),
    ):
        found = [q.triple for q in ox.parse(source, format=format.oxigraph)]
        assert without_blanks(found) == without_blanks(wanted)
        assert len(found) == len(set(map(str, found)))


def without_blanks(triples) -> set[tuple[str, str, str]]:
    """Triples to compare: what a blank node is called is nobody's affair."""
    return {
        tuple("_" if isinstance(term, ox.BlankNode) else str(term) for term in one)
        for one in triples
    }


@pytest.mark.parametrize("suffix", FORMATS)
def test_no_statements_are_a_document_as_well(profile, suffix):
    format = FORMATS[suffix]
    assert list(ox.parse(write([], format, profile.prefixes), format=format.oxigraph)) == []
    writer = format.writer(profile.prefixes)
    assert list(ox.parse(writer.once([b"", b""]), format=format.oxigraph)) == []
