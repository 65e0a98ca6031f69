"""The store follows the log: what changed is found, what was withdrawn is not, at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import agent, dataset, plant
from sqlalchemy import update

from catalogue import changes
from catalogue.changes import Change
from catalogue.errors import Unavailable
from catalogue.sparql import service
from catalogue.sparql.child import Gone, Snapshot
from catalogue.sparql.request import checked
from catalogue.sparql.results import JSON

ROOT = Path(__file__).parents[2]
TITLES = "SELECT ?t { ?d a dcat:Dataset ; dct:title ?t } ORDER BY ?t"


def titles(ask, catalogue) -> list[str]:
    return [row["t"] for row in ask(catalogue, TITLES)]


def named(title: str, **changed):
    return dataset(title={"en": title}, **changed)


def put(catalogue, title: str, key: str = "hf", **changed) -> None:
    with catalogue.changing() as session:
        catalogue.records.put(session, "dataset", named(title, **changed), key=key, author="test")


def withdraw(catalogue, key: str = "hf") -> None:
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", key)
        catalogue.records.withdraw(session, record, author="test", note="Moved")


def test_what_is_published_is_found_by_the_next_query(empty, ask):
    plant(empty, named("Alpha"))
    assert titles(ask, empty) == ["Alpha"]
    put(empty, "Beta", key="b")
    assert titles(ask, empty) == ["Alpha", "Beta"]
    put(empty, "Gamma")
    assert titles(ask, empty) == ["Beta", "Gamma"]


def test_what_is_withdrawn_is_not_found_by_the_next_query(empty, ask):
    plant(empty, named("Alpha"), named("Beta"))
    assert titles(ask, empty) == ["Alpha", "Beta"]
    withdraw(empty)
    assert titles(ask, empty) == ["Beta"]
    assert ask(empty, "SELECT * { <id/dataset/hf> ?p ?o }") == []
    assert ask(empty, "SELECT * { GRAPH <id/dataset/hf> { ?s ?p ?o } }") == []
    assert (
        ask(empty, "SELECT * { ?s ?p ?o FILTER(STRSTARTS(STR(?s), STR(<id/dataset/hf#>))) }") == []
    )


def test_an_answer_is_of_the_last_change(empty, ask):
    plant(empty, named("Alpha"))
    question = checked(TITLES, empty.profile.prefixes)
    for _ in range(2):
        put(empty, "Beta")
        with empty.database.read() as session:
            last = changes.head(session)
        assert empty.sparql.query(question, JSON).position == last


def test_drafts_and_what_is_kept_back_never_come_into_the_store(empty, ask):
    plant(empty, named("Alpha", holder_withheld=True))
    with empty.changing() as session:
        empty.records.save(session, "dataset", named("Draft"), key="draft", author="test")
        empty.records.save(session, "dataset", named("Working copy"), key="hf", author="test")
    assert titles(ask, empty) == ["Alpha"]
    assert ask(empty, "SELECT * { ?s ?p ?o FILTER(CONTAINS(STR(?o), 'desk@hospital')) }") == []


def test_labels_of_vocabularies_and_of_our_own_terms_can_be_joined(empty, ask):
    plant(empty)
    text = """SELECT ?label { ?d a dcat:Dataset ; dct:spatial ?c . ?c skos:prefLabel ?label
        FILTER(LANG(?label) = "en") }"""
    assert ask(empty, text) == [{"label": "Belgium"}]
    assert ask(empty, "SELECT ?l { outcome:omopStatus rdfs:label ?l }")


def test_every_statement_is_counted_once_however_many_graphs_make_it(empty, ask):
    part = {"id": "https://shared.example/desk", "contact_name": "Desk", "email": "a@b.example"}
    plant(empty, named("Alpha", contact_point=[part]), named("Beta", contact_point=[part]))
    count = "SELECT (COUNT(*) AS ?n) { <https://shared.example/desk> vcard:fn ?o }"
    graphs = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { <https://shared.example/desk> vcard:fn ?o } }"
    assert ask(empty, count) == [{"n": "1"}]
    assert ask(empty, graphs) == [{"n": "2"}]
    withdraw(empty)
    assert ask(empty, count) == ask(empty, graphs) == [{"n": "1"}]


def test_saving_pays_nothing_for_sparql(empty):
    plant(empty, named("Alpha"))
    put(empty, "Beta")
    assert not (empty.settings.instance_folder / "sparql").exists()
    assert "sparql" not in empty.__dict__


def test_a_worker_catches_up_and_says_how_much_it_did(empty, ask):
    plant(empty, named("Alpha"))
    assert empty.sparql.catch_up() > 0
    assert empty.sparql.catch_up() == 0
    put(empty, "Beta")
    assert empty.sparql.catch_up() == 1


def test_far_behind_means_come_again_later(empty, ask, monkeypatch):
    plant(empty, named("Alpha"))
    assert titles(ask, empty) == ["Alpha"]
    monkeypatch.setattr(service, "NEAR", 1)
    monkeypatch.setattr(service, "_SMALL", 1)
    put(empty, "Beta", key="b")
    put(empty, "Gamma", key="c")
    with empty.sparql.store.alone(1), pytest.raises(Unavailable) as caught:
        ask(empty, TITLES)
    assert caught.value.wait
    eventually(lambda: titles(ask, empty) == ["Alpha", "Beta", "Gamma"])


def test_a_large_catalogue_is_built_while_askers_are_told_to_wait(empty, ask, monkeypatch):
    monkeypatch.setattr(service, "_SMALL", 1)
    plant(empty, named("Alpha"))
    with pytest.raises(Unavailable, match="brought up to date"):
        ask(empty, TITLES)
    eventually(lambda: titles(ask, empty) == ["Alpha"])


def eventually(said) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            assert said()
            return
        except Unavailable:
            assert time.monotonic() < until
            time.sleep(0.05)


def test_another_address_or_vocabulary_means_another_store(new_catalogue, ask):
    first = new_catalogue()
    plant(first, named("Alpha"))
    assert titles(ask, first) == ["Alpha"]
    first.close()
    moved = new_catalogue(public_address="https://moved.example.org/")
    moved.catch_up()
    assert ask(moved, "SELECT ?d { ?d a dcat:Dataset }") == [
        {"d": "https://moved.example.org/id/dataset/hf"}
    ]


def test_a_database_that_went_another_way_after_a_restore_is_noticed(empty, ask):
    plant(empty, named("Alpha"))
    assert titles(ask, empty) == ["Alpha"]
    with empty.database.read() as session:
        assert empty.sparql.standing(session).behind == 0
    with empty.database.write() as session:
        session.execute(update(Change).values(at=datetime.now(UTC) - timedelta(days=1)))
    with empty.database.read() as session:
        assert empty.sparql.standing(session).behind is None
    assert titles(ask, empty) == ["Alpha"]


def test_an_older_database_is_noticed(empty, ask):
    plant(empty, named("Alpha"))
    assert titles(ask, empty) == ["Alpha"]
    with empty.database.write() as session:
        session.execute(update(changes.Head).values(seq=1))
        session.execute(update(changes.Position).values(seq=1))
    with empty.database.read() as session:
        assert empty.sparql.standing(session).behind is None


def test_a_store_whose_files_were_lost_is_built_again(empty, ask):
    plant(empty, named("Alpha"))
    assert titles(ask, empty) == ["Alpha"]
    (empty.settings.instance_folder / "sparql" / "current").write_text("{")
    assert titles(ask, empty) == ["Alpha"]


def test_fragments_that_are_behind_are_followed_first(empty, ask):
    plant(empty, named("Alpha"))
    assert titles(ask, empty) == ["Alpha"]
    with empty.database.write() as session:  # saved by a process that died before it followed
        empty.records.put(session, "dataset", named("Beta"), key="hf", author="test")
    assert titles(ask, empty) == ["Beta"]


# files --------------------------------------------------------------------------------


def folders(catalogue, what: str) -> int:
    path = catalogue.settings.instance_folder / "sparql" / what
    return sum(1 for one in path.iterdir() if one.is_dir())


def test_old_snapshots_and_stores_are_removed_once_nobody_reads_them(empty, ask):
    plant(empty, named("Alpha"))
    for number in range(2):
        put(empty, f"Title {number}")
        assert titles(ask, empty) == [f"Title {number}"]
        assert folders(empty, "snapshots") <= 3  # the one in use, and one a child has open
    empty.sparql.store.close()
    put(empty, "Last")
    empty.sparql.catch_up()
    assert folders(empty, "snapshots") == 1
    empty.sparql.rebuild()
    assert folders(empty, "snapshots") == folders(empty, "stores") == 1
    assert titles(ask, empty) == ["Last"]
    snapshots = empty.settings.instance_folder / "sparql" / "snapshots"
    assert len(list(snapshots.iterdir())) <= 2  # the snapshot and its lock
    assert not list((snapshots.parent / "stores").glob("*/LOG.old.*"))


def test_a_snapshot_that_somebody_reads_stays_until_it_is_closed(empty, ask):
    plant(empty, named("Alpha"))
    assert titles(ask, empty) == ["Alpha"]
    folder = empty.sparql.store.folder
    snapshot = Snapshot(folder.snapshot(folder.current.snapshot))
    for title in ("Beta", "Gamma"):
        put(empty, title)
        assert titles(ask, empty) == [title]
    assert snapshot.path.is_dir()
    found = snapshot.store.query("SELECT ?t { ?d <http://purl.org/dc/terms/title> 'Alpha'@en }")
    assert len(list(found)) == 1
    snapshot.close()
    put(empty, "Delta")
    assert titles(ask, empty) == ["Delta"]
    assert not snapshot.path.is_dir()
    with pytest.raises(Gone):
        Snapshot(snapshot.path)


def test_a_rebuild_that_is_killed_leaves_the_old_store_in_use(empty, ask):
    plant(empty, named("Alpha"))
    assert titles(ask, empty) == ["Alpha"]
    program = textwrap.dedent(
        f"""
        import os, signal
        from catalogue.config import Settings
        from catalogue.instance import Catalogue
        from catalogue.sparql.embedded import _Beside
        def die(*_): os.kill(os.getpid(), signal.SIGKILL)
        _Beside.take_over = die
        Catalogue(Settings(public_address={empty.settings.public_address!r},
                           instance={str(empty.settings.instance_folder)!r},
                           database={empty.settings.database_address!r})).sparql.rebuild()
        """
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert run.returncode == -signal.SIGKILL
    assert folders(empty, "stores") == 2
    assert titles(ask, empty) == ["Alpha"]
    put(empty, "Beta")
    assert titles(ask, empty) == ["Beta"]
    empty.sparql.rebuild()
    assert folders(empty, "stores") == 1
    assert titles(ask, empty) == ["Beta"]


def test_a_crash_between_writing_and_showing_is_made_good(empty, ask, monkeypatch):
    plant(empty, named("Alpha"), named("Beta"))
    assert titles(ask, empty) == ["Alpha", "Beta"]
    withdraw(empty)
    store = empty.sparql.store

    def crash(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(store, "_show", crash)
    with pytest.raises(OSError, match="no space"):
        ask(empty, TITLES)
    monkeypatch.undo()
    put(empty, "Gamma", key="hf-2")
    assert titles(ask, empty) == ["Gamma"]


def test_two_processes_ask_and_write_without_getting_in_each_others_way(new_catalogue, ask):
    one, two = new_catalogue(), new_catalogue()
    plant(one, named("Alpha"))
    assert titles(ask, one) == titles(ask, two) == ["Alpha"]
    for number in range(2):
        put(one, f"Title {number}")
        assert titles(ask, two) == [f"Title {number}"]
        assert titles(ask, one) == [f"Title {number}"]


def test_many_ask_at_once_after_a_change(empty, ask):
    plant(empty, named("Alpha"))
    assert titles(ask, empty) == ["Alpha"]
    put(empty, "Beta")
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(titles(ask, empty))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [["Beta"]] * 4


def test_a_store_elsewhere_is_followed_too(new_catalogue, ask, remote):
    catalogue = new_catalogue(
        sparql_store=remote.address + "query", sparql_update=remote.address + "update"
    )
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="test")
        catalogue.records.put(session, "dataset", named("Alpha"), key="hf", author="test")
    assert titles(ask, catalogue) == ["Alpha"]
    put(catalogue, "Beta", key="b")
    withdraw(catalogue)
    assert titles(ask, catalogue) == ["Beta"]
    assert os.listdir(catalogue.settings.instance_folder / "sparql") == [
        "remote-building",
        "remote",
    ]
