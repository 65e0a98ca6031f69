"""Measure the owners' form over HTTP: its pages, saving by itself, the pages of the workspace.

    python benchmarks/describing.py --size 10000
    python benchmarks/describing.py --size 100000 --keep /var/tmp/catalogue-100000

The instance is that of ``serving.py`` (``--keep`` makes it once).  An administrator is signed in
and opens every section of fifty published datasets in turn, saves a changed answer in each by
the way the page saves by itself, and looks at overview, check, review and history.  One request
follows the other over one connection; client and server share the cores.
"""

from __future__ import annotations

import argparse
import http.client
import random
import re
import sqlite3
import tempfile
import time
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from search import Report
from serving import prepare, serving, settings, told

from catalogue.app import create_app
from catalogue.instance import Catalogue
from catalogue.profile.form import form


class Person:
    """Somebody who is signed in, over one connection that stays open."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Cookie": f"session={cookie}", "Sec-Fetch-Site": "same-origin"}

    def timed(self, path: str, data: dict[str, str] | None = None) -> tuple[float, str]:
        """Seconds until the last byte of an answer, and its text."""
        headers = dict(self._headers, Accept="text/html" if data is None else "application/json")
        body = None
        if data is not None:
            body = urlencode(data)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begin = time.perf_counter()
        self._connection.request("GET" if data is None else "POST", path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        spent = time.perf_counter() - begin
        if answer.status != 200:
            raise AssertionError(f"{path}: {answer.status} {text[:300]}")
        return spent, text


def inputs(page: str) -> dict[str, str]:
    """The hidden inputs of a page: what its fields were."""
    found = re.findall(r'<input type="hidden" name="(was-[^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def sign_in(folder: Path, engine: str) -> str:
    """The cookie of an administrator of the instance."""
    catalogue = Catalogue(settings(folder, engine))
    app = create_app(catalogue=catalogue)
    with catalogue.database.write() as session:
        email = "administrator@example.org"
        user = catalogue.accounts.by_email(session, email) or catalogue.accounts.add(
            session, "Administrator", email, "administrator"
        )
        catalogue.accounts.reset(
            session,
            catalogue.accounts.reset_link(session, user).rpartition("/")[2],
            "a password nobody will type",
        )
        secret = catalogue.accounts.sessions.begin(session, user, "benchmark")
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    catalogue.close()
    return str(serializer.dumps({"_user_id": secret}))


def measure(person: Person, folder: Path, sections: list[str], report: Report) -> None:
    """The rows of the table."""
    with sqlite3.connect(f"file:{folder / 'catalogue.db'}?mode=ro", uri=True) as database:
        keys = [
            key
            for (key,) in database.execute(
                "SELECT key FROM record WHERE kind = 'dataset' AND state = 'published'"
            )
        ]
    chosen = random.Random(5).sample(keys, 50)
    pages, saves = [], []
    for key in chosen:
        for section in sections:
            path = f"/workspace/dataset/{key}/{section}?tier=outcome-rich"
            spent, page = person.timed(path)
            pages.append(spent)
            if section != "about":
                continue
            for number in range(4):
                answers = {**inputs(page), "title-en": f"A title that was saved {number} times"}
                spent, _ = person.timed(path, answers)
                saves.append(spent)
                _, page = person.timed(path)
    report(f"| a page of the form | {told(pages)} |")
    report(f"| saving an answer | {told(saves)} |")
    for name in ("", "/check", "/review", "/history", "/preview"):
        times = [person.timed(f"/workspace/dataset/{key}{name}")[0] for key in chosen]
        report(f"| {name.strip('/') or 'overview'} of a record | {told(times)} |")
    typed = ["belg", "heart", "hospital", "prostate", "uni", "karol"]
    times = [
        person.timed(f"/workspace/pick/{where}?q={text[:length]}")[0]
        for where in ("condition", "country", "records/agent")
        for text in typed
        for length in range(2, len(text) + 1)
    ]
    report(f"| picking from a list while typing | {told(times)} |")
    times = [person.timed("/workspace")[0] for _ in range(50)]
    report(f"| the workspace | {told(times)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--engine", default="whoosh")
    parser.add_argument("--keep", type=Path, help="the folder of the instance; made if not there")
    said = parser.parse_args()
    report = Report(None)
    with tempfile.TemporaryDirectory() as temporary:
        folder = said.keep or Path(temporary)
        prepare(folder, said.size, said.engine, report)
        catalogue = Catalogue(settings(folder, said.engine))
        shape = catalogue.records.shape("dataset")
        sections = [section.slug for section in form(shape, "outcome-rich", {})]
        catalogue.close()
        cookie = sign_in(folder, said.engine)
        with serving(folder, said.engine) as (port, _):
            report(f"\n**Describing, {said.size:,}, {said.engine}**\n")
            report("| ms, p50 / p95 / longest | |\n| --- | ---: |")
            measure(Person(port, cookie), folder, sections, report)


if __name__ == "__main__":
    main()
