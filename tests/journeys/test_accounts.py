"""Somebody comes in: registers, confirms, makes a token, loses the session, keeps the work."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import free_port, served
from playwright.sync_api import Page, expect

from catalogue.config import Settings
from catalogue.instance import Catalogue

PASSWORD = "seven grey herons"


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> Path:
    """What the server says; its mails are written there."""
    return tmp_path_factory.mktemp("accounts") / "log"


@pytest.fixture(scope="module")
def live(log: Path) -> Iterator[str]:
    """A server over an empty catalogue, whose links lead to itself."""
    port = free_port()
    settings = Settings(
        public_address=f"http://127.0.0.1:{port}/",
        instance=str(log.parent / "instance"),
        rate_limits="off",
    )
    catalogue = Catalogue(settings)
    catalogue.database.migrate()
    catalogue.close()
    with served(settings, port, log) as address:
        yield address


@pytest.fixture
def link(log: Path) -> Callable[[str, str], str]:
    """The last link for a purpose that was sent to an address; it may take a moment to come."""

    def link(purpose: str, email: str) -> str:
        for _ in range(100):
            for mail in reversed(log.read_text().split("NOT SENT")):
                found = re.search(rf"^http\S+/{purpose}/\S+$", mail, re.M)
                if found and f"\nTo: {email}\n" in mail:
                    return found[0]
            time.sleep(0.05)
        pytest.fail(f"no {purpose} mail came to {email}")

    return link


def come_in(page: Page, email: str, name: str, link: Callable[[str, str], str]) -> None:
    page.goto("/register")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your mails")).to_be_visible()
    page.goto(link("confirm", email))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm and sign in").click()
    expect(page).to_have_url(re.compile("/workspace$"))


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scripts", [True, False])
def test_from_registering_to_signing_out(open_page, axe, link, width, scripts):
    page = open_page(
        width=width, java_script_enabled=scripts, color_scheme="dark" if scripts else "light"
    )
    email = f"ada-{width}-{scripts}@example.org".lower()
    if not scripts:  # axe is one
        axe = lambda _: []  # noqa: E731

    page.goto("/")
    page.get_by_role("link", name="Sign in").click()
    assert axe(page) == []
    page.get_by_role("link", name="Ask for an account").click()
    page.get_by_role("button", name="Send me the link").click()
    problems = page.get_by_role("alert")
    expect(problems).to_be_focused()
    assert axe(page) == []
    assert fits(page)
    problems.get_by_role("link", name="Enter an e-mail address.").click()
    expect(page.get_by_label("E-mail address")).to_be_focused()
    assert axe(page) == []

    come_in(page, email, "Ada Nurse", link)
    page.goto("/account")
    assert axe(page) == []
    assert fits(page)
    expect(page.get_by_role("row", name=re.compile("This browser"))).to_be_visible()

    page.get_by_text("Make a token").first.click()
    page.get_by_label("What will use it").fill("nightly import")
    page.get_by_label("It only reads").check()
    page.get_by_role("button", name="Make the token").click()
    token = page.locator("#token").inner_text()
    assert re.fullmatch(r"cat_[\w-]{43}", token)
    assert axe(page) == []
    assert fits(page)
    page.get_by_role("link", name="I have copied it").click()
    expect(
        page.get_by_role("row", name=re.compile(f"nightly import.*{re.escape(token[-4:])}"))
    ).to_be_visible()
    page.get_by_role("button", name="Revoke nightly import").click()
    expect(page.get_by_role("row", name=re.compile("nightly import"))).to_have_count(0)

    page.get_by_role("link", name="Make an organisation").click()
    page.get_by_label("Name of the organisation").fill("Hospital of Ghent")
    page.get_by_role("button", name="Make the organisation").click()
    # First comes how people reach it; who belongs to it is on the page of the account.
    expect(page).to_have_url(re.compile("/workspace/agent/"))
    page.goto("/account")
    page.get_by_role("link", name="Hospital of Ghent").click()
    page.get_by_label("E-mail address").fill(f"new-{email}")
    page.get_by_label("editor").check()
    assert axe(page) == []
    assert fits(page)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("row", name=re.compile(f"new-{email}"))).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()

    page.goto(link("invitation", f"new-{email}"))
    assert axe(page) == []
    page.get_by_label("Your name").fill("New Colleague")
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Make an account and accept").click()
    expect(page.get_by_role("heading", name="Hospital of Ghent")).to_be_visible()
    expect(page.get_by_role("banner").get_by_text("New Colleague")).to_be_visible()


def test_what_was_written_is_kept_when_the_session_ended_meanwhile(open_page, link):
    page = open_page(java_script_enabled=False)
    come_in(page, "eve@example.org", "Eve", link)
    page.goto("/account/name")
    page.get_by_label("Your name").fill("Eve “the” <Editor>")
    page.context.clear_cookies()  # the session is over
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("heading", name="Your session has ended")).to_be_visible()
    page.get_by_label("E-mail address").fill("eve@example.org")
    page.get_by_label("Password").fill("wrong wrong wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Save what you wrote").click()
    expect(page).to_have_url(re.compile("/account$"))
    expect(page.get_by_role("banner")).to_contain_text("Eve “the” <Editor>")


def test_by_keyboard_alone(open_page, link):
    page = open_page()
    come_in(page, "key@example.org", "Key", link)
    page.get_by_role("button", name="Sign out").press("Enter")
    page.goto("/sign-in")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type("key@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/workspace$"))


@pytest.mark.parametrize("width", [1280, 390])
def test_administrators_look_after_accounts(open_page, axe, live, log, link, width):
    page = open_page(width=width)
    email = f"boss-{width}@example.org"
    come_in(page, email, "The Boss", link)
    catalogue = Catalogue(Settings(public_address=live, instance=str(log.parent / "instance")))
    with catalogue.database.write() as session:
        catalogue.accounts.by_email(session, email).role = "administrator"
    catalogue.close()
    page.goto("/admin/users")
    assert axe(page) == []
    assert fits(page)
    page.get_by_label("Name or e-mail address").fill(email)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="The Boss").click()
    assert axe(page) == []
    assert fits(page)
    page.get_by_label("Only").select_option("signed in")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("table").get_by_text("The Boss").first).to_be_visible()
