"""Measure harvesting: one instance takes in the feed of another over loopback.

    python benchmarks/harvesting.py --size 10000
    python benchmarks/harvesting.py --size 100000 --keep /var/tmp/harvested-100000

A source with so many datasets is made (with ``--keep`` once) and served by one worker of
gunicorn; an empty instance reads its feed in Turtle, 100 datasets to a page, as a worker
does: the first time, again with nothing changed, and again after one in a hundred changed.
Server and harvester share the cores.  Memory is what the harvester's process holds more than
before, with its views; its child that parses is not counted.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import feeding
from core import Peak
from rich.console import Console
from rich.table import Table
from serving import serving, settings
from sqlalchemy import func, select

from catalogue.accounts.viewer import Viewer
from catalogue.harvest.models import FINISHED, Run, Source
from catalogue.instance import Catalogue
from catalogue.records.models import PUBLISHED, Record

#: A port of its own, for the addresses in the feed are made once.
PORT = 18970
ADDRESS = f"http://127.0.0.1:{PORT}/"
_WE = Viewer(user=1, name="Benchmark", role="administrator")


def run(catalogue: Catalogue, source: int) -> Run:
    """One full run, worked at until it ends."""
    with catalogue.database.write() as session:
        number = catalogue.sources.ask(session, _WE, session.get_one(Source, source)).id
    catalogue.harvester.tend(lambda: False)
    with catalogue.database.read() as session:
        done = session.get_one(Run, number)
    assert done.state == FINISHED, (done.state, done.error)
    return done


def change(folder: Path, each: int) -> None:
    """Let one dataset in so many say something else."""
    catalogue = Catalogue(settings(folder, "whoosh", ADDRESS))
    stamp = str(time.time_ns())
    with catalogue.database.write() as session:
        found = select(Record).where(Record.kind == "dataset", Record.id % each == 0)
        for record in session.scalars(found).all():
            said = {**(record.document or {}), "version": stamp}
            catalogue.records.adopt(
                session, "dataset", said, key=record.key, lacking=True, author="benchmark"
            )
    for name in ("facets", "rdf"):
        catalogue.follow(catalogue.followers[name])
    catalogue.close()


def measure(kept: Path, size: int) -> list[tuple[str, str]]:
    """The rows of the table."""
    rows: list[tuple[str, str]] = []
    feeding.prepare(kept / "source", size, address=ADDRESS)
    shutil.rmtree(kept / "reader", ignore_errors=True)
    reader = settings(kept / "reader", "whoosh", "https://reader.example.org/")
    catalogue = Catalogue(replace(reader, harvest_allow="127.0.0.1"))
    catalogue.database.migrate()
    said = {"title": "A source", "address": f"{ADDRESS}catalogue.ttl", "protocol": "dcat"}
    said["incomplete"] = "publish"
    with catalogue.database.write() as session:
        source = catalogue.sources.add(session, _WE, said).id

    def timed(what: str, work: Callable[[], Run]) -> None:
        begin, used = time.perf_counter(), time.process_time()
        with Peak() as peak:
            done = work()
        took = time.perf_counter() - begin
        counts = ", ".join(f"{number:,} {outcome}" for outcome, number in done.counts.items())
        rows.append(
            (
                what,
                f"{took:.0f} s ({size / took:.0f} datasets/s; {time.process_time() - used:.0f} s of "
                f"CPU here), +{peak.added:.0f} MB: {counts}",
            )
        )

    with serving(kept / "source", "whoosh", PORT, ADDRESS):
        timed("the first time", lambda: run(catalogue, source))
        timed("nothing changed", lambda: run(catalogue, source))
    change(kept / "source", 100)
    with serving(kept / "source", "whoosh", PORT, ADDRESS):
        timed("one in a hundred changed", lambda: run(catalogue, source))
    with catalogue.database.read() as session:
        there = select(func.count()).select_from(Record)
        there = there.where(Record.kind == "dataset", Record.state == PUBLISHED)
        rows.append(("published here then", f"{session.scalar(there):,} datasets"))
    catalogue.close()
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="a folder to keep the source in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        rows = measure(options.keep or Path(passing), options.size)
    table = Table("what", "figure", box=None)
    for row in rows:
        table.add_row(*row)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
