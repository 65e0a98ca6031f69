"""Readers of other people's catalogues as tests use them: made, walked, and read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph

from catalogue.harvest.fetch import Fetcher
from catalogue.harvest.parsing import Parser
from catalogue.harvest.reading import Asked, Page, Reader, Remote
from catalogue.profile import Document, Names, Profile
from catalogue.terms import Statements, iri

ADDRESS = "https://catalogue.example.org/"
MOST_PAGES = 50


@contextmanager
def reading(
    make: Callable[[Asked, Fetcher, Parser], Reader],
    address: str,
    profile: Profile,
    **options: Any,
) -> Iterator[Reader]:
    """A reader of a source on this machine, with a real fetcher and a real parser."""
    fetcher = Fetcher(allow=[urlsplit(address).netloc])
    parser = Parser(profile, ADDRESS, "elsewhere")
    try:
        yield make(Asked(address, options), fetcher, parser)
    finally:
        parser.close()
        fetcher.close()


def walk(reader: Reader) -> list[Page]:
    """Every page, each place sent through JSON as the database does."""
    pages = [reader.page(None)]
    while (place := pages[-1].next) is not None:
        assert len(pages) < MOST_PAGES, "the walk goes round"
        pages.append(reader.page(json.loads(json.dumps(place))))
    return pages


def all_of(pages: list[Page], kind: str = "dataset") -> dict[str, Remote]:
    """What was found of a kind, by id; each only once."""
    found: dict[str, Remote] = {}
    for page in pages:
        for one in page.found:
            if one.kind == kind:
                assert one.id not in found, f"{one.id} twice"
                found[one.id] = one
    return found


def document_of(profile: Profile, remote: Remote) -> Document:
    """The document that a description becomes."""
    if remote.form == "json":
        return dict(json.loads(remote.raw))
    statements = Statements(
        (str(one.subject), str(one.predicate), str(one.object))
        for one in pyoxigraph.parse(remote.raw, format=pyoxigraph.RdfFormat.N_TRIPLES)
    )
    names = Names(ADDRESS, remote.iri)
    return profile.records[remote.kind].interpret(statements, iri(remote.iri), names)


def messages(remote: Remote) -> str:
    """Everything that is told of a description."""
    return "\n".join(map(str, remote.problems))
