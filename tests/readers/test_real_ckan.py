"""ckanext-dcat itself, as released, harvests the demonstration catalogue from a real server.

``make readers`` makes ``.venv-readers`` and runs this; ``real_ckan.py`` says what of CKAN runs.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, free_port, served
from sqlalchemy import select

from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.profile import Names
from catalogue.records.models import PUBLISHED, Record
from catalogue.seed import seed

PYTHON = ROOT / ".venv-readers/bin/python"
pytestmark = [
    pytest.mark.readers,
    pytest.mark.skipif(not PYTHON.exists(), reason="make readers installs ckanext-dcat"),
]
FEEDS = {
    "catalogue.ttl": "",
    "catalogue.rdf": "",
    "catalogue.jsonld": "",
    "catalogue.nt": "",
    "catalogue": "",
    "catalogues/ehden/feed.ttl": "id/catalogue/ehden",
    "organisations/erasmus-mc/feed.rdf": "id/agent/erasmus-mc",
}


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalogue, dict]]:
    """The demonstration catalogue, and what CKAN made of each feed of it."""
    folder, port = tmp_path_factory.mktemp("harvested"), free_port()
    address = f"http://127.0.0.1:{port}/"
    settings = Settings(public_address=address, instance=str(folder), feed_page_size=30)
    catalogue = Catalogue(settings)
    catalogue.database.migrate()
    seed(catalogue, ROOT / "seed_data")
    catalogue.catch_up()
    with served(settings, port):
        script = Path(__file__).with_name("real_ckan.py")
        # -P: the modules beside the script are called like those it wants.
        run = subprocess.run(
            [PYTHON, "-P", script, *(address + feed for feed in FEEDS)],
            capture_output=True,
            text=True,
            cwd=folder,
            timeout=600,
        )
    assert run.returncode == 0, run.stderr[-3000:]
    found = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    yield catalogue, {one["address"].removeprefix(address): one for one in found}
    catalogue.close()


def datasets(catalogue: Catalogue, scope: str) -> dict[str, Record]:
    """The published datasets of a scope by IRI."""
    base = catalogue.settings.public_address
    with catalogue.database.read() as session:
        records = session.scalars(
            select(Record).where(Record.kind == "dataset", Record.state == PUBLISHED)
        ).all()
    return {
        base + record.iri: record
        for record in records
        if not scope
        or scope in json.dumps([record.document.get(n) for n in ("listed_in", "publisher")])
    }


@pytest.mark.parametrize("feed", FEEDS)
def test_ckan_takes_every_dataset_over_exactly_once(harvested, feed):
    catalogue, found = harvested
    one = found[feed]
    assert one["errors"] == []
    guids = [package["guid"] for package in one["packages"]]
    assert len(guids) == len(set(guids))
    assert set(guids) == datasets(catalogue, FEEDS[feed]).keys()
    assert one["deleted"] == ["gone"], "and forgets what is not listed any more, nothing else"


def extras(package: dict[str, Any]) -> dict[str, Any]:
    return {extra["key"]: extra["value"] for extra in package["extras"]}


def listed(value: str | None) -> set[str]:
    return set(json.loads(value)) if value else set()


def test_what_a_dataset_says_arrives_in_ckan(harvested):
    catalogue, found = harvested
    records = datasets(catalogue, "")
    names = Names(catalogue.settings.public_address)
    with catalogue.database.read() as session:
        agents = {
            one.iri: one.document["name"]
            for one in session.scalars(select(Record).where(Record.kind == "agent"))
        }
    packages = found["catalogue.ttl"]["packages"]
    assert len(packages) == len(records) > 100
    for package in packages:
        document, said = records[package["guid"]].document, extras(package)
        assert package["title"] in document["title"].values()
        assert package["notes"] in document["description"].values()
        assert said["uri"] == package["guid"]
        assert said["identifier"] in document["identifier"]
        assert said["access_rights"] == document["access_rights"]
        assert listed(said["theme"]) == set(document["theme"])
        assert {tag["name"] for tag in package["tags"]} == {
            word for words in document["keyword"].values() for word in words
        }
        if publisher := document.get("publisher"):
            assert said["publisher_uri"] == names.absolute(publisher)
            assert said["publisher_name"] in agents[publisher].values()
        contacts = document["contact_point"]
        if any("email" in contact for contact in contacts):
            assert said["contact_email"] in {contact.get("email") for contact in contacts}
        parts = document.get("distribution", [])
        resources = {resource["uri"]: resource for resource in package["resources"]}
        assert resources.keys() == {package["guid"] + part["id"] for part in parts}
        for part in parts:
            resource = resources[package["guid"] + part["id"]]
            access = {names.absolute(one) for one in part["access_url"]}
            assert resource["access_url"] in access
            assert resource["url"] in {*access, *part.get("download_url", [])}
            if "licence" in part:
                assert resource["license"]


def test_every_format_gives_ckan_the_same_packages(harvested):
    """But for the order of what has none, and for which language it happens to take."""
    _, found = harvested

    def plain(feed: str) -> dict[str, object]:
        return {
            package["guid"]: (
                sorted(resource["uri"] for resource in package["resources"]),
                sorted(tag["name"] for tag in package["tags"]),
                sorted(
                    (key, sorted(json.loads(value)) if value.startswith("[") else value)
                    for key, value in extras(package).items()
                ),
            )
            for package in found[feed]["packages"]
        }

    turtle = plain("catalogue.ttl")
    assert len(turtle) > 100
    for feed in ("catalogue.rdf", "catalogue.jsonld", "catalogue.nt", "catalogue"):
        assert plain(feed) == turtle
