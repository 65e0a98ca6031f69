"""Reading datasets from SPARQL endpoints."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest
from harvest.readers.feeds import (
    PREFIXES,
    dataset,
    datasets,
    iri,
    names,
    said,
    trouble,
    violations,
    walk,
)
from harvest.sites import Reply, Request, Site

from catalogue.harvest.reading import Reader

Opened = Callable[..., Reader]
ALL = [iri(number) for number in range(1, 8)]
GRAPH = "https://registry.example/graph"


class Endpoint:
    """An endpoint over some Turtle; ``limit`` cuts answers as Virtuoso does."""

    def __init__(self, site: Site, turtle: str, graph: str = "") -> None:
        self.store = ox.Store()
        self.queries: list[str] = []
        self.methods: list[str] = []
        self.limit, self.results, self.takes_posts = 0, "json", True
        self.load(turtle, graph)
        self.address = site.put("/sparql", self._answer)

    def load(self, turtle: str, graph: str = "") -> None:
        to = ox.NamedNode(graph) if graph else None
        self.store.load(PREFIXES + turtle, format=ox.RdfFormat.TURTLE, to_graph=to)

    def _answer(self, request: Request) -> Reply:
        if request.method == "POST" and not self.takes_posts:
            return Reply("Not here.", "text/plain", 405)
        query = request.query.get("query") or parse_qs(request.body.decode())["query"][0]
        self.queries.append(query)
        self.methods.append(request.method)
        assert len(query) < 16_100
        found = self.store.query(query)
        if isinstance(found, ox.QueryTriples):
            triples = list(found)
            cut = self.limit and len(triples) >= self.limit
            content = ox.serialize(triples[: self.limit or None], format=ox.RdfFormat.N_TRIPLES)
            return Reply(
                content or b"", "text/plain", headers={"X-SPARQL-MaxRows": "x"} if cut else {}
            )
        format = ox.QueryResultsFormat.from_extension("srj" if self.results == "json" else "srx")
        return Reply(found.serialize(format=format), f"application/sparql-results+{self.results}")


@pytest.fixture
def endpoint(site: Site) -> Endpoint:
    return Endpoint(site, "".join(dataset(number) for number in range(1, 8)))


@pytest.mark.parametrize("batch", [1, 2, 7, 100])
def test_every_dataset_is_described_once_whatever_the_batch(
    batch: int, endpoint: Endpoint, opened: Opened
) -> None:
    pages = walk(opened("sparql", endpoint.address, batch=batch))

    assert names(pages) == ALL
    assert [one.total for one in pages] == [7] * len(pages)
    assert all(one.whole and not one.named for one in pages)


def test_a_description_is_the_same_as_in_a_file(
    endpoint: Endpoint, site: Site, opened: Opened
) -> None:
    file = site.put("/file.ttl", PREFIXES + "".join(dataset(number) for number in range(1, 8)))

    one, two = walk(opened("dcat", file)), walk(opened("sparql", endpoint.address, batch=3))

    assert {r.id: r.hash for r in datasets(one)} == {r.id: r.hash for r in datasets(two)}


def test_parts_are_told_three_steps_deep_and_other_entries_only_named(
    endpoint: Endpoint, opened: Opened
) -> None:
    endpoint.load(f"""
        @prefix time: <http://www.w3.org/2006/time#> .
        <{iri(1)}> dct:source <{iri(2)}> ; dct:publisher <https://registry.example/org> .
        <https://registry.example/org> a foaf:Agent ; foaf:name "Hospital" .
        <{iri(1)}> dct:temporal [ a dct:PeriodOfTime ; time:hasBeginning [
            time:inDateTime [ time:year "2009"^^xsd:gYear ] ] ] .
        <{iri(1)}> dcat:theme <https://registry.example/theme> .
        <https://registry.example/theme> a <http://www.w3.org/2004/02/skos/core#Concept> ;
            <http://www.w3.org/2004/02/skos/core#prefLabel> "Health" .
    """)

    pages = walk(opened("sparql", endpoint.address, batch=1))

    raw = datasets(pages)[0].raw.decode()
    assert '"2009"' in raw
    assert any(one.kind == "agent" for one in pages[0].found)
    assert "Cohort 2" not in raw
    assert "Health" not in raw


def test_results_may_come_in_xml(endpoint: Endpoint, opened: Opened) -> None:
    endpoint.results = "xml"

    pages = walk(opened("sparql", endpoint.address, batch=3))

    assert names(pages) == ALL
    assert pages[0].total == 7


def test_who_takes_no_posts_is_asked_by_get(endpoint: Endpoint, opened: Opened) -> None:
    endpoint.takes_posts = False

    assert names(walk(opened("sparql", endpoint.address, batch=3))) == ALL
    assert set(endpoint.methods) == {"GET"}


def test_an_answer_that_was_cut_off_is_asked_for_in_halves(
    endpoint: Endpoint, opened: Opened
) -> None:
    endpoint.limit = 40  # of 7 datasets with some 10 statements each

    pages = walk(opened("sparql", endpoint.address))

    assert names(pages) == ALL
    assert all(one.whole for one in pages)
    assert sum("CONSTRUCT" in query for query in endpoint.queries) > 1


def test_a_dataset_that_is_cut_off_by_itself_is_not_taken_in(
    endpoint: Endpoint, opened: Opened
) -> None:
    endpoint.limit = 5

    pages = walk(opened("sparql", endpoint.address))

    assert names(pages) == []
    assert f"only a part of what it knows of {iri(1)}" in "".join(violations(datasets(pages)[0]))


def test_one_named_graph_is_read(site: Site, opened: Opened) -> None:
    endpoint = Endpoint(site, dataset(1))
    endpoint.load(dataset(2) + dataset(3), GRAPH)

    assert names(walk(opened("sparql", endpoint.address, graph=GRAPH))) == [iri(2), iri(3)]


def test_all_named_graphs_are_read_where_the_default_graph_is_empty(
    site: Site, opened: Opened
) -> None:
    endpoint = Endpoint(site, dataset(1), GRAPH + "/1")
    endpoint.load(dataset(2), GRAPH + "/2")

    pages = walk(opened("sparql", endpoint.address, batch=1))

    assert names(pages) == [iri(1), iri(2)]
    assert "all named graphs were read" in said(pages)


def test_another_class_may_stand_for_datasets(site: Site, opened: Opened) -> None:
    endpoint = Endpoint(
        site, f'<{iri(1)}> a <https://registry.example/Study> ; dct:title "A study"@en .'
    )

    pages = walk(opened("sparql", endpoint.address, **{"class": "https://registry.example/Study"}))

    assert names(pages) == [iri(1)]


def test_datasets_without_an_iri_are_told_of(endpoint: Endpoint, opened: Opened) -> None:
    endpoint.load('[] a dcat:Dataset ; dct:title "Nameless"@en .')

    pages = walk(opened("sparql", endpoint.address))

    assert pages[0].total == 8
    assert names(pages) == ALL
    assert "blank nodes" in said(pages)


def test_an_endpoint_without_datasets_says_so(site: Site, opened: Opened) -> None:
    pages = walk(opened("sparql", Endpoint(site, "").address))

    assert pages[0].total == 0
    assert "no instance of http://www.w3.org/ns/dcat#Dataset in any graph" in said(pages)


OWN = """PREFIX dcat: <http://www.w3.org/ns/dcat#>
CONSTRUCT { ?d ?p ?o } WHERE {
    { SELECT ?d WHERE { ?d a dcat:Dataset } ORDER BY ?d OFFSET $offset LIMIT $limit } ?d ?p ?o }"""
BY_NAME = "CONSTRUCT { ?d ?p ?o } WHERE { VALUES ?d { $datasets } ?d ?p ?o }"
ONCE = "PREFIX dcat: <http://www.w3.org/ns/dcat#> DESCRIBE ?d WHERE { ?d a dcat:Dataset }"


@pytest.mark.parametrize("query", [OWN, BY_NAME, ONCE])
def test_a_query_of_ones_own_is_asked_page_by_page(
    query: str, endpoint: Endpoint, opened: Opened
) -> None:
    assert sorted(names(walk(opened("sparql", endpoint.address, query=query, batch=3)))) == ALL


def test_a_page_for_people_is_no_endpoint(site: Site, opened: Opened) -> None:
    address = site.put("/sparql", "<!doctype html><form>Query</form>", "text/html")

    error = trouble(opened("sparql", address))

    assert "no result of SPARQL" in str(error)
    assert "not of its page for people" in str(error)


def test_an_iri_with_quotes_cannot_change_the_query(site: Site, opened: Opened) -> None:
    odd = "https://registry.example/dataset/it's(1)"
    endpoint = Endpoint(site, dataset(1) + dataset(2))
    endpoint.store.add(
        ox.Quad(
            ox.NamedNode(odd),
            ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
            ox.NamedNode("http://www.w3.org/ns/dcat#Dataset"),
        )
    )

    pages = walk(opened("sparql", endpoint.address, batch=1))

    assert names(pages) == [iri(1), iri(2)]
    assert [one for page in pages for one in page.named] == [odd]  # it has no title


@pytest.mark.slow
def test_our_own_endpoint_is_read_whole(live: str, opened: Opened) -> None:
    pages = walk(opened("sparql", live + "sparql"))

    assert pages[0].total == len(names(pages)) > 10
    assert not [one for page in pages for one in page.named]
