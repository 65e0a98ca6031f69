"""Every engine, opened on folders of a test, or filled once for all that only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from contracts.comparing import Pair
from contracts.engines import NAMES, engine, is_installed
from contracts.entries import ALL, FIELDS, entries
from contracts.oracle import Oracle

from catalogue.search.engine import SearchEngine
from catalogue.search.entry import Entry, Fields

ENGINES = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(not is_installed(name), reason=f"{name} is not installed"),
    )
    for name in NAMES
]
Open = Callable[..., SearchEngine]


@pytest.fixture(params=ENGINES)
def name(request) -> str:
    """The name of an engine."""
    return request.param


@pytest.fixture
def opened(name: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the engine on a folder, as often as one likes."""
    known: list[SearchEngine] = []

    def open_(folder: str = "index", fields: Fields = FIELDS) -> SearchEngine:
        known.append(engine(name, tmp_path / folder, fields))
        return known[-1]

    yield open_
    for one in known:
        one.close()


@pytest.fixture(scope="module", params=ENGINES)
def module_name(request) -> str:
    """The name of an engine, for all that only read."""
    return request.param


@pytest.fixture(scope="module", params=["at once", "in pieces"])
def pair(request, module_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The same entries taken in at once, or over many updates and changes of mind."""
    index = engine(module_name, tmp_path_factory.mktemp("index"))
    oracle = Oracle(FIELDS)
    for number, (some, gone) in enumerate(_at_once() if request.param == "at once" else _pieces()):
        for one in (index, oracle):
            one.update(some, gone, number)
    yield Pair(index.reader(), oracle)
    index.close()


def _at_once() -> Iterator[tuple[list[Entry], list[int]]]:
    yield ALL, []


def _pieces() -> Iterator[tuple[list[Entry], list[int]]]:
    """The same entries in the end: some were others before, some were there meanwhile."""
    yield entries(60, seed=5), []
    yield ALL[30:70], [1, 2, 3]
    yield entries(3, seed=6, first=900), [50]
    for begin in (70, 100, 110, 115):
        yield ALL[begin : begin + 30], [900]
    yield ALL[:55], [901, 902, 77_777]
