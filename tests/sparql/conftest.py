"""A small SPARQL 1.1 store behind real sockets, and ways to ask."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pyoxigraph as ox
import pytest

from catalogue.sparql.request import checked
from catalogue.sparql.results import JSON
from catalogue.sparql.store import Limits


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Remote:
    """Another store: SPARQL 1.1 Protocol over pyoxigraph, queries and updates."""

    def __init__(self) -> None:
        self.store = ox.Store()
        self.delay = 0.0
        self.asked: list[tuple[str, str]] = []
        self._server = make_server("127.0.0.1", 0, self._answer, handler_class=Quiet)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _answer(self, environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        self.asked.append((environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")))
        try:
            if environ["PATH_INFO"] == "/update":
                self.store.update(body)
                start("204 No Content", [])
                return [b""]
            form = parse_qs(body)
            if self.delay and "storeVersion" not in body:
                time.sleep(self.delay)
            graphs = {
                name: [
                    ox.NamedNode(one) for one in form[f"{name.replace('_graphs', '-graph')}-uri"]
                ]
                for name in ("default_graphs", "named_graphs")
                if f"{name.replace('_graphs', '-graph')}-uri" in form
            }
            found = self.store.query(
                form["query"][0],
                use_default_graph_as_union="default_graphs" not in graphs,
                default_graph=graphs.get("default_graphs"),
                named_graphs=graphs.get("named_graphs"),
            )
        except SyntaxError as error:
            start("400 Bad Request", [("Content-Type", "text/plain")])
            return [str(error).encode()]
        if isinstance(found, ox.QueryTriples):
            start("200 OK", [("Content-Type", "application/n-triples")])
            return [found.serialize(format=ox.RdfFormat.N_TRIPLES)]
        start("200 OK", [("Content-Type", JSON)])
        return [found.serialize(format=ox.QueryResultsFormat.JSON)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def remote() -> Iterator[Remote]:
    """A store at an address of this machine."""
    remote = Remote()
    yield remote
    remote.close()


def rows(answer) -> list[dict[str, str]]:
    """The rows of a JSON answer, each value as text."""
    found = json.loads(answer.body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


@pytest.fixture
def ask() -> Callable[..., list[dict[str, str]]]:
    """``ask(catalogue, "SELECT …")``: the rows."""

    def ask(catalogue, text: str, **limits) -> list[dict[str, str]]:
        question = checked(text, catalogue.profile.prefixes)
        return rows(catalogue.sparql.query(question, JSON, Limits(**limits)))

    return ask
