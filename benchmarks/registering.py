"""Register a valid dataset in a real browser, from nothing to published, and count what it takes.

    python benchmarks/registering.py
    python benchmarks/registering.py --pictures /tmp/pictures --width 390 --no-scripts

A server runs over a new catalogue with the demonstration records.  A registry manager without
an account registers, confirms, names the organisation, answers the twelve questions of the
publishable minimum, and submits; a reviewer publishes.  Printed are the pages a person sees,
the fields filled in, and the seconds spent waiting for pages (from the press of a button to
the page's load event); how long people think is not measured.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.seed import seed

ROOT = Path(__file__).parents[1]
PASSWORD = "twelve questions suffice"
#: What the registry manager answers, by the label of the question; lists are picked by name.
ANSWERS: dict[str, dict[str, str | list[str]]] = {
    "How to reach it": {"Contact page": "https://registry.example/contact"},
    "Title": {"": "Heart failure registry of East Flanders"},
    "Description": {"": "Everybody admitted with heart failure to five hospitals since 2009."},
    "Kind of source": {"": ["Disease registry"]},
    "Keywords": {"": "heart failure"},
    "Health data categories": {"": ["Data from medical registries and mortality registries"]},
    "Conditions studied": {"Condition": ["heart failure"], "People with the condition": "12,000"},
    "People in the dataset": {"": "12,000"},
    "Countries and regions": {"": ["Belgium"]},
    "Access rights": {"": ["Non-public"]},
    "Health data access body": {"": ["Health data access body not yet known"]},
    "Contact": {"E-mail": "desk@registry.example"},
    "Provenance": {"": "Collected at discharge from the hospitals' records."},
}


class Counter:
    """Counts pages, fields and the time spent waiting."""

    def __init__(self, page: Page, pictures: Path | None) -> None:
        self.page, self.pictures = page, pictures
        self.pages = self.fields = 0
        self.waited = 0.0

    def go(self, address: str) -> None:
        begin = time.perf_counter()
        self.page.goto(address, wait_until="load")
        self._seen(begin)

    def press(self, name: str, role: str = "button") -> None:
        begin = time.perf_counter()
        with self.page.expect_navigation(wait_until="load"):
            self.page.get_by_role(role, name=name, exact=False).first.click()  # type: ignore[arg-type]
        self._seen(begin)

    def _seen(self, begin: float) -> None:
        self.waited += time.perf_counter() - begin
        self.pages += 1
        if self.pictures:
            name = re.sub(r"\W+", "-", self.page.title())[:40]
            self.page.screenshot(
                path=str(self.pictures / f"{self.pages:02}-{name}.png"), full_page=True
            )

    def fill(self, selector: str, text: str) -> None:
        self.page.fill(selector, text)
        self.fields += 1


def answer(counter: Counter, scripts: bool) -> None:
    """Answer every question of the page that an answer is known for."""
    page = counter.page
    for question in page.locator("form#form > .question").all():
        said = question.locator("legend, .ask").first.inner_text().split("\n")[0]
        label = said.replace(" needed", "").strip()
        for inner, value in ANSWERS.get(label, {}).items():
            box = question
            if inner:
                caption = page.locator("legend, .ask", has_text=re.compile(f"^{inner}"))
                box = question.locator(".question").filter(has=caption).first
            counter.fields += 1
            if isinstance(value, str):
                box.locator("textarea, input[type=text]").first.fill(value)
                continue
            for name in value:
                choice = box.get_by_role("radio", name=name).or_(
                    box.get_by_role("checkbox", name=name)
                )
                if choice.count() and choice.first.is_visible():
                    choice.first.check()
                    continue
                typing = box.locator("input.picking").first
                typing.fill(name)
                if scripts:
                    box.get_by_role("option").first.wait_for()
                    typing.press("ArrowDown")
                    typing.press("Enter")


def register(page: Page, log: Path, pictures: Path | None, scripts: bool) -> Counter:
    """From nothing to submitted."""
    counter = Counter(page, pictures)
    counter.go("/register")
    counter.fill("[name=name]", "Nora Nurse")
    counter.fill("[name=email]", "nora@registry.example")
    counter.press("Send me the link")
    counter.go(mailed(log, r"\S+/confirm/\S+"))
    for box in page.locator("main input[type=password]").all():
        box.fill(PASSWORD)
        counter.fields += 1
    page.locator("main form button").first.focus()
    counter.press(page.locator("main form button").first.inner_text())
    counter.press("Name your organisation", "link")
    counter.fill("[name=name]", "East Flanders Heart Registry")
    counter.press(page.locator("main form button").first.inner_text())
    while "/workspace/agent/" in page.url and page.locator("form#form").count():
        answer(counter, scripts)
        counter.press("Save and")
    counter.press("Describe a dataset")
    while page.locator("form#form").count():
        answer(counter, scripts)
        counter.press("Save and")
    counter.press("Submit for review", "link")
    counter.press("Submit for review")
    return counter


def mailed(log: Path, pattern: str) -> str:
    """The last link of a kind that a mail held."""
    for _ in range(100):
        if found := re.findall(pattern, log.read_text()):
            return str(found[-1])
        time.sleep(0.1)
    raise SystemExit(f"No mail with {pattern} came.")


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, Path]]:
    """A server over a new catalogue with the demonstration records; its address and its log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    catalogue = Catalogue(Settings(public_address=address, instance=str(folder)))
    catalogue.database.migrate()
    seed(catalogue, ROOT / "seed_data")
    catalogue.catch_up()
    with catalogue.database.write() as session:
        reviewer = catalogue.accounts.add(
            session, "Rita Reviewer", "rita@network.example", "reviewer"
        )
        link = catalogue.accounts.reset_link(session, reviewer)
        catalogue.accounts.reset(session, link.rpartition("/")[2], PASSWORD)
    catalogue.close()
    log = folder / "log"
    with log.open("wb") as out:
        running = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "--bind",
                address.removeprefix("http://").rstrip("/"),
                "--threads=8",
                "--no-control-socket",
                "catalogue.app:serve()",
            ],
            env={
                **os.environ,
                "CATALOGUE_PUBLIC_ADDRESS": address,
                "CATALOGUE_INSTANCE": str(folder),
            },
            stderr=out,
            stdout=out,
            cwd=ROOT,
        )
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(address + "health", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield address, log
        finally:
            running.terminate()
            running.wait(20)


def publish(page: Page) -> str:
    """The reviewer publishes what waits; gives the address of the public page."""
    page.goto("/sign-in")
    page.fill("[name=email]", "rita@network.example")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.goto("/workspace")
    page.get_by_role("link", name="Heart failure registry").first.click()
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    return page.get_by_role("link", name="The public page").get_attribute("href") or ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of every page")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--no-scripts", action="store_true")
    said = parser.parse_args()
    if said.pictures:
        said.pictures.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder)) as (address, log),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        open_ = {
            "base_url": address,
            "viewport": {"width": said.width, "height": 900},
            "java_script_enabled": not said.no_scripts,
        }
        counter = register(
            browser.new_context(**open_).new_page(), log, said.pictures, not said.no_scripts
        )
        public = publish(browser.new_context(**open_).new_page())
        with urllib.request.urlopen(address + public.lstrip("/")) as answer_:
            assert answer_.status == 200
        browser.close()
    print(
        f"Registered and published: {counter.pages} pages, {counter.fields} fields, "
        f"{counter.waited:.1f} s of waiting for pages"
        f"{' without scripts' if said.no_scripts else ''}, {said.width} px. {public}"
    )


if __name__ == "__main__":
    main()
