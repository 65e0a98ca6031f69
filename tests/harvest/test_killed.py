"""A worker that is killed anywhere in a run, again and again, and the catalogue that comes of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import ROOT, free_port, served
from sqlalchemy import func, select

from catalogue import changes
from catalogue.accounts.viewer import Viewer
from catalogue.harvest.models import FINISHED, Item, Run
from catalogue.instance import Catalogue
from catalogue.records.models import PUBLISHED, Record, Revision
from catalogue.seed import seed

_ADMINISTRATOR = Viewer(user=1, name="Ada", role="administrator")
_PATIENCE = 240


@contextmanager
def _worker(catalogue: Catalogue, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = catalogue.settings
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "catalogue", "catalogue", "worker"],
            cwd=ROOT,
            env={
                **os.environ,
                "CATALOGUE_INSTANCE": settings.instance,
                "CATALOGUE_DATABASE": settings.database_address,
                "CATALOGUE_PUBLIC_ADDRESS": settings.public_address,
                "CATALOGUE_HARVEST_ALLOW": "127.0.0.1",
            },
            stdout=said,
            stderr=said,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(20)


def _run(catalogue: Catalogue, number: int) -> Run:
    with catalogue.database.read() as session:
        return session.get_one(Run, number)


def test_a_worker_killed_again_and_again_makes_the_same_catalogue(
    new_catalogue: Callable[..., Catalogue], tmp_path: Path
) -> None:
    port = free_port()
    there = new_catalogue("there", public_address=f"http://127.0.0.1:{port}/", feed_page_size=10)
    seed(there, ROOT / "seed_data")
    there.catch_up()
    here = new_catalogue("here", harvest_allow="127.0.0.1")
    with here.database.write() as session:
        said = {"title": "There", "address": f"{there.settings.public_address}catalogue.ttl"}
        source = here.sources.add(session, _ADMINISTRATOR, said)
        number = here.sources.ask(session, _ADMINISTRATOR, source).id
    places: set[tuple[str, int, int]] = set()
    log = tmp_path / "worker.log"
    with served(there.settings, port, tmp_path / "server.log"):
        for attempt in range(40):
            with _worker(here, log) as worker:
                # At first at any moment of reading and writing, at last to the end.
                until = time.monotonic() + (random.uniform(1.5, 4.5) if attempt < 6 else _PATIENCE)
                while time.monotonic() < until and worker.poll() is None:
                    at = _run(here, number)
                    if at.state == FINISHED:
                        break
                    time.sleep(0.02)
                worker.send_signal(signal.SIGKILL)
                at = _run(here, number)
                places.add((at.state, at.pages, sum(at.counts.values())))
            if _run(here, number).state == FINISHED:
                break
    done = _run(here, number)
    assert done.state == FINISHED, (done.state, done.error, log.read_text()[-3000:])
    assert done.complete
    here.catch_up()
    base = there.settings.public_address
    with here.database.read() as session, there.database.read() as other:
        assert changes.count(session) == changes.head(session)
        taken = session.scalars(select(Record).where(Record.state == PUBLISHED)).all()
        once = session.scalar(
            select(func.max(Revision.number)).where(Revision.author.startswith("harvest:"))
        )
        items = session.scalar(select(func.count()).select_from(Item))
        theirs = {
            base + record.iri: set(there.graphs.fragment(record))
            for record in other.scalars(select(Record).where(Record.state == PUBLISHED))
        }
        ours = {record.iri: set(here.graphs.fragment(record)) for record in taken}
    assert once == 1
    assert items == len(taken)
    assert sum("/id/dataset/" in iri for iri in ours) == 107
    for iri, graph in ours.items():
        assert {s for s in graph if "#record>" not in s[0] + s[2]} == {
            s for s in theirs[iri] if "#record>" not in s[0] + s[2]
        }, iri
    assert len(places) > 1, places  # it was killed in the middle at least once
