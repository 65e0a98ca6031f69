"""The catalogue as a FAIR Data Point: what its readers find the catalogues and feeds by.

They know neither Hydra nor ``Link`` headers and follow ``ldp:contains``: from the point to the
catalogues, from each to the first page of its feed, from page to page and to the datasets.
Source: FAIR Data Point specification, https://specs.fairdatapoint.org/
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue import __version__
from catalogue.profile import Names
from catalogue.rdf.graph import CATALOGUE, Graphs
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.visibility import public
from catalogue.terms import RDF_TYPE, Statement, iri, literal

_TYPES = ("fdp-o:FAIRDataPoint", "fdp-o:MetadataService", "r3d:Repository")
#: More catalogues than any network has projects.
_MOST = 1_000


def point(session: Session, graphs: Graphs, title: str) -> Iterator[Statement]:
    """The statements about the point, its publisher and the catalogues it leads to."""
    profile, names = graphs.profile, Names(graphs.base)
    root, container = iri(graphs.base), iri(f"{graphs.base}fdp#catalogues")
    service, own = profile["DataService"], graphs.network.removeprefix(graphs.base)
    for name in _TYPES:
        yield root, RDF_TYPE, iri(profile.expand(name))
    network = session.scalar(select(Record).where(Record.iri == own))
    described = partial(public, profile[CATALOGUE])
    document = (spared(network, partial(described, network)) if network else None) or {}
    told = {
        "title": document.get("title") or {"en": title},
        "description": document.get("description") or {"en": title},
        "publisher": document.get("publisher"),
        "endpoint_url": [graphs.base],
    }
    yield from service.statements({k: v for k, v in told.items() if v}, root, names)
    yield root, profile["Dataset"]["version"].predicate, literal(__version__)
    publisher = session.scalar(
        select(Record).where(Record.iri == told["publisher"], Record.state == PUBLISHED)
    )
    if publisher is not None:
        yield from spared(publisher, partial(graphs.fragment, publisher)) or ()
    yield container, RDF_TYPE, iri(profile.expand("ldp:DirectContainer"))
    yield container, iri(profile.expand("ldp:membershipResource")), root
    yield (
        container,
        iri(profile.expand("ldp:hasMemberRelation")),
        iri(profile.expand("fdp-o:metadataCatalog")),
    )
    for reference in _catalogues(session, own):
        yield root, iri(profile.expand("fdp-o:metadataCatalog")), iri(names.absolute(reference))
        yield container, iri(profile.expand("ldp:contains")), iri(names.absolute(reference))


def _catalogues(session: Session, own: str) -> list[str]:
    """Every catalogue, that of the whole network first: it leads to every dataset."""
    found = session.scalars(
        select(Record.iri)
        .where(Record.kind == "catalogue", Record.state == PUBLISHED)
        .order_by(Record.id)
        .limit(_MOST)
    )
    return sorted(found, key=lambda reference: reference != own)


def container(catalogue: str, feed: str, graphs: Graphs) -> Iterator[Statement]:
    """What leads from a catalogue (its IRI) to the first page of its feed."""
    node = iri(f"{catalogue}#datasets")
    yield node, RDF_TYPE, iri(graphs.records.profile.expand("ldp:DirectContainer"))
    yield node, iri(graphs.records.profile.expand("ldp:membershipResource")), iri(catalogue)
    yield (
        node,
        iri(graphs.records.profile.expand("ldp:hasMemberRelation")),
        graphs.profile[CATALOGUE]["dataset"].predicate,
    )
    yield node, iri(graphs.records.profile.expand("ldp:contains")), iri(feed)
