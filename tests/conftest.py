"""Real parts only: a real database, a real index, the real vocabularies and profiles."""

from __future__ import annotations

import dataclasses
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import SERVER, Databases, instead_of_files
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy import select

from catalogue.accounts.models import Membership, Organisation, User
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


@pytest.fixture(autouse=True, scope="session")
def databases(_no_settings_from_outside: None) -> Iterator[Databases | None]:
    """The databases of instances on a server, if one is named; else they lie in their folders."""
    if not SERVER:
        yield None
        return
    databases = Databases(SERVER)
    with pytest.MonkeyPatch.context() as patch:
        instead_of_files(databases, patch)
        yield databases
    databases.close()


@pytest.fixture(autouse=True)
def _drop_databases(databases: Databases | None) -> Iterator[None]:
    before = databases.count() if databases else 0
    yield
    if databases:
        databases.drop(before)


@pytest.fixture
def new_database(databases: Databases | None, tmp_path: Path) -> str:
    """The address of a database without a table."""
    return databases.address(databases.new()) if databases else f"sqlite:///{tmp_path}/c.db"


@pytest.fixture(scope="session")
def vocabularies() -> Vocabularies:
    """The vocabularies of the project."""
    return Vocabularies.read(ROOT / "vocabularies")


@pytest.fixture(scope="session")
def profile(vocabularies: Vocabularies) -> Profile:
    """The profile of the project."""
    return Profile.read(ROOT / "schemas", "outcome-ap", vocabularies)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder of an empty catalogue: migrated, every view begun."""
    folder = tmp_path_factory.mktemp("blank")
    catalogue = Catalogue(Settings(public_address=ADDRESS, instance=str(folder)))
    catalogue.database.migrate()
    catalogue.catch_up()
    catalogue.close()
    return folder


@pytest.fixture
def new_catalogue(tmp_path: Path, blank: Path) -> Iterator[Callable[..., Catalogue]]:
    """Makes empty catalogues, each with its own instance folder, or opens one again."""
    opened: list[Catalogue] = []

    def make(name: str = "instance", **changed: object) -> Catalogue:
        values = {"public_address": ADDRESS, "instance": str(tmp_path / name), **changed}
        if not Path(str(values["instance"])).exists() and "database" not in changed:
            # A copy is what migrating and following from nothing would come to.
            left = shutil.ignore_patterns("locks", "secret_key")
            shutil.copytree(blank, str(values["instance"]), ignore=left)
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


@pytest.fixture
def catalogue_app(new_catalogue: Callable[..., Catalogue]) -> Flask:
    """The web application over an empty catalogue, to change at will; mails stay in memory."""
    from catalogue.app import create_app

    return create_app(catalogue=new_catalogue(mail="memory"))


def browser_of(app: Flask) -> FlaskClient:
    """A client that says where its requests come from, as browsers do."""
    client = app.test_client()
    client.environ_base["HTTP_ORIGIN"] = app.extensions["catalogue"].settings.public_address[:-1]
    return client


def signed_in(
    app: Flask,
    email: str,
    role: str = "",
    organisations: Mapping[str, str] | None = None,
    name: str = "",
) -> FlaskClient:
    """A client in which somebody is signed in; who and what is missing is made.

    ``organisations`` gives the role in each, by key.  The person has no password.
    """
    catalogue: Catalogue = app.extensions["catalogue"]
    now = datetime.now(UTC)
    with catalogue.database.write() as session:
        user = catalogue.accounts.by_email(session, email)
        if user is None:
            name = name or email.partition("@")[0].title()
            user = User(
                email=email, email_folded=email.casefold(), name=name, stamp="", created=now
            )
            session.add(user)
        user.confirmed, user.role = user.confirmed or now, role
        session.flush()
        for key, part in (organisations or {}).items():
            found = session.scalar(select(Organisation).where(Organisation.key == key))
            if found is None:
                found = Organisation(key=key, name=key.title(), created=now)
                session.add(found)
                session.flush()
            session.merge(Membership(user_id=user.id, organisation_id=found.id, role=part))
        secret = catalogue.accounts.sessions.begin(session, user, "test")
    client = browser_of(app)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = secret
    return client


@pytest.fixture(scope="session")
def sign_in() -> Callable[..., FlaskClient]:
    """``sign_in(app, "nurse@example.org", organisations={"ghent": "editor"})``: a client."""
    return signed_in


@pytest.fixture(scope="session")
def live(catalogue: Catalogue) -> Iterator[str]:
    """The address of a server that runs over the demonstration records."""
    with served(catalogue.settings, free_port()) as address:
        yield address


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(settings: Settings, port: int, log: Path | None = None) -> Iterator[str]:
    """A server of its own process with some settings; what it says goes into ``log``, if given."""
    address = f"http://127.0.0.1:{port}/"
    values = {**dataclasses.asdict(settings), "database": settings.database_address}
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
        stderr=log.open("wb") if log else None,
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
