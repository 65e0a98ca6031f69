"""Web sites of others on this machine, as a harvester meets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from harvest.sites import Site


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
