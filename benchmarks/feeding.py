"""Measure what other portals take: dumps, pages of the feed, changes; beside ckanext-dcat.

    python benchmarks/feeding.py --size 10000
    python benchmarks/feeding.py --size 100000 --keep /var/tmp/feeding-100000

Records are written as a load would leave them, without the checks of publishing and without the
search index, which no feed reads.  Dumps are measured in CPU seconds with the memory the process
held more than before; pages over HTTP, one connection that stays open, first byte to last.
ckanext-dcat's own serialiser writes the datasets of a page that its own parser read from our
feed: run by ``.venv-readers`` (``make readers`` makes it), left out where that is not there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from core import Peak, cpu, drain
from records import agents, datasets
from rich.console import Console
from rich.table import Table
from search import percentile
from serving import Client, serving, settings
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalogue.changes import Change, Head
from catalogue.instance import Catalogue
from catalogue.rdf.dumps import dump, packed_quads, packed_triples, packed_turtle
from catalogue.rdf.formats import FORMATS
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.naming import title_of

_READERS = Path(__file__).parents[1] / ".venv-readers/bin/python"
_BATCH, _PAGES = 1_000, 60


def prepare(folder: Path, size: int, **changed: str) -> None:
    """An instance with so many published datasets; one that is there is used."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue(settings(folder, "whoosh", **changed))
    catalogue.database.migrate()
    made = folder / "complete"
    if not made.exists():
        pending: list[tuple[str, str, dict[str, object]]] = []
        with catalogue.database.write() as session:
            _write(catalogue, session, [("agent", key, one) for key, one in agents()])
        for key, document in datasets(catalogue.profile, size):
            pending.append(("dataset", key, document))
            if len(pending) == _BATCH:
                with catalogue.database.write() as session:
                    _write(catalogue, session, pending)
                pending = []
        with catalogue.database.write() as session:
            _write(catalogue, session, pending)
    for name in ("facets", "rdf"):
        catalogue.follow(catalogue.followers[name])
    made.write_text(str(size), encoding="ascii")
    catalogue.close()


def _write(
    catalogue: Catalogue, session: Session, pending: list[tuple[str, str, dict[str, object]]]
) -> None:
    now = datetime.now(UTC)
    last = session.scalars(select(Head.seq)).one()
    records = []
    for kind, key, document in pending:
        shape = catalogue.records.shape(kind)
        typed, problems = shape.load(document)
        assert not problems, problems
        last += 1
        records.append(
            Record(
                kind=kind,
                key=key,
                iri=f"id/{kind}/{key}",
                slug=key,
                state=PUBLISHED,
                revision=1,
                document=shape.identify(typed),
                title=title_of(shape, typed),
                created=now,
                issued=now,
                modified=now,
                touched=now,
                last_change=last,
            )
        )
    session.add_all(records)
    session.flush()
    session.add_all(
        Change(
            seq=record.last_change,
            record_id=record.id,
            kind=record.kind,
            revision=1,
            action="published",
            at=now,
        )
        for record in records
    )
    session.execute(update(Head).values(seq=last))


def measure_dumps(folder: Path, row: Callable[[str, str], None]) -> None:
    """Records a CPU second and memory of every way to write all of them."""
    catalogue = Catalogue(settings(folder, "whoosh"))
    prefixes, base = catalogue.profile.prefixes, catalogue.graphs.base
    with catalogue.database.read() as session:
        count = session.query(Record).count()
        ways: dict[str, Callable[[], Iterable[bytes]]] = {
            **{
                f"dump, {one.label}": lambda one=one: dump(session, one, prefixes)  # type: ignore[misc]
                for one in FORMATS.values()
            },
            "dump, N-Triples in gzip": lambda: packed_triples(session),
            "dump, Turtle in gzip": lambda: packed_turtle(session, prefixes),
            "dump, N-Quads in gzip": lambda: packed_quads(session, base),
        }
        for name, way in ways.items():
            size = 0

            def work(way: Callable[[], Iterable[bytes]] = way) -> None:
                nonlocal size
                size = drain(way())

            with Peak() as peak:
                spent = min(cpu(work) for _ in range(3 if count < 50_000 else 1))
            row(
                name,
                f"{count / spent:,.0f} records/s, {spent:.1f} s, {size / 1e6:,.0f} MB, "
                f"+{peak.added:.0f} MB of memory",
            )
    catalogue.close()


def measure_http(folder: Path, size: int, row: Callable[[str, str], None]) -> None:
    """Pages of the feed and of the changes, as a harvester asks for them."""
    with serving(folder, "whoosh") as (port, _):
        client = Client(port)
        pages = {
            f"page of 100, {one.label}": f"/catalogue.{one.suffix}" for one in FORMATS.values()
        }
        pages["page of 100, Turtle, dcat-ap"] = "/catalogue.ttl?profile=dcat-ap"
        pages["page of 100, Turtle, self-contained"] = "/catalogue.ttl?self_contained=true"
        pages["page of 100 events, TriG"] = "/ldes.trig"
        for name, path in pages.items():
            times, length = [], 0
            for number in range(_PAGES):
                joint = "&" if "?" in path else "?"
                begin = time.perf_counter()
                length += len(client.get(f"{path}{joint}after={number * 977 % size}"))
                times.append(time.perf_counter() - begin)
            _tell(row, f"{name} ({length / _PAGES / 1e3:,.0f} kB)", times)
        tag, times = _tag(client, "/catalogue.ttl"), []
        for _ in range(200):
            begin = time.perf_counter()
            assert _status(client, "/catalogue.ttl", {"If-None-Match": tag}) == 304
            times.append(time.perf_counter() - begin)
        _tell(row, "the same page, nothing changed (304)", times)
        times = []
        for number in range(_PAGES):
            begin = time.perf_counter()
            client.get(f"/changes?since={number * 977 % size}")
            times.append(time.perf_counter() - begin)
        _tell(row, "1,000 changes", times)


def _tell(row: Callable[[str, str], None], name: str, times: list[float]) -> None:
    half, most = (percentile(sorted(times), share) * 1000 for share in (0.5, 0.95))
    row(name, f"{half:.1f} / {most:.1f} ms")


def _status(client: Client, path: str, headers: dict[str, str]) -> int:
    client._connection.request("GET", path, headers=headers)
    answer = client._connection.getresponse()
    answer.read()
    return answer.status


def _tag(client: Client, path: str) -> str:
    client._connection.request("HEAD", path)
    answer = client._connection.getresponse()
    answer.read()
    return str(answer.headers["ETag"])


_CKAN = """
import json, sys, time
import pylibmagic
from ckanext.dcat.processors import RDFParser, RDFSerializer
parser = RDFParser(profiles=["euro_dcat_ap_3"])
parser.parse(open(sys.argv[1]).read(), "turtle")
packages = []
for number, one in enumerate(parser.datasets()):
    extras = {e["key"]: e["value"] for e in one.get("extras", [])}
    one.update(id=str(number), name=f"d{number}", extras=[dict(key=k, value=v) for k, v in extras.items()])
    packages.append(one)
for format in ("turtle", "xml", "json-ld"):
    begin = time.process_time()
    RDFSerializer(profiles=["euro_dcat_ap_3"]).serialize_datasets(packages, _format=format)
    print(json.dumps([format, len(packages), time.process_time() - begin]), flush=True)
"""


def measure_ckan(folder: Path, row: Callable[[str, str], None]) -> None:
    """ckanext-dcat's serialiser over the datasets of one page."""
    if not _READERS.exists():
        row("ckanext-dcat", "left out: make readers installs it")
        return
    with serving(folder, "whoosh") as (port, _), tempfile.NamedTemporaryFile("wb") as page:
        page.write(Client(port).get("/catalogue.ttl"))
        page.flush()
        done = subprocess.run(
            [_READERS, "-c", _CKAN, page.name], capture_output=True, text=True, check=False
        )
    if done.returncode:
        row("ckanext-dcat", "failed: " + done.stderr.strip().splitlines()[-1])
    for line in done.stdout.splitlines():
        if line.startswith("["):
            format, count, spent = json.loads(line)
            row(f"ckanext-dcat, {format}", f"{count / spent:,.0f} records/s")


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="a folder to keep the instance in")
    options = parser.parse_args()
    table = Table("what", "figure (p50 / p95 over HTTP)", box=None, header_style="bold")
    with tempfile.TemporaryDirectory() as passing:
        folder = options.keep or Path(passing)
        begin = time.perf_counter()
        prepare(folder, options.size)
        table.add_row(f"{options.size:,} datasets ready", f"{time.perf_counter() - begin:.0f} s")
        measure_dumps(folder, table.add_row)
        measure_ckan(folder, table.add_row)
        measure_http(folder, options.size, table.add_row)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
