"""The contract of every store: what is put there is found, what is taken away is not."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
from sparql.conftest import rows

from catalogue.errors import Unavailable
from catalogue.rdf.formats import FORMATS
from catalogue.sparql.embedded import EmbeddedStore
from catalogue.sparql.remote import RemoteStore
from catalogue.sparql.request import checked
from catalogue.sparql.results import CSV, JSON, TSV, XML
from catalogue.sparql.store import Broken, Graph, Limits, Malformed, State, TooCostly

BASE = "https://catalogue.example.org/"
PREFIXES = {"ex": "http://example.org/", "dct": "http://purl.org/dc/terms/"}
FIRST, SECOND = State("v1", 1, "a"), State("v1", 2, "b")


def graph(name: str, *triples: str) -> Graph:
    lines = "".join(f"{one} .\n" for one in triples)
    return Graph(f"http://example.org/{name}", lines.encode() if triples else None)


A = graph(
    "a",
    '<http://example.org/a> <http://purl.org/dc/terms/title> "Alpha"@en',
    "<http://example.org/shared> <http://purl.org/dc/terms/title> <http://example.org/s>",
)
B = graph(
    "b",
    '<http://example.org/b> <http://purl.org/dc/terms/title> "Beta, \\"so\\"\\n<&>"',
    "<http://example.org/shared> <http://purl.org/dc/terms/title> <http://example.org/s>",
)
EVERY = "SELECT ?s ?o WHERE { ?s dct:title ?o FILTER(isLiteral(?o)) } ORDER BY ?s"


@pytest.fixture(params=["embedded", "remote"])
def store(request, tmp_path):
    if request.param == "embedded":
        store = EmbeddedStore(tmp_path / "sparql", BASE, PREFIXES)
    else:
        address = request.getfixturevalue("remote").address
        store = RemoteStore(
            address + "query", address + "update", BASE, PREFIXES, tmp_path / "locks"
        )
    yield store
    store.close()


def fill(store, *graphs: Graph, state: State = FIRST) -> None:
    with store.beside() as new:
        new.load(graphs)
        with store.alone(1):
            new.take_over(state)


def asked(store, text: str, media_type: str = JSON, **limits):
    return store.query(checked(text, PREFIXES), media_type, Limits(**limits))


def found(store, text: str = EVERY) -> list[str]:
    return [row["s"].rsplit("/", 1)[-1] for row in rows(asked(store, text))]


def test_a_store_that_was_never_filled_says_so(store):
    assert store.state is None


def test_what_is_loaded_is_found_in_the_default_graph_and_in_its_own(store):
    fill(store, A, B)
    assert store.state == FIRST
    assert found(store) == ["a", "b"]
    assert found(store, "SELECT ?s { GRAPH ex:a { ?s dct:title ?o FILTER(isLiteral(?o)) } }") == [
        "a"
    ]


def test_a_graph_is_replaced_as_a_whole(store):
    fill(store, A, B)
    new = '<http://example.org/c> <http://purl.org/dc/terms/title> "Gamma"'
    with store.alone(1):
        store.replace([graph("a", new)], SECOND)
    assert store.state == SECOND
    assert found(store) == ["b", "c"]


def test_what_is_taken_away_is_not_found_any_more_but_what_others_say_is(store):
    fill(store, A, B)
    with store.alone(1):
        store.replace([graph("a")], SECOND)
    assert found(store) == ["b"]
    assert json.loads(asked(store, "ASK { ex:shared dct:title ex:s }").body)["boolean"]
    with store.alone(1):
        store.replace([graph("b")], State("v1", 3, "c"))
    assert not json.loads(asked(store, "ASK { ex:shared dct:title ex:s }").body)["boolean"]
    assert found(store) == []


def test_two_graphs_of_one_batch_may_hand_over_a_statement(store):
    fill(store, A)
    with store.alone(1):
        store.replace([graph("a"), B], SECOND)
    assert json.loads(asked(store, "ASK { ex:shared dct:title ex:s }").body)["boolean"]


def test_replacing_twice_changes_nothing(store):
    fill(store, A)
    for _ in range(2):
        with store.alone(1):
            store.replace([A, B], SECOND)
    assert found(store) == ["a", "b"]


def test_building_anew_forgets_what_was_there(store):
    fill(store, A)
    with store.beside() as new:
        new.load([B])
        new.replace([graph("c", '<http://example.org/c> <http://purl.org/dc/terms/title> "C"')])
        with store.alone(1):
            new.take_over(SECOND)
    assert found(store) == ["b", "c"]
    assert store.state == SECOND


def test_one_builds_and_one_writes_at_a_time(store):
    with store.beside(), pytest.raises(Unavailable), store.beside():
        pass
    with store.alone(0.1), pytest.raises(Unavailable), store.alone(0.1):
        pass


def test_an_answer_ends_at_the_row_limit_and_says_so(store):
    fill(store, A, B)
    cut = asked(store, EVERY, rows=1)
    assert (len(rows(cut)), cut.count, cut.truncated) == (1, 1, True)
    whole = asked(store, EVERY, rows=2)
    assert (len(rows(whole)), whole.truncated) == (2, False)
    cut = asked(store, EVERY, bytes=200)
    assert cut.truncated
    assert len(rows(cut)) == 1
    cut = asked(store, "CONSTRUCT WHERE { ?s ?p ?o }", "application/n-triples", statements=1)
    assert (cut.body.count(b"\n"), cut.truncated) == (1, True)


def test_tables_come_in_four_formats_that_say_the_same(store):
    fill(store, B)
    text = "SELECT ?s ?o ?none WHERE { ?s dct:title ?o FILTER(isLiteral(?o)) OPTIONAL { ?s ex:none ?none } }"
    json_ = ox.parse_query_results(asked(store, text).body, format=ox.QueryResultsFormat.JSON)
    xml = ox.parse_query_results(asked(store, text, XML).body, format=ox.QueryResultsFormat.XML)
    tsv = ox.parse_query_results(asked(store, text, TSV).body, format=ox.QueryResultsFormat.TSV)
    one, two, three = (list(one) for one in (json_, xml, tsv))
    assert len(one) == 1
    for row in (one[0], two[0], three[0]):
        assert row["s"] == ox.NamedNode("http://example.org/b")
        assert row["o"] == ox.Literal('Beta, "so"\n<&>')
        assert row["none"] is None
    assert asked(store, text, CSV).body == (
        b's,o,none\r\nhttp://example.org/b,"Beta, ""so""\n<&>",\r\n'
    )


def test_yes_and_no_come_in_four_formats(store):
    fill(store, A)
    text = "ASK { ex:a ?p ?o }"
    assert json.loads(asked(store, text).body)["boolean"] is True
    assert b"<boolean>true</boolean>" in asked(store, text, XML).body
    assert asked(store, text, CSV).body == b"true\r\n"
    assert asked(store, text, TSV).body == b"true\n"


@pytest.mark.parametrize("suffix", FORMATS)
def test_statements_come_in_every_rdf_format(store, suffix):
    fill(store, A, B)
    format = FORMATS[suffix]
    body = asked(store, "CONSTRUCT WHERE { ?s dct:title ?o }", format.media_type).body
    said = {quad.triple for quad in ox.parse(body, format=format.oxigraph)}
    assert len(said) == 3
    assert len(asked(store, "DESCRIBE ex:a", format.media_type).body) > 20


def test_text_that_xml_cannot_carry_does_not_break_an_answer_in_xml(store):
    fill(store, A)
    text = r'SELECT ("a\uFFFEb" AS ?x) {}'
    assert b"a\xef\xbf\xbdb" in asked(store, text, XML).body
    text = r'CONSTRUCT { ex:a ex:b "a\uFFFEb"@en } {}'
    body = asked(store, text, "application/rdf+xml").body
    assert [q.object.value for q in ox.parse(body, format=ox.RdfFormat.RDF_XML)] == ["a�b"]


def test_a_fault_in_a_query_is_told_with_its_place(store):
    fill(store, A)
    with pytest.raises(Malformed) as caught:
        asked(store, "SELECT ?s\nWHERE { ?s ?p ?o\n")
    assert caught.value.line == 3 or caught.value.line == 2
    assert str(caught.value).startswith("Line ")
    with pytest.raises(Malformed, match="prefix of nobody:knows"):
        asked(store, "SELECT ?s { ?s nobody:knows ?o }")


def test_graphs_may_be_chosen_in_the_request(store):
    fill(store, A, B)
    question = checked(EVERY, PREFIXES, ["http://example.org/b"])
    answer = store.query(question, JSON, Limits())
    assert [row["s"] for row in rows(answer)] == ["http://example.org/b"]
    text = "SELECT DISTINCT ?s { GRAPH ?g { ?s dct:title ?o FILTER(isLiteral(?o)) } }"
    question = checked(text, PREFIXES, [], ["http://example.org/a"])
    assert [row["s"] for row in rows(store.query(question, JSON, Limits()))] == [
        "http://example.org/a"
    ]


def test_an_answer_says_of_which_position_it_is(store):
    fill(store, A)
    assert asked(store, EVERY).position == 1


# only elsewhere -----------------------------------------------------------------------


def elsewhere(remote, tmp_path, update: str = "update", address: str = "") -> RemoteStore:
    address = address or remote.address
    return RemoteStore(
        address + "query", update and address + update, BASE, PREFIXES, tmp_path / "locks"
    )


def test_what_else_a_store_elsewhere_holds_is_left_alone(remote, tmp_path):
    other = ox.Quad(*(ox.NamedNode("http://other.example/x"),) * 4)
    remote.store.add(other)
    store = elsewhere(remote, tmp_path)
    fill(store, A)
    fill(store, B, state=SECOND)
    assert other in remote.store
    assert found(store) == ["b"]


def test_a_store_that_takes_too_long_is_not_waited_for(remote, tmp_path):
    store = elsewhere(remote, tmp_path)
    fill(store, A)
    remote.delay = 1.0
    with pytest.raises(TooCostly, match=r"longer than 0\.2 s\."):
        asked(store, EVERY, seconds=0.2)


def test_a_store_that_is_away_is_told_of_as_such(remote, tmp_path):
    store = elsewhere(remote, tmp_path, address="http://127.0.0.1:9/")
    with pytest.raises(Unavailable):
        asked(store, EVERY)
    with pytest.raises(Unavailable), store.beside():
        pass


def test_a_store_that_refuses_what_it_is_given_is_told_of_as_such(remote, tmp_path):
    store = elsewhere(remote, tmp_path)
    with pytest.raises(Broken):
        fill(store, Graph("http://example.org/a", b"no statements"))
    assert store.state is None


def test_name_and_password_come_from_the_address(remote, tmp_path):
    address = remote.address.replace("//", "//us:er@")
    fill(elsewhere(remote, tmp_path, address=address), A)
    assert {said for _, said in remote.asked} == {"Basic dXM6ZXI="}


def test_a_store_that_somebody_else_feeds_is_only_asked(remote, tmp_path):
    fill(elsewhere(remote, tmp_path), A)
    store = elsewhere(remote, tmp_path, update="")
    assert not store.is_fed_here
    answer = asked(store, EVERY)
    assert (answer.position, len(rows(answer))) == (None, 1)
