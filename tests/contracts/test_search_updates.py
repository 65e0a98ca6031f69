"""The contract of search engines, over time: nothing is lost, nothing half done.

Updates are replayed on the oracle, by several objects, threads and processes, one of which
may be killed; files are damaged one after the other.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from contracts.comparing import COUNTED, Pair, compare, order, written
from contracts.engines import engine
from contracts.entries import ALL, FIELDS, step
from contracts.oracle import Oracle
from contracts.questions import HEART, TREES

from catalogue.search.engine import Filter, Request
from catalogue.search.entry import Entry, Fields
from catalogue.search.tree import Phrase, Prefix, Term

ROOT = Path(__file__).parents[2]


# updates --------------------------------------------------------------------------------


def test_a_record_is_replaced_and_forgotten(opened):
    index = opened()
    index.update([written(1, title="heart"), written(2, title="heart")], [], 1)
    assert order(index, Term("heart")) == [1, 2]
    index.update([written(1, title="stroke")], [], 2)
    assert order(index, Term("heart")) == [2]
    assert order(index, Term("stroke")) == [1]
    index.update([], [1], 3)
    assert order(index, Term("stroke")) == []
    assert order(index, None) == [2]
    index.update([], [], 4)
    assert order(index, None) == [2]
    assert index.position == 4


def test_a_state_that_is_being_read_does_not_change(opened):
    index = opened()
    index.update([written(1, title="heart")], [], 1)
    before = index.reader()
    index.update([written(2, title="heart")], [1], 2)
    assert list(before.find(Request(Term("heart"))).records) == [1]
    assert list(before.find(Request()).records) == [1]
    assert order(index, None) == [2]
    assert index.reader().generation != before.generation
    assert index.reader().generation == index.reader().generation


def test_an_update_that_fails_half_way_leaves_everything_as_it_was(opened):
    def broken() -> Iterator[Entry]:
        yield written(2, title="heart")
        raise RuntimeError("no more")

    index = opened()
    index.update([written(1, title="heart")], [], 1)
    with pytest.raises(RuntimeError):
        index.update(broken(), [1], 2)
    assert (order(index, None), index.position) == ([1], 1)
    index.update([written(3, title="heart")], [], 3)
    assert (order(index, None), index.position) == ([1, 3], 3)


def test_a_second_object_on_the_same_folder_sees_every_update(opened):
    writing, reading = opened(), opened()
    assert reading.position == 0
    for number in range(1, 4):
        writing.update([written(number)], [], number * 10)
        assert order(reading, None) == order(writing, None) == list(range(1, number + 1))
        assert reading.position == writing.position == number * 10
    reading.update([], [1], 99)
    assert order(writing, None) == [2, 3]
    assert writing.version == reading.version


def test_an_index_is_the_same_when_it_is_opened_again(opened):
    index = opened()
    index.update(ALL, [], 12)
    version = index.version
    index.close()
    again = opened()
    assert (again.version, again.position) == (version, 12)
    oracle = Oracle(FIELDS)
    oracle.update(ALL, [], 12)
    compare(Pair(again.reader(), oracle), Request(HEART, **COUNTED))


def test_many_small_updates_keep_everything_exact(opened):
    index, oracle = opened(), Oracle(FIELDS)
    random_ = random.Random(3)
    for number in range(1, 61):
        some, gone = step(number)
        for one in (index, oracle):
            one.update(some, gone, number)
        if number % 10 == 0:
            pair = Pair(index.reader(), oracle)
            for where in (None, *random_.sample(list(TREES.values()), 6)):
                compare(pair, Request(where, **COUNTED))
    assert index.position == 60


def test_terms_that_are_gone_are_forgotten_in_the_end(opened):
    index = opened()
    index.update([written(1, title="unheard"), written(2, title="heart")], [], 1)
    index.update([written(1, title="heart")], [], 2)
    assert index.reader().frequency("unheard") == 0
    assert order(index, Prefix("unhea")) == []


def test_readers_in_many_threads_agree_while_a_writer_writes(opened):
    index = opened()
    index.update(ALL, [], 1)
    wrong: list[object] = []
    done = threading.Event()

    def read(seed: int) -> None:
        random_ = random.Random(seed)
        try:
            while not done.is_set():
                reader = index.reader()
                where = random_.choice([tree for tree in TREES.values() if tree])
                found = reader.find(Request(where, offset=random_.randint(0, 3), **COUNTED))
                everything = reader.find(Request(None, **COUNTED))
                if found.total > everything.total or everything.missing["nothing"] < 50:
                    wrong.append((where, found))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 16):
        index.update(*step(number), number)
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong


# beside -----------------------------------------------------------------------------------


def test_an_index_is_built_beside_and_takes_over_at_once(opened):
    index, other = opened(), opened()
    index.update([written(1), written(2)], [], 5)
    version, before = index.version, index.reader()
    beside = index.beside()
    beside.update([written(n) for n in range(10, 15)], [], 7)
    assert order(index, None) == order(other, None) == [1, 2]
    assert (index.position, beside.position) == (5, 7)
    index.update([written(3)], [], 6)
    assert order(other, None) == [1, 2, 3]
    beside.update([written(15)], [10], 8)
    index.take_over(beside)
    for one in (index, other, opened()):
        assert order(one, None) == [11, 12, 13, 14, 15]
        assert one.position == 8
        assert one.version != version
    assert list(before.find(Request()).records) == [1, 2]
    other.update([written(16)], [], 9)
    assert order(index, None)[-1] == 16


def test_what_was_begun_beside_and_left_is_forgotten_by_the_next(opened, tmp_path):
    index = opened()
    index.beside().update([written(1)], [], 1)
    assert order(opened(), None) == []
    index.take_over(index.beside())
    folders = [path for path in (tmp_path / "index").iterdir() if path.is_dir()]
    assert len(folders) == 1


def test_other_fields_are_another_version(opened):
    version = opened().version.rpartition("-")[0]
    for changed in (
        replace(FIELDS, facets=(*FIELDS.facets, "more")),
        replace(FIELDS, boosts={**FIELDS.boosts, "more": 1.0}),
        replace(FIELDS, ranges={**FIELDS.ranges, "size": (0.0, 5.0)}),
    ):
        assert opened(fields=changed).version.rpartition("-")[0] != version


def test_an_index_of_other_fields_answers_until_another_takes_over(opened):
    opened().update([written(1, title="heart", keyword="stroke", theme="blood")], [], 4)
    changed = Fields(
        {"new": 2.0, "keyword": 1.0, **dict.fromkeys(("title", "later"), 1.0)},
        ("more", "theme"),
        {"year": (0.0, 1.0), "more": (0.0,), "age": (5.0, 6.0)},
    )
    index = opened(fields=changed)
    counted = {"facets": changed.facets, "ranges": tuple(changed.ranges)}
    assert order(index, Term("stroke", frozenset({"keyword"})), **counted) == [1]
    assert order(index, Term("stroke", frozenset({"title"})), **counted) == []
    found = index.reader().find(Request(filters={"more": Filter(missing=True)}, **counted))
    assert (found.total, dict(found.counts["theme"])) == (1, {"blood": 1})
    index.update([written(2, title="heart", new="stroke")], [], 5)
    assert order(index, Term("heart")) == [1, 2]
    beside = index.beside()
    beside.update([written(2, title="heart", new="stroke")], [], 5)
    index.take_over(beside)
    assert order(index, Term("stroke")) == [2]


# processes --------------------------------------------------------------------------------


@contextmanager
def process(name: str, folder: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """Another process on the same index."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    with subprocess.Popen(
        [sys.executable, "-m", "contracts.engines", name, str(folder), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def test_another_process_sees_updates_and_an_index_that_takes_over(name, opened, tmp_path):
    index = opened()
    index.update([written(1)], [], 3)
    with process(name, tmp_path / "index", "watch") as other:

        def seen() -> str:
            other.stdin.write("\n")
            other.stdin.flush()
            return other.stdout.readline().strip()

        assert other.stdout.readline() == "ready\n"
        assert seen() == "1 3"
        index.update([written(2), written(3)], [1], 4)
        assert seen() == "2 4"
        beside = index.beside()
        beside.update([written(n) for n in range(5)], [], 5)
        assert seen() == "2 4"
        index.take_over(beside)
        assert seen() == "5 5"
        with process(name, tmp_path / "index", "swap") as third:
            assert third.wait(60) == 0
        assert seen() == "1 99"
    assert index.position == 99
    assert len(order(index, None)) == 1


def test_a_killed_process_leaves_whole_updates_only(name, opened, tmp_path):
    """Killed three times in the middle of a series that each time goes on where it stopped."""
    reached = 0
    for kill, delay in enumerate((0.0, 0.011, 0.037)):
        with process(name, tmp_path / "index", "steps", str(reached + 1)) as writing:
            for _ in range(4):
                said = int(writing.stdout.readline())
            time.sleep(delay)
            writing.send_signal(signal.SIGKILL)
            writing.wait(60)
            said = max([said, *map(int, writing.stdout.read().split())])
        index, oracle = opened(), Oracle(FIELDS)
        reached = index.position
        assert reached in (said, said + 1), kill
        for number in range(1, reached + 1):
            oracle.update(*step(number), number)
        for where in (None, HEART, Phrase(("heart", "failur"), (0, 1))):
            compare(Pair(index.reader(), oracle), Request(where, **COUNTED))
    index.update(*step(reached + 1), reached + 1)
    assert index.position == reached + 1


def test_a_full_disk_fails_one_update_and_nothing_else(name, tmp_path):
    oracle = Oracle(FIELDS)
    with process(name, tmp_path / "index", "cramped") as writing:
        said = writing.stdout.read().splitlines()
    oracle.update(*step(1), 1)
    before = len(oracle.find(Request()).hits)
    oracle.update(*step(2), 2)
    assert said == ["failed", f"{before} 1", f"{len(oracle.find(Request()).hits)} 2"]


# damage -----------------------------------------------------------------------------------


def test_a_damaged_index_is_made_anew_under_another_version(name, opened, tmp_path):
    """Every file in turn lost, emptied and cut: the index is as it was, or new and empty."""
    index, oracle = opened(), Oracle(FIELDS)
    for one in (index, oracle):
        one.update(ALL, [], 1)
        one.update(*step(1), 2)
    version = index.version
    index.close()
    whole = tmp_path / "index"
    lost = 0
    for path in sorted(one.relative_to(whole) for one in whole.rglob("*") if one.is_file()):
        for number, harm in enumerate((Path.unlink, _empty, _cut)):
            copy = tmp_path / f"damaged{number}"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(whole, copy)
            harm(copy / path)
            damaged = engine(name, copy)
            if damaged.version == version:
                assert damaged.position in (0, 2), path
                for where in (None, HEART, Prefix("regist")):
                    compare(Pair(damaged.reader(), oracle), Request(where, **COUNTED))
            else:
                lost += 1
                assert damaged.position == 0, path
                assert damaged.reader().find(Request()).total == 0
                damaged.update([written(1)], [], 1)
                assert order(damaged, None) == [1]
            damaged.close()
    assert lost


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_folder_full_of_something_else_is_no_obstacle(opened, tmp_path):
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "current").write_text("nowhere")
    (folder / "note.txt").write_text("not ours")
    index = opened()
    index.update([written(1)], [], 1)
    assert order(opened(), None) == [1]
    (folder / "current").write_bytes(b"\xff/../..\x00")
    assert order(opened(), None) == []
