"""The way readers ask in these tests: HTTP into the application, without a network.

What a reader would meet outside it meets here too: redirects are followed only if it follows
them, fragments stay at home, and an address that leads anywhere else fails the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import pyoxigraph as ox
import rdflib
from flask import Flask

DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
LDP = "http://www.w3.org/ns/ldp#"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
OXIGRAPH = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}
RDFLIB = {
    "text/turtle": "turtle",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
    "application/n-triples": "nt",
}


@dataclass(frozen=True)
class Item:
    """One dataset as a reader keeps it: the node it read, and how the reader knows it."""

    iri: str
    identity: str


@dataclass(frozen=True)
class Reply:
    """An answer."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", "").split(";")[0].strip()

    def quads(self, format: ox.RdfFormat | None = None) -> list[ox.Quad]:
        """What it says, read strictly and without a base: nothing may be relative."""
        return list(ox.parse(self.content, format=format or OXIGRAPH[self.media_type]))

    def graph(self, format: str | None = None) -> rdflib.Graph:
        """What it says, read by rdflib."""
        graph = rdflib.Graph()
        return graph.parse(data=self.content, format=format or RDFLIB[self.media_type])


class Wire:
    """Requests to one application; ends a walk that does not end by itself."""

    def __init__(self, app: Flask, most: int = 400) -> None:
        self.client = app.test_client()
        self.address = app.extensions["catalogue"].settings.public_address
        self.most = most
        #: Method and address of every request, in order.
        self.asked: list[tuple[str, str]] = []

    def ask(
        self,
        url: str,
        method: str = "GET",
        *,
        accept: str | None = "*/*",
        redirects: int = 0,
        **headers: str,
    ) -> Reply:
        """Ask for an absolute address; follows up to so many redirects."""
        assert url.startswith(self.address), f"{url} leads away from {self.address}"
        assert len(self.asked) < self.most, f"this walk does not end: {self.asked[-5:]}"
        self.asked.append((method, url))
        path = "/" + url.removeprefix(self.address).partition("#")[0]
        sent = {"Accept": accept, **headers} if accept is not None else headers
        response = self.client.open(path, method=method, headers=sent)
        if 300 <= response.status_code < 400 and redirects and "Location" in response.headers:
            url = urljoin(url, response.headers["Location"])
            return self.ask(url, method, accept=accept, redirects=redirects - 1, **headers)
        told = {name: ", ".join(response.headers.getlist(name)) for name, _ in response.headers}
        return Reply(url, response.status_code, told, response.data)
