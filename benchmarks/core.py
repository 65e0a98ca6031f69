"""Measure the core: saving, RDF, dumps and rebuilds.

    python benchmarks/core.py                       # 1,000 and 10,000 datasets
    python benchmarks/core.py --sizes 1000 100000 --without search

CPU seconds of this process, best of several runs where a run is short; the peak is what the
process held in memory at most while it dumped, above what it held before.  rdflib's serialiser is
measured beside it on the same records, in the same run.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rdflib import Graph
from records import agents, datasets
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.rdf.dumps import dump, fragments, packed_triples
from catalogue.rdf.formats import FORMATS, N_TRIPLES, TURTLE, write
from catalogue.records.models import Fragment, Record

_LARGEST_FOR_RDFLIB = 1000


def resident() -> int:
    """The memory the process holds now, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Peak:
    """Watches how much memory is added while a block runs."""

    def __enter__(self) -> Peak:
        gc.collect()
        self._before = self._most = resident()
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def _watch(self) -> None:
        while not self._done.wait(0.002):
            self._most = max(self._most, resident())

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watcher.join()
        self.added = (self._most - self._before) / 1e6


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    start = time.process_time()
    work()
    return time.process_time() - start


def drain(pieces: Iterable[bytes]) -> int:
    """Take in every piece, as a socket would."""
    return sum(map(len, pieces))


def fill(
    catalogue: Catalogue,
    count: int,
    pending: Iterator[tuple[str, dict[str, Any]]] | None = None,
    catalogues: Iterable[tuple[str, dict[str, Any]]] = (),
) -> float:
    """Publish the records in batches, without following; returns datasets a CPU second."""

    def batches() -> Iterator[None]:
        nonlocal pending
        pending = pending or datasets(catalogue.profile, count)
        with catalogue.database.write() as session:
            for key, document in agents():
                catalogue.records.put(session, "agent", document, key=key, author="bench")
            for key, document in catalogues:
                catalogue.records.put(session, "catalogue", document, key=key, author="bench")
        done = 0
        while done < count:
            with catalogue.database.write() as session:
                for _, (key, document) in zip(range(500), pending, strict=False):
                    catalogue.records.put(session, "dataset", document, key=key, author="bench")
                    done += 1
            yield

    return count / cpu(lambda: [None for _ in batches()])


def measure(count: int, table: Table, without: set[str]) -> None:
    """Everything at one size."""
    with tempfile.TemporaryDirectory() as instance:
        catalogue = Catalogue(
            Settings(public_address="https://catalogue.example.org/", instance=instance)
        )
        catalogue.database.migrate()

        def row(what: str, figure: str) -> None:
            table.add_row(f"{count:,}", what, figure)

        row("publish in batches of 500", f"{fill(catalogue, count):,.0f} datasets/s")
        for name, follower in catalogue.followers.items():
            if name in without:
                row(f"rebuild {name}", "left out")
                continue
            spent = cpu(lambda f=follower: catalogue.follow.rebuild(f))  # type: ignore[misc]
            row(f"rebuild {name}", f"{count / spent:,.0f} records/s, {spent:.1f} s")
        _save_one(catalogue, count, row, without)
        _one_record(catalogue, row)
        _dumps(catalogue, row)
        if count <= _LARGEST_FOR_RDFLIB:
            _rdflib(catalogue, row)
        catalogue.close()


def _save_one(
    catalogue: Catalogue, count: int, row: Callable[[str, str], None], without: set[str]
) -> None:
    """Publish single records with every view up to date at the end, as a web request does."""
    if without:
        return
    times = []
    for key, document in datasets(catalogue.profile, 30, seed=8):
        start = time.perf_counter()
        with catalogue.changing() as session:
            catalogue.records.put(session, "dataset", document, key=f"new-{key}", author="bench")
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    row(
        "save, publish and follow one",
        f"{statistics.median(times):.0f} ms median, "
        f"{times[int(len(times) * 0.95)]:.0f} ms p95 (wall)",
    )


def _one_record(catalogue: Catalogue, row: Callable[[str, str], None]) -> None:
    with catalogue.database.read() as session:
        records = session.scalars(select(Record).where(Record.kind == "dataset").limit(200)).all()
        spent = cpu(lambda: [catalogue.graphs.fragment(r) for r in records]) / len(records)
        row("statements of one record", f"{spent * 1000:.2f} ms")
        for suffix, format in FORMATS.items():
            spent = cpu(
                lambda f=format: [  # type: ignore[misc]
                    write(
                        catalogue.graphs.self_contained(session, r), f, catalogue.profile.prefixes
                    )
                    for r in records
                ]
            ) / len(records)
            row(f"one self-contained record, .{suffix}", f"{spent * 1000:.2f} ms")


def _dumps(catalogue: Catalogue, row: Callable[[str, str], None]) -> None:
    prefixes = catalogue.profile.prefixes
    with catalogue.database.read() as session:
        count = session.scalar(select(func.count()).select_from(Fragment)) or 0
        ways: dict[str, Callable[[], Iterable[bytes]]] = {
            "dump, Turtle": lambda: dump(session, TURTLE, prefixes),
            "dump, N-Triples": lambda: dump(session, N_TRIPLES, prefixes),
            "dump, N-Triples in gzip": lambda: packed_triples(session),
        }
        for name, way in ways.items():
            with Peak() as peak:
                spent = min(cpu(lambda w=way: drain(w())) for _ in range(3))  # type: ignore[misc]
            row(name, f"{count / spent:,.0f} records/s, {spent:.2f} s, +{peak.added:.0f} MB")


def _rdflib(catalogue: Catalogue, row: Callable[[str, str], None]) -> None:

    with catalogue.database.read() as session:
        source = [one for _, one in fragments(session, N_TRIPLES)]
    graph = Graph()
    spent = cpu(lambda: graph.parse(data=b"".join(source), format="nt"))
    for prefix, namespace in catalogue.profile.prefixes.items():
        graph.bind(prefix, namespace)
    row("rdflib: read the same records", f"{len(source) / spent:,.0f} records/s")
    for name in ("turtle", "nt"):
        spent = cpu(lambda n=name: graph.serialize(format=n))  # type: ignore[misc]
        row(f"rdflib: serialise them, {name}", f"{len(source) / spent:,.0f} records/s")


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--without", nargs="*", default=[], help="followers to leave out")
    options = parser.parse_args()
    table = Table("datasets", "what", "figure", box=None, header_style="bold")
    for count in options.sizes:
        measure(count, table, set(options.without))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
