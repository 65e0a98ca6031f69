"""The background worker, as a process of its own: it lives, ends well, and loses nothing when killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import ADDRESS
from factories import agent, dataset

from catalogue.config import Settings
from catalogue.errors import FaultyTable
from catalogue.instance import Catalogue
from catalogue.jobs import Jobs
from catalogue.preflight.models import Report
from catalogue.tending import failures, workers

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SCOPE = "id/agent/ghent"


@contextmanager
def worker(catalogue: Catalogue) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own process."""
    settings = catalogue.settings
    environment = {
        **os.environ,
        "CATALOGUE_INSTANCE": settings.instance,
        "CATALOGUE_DATABASE": settings.database_address,
        "CATALOGUE_PUBLIC_ADDRESS": settings.public_address,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "catalogue", "catalogue", "worker"], cwd=ROOT, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(what: Callable[[], object], seconds: float = 40) -> object:
    """What is waited for, as soon as it is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    return pytest.fail("it did not come")


def alive(catalogue: Catalogue) -> list[str]:
    with catalogue.database.read() as session:
        return [one.name for one in workers(session)]


def report(catalogue: Catalogue) -> Report | None:
    with catalogue.database.read() as session:
        return session.get(Report, SCOPE)


def fill(catalogue: Catalogue, number: int) -> None:
    """Publish some datasets of one organisation, and ask for its report."""
    with catalogue.database.write() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="test")
        for place in range(number):
            catalogue.records.put(
                session,
                "dataset",
                dataset(identifier=[f"hf-{place}"]),
                key=f"hf-{place}",
                author="t",
            )
    catalogue.follow(catalogue.followers["rdf"])
    catalogue.preflight.ask(SCOPE)


def test_a_worker_lives_does_what_is_due_and_ends_when_it_is_told_to(empty):
    fill(empty, 3)
    with worker(empty) as process:
        until(lambda: alive(empty))
        until(lambda: (row := report(empty)) and row.content)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert alive(empty) == []
    assert report(empty).content["kinds"] == {"dataset": 3}


def test_a_worker_answers_the_bell_long_before_the_minute(empty):
    with worker(empty) as process:
        until(lambda: alive(empty))
        time.sleep(1.5)  # the first round, which every worker makes, is over
        fill(empty, 2)
        Jobs(empty).ring()
        until(lambda: (row := report(empty)) and row.content, seconds=8)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_loses_nothing(empty):
    fill(empty, 600)
    with worker(empty) as process:
        until(lambda: report(empty).done)
        process.kill()
        process.wait()
    cut_off = report(empty)
    assert cut_off.content is None
    assert 0 < cut_off.done < cut_off.total == 600
    assert cut_off.holder
    with worker(empty):
        until(lambda: report(empty).content, seconds=60)
    made = report(empty)
    assert made.content["kinds"] == {"dataset": 600}
    assert (made.holder, made.lease) == ("", None)


@pytest.mark.slow
def test_a_worker_that_is_told_to_end_lets_go_of_a_long_report(empty):
    fill(empty, 600)
    with worker(empty) as process:
        until(lambda: report(empty).done)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    left = report(empty)
    assert left.content is None
    assert (left.holder, left.lease) == ("", None)
    assert alive(empty) == []


def test_two_workers_share_one_catalogue(empty):
    fill(empty, 5)
    with worker(empty) as one, worker(empty) as two:
        until(lambda: len(alive(empty)) == 2)
        until(lambda: report(empty).content)
        for process in (one, two):
            process.send_signal(signal.SIGTERM)
        assert [process.wait(20) for process in (one, two)] == [0, 0]
    assert alive(empty) == []


def test_a_tender_that_fails_is_written_down_and_stops_no_other(empty):
    ran = []

    def fail(_):
        raise RuntimeError("out of paper")

    empty.tenders = type(empty.tenders)(empty.database, empty.follow)
    empty.tenders.update(printer=fail, other=ran.append)
    empty.tenders.run()
    with empty.database.read() as session:
        assert [(one.tender, one.error) for one in failures(session)] == [
            ("printer", "RuntimeError('out of paper')")
        ]
    assert len(ran) == 1
    empty.tenders["printer"] = ran.append
    empty.tenders.run()
    with empty.database.read() as session:
        assert failures(session) == []


def test_a_tender_runs_once_at_a_time(empty):
    inside, go_on, runs = threading.Event(), threading.Event(), []

    def slow(_):
        runs.append(1)
        inside.set()
        go_on.wait(10)

    empty.tenders["slow"] = slow
    first = threading.Thread(target=empty.tenders.run)
    first.start()
    assert inside.wait(20)
    empty.tenders.run()  # passes it by at once
    go_on.set()
    first.join()
    assert runs == [1]


def test_rings_do_not_pile_up_while_nobody_answers(empty):
    jobs = Jobs(empty)
    for _ in range(5):
        jobs.ring()
    assert jobs.huey.pending_count() == 1


def test_a_queue_that_cannot_be_reached_breaks_nothing(empty, monkeypatch):
    jobs = Jobs(empty)
    monkeypatch.setattr(jobs.huey.storage, "filename", "/nowhere/jobs.db")
    jobs.huey.storage.close()
    jobs.ring()


def test_an_address_that_is_none_of_redis_is_refused_at_start():
    with pytest.raises(FaultyTable, match="CATALOGUE_JOBS"):
        Settings(public_address=ADDRESS, jobs="amqp://queue")


def test_redis_without_its_extra_says_what_to_install(new_catalogue):
    pytest.importorskip("huey")
    try:
        import redis  # noqa: F401
    except ImportError:
        with pytest.raises(FaultyTable, match="redis"):
            _ = Jobs(new_catalogue(jobs="redis://localhost:1/0")).huey


def test_a_catalogue_is_ready_without_a_worker_and_says_so(catalogue_app):
    answer = catalogue_app.test_client().get("/ready")
    assert (answer.status_code, answer.json["worker"]) == (200, False)
