"""The whole way: a question, its near miss, the owner asked, a comparison, a statement, a digest."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from conftest import free_port, served, signed_in
from factories import EU, dataset, plant
from outbox import mails
from playwright.sync_api import expect
from sqlalchemy import select

from catalogue.accounts.models import Organisation
from catalogue.app import create_app
from catalogue.outcomes.saved.models import Saved
from catalogue.records.models import Record

SENTENCE = "more than 5,000 people in Belgium, with five years of follow-up"
WAYS = [(1280, True), (390, True), (390, False)]


@pytest.fixture
def ward(new_catalogue):
    """Two datasets of a hospital whose manager publishes without a review."""
    port = free_port()
    catalogue = new_catalogue(
        public_address=f"http://127.0.0.1:{port}/", rate_limits="off", review="not-required"
    )
    catalogue.post.close()  # what the test causes stays in the outbox
    plant(
        catalogue,
        dataset(title={"en": "Hearts of Ghent"}),
        dataset(title={"en": "Hearts of Utrecht"}, spatial=[EU + "country/NLD"]),
    )
    app = create_app(catalogue=catalogue)
    app.config["SESSION_COOKIE_SECURE"] = False
    olga = signed_in(app, "olga@ghent.example", organisations={"ghent": "manager"})
    with catalogue.database.write() as session:
        session.scalar(select(Record).where(Record.slug == "hf")).organisation = session.scalar(
            select(Organisation)
        ).id
    ada = signed_in(app, "ada@uni.example", name="Ada Lovelace")
    with served(catalogue.settings, port) as address:
        yield catalogue, address, ada, olga


@pytest.mark.parametrize(("width", "scripts"), WAYS)
def test_from_a_question_to_the_digest_that_answers_it(ward, opening, browser, axe, width, scripts):
    catalogue, address, ada, olga = ward

    def sound(page):
        """Nothing is wider than the window, and axe has nothing against it."""
        if scripts:
            fits = "document.documentElement.scrollWidth <= innerWidth"
            assert page.evaluate(fits), page.url
            assert axe(page) == [], page.url

    with ExitStack() as stack:
        ada = stack.enter_context(opening(browser, address, ada))
        olga = stack.enter_context(opening(browser, address, olga))
        page = ada(width, java_script_enabled=scripts)

        # a question, and its near miss
        page.goto("/")
        page.get_by_role("link", name="Ask a whole question").click()
        page.get_by_label("Your question in a sentence").fill(SENTENCE)
        page.get_by_role("button", name="Understand").click()
        sound(page)
        page.get_by_role("button", name="Ask this").click()
        expect(page.locator(".criteria li")).to_have_count(3)
        near = page.locator(".fit-group").first
        expect(near.get_by_role("heading")).to_contain_text("Near misses: 2 of 3")
        expect(near).to_contain_text("Hearts of Ghent")
        expect(near).not_to_contain_text("Hearts of Utrecht")
        sound(page)
        question = page.url.removeprefix(address.rstrip("/"))

        # the owner is asked for what is missing
        near.get_by_role("link", name="Follow-up: not stated. Ask the owner").click()
        page.get_by_role("button", name="Ask the owner").click()
        expect(page.get_by_text("You asked for this on")).to_be_visible()
        sound(page)
        page.get_by_role("link", name="Back to your question").click()
        expect(page.locator(".criteria li")).to_have_count(3)

        # it is followed
        page.get_by_role("link", name="Save this question").click()
        page.get_by_label("Name").fill("Belgian hearts")
        page.get_by_label("Every day").check()
        sound(page)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="Belgian hearts")).to_be_visible()

        # compared
        page.goto(question)
        for name in ("Hearts of Ghent", "Hearts of Utrecht"):
            page.get_by_label(f"Compare {name}").check()
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("2 datasets side by side")
        sound(page)

        # and stated for a protocol
        page.goto(question)
        page.get_by_role("link", name="Search statement for a protocol").click()
        page.get_by_role("button", name="Make it").click()
        expect(page.locator("main")).to_contain_text("It is made")
        sound(page)
        statement = page.url.partition("?")[0]

        # the owner answers
        owner = olga(width, java_script_enabled=scripts)
        owner.goto("/workspace")
        owner.get_by_role("link", name="Median follow-up", exact=True).click()
        expect(owner.get_by_role("note", name="Asked")).to_contain_text("1 person asks for this")
        owner.locator("#f-follow_up_median_years").fill("6")
        owner.get_by_role("button", name="Save and back to the list").click()
        owner.goto("/workspace/dataset/hf/publish")
        owner.get_by_role("button", name="Publish").click()
        expect(owner.get_by_text("Published. Everybody can see it.")).to_be_visible()

        # whoever asked hears of it, the question is answered, the digest and the statement say so
        with catalogue.database.write() as session:
            for one in session.scalars(select(Saved)):
                one.due = datetime.now(UTC) - timedelta(minutes=1)
        catalogue.tenders.only("digests")
        with catalogue.database.read() as session:
            told = {one.subject: one for one in mails(session) if "ada@" in one.recipient}
        assert any(subject.startswith("Answered: Hearts of Ghent") for subject in told)
        digest = next(one for subject, one in told.items() if "Belgian hearts" in subject)
        assert "Hearts of Ghent" in digest.body
        assert "Hearts of Utrecht" not in digest.body
        page.goto(question)
        expect(page.locator("#found")).to_contain_text("1 meets all 3")
        page.goto(statement)
        expect(page.locator("main")).to_contain_text("Hearts of Ghent")
        sound(page)
