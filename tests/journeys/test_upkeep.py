"""The yearly check in a browser: from the mail by its link to the badge, and the dashboard."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from conftest import free_port, served, signed_in
from factories import EU, OWN, agent, dataset
from outbox import mails
from playwright.sync_api import expect

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue

HEART = f"{OWN}condition/heart-failure"
LONG_AGO = datetime.now(UTC) - timedelta(days=460)
NAMES = ("Hearts of Ghent", "Lungs of Ghent", "Kidneys of Ghent")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Three datasets published long ago, people who look after them, and what others looked for."""
    folder = tmp_path_factory.mktemp("upkeep")
    settings = Settings(
        public_address="https://c.example/", instance=str(folder), rate_limits="off"
    )
    catalogue = Catalogue(settings)
    catalogue.database.migrate()
    app = create_app(catalogue=catalogue)
    signed_in(app, "nora@example.org", organisations={"ghent": "manager"}, name="Nora Nurse")
    signed_in(app, "rita@example.org", role="reviewer", name="Rita Reviewer")
    signed_in(app, "ada@example.org", role="administrator", name="Ada Admin")
    with catalogue.changing() as session:
        records = catalogue.records
        records.put(session, "agent", agent(), key="ghent", author="seed", at=LONG_AGO)
        team = catalogue.accounts.organisations.get(session, "ghent")
        for key, name in zip(("hearts", "lungs", "kidneys"), NAMES, strict=True):
            document = dataset(
                title={"en": name},
                identifier=[key],
                studied_condition=[{"condition": HEART, "persons": 900}],
            )
            record = records.put(session, "dataset", document, key=key, author="s", at=LONG_AGO)
            record.organisation = team.id
    asking = app.test_client()
    for number in range(14):
        person = {
            "headers": {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140"},
            "environ_overrides": {"REMOTE_ADDR": f"192.0.2.{number}"},
        }
        asking.get("/datasets/hearts", **person)
        asking.get("/compare?dataset=hearts&dataset=lungs", **person)
        for asked in (f"source_type={OWN}source-type/trial", f"spatial={EU}country/FRA"):
            asking.get(f"/datasets?condition={HEART}&{asked}", **person)
    catalogue.counting.write()
    catalogue.nearly.look()
    catalogue.post.close()  # a mail that was sent is emptied
    catalogue.reminding.tend()
    with catalogue.database.read() as session:
        body = mails(session)[-1].body
    yield SimpleNamespace(
        catalogue=catalogue, link=re.search(r"https://c\.example(/checks/\S+)", body)[1]
    )
    catalogue.close()


@pytest.fixture(scope="module")
def address(town):
    with served(town.catalogue.settings, free_port()) as address:
        yield address


@pytest.fixture
def as_person(browser, address, town, opening):
    open_ = []

    def as_person(email="", **settings):
        role = {"rita": "reviewer", "ada": "administrator"}.get(email.partition("@")[0], "")
        person = (
            signed_in(create_app(catalogue=town.catalogue), email, role=role) if email else None
        )
        context = opening(browser, address, person)
        open_.append(context)
        return context.__enter__()(**settings)

    yield as_person
    for one in open_:
        one.__exit__(None, None, None)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_upkeep_passes_axe_and_fits(as_person, axe, town, width, scheme):
    pages = {
        "": (town.link, "/datasets/hearts/label", "/datasets/hearts", "/datasets"),
        "nora@example.org": ("/workspace/organisations/ghent", "/workspace/dataset/lungs/quality"),
        "ada@example.org": ("/workspace/checks", "/admin/demand", "/workspace"),
    }
    for email, paths in pages.items():
        page = as_person(email, width=width, color_scheme=scheme)
        for path in paths:
            page.goto(path)
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert axe(page) == [], path
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, path


def test_from_the_mail_to_the_badge_without_signing_in_and_without_scripts(as_person, town):
    world = as_person(java_script_enabled=False)
    world.goto("/datasets")
    expect(world.get_by_text("Check overdue since")).to_have_count(3)

    owner = as_person(java_script_enabled=False, width=390)
    owner.goto(town.link)
    expect(owner.locator(".lead")).to_contain_text("3 descriptions are due")
    hearts = owner.get_by_role("article", name=NAMES[0])
    while hearts.get_by_role("button", name="Still correct").count():
        hearts.get_by_role("button", name="Still correct").first.click()
    expect(owner.get_by_role("status")).to_contain_text("is confirmed")
    lungs = owner.get_by_role("article", name=NAMES[1])
    lungs.get_by_role("button", name="All of it is correct").click()
    expect(owner.locator(".lead")).to_contain_text("1 description is due")
    owner.get_by_role("article", name=NAMES[2]).get_by_role(
        "link", name="It needs a change"
    ).click()
    expect(owner).to_have_url(re.compile("/sign-in"))

    world.goto("/datasets/hearts")
    expect(world.get_by_text(re.compile("Confirmed by its holder in"))).to_be_visible()
    world.goto("/datasets")
    expect(world.get_by_text("Check overdue since")).to_have_count(1)


def test_a_manager_sees_what_is_due_and_what_would_help_and_goes_there(as_person):
    nora = as_person("nora@example.org")
    nora.goto("/workspace")
    nora.get_by_role("link", name="How Ghent is doing").click()
    expect(nora.get_by_role("heading", name="Searches you nearly matched")).to_be_visible()
    row = nora.get_by_role("row").filter(has_text="yours says something else").first
    expect(row).to_contain_text("Countries and regions: France: yours says something else")
    nora.get_by_role("link", name="yours does not say: Kind of source").first.click()
    expect(nora.locator("#field-source_type")).to_be_visible()
    nora.goto("/workspace/dataset/kidneys/quality")
    nora.get_by_role("link", name="Median follow-up in years").click()
    expect(nora.locator("#field-follow_up_median_years")).to_be_visible()
