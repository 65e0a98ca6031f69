"""Reports are made once for each state, hold nothing of anybody, and never count twice."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from databases import until_somebody_waits
from factories import agent, dataset, plant
from sqlalchemy import func, select, update

from catalogue.changes import Position, head
from catalogue.preflight.measures import SOUND
from catalogue.preflight.models import Assessment, Report

SCOPE = "id/agent/ghent"


def made(catalogue, scope=SCOPE):
    """The report, after a round of the worker."""
    catalogue.preflight.ask(scope)
    with catalogue.database.write() as session:  # as if it had rested
        session.execute(update(Report).values(took=0.0))
    catalogue.preflight.tend(lambda: False)
    with catalogue.database.read() as session:
        return session.get(Report, scope)


def group(report, rule, where=""):
    return next(
        (one for one in report.content["groups"] if (one["rule"], one["where"]) == (rule, where)),
        None,
    )


def test_a_report_counts_the_records_of_its_scope(empty):
    plant(
        empty,
        dataset(identifier=["a"]),
        dataset(identifier=["b"], title={"nl": "Hart"}),
        dataset(identifier=["c"], publisher=None),
    )
    report = made(empty)
    assert report.content["kinds"] == {"dataset": 2}
    assert report.content["sound"] == {"dataset": 2}
    assert group(report, "no-english", "title")["records"] == 1
    with empty.database.read() as session:
        assert report.state == head(session)


def test_the_same_identifier_twice_breaks_a_rule_for_both(empty):
    one, two, _ = plant(
        empty,
        dataset(identifier=["same", "a"]),
        dataset(identifier=["b", "same"]),
        dataset(identifier=["c"]),
    )
    report = made(empty)
    found = group(report, "identifier-twice", "identifier")
    assert (found["records"], found["first"]) == (2, [one.id, two.id])
    assert report.content["sound"] == {"dataset": 1}
    assert report.content["measures"][SOUND] == [1, 0]


def test_a_record_is_assessed_once_for_each_state_the_world_sees(empty, monkeypatch):
    plant(empty, dataset(identifier=["a"]), dataset(identifier=["b"]))
    made(empty)
    assessed = []
    assess = empty.preflight._assessing.assess
    monkeypatch.setattr(
        empty.preflight._assessing,
        "assess",
        lambda record, *rest: assessed.append(record.key) or assess(record, *rest),
    )
    with empty.changing() as session:
        empty.records.put(session, "dataset", dataset(identifier=["new"]), key="hf", author="t")
        empty.records.save(session, "dataset", dataset(identifier=["x"]), key="hf-2", author="t")
    made(empty)
    assert assessed == ["hf"]


def test_nothing_is_made_anew_as_long_as_nothing_changed(empty):
    plant(empty, dataset())
    first = made(empty)
    assert made(empty).made == first.made
    with empty.database.read() as session:
        standing = empty.preflight.standing(session, SCOPE)
    assert (standing.behind, standing.due) == (0, False)


def test_what_another_record_becomes_is_seen_though_nothing_is_assessed_anew(empty):
    with empty.changing() as session:
        empty.records.put(session, "agent", agent("Other"), key="other", author="t")
    plant(empty, dataset(hdab="id/agent/other"))
    assert group(made(empty), "not-public", "hdab") is None
    with empty.changing() as session:
        other = empty.records.get(session, "agent", "other")
        empty.records.withdraw(session, other, author="t", note="Gone")
    with empty.database.read() as session:
        standing = empty.preflight.standing(session, SCOPE)
    assert (standing.behind, standing.due) == (1, True)
    report = made(empty)
    assert group(report, "not-public", "hdab")["records"] == 1
    assert report.content["sound"]["dataset"] == 0


def test_a_report_holds_no_word_of_anybody(empty):
    plant(empty, dataset(title={"nl": "Aardvark"}, landing_page=["http://localhost/aardvark"]))
    report = made(empty)
    assert group(report, "local-address", "landing_page")
    assert "aardvark" not in json.dumps(report.content).casefold()


def test_what_was_found_in_a_withdrawn_record_is_forgotten(empty):
    record, _ = plant(empty, dataset(identifier=["a"]), dataset(identifier=["b"]))
    made(empty)
    with empty.changing() as session:
        empty.records.withdraw(session, session.merge(record), author="t", note="Gone")
    assert empty.preflight.kept(empty.database._read(), [record.id]) == {}
    report = made(empty)
    assert report.content["kinds"] == {"dataset": 1}
    assert record.id not in {n for one in report.content["groups"] for n in one["first"]}
    with empty.database.read() as session:
        assert session.get(Assessment, record.id) is None


def test_the_report_of_a_withdrawn_scope_is_forgotten(empty):
    plant(empty, dataset())
    made(empty)
    with empty.changing() as session:
        holder = empty.records.get(session, "agent", "ghent")
        empty.records.withdraw(session, holder, author="t", note="Gone")
    empty.preflight.tend(lambda: False)
    with empty.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 0


def test_a_report_that_fails_waits_and_stops_no_other(empty, monkeypatch):
    plant(empty, dataset())
    with empty.changing() as session:
        empty.records.put(session, "agent", agent("Other"), key="other", author="t")
    add = type(empty.preflight)._add

    def fail(self, numbers, report, others, head):
        if head == 1:
            raise RuntimeError("no")
        add(self, numbers, report, others, head)

    monkeypatch.setattr(type(empty.preflight), "_add", fail)
    for scope in (SCOPE, "id/agent/other"):
        empty.preflight.ask(scope)
    empty.tenders.run()
    with empty.database.read() as session:
        failed, other = (session.get(Report, one) for one in (SCOPE, "id/agent/other"))
    assert "RuntimeError" in failed.error
    assert failed.lease > datetime.now(UTC) + timedelta(minutes=4)
    assert other.content is not None


def test_no_report_is_made_of_half_a_listing(empty):
    plant(empty, dataset())
    with empty.database.write() as session:  # the view is being built anew
        session.execute(update(Position).where(Position.name == "rdf").values(seq=0, whole_from=2))
    assert made(empty).content is None
    empty.catch_up()
    assert made(empty).content is not None


def test_a_report_rests_ten_times_as_long_as_it_took(empty):
    plant(empty, dataset())
    first = made(empty)
    with empty.changing() as session:
        empty.records.put(session, "dataset", dataset(identifier=["n"]), key="hf", author="t")
    with empty.database.write() as session:
        session.execute(update(Report).values(took=60.0))
    empty.preflight.tend(lambda: False)
    with empty.database.read() as session:
        assert session.get(Report, SCOPE).made == first.made
    assert made(empty).made > first.made


def test_two_may_ask_for_the_same_report_at_the_same_moment(empty):
    with ThreadPoolExecutor(1) as pool:
        with empty.database.write() as session:
            session.add(Report(scope="", asked=datetime.now(UTC)))
            session.flush()
            other = pool.submit(empty.preflight.ask, "")
            until_somebody_waits(empty.database)
        other.result(30)
    with empty.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 1
