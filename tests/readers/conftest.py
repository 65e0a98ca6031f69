"""A small network to be harvested: two organisations, two catalogues, many pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import EHDS, EU, agent, dataset
from flask import Flask

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue

ADDRESS = "https://catalogue.example.org/"
#: Three to a page, so that the datasets, a series and a service make many pages.
SIZE, COUNT = 3, 22


def key_of(number: int) -> str:
    return f"d-{number:02}"


def described(number: int, **changed: object) -> dict[str, object]:
    """A dataset of the network; every second one is in EHDEN and from Leuven.

    Every third one is in a series and made from the one before it.
    """
    other = number % 2 == 1
    holder = "id/agent/leuven" if other else "id/agent/ghent"
    catalogues = ["id/catalogue/bd4bo", *(["id/catalogue/ehden"] if other else [])]
    linked = number > 1 and number % 3 == 0
    return dataset(
        title={"en": f"Registry {number}"},
        identifier=[f"registry-{number}"],
        publisher=holder,
        hdab=holder,
        listed_in=catalogues,
        in_series=["id/series/registries"] if linked else None,
        source=[f"id/dataset/{key_of(number - 1)}"] if linked else None,
        **changed,
    )


def network(catalogue: Catalogue) -> None:
    """Publish it; ``d-05`` is withdrawn again."""
    listed = ["id/catalogue/bd4bo"]
    with catalogue.changing() as session:
        put = catalogue.records.put
        put(session, "agent", agent("Ghent"), key="ghent", author="test")
        put(session, "agent", agent("Leuven"), key="leuven", author="test")
        for key, title in (("bd4bo", "The network"), ("ehden", "EHDEN")):
            about = {
                "title": {"en": title},
                "description": {"en": "A catalogue of registries."},
                "publisher": "id/agent/ghent",
                "applicable_legislation": [EHDS],
                "listed_in": listed if key == "ehden" else None,
            }
            about = {name: value for name, value in about.items() if value}
            put(session, "catalogue", about, key=key, author="test")
        series = {
            "title": {"en": "Registries"},
            "description": {"en": "Registries that belong together."},
            "applicable_legislation": [EHDS],
        }
        put(session, "series", series, key="registries", author="test")
        for number in range(1, COUNT + 1):
            record = put(session, "dataset", described(number), key=key_of(number), author="test")
            if number == 5:
                catalogue.records.withdraw(session, record, author="test")
        service = {
            "title": {"en": "Query"},
            "endpoint_url": ["https://hospital.example/query"],
            "access_rights": EU + "access-right/RESTRICTED",
            "serves_dataset": ["id/dataset/d-01"],
        }
        put(session, "service", service, key="query", author="test")


def _settings(folder: Path) -> Settings:
    return Settings(public_address=ADDRESS, instance=str(folder), feed_page_size=SIZE)


@pytest.fixture(scope="session")
def _planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the network, to be copied."""
    folder = tmp_path_factory.mktemp("network")
    catalogue = Catalogue(_settings(folder))
    catalogue.database.migrate()
    network(catalogue)
    catalogue.close()
    return folder


def _opened(planted: Path, folder: Path) -> Iterator[Flask]:
    shutil.copytree(planted, folder)
    catalogue = Catalogue(_settings(folder))
    app = create_app(catalogue=catalogue)
    app.testing = False  # errors are answered as they are in real life
    yield app
    catalogue.close()


@pytest.fixture(scope="session")
def still(_planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The network, to be read and not changed."""
    yield from _opened(_planted, tmp_path_factory.mktemp("still") / "instance")


@pytest.fixture
def moving(_planted: Path, tmp_path: Path) -> Iterator[Flask]:
    """The network, to be changed while it is read."""
    yield from _opened(_planted, tmp_path / "instance")
