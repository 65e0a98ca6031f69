"""Fingerprints on pages: look at a file, keep, release, confirm values; the dataset and the network."""

from __future__ import annotations

import csv
import io
import re
import shutil
from datetime import UTC, datetime

import pytest
from conftest import ADDRESS, signed_in
from exports import FEMALE, MALE, export, rows, table, written
from factories import agent, dataset
from sqlalchemy import inspect, text

from catalogue.accounts.models import Organisation
from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.outcomes.fingerprint.models import Kept, Share, Sum
from catalogue.outcomes.fingerprint.network import network

PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """The folder of a catalogue with four datasets of one hospital, to be copied."""
    folder = tmp_path_factory.mktemp("settled")
    catalogue = Catalogue(Settings(public_address=ADDRESS, instance=str(folder)))
    catalogue.database.migrate()
    with catalogue.changing() as session:
        session.add(Organisation(key="ghent", name="Ghent", created=datetime.now(UTC)))
        session.flush()
        catalogue.records.put(session, "agent", agent(), key="ghent", author="seed")
        for number in range(1, 5):
            title = {"en": f"Registry {number}"}
            record = catalogue.records.put(
                session, "dataset", dataset(title=title), key=f"r{number}", author="seed"
            )
            record.organisation = 1
    catalogue.close()
    return folder


@pytest.fixture
def app(settled, new_catalogue, tmp_path):
    shutil.copytree(settled, tmp_path / "copied")
    app = create_app(catalogue=new_catalogue("copied", mail="memory"))
    app.testing = False
    return app


@pytest.fixture(scope="module")
def refusing(settled, tmp_path_factory):
    """Somebody whose every file is refused, so that all of them may share one catalogue."""
    folder = str(shutil.copytree(settled, tmp_path_factory.mktemp("refusing") / "copied"))
    catalogue = Catalogue(Settings(public_address=ADDRESS, instance=folder, mail="memory"))
    app = create_app(catalogue=catalogue)
    app.testing = False
    yield signed_in(app, "nora@example.org", organisations={"ghent": "manager"})
    catalogue.close()


@pytest.fixture
def catalogue(app):
    return app.extensions["catalogue"]


@pytest.fixture
def nora(app):
    return signed_in(app, "nora@example.org", organisations={"ghent": "manager"})


@pytest.fixture
def anybody(app):
    return app.test_client()


def here(number: int) -> str:
    return f"/workspace/dataset/r{number}/fingerprint"


def look(client, number: int, content: bytes):
    file = (io.BytesIO(content), "catalogue_results.csv")
    return client.post(here(number), data={"file": file}, content_type="multipart/form-data")


def keep(client, number: int, content: bytes):
    page = look(client, number, content)
    assert page.status_code == 200, page.text
    token = re.search(r'name="fingerprint" value="([^"]+)"', page.text)[1]
    return client.post(f"{here(number)}/keep", data={"fingerprint": token})


def release(client, number: int, content: bytes):
    assert keep(client, number, content).status_code == 303
    return client.post(f"{here(number)}/release")


def test_a_file_is_looked_at_kept_and_released(catalogue, nora, anybody):
    assert "Upload an export" in nora.get(here(1)).text
    page = look(nora, 1, export(4_321))
    assert "Nothing is kept yet" in page.text
    assert "analyses 2004" in page.text
    with catalogue.database.read() as session:
        assert session.query(Kept).count() == 0
    assert keep(nora, 1, export(4_321)).status_code == 303
    assert 'id="fingerprint"' not in anybody.get("/datasets/r1", headers=PAGE).text
    assert anybody.get("/datasets/r1/fingerprint.csv").status_code == 404
    assert "Only those who look after the dataset see it" in nora.get(here(1)).text
    assert nora.post(f"{here(1)}/release").status_code == 303
    shown = anybody.get("/datasets/r1", headers=PAGE).text
    assert 'id="fingerprint"' in shown
    assert "4,400" in shown
    assert "Essential hypertension" in shown
    assert "OMOP CDM 5.4" in shown
    assert "4,321" not in shown
    nora.post(f"{here(1)}/take-back")
    assert 'id="fingerprint"' not in anybody.get("/datasets/r1", headers=PAGE).text
    assert "Taken back" in nora.get(here(1)).text


def test_no_exact_number_reaches_the_database(catalogue, nora):
    release(nora, 1, export(4_321))
    with catalogue.database.engine.connect() as connection:
        said = "\n".join(
            str(row)
            for table in inspect(connection).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        )
    assert "Essential hypertension" in said
    exact = {
        str(row[6]) for row in rows(4_321) if row[0] in (1, 2, 400, 401, 700) and row[6] > 2100
    }
    assert not [one for one in exact if re.search(rf"\b{one}\b", said)]
    assert "Hospital of Nowhere" not in said


def test_the_numbers_can_be_kept_as_a_table(nora, anybody):
    release(nora, 1, export(4_321))
    answer = anybody.get("/datasets/r1/fingerprint.csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert lines[0] == {
        **{"part": "people", "key": "all", "name": "", "persons": "4400"},
        **{"records": "", "databases": ""},
    }
    assert {one["persons"] for one in lines if one["part"] == "age"} >= {"fewer than 10", "600"}
    assert not any("fewer" in one["persons"] for one in lines if one["part"] == "sex")
    assert any(one["key"] == "condition 320128" for one in lines)


def test_who_may_not_edit_may_not_upload_and_contributors_may_not_release(app, catalogue, nora):
    stranger = signed_in(app, "sam@example.org", organisations={"elsewhere": "manager"})
    assert stranger.get(here(1)).status_code == 404
    assert look(stranger, 1, export(500)).status_code == 404
    reader = signed_in(app, "ruth@example.org", organisations={"ghent": "reader"})
    assert reader.get(here(1)).status_code == 200
    assert look(reader, 1, export(500)).status_code == 403
    carl = signed_in(app, "carl@example.org", organisations={"ghent": "contributor"})
    assert keep(carl, 1, export(500)).status_code == 303
    assert carl.post("/workspace/agent/ghent/fingerprint/release").status_code == 404
    refused = carl.post(f"{here(1)}/release")
    assert refused.status_code == 403
    assert "Editors and managers" in refused.text
    with catalogue.database.read() as session:
        assert not session.get(Kept, 2).shown
    assert nora.post(f"{here(1)}/release").status_code == 303


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"", 400, "The file is empty"),
        (b"PK\x03\x04" + b"x" * 50, 400, "workbook or a zip file"),
        (b"analysis_id,count\n1,\x00\x00", 400, "binary data"),
        (b"name,age\nAda Lovelace,36\n", 400, "it lacks analysis_id, stratum_1, count_value"),
        (written([[2004, *[""] * 5, 17, *[""] * 10]]), 400, "None of its rows belongs"),
        (written([[1, *[""] * 5, "4711x", *[""] * 10]]), 422, "Row 2: count_value is not a whole"),
        (written([[1, *[""] * 5, -3, *[""] * 10]]), 422, "Row 2: count_value is not a whole"),
        (written([["one", *[""] * 5, 5, *[""] * 10]]), 422, "Row 2: analysis_id is not a whole"),
        (table({(MALE, 40): 500}, [102, MALE, 40, "", "", "", 7]), 422, "Row 3: says the same as"),
        (
            table({(MALE, 40): 500}, [109, "soon", "", "", "", "", 70]),
            422,
            "stratum_1 is not a year",
        ),
        (table({(MALE, 40): 50}), 422, "100 people or more"),
        (written([[109, 2020, *[""] * 4, 500, *[""] * 10]]), 422, "how many people there are"),
        (b'analysis_id,stratum_1,count_value\n1,"open,5\n', 400, "not proper CSV"),
        (b"analysis_id,stratum_1,count_value\n" + b"9" * 16_000_100, 413, "larger than 16 MB"),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else None,
)
def test_a_faulty_file_has_a_clear_answer_that_repeats_nothing_of_it(
    refusing, content, status, said
):
    answer = look(refusing, 1, content)
    assert answer.status_code == status
    assert said in answer.text
    for secret in ("4711x", "Lovelace", "soon"):
        assert secret not in answer.text


def test_without_a_file_the_way_out_is_told(refusing):
    nora = refusing
    answer = nora.post(here(1), data={}, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "Choose the CSV file" in answer.text
    answer = nora.post(f"{here(1)}/keep", data={"fingerprint": "made-up"})
    assert answer.status_code == 400
    assert nora.get("/workspace/agent/ghent/fingerprint").status_code == 404


def test_what_was_looked_at_for_one_dataset_is_not_kept_for_another(refusing):
    nora = refusing
    token = re.search(r'name="fingerprint" value="([^"]+)"', look(nora, 1, export(500)).text)[1]
    assert nora.post(f"{here(2)}/keep", data={"fingerprint": token}).status_code == 400


def test_a_draft_is_held_against_the_release_that_stands(nora):
    page = look(nora, 1, export(2_000))
    token = re.search(r'name="fingerprint" value="([^"]+)"', page.text)[1]
    release(nora, 1, export(3_000))
    late = nora.post(f"{here(1)}/keep", data={"fingerprint": token})
    assert late.status_code == 409
    assert "Upload the file again" in late.text


def test_a_release_that_was_taken_back_still_keeps_the_next_from_telling(catalogue, nora):
    cells = {(MALE, 40): 1_195, (FEMALE, 40): 800}
    release(nora, 1, table(cells))
    nora.post(f"{here(1)}/take-back")
    release(nora, 1, table({**cells, (MALE, 40): 1_201}))
    with catalogue.database.read() as session:
        ages = session.get(Kept, 2).released["ages"]
    assert {"from": 40, "to": 49, "sex": "male", "persons": 1200} in ages


# the description -------------------------------------------------------------------------


def test_values_are_suggested_and_each_is_confirmed(catalogue, nora):
    keep(nora, 1, export(4_321))
    page = nora.get(here(1)).text
    assert "Values for the description" in page
    etag = re.search(r'name="etag" value="(\w+)"', page)[1]
    fields = re.findall(r'name="field" value="(\w+)"', page)
    assert {
        *("number_of_unique_individuals", "min_typical_age", "max_typical_age", "temporal"),
        *("omop_status", "omop_cdm_version", "omop_vocabulary_version", "omop_release_date"),
        *("omop_mapping_coverage", "conforms_to", "follow_up_median_years"),
    } <= set(fields)
    chosen = [one for one in fields if one != "number_of_unique_individuals"]
    answer = nora.post(f"{here(1)}/take-over", data={"etag": etag, "field": chosen})
    assert answer.status_code == 303
    with catalogue.database.read() as session:
        record = catalogue.records.get(session, "dataset", "r1")
        said = record.draft
    assert said["number_of_unique_individuals"] == 12000  # nobody confirmed that
    assert said["omop_cdm_version"] == "5.4"
    assert said["omop_release_date"] == "2024-02-10"
    assert said["temporal"][0]["start_date"] == "2008"
    left = re.findall(r'name="field" value="(\w+)"', nora.get(here(1)).text)
    assert left == ["number_of_unique_individuals"]
    nothing = nora.post(f"{here(1)}/take-over", data={"etag": record.etag})
    assert nothing.status_code == 422
    assert "Tick the values" in nothing.text


def test_confirmed_values_are_published_as_quality_of_the_mapping(catalogue, nora, anybody):
    keep(nora, 1, export(4_321))
    page = nora.get(here(1)).text
    etag = re.search(r'name="etag" value="(\w+)"', page)[1]
    fields = re.findall(r'name="field" value="(\w+)"', page)
    nora.post(f"{here(1)}/take-over", data={"etag": etag, "field": fields})
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", "r1")
        catalogue.records.publish(session, record, author="seed")
    turtle = anybody.get("/datasets/r1.ttl").text
    assert "dct:conformsTo" in turtle
    assert 'outcome:omopCdmVersion "5.4"' in turtle
    assert "outcome:omopVocabularyVersion" in turtle
    assert "outcome:omopMappingCoverage" in turtle


# the network -----------------------------------------------------------------------------


def test_the_network_is_empty_at_first_and_says_what_to_do(anybody, nora):
    page = anybody.get("/network").text
    assert "No database has a fingerprint yet" in page
    release(nora, 1, export(4_000))
    release(nora, 2, export(5_000, 2))
    page = anybody.get("/network").text
    assert "2 databases have a fingerprint so far" in page
    assert "4,000" not in page
    assert anybody.get("/network.csv").text.splitlines() == [
        "part,key,name,persons,records,databases"
    ]


def test_the_network_sums_three_and_what_is_withdrawn_is_gone_at_once(catalogue, nora, anybody):
    for number, people in ((1, 4_000), (2, 5_000), (3, 6_000)):
        release(nora, number, export(people, number))
    page = anybody.get("/network").text
    assert "15,0" in page
    assert "Essential hypertension" in page
    assert "One person may be in several databases" in page
    lines = list(csv.DictReader(io.StringIO(anybody.get("/network.csv").text)))
    assert {one["databases"] for one in lines if one["persons"] not in ("", "not told")} == {
        "",
        "3",
    }
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", "r2")
        catalogue.records.withdraw(session, record, author="seed")
    assert "2 databases have" in anybody.get("/network").text
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", "r2")
        catalogue.records.restore(session, record, author="seed")
    assert "15,0" in anybody.get("/network").text
    nora.post(f"{here(3)}/take-back")
    assert "2 databases have" in anybody.get("/network").text


def test_a_number_of_fewer_than_three_databases_is_not_in_the_sums(catalogue, nora):
    both = {(MALE, 40): 900, (FEMALE, 40): 800}
    release(nora, 1, table(both, [109, 2020, "", "", "", "", 500], [400, 77, "", "", "", "", 90]))
    release(nora, 2, table(both, [109, 2020, "", "", "", "", 500], [400, 77, "", "", "", "", 90]))
    release(nora, 3, table({(MALE, 40): 900, (FEMALE, 40): 4}))
    with catalogue.database.read() as session:
        found = network(session).fingerprint
    assert found["persons"] == 1700 + 1700 + 900
    assert {one["sex"]: one["persons"] for one in found["sexes"]} == {"female": None, "male": 2700}
    assert found["years"] == []
    assert found["domains"] == []
    assert found["concepts"] == []


def test_the_sums_are_those_of_a_count_from_nothing(catalogue, nora):
    for number, people in ((1, 4_000), (2, 5_000), (3, 6_000), (4, 300)):
        release(nora, number, export(people, number))
    release(nora, 1, export(9_000, 7))
    nora.post(f"{here(2)}/take-back")
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", "r4")
        catalogue.records.withdraw(session, record, author="seed")

    def sums():
        with catalogue.database.read() as session:
            return sorted(
                (one.part, one.key, one.number, one.databases) for one in session.query(Sum)
            )

    before = sums()
    assert before
    catalogue.follow.rebuild(catalogue.followers["network"])
    assert sums() == before


def test_a_dataset_that_hides_its_size_has_no_fingerprint_either(catalogue, nora, anybody):
    release(nora, 1, export(4_000))
    audience = catalogue.vocabularies["audience"].by_code["members"].iri
    with catalogue.changing() as session:
        hidden = [{"field": "number_of_unique_individuals", "audience": audience}]
        catalogue.records.put(
            session,
            "dataset",
            dataset(title={"en": "Registry 1"}, restricted=hidden, number_of_unique_individuals=9),
            key="r1",
            author="seed",
        )
    assert 'id="fingerprint"' not in anybody.get("/datasets/r1", headers=PAGE).text
    with catalogue.database.read() as session:
        assert session.query(Share).count() == 0


def test_what_is_forgotten_of_a_record_is_its_fingerprint_too(catalogue, nora):
    release(nora, 1, export(4_000))
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", "r1")
        catalogue.records.erase(session, record, author="seed")
    with catalogue.database.read() as session:
        assert session.query(Kept).count() == 0


def test_a_name_of_a_concept_is_data_and_never_markup(nora, anybody):
    lines = [[1, *[""] * 5, 5000, *[""] * 10]]
    lines.append([400, 7, *[""] * 4, 900, *[""] * 9, "=cmd|<script>alert(1)</script>"])
    release(nora, 1, written(lines))
    assert "<script>alert" not in anybody.get("/datasets/r1", headers=PAGE).text
    assert "'=cmd|" in anybody.get("/datasets/r1/fingerprint.csv").text
