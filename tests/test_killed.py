"""A kill at any moment of a save or publication loses nothing committed, leaves nothing half-done."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ADDRESS
from sqlalchemy import func, select

from catalogue import changes
from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.records import revisions
from catalogue.records.models import PUBLIC_ACTIONS, Record, Revision
from catalogue.search.query import Query

pytestmark = pytest.mark.slow

#: Writes without end, and says after each commit what is committed: key and revision.
WRITER = """
import sys
sys.path.insert(0, {tests!r})
from datetime import UTC, datetime
from factories import agent, dataset
from catalogue.accounts.models import Organisation
from catalogue.accounts.viewer import Viewer
from catalogue.config import Settings
from catalogue.instance import Catalogue

catalogue = Catalogue(Settings(public_address={address!r}, instance={instance!r}, review="not-required"))
catalogue.database.migrate()
editor = Viewer(user=1, name="Editor", roles={{1: "editor"}})
with catalogue.changing() as session:
    if session.get(Organisation, 1) is None:
        session.add(Organisation(id=1, key="ghent", name="G", agent="id/agent/ghent", created=datetime.now(UTC)))
        session.flush()
    catalogue.records.put(session, "agent", agent(), key="ghent", author="seed")
print("ready", flush=True)
number = 0
while True:
    number += 1
    with catalogue.changing() as session:
        organisation = session.get(Organisation, 1)
        record = catalogue.workspace.create(session, editor, "dataset", organisation, dataset())
        key = record.key
    print(key, record.revision, "draft", flush=True)
    with catalogue.changing() as session:
        record = catalogue.workspace.open(session, editor, "dataset", key, "edit")
        changed = {{**record.working_copy, "title": {{"en": f"Title {{number}}"}}}}
        catalogue.workspace.save(session, editor, record, changed)
    with catalogue.changing() as session:
        record = catalogue.workspace.open(session, editor, "dataset", key, "publish")
        record = catalogue.workspace.take(session, editor, record, "publish")
    print(key, record.revision, "published", flush=True)
"""


def test_what_was_committed_is_there_and_whole_after_a_kill_at_any_moment(tmp_path):
    instance = tmp_path / "instance"
    code = WRITER.format(tests=str(Path(__file__).parent), address=ADDRESS, instance=str(instance))
    chance = random.Random(4)
    promised: dict[str, tuple[int, str]] = {}
    for _ in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.2, 1.0))
        writer.kill()
        for line in writer.stdout.read().splitlines():
            if len(said := line.split()) == 3:  # the last line may be cut off
                promised[said[0]] = (int(said[1]), said[2])
        writer.wait()
        _check(instance, promised)
    assert len(promised) > 3


def _check(instance: Path, promised: dict[str, tuple[int, str]]) -> None:
    catalogue = Catalogue(Settings(public_address=ADDRESS, instance=str(instance)))
    try:
        catalogue.catch_up()
        with catalogue.database.read() as session:
            records = {one.key: one for one in session.scalars(select(Record))}
            for key, (revision, stage) in promised.items():
                assert records[key].revision >= revision
                assert stage == "draft" or records[key].stage == "published"
            for record in records.values():
                history = revisions.of(session, record)
                assert [one.number for one in history] == [*range(record.revision, 0, -1)]
                assert history[0].document == record.working_copy
                assert history[0].state == record.state
            public = select(func.count()).where(Revision.action.in_(PUBLIC_ACTIONS))
            assert changes.head(session) == changes.count(session) == session.scalar(public)
            published = sum(
                one.state == "published" and one.kind == "dataset" for one in records.values()
            )
        assert catalogue.finder.find(Query()).total == published
    finally:
        catalogue.close()
