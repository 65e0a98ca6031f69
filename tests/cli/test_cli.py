"""The command line, run as an operator runs it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from factories import agent, dataset, plant
from flask import Flask
from sqlalchemy import select, update

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.records.models import Record


@pytest.fixture
def shop(tmp_path):
    """An application over an empty catalogue with a few seeds of its own."""
    seeds = tmp_path / "seed_data"
    for kind, key, document in (
        ("agent", "ghent", agent()),
        ("dataset", "hf", dataset()),
        ("dataset", "af", dataset(title={"en": "Atrial fibrillation cohort"})),
    ):
        (seeds / kind).mkdir(parents=True, exist_ok=True)
        (seeds / kind / f"{key}.json").write_text(json.dumps(document))
    app = create_app(
        Settings(
            public_address="https://c.example/",
            instance=str(tmp_path / "instance"),
            seed_data=str(seeds),
        )
    )
    yield app
    app.extensions["catalogue"].close()


def run(app: Flask, *arguments: str):
    return app.test_cli_runner().invoke(args=["catalogue", *arguments])


def test_init_seed_check_and_doctor_make_a_catalogue_that_is_well(shop):
    assert run(shop, "init").exit_code == 0
    assert "3 records loaded" in run(shop, "seed").output
    assert "There are records already" in run(shop, "seed", "--if-empty").output
    checked = run(shop, "check")
    assert (checked.exit_code, "No violations." in checked.output) == (0, True)
    told = run(shop, "doctor")
    assert told.exit_code == 0
    assert "up to date" in told.output
    assert "2 dataset published" in told.output


def test_init_again_keeps_what_is_there(shop):
    run(shop, "init")
    run(shop, "seed")
    key = shop.extensions["catalogue"].settings.signing_key()
    run(shop, "init")
    catalogue = shop.extensions["catalogue"]
    assert catalogue.settings.signing_key() == key
    with catalogue.database.read() as session:
        assert len(session.scalars(select(Record)).all()) == 3


def test_the_secret_key_is_made_and_only_its_owner_can_read_it(shop):
    settings = shop.extensions["catalogue"].settings
    file = settings.instance_folder / "secret_key"
    assert file.stat().st_mode & 0o077 == 0
    assert len(file.read_text()) >= 40
    file.chmod(0o644)
    run(shop, "init")
    told = run(shop, "doctor")
    assert (told.exit_code, "readable by others" in told.output) == (1, True)


def test_check_names_the_record_that_breaks_the_rules(shop):
    run(shop, "init")
    run(shop, "seed")
    catalogue = shop.extensions["catalogue"]
    with catalogue.database.write() as session:
        broken = catalogue.profile["Dataset"].identify(dataset(description=None))
        session.execute(update(Record).where(Record.key == "hf").values(document=broken))
    told = run(shop, "check")
    assert told.exit_code == 1
    assert "id/dataset/hf: description: Description: this is needed" in told.output
    assert "id/dataset/af" not in told.output


def test_a_seed_that_breaks_the_rules_is_named_with_its_file(shop):
    run(shop, "init")
    folder = Path(shop.extensions["catalogue"].settings.seed_data)
    (folder / "dataset/zz.json").write_text(json.dumps(dataset(title=None)))
    told = run(shop, "seed")
    assert told.exit_code == 1
    assert "zz.json" in told.output
    assert "this is needed" in told.output


def test_follow_and_rebuild_bring_the_views_up_to_date(shop):
    run(shop, "init")
    catalogue = shop.extensions["catalogue"]
    with catalogue.database.write() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="t")
    assert "changes behind" in run(shop, "doctor").output
    assert run(shop, "follow").exit_code == 0
    assert run(shop, "doctor").exit_code == 0
    assert run(shop, "rebuild").exit_code == 0
    assert run(shop, "rebuild", "search").exit_code == 0
    told = run(shop, "rebuild", "everything")
    assert told.exit_code == 2
    assert "the views are facets, rdf, search" in told.output


def test_what_is_exported_can_be_imported_elsewhere(shop, tmp_path, new_catalogue):
    run(shop, "init")
    run(shop, "seed")
    for suffix in ("ttl", "jsonld", "rdf", "nt", "nt.gz"):
        file = tmp_path / f"all.{suffix}"
        assert run(shop, "export", "--format", suffix, "--output", str(file)).exit_code == 0
        content = file.read_bytes()
        assert b"Atrial fibrillation" in (
            gzip.decompress(content) if suffix == "nt.gz" else content
        )
    other = create_app(
        Settings(public_address="https://other.example/", instance=str(tmp_path / "other"))
    )
    run(other, "init")
    told = run(other, "import", str(tmp_path / "all.ttl"))
    assert told.exit_code == 0, told.output
    catalogue = other.extensions["catalogue"]
    with catalogue.database.read() as session:
        found = session.scalar(
            select(Record).where(Record.iri == "https://c.example/id/dataset/af")
        )
        assert found.title == "Atrial fibrillation cohort"
    # again: nothing changes
    assert run(other, "import", str(tmp_path / "all.ttl")).exit_code == 0
    with catalogue.database.read() as session:
        assert session.get(Record, found.id).revision == 1
    catalogue.close()


def test_a_file_that_cannot_be_imported_is_named_and_leaves_nothing(shop, tmp_path):
    run(shop, "init")
    run(shop, "seed")
    bad = tmp_path / "bad.ttl"
    bad.write_text("<a> <b> .")
    nothing = tmp_path / "nothing.ttl"
    nothing.write_text("<https://a.example/> a <https://a.example/Thing> .")
    half = tmp_path / "half.ttl"
    half.write_text(
        "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
        "@prefix dct: <http://purl.org/dc/terms/> .\n"
        '<https://a.example/agent> a foaf:Agent ; foaf:name "Half"@en .\n'
        '<https://a.example/d> a dcat:Dataset ; dct:title "Half"@en .'
    )
    told = run(shop, "import", str(bad), str(nothing), str(half))
    assert told.exit_code == 1
    assert "not valid Turtle in line 1" in told.output
    assert "No record was found" in told.output
    with shop.extensions["catalogue"].database.read() as session:
        assert session.scalar(select(Record).where(Record.title == "Half")) is None
    assert run(shop, "import", "--draft", str(half)).exit_code == 0


def test_a_faulty_table_stops_the_start_with_file_and_line(tmp_path):
    from catalogue.errors import FaultyTable

    (tmp_path / "prefixes.csv").write_text("prefix,namespace\n")
    with pytest.raises(FaultyTable, match="there is no such profile"):
        create_app(Settings(instance=str(tmp_path / "i"), schemas=str(tmp_path)))


def test_plant_is_what_the_other_tests_rely_on(empty):
    assert len(plant(empty, dataset(), dataset())) == 2


def test_a_load_of_demonstration_records_that_was_cut_off_goes_on(shop):
    run(shop, "init")
    catalogue = shop.extensions["catalogue"]
    with catalogue.changing() as session:  # as if the first batch had been the only one
        catalogue.records.put(session, "agent", agent(), key="ghent", author="demonstration")
    assert "3 records loaded" in run(shop, "seed", "--if-empty").output
    assert "nothing was loaded" in run(shop, "seed", "--if-empty").output
