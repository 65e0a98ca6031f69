"""Real parts only: a real database, a real index, the real vocabularies and profiles."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.profile import Profile
from catalogue.seed import seed
from catalogue.vocabulary import Vocabularies

ROOT = Path(__file__).parent.parent
ADDRESS = "https://catalogue.example.org/"

# Machines are of different speed: an example may take its time, but not for ever.
settings.register_profile(
    "catalogue",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("catalogue")


@pytest.fixture(autouse=True, scope="session")
def _no_settings_from_outside() -> None:
    for name in [one for one in os.environ if one.startswith("CATALOGUE_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def vocabularies() -> Vocabularies:
    """The vocabularies of the project."""
    return Vocabularies.read(ROOT / "vocabularies")


@pytest.fixture(scope="session")
def profile(vocabularies: Vocabularies) -> Profile:
    """The profile of the project."""
    return Profile.read(ROOT / "schemas", "outcome-ap", vocabularies)


@pytest.fixture
def new_catalogue(tmp_path: Path) -> Iterator[Callable[..., Catalogue]]:
    """Makes empty catalogues, each with its own instance folder, or opens one again."""
    opened: list[Catalogue] = []

    def make(name: str = "instance", **changed: object) -> Catalogue:
        values = {"public_address": ADDRESS, "instance": str(tmp_path / name), **changed}
        catalogue = Catalogue(Settings(**values))  # type: ignore[arg-type]
        catalogue.database.migrate()
        opened.append(catalogue)
        return catalogue

    yield make
    for catalogue in opened:
        catalogue.close()


@pytest.fixture
def empty(new_catalogue: Callable[..., Catalogue]) -> Catalogue:
    """An empty catalogue to change at will."""
    return new_catalogue()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The catalogue with all demonstration records; to be read, not changed."""
    instance = tmp_path_factory.mktemp("seeded")
    catalogue = Catalogue(Settings(public_address=ADDRESS, instance=str(instance)))
    catalogue.database.migrate()
    seed(catalogue, ROOT / "seed_data")
    catalogue.catch_up()
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="session")
def app(catalogue: Catalogue) -> Flask:
    """The web application over the demonstration records."""
    from catalogue.app import create_app  # the web only where a test needs it

    app = create_app(catalogue=catalogue)
    app.testing = False  # errors are answered as they are in real life
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that application."""
    return app.test_client()


@pytest.fixture(scope="session")
def live(catalogue: Catalogue) -> Iterator[str]:
    """The address of a server that runs over the demonstration records."""
    with serving(catalogue) as address:
        yield address


@contextmanager
def serving(catalogue: Catalogue) -> Iterator[str]:
    """A server that runs over a catalogue; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    values = dataclasses.asdict(catalogue.settings)
    environment = {
        **os.environ,
        **{f"CATALOGUE_{name.upper()}": str(value) for name, value in values.items() if value},
    }
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"127.0.0.1:{port}",
            "--threads",
            "8",
            "--worker-class",
            "gthread",
            "--log-level",
            "warning",
            "catalogue.app:serve()",
        ],
        cwd=ROOT,
        env=environment,
    )
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(address + "health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail("the server did not start")
        yield address
    finally:
        server.terminate()
        server.wait(10)
