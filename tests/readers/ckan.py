"""A test client for CKAN: it follows the rules of ckanext-dcat, and shares no code with it.

``test_real_ckan.py`` runs the real one; this one is quick enough to run with all other tests.
Rules from ckan/ckanext-dcat, as released in 2.4.4: ``ckanext/dcat/harvesters/base.py`` and
``rdf.py``, ``ckanext/dcat/processors.py``:

* HEAD, and GET after it, of every page, with redirects and without an ``Accept`` header of its
  own; at most 50 MB, by ``Content-Length`` of the HEAD and as counted; the body is UTF-8;
* the format is the ``Content-Type`` of the first page, and stays that of every further page;
* ``hydra:next``, else ``hydra:nextPage``, of any node typed ``hydra:PartialCollectionView``, else
  ``hydra:PagedCollection``;
* a page with the text of the first one ends the walk; another circle does not end;
* each subject typed ``dcat:Dataset`` becomes a package, known by its IRI, else by
  ``dct:identifier``; a page that cannot be read stops the run, and nothing is changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDF
from readers.wire import HYDRA, RDFLIB, Item, Wire

READS = ("ttl", "rdf", "jsonld", "nt")
_LARGEST = 50 * 1024 * 1024


class Stopped(Exception):
    """The harvester would have stopped without taking anything over."""


def walk(wire: Wire, source: str) -> Iterator[list[Item]]:
    """The datasets of each page."""
    url: str | None = source
    format = first = None
    while url:
        head = wire.ask(url, "HEAD", redirects=30)
        reply = wire.ask(url, redirects=30)
        if head.status != 200 or reply.status != 200:
            raise Stopped(f"{url} answered {head.status} to HEAD, {reply.status} to GET")
        said = int(head.headers.get("Content-Length", len(reply.content)))
        if max(said, len(reply.content)) > _LARGEST:
            raise Stopped(f"{url} is too big")
        digest = hashlib.md5(reply.content).digest()
        if digest == first:
            return
        first = first or digest
        format = format or RDFLIB[head.media_type]
        graph = rdflib.Graph()
        graph.parse(data=reply.content.decode("utf-8"), format=format)
        yield [
            Item(str(node), str(node))
            if isinstance(node, rdflib.URIRef)
            else Item(str(node), str(graph.value(node, DCTERMS.identifier)))
            for node in graph.subjects(RDF.type, DCAT.Dataset)
        ]
        url = next_page(graph)


def next_page(graph: rdflib.Graph) -> str | None:
    """The address of the next page, an IRI or a text."""
    for class_ in ("PartialCollectionView", "PagedCollection"):
        for view in graph.subjects(RDF.type, rdflib.URIRef(HYDRA + class_)):
            for step in ("next", "nextPage"):
                for found in graph.objects(view, rdflib.URIRef(HYDRA + step)):
                    return str(found)
    return None
