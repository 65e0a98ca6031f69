"""Following and asking in a browser: one asks an owner and is told, one saves and is told."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from conftest import free_port, served, signed_in
from factories import agent, dataset
from outbox import mails
from playwright.sync_api import expect
from sqlalchemy import select

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.outcomes.saved.models import Saved


@pytest.fixture(scope="module")
def ward(tmp_path_factory):
    """A dataset of a hospital that publishes by itself, and somebody who looks for data."""
    folder = tmp_path_factory.mktemp("saved")
    settings = Settings(
        public_address="https://c.example/", instance=str(folder), review="not-required"
    )
    catalogue = Catalogue(settings)
    catalogue.database.migrate()
    catalogue.post.close()  # what the tests cause stays in the outbox
    app = create_app(catalogue=catalogue)
    signed_in(app, "olga@example.org", organisations={"ghent": "manager"}, name="Olga Owner")
    signed_in(app, "ada@example.org", name="Ada Lovelace")
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="seed")
        team = catalogue.accounts.organisations.get(session, "ghent")
        record = catalogue.records.put(session, "dataset", dataset(), key="hf", author="seed")
        record.organisation = team.id
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="module")
def address(ward):
    with served(ward.settings, free_port()) as address:
        yield address


@pytest.fixture
def as_person(opening, browser, address, ward):
    """``as_person("ada@example.org", width=390)``: a page in which somebody is signed in."""
    with ExitStack() as stack:

        def as_person(email, **settings):
            client = signed_in(
                create_app(catalogue=ward),
                email,
                organisations={"ghent": "manager"} if email.startswith("olga") else None,
            )
            return stack.enter_context(opening(browser, address, client))(**settings)

        yield as_person


def sound(page, axe):
    """The page passes axe and fits its width; without scripts nothing can be measured."""
    if axe is None:
        return
    page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    assert axe(page) == [], page.url
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(fits), page.url


def outbox(catalogue):
    with catalogue.database.read() as session:
        return mails(session)


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (390, True), (1280, False)])
def test_a_question_reaches_its_field_and_the_answer_who_asked(
    as_person, ward, axe, width, scripts
):
    axe = axe if scripts else None
    # Each journey asks for another field of the same dataset.
    label, field = {
        (1280, True): ("Lag", "lag_months"),
        (390, True): ("Median follow-up", "follow_up_median_years"),
        (1280, False): ("Longest follow-up", "follow_up_maximum_years"),
    }[width, scripts]
    ada = as_person("ada@example.org", width=width, java_script_enabled=scripts)
    ada.goto("/datasets/hf")
    sound(ada, axe)
    ada.locator("#coverage").get_by_role("link", name="Ask the owner").press("Enter")
    sound(ada, axe)
    ada.get_by_role("link", name=label, exact=True).click()
    expect(ada.get_by_role("heading", level=1)).to_contain_text(label)
    sound(ada, axe)
    if not scripts:
        ada.get_by_text("Add a note").click()
    ada.get_by_label("Why you ask").fill("We plan a trial")
    ada.get_by_role("button", name="Ask the owner").press("Enter")
    expect(ada.get_by_text("You asked for this on")).to_be_visible()
    sound(ada, axe)

    olga = as_person("olga@example.org", width=width, java_script_enabled=scripts)
    olga.goto("/workspace")
    sound(olga, axe)
    olga.get_by_role("link", name=label, exact=True).press("Enter")
    asked = olga.get_by_role("note", name="Asked")
    expect(asked).to_contain_text("1 person asks for this")
    expect(asked).to_contain_text("We plan a trial")
    expect(asked).not_to_contain_text("Ada")
    sound(olga, axe)
    olga.locator(f"#f-{field}").fill("5")
    olga.get_by_role("button", name="Save and back to the list").click()
    olga.goto("/workspace/dataset/hf/publish")
    olga.get_by_role("button", name="Publish").press("Enter")
    expect(olga.get_by_text("Published. Everybody can see it.")).to_be_visible()
    answered = outbox(ward)[-1]
    assert answered.recipient == "ada@example.org"
    assert answered.subject.startswith("Answered: Heart failure registry of Ghent")
    olga.goto("/workspace/dataset/hf/history")
    expect(olga.get_by_text(f"Answered the question of 1 reader: {label}")).to_be_visible()
    ada.reload()
    expect(ada.get_by_text("It is stated by now")).to_be_visible()


# Who saves the same again is led to what is there, so each journey saves another search.
@pytest.mark.parametrize(
    ("words", "width", "scripts"),
    [("registry", 1280, True), ("heart registry", 390, True), ("ghent registry", 1280, False)],
)
def test_a_search_is_saved_told_when_it_changes_and_left_with_one_click(
    as_person, ward, axe, words, width, scripts
):
    axe = axe if scripts else None
    ada = as_person("ada@example.org", width=width, java_script_enabled=scripts)
    ada.goto(f"/datasets?q={words}")
    ada.get_by_role("link", name="Save this search").press("Enter")
    sound(ada, axe)
    name = f"Registries at {width}" + (" and more" if scripts else "")
    ada.get_by_role("textbox", name="Name").fill(name)
    ada.get_by_label("Every day").check()
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("Nothing has changed since")).to_be_visible()
    sound(ada, axe)
    people = 12000 + width + scripts  # another number in each journey
    with ward.changing() as session:
        changed = dataset(number_of_unique_individuals=people)
        ward.records.put(session, "dataset", changed, key="hf", author="test")
    with ward.database.write() as session:
        for one in session.scalars(select(Saved)):
            one.due = datetime.now(UTC) - timedelta(minutes=1)
    ward.tenders.only("digests")
    mail = next(one for one in reversed(outbox(ward)) if name in one.subject)
    assert f"{people:,}" in mail.body
    ada.reload()
    expect(ada.locator(".digest ins").first).to_have_text(f"{people:,}")
    sound(ada, axe)
    stranger = as_person("ada@example.org", width=width)
    stranger.context.clear_cookies()
    stranger.goto("/" + mail.unsubscribe.split("/", 3)[3])
    sound(stranger, axe)
    stranger.get_by_role("button", name="Send me no more of them").press("Enter")
    expect(stranger.get_by_role("heading", name="No more mails")).to_be_visible()
    ada.reload()
    expect(ada.get_by_label("No mails, only the feed")).to_be_checked()
    ada.get_by_role("button", name="Delete").click()
    sound(ada, axe)
    ada.get_by_role("button", name=f"Take it back {name}").click()
    expect(ada.get_by_role("heading", name=name)).to_be_visible()
    ada.goto("/saved")
    sound(ada, axe)
