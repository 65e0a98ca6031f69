"""Describing a dataset in a browser: with and without scripts, by keyboard, on a telephone."""

from __future__ import annotations

import json
import re

import pytest
from conftest import free_port, served, signed_in
from factories import PLACES, agent
from playwright.sync_api import expect

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue

ABOUT = "/workspace/dataset/{}/about"
SAVED = re.compile(r"Saved at \d\d:\d\d")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A catalogue with two organisations, to be changed."""
    catalogue = Catalogue(
        Settings(
            public_address="https://c.example/", instance=str(tmp_path_factory.mktemp("workshop"))
        )
    )
    catalogue.database.migrate()
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="t")
        catalogue.records.put(session, "agent", agent("Ghent University"), key="ug", author="t")
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="module")
def address(workshop):
    with served(workshop.settings, free_port()) as address:
        yield address


@pytest.fixture
def open_page(opening, browser, address, workshop):
    """Opens a page of somebody who may describe datasets."""
    person = signed_in(create_app(catalogue=workshop), "nora@example.org", role="administrator")
    with opening(browser, address, person) as open_page:
        yield open_page


@pytest.fixture
def key(workshop, request):
    """A dataset that somebody has begun to describe."""
    key = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-50:].strip("-")
    with workshop.changing() as session:
        shape = workshop.records.shape("dataset")
        begun = shape.begun(PLACES)
        workshop.records.save(
            session, "dataset", {**begun, "title": {"en": "Registry"}}, key=key, author="t"
        )
    return key


def stored(workshop, key):
    with workshop.database.read() as session:
        return workshop.records.get(session, "dataset", key).draft


def test_answers_are_saved_while_they_are_written(open_page, workshop, key):
    page = open_page()
    page.goto(ABOUT.format(key))
    page.get_by_role("textbox", name="Description").fill("Everybody admitted.")
    expect(page.get_by_role("status")).to_have_text(SAVED)
    assert stored(workshop, key)["description"] == {"en": "Everybody admitted."}


def test_what_is_written_survives_closing_the_page_at_once(open_page, workshop, key):
    page = open_page()
    page.goto(ABOUT.format(key))
    page.get_by_role("textbox", name="Description").fill("Written in a hurry.")
    page.goto("about:blank")
    again = page.context.new_page()
    again.goto(ABOUT.format(key))
    again.wait_for_timeout(500)
    again.reload()
    expect(again.get_by_role("textbox", name="Description")).to_have_value("Written in a hurry.")


def test_what_could_not_be_sent_is_offered_again(open_page, workshop, key):
    page = open_page()
    page.goto(ABOUT.format(key))
    page.context.set_offline(True)
    page.get_by_role("textbox", name="Description").fill("Offline.")
    page.get_by_role("textbox", name="Description").blur()
    expect(page.get_by_role("status")).to_contain_text("kept in this browser")
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(ABOUT.format(key))
    expect(again.get_by_text("was not saved")).to_be_visible()
    again.get_by_role("button", name="Bring it back").click()
    expect(again.get_by_role("textbox", name="Description")).to_have_value("Offline.")
    assert stored(workshop, key)["description"] == {"en": "Offline."}
    again.reload()
    expect(again.get_by_text("was not saved")).to_be_hidden()


def test_an_ended_session_says_so_and_keeps_everything(open_page, workshop, key):
    page = open_page()
    page.goto(ABOUT.format(key))
    ended = {"yes": True}

    def answer(route):
        if ended["yes"] and route.request.method == "POST":
            return route.fulfill(status=401, body=json.dumps({"status": 401}))
        return route.continue_()

    page.route("**/about*", answer)
    page.get_by_role("textbox", name="Description").fill("After the session.")
    page.get_by_role("textbox", name="Description").blur()
    status = page.get_by_role("status")
    expect(status).to_contain_text("Your session has ended")
    expect(status.get_by_role("link")).to_have_attribute("target", "_blank")
    ended["yes"] = False
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(status).to_have_text(SAVED)
    assert stored(workshop, key)["description"] == {"en": "After the session."}


def test_a_concept_is_chosen_by_keyboard(open_page, workshop, key):
    page = open_page()
    page.goto(f"/workspace/dataset/{key}/coverage")
    box = page.get_by_role("combobox", name="Countries and regions")
    box.focus()
    page.keyboard.type("belgi")
    expect(page.get_by_role("option").first).to_have_text(re.compile("Belgium"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Belgium")).to_be_checked()
    expect(page.get_by_role("status")).to_have_text(SAVED)
    assert stored(workshop, key)["spatial"][0].endswith("country/BEL")


def test_a_whole_name_is_understood_when_the_field_is_left(open_page, workshop, key):
    page = open_page()
    page.goto(f"/workspace/dataset/{key}/coverage")
    box = page.get_by_role("combobox", name="Countries and regions")
    box.fill("Belgien")
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="Belgium")).to_be_checked()
    expect(box).to_have_value("")


def test_what_is_wrong_is_told_at_the_field_without_leaving_the_page(open_page, workshop, key):
    page = open_page()
    page.goto(f"/workspace/dataset/{key}/people")
    box = page.get_by_label("People in the dataset", exact=True)
    box.fill("many")
    page.keyboard.press("Tab")
    expect(page.get_by_text("“many” is not a whole number")).to_be_visible()
    expect(box).to_have_attribute("aria-invalid", "true")
    box.fill("12,000")
    page.keyboard.press("Tab")
    expect(page.get_by_text("“many” is not a whole number")).to_be_hidden()
    assert stored(workshop, key)["number_of_unique_individuals"] == 12000
    expect(page.locator(".steps [data-section=people]")).to_have_class("done")


def test_a_conflict_is_told_at_the_field(open_page, workshop, key):
    page = open_page()
    page.goto(ABOUT.format(key))
    with workshop.changing() as session:
        document = {**stored(workshop, key), "title": {"en": "Theirs"}}
        workshop.records.save(session, "dataset", document, key=key, author="t")
    page.get_by_role("textbox", name="Title").fill("Mine")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Somebody else changed this meanwhile")).to_be_visible()
    page.locator(".form-end").get_by_role("button", name="Save and continue").click()
    page.get_by_label("Take yours, as it stands below").check()
    page.locator(".form-end").get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/subject*")
    assert stored(workshop, key)["title"] == {"en": "Mine"}


@pytest.mark.parametrize("scripts", [True, False])
def test_the_minimum_is_described_with_and_without_scripts(open_page, workshop, key, scripts):
    page = open_page(java_script_enabled=scripts)
    page.goto(ABOUT.format(key))
    onward = page.locator(".form-end").get_by_role("button", name=re.compile("Save and (cont|fin)"))
    page.get_by_role("textbox", name="Description").fill("Everybody admitted with heart failure.")
    page.get_by_text("Choose from the list (17)").click()
    page.get_by_label("Disease registry").check()
    onward.click()
    page.get_by_role("textbox", name="Keywords").fill("heart failure")
    onward.click()
    page.get_by_text("Choose from the list (17)").click()
    page.get_by_label("Data from medical registries").check()
    page.get_by_label("Add by name: Condition", exact=True).fill("Heart failure")
    page.get_by_label("People with the condition").fill("12,000")
    onward.click()
    page.get_by_label("People in the dataset", exact=True).fill("12000")
    onward.click()
    page.get_by_label("Add by name: Countries").fill("Belgium")
    onward.click()
    page.get_by_label("Non-public").check()
    page.get_by_label("Add by name: Health data access body").fill("Hospital of Ghent")
    onward.click()
    page.get_by_label("E-mail address").fill("desk@hospital.example")
    onward.click()
    page.get_by_role("textbox", name="Provenance").fill("Collected at discharge.")
    onward.click()
    page.wait_for_url(f"**/workspace/dataset/{key}")
    with workshop.changing() as session:
        record = workshop.records.get(session, "dataset", key)
        workshop.records.publish(session, record, author="t")


@pytest.mark.parametrize("scripts", [True, False])
def test_focus_goes_to_a_new_part_and_to_the_summary(open_page, key, scripts):
    page = open_page(java_script_enabled=scripts)
    page.goto(f"/workspace/dataset/{key}/contact")
    page.get_by_label("E-mail address").fill("desk@hospital.example")
    page.get_by_role("button", name="Add another contact").click()
    expect(page.get_by_role("group", name="Contact 2")).to_be_focused()
    page.get_by_label("E-mail address").last.fill("nonsense")
    page.locator(".form-end").get_by_role("button", name="Save and continue").click()
    expect(page.locator("#faults")).to_be_focused()
    page.locator("#faults").get_by_role("link").click()
    expect(page.get_by_label("E-mail address").last).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_the_form(open_page, axe, workshop, key, width, scheme):
    with workshop.changing() as session:
        document = {**stored(workshop, key), "structured_data": True, "spatial": ["BEL"]}
        workshop.records.save(session, "dataset", document, key=key, author="t")
    page = open_page(width=width, color_scheme=scheme)
    for section in ("about", "health", "access", "who", "files-and-access-points", "variables"):
        page.goto(f"/workspace/dataset/{key}/{section}?tier=outcome-rich")
        assert axe(page) == [], section
        assert page.evaluate("document.documentElement.scrollWidth") <= width, section
    page.goto(f"/workspace/dataset/{key}/coverage")
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    page.get_by_label("Add by name: Countries").fill("Guine")
    page.locator(".form-end").get_by_role("button", name="Save and continue").click()
    expect(page.locator(".candidates")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
