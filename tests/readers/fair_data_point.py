"""Test clients for readers of FAIR Data Points; they share no code with them.

**GDI / Health-RI** (:func:`walk`), rules from
GenomicDataInfrastructure/gdi-userportal-ckanext-fairdatapoint,
``ckanext/fairdatapoint/harvesters/domain/``: ``fair_data_point.py`` at 5d1f992d,
``fair_data_point_record_provider.py`` at 5b2e49c9, ``fdp_record.py`` at 727ac172,
``fair_data_point_record_to_package_converter.py`` at 19695838:

* ``Accept: text/turtle``, redirects followed; the body is Turtle whatever ``Content-Type`` says;
  an answer that is no success, or cannot be read, is an empty document;
* breadth first from the address given, through every object of ``ldp:contains`` whatever its
  subject, each address once;
* an address is a dataset if its own document says ``<that very address> a dcat:Dataset``;
* then the dataset and each of its distributions are fetched, one request each, and the package
  is made of the first ``dcat:Dataset`` of the document, whichever that is.

**The index of the FAIR Data Point** (:func:`index`), rules from FAIRDataTeam/FAIRDataPoint,
``HarvesterService.java`` at 172c2c4f, ``MetadataRetrievalUtils.java`` at 24059d78 and
``defaultNavigationShacl.ttl`` at 6c625037:

* the address is valid if its document types a node ``r3d:Repository`` or
  ``fdp:MetadataService``; Turtle without a base;
* depth first, each address once: through ``ldp:contains`` of the nodes typed
  ``ldp:DirectContainer``, if there are any; otherwise through the objects of
  ``fdp:metadataCatalog``, ``r3d:dataCatalog``, ``dcat:dataset``, ``dcat:distribution`` and
  ``dct:isPartOf``; an answer that is no success is left out.  From a single catalogue this leads
  up to the network it is part of, so it is the root that is harvested.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import pyoxigraph as ox
import rdflib
from rdflib.namespace import DCAT, RDF
from readers.wire import DCAT as DCAT_
from readers.wire import DCT, LDP, RDF_TYPE, Item, Wire

FDP = "https://w3id.org/fdp/fdp-o#"
R3D = "http://www.re3data.org/schema/3-0#"
SERVICES = {FDP + "MetadataService", R3D + "Repository"}
NAVIGATION = (
    FDP + "metadataCatalog",
    R3D + "dataCatalog",
    DCAT_ + "dataset",
    DCAT_ + "distribution",
    DCT + "isPartOf",
)


def walk(wire: Wire, source: str) -> Iterator[list[Item]]:
    """The dataset of each document that GDI's harvester meets, or none."""
    waiting, seen = deque([source]), set()
    while waiting:
        url = waiting.popleft()
        if url in seen:
            continue
        seen.add(url)
        graph = _turtle(wire, url)
        is_dataset = (rdflib.URIRef(url), RDF.type, DCAT.Dataset) in graph
        yield [Item(url, f"dataset={url}")] if is_dataset else []
        waiting.extend(
            str(child) for child in graph.objects(predicate=rdflib.URIRef(LDP + "contains"))
        )


def package(wire: Wire, dataset: str) -> tuple[set[str], rdflib.Graph]:
    """What GDI's harvester may take for the dataset, and all it has read of it."""
    graph = _turtle(wire, dataset)
    for distribution in list(graph.objects(rdflib.URIRef(dataset), DCAT.distribution)):
        for predicate, value in _turtle(wire, str(distribution)).predicate_objects(distribution):
            graph.add((distribution, predicate, value))
    return {str(node) for node in graph.subjects(RDF.type, DCAT.Dataset)}, graph


def _turtle(wire: Wire, url: str) -> rdflib.Graph:
    reply = wire.ask(url, accept="text/turtle", redirects=30)
    graph = rdflib.Graph()
    if reply.status == 200:
        graph.parse(data=reply.content.decode("utf-8"), format="turtle")
    return graph


def index(wire: Wire, source: str) -> Iterator[list[Item]]:
    """The dataset of each document that the index harvests, or none."""
    seen: set[str] = set()

    def visit(url: str) -> Iterator[list[Item]]:
        reply = wire.ask(url, accept="text/turtle", redirects=20)
        if reply.status != 200:
            return
        seen.add(url)
        quads = reply.quads(ox.RdfFormat.TURTLE)
        yield [
            Item(url, url)
            for quad in quads
            if quad.predicate == RDF_TYPE
            and quad.object == ox.NamedNode(DCAT_ + "Dataset")
            and quad.subject == ox.NamedNode(url)
        ]
        containers = {
            quad.subject
            for quad in quads
            if quad.predicate == RDF_TYPE and quad.object == ox.NamedNode(LDP + "DirectContainer")
        }
        for quad in quads:
            leads = (
                quad.subject in containers and quad.predicate.value == LDP + "contains"
                if containers
                else quad.predicate.value in NAVIGATION
            )
            if leads and quad.object.value not in seen:
                yield from visit(quad.object.value)

    yield from visit(source)


def entry(wire: Wire, source: str) -> dict[str, str]:
    """What the index notes of a FAIR Data Point; empty if it does not take it for one."""
    reply = wire.ask(source, accept="text/turtle", redirects=20)
    quads = reply.quads(ox.RdfFormat.TURTLE)
    service = next(
        (q.subject for q in quads if q.predicate == RDF_TYPE and q.object.value in SERVICES), None
    )
    noted = {
        DCT + "title": "title",
        DCT + "description": "description",
        DCAT_ + "version": "version",
        DCT + "publisher": "publisher",
    }
    found = {
        noted[q.predicate.value]: q.object.value
        for q in quads
        if service is not None and q.subject == service and q.predicate.value in noted
    }
    for quad in quads:
        if quad.subject.value == found.get("publisher") and quad.predicate.value.endswith("/name"):
            found["publisherName"] = quad.object.value
    return found
