"""Readers over web sites on this machine, with the real parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from catalogue.harvest.fetch import Fetcher
from catalogue.harvest.parsing import Parser
from catalogue.harvest.readers import READERS
from catalogue.harvest.reading import Asked, Reader
from catalogue.profile import Profile

Opened = Callable[..., Reader]


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """Fetches from this machine, and does not wait before it tries again."""
    fetcher = Fetcher(["127.0.0.1"], wait=lambda seconds: None)
    yield fetcher
    fetcher.close()


@pytest.fixture(scope="session")
def parser(profile: Profile) -> Iterator[Parser]:
    """The parser of a source."""
    parser = Parser(profile, "https://catalogue.example.org/", "portal")
    yield parser
    parser.close()


@pytest.fixture
def opened(fetcher: Fetcher, parser: Parser) -> Opened:
    """``opened("dcat", address, option="…")``: a reader."""

    def make(protocol: str, address: str, **options: object) -> Reader:
        return READERS[protocol](Asked(address, options), fetcher, parser)

    return make
