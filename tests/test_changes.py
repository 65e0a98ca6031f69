"""The change log and those who follow it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from factories import agent, dataset, plant
from sqlalchemy import select

from catalogue import changes
from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.records.models import Facet, Fragment, Record, Revision
from catalogue.search.query import Query

ROOT = Path(__file__).parents[1]


def test_the_numbers_have_no_gap_when_writers_meet(empty):
    def write(number: int) -> None:
        for n in range(10):
            with empty.database.write() as session:
                empty.records.put(
                    session, "agent", agent(f"A {number} {n}"), key=f"a-{number}-{n}", author="t"
                )

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with empty.database.read() as session:
        numbers = session.scalars(select(changes.Change.seq).order_by(changes.Change.seq)).all()
    assert list(numbers) == list(range(1, 41))


def test_a_transaction_that_fails_leaves_no_number_behind(empty):
    def fail() -> None:
        with empty.database.write() as session:
            empty.records.put(session, "agent", agent(), key="ghent", author="t")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with empty.database.read() as session:
        assert (changes.head(session), changes.count(session)) == (0, 0)
        assert session.scalar(select(Record)) is None


def test_a_follower_killed_before_it_saved_its_position_repeats_and_nothing_is_double(empty):
    plant(empty)
    with empty.database.write() as session:  # as if the position had never been saved
        for position in session.scalars(select(changes.Position)):
            position.seq = 0
    assert empty.catch_up() > 0
    with empty.database.read() as session:
        assert session.scalar(select(Fragment.record_id).join(Record).where(Record.key == "hf"))
        assert len(session.scalars(select(Facet).where(Facet.field == "publisher")).all()) == 1
    assert empty.finder.find(Query()).total == 1


def test_a_view_rebuilt_is_the_view_that_followed(empty):
    plant(empty, dataset(), dataset(title={"en": "Second"}))
    before = _views(empty)
    for follower in empty.followers.values():
        empty.follow.rebuild(follower)
    assert _views(empty) == before


def _views(catalogue):
    with catalogue.database.read() as session:
        facets = {(f.record_id, f.field, f.value) for f in session.scalars(select(Facet))}
        fragments = {f.record_id: (f.turtle, f.ntriples) for f in session.scalars(select(Fragment))}
    return facets, fragments, replace(catalogue.finder.find(Query()), generation="")


def test_a_lost_index_is_built_anew_by_itself(empty, new_catalogue):
    import shutil

    plant(empty)
    shutil.rmtree(empty.settings.instance_folder / "index")
    again = new_catalogue()
    again.catch_up()
    assert again.finder.find(Query("heart")).total == 1


def test_another_public_address_makes_every_fragment_anew(empty, new_catalogue):
    plant(empty)
    moved = new_catalogue(public_address="https://new.example.org/")
    moved.catch_up()
    with moved.database.read() as session:
        turtle = session.scalar(select(Fragment.turtle).where(Fragment.kind == "dataset"))
    assert b"https://new.example.org/id/dataset/hf" in turtle
    assert b"catalogue.example.org" not in turtle


WRITER = """
import sys
sys.path.insert(0, "tests")
from factories import agent, dataset
from catalogue.config import Settings
from catalogue.instance import Catalogue

catalogue = Catalogue(Settings(public_address="https://c.example/", instance=sys.argv[1], database=sys.argv[2]))
with catalogue.changing() as session:
    catalogue.records.put(session, "agent", agent(), key="ghent", author="t")
for n in range(10_000):
    with catalogue.changing() as session:
        catalogue.records.put(
            session, "dataset", dataset(version=str(n)), key=f"d-{n % 7}", author="t"
        )
    print(n, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.35, 0.61, 0.87, 1.23])
def test_a_process_killed_at_any_moment_loses_nothing_committed(tmp_path, delay):
    instance = tmp_path / "instance"
    catalogue = Catalogue(Settings(public_address="https://c.example/", instance=str(instance)))
    catalogue.database.migrate()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(instance), catalogue.settings.database_address],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout.readline() == "0\n"
    time.sleep(delay)
    os.kill(writer.pid, signal.SIGKILL)
    told = [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    with catalogue.database.read() as session:
        # what was told as saved is there, whole: record, revision and change agree
        versions = {}
        for record in session.scalars(select(Record).where(Record.kind == "dataset")):
            revision = session.get(Revision, (record.id, record.revision))
            assert revision.document == record.document
            versions[record.key] = int(record.document["version"])
        for n in told[-7:]:
            assert versions[f"d-{n % 7}"] >= n
        assert changes.head(session) == changes.count(session)
        assert session.execute(select(Revision)).all()
    # the views catch up by themselves, though the writer died holding their locks
    catalogue.catch_up()
    with catalogue.database.read() as session:
        assert set(changes.lag(session).values()) == {0}
        for fragment, record in session.execute(
            select(Fragment, Record).join(Record, Record.id == Fragment.record_id)
        ):
            assert fragment.revision == record.revision
    assert catalogue.finder.find(Query()).total == len(versions)
    catalogue.close()


def test_a_writer_without_end_holds_no_view_up_for_the_others(empty, monkeypatch):
    plant(empty)
    facets = empty.followers["facets"]
    apply, written = facets.apply, []

    def apply_while_somebody_writes(session, records, position):
        apply(session, records, position)
        written.append(position)
        assert len(written) < 3, "it runs after the writer"
        changes.append(session, records[0], "updated", records[0].modified)

    monkeypatch.setattr(facets, "apply", apply_while_somebody_writes)
    with empty.database.write() as session:
        empty.records.put(session, "agent", agent("Another"), key="another", author="t")
    empty.follow(facets)
    assert len(written) == 1
    with empty.database.read() as session:
        assert changes.lag(session)["facets"] == 1


def test_a_view_that_fails_stays_behind_and_what_was_saved_stays_saved(empty, monkeypatch):
    engine = type(empty.engine)

    def full(*_):
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(engine, "update", full)
        plant(empty)
    with empty.database.read() as session:
        assert empty.records.by_slug(session, "dataset", "hf").revision == 1
        behind = {"search": 2, "variable-search": 2}
        even = dict.fromkeys(set(empty.followers) - set(behind), 0)
        assert changes.lag(session) == {**behind, **even}
        assert "No space left" in session.get(changes.Position, "search").error
    empty.catch_up()
    assert empty.finder.find(Query()).total == 1
    with empty.database.read() as session:
        assert session.get(changes.Position, "search").error == ""


def test_a_renamed_organisation_is_renamed_wherever_it_is_named(empty):
    from catalogue.app import create_app

    client = create_app(catalogue=empty).test_client()
    plant(empty)
    tag = client.get("/datasets/hf.ttl").headers["ETag"]
    with empty.changing() as session:
        empty.records.put(
            session, "agent", agent("Clinic of Bruges"), key="ghent", author="t", note="Moved"
        )
    assert empty.finder.find(Query("bruges", kind="dataset")).total == 1
    renamed = client.get("/datasets/hf.ttl", headers={"If-None-Match": tag})
    assert renamed.status_code == 200
    assert b"Clinic of Bruges" in renamed.data


def test_of_long_descriptions_fewer_are_taken_at_a_time_and_none_is_passed_by(empty, monkeypatch):
    monkeypatch.setattr("catalogue.changes._MOST_CHARACTERS", 3_000)
    records = plant(
        empty,
        *(dataset(description={"en": f"{n} " + "long " * length}) for n, length in enumerate(
            (10, 2_000, 10, 10, 2_000)
        )),
    )  # fmt: skip
    sizes: list[int] = []
    apply = empty.facts._follower.apply

    def counted(session, some, position):
        sizes.append(len(some))
        apply(session, some, position)

    monkeypatch.setattr(empty.facts._follower, "apply", counted)
    empty.follow.rebuild(empty.facts._follower)
    assert len(sizes) > 2
    assert max(sizes) < 6
    with empty.database.read() as session:
        assert set(empty.facts.table(session).records) == {one.id for one in records}
