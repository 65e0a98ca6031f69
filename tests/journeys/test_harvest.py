"""The harvester in a browser: a source from its address to its end; on a telephone, by keyboard."""

from __future__ import annotations

import re

import harvest_rows
import pytest
from conftest import free_port, served, signed_in
from playwright.sync_api import expect

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.harvest.models import Run, Source
from catalogue.instance import Catalogue


@pytest.fixture(scope="module")
def harvest(tmp_path_factory):
    """A catalogue with a source in every state; its pages."""
    catalogue = Catalogue(
        Settings(
            public_address="https://c.example/", instance=str(tmp_path_factory.mktemp("harvest"))
        )
    )
    catalogue.database.migrate()
    # The author of what is asked for by a person is the first one there is.
    signed_in(create_app(catalogue=catalogue), "root@example.org", role="administrator")
    numbers = harvest_rows.ghent(catalogue)
    yield catalogue, harvest_rows.every_page(numbers, harvest_rows.others(catalogue))
    catalogue.close()


@pytest.fixture(scope="module")
def address(harvest):
    with served(harvest[0].settings, free_port()) as address:
        yield address


@pytest.fixture
def as_administrator(opening, browser, address, harvest):
    """``as_administrator(width=390)``: a page in which an administrator is signed in."""
    person = signed_in(create_app(catalogue=harvest[0]), "root@example.org", role="administrator")
    with opening(browser, address, person) as open_page:
        yield open_page


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_harvester_passes_axe_and_fits(
    as_administrator, axe, harvest, width, scheme
):
    page = as_administrator(width=width, color_scheme=scheme)
    for path in harvest[1]:
        assert page.goto(path).status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert axe(page) == [], path
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, path


@pytest.mark.parametrize(("scripts", "width"), [(True, 1280), (False, 390)])
def test_a_source_is_added_looked_at_paused_and_given_up(
    as_administrator, axe, harvest, scripts, width
):
    page = as_administrator(width=width, java_script_enabled=scripts)
    name = f"Registries {'with' if scripts else 'without'} scripts"
    page.goto("/harvest")
    page.get_by_role("link", name="Add a source").click()
    page.get_by_label(re.compile("^Name")).fill(name)
    page.get_by_label(re.compile("^Address")).fill("data.example/feed")
    page.get_by_label("How it is read", exact=True).select_option("oai-pmh")
    if not scripts:
        page.get_by_text("More about how it is read").click()
    page.get_by_label("Only this set").fill("health")
    page.get_by_role("button", name="Save and look at the first 20").click()
    expect(page.get_by_role("alert")).to_contain_text("One answer needs another look")
    expect(page.get_by_label("Only this set")).to_have_value("health")
    if scripts:
        assert axe(page) == []
    page.get_by_role("link", name="Address", exact=True).click()
    page.get_by_label(re.compile("^Address")).fill("https://data.example/oai")
    page.get_by_label("Field 1", exact=True).select_option("keyword")
    page.get_by_role("button", name="Save and look at the first 20").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Preview")
    expect(page.locator("#state")).to_contain_text("Waits for a worker")

    page.get_by_role("link", name=name).click()
    expect(page.get_by_text("Ours; in Keywords: the source’s")).to_be_visible()
    expect(page.get_by_text("Only this set")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status")).to_contain_text("not read by itself")
    page.get_by_role("link", name="Give up").click()
    page.get_by_label(re.compile("^Withdraw its records")).check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Withdraw its records?")
    page.get_by_role("button", name=f"Give up {name}").click()
    expect(page.get_by_role("status")).to_contain_text("is being given up")


def test_only_what_can_be_said_of_the_protocol_is_asked(as_administrator):
    page = as_administrator()
    page.goto("/harvest/new")
    more = page.get_by_text("More about how it is read")
    expect(more).to_be_hidden()
    page.get_by_label("How it is read", exact=True).select_option("sparql")
    expect(page.get_by_label("Query of your own")).to_be_visible()
    expect(page.get_by_label("Only this set")).to_be_hidden()
    page.get_by_label("How it is read", exact=True).select_option("dcat")
    expect(more).to_be_hidden()


def test_a_run_is_followed_to_its_end_without_a_hand(as_administrator, harvest):
    catalogue = harvest[0]
    with catalogue.database.write() as session:
        source = harvest_rows.source(session, "followed", title="Followed")
        at = harvest_rows.run(session, source, "reading", entries=10, stated=50, pages=1)
        number, path = at.id, f"/harvest/followed/runs/{at.id}"

    def becomes(**said):
        with catalogue.database.write() as session:
            for name, value in said.items():
                setattr(session.get(Run, number), name, value)

    page = as_administrator()
    page.goto(path)
    expect(page.locator("progress")).to_have_attribute("value", "10")
    page.get_by_role("button", name="Stop").focus()
    becomes(entries=30)
    expect(page.locator("progress")).to_have_attribute("value", "30")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.get_by_role("link", name="Look again").focus()
    becomes(entries=40)
    expect(page.locator("progress")).to_have_attribute("value", "40")
    expect(page.get_by_role("link", name="Look again")).to_be_focused()
    becomes(state="finished", entries=50, counts={"created": 50}, kinds={"dataset": 50})
    expect(page.locator("#state")).to_contain_text("50 of 50: none is missing.")
    expect(page.get_by_role("status")).to_have_text("Finished.")
    expect(page.get_by_role("link", name="Undo")).to_be_visible()


def test_a_question_is_answered_by_keyboard_alone(as_administrator, harvest):
    catalogue = harvest[0]
    with catalogue.database.write() as session:
        source = harvest_rows.source(session, "asks", title="Asks")
        asked = {"is": "withdraw", "count": 30, "of": 100, "examples": []}
        at = harvest_rows.run(session, source, "asking", question=asked, entries=70)
        number = at.id
    page = as_administrator(width=390)
    page.goto("/harvest/asks")
    page.goto(f"/harvest/asks/runs/{number}")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "stop":
            break
    described = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
    )
    assert described == "Nothing is changed."
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_contain_text("Stopped.")
    with catalogue.database.read() as session:
        assert session.get(Run, number).answer == "stop"
        assert session.get(Source, session.get(Run, number).source_id).state == "active"
