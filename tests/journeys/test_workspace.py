"""The workspace in a browser: from a draft by review to the world; on a telephone, by keyboard."""

from __future__ import annotations

import re

import pytest
from conftest import free_port, served, signed_in
from factories import agent, dataset
from playwright.sync_api import expect

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue

PAGES = (
    "/workspace",
    "/workspace/dataset/hf",
    "/workspace/dataset/hf/check",
    "/workspace/dataset/hf/review",
    "/workspace/dataset/hf/audience",
    "/workspace/dataset/hf/history",
    "/workspace/dataset/hf/history/2",
    "/workspace/dataset/hf/preview",
    "/workspace/dataset/hf/withdraw",
    "/workspace/dataset/fresh",
    "/workspace/dataset/fresh/check",
    "/workspace/dataset/fresh/submit",
    "/workspace/dataset/fresh/delete",
    "/workspace/dataset/fresh/about",
    "/admin/networks",
)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A published dataset with a working copy and a comment, and a fresh draft."""
    catalogue = Catalogue(
        Settings(
            public_address="https://c.example/", instance=str(tmp_path_factory.mktemp("workspace"))
        )
    )
    catalogue.database.migrate()
    app = create_app(catalogue=catalogue)
    signed_in(app, "nora@example.org", organisations={"ghent": "manager"}, name="Nora Nurse")
    signed_in(app, "rita@example.org", role="reviewer", name="Rita Reviewer")
    with catalogue.changing() as session:
        records, workspace = catalogue.records, catalogue.workspace
        records.put(session, "agent", agent(), key="ghent", author="seed")
        team = catalogue.accounts.organisations.get(session, "ghent")
        team.agent = "id/agent/ghent"
        nora = catalogue.accounts.viewer_of(
            session, catalogue.accounts.by_email(session, "nora@example.org")
        )
        rita = catalogue.accounts.viewer_of(
            session, catalogue.accounts.by_email(session, "rita@example.org")
        )
        hf = workspace.create(session, nora, "dataset", team, dataset(), key="hf")
        workspace.take(session, nora, hf, "submit")
        workspace.take(session, rita, hf, "publish")
        changed = dataset(title={"en": "Hearts of Ghent"}, number_of_unique_individuals=15000)
        workspace.save(session, nora, hf, changed)
        workspace.comment(session, nora, hf, "title", "Shorter, isn't it?")
        workspace.create(session, nora, "dataset", team, {}, key="fresh")
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="module")
def address(workshop):
    with served(workshop.settings, free_port()) as address:
        yield address


@pytest.fixture
def as_person(opening, browser, address, workshop):
    """``as_person("nora@example.org", width=390)``: a page in which somebody is signed in."""
    open_ = []

    def as_person(email, **settings):
        app = create_app(catalogue=workshop)
        role = {"rita": "reviewer", "root": "administrator"}.get(email.partition("@")[0], "")
        context = opening(browser, address, signed_in(app, email, role=role))
        open_.append(context)
        return context.__enter__()(**settings)

    yield as_person
    for one in open_:
        one.__exit__(None, None, None)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_workspace_passes_axe_and_fits(as_person, axe, width, scheme):
    page = as_person("root@example.org", width=width, color_scheme=scheme)
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert axe(page) == [], path
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, path


@pytest.mark.parametrize("scripts", [True, False])
def test_a_draft_is_reviewed_and_published(as_person, workshop, scripts):
    with workshop.changing() as session:
        nora = workshop.accounts.viewer_of(
            session, workshop.accounts.by_email(session, "nora@example.org")
        )
        team = workshop.accounts.organisations.get(session, "ghent")
        title = f"Lungs of Ghent {'with' if scripts else 'without'} scripts"
        workshop.workspace.create(session, nora, "dataset", team, dataset(title={"en": title}))
    owner = as_person("nora@example.org", java_script_enabled=scripts)
    owner.goto("/workspace")
    owner.get_by_role("link", name=title).click()
    owner.get_by_role("link", name="Submit for review").click()
    owner.get_by_label("Note for the history").fill("First time")
    owner.get_by_role("button", name="Submit for review").click()
    expect(owner.get_by_role("status").first).to_contain_text("Submitted")

    reviewer = as_person("rita@example.org", java_script_enabled=scripts, width=390)
    reviewer.goto("/workspace")
    reviewer.get_by_role("link", name=title).click()
    row = reviewer.locator("#field-title")
    row.locator("summary").click()
    row.get_by_role("textbox").fill("Which lungs?")
    row.get_by_role("button", name="Add the comment").click()
    expect(reviewer.locator("#field-title")).to_contain_text("Which lungs?")
    reviewer.get_by_role("link", name="Ask for changes").click()
    reviewer.get_by_label("Why").fill("One question")
    reviewer.get_by_role("button", name="Ask for changes").click()

    owner.reload()
    expect(owner.get_by_text("Changes requested").first).to_be_visible()
    owner.get_by_role("link", name="About").first.click()
    expect(owner.get_by_text("Which lungs?")).to_be_visible()
    owner.get_by_role("textbox", name="Title").fill(title + " of adults")
    owner.get_by_role("button", name="Save and back to the list").last.click()
    owner.get_by_role("link", name="Submit for review").click()
    owner.get_by_role("button", name="Submit for review").click()

    reviewer.goto("/workspace")
    reviewer.get_by_role("link", name=title).click()
    reviewer.get_by_role("link", name="Publish").click()
    reviewer.get_by_role("button", name="Publish").click()
    expect(reviewer.get_by_role("status").first).to_contain_text("Published")
    public = reviewer.get_by_role("link", name="The public page")
    assert re.search(r"/datasets/lungs-of-ghent", public.get_attribute("href"))


def test_the_tasks_are_reached_and_opened_by_keyboard_alone(as_person):
    page = as_person("nora@example.org")
    page.goto("/workspace/dataset/fresh")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "About":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/about"))
    expect(page.get_by_role("heading", level=1)).to_have_text("About")
