"""From ticked datasets to a comparison, one letter to their holders, and a search statement."""

from __future__ import annotations

import json
import re

import pytest
from conftest import free_port, served, signed_in
from factories import EU, dataset, plant
from sqlalchemy import select

from catalogue.accounts.models import Mail, Organisation
from catalogue.app import create_app
from catalogue.records.models import Record
from catalogue.web.comparing import MOST_LISTED


@pytest.fixture
def hearts(new_catalogue, opening, browser):
    """A server over three datasets, two of which somebody looks after; opens pages for Ada."""
    port = free_port()
    catalogue = new_catalogue(public_address=f"http://127.0.0.1:{port}/", rate_limits="off")
    plant(
        catalogue,
        dataset(title={"en": "Heart failure of Ghent"}),
        dataset(title={"en": "Heart attacks of Utrecht"}, spatial=[EU + "country/NLD"]),
        dataset(title={"en": "Hearts that nobody looks after"}),
    )
    app = create_app(catalogue=catalogue)
    signed_in(app, "manager@ghent.example", organisations={"ghent": "manager"})
    with catalogue.database.write() as session:
        ghent = session.scalar(select(Organisation)).id
        for slug in ("hf", "hf-2"):
            session.scalar(select(Record).where(Record.slug == slug)).organisation = ghent
    app.config["SESSION_COOKIE_SECURE"] = False
    ada = signed_in(app, "ada@uni.example", name="Ada Lovelace")
    with served(catalogue.settings, port) as address, opening(browser, address, ada) as open_page:
        yield catalogue, open_page


def is_sound(page, axe):
    """No page is wider than the window, and axe has nothing against it."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert axe(page) == [], page.url


def test_tick_compare_write_state_and_replay(hearts, axe):
    catalogue, open_page = hearts
    page = open_page()
    page.goto("/datasets?q=heart")
    assert page.locator("#shortlist").is_hidden()
    page.get_by_label("Shortlist Heart failure of Ghent").check()
    page.get_by_label("Shortlist Hearts that nobody looks after").check()
    assert "2 datasets on your shortlist" in page.locator("#shortlist").inner_text()
    page.locator("#shortlist").scroll_into_view_if_needed()
    is_sound(page, axe)
    # It is kept from page to page.
    page.goto("/datasets/hf-2")
    page.get_by_label("Shortlist Heart attacks of Utrecht").check()
    assert "3 datasets on your shortlist" in page.locator("#shortlist").inner_text()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare?dataset=*")
    assert page.get_by_role("heading", level=1).inner_text() == "3 datasets side by side"
    countries = page.get_by_role("row", name=re.compile("Countries and regions"))
    assert "Netherlands" in countries.inner_text()
    is_sound(page, axe)
    page.set_viewport_size({"width": 390, "height": 844})
    is_sound(page, axe)
    page.set_viewport_size({"width": 1280, "height": 900})
    # What is removed there is removed from the shortlist.
    page.get_by_role("link", name="Remove Hearts that nobody looks after").click()
    page.wait_for_url("**/compare?dataset=hf*")
    assert page.locator("[data-offer]").is_hidden()
    page.go_back()
    page.wait_for_load_state()

    page.get_by_role("link", name="Write to the holders").click()
    page.wait_for_load_state()
    assert "Nobody looks after it here" in page.locator("main").inner_text()
    page.get_by_label(re.compile("What is it for")).fill("Outcomes after five years")
    page.get_by_label(re.compile("What do you need")).fill("How many have a biopsy?")
    is_sound(page, axe)
    page.get_by_role("button", name="See it first").click()
    page.wait_for_load_state()
    assert "Nothing has gone out yet" in page.locator("main").inner_text()
    is_sound(page, axe)
    page.get_by_role("button", name="Send it").click()
    page.wait_for_url("**/enquiries/*")
    assert "It is on its way" in page.locator("main").inner_text()
    is_sound(page, axe)
    with catalogue.database.read() as session:
        mail = session.scalar(select(Mail))
        assert mail.recipient == "manager@ghent.example"
        assert mail.subject.startswith("Enquiry about Heart")

    page.goto("/datasets?q=heart")
    page.get_by_role("link", name="Make a search statement").click()
    page.get_by_label("What it is called").fill("Hearts, for PROSPERO")
    is_sound(page, axe)
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/statements/*")
    statement = page.url.partition("?")[0]
    assert "the same datasets answer" in page.locator("main").inner_text()
    with catalogue.changing() as session:
        gone = catalogue.records.get(session, "dataset", "hf-3")
        catalogue.records.withdraw(session, gone, author="test", note="Moved")
        catalogue.records.put(
            session, "dataset", dataset(title={"en": "Heart valves"}), key="new", author="test"
        )
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(statement)
        said = page.locator("main").inner_text()
        assert "New in the answer" in said
        assert "Heart valves" in said
        assert "Hearts that nobody looks after" not in said
        is_sound(page, axe)


def test_without_scripts_the_same_by_a_form_and_links(hearts, axe):
    _, open_page = hearts
    page = open_page(390, java_script_enabled=False)
    page.goto("/datasets?q=heart")
    page.get_by_label("Shortlist Heart failure of Ghent").check()
    page.get_by_label("Shortlist Heart attacks of Utrecht").check()
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("heading", level=1).inner_text() == "2 datasets side by side"
    assert "Netherlands" in page.locator(".comparing").inner_text()
    page.get_by_label("Add a dataset").fill("nobody")
    page.get_by_role("button", name="Look for it").click()
    page.get_by_role("link", name="Add Hearts that nobody looks after").click()
    assert page.get_by_role("heading", level=1).inner_text() == "3 datasets side by side"
    page.get_by_role("link", name="Remove Heart attacks of Utrecht").click()
    assert page.get_by_role("heading", level=1).inner_text() == "2 datasets side by side"
    page.goto("/datasets?q=heart")
    page.get_by_role("link", name="Make a search statement").click()
    page.get_by_role("button", name="Make it").click()
    assert "It is made" in page.locator("main").inner_text()


def test_a_list_that_came_by_a_link_is_taken_over_only_on_request(hearts):
    _, open_page = hearts
    page = open_page()
    page.goto("/datasets/hf")
    page.get_by_label("Shortlist Heart failure of Ghent").check()
    page.goto("/compare?dataset=hf-2&dataset=hf-3")
    offer = page.locator("[data-offer]")
    assert "another shortlist, of 1" in offer.inner_text()
    assert offer.get_by_role("link", name="Open it").get_attribute("href") == "/compare?dataset=hf"
    offer.get_by_role("button", name="Keep this one").click()
    page.goto("/datasets/hf")
    assert not page.get_by_label("Shortlist Heart failure of Ghent").is_checked()
    assert "2 datasets on your shortlist" in page.locator("#shortlist").inner_text()
    page.get_by_role("button", name="Empty it").click()
    assert page.locator("#shortlist").is_hidden()


def test_the_browser_keeps_no_more_than_can_be_compared(hearts):
    _, open_page = hearts
    page = open_page()
    page.goto("/datasets/hf")
    kept = json.dumps([f"other-{number}" for number in range(MOST_LISTED + 20)])
    page.evaluate("kept => localStorage.setItem('shortlist', kept)", kept)
    for path in ("/datasets/hf", "/datasets?q=heart", "/questions?q=heart", "/compare"):
        page.goto(path)
        assert page.locator("[data-most-listed]").count() == 1, path
    page.goto("/datasets/hf")
    assert f"{MOST_LISTED} datasets on your shortlist" in page.locator("#shortlist").inner_text()
