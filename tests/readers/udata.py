"""A test client for data.gouv.fr: it follows the rules of udata, and shares no code with it.

Rules from opendatateam/udata, as released in udata 17.18.0 and at 25b5a2dd:
``udata/harvest/backends/dcat.py``, ``udata/harvest/backends/base.py``, ``udata/rdf.py``:

* the format follows from the suffix of the address; without one from ``Content-Type`` of a HEAD;
* no ``Accept`` header of its own, and no redirect;
* one view: the first node typed ``hydra:PartialCollectionView`` and its ``hydra:next``, else
  ``hydra:PagedCollection`` and ``hydra:nextPage``;
* each node typed ``dcat:Dataset`` or ``dcat:DatasetSeries`` becomes a dataset, unless it has no
  title and one statement only points to it, by ``dcat:servesDataset`` or ``dct:hasPart``;
* it is known by its first ``dct:identifier``: without one it is skipped, and the same one twice
  in a run is an error;
* data services are read in a second pass, without those that are an ``dcat:accessService``.
"""

from __future__ import annotations

from collections.abc import Iterator

import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDF
from readers.wire import HYDRA, RDFLIB, Item, Wire

READS = ("ttl", "rdf", "jsonld", "nt")
#: What udata makes of a suffix; where it makes nothing of it, it asks for the headers.
SUFFIXES = {"ttl": "turtle", "rdf": "xml", "xml": "xml", "jsonld": "json-ld", "nt": "nt"}
PAGING = (("PartialCollectionView", "next"), ("PagedCollection", "nextPage"))


class Failed(Exception):
    """The run would have been reported as failed."""


class Harvest:
    """One run; what was skipped and why is in ``skipped``."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.skipped: list[tuple[str, str]] = []

    def walk(self, wire: Wire, source: str) -> Iterator[list[Item]]:
        """The datasets of each page."""
        format = self._format(wire, source)
        url: str | None = source
        while url:
            reply = wire.ask(url)
            if reply.status != 200:
                raise Failed(f"{url} answered {reply.status}")
            graph = rdflib.Graph()
            # requests takes the encoding from the header, and Latin-1 for text without one.
            assert "charset=utf-8" in reply.headers["Content-Type"] or format == "json-ld"
            graph.parse(data=reply.content.decode(), format=format)
            yield list(self._page(graph))
            url = next_page(graph)

    @staticmethod
    def _format(wire: Wire, source: str) -> str:
        suffix = source.partition("?")[0].rpartition("/")[2].rpartition(".")[2]
        if suffix in SUFFIXES:
            return SUFFIXES[suffix]
        reply = wire.ask(source, "HEAD")
        if reply.status != 200 or reply.media_type not in RDFLIB:
            raise Failed(f"HEAD {source}: {reply.status} {reply.media_type}")
        return RDFLIB[reply.media_type]

    def _page(self, graph: rdflib.Graph) -> Iterator[Item]:
        nodes = dict.fromkeys(
            node
            for class_ in (DCAT.Dataset, rdflib.URIRef(f"{DCAT}DatasetSeries"))
            for node in graph.subjects(RDF.type, class_)
        )
        for node in nodes:
            if _is_elsewhere(graph, node):
                continue
            identifier = graph.value(node, DCTERMS.identifier)
            if not identifier:
                self.skipped.append((str(node), "missing identifier"))
            elif graph.value(node, DCTERMS.title) is None:
                self.skipped.append((str(node), "missing title on dataset"))
            elif str(identifier) in self.known:
                raise Failed(f"Identifier '{identifier}' already exists")
            else:
                self.known.add(str(identifier))
                yield Item(str(node), str(identifier))


def _is_elsewhere(graph: rdflib.Graph, node: rdflib.term.Node) -> bool:
    if graph.value(node, DCTERMS.title) is not None:
        return False
    pointing = list(graph.predicates(object=node))
    return len(pointing) == 1 and pointing[0] in (DCAT.servesDataset, DCTERMS.hasPart)


def next_page(graph: rdflib.Graph) -> str | None:
    """The address of the next page."""
    for class_, step in PAGING:
        view = graph.value(predicate=RDF.type, object=rdflib.URIRef(HYDRA + class_))
        if view is not None:
            found = graph.value(view, rdflib.URIRef(HYDRA + step))
            return None if found is None else str(found)
    return None


def walk(wire: Wire, source: str) -> Iterator[list[Item]]:
    """The datasets of each page, in a run of its own."""
    return Harvest().walk(wire, source)
