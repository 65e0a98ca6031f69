"""A catalogue with people of every role, each with a token."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import ADDRESS
from factories import agent

from catalogue.accounts.models import Membership, Organisation, User
from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue

#: Who there is: name, role over all, organisation and role there.
PEOPLE = {
    "reader": ("", "ghent", "reader"),
    "contributor": ("", "ghent", "contributor"),
    "editor": ("", "ghent", "editor"),
    "manager": ("", "ghent", "manager"),
    "stranger": ("", "elsewhere", "manager"),
    "reviewer": ("reviewer", "", ""),
    "administrator": ("administrator", "", ""),
}
API = "/api/v1"


class Person:
    """Somebody who calls the interface with a token."""

    def __init__(self, client: Any, token: str, number: int) -> None:
        self.client, self.token, self.number = client, token, number

    def __call__(
        self, method: str, address: str, sent: Any = None, etag: str = "", **headers: str
    ) -> Any:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if etag:
            headers["If-Match"] = etag if etag == "*" else f'"{etag}"'
        more: dict[str, Any] = {}
        if sent is not None:
            more = {"data": sent if isinstance(sent, bytes) else json.dumps(sent)}
            headers.setdefault("Content-Type", "application/json")
        address = address if address.startswith("http") else API + address
        return self.client.open(address, method=method, headers=headers, **more)

    def get(self, address: str, status: int = 200) -> Any:
        response = self("GET", address)
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_json()

    def post(self, address: str, sent: Any = None, status: int = 200, **more: str) -> Any:
        response = self("POST", address, sent, **more)
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_json()


def settle(catalogue: Any) -> dict[str, tuple[int, str]]:
    """Put organisations and people into a catalogue; returns numbers and tokens by name."""
    now, made = datetime.now(UTC), {}
    with catalogue.changing() as session:
        for number, key in enumerate(("ghent", "elsewhere"), start=1):
            session.add(
                Organisation(
                    id=number, key=key, name=key.title(), agent=f"id/agent/{key}", created=now
                )
            )
        session.flush()
        catalogue.records.put(session, "agent", agent(), key="ghent", author="seed")
        organisations = {"ghent": 1, "elsewhere": 2}
        for name, (role, organisation, member) in PEOPLE.items():
            email = f"{name}@hospital.example"
            user = User(
                email=email,
                email_folded=email,
                name=name.title(),
                role=role,
                stamp="x",
                created=now,
                confirmed=now,
            )
            session.add(user)
            session.flush()
            if organisation:
                session.add(
                    Membership(
                        user_id=user.id, organisation_id=organisations[organisation], role=member
                    )
                )
            _, token = catalogue.accounts.tokens.make(session, user, "tests")
            made[name] = (user.id, token)
            if name in ("editor", "administrator"):
                _, token = catalogue.accounts.tokens.make(session, user, "reads", reads_only=True)
                made[f"reading_{name}"] = (user.id, token)
    return made


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[int, str]]]:
    """The folder of a catalogue with everybody in it, to be copied, and who they are."""
    folder = tmp_path_factory.mktemp("settled")
    catalogue = Catalogue(Settings(public_address=ADDRESS, instance=str(folder)))
    catalogue.database.migrate()
    people = settle(catalogue)
    catalogue.close()
    return folder, people


@pytest.fixture
def town(
    settled: tuple[Path, dict[str, tuple[int, str]]],
    new_catalogue: Callable[..., Catalogue],
    tmp_path: Path,
) -> Any:
    """A catalogue with an application, and everybody as a caller: ``town.editor("GET", …)``."""
    folder, people = settled
    shutil.copytree(folder, tmp_path / "town")
    catalogue = new_catalogue("town", rate_limits="off")
    app = create_app(catalogue=catalogue)
    app.testing = False
    callers = {
        name: Person(app.test_client(), token, number) for name, (number, token) in people.items()
    }
    anybody = Person(app.test_client(), "", 0)
    return SimpleNamespace(catalogue=catalogue, app=app, anybody=anybody, **callers)
