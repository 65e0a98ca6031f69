"""A fingerprint in a browser: a file looked at, kept, released; the dataset's page, the network."""

from __future__ import annotations

import pytest
from conftest import free_port, served, signed_in
from exports import export
from factories import agent, dataset
from playwright.sync_api import expect

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.outcomes.fingerprint.making import make

ROLES = {"ghent": "manager"}


@pytest.fixture(scope="module")
def registries(tmp_path_factory):
    """Four published datasets, two of which have a fingerprint."""
    folder = tmp_path_factory.mktemp("fingerprints")
    catalogue = Catalogue(Settings(public_address="https://c.example/", instance=str(folder)))
    catalogue.database.migrate()
    app = create_app(catalogue=catalogue)
    signed_in(app, "nora@example.org", organisations=ROLES, name="Nora Nurse")
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="seed")
        nora = catalogue.accounts.viewer_of(
            session, catalogue.accounts.by_email(session, "nora@example.org")
        )
        for number in range(1, 5):
            title = {"en": f"Heart failure registry {number}"}
            record = catalogue.records.put(
                session, "dataset", dataset(title=title), key=f"hf-{number}", author="seed"
            )
            record.organisation = 1
            if number in (2, 3):
                made = make(export(40_000 * number, number, women=0.55), 10).fingerprint
                catalogue.fingerprints.keep(session, nora, record, made, "")
                catalogue.fingerprints.release(session, nora, record)
    yield catalogue
    catalogue.close()


@pytest.fixture
def as_nora(opening, browser, registries):
    """``as_nora(width=390)``: a page in which the manager of the registries is signed in."""
    client = signed_in(create_app(catalogue=registries), "nora@example.org", organisations=ROLES)
    with (
        served(registries.settings, free_port()) as address,
        opening(browser, address, client) as open_page,
    ):
        yield open_page


def is_sound(page, axe):
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert axe(page) == [], page.url
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0, page.url


def test_from_the_file_to_the_network(as_nora, axe, tmp_path):
    file = tmp_path / "catalogue_results-2024-02-11.csv"
    wrong = tmp_path / "people.csv"
    file.write_bytes(export(12_345))
    wrong.write_text("name,age\nAda,36\n")
    for number, width, scripts in ((1, 1280, True), (4, 390, False)):
        page = as_nora(width=width, java_script_enabled=scripts)
        page.goto("/network")
        if number == 1:
            expect(page.locator("main")).to_contain_text("2 databases have a fingerprint so far")
        page.goto(f"/workspace/dataset/hf-{number}")
        page.get_by_role("link", name="Fingerprint", exact=True).click()
        page.get_by_label("The file of aggregates").set_input_files(wrong)
        page.get_by_role("button", name="Look at it").click()
        expect(page.get_by_role("alert")).to_contain_text("must name the columns")
        page.get_by_label("The file of aggregates").set_input_files(file)
        page.get_by_role("button", name="Look at it").click()
        expect(page.locator("main")).to_contain_text("Nothing is kept yet")
        if scripts:
            is_sound(page, axe)
        page.get_by_role("button", name="Keep as a draft").click()
        page.get_by_label("OMOP CDM version").check()
        page.get_by_role("button", name="Write the ticked values").click()
        expect(page.get_by_role("status")).to_contain_text("OMOP CDM version")
        if scripts:
            is_sound(page, axe)
        page.get_by_role("button", name="Release").click()
        expect(page.get_by_role("status")).to_contain_text("Released")
        page.get_by_role("link", name="on the page of the dataset").click()
        section = page.locator("#fingerprint")
        expect(section).to_contain_text("12,400")
        expect(section).to_contain_text("Essential hypertension")
        if scripts:
            is_sound(page, axe)
        section.get_by_role("link", name="All databases together").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The network in numbers")
        expect(page.locator("main")).to_contain_text("One person may be in several databases")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_pass_axe_and_fit(as_nora, axe, registries, width, scheme):
    page = as_nora(width=width, color_scheme=scheme)
    for path in ("/datasets/hf-2", "/network", "/workspace/dataset/hf-2/fingerprint"):
        page.goto(path)
        is_sound(page, axe)
