"""Web sites of others on this machine, as a harvester meets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harvest.sites import Site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole harvests take minutes together: they have a target of their own."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.harvest)


@pytest.fixture
def new_site() -> Iterator[Callable[[], Site]]:
    """Opens sites."""
    sites: list[Site] = []

    def make() -> Site:
        sites.append(Site())
        return sites[-1]

    yield make
    for one in sites:
        one.close()


@pytest.fixture
def site(new_site: Callable[[], Site]) -> Site:
    """A web site of somebody else."""
    return new_site()
