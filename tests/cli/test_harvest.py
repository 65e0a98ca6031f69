"""Harvesting from the terminal: sources, runs and their questions, with nobody signed in."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from harvest.portals import Portal
from harvest.sites import Site
from sqlalchemy import func, select

from catalogue.accounts.models import Audit, Organisation
from catalogue.app import create_app
from catalogue.harvest.models import (
    ASKING,
    FAILED,
    FINISHED,
    PREVIEW,
    READING,
    STOPPED,
    UNDOING,
    UNDONE,
    WAITING,
    Find,
    Item,
    Page,
    Run,
    Source,
)
from catalogue.records.models import PUBLISHED, Record

ADDRESS = "https://data.example.org/catalog.ttl"
NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def catalogue(catalogue_app):
    return catalogue_app.extensions["catalogue"]


@pytest.fixture
def run(catalogue_app):
    return lambda *said: catalogue_app.test_cli_runner().invoke(
        args=["catalogue", "harvest", *said]
    )


@pytest.fixture
def portal(run):
    assert run("add", ADDRESS, "--title", "National portal", "--key", "portal").exit_code == 0


def keep(catalogue, *rows):
    with catalogue.database.write() as session:
        for one in rows:
            session.add(one)
            session.flush()


def a_run(state, **more):
    values = {
        "mode": "full",
        "author": "",
        "asked": NOW,
        "counts": {},
        "kinds": {},
        "source_id": 1,
        **more,
    }
    return Run(state=state, **values)


def a_find(number, **more):
    remote = f"https://data.example.org/dataset/{number}"
    values = {"name": str(number), "remote_id": remote, "kind": "dataset", "rank": 0, **more}
    return Find(run_id=1, **values)


def broken(message, *path):
    return {"path": list(path), "message": message, "severity": "violation", "rule": "type"}


def at_work(catalogue, state=FINISHED, finds=(), **changed):
    """Let whoever does the work bring the runs that wait to a state, as a worker would."""

    def tender(_):
        with catalogue.database.write() as session:
            for one in session.scalars(select(Run).where(Run.state.in_((WAITING, UNDOING)))):
                one.state, one.ended = state, NOW
                for name, value in changed.items():
                    setattr(one, name, value)
                session.add_all(finds)

    catalogue.tenders["harvest"] = tender


def read(catalogue, thing, number=1):
    with catalogue.database.read() as session:
        return session.get(thing, number)


# sources ------------------------------------------------------------------------------


def test_a_source_is_added_with_everything_that_can_be_said_of_it(catalogue, run):
    with catalogue.database.write() as session:
        session.add(Organisation(id=4, key="ghent", name="Ghent", agent="", created=NOW))
    told = run(
        *("add", ADDRESS, "--title", "National [portal]", "--protocol", "sparql"),
        *("--option", "query=CONSTRUCT WHERE { ?s a ?o }", "--option", 'columns={"id": "A"}'),
        *("--organisation", "ghent", "--schedule", "weekly", "--edits", "source"),
        *("--field", "keyword=local", "--incomplete", "publish", "--grace", "0", "--brake", "50"),
    )
    assert told.exit_code == 0, told.output
    assert "harvest run national-portal" in told.output
    one = read(catalogue, Source)
    assert one.options == {"query": "CONSTRUCT WHERE { ?s a ?o }", "columns": {"id": "A"}}
    assert (one.key, one.organisation, one.schedule) == ("national-portal", 4, "weekly")
    assert (one.edits, one.fields) == ("source", {"keyword": "local"})
    assert (one.incomplete, one.grace, one.brake) == ("publish", 0, 50)
    with catalogue.database.read() as session:
        assert session.scalars(select(Audit.name)).all() == ["operator"]
    listed = run("list").output
    assert "National [portal]" in listed
    assert "never" in listed
    shown = run("show", "national-portal").output
    assert ADDRESS in shown
    assert "CONSTRUCT WHERE { ?s a ?o }" in shown


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("--grace", "-1"), "grace: is no whole number from 0 to 365"),
        (("--field", "colour=source"), 'there is no field "colour"'),
        (("--field", "keyword"), "is not NAME=VALUE"),
        (("--option", "columns={"), "is not valid JSON"),
        (("--option", "columns=" + "[" * 100_000), "is not valid JSON"),
        (("--organisation", "nowhere"), "no organisation"),
        (("--catalogue", "id/catalogue/nowhere"), "There is no such catalogue"),
        (("--key", "No Key"), "lower case letters"),
    ],
)
def test_what_is_wrong_with_a_source_is_said_in_words(catalogue, run, said, words):
    told = run("add", ADDRESS, "--title", "Portal", *said)
    assert told.exit_code == 1
    assert words in told.output
    assert "Traceback" not in told.output
    assert read(catalogue, Source) is None


@pytest.mark.parametrize(
    "said",
    [
        ("run",),
        ("preview",),
        ("show",),
        ("stop",),
        ("resume",),
        ("answer", "go-on"),
        ("undo",),
        ("problems",),
    ],
)
def test_a_source_that_is_not_there_is_named(run, said):
    command, *more = said
    told = run(command, "nothing", *more)
    assert told.exit_code == 1
    assert 'There is no source "nothing"' in told.output


@pytest.mark.parametrize("said", [("stop",), ("resume",), ("answer", "stop"), ("undo",)])
def test_a_source_that_was_never_run_says_so(run, portal, said):
    command, *more = said
    told = run(command, "portal", *more)
    assert told.exit_code == 1
    assert "National portal was never run" in told.output


# runs ---------------------------------------------------------------------------------


def test_a_run_is_asked_for_and_left_to_a_worker(catalogue, run, portal):
    told = run("run", "portal")
    assert told.exit_code == 0
    assert "Run 1 waits for a worker" in told.output
    assert "No worker is alive" in told.output
    assert read(catalogue, Run).state == WAITING
    again = run("run", "portal")
    assert again.exit_code == 1
    assert "Run 1 of this source is still at work" in again.output


def test_whoever_waits_does_the_work_and_hears_what_came_of_it(catalogue, run, portal):
    at_work(catalogue, counts={"created": 3, "failed": 1}, entries=53, stated=54, pages=2)
    told = run("run", "portal", "--wait")
    assert told.exit_code == 0, told.output
    assert "Finished, 2030-06-01 12:00 UTC: 53 there, 3 new, 1 problem" in told.output
    assert "53 of 54: 1 missing" in run("show", "portal").output
    assert "53 there, 3 new" in run("list").output


def test_whoever_waits_goes_on_with_a_run_that_was_left_at_work(catalogue, run, portal):
    keep(catalogue, a_run(WAITING))
    at_work(catalogue, counts={"created": 3})
    assert "Run 1: Finished" in run("run", "portal", "--wait").output
    assert read(catalogue, Run, 2) is None


@pytest.mark.parametrize("state", [FAILED, STOPPED])
def test_a_run_that_does_not_come_to_its_end_fails_the_command(catalogue, run, portal, state):
    at_work(catalogue, state, error="The source answers 500")
    told = run("run", "portal", "--wait")
    assert told.exit_code == 1
    assert "The source answers 500" in told.output


def test_a_run_that_asks_says_what_and_how_it_is_answered(catalogue, run, portal):
    at_work(catalogue, ASKING, question={"is": "withdraw", "count": 30, "of": 100})
    told = run("run", "portal", "--wait")
    assert told.exit_code == 1
    assert "30 of 100 records are not there any more" in told.output
    assert "harvest answer portal go-on|match|stop" in told.output
    assert "30 of 100 records" in run("show", "portal").output
    at_work(catalogue)
    assert run("answer", "portal", "match").exit_code == 1  # no ids are new
    assert run("answer", "portal", "go-on", "--wait").exit_code == 0
    assert (read(catalogue, Run).answer, read(catalogue, Run).state) == ("go-on", FINISHED)


def test_answering_stop_stops_the_run(catalogue, run, portal):
    keep(catalogue, a_run(ASKING, question={"is": "withdraw"}))
    assert "Run 1 stopped" in run("answer", "portal", "stop").output
    assert read(catalogue, Run).state == STOPPED


def test_work_that_fails_ends_the_waiting_with_the_reason(catalogue, run, portal):
    def tender(_):
        raise ValueError("the reader broke")

    catalogue.tenders["harvest"] = tender
    told = run("run", "portal", "--wait")
    assert told.exit_code == 1
    assert "the reader broke" in str(told.exception)


def test_what_a_worker_does_elsewhere_is_waited_for(catalogue, run, portal):
    ready = threading.Event()
    catalogue.tenders["harvest"] = lambda _: None

    def elsewhere():
        with catalogue.follow.alone("tender-harvest"):
            ready.set()
            while read(catalogue, Run) is None:
                time.sleep(0.01)
            with catalogue.database.write() as session:
                session.get(Run, 1).state = FINISHED

    worker = threading.Thread(target=elsewhere)
    worker.start()
    ready.wait()
    told = run("run", "portal", "--wait")
    worker.join()
    assert told.exit_code == 0, told.output
    assert "Finished" in told.output


def test_a_run_is_stopped_gone_on_with_and_undone(catalogue, run, portal):
    keep(catalogue, a_run(READING, place={"page": 2}))
    assert "Run 1 stops" in run("stop", "portal").output
    assert (read(catalogue, Run).state, read(catalogue, Run).wish) == (READING, STOPPED)
    with catalogue.database.write() as session:
        session.get(Run, 1).state = STOPPED
    assert run("resume", "portal").exit_code == 0
    resumed = read(catalogue, Run)
    assert (resumed.state, resumed.wish, resumed.place) == (WAITING, "", {"page": 2})
    at_work(catalogue)
    catalogue.tenders["harvest"](None)
    at_work(catalogue, UNDONE)
    told = run("undo", "portal", "--wait")
    assert told.exit_code == 0
    assert read(catalogue, Run).state == UNDONE
    assert read(catalogue, Source).state == "paused"
    assert run("undo", "portal").exit_code == 1


def test_a_preview_shows_the_first_descriptions_with_what_is_wrong(catalogue, run, portal):
    wrong = [broken("holds a space [!]", "iri")]
    at_work(
        catalogue,
        finds=[a_find(1, title="Heart [failure] registry"), a_find(2, problems=wrong)],
    )
    told = run("preview", "portal")
    assert told.exit_code == 0, told.output
    assert read(catalogue, Run).mode == PREVIEW
    assert "Heart [failure] registry" in told.output
    assert "iri: holds a space [!]" in told.output


def test_a_portal_is_read_from_the_terminal_alone(new_catalogue):
    catalogue = new_catalogue("here", harvest_allow="127.0.0.1")
    runner = create_app(catalogue=catalogue).test_cli_runner()
    site = Site()
    portal = Portal(site, catalogue.profile).fill(10)

    def said(*words, code=0):
        told = runner.invoke(args=["catalogue", "harvest", *words])
        assert told.exit_code == code, told.output
        return told.output

    said("add", portal.address, "--title", "Portal", "--key", "portal", "--grace", "0")
    assert "Heart failure cohort 0" in said("preview", "portal")
    assert "12 there" in said("run", "portal", "--wait")  # with their holder and catalogue
    assert "10 of 10: none is missing" in said("show", "portal")
    assert "nothing new" in said("run", "portal", "--wait")
    portal.datasets.clear()
    portal.fill(4)
    asked = said("run", "portal", "--wait", code=1)
    assert "6 of 1" in asked
    assert "6 withdrawn" in said("answer", "portal", "go-on", "--wait")
    assert "Undone" in said("undo", "portal", "--wait")
    with catalogue.database.read() as session:
        public = select(func.count()).select_from(Record)
        public = public.where(Record.kind == "dataset", Record.state == PUBLISHED)
        assert session.scalar(public) == 10
    site.close()


def test_problems_are_named_of_the_run_its_pages_finds_and_items_each_once(catalogue, run, portal):
    assert "No problems" in run("problems", "portal").output
    page = {"place": "", "content": "", "found": 1, "at": NOW, "address": f"{ADDRESS}?page=2"}
    wrong = [broken("is missing", "title")]
    item = Item(
        source_id=1,
        name="1",
        remote_id="https://data.example.org/dataset/1",
        kind="dataset",
        hash="",
        seen=1,
        first=NOW,
        changed=NOW,
        outcome="failed",
        problems=[*wrong, broken("10,000 distributions")],
    )
    keep(
        catalogue,
        a_run(FAILED, error="The source answers 500"),
        Page(run_id=1, number=2, problems=["The totals differ"], **page),
        a_find(1, outcome="failed", problems=wrong),
        item,
    )
    told = run("problems", "portal")
    assert told.output.splitlines() == [
        "run 1: The source answers 500",
        f"{ADDRESS}?page=2: The totals differ",
        "https://data.example.org/dataset/1: title: is missing",
        "https://data.example.org/dataset/1: 10,000 distributions",
    ]
