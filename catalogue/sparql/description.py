"""What the service says of itself: SPARQL 1.1 Service Description."""

from __future__ import annotations

from collections.abc import Iterator

from catalogue.sparql.formats import GRAPHS, TABLES
from catalogue.terms import RDF_TYPE, Statement, iri

_SD = "http://www.w3.org/ns/sparql-service-description#"
#: The names W3C gives the formats, https://www.w3.org/ns/formats/
_FORMATS = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
    "nt": "N-Triples",
}


def description(address: str) -> Iterator[Statement]:
    """The service at an address, as statements."""
    service, dataset = iri(address), iri(f"{address}#dataset")
    graph = iri(f"{address}#default-graph")
    yield service, RDF_TYPE, iri(_SD + "Service")
    yield service, iri(_SD + "endpoint"), iri(address)
    yield service, iri(_SD + "supportedLanguage"), iri(_SD + "SPARQL11Query")
    yield service, iri(_SD + "feature"), iri(_SD + "UnionDefaultGraph")
    for one in (*TABLES, *GRAPHS):
        name = iri(f"http://www.w3.org/ns/formats/{_FORMATS[one.suffix]}")
        yield service, iri(_SD + "resultFormat"), name
    yield service, iri(_SD + "defaultDataset"), dataset
    yield dataset, RDF_TYPE, iri(_SD + "Dataset")
    yield dataset, iri(_SD + "defaultGraph"), graph
    yield graph, RDF_TYPE, iri(_SD + "Graph")
