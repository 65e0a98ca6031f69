"""Getting the RDF of an address, also from servers that would rather show a web page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from catalogue.harvest.fetch import Fetched, Fetcher, FetchError
from catalogue.harvest.readers import links

#: Turtle first: FAIR Data Points know little else.
ACCEPT = (
    "text/turtle, application/rdf+xml;q=0.9, application/ld+json;q=0.8, "
    "application/n-triples;q=0.7, application/trig;q=0.6, application/n-quads;q=0.5, */*;q=0.1"
)
#: Media types of RDF, those first that are read most cheaply.
TYPES = (
    "text/turtle",
    "application/x-turtle",
    "application/rdf+xml",
    "application/n-triples",
    "application/ld+json",
    "application/trig",
    "application/n-quads",
    "text/n3",
)
#: What files of RDF end with, those first that are read most cheaply.
SUFFIXES = ("ttl", "rdf", "jsonld", "nt", "trig", "nq", "n3")
#: What is put behind the address of a page, or of the place it is in.
_GUESSED = (".ttl", ".rdf", ".jsonld")
_IN_PLACE = ("catalog.ttl", "catalogue.ttl", "catalog.rdf", "catalog.jsonld")
_RELATIONS = frozenset({"alternate", "describedby"})


@dataclass(frozen=True)
class Got:
    """The RDF of an address: the answer it is in, and what people should know of how it was had."""

    answer: Fetched
    told: tuple[str, ...] = ()

    @property
    def is_page(self) -> bool:
        """Whether it is a web page still: RDF can only be within it."""
        return links.is_page(self.answer.content, self.answer.content_type)


def get(fetcher: Fetcher, address: str, *, guess: bool = False) -> Got:
    """What an address has to say in RDF, or the web page it is, after all that was tried.

    ``guess`` tries the usual addresses of feeds as well.  Raises :class:`FetchError`.
    """
    try:
        answer = fetcher.get(address, accept=ACCEPT)
    except FetchError as error:
        # Who cannot give any of these says so; the page for people may lead on.
        if error.status != 406:
            raise
        answer = fetcher.get(address)
    if not links.is_page(answer.content, answer.content_type):
        return Got(answer)
    for other in _others(answer, guess):
        try:
            found = fetcher.get(other, accept=ACCEPT)
        except FetchError:
            continue
        if found.content.strip() and not links.is_page(found.content, found.content_type):
            return Got(found, (f"{address} is a web page; {found.address} was read instead.",))
    return Got(answer)


def _others(answer: Fetched, guess: bool) -> Iterator[str]:
    """Where the RDF of a web page may be, most likely first, each once."""
    found = [
        one
        for one in (
            *links.in_header(answer.headers, answer.address),
            *links.in_page(answer.content, answer.address),
        )
        if one.relations & _RELATIONS and one.media_type in TYPES
    ]
    # Some give the same address for every format, and a link of no known type proves nothing.
    found.sort(key=lambda one: TYPES.index(one.media_type))
    named = dict.fromkeys(one.address for one in found)
    yield from named
    if guess and not named:
        scheme, host, path, query, _ = urlsplit(answer.address)
        plain = path.rstrip("/")
        if plain:
            yield from (urlunsplit((scheme, host, plain + one, query, "")) for one in _GUESSED)
        place = path if path.endswith("/") else path.rpartition("/")[0] + "/"
        yield from (urlunsplit((scheme, host, place + one, "", "")) for one in _IN_PLACE)
