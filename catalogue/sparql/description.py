"""What the service says of itself: SPARQL 1.1 Service Description."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from catalogue.sparql.formats import GRAPHS, TABLES
from catalogue.terms import RDF_TYPE, Statement, iri

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


def description(address: str, expand: Callable[[str], str]) -> Iterator[Statement]:
    """The service at an address, as statements; ``expand`` gives the IRI of ``sd:Service``."""
    service, dataset = iri(address), iri(f"{address}#dataset")
    graph = iri(f"{address}#default-graph")
    yield service, RDF_TYPE, iri(expand("sd:Service"))
    yield service, iri(expand("sd:endpoint")), iri(address)
    yield service, iri(expand("sd:supportedLanguage")), iri(expand("sd:SPARQL11Query"))
    yield service, iri(expand("sd:feature")), iri(expand("sd:UnionDefaultGraph"))
    for one in (*TABLES, *GRAPHS):
        name = iri(f"http://www.w3.org/ns/formats/{_FORMATS[one.suffix]}")
        yield service, iri(expand("sd:resultFormat")), name
    yield service, iri(expand("sd:defaultDataset")), dataset
    yield dataset, RDF_TYPE, iri(expand("sd:Dataset"))
    yield dataset, iri(expand("sd:defaultGraph")), graph
    yield graph, RDF_TYPE, iri(expand("sd:Graph"))
