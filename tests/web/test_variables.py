"""Variables on pages: their tab, those below a dataset, a dataset's own, and the workspace."""

from __future__ import annotations

import io
import json
import re

import pytest
from conftest import signed_in
from factories import OWN, dataset, plant
from flask import Flask
from flask.testing import FlaskClient

from catalogue.accounts.viewer import ANYBODY
from catalogue.errors import Conflict
from catalogue.instance import Catalogue
from catalogue.web.limits import LIMITS

TABLE = """\
table,name,label,type,unit
Base,psa_diag,PSA at diagnosis,decimal,ng/ml
PROMs,epic26_q1,EPIC-26 item 1,integer,
PROMs,epic26_q2,EPIC-26 item 2,integer,
"""


def with_variables(title: str, number: int) -> dict:
    columns = [
        {
            "column_name": f"bp_{n}",
            "column_title": {"en": f"Blood pressure {n}"},
            "description": {"en": f"Systolic pressure of visit {n} <b>"},
            "datatype": "decimal",
            "unit": "mmHg",
        }
        for n in range(1, number + 1)
    ]
    tables = [{"title": {"en": "Visits"}, "column": columns}]
    return dataset(
        title={"en": title},
        description={"en": "People whose blood pressure is followed."},
        structured_data=True,
        variables=[{"title": {"en": "Dictionary"}, "table": tables}],
    )


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application over two datasets with dictionaries; to be read, not changed."""
    from catalogue.app import create_app
    from catalogue.config import Settings

    folder = tmp_path_factory.mktemp("variables")
    catalogue = Catalogue(Settings(public_address="https://c.example.org/", instance=str(folder)))
    catalogue.database.migrate()
    plant(catalogue, with_variables("Ghent cohort", 120), with_variables("Small cohort", 2))
    return create_app(catalogue=catalogue)


@pytest.fixture
def reader(two: Flask) -> FlaskClient:
    return two.test_client()


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.text
    return response.text


class TestSearching:
    def test_every_tab_tells_its_count(self, reader: FlaskClient) -> None:
        for path in ("/variables?q=pressure", "/datasets?q=pressure"):
            page = text_of(reader, path)
            tabs = re.search(r'<nav class="tabs kinds".*?</nav>', page, re.S)
            assert tabs
            assert re.findall(r'class="count">([\d,]+)<', tabs[0]) == ["2", "122", "0"]

    def test_a_hit_tells_whose_it_is_its_type_and_unit(self, reader: FlaskClient) -> None:
        page = text_of(reader, '/variables?q="blood pressure 2"&dataset=id/dataset/hf-2')
        assert "<mark>Blood</mark> <mark>pressure</mark> <mark>2</mark>" in page
        assert "Decimal number" in page
        assert "mmHg" in page
        assert '<a href="/datasets/hf-2' in page
        assert "table Visits" in page
        assert "&lt;b&gt;" in page  # a description is text

    def test_a_dataset_shows_three_of_its_variables_that_fit(self, reader: FlaskClient) -> None:
        page = text_of(reader, "/datasets?q=pressure")
        lists = re.findall(r'<ul class="variables-below".*?</ul>', page, re.S)
        assert sorted(one.count("<code>") for one in lists) == [2, 3]
        assert "and 117 more" in page

    def test_without_words_a_dataset_shows_none(self, reader: FlaskClient) -> None:
        assert "variables-below" not in text_of(reader, "/datasets")

    def test_pages_facets_and_order_are_in_the_address(self, reader: FlaskClient) -> None:
        page = text_of(reader, "/variables?datatype=decimal&sort=title&page=2")
        assert "Page 2 of 7" in page
        assert "Data type:" in page

    def test_nothing_found_says_how_to_go_on(self, reader: FlaskClient) -> None:
        page = text_of(reader, "/variables?q=zebra")
        assert "No variable fits" in page
        assert "/datasets?q=zebra" in page

    @pytest.mark.parametrize(
        "query", ["colour=red", "sort=number_of_unique_individuals", "page=0", "year=2001.."]
    )
    def test_what_cannot_be_understood_is_said(self, reader: FlaskClient, query: str) -> None:
        assert "Bad request" in text_of(reader, f"/variables?{query}", 400)


class TestOfOneDataset:
    def test_they_come_in_pages_in_their_order(self, reader: FlaskClient) -> None:
        page = text_of(reader, "/datasets/hf/variables?page=3")
        assert "Page 3 of 3" in page
        assert re.findall(r"<code>(bp_\d+)</code>", page)[0] == "bp_101"

    def test_they_can_be_searched(self, reader: FlaskClient) -> None:
        page = text_of(reader, "/datasets/hf/variables?q=bp_77")
        assert "1 variable for" in page
        assert "Small" not in page

    def test_the_page_of_the_dataset_leads_there(self, reader: FlaskClient) -> None:
        page = text_of(reader, "/datasets/hf")
        assert 'href="/datasets/hf/variables"' in page
        assert 'href="/datasets/hf/variables.csv"' in page

    def test_they_can_be_kept_as_a_table_or_csvw(self, reader: FlaskClient) -> None:
        lines = text_of(reader, "/datasets/hf-2/variables.csv").splitlines()
        assert lines[0] == "Table,Name,Label,Description,Type,Unit,Codes,Concept"
        assert lines[1].startswith("Visits,bp_1,Blood pressure 1,")
        said = json.loads(text_of(reader, "/datasets/hf-2/csv-metadata.json"))
        assert len(said["tables"][0]["tableSchema"]["columns"]) == 2
        assert reader.get("/datasets/hf-2/variables.xlsx").data[:2] == b"PK"

    def test_croissant_has_them_as_fields(self, reader: FlaskClient) -> None:
        said = json.loads(text_of(reader, "/datasets/hf-2.croissant.json"))
        assert [one["name"] for one in said["recordSet"][0]["field"]] == ["bp_1", "bp_2"]

    def test_a_dataset_without_a_dictionary_says_so(self, client: FlaskClient) -> None:
        path = "/datasets/sweden-prostate-base-unknown/variables"
        assert client.get(path).status_code == 404

    def test_the_template_is_there_for_everybody(self, reader: FlaskClient) -> None:
        assert "psa_diag" in text_of(reader, "/variables/template.csv")
        assert reader.get("/variables/template.xlsx").data[:2] == b"PK"


class TestInTheWorkspace:
    @pytest.fixture
    def nurse(self, catalogue_app: Flask) -> FlaskClient:
        return signed_in(catalogue_app, "nurse@ghent.example", organisations={"ghent": "manager"})

    @pytest.fixture
    def key(self, nurse: FlaskClient) -> str:
        sent = {"kind": "dataset", "organisation": "ghent"}
        return nurse.post("/workspace/new", data=sent).location.split("/")[3]

    def sent(self, nurse: FlaskClient, key: str, text: str, name: str = "codebook.csv"):
        file = (io.BytesIO(text.encode()), name)
        path = f"/workspace/dataset/{key}/dictionary"
        return nurse.post(path, data={"file": file}, content_type="multipart/form-data")

    def copy_of(self, app: Flask, key: str) -> dict:
        catalogue: Catalogue = app.extensions["catalogue"]
        with catalogue.database.read() as session:
            return catalogue.records.get(session, "dataset", key).working_copy

    def test_a_file_is_read_shown_confirmed_and_taken_in(
        self, catalogue_app: Flask, nurse: FlaskClient, key: str
    ) -> None:
        assert "No variables yet" in text_of(nurse, f"/workspace/dataset/{key}/dictionary")
        answer = self.sent(nurse, key, TABLE)
        assert answer.status_code == 303
        page = text_of(nurse, answer.location)
        assert "3 variables" in page
        assert "Urinary function, measured with EPIC-26" in page
        assert "epic26_q1, epic26_q2" in page
        assert " checked" not in page.partition('name="way"')[0]  # nothing is ticked for anybody
        assert "variables" not in self.copy_of(catalogue_app, key)  # nor stored

        confirm = ["instrument epic-26 urinary-function", "key_variable prostate-specific-antigen"]
        taken = nurse.post(answer.location, data={"do": "take", "confirm": confirm})
        assert taken.status_code == 303
        document = self.copy_of(catalogue_app, key)
        assert [t["title"]["en"] for t in document["variables"][0]["table"]] == ["Base", "PROMs"]
        assert document["outcome_statement"][0]["instrument"] == [f"{OWN}instrument/epic-26"]
        page = text_of(nurse, f"/workspace/dataset/{key}/dictionary")
        assert '<option value="de">German</option>' in page
        assert "Taken into the working copy, with 2 confirmed" in page
        assert "3 variables" in page
        assert text_of(nurse, answer.location, 404)

    def test_what_was_made_ready_is_not_taken_over_what_came_meanwhile(
        self, catalogue_app: Flask, nurse: FlaskClient, key: str
    ) -> None:
        catalogue: Catalogue = catalogue_app.extensions["catalogue"]
        self.sent(nurse, key, TABLE)
        with catalogue.database.read() as session:
            record = catalogue.records.get(session, "dataset", key)
            ready = catalogue.dictionaries.ready(session, record)
        self.sent(nurse, key, "name,label,type\nother,Other,string\n")
        with catalogue.database.write() as session:
            record = catalogue.records.get(session, "dataset", key)
            with pytest.raises(Conflict):
                catalogue.dictionaries.take(session, ANYBODY, record, ready)
        assert "variables" not in self.copy_of(catalogue_app, key)

    def test_it_is_undone_by_the_history(
        self, catalogue_app: Flask, nurse: FlaskClient, key: str
    ) -> None:
        answer = self.sent(nurse, key, TABLE)
        nurse.post(answer.location, data={"do": "take"})
        history = text_of(nurse, f"/workspace/dataset/{key}/history")
        assert "Data dictionary “codebook.csv” taken in" in history
        numbers = [int(n) for n in re.findall(rf"/dataset/{key}/history/(\d+)", history)]
        nurse.post(f"/workspace/dataset/{key}/history/{min(numbers)}")
        assert "variables" not in self.copy_of(catalogue_app, key)

    def test_faults_are_listed_and_nothing_is_kept(
        self, catalogue_app: Flask, nurse: FlaskClient, key: str
    ) -> None:
        answer = self.sent(nurse, key, "name,label\nage,Age\nage,Again\n,None\n")
        assert answer.status_code == 422
        assert "row 3, column A “name”: “age” is named in row 2 already." in answer.text
        assert "row 4, column A “name”: The variable has no name." in answer.text
        assert nurse.get(f"/workspace/dataset/{key}/dictionary/waiting").status_code == 404

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("x.csv", "patient_id,psa\n7788991,4\n", "looks like data about persons"),
            ("x.csv", "", "Choose|It is empty"),
            ("x.xlsx", "PK\x03\x04", "The workbook cannot be read"),
        ],
    )
    def test_what_is_refused_says_why(
        self, nurse: FlaskClient, key: str, name: str, text: str, said: str
    ) -> None:
        answer = self.sent(nurse, key, text, name)
        assert answer.status_code == 422
        assert re.search(said, answer.text)
        assert "7788991" not in answer.text

    def test_who_sends_too_many_files_is_told_when_to_go_on(
        self, nurse: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(LIMITS, "dictionary", "1 per hour")
        assert self.sent(nurse, key, TABLE).status_code == 303
        refused = self.sent(nurse, key, TABLE)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0

    def test_it_can_be_forgotten(self, catalogue_app: Flask, nurse: FlaskClient, key: str) -> None:
        answer = self.sent(nurse, key, TABLE)
        nurse.post(answer.location, data={"do": "forget"})
        assert nurse.get(answer.location).status_code == 404
        assert "variables" not in self.copy_of(catalogue_app, key)

    def test_others_see_nothing_of_it(
        self, catalogue_app: Flask, nurse: FlaskClient, key: str
    ) -> None:
        answer = self.sent(nurse, key, TABLE)
        stranger = signed_in(catalogue_app, "b@lund.example", organisations={"lund": "manager"})
        for path in (answer.location, f"/workspace/dataset/{key}/dictionary"):
            assert stranger.get(path).status_code == 404
        assert self.sent(stranger, key, TABLE).status_code == 404
        assert stranger.post(answer.location, data={"do": "take"}).status_code == 404
        assert catalogue_app.test_client().get(answer.location).status_code == 303

    def test_a_thousand_variables_do_not_break_the_form(
        self, catalogue_app: Flask, nurse: FlaskClient, key: str
    ) -> None:
        lines = "".join(f"v{n},Variable {n},integer\n" for n in range(1000))
        answer = self.sent(nurse, key, f"name,label,type\n{lines}")
        nurse.post(answer.location, data={"do": "take"})
        form = text_of(nurse, f"/workspace/dataset/{key}/variables?tier=compliant")
        assert "look through the 1,000 variables" in form
        assert len(form) < 100_000
        saved = nurse.post(
            f"/workspace/dataset/{key}/variables?tier=compliant", data={"do": "back"}
        )
        assert saved.status_code == 303
        assert len(self.copy_of(catalogue_app, key)["variables"][0]["table"][0]["column"]) == 1000
        page = text_of(nurse, f"/workspace/dataset/{key}/dictionary?q=variable+999")
        assert "v999" in page
        assert page.count("<code>") == 1
        kept = text_of(nurse, f"/workspace/dataset/{key}/dictionary.csv")
        assert len(kept.splitlines()) == 1001

    def test_a_change_meanwhile_is_not_overwritten(
        self, catalogue_app: Flask, nurse: FlaskClient, key: str
    ) -> None:
        answer = self.sent(nurse, key, TABLE)
        taken = nurse.post(answer.location, data={"do": "take", "etag": "older"})
        assert taken.status_code == 409
        assert "variables" not in self.copy_of(catalogue_app, key)


@pytest.mark.parametrize("given", ["dataset=swedehf", "outcome=urinary-function"])
def test_a_criterion_of_variables_may_be_given_by_code_or_slug_as_in_the_api(client, given):
    total = client.get(f"/api/v1/variables?{given}").json["total"]
    answer = client.get(f"/variables?{given}", follow_redirects=True)
    assert answer.request.query_string.decode() != given
    assert total
    assert f"{total} variable" in answer.text
