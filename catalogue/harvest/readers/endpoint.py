"""A SPARQL endpoint as one asks it: by POST or GET, with answers in JSON, XML or RDF.

Source: SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/, and its result formats.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from catalogue.errors import CatalogueError
from catalogue.harvest import xml
from catalogue.harvest.fetch import Fetched, Fetcher, FetchError

_FORM = "application/x-www-form-urlencoded"
_ROWS = "application/sparql-results+json, application/sparql-results+xml;q=0.9"
_GRAPH = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.7"
_RESULTS = "{http://www.w3.org/2005/sparql-results#}"
#: Who takes no query by POST answers one of these; some have a firewall that says 403.
_NO_POST = (400, 403, 404, 405, 406, 411, 415, 500, 501)


class NotAnswered(CatalogueError):
    """An endpoint answered something else than what a query asks for; the words say what."""

    title = "No answer to a query"


@dataclass(frozen=True)
class Value:
    """A value in an answer: its kind (uri, bnode, literal) and its text."""

    kind: str
    text: str


class Endpoint:
    """An endpoint at an address."""

    def __init__(self, fetcher: Fetcher, address: str) -> None:
        self.fetcher, self.address = fetcher, address
        self.by_get = False

    @property
    def longest(self) -> int:
        """How many bytes a query may have: addresses are cut by some servers above 8 kB."""
        return 4_000 if self.by_get else 16_000

    def column(self, query: str) -> Sequence[Value]:
        """The values of the first variable of a SELECT.  Raises :class:`NotAnswered`."""
        answer = self._asked(query, _ROWS)
        if is_cut(answer):
            raise NotAnswered("It gave only a part of an answer; its limits are too narrow.")
        return _column(answer)

    def truth(self, query: str) -> bool:
        """The answer to an ASK.  Raises :class:`NotAnswered`."""
        answer = self._asked(query, _ROWS)
        try:
            if _is_json(answer):
                return bool(json.loads(answer.content)["boolean"])
            root = xml.parsed(answer.content, answer.charset).root
            return xml.text_of(root.find(f"{_RESULTS}boolean")) == "true"
        except (ValueError, KeyError, TypeError, RecursionError, xml.NotXml):
            raise _puzzling(answer) from None

    def graph(self, query: str) -> Fetched:
        """The answer to a CONSTRUCT."""
        return self._asked(query, _GRAPH)

    def _asked(self, query: str, accept: str) -> Fetched:
        if not self.by_get:
            form = urlencode({"query": query}).encode()
            try:
                return self.fetcher.post(self.address, form, _FORM, accept=accept)
            except FetchError as error:
                if error.status not in _NO_POST:
                    raise
                refused = error
        mark = "&" if "?" in self.address else "?"
        try:
            answer = self.fetcher.get(
                f"{self.address}{mark}{urlencode({'query': query})}", accept=accept
            )
        except FetchError:
            if self.by_get:
                raise
            raise refused from None
        self.by_get = True
        return answer


def is_cut(answer: Fetched) -> bool:
    """Whether an answer ends at a limit of the server (Virtuoso)."""
    told = answer.headers
    return answer.status == 206 or "x-sparql-maxrows" in told or "x-sql-state" in told


def _is_json(answer: Fetched) -> bool:
    return "json" in answer.content_type or answer.content.lstrip()[:1] == b"{"


def _column(answer: Fetched) -> list[Value]:
    try:
        if _is_json(answer):
            told = json.loads(answer.content)
            name = told["head"]["vars"][0]
            rows = [row[name] for row in told["results"]["bindings"] if name in row]
            return [Value(str(one["type"]), str(one["value"])) for one in rows]
        root = xml.parsed(answer.content, answer.charset).root
        name = root.find(f"{_RESULTS}head/{_RESULTS}variable").get("name")
        return [
            Value(str(value.tag).removeprefix(_RESULTS), xml.text_of(value))
            for row in root.iter(f"{_RESULTS}binding")
            if row.get("name") == name
            for value in row
        ]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, xml.NotXml):
        raise _puzzling(answer) from None


def _puzzling(answer: Fetched) -> NotAnswered:
    kind = answer.content_type or "something without a type"
    return NotAnswered(
        f"It answered a query with {kind} that is no result of SPARQL; check that this is the "
        "address of the endpoint, not of its page for people."
    )
