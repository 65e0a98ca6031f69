"""Every hostile query ends at its limit, and the next one is answered."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sparql.conftest import rows

from catalogue.sparql import pool
from catalogue.sparql.embedded import EmbeddedStore
from catalogue.sparql.request import checked
from catalogue.sparql.results import JSON
from catalogue.sparql.store import Busy, Graph, Limits, Question, State, TooCostly

ROOT = Path(__file__).parents[2]
EX = "http://example.org/"
HOSTILE = {
    "cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?f",
    "any path": "SELECT (COUNT(*) AS ?n) { ?a (ex:p|!ex:p)* ?b . ?b (ex:p|!ex:p)* ?c }",
    "growing text": "SELECT (STRLEN(?x14) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0) "
    + " ".join(f"BIND(REPLACE(?x{n}, 'a', 'aaaaaaaa') AS ?x{n + 1})" for n in range(14))
    + "}",
    "300 patterns": "SELECT * {" + " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(300)) + "}",
    "no brackets": "SELECT * { FILTER(" + "!" * 15_000 + "true) }",
    "sums": "SELECT (" + "+".join(["1"] * 9000) + " AS ?x) {}",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = EmbeddedStore(tmp_path_factory.mktemp("sparql"), EX, {"ex": EX}, children=1)
    lines = "".join(f"<{EX}s{n}> <{EX}p> <{EX}s{n * 7 % 500}> .\n" for n in range(500))
    with store.beside() as new:
        new.load([Graph(EX + "g", lines.encode())])
        new.take_over(State("v", 7, "m"))
    yield store
    store.close()


def asked(store, text: str, **limits):
    return store.query(checked(text, {"ex": EX}), JSON, Limits(**limits))


def answers(store) -> bool:
    found = asked(store, "SELECT (COUNT(*) AS ?n) { ?s ex:p ?o }")
    return rows(found) == [{"n": "500"}] and found.position == 7


def child_of(store) -> int:
    """The number of the child at rest."""
    child = store._pool._places.queue[-1]
    return child._process.pid


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_query_ends_at_its_limit_and_the_next_is_answered(store, what):
    assert answers(store)
    begun = time.perf_counter()
    with pytest.raises(TooCostly):
        asked(store, HOSTILE[what], seconds=0.4)
    assert time.perf_counter() - begun < 2.5
    assert answers(store)


def test_brackets_that_would_end_the_process_end_only_the_child(store):
    assert answers(store)
    text = f"SELECT * {{ FILTER({'(' * 9000}1{')' * 9000}) }}"
    with pytest.raises(TooCostly):  # not checked before, as if the check had a hole
        store.query(Question(text, "SELECT"), JSON, Limits(seconds=3))
    assert answers(store)


def test_memory_is_bounded(store, monkeypatch):
    monkeypatch.setattr(pool, "MEMORY", 250_000_000)
    store.close()
    text = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?b ?c { ?a ex:p ?x . ?b ex:p ?y . ?c ex:p ?z } }"
    with pytest.raises(TooCostly, match="memory"):
        asked(store, text, seconds=20)
    store.close()
    monkeypatch.undo()
    assert answers(store)


def test_a_child_that_somebody_kills_is_replaced(store):
    assert answers(store)
    os.kill(child_of(store), signal.SIGKILL)
    time.sleep(0.05)
    assert answers(store)


def test_a_child_that_is_killed_while_it_answers_is_told_of(store):
    assert answers(store)
    pid = child_of(store)
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(TooCostly, match="ended the process"):
        asked(store, HOSTILE["cross product"], seconds=10)
    assert answers(store)


def test_a_child_that_is_stopped_does_not_hold_up_who_asks(store):
    assert answers(store)
    os.kill(child_of(store), signal.SIGSTOP)
    with pytest.raises(TooCostly):
        asked(store, "ASK {}", seconds=0.3)
    assert answers(store)


def test_who_comes_while_all_are_busy_is_turned_away_soon(store, monkeypatch):
    monkeypatch.setattr(pool, "_PATIENCE", 0.1)
    assert answers(store)
    ended = []

    def long() -> None:
        with pytest.raises(TooCostly):
            asked(store, HOSTILE["cross product"], seconds=1)
        ended.append(True)

    thread = threading.Thread(target=long)
    thread.start()
    time.sleep(0.2)
    begun = time.perf_counter()
    with pytest.raises(Busy) as caught:
        asked(store, "ASK {}")
    assert time.perf_counter() - begun < 0.6
    assert caught.value.wait
    thread.join()
    assert ended
    assert answers(store)


def test_no_other_store_is_reached_even_where_nobody_refused(store):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        text = f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"
        with suppress(TooCostly):
            store.query(Question(text, "SELECT"), JSON, Limits(seconds=1))
        if not _may_leave_the_network():
            pytest.skip("this kernel lets nobody give up the network; the refusal stands alone")
        with pytest.raises(TimeoutError):
            listener.accept()


def _may_leave_the_network() -> bool:
    code = (
        "import ctypes,sys; l=ctypes.CDLL(None); "
        "sys.exit(0 if l.unshare(0x40000000)==0 or l.unshare(0x50000000)==0 else 1)"
    )
    return subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_child_does_not_outlive_the_process_that_started_it(store):
    program = textwrap.dedent(
        f"""
        import os, sys, threading, time
        from pathlib import Path
        from catalogue.sparql.embedded import EmbeddedStore
        from catalogue.sparql.request import checked
        from catalogue.sparql.results import JSON
        from catalogue.sparql.store import Limits
        store = EmbeddedStore(Path({str(store.folder.path)!r}), {EX!r}, {{}})
        ask = lambda text: store.query(checked(text, {{}}), JSON, Limits(seconds=1))
        ask("ASK {{}}")
        print(store._pool._places.queue[-1]._process.pid, flush=True)
        threading.Thread(target=ask, args=({HOSTILE["cross product"]!r},), daemon=True).start()
        time.sleep(0.3)
        os._exit(1)
        """
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    pid = int(run.stdout)
    until = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and _state(pid) != "Z" and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists() or _state(pid) == "Z"


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_a_child_knows_no_secret_of_its_parent(store, monkeypatch):
    monkeypatch.setenv("CATALOGUE_SECRET_KEY", "hush")
    store.close()
    assert answers(store)
    environment = Path(f"/proc/{child_of(store)}/environ").read_bytes()
    assert b"CATALOGUE" not in environment
    assert b"hush" not in environment


def test_a_child_imports_nothing_heavy():
    code = "import sys, catalogue.sparql.child; print(*sorted(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert not loaded & {"flask", "sqlalchemy", "rdflib", "whoosh", "numpy", "werkzeug"}
    assert {one for one in loaded if one.startswith("catalogue")} == {
        "catalogue",
        "catalogue.confined",
        "catalogue.sparql",
        "catalogue.sparql.child",
        "catalogue.sparql.results",
    }
