"""Measure pages and the API over HTTP: one server as it is meant to run, one client.

    python benchmarks/serving.py --size 10000
    python benchmarks/serving.py --size 100000 --keep /var/tmp/catalogue-100000

An instance with so many published datasets is made (with ``--keep`` once), gunicorn started
with one worker of four threads, and asked over one connection that stays open, one request
after the other; client and server share the two cores.  *First* is a request whose words
nobody has asked before.  *Warm* asks for the next two pages of the same search, so that
neither a kept answer nor a 304 is measured; kept answers have a row of their own.

This is not called ``http.py`` for Python's own module of that name.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from core import fill
from questions import addresses
from records import catalogues, described
from search import Report, percentile

from catalogue.config import Settings
from catalogue.instance import Catalogue

_ADDRESS = "https://catalogue.example.org/"
_SECONDS, _CONNECTIONS = 10.0, 4
_TYPED_SLOWLY = (
    "heart failure",
    "prostate cancer",
    "dementia",
    "acute myeloid",
    "university hospital",
    "registry",
    "quality of life",
    "leukaemia",
    "stroke",
    "bababan",
    "alzheimer",
    "norway",
    "biobank uppsala",
    "mortality",
    "multiple myeloma",
)


def settings(folder: Path, engine: str, address: str = _ADDRESS) -> Settings:
    """The settings of the instance."""
    return Settings(
        public_address=address, instance=str(folder), search_engine=engine, log_level="ERROR"
    )


def prepare(folder: Path, size: int, engine: str, report: Report) -> None:
    """Fill an instance and let every follower follow; an instance that is there is used."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue(settings(folder, engine))
    catalogue.database.migrate()
    made = folder / "complete"
    if not made.exists():
        begin = time.perf_counter()
        fill(catalogue, size, described(catalogue.profile, size), catalogues())
        report(f"Published {size:,} datasets in {time.perf_counter() - begin:.0f} s.")
    for name, follower in catalogue.followers.items():
        begin = time.perf_counter()
        touched = catalogue.follow(follower)
        if touched:
            report(f"View {name}: {touched:,} records in {time.perf_counter() - begin:.0f} s.")
    made.write_text(str(size), encoding="ascii")
    catalogue.close()


@contextmanager
def serving(
    folder: Path, engine: str, port: int = 0, address: str = _ADDRESS
) -> Iterator[tuple[int, int]]:
    """A server over the instance; gives its port and the id of its worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", "4"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "--no-control-socket"]
    server = subprocess.Popen(
        [*command, "--keep-alive", "30", "catalogue.app:serve()"],
        env={
            **{name: value for name, value in os.environ.items() if "CATALOGUE" not in name},
            "CATALOGUE_PUBLIC_ADDRESS": address,
            "CATALOGUE_INSTANCE": str(folder),
            "CATALOGUE_SEARCH_ENGINE": engine,
            "CATALOGUE_LOG_LEVEL": "ERROR",
        },
        cwd=Path(__file__).parents[1],
    )
    try:
        for _ in range(300):
            try:
                Client(port).get("/health")
                break
            except OSError:
                time.sleep(0.1)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        yield port, int(children[0])
    finally:
        server.terminate()
        server.wait(20)


class Client:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def get(self, path: str) -> bytes:
        """The body of an answer; anything but 200 is an error."""
        self._connection.request("GET", path, headers={"Accept": "*/*"})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{path}: {answer.status} {body[:300]!r}")
        return body

    def timed(self, path: str) -> float:
        """Seconds until the last byte of an answer."""
        begin = time.perf_counter()
        self.get(path)
        return time.perf_counter() - begin


def told(times: Sequence[float]) -> str:
    """Median, 95th percentile and longest in milliseconds."""
    if not times:
        return "–"
    median, high = percentile(times, 0.5) * 1000, percentile(times, 0.95) * 1000
    return f"{median:.1f} / {high:.1f} / {max(times) * 1000:.0f}"


def address(path: str, said: dict[str, str]) -> str:
    """A path with parameters."""
    return f"{path}?{urlencode(said)}"


def measure_search(
    client: Client, way: Way, classes: dict[str, list[dict[str, str]]], report: Report
) -> None:
    """Every class of searches first and warm, and answers that are kept."""
    every_first: list[float] = []
    every_warm: list[float] = []
    for name, questions in classes.items():
        first, warm = [], []
        for said in questions:
            begin, *others, _ = way.asked(said)
            first.append(client.timed(address(way.path, begin)))
            warm += [client.timed(address(way.path, other)) for other in others]
        report(f"| {way.label}: {name} | {told(first)} | {told(warm)} |")
        every_first += first
        every_warm += warm
    report(f"| {way.label}: all | {told(every_first)} | {told(every_warm)} |")
    kept = {name: again(client, way, questions) for name, questions in classes.items()}
    report(f"| {way.label}: typed, *kept answers* | – | {told(kept['typed'])} |")
    every = [seconds for some in kept.values() for seconds in some]
    report(f"| {way.label}: all, *kept answers* | – | {told(every)} |")


def again(client: Client, way: Way, questions: Sequence[dict[str, str]]) -> list[float]:
    """The first pages of some searches, each asked before."""
    asked = [address(way.path, way.asked(said)[0]) for said in questions]
    for one in asked:
        client.get(one)
    return [client.timed(one) for one in asked]


def _pages(said: dict[str, str]) -> list[dict[str, str]]:
    """The page asked for, and the next ones."""
    begin = int(said.get("page", 1))
    return [said, *({**said, "page": str(begin + more)} for more in (1, 2, 3))]


def _sizes(said: dict[str, str]) -> list[dict[str, str]]:
    """The API has no numbered pages: other sizes are other answers."""
    bare = {name: value for name, value in said.items() if name != "page"}
    sizes = [20, 19, 30, 11]
    if "page" in said:  # about everything: no two of one order are of one size
        number = (int(said["page"]) - 1) // 3
        sizes = [10 + number, 11 + number, 12 + number, 65 + number % 35]
    return [{**bare, "size": str(size)} for size in sizes]


@dataclass(frozen=True)
class Way:
    """A way of searching; ``asked`` are questions of which none has the answer of another.

    The first is new to the server, the next two are warm, the last is for the rush.
    """

    label: str
    path: str
    asked: Callable[[dict[str, str]], list[dict[str, str]]]


PAGE = Way("result page", "/datasets", _pages)
API = Way("API, all facets", "/api/v1/datasets", _sizes)


def measure_rest(client: Client, folder: Path, report: Report) -> None:
    """Typing help, pages of datasets, the home page."""
    typed = [word[:length] for word in _TYPED_SLOWLY for length in range(2, min(len(word), 12) + 1)]
    ways = [f"/api/v1/suggest?q={quote(text)}" for text in dict.fromkeys(typed)]
    first = [client.timed(way) for way in ways]
    report(
        f"| suggestions while typing | {told(first)} | {told([client.timed(w) for w in ways])} |"
    )
    with sqlite3.connect(f"file:{folder / 'catalogue.db'}?mode=ro", uri=True) as database:
        slugs = [s for (s,) in database.execute("SELECT slug FROM record WHERE kind = 'dataset'")]
    chosen = random.Random(3).sample(slugs, 100)
    first = [client.timed(f"/datasets/{slug}") for slug in chosen]
    again = [client.timed(f"/datasets/{slug}") for slug in chosen]
    report(f"| page of a dataset | {told(first)} | {told(again)} |")
    chosen = random.Random(4).sample(slugs, 100)
    first = [client.timed(f"/api/v1/datasets/{slug}") for slug in chosen]
    again = [client.timed(f"/api/v1/datasets/{slug}") for slug in chosen]
    report(f"| one dataset, API | {told(first)} | {told(again)} |")


def measure_throughput(port: int, classes: dict[str, list[dict[str, str]]]) -> str:
    """Four connections at once, pages and API in turn."""
    ways = [
        address(way.path, way.asked(said)[-1])
        for some in classes.values()
        for said in some
        for way in (PAGE, API)
    ]
    random.Random(9).shuffle(ways)
    times: list[float] = []
    pending, lock = iter(ways), threading.Lock()
    end = time.perf_counter() + _SECONDS

    def work() -> None:
        client = Client(port)
        while time.perf_counter() < end:
            with lock:
                way = next(pending, None)
            if way is None:
                return
            spent = client.timed(way)
            with lock:
                times.append(spent)

    begin = time.perf_counter()
    workers = [threading.Thread(target=work) for _ in range(_CONNECTIONS)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    rate = len(times) / (time.perf_counter() - begin)
    return (
        f"{_CONNECTIONS} connections at once, pages and API in turn: {rate:.0f} answers/s, "
        f"{told(times)} ms."
    )


def held(worker: int) -> float:
    """The memory the worker holds, in MB."""
    pages = int(Path(f"/proc/{worker}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Read the options, make the instance, start the server, ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--engine", default="whoosh", choices=["whoosh", "tantivy"])
    parser.add_argument("--keep", type=Path, help="a folder for the instance, to be used again")
    parser.add_argument("--markdown", type=Path, help="a file to write the figures into")
    options = parser.parse_args()
    report = Report(options.markdown)
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.keep or Path(scratch)).resolve()
        report(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} at the start.")
        prepare(folder, options.size, options.engine, report)
        catalogue = Catalogue(settings(folder, options.engine))
        classes = addresses(catalogue.profile)
        catalogue.close()
        report(
            "",
            f"**Over HTTP, {options.size:,}, {options.engine}** (load {os.getloadavg()[0]:.2f})",
            "",
            "| ms, p50 / p95 / longest | first | warm |",
            "| --- | ---: | ---: |",
        )
        opening = {}
        with serving(folder, options.engine) as (port, _):
            client = Client(port)
            opening["home page"] = client.timed("/")
            report(f"| home page | – | {told([client.timed('/') for _ in range(30)])} |")
            measure_rest(client, folder, report)
        for way in (PAGE, API):  # each its own server, for words to be new to it
            with serving(folder, options.engine) as (port, worker):
                client = Client(port)
                opening[way.label] = client.timed(address(way.path, {"sort": "title"}))
                client.get(address(way.path, {"q": "warm"}))
                measure_search(client, way, classes, report)
                memory = held(worker)
                if way is API:
                    throughput = measure_throughput(port, classes)
        for name, seconds in opening.items():
            report("", f"First answer of a new process, {name}: {seconds * 1000:.0f} ms.")
        report("", throughput, f"Memory of the worker: {memory:.0f} MB.")


if __name__ == "__main__":
    main()
