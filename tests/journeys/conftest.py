"""A browser, pages of it, and axe."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

_ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, live: str) -> Iterator[Callable[..., Page]]:
    """Opens a page with settings of its own: width, colour scheme, scripts."""
    with opening(browser, live) as open_page:
        yield open_page


@pytest.fixture(scope="session", name="opening")
def _opening() -> Callable[..., AbstractContextManager[Callable[..., Page]]]:
    """``opening(browser, address, person)``: opens pages of any server, signed in or not."""
    return opening


@contextmanager
def opening(
    browser: Browser, address: str, person: FlaskClient | None = None
) -> Iterator[Callable[..., Page]]:
    """Opens pages of a server, for somebody who is signed in as in a client.

    Every page must stay without a word in the console: no broken policy, no lost file.
    """
    contexts, said = [], []

    def open_page(width: int = 1280, **settings: object) -> Page:
        context = browser.new_context(
            base_url=address, viewport={"width": width, "height": 900}, **settings
        )
        contexts.append(context)
        if person is not None and (cookie := person.get_cookie("session")):
            context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page = context.new_page()
        page.on(
            "console", lambda message: said.append(message.text) if _is_fault(message) else None
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def _is_fault(message: ConsoleMessage) -> bool:
    """Whether a word in the console is a fault; that an answer was “no” (4xx) is none."""
    expected = ("status of 4", "ERR_INTERNET_DISCONNECTED")
    fault = message.type in ("error", "warning")
    return fault and not any(text in message.text for text in expected)


@pytest.fixture
def browser_page(open_page: Callable[..., Page]) -> Page:
    """A new page, 1280 px wide."""
    return open_page()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """What axe has against a page: one line a violation, none if all is well."""
    source = Path(os.environ.get("AXE", _ROOT / "node_modules/axe-core/axe.min.js")).read_text()
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def axe(page: Page) -> list[str]:
        # evaluate() is not bound by the page's content policy; a script element would be.
        page.evaluate(source)
        found = page.evaluate("(tags) => axe.run({runOnly: tags})", rules)
        return [
            f"{one['id']}: {one['help']}: {node['target']} {node['html'][:120]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    return axe
