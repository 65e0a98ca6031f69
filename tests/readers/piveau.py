"""A test client for data.europa.eu: it follows the rules of piveau, and shares no code with it.

Rules from piveau-data/piveau-utils at d9302a33 (2019, the newest state that is public on GitHub):
``src/main/kotlin/io/piveau/utils/Hydra.kt`` (paging) and
``src/main/java/io/piveau/utils/JenaUtils.java`` (identity, extraction, comparison):

* a node typed ``hydra:PagedCollection`` decides alone: only ``hydra:nextPage`` is followed, and
  that node must state ``hydra:totalItems`` as an integer;
* otherwise the first ``hydra:PartialCollectionView`` with ``hydra:next``, and any
  ``hydra:totalItems`` of the page, which must be there and be an integer;
* of the next address only the query is taken: scheme, host and path are those of the source;
* a dataset is a subject typed ``dcat:Dataset``; it is known by its IRI, or by
  ``dct:identifier``, whichever the pipe is set to;
* what belongs to a dataset is all that can be reached from it, but not through
  ``foaf:primaryTopic``; it counts as changed when the hash of that has changed.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

import pyoxigraph as ox
from readers.wire import DCAT, DCT, HYDRA, OXIGRAPH, RDF_TYPE, Item, Wire

#: Everything Jena reads by its media type; the harvester's configuration names one.
READS = ("ttl", "rdf", "jsonld", "nt")
PRIMARY_TOPIC = ox.NamedNode("http://xmlns.com/foaf/0.1/primaryTopic")


class Broken(Exception):
    """The harvester would have stopped with an exception."""


def walk(wire: Wire, source: str) -> Iterator[list[Item]]:
    """The datasets of each page."""
    url: str | None = source
    while url:
        reply = wire.ask(url, redirects=5)
        if reply.status != 200:
            raise Broken(f"{url} answered {reply.status}")
        quads = reply.quads(OXIGRAPH[reply.media_type])
        yield list(datasets(quads))
        url = next_page(quads, source)


def datasets(quads: list[ox.Quad]) -> Iterator[Item]:
    """Every subject typed ``dcat:Dataset``."""
    known = defaultdict(list)
    for quad in quads:
        if quad.predicate.value == DCT + "identifier":
            known[quad.subject].append(quad.object.value)
    for quad in quads:
        if quad.predicate == RDF_TYPE and quad.object == ox.NamedNode(DCAT + "Dataset"):
            if not isinstance(quad.subject, ox.NamedNode):
                raise Broken("a dataset without an IRI gets another name each night")
            identity = (known[quad.subject] or [quad.subject.value])[0]
            yield Item(quad.subject.value, identity)


def next_page(quads: list[ox.Quad], source: str) -> str | None:
    """The next address as piveau builds it."""
    paged = _of_type(quads, "PagedCollection")
    node = paged or _of_type(quads, "PartialCollectionView")
    if node is None:
        return None
    totals = [
        quad.object
        for quad in quads
        if quad.predicate.value == HYDRA + "totalItems" and (not paged or quad.subject == paged)
    ]
    if not totals or not isinstance(totals[0], ox.Literal) or not totals[0].value.isdigit():
        raise Broken("hydra:totalItems is not an integer")
    step = HYDRA + ("nextPage" if paged else "next")
    for quad in quads:
        if quad.subject == node and quad.predicate.value == step:
            first, found = urlsplit(source), urlsplit(quad.object.value)
            return f"{first.scheme}://{first.netloc}{first.path}?{found.query}"
    return None


def _of_type(quads: list[ox.Quad], name: str) -> ox.NamedNode | ox.BlankNode | None:
    class_ = ox.NamedNode(HYDRA + name)
    nodes = (quad.subject for quad in quads if quad.predicate == RDF_TYPE and quad.object == class_)
    return next(nodes, None)


def extract(quads: list[ox.Quad], dataset: str) -> set[ox.Triple]:
    """All that belongs to a dataset, for piveau."""
    about = defaultdict(list)
    for quad in quads:
        about[quad.subject].append(quad)
    found: set[ox.Triple] = set()
    waiting, seen = [ox.NamedNode(dataset)], set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for quad in about[node]:
            if quad.predicate != PRIMARY_TOPIC:
                found.add(quad.triple)
                waiting.append(quad.object)
    return found


def fingerprint(quads: list[ox.Quad], dataset: str) -> str:
    """A hash that is another one if, for piveau, the dataset is another one."""
    lines = sorted(map(str, extract(quads, dataset)))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
