"""A data dictionary in a browser, without scripts: upload, confirm, publish, find its variables."""

from __future__ import annotations

import pytest
from conftest import free_port, served, signed_in
from factories import agent, dataset
from playwright.sync_api import expect

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue

REDCAP = """\
"Variable / Field Name","Form Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels"
psa_diag,diagnosis,text,"PSA at diagnosis",
gleason_gg,diagnosis,radio,"Gleason grade group","1, Grade group 1 | 2, Grade group 2"
epic26_q1,questionnaire,radio,"EPIC-26: leaking urine","1, Often | 5, Never"
"""
PAGES = (
    "/workspace/dataset/hf/dictionary",
    "/workspace/dataset/hf/variables",
    "/variables?q=psa",
    "/variables?q=zebra",
    "/datasets?q=psa",
    "/datasets/hf/variables",
)
FAULTY = "name,label\nage,Age\nage,Again\n"
PERSONS = "patient_id,date of birth,psa\n1,1950-01-01,4\n"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A dataset in the making, of somebody who may publish it."""
    folder = tmp_path_factory.mktemp("dictionary")
    catalogue = Catalogue(Settings(public_address="https://c.example/", instance=str(folder)))
    catalogue.database.migrate()
    app = create_app(catalogue=catalogue)
    person = signed_in(
        app, "nora@example.org", role="administrator", organisations={"g": "manager"}
    )
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="seed")
        team = catalogue.accounts.organisations.get(session, "g")
        team.agent = "id/agent/ghent"
        nora = catalogue.accounts.viewer_of(
            session, catalogue.accounts.by_email(session, "nora@example.org")
        )
        catalogue.workspace.create(session, nora, "dataset", team, dataset(), key="hf")
    with served(catalogue.settings, free_port()) as address:
        yield address, person
    catalogue.close()


def sent(page, text, name="codebook.csv"):
    """A file read by the page of the dictionary."""
    page.goto("/workspace/dataset/hf/dictionary")
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.get_by_label("CSV, TSV or Excel").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()


def test_from_a_file_to_the_tab_of_variables(opening, browser, workshop, axe):
    address, person = workshop
    with opening(browser, address, person) as open_page:
        page = open_page(390, java_script_enabled=False)
        sent(page, FAULTY)
        expect(page.get_by_role("alert")).to_contain_text("row 3, column A “name”")
        sent(page, PERSONS, "patients.csv")
        expect(page.get_by_role("alert")).to_contain_text("looks like data about persons")

        sent(page, REDCAP)
        expect(page.get_by_role("heading", name="“codebook.csv”: 3 variables")).to_be_visible()
        page.get_by_label("Urinary function, measured with EPIC-26").check()
        page.get_by_role("button", name="Take it into the working copy").click()
        expect(page.get_by_text("Taken into the working copy, with 1 confirmed")).to_be_visible()
        expect(page.get_by_role("row", name="psa_diag")).to_be_visible()

        page.goto("/workspace/dataset/hf/publish")
        page.get_by_role("button", name="Publish").last.click()
        page.goto("/datasets?q=PSA")
        expect(page.get_by_label("Matching variables")).to_contain_text("PSA at diagnosis")
        page.get_by_role("link", name="Variables 1").click()
        expect(page.get_by_role("heading", name="1 variable for “PSA”")).to_be_visible()
        page.get_by_role("link", name="PSA at diagnosis").click()
        expect(page.get_by_role("heading", name="Variables", exact=True)).to_be_visible()
        expect(page.get_by_text("1 variable for “psa_diag”")).to_be_visible()

        for width in (390, 1280):
            page = open_page(width)
            sent(page, REDCAP)
            for path in (page.url, *PAGES):
                page.goto(path)
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                assert axe(page) == [], path
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
