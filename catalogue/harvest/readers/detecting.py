"""Which protocol a source speaks, found out from its address and from what it answers.

What an address is called comes first, then what is there, then what it answers to the first
request of each protocol: one or two requests for most sources.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlencode, urlsplit, urlunsplit

from catalogue.errors import CatalogueError
from catalogue.harvest.fetch import Fetched, Fetcher, FetchError
from catalogue.harvest.models import PROTOCOLS
from catalogue.harvest.readers import documents, links
from catalogue.harvest.readers.ckan import site_of
from catalogue.harvest.readers.endpoint import Endpoint
from catalogue.harvest.reading import Asked, Unreadable
from catalogue.harvest.sheets import XLSX

_SUFFIXES = {
    **dict.fromkeys(documents.SUFFIXES, "dcat"),
    **dict.fromkeys(("csv", "tsv", "xlsx", "xlsm"), "table"),
}
_TABLES = (
    "text/csv",
    "application/csv",
    "text/tab-separated-values",
    XLSX,
    "application/vnd.ms-excel",
)
#: What an address is called, and what it is then most likely.
_HINTS = (
    ("oai-pmh", re.compile(r"oai|verb=", re.I)),
    ("ckan", re.compile(r"/api(/3|/action)?\b|ckan", re.I)),
    ("csw", re.compile(r"csw|service=", re.I)),
    ("sparql", re.compile(r"sparql|/query\b|/repositories/", re.I)),
)
#: What the first element of a document is called, without its prefix.
_ROOTS = {
    "OAI-PMH": "oai-pmh",
    "urlset": "sitemap",
    "sitemapindex": "sitemap",
    "Capabilities": "csw",
    "GetRecordsResponse": "csw",
    "RDF": "dcat",
}
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_SERVICE = b"http://www.w3.org/ns/sparql-service-description#"
_DCAT = b"http://www.w3.org/ns/dcat#"
_EMBEDDED = b"application/ld+json"
_XLSX = b"PK\x03\x04"
_SITEMAP = re.compile(r"sitemap[^/]*\.xml(\.gz)?\Z", re.I)


def detect(asked: Asked, fetcher: Fetcher) -> str:
    """The protocol of a source; raises :class:`Unreadable` with all that was tried."""
    if not links.host_of(asked.address):
        raise Unreadable(f"{asked.address} is not a web address; it should begin with https://.")
    if by_name := _by_name(asked.address):
        return by_name
    tried: list[str] = []
    refusals: list[FetchError] = []
    hinted = [name for name, hint in _HINTS if hint.search(asked.address)]
    others = [name for name in ("ckan", "oai-pmh", "csw", "sparql") if name not in hinted]
    for protocol, question in (
        *_questions(hinted),
        ("", _look),
        *_questions(others),
        ("dcat", _look_around),
    ):
        try:
            answered = question(asked.address, fetcher)
        except FetchError as error:
            if not error.answered:  # not even an answer: the next question gets none either
                raise Unreadable(str(error)) from None
            refusals.append(error)
            tried.append(f"{PROTOCOLS.get(protocol, 'what is there')}: {error}")
        except CatalogueError as error:
            tried.append(f"{PROTOCOLS.get(protocol, 'what is there')}: {error}")
        else:
            if answered in PROTOCOLS:
                return answered
            tried.append(f"{PROTOCOLS.get(protocol, 'what is there')}: {answered}")
    if len(refusals) == len(tried):  # nothing but refusals: what else was tried tells no more
        raise Unreadable(str(next((e for e in refusals if e.status != 404), refusals[0])))
    raise Unreadable(
        f"It cannot be found out how {asked.address} is to be read. "
        "Choose how the source is read, or give the address of the feed or API itself. "
        f"Tried: {'; '.join(tried)}."
    )


def protocol_of(answer: Fetched) -> str:
    """The protocol that an answer is one of; empty if it is of none."""
    content = answer.content.lstrip(b"\xef\xbb\xbf \t\r\n")
    start = content[:20_000]
    if answer.content_type in _TABLES or content.startswith(_XLSX):
        return "table"
    if links.is_page(answer.content, answer.content_type):
        return ""
    if start.startswith(b"<") and (root := _ROOT.search(start)):
        found = _ROOTS.get(root[1].decode("ascii", "replace"), "")
        if found:
            return found
    if start.startswith((b"{", b"[")):
        return _of_json(start, answer.content_type)
    if _SERVICE in start and _DCAT not in answer.content:
        return "sparql"  # a catalogue may tell of its endpoint, too
    return "dcat" if answer.content_type in documents.TYPES or links.is_rdf(start) else ""


def _by_name(address: str) -> str:
    """What the name of a file tells."""
    path = urlsplit(address).path
    if _SITEMAP.search(path):
        return "sitemap"
    suffix = path.lower().removesuffix(".gz").rpartition(".")[2]
    return _SUFFIXES.get(suffix, "")


def _of_json(start: bytes, content_type: str) -> str:
    if b'"success"' in start and (b'"help"' in start or b'"result"' in start):
        return "ckan"
    keys = (b'"@context"', b'"@graph"', b'"@id"', b'"@type"')
    return "dcat" if "ld+json" in content_type or any(key in start for key in keys) else ""


_Question = Callable[[str, Fetcher], str]


def _questions(names: list[str]) -> Iterator[tuple[str, _Question]]:
    asking: dict[str, _Question] = {
        "oai-pmh": _identify,
        "ckan": _status,
        "csw": _capabilities,
        "sparql": _ask,
    }
    return ((name, asking[name]) for name in names)


def _look(address: str, fetcher: Fetcher) -> str:
    """What is there, or what a page there says is its RDF."""
    got = documents.get(fetcher, address)
    return protocol_of(got.answer) or _kind(got.answer)


def _look_around(address: str, fetcher: Fetcher) -> str:
    """What is at the usual addresses of feeds nearby, or embedded in the page."""
    got = documents.get(fetcher, address, guess=True)
    if got.is_page and _EMBEDDED in got.answer.content:
        return "dcat"
    return protocol_of(got.answer) or _kind(got.answer)


def _identify(address: str, fetcher: Fetcher) -> str:
    answer = fetcher.get(_with(address, verb="Identify"), accept="text/xml, */*;q=0.1")
    return _if_it_is("oai-pmh", answer)


def _status(address: str, fetcher: Fetcher) -> str:
    answer = fetcher.get(f"{site_of(address)}/api/3/action/status_show", accept="application/json")
    try:
        told = json.loads(answer.content)
    except (ValueError, RecursionError):
        told = None
    is_ckan = isinstance(told, dict) and told.get("success") is True
    return "ckan" if is_ckan else _kind(answer)


def _capabilities(address: str, fetcher: Fetcher) -> str:
    asked = {"service": "CSW", "version": "2.0.2", "request": "GetCapabilities"}
    return _if_it_is("csw", fetcher.get(_with(address, **asked), accept="text/xml, */*;q=0.1"))


def _ask(address: str, fetcher: Fetcher) -> str:
    Endpoint(fetcher, address).truth("ASK { ?s ?p ?o }")
    return "sparql"


def _if_it_is(protocol: str, answer: Fetched) -> str:
    return protocol if protocol_of(answer) == protocol else _kind(answer)


def _kind(answer: Fetched) -> str:
    """What came back, for people."""
    if links.is_page(answer.content, answer.content_type):
        return f"{answer.address} is a web page"
    return f"{answer.address} answered {answer.content_type or 'something without a type'}"


def _with(address: str, **asked: str) -> str:
    """An address with the question of a protocol in place of its own."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode(asked), fragment=""))
