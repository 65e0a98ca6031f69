"""Beginning with a table in a browser: look it up, see what it says, confirm it."""

from __future__ import annotations

import os

import pytest
from conftest import free_port, served, signed_in
from playwright.sync_api import expect

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue

TABLE = (
    "title,description,number_of_unique_individuals,spatial,keyword\n"
    "Asthma cohort,Children with asthma since 2010,1200,Belgium,asthma\n"
    "Gout cohort,Adults with gout,many,Atlantis,gout\n"
)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    catalogue = Catalogue(
        Settings(
            public_address="https://c.example/", instance=str(tmp_path_factory.mktemp("begin"))
        )
    )
    catalogue.database.migrate()
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="module")
def address(workshop):
    with served(workshop.settings, free_port()) as address:
        yield address


@pytest.mark.parametrize("scripts", [True, False])
def test_a_table_becomes_drafts_whose_answers_are_confirmed(
    opening, browser, address, workshop, axe, scripts
):
    app = create_app(catalogue=workshop)
    person = signed_in(app, f"eva{scripts}@x.example", organisations={"ghent": "editor"})
    with opening(browser, address, person) as open_page:
        page = open_page(390 if scripts else 1280, java_script_enabled=scripts)
        page.goto("/workspace")
        page.get_by_role("link", name="Described elsewhere already?").click()
        look(page, axe, scripts, "begin")
        page.get_by_label("A file: our table, or RDF").set_input_files(
            {"name": "ours.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
        )
        page.get_by_role("button", name="Read it").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("2 descriptions")
        page.get_by_text("What could not be taken over").click()
        expect(page.get_by_text("row 3, column C")).to_be_visible()
        look(page, axe, scripts, "found")
        page.get_by_label("Gout cohort").uncheck()
        page.get_by_role("button", name="Begin with those ticked").click()
        page.goto(page.url.split("?")[0] + "?tier=outcome-rich")
        while not page.get_by_text("From ours.csv, please confirm").count():
            page.locator("button:visible", has_text="Save and").first.click()
        look(page, axe, scripts, "form")
        page.get_by_role("button", name="All of this section is right").click()
        page.goto("/workspace")
        page.get_by_role("link", name="Asthma cohort").first.click()
        expect(page.get_by_role("heading", name="To be confirmed")).to_be_visible()
        look(page, axe, scripts, "show")


def look(page, axe, scripts, name):
    if scripts:
        assert axe(page) == []
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)
