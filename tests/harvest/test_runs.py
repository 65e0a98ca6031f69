"""Runs from the first page to the last record, over real sites, parsers and databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from harvest.portals import BASE, Portal
from harvest.sites import Reply, Site
from sqlalchemy import func, select, update

from catalogue import changes
from catalogue.accounts.viewer import Viewer
from catalogue.harvest.models import (
    ASKING,
    FAILED,
    FINISHED,
    PREVIEW,
    STOPPED,
    SUPERSEDED,
    UNDONE,
    Find,
    Item,
    Run,
    Source,
)
from catalogue.harvest.seen import raw_of
from catalogue.instance import Catalogue
from catalogue.records import revisions
from catalogue.records.models import DRAFT, PUBLISHED, WITHDRAWN, Record, Revision

ADMINISTRATOR = Viewer(user=1, name="Ada", role="administrator")


@pytest.fixture
def here(new_catalogue: Callable[..., Catalogue]) -> Iterator[Catalogue]:
    """Our catalogue, which may read sites on this machine."""
    return new_catalogue(harvest_allow="127.0.0.1")


@pytest.fixture
def portal(site: Site, here: Catalogue) -> Portal:
    """A portal with ten datasets on three pages."""
    return Portal(site, here.profile).fill(10)


def add(catalogue: Catalogue, portal: Portal, **said: Any) -> int:
    """Add the portal as a source; its number."""
    values = {"title": "A portal", "address": portal.address, "protocol": "dcat", "grace": 0}
    with catalogue.database.write() as session:
        return catalogue.sources.add(session, ADMINISTRATOR, {**values, **said}).id


def run(catalogue: Catalogue, source: int, mode: str = "full") -> Run:
    """Ask for a run and let a worker work; what became of it."""
    with catalogue.database.write() as session:
        asked = catalogue.sources.ask(
            session, ADMINISTRATOR, session.get_one(Source, source), mode
        ).id
    return work(catalogue, asked)


def work(catalogue: Catalogue, number: int) -> Run:
    """Let a worker work; what became of a run."""
    catalogue.tenders["harvest"](lambda: False)
    with catalogue.database.read() as session:
        return session.get_one(Run, number)


def record(catalogue: Catalogue, key: str, base: str = BASE) -> Record:
    """The record of a dataset of the portal."""
    with catalogue.database.read() as session:
        found = session.scalar(select(Record).where(Record.iri == f"{base}id/dataset/{key}"))
    assert found is not None, f"{key} was not taken in"
    return found


def item(catalogue: Catalogue, key: str) -> Item:
    """What is remembered of a dataset of the portal."""
    with catalogue.database.read() as session:
        return session.scalars(
            select(Item).where(Item.remote_id == f"{BASE}id/dataset/{key}")
        ).one()


def answer(catalogue: Catalogue, number: int, said: str) -> Run:
    """Answer what a run asks and let it go on."""
    with catalogue.database.write() as session:
        catalogue.sources.answer(session, ADMINISTRATOR, session.get_one(Run, number), said)
    return work(catalogue, number)


def edit(catalogue: Catalogue, key: str, **said: Any) -> None:
    """Publish an edit of somebody here."""
    one = record(catalogue, key)
    with catalogue.database.write() as session:
        catalogue.records.put(
            session, "dataset", {**(one.document or {}), **said}, key=one.key, author="user:1"
        )


def log_of(catalogue: Catalogue) -> tuple[int, int]:
    """How many changes and revisions there are."""
    with catalogue.database.read() as session:
        revisions = session.scalar(select(func.count()).select_from(Revision)) or 0
        return changes.head(session), revisions


def titles(catalogue: Catalogue, state: str = PUBLISHED) -> set[str]:
    """The titles of the datasets in a state."""
    with catalogue.database.read() as session:
        return set(
            session.scalars(
                select(Record.title).where(Record.kind == "dataset", Record.state == state)
            )
        )


# first and again -----------------------------------------------------------------------


def test_a_first_run_publishes_every_dataset_under_its_own_address(
    here: Catalogue, portal: Portal
) -> None:
    done = run(here, add(here, portal))
    assert (done.state, done.complete, done.error) == (FINISHED, True, "")
    assert len(titles(here)) == 10
    assert done.counts["created"] == 10 + 1 + 1  # with their holder and their catalogue
    one = record(here, "cohort-3")
    assert one.document is not None
    assert one.document["publisher"] == f"{BASE}id/agent/ghent"
    assert one.document["number_of_unique_individuals"] == 103
    assert done.stated == 10
    assert done.kinds["dataset"] == 10


def test_the_graph_of_a_record_is_the_graph_of_the_portal(here: Catalogue, portal: Portal) -> None:
    run(here, add(here, portal))
    one = record(here, "cohort-2")
    said = set(portal.statements("dataset", "cohort-2", portal.datasets["cohort-2"]))
    ours = {s for s in here.graphs.fragment(one) if "#record" not in s[0] + s[2]}
    assert said <= ours
    assert {s for s in ours - said if not s[0].endswith("/catalogue>")} == set()


def test_a_second_run_of_an_unchanged_source_writes_nothing(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    before = log_of(here)
    done = run(here, source)
    assert log_of(here) == before
    assert done.counts == {"unchanged": 12}
    with here.database.read() as session:
        assert session.scalar(select(Find).where(Find.run_id == done.id)) is None


def test_only_what_changed_there_changes_here(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    position, _ = log_of(here)
    portal.datasets["cohort-4"]["title"] = {"en": "Stroke registry of Flanders"}
    done = run(here, source)
    assert done.counts == {"unchanged": 11, "updated": 1}
    assert log_of(here)[0] == position + 1
    assert record(here, "cohort-4").title == "Stroke registry of Flanders"


def test_another_order_of_statements_and_other_blank_nodes_are_no_change(
    here: Catalogue, portal: Portal
) -> None:
    portal.more = [
        f"<{portal.iri('cohort-0')}> <http://www.w3.org/ns/dcat#distribution> _:x1 .",
        "_:x1 a <http://www.w3.org/ns/dcat#Distribution> ;",
        " <http://purl.org/dc/terms/title> 'As a file' ;",
        " <http://www.w3.org/ns/dcat#accessURL> <https://portal.example/file> .",
    ]
    source = add(here, portal)
    run(here, source)
    portal.more = [one.replace("_:x1", "_:other") for one in portal.more]
    assert "updated" not in run(here, source).counts


def test_the_raw_graph_is_kept_with_the_item(here: Catalogue, portal: Portal) -> None:
    run(here, add(here, portal))
    assert f"<{portal.iri('cohort-1')}>" in raw_of(item(here, "cohort-1"))


# edits of ours -------------------------------------------------------------------------


def test_an_edit_here_stands_while_the_source_says_what_it_said(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal, edits="source")
    run(here, source)
    edit(here, "cohort-1", count_note={"en": "Counted by us"})
    portal.datasets["cohort-1"]["number_of_unique_individuals"] = 9000
    run(here, source)
    document = record(here, "cohort-1").document or {}
    assert document["count_note"] == {"en": "Counted by us"}
    assert document["number_of_unique_individuals"] == 9000


@pytest.mark.parametrize(("word", "people"), [("local", 555), ("source", 9000)])
def test_where_both_changed_a_field_the_policy_decides_and_it_is_told(
    here: Catalogue, portal: Portal, word: str, people: int
) -> None:
    source = add(here, portal, fields={"number_of_unique_individuals": word})
    run(here, source)
    edit(here, "cohort-1", number_of_unique_individuals=555)
    before = record(here, "cohort-1").revision
    portal.datasets["cohort-1"]["number_of_unique_individuals"] = 9000
    done = run(here, source)
    one = record(here, "cohort-1")
    assert (one.document or {})["number_of_unique_individuals"] == people
    (problem,) = item(here, "cohort-1").problems or ()
    assert problem["path"] == ["number_of_unique_individuals"]
    if word == "local":
        assert done.counts["kept"] == 1
        assert item(here, "cohort-1").kept == ["number_of_unique_individuals"]
    else:
        assert f"revision {before}" in problem["message"]
        with here.database.read() as session:
            lost = revisions.get(session, one, before).document or {}
        assert lost["number_of_unique_individuals"] == 555


def test_a_working_copy_that_somebody_is_at_is_not_lost(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    one = record(here, "cohort-1")
    with here.database.write() as session:
        said = {**(one.document or {}), "count_note": {"en": "Still being written"}}
        here.records.save(session, "dataset", said, key=one.key, author="user:1")
    portal.datasets["cohort-1"]["number_of_unique_individuals"] = 9000
    run(here, source)
    one = record(here, "cohort-1")
    assert (one.document or {})["number_of_unique_individuals"] == 9000
    assert "count_note" not in (one.document or {})
    assert one.draft is not None
    assert one.draft["count_note"] == {"en": "Still being written"}
    assert one.draft["number_of_unique_individuals"] == 9000


def test_what_a_person_withdrew_here_does_not_come_back(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    with here.database.write() as session:
        one = here.records.get(session, "dataset", record(here, "cohort-1").key)
        here.records.withdraw(session, one, author="user:1", note="Asked for by the holder")
    portal.datasets["cohort-1"]["title"] = {"en": "A new title"}
    run(here, source)
    assert record(here, "cohort-1").state == WITHDRAWN


# what is gone --------------------------------------------------------------------------


def test_what_is_gone_is_withdrawn_after_its_days_of_grace_and_may_come_back(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal, grace=7)
    run(here, source)
    lost = portal.datasets.pop("cohort-1")
    assert run(here, source).counts["missing"] == 1
    assert record(here, "cohort-1").state == PUBLISHED
    assert run(here, source).counts.get("withdrawn", 0) == 0  # the same day
    with here.database.write() as session:
        gone = session.get_one(Item, item(here, "cohort-1").id)
        assert gone.gone is not None
        gone.gone -= timedelta(days=8)
    assert run(here, source).counts["withdrawn"] == 1
    assert record(here, "cohort-1").state == WITHDRAWN
    portal.datasets["cohort-1"] = lost
    assert run(here, source).counts["returned"] == 1
    assert record(here, "cohort-1").state == PUBLISHED
    assert item(here, "cohort-1").gone is None


def test_a_run_that_would_withdraw_a_fifth_asks_and_changes_nothing(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    for n in (1, 2, 3):
        del portal.datasets[f"cohort-{n}"]
    portal.datasets["cohort-4"]["title"] = {"en": "Changed meanwhile"}
    before = log_of(here)
    asking = run(here, source)
    assert asking.state == ASKING
    assert asking.question is not None
    assert (asking.question["is"], asking.question["count"], asking.question["of"]) == (
        "withdraw",
        3,
        10,
    )
    assert log_of(here) == before
    done = answer(here, asking.id, "go-on")
    assert done.state == FINISHED
    assert done.counts["withdrawn"] == 3
    assert len(titles(here)) == 7


def test_a_run_that_asks_and_is_told_to_stop_leaves_everything(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    portal.datasets = {"cohort-0": portal.datasets["cohort-0"]}
    asking = run(here, source)
    assert answer(here, asking.id, "stop").state == STOPPED
    assert len(titles(here)) == 10


def test_a_run_that_was_told_to_stop_asks_again_when_it_goes_on(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    portal.datasets = {"cohort-0": portal.datasets["cohort-0"]}
    asking = run(here, source)
    answer(here, asking.id, "stop")
    for stop_first in (False, True):
        with here.database.write() as session:
            at = session.get_one(Run, asking.id)
            if stop_first:
                here.sources.stop(session, ADMINISTRATOR, at)
            here.sources.resume(session, ADMINISTRATOR, at)
        assert work(here, asking.id).state == ASKING
    assert len(titles(here)) == 10


def test_a_source_that_healed_supersedes_the_run_that_asked(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    whole = portal.datasets
    portal.datasets = {"cohort-0": whole["cohort-0"]}
    asking = run(here, source)
    portal.datasets = whole
    assert run(here, source).state == FINISHED
    with here.database.read() as session:
        assert session.get_one(Run, asking.id).state == SUPERSEDED
    assert len(titles(here)) == 10


def test_a_mass_change_of_ids_asks_and_can_be_matched(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal, grace=7)
    run(here, source)
    key = record(here, "cohort-5").key
    portal.datasets = {f"new-{key}": one for key, one in portal.datasets.items()}
    asking = run(here, source)
    assert asking.state == ASKING
    assert asking.question is not None
    assert (asking.question["is"], asking.question["alike"]) == ("new-ids", 10)
    assert len(titles(here)) == 10  # nothing was imported twice
    done = answer(here, asking.id, "match")
    assert done.state == FINISHED
    assert len(titles(here)) == 10
    with here.database.read() as session:
        one = here.records.get(session, "dataset", key)
        (found,) = session.scalars(select(Item).where(Item.record_id == one.id))
    assert one.state == PUBLISHED
    assert found.remote_id == portal.iri("new-cohort-5")
    assert run(here, source).counts == {"unchanged": 12}


def test_less_than_the_source_says_it_has_withdraws_nothing(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    del portal.datasets["cohort-1"]
    portal.stated = 10
    done = run(here, source)
    assert (done.complete, done.stated, done.kinds["dataset"]) == (False, 10, 9)
    assert "withdrawn" not in done.counts
    assert record(here, "cohort-1").state == PUBLISHED


# what goes wrong -----------------------------------------------------------------------


def test_a_page_that_cannot_be_read_stops_no_run_and_withdraws_nothing(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    portal.spoiled[2] = Reply(b"<html>Out of order</html>", "text/html", 200)
    portal.datasets["cohort-0"]["title"] = {"en": "On the first page"}
    done = run(here, source)
    assert (done.state, done.complete) == (FINISHED, False)
    assert record(here, "cohort-0").title == "On the first page"
    assert len(titles(here)) == 10
    with here.database.read() as session:
        (faulty,), total = here.sources.pages(session, done, faulty=True)
    assert total == 1
    assert faulty.number == 2
    assert faulty.problems


def test_a_first_page_that_cannot_be_had_fails_the_run_in_words(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    portal.spoiled[1] = Reply(b"no", "text/plain", 404)
    done = run(here, source)
    assert done.state == FAILED
    assert "404" in done.error
    portal.spoiled.clear()
    with here.database.write() as session:
        here.sources.resume(session, ADMINISTRATOR, session.get_one(Run, done.id))
    assert work(here, done.id).state == FINISHED
    assert len(titles(here)) == 10


def test_a_feed_that_goes_round_ends(here: Catalogue, portal: Portal) -> None:
    first = portal.address
    portal.more = [
        f"<{first}?page=3> <http://www.w3.org/ns/hydra/core#next> <{first}?page=2> .",
    ]
    done = run(here, add(here, portal))
    assert done.state == FINISHED
    assert not done.complete
    assert len(titles(here)) == 10
    assert portal.site.count("/catalogue.ttl") < 10


def test_one_bad_dataset_stops_no_other(here: Catalogue, portal: Portal) -> None:
    portal.more = [
        "<https://portal.example/bad> a <http://www.w3.org/ns/dcat#Dataset> ;"
        ' <http://purl.org/dc/terms/identifier> "bad" ;'
        ' <http://purl.org/dc/terms/title> "Bad" ;'
        ' <http://purl.org/dc/terms/issued> "the day before yesterday" .',
        '[] a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "Nobody" .',
    ]
    source = add(here, portal)
    done = run(here, source)
    assert done.state == FINISHED
    assert len(titles(here)) == 10
    assert (done.counts["held"], done.counts["failed"]) == (1, 1)
    with here.database.read() as session:
        (failed,), _ = here.sources.finds(session, done, outcome="failed")
    assert "identifier" in str(failed.problems)
    assert titles(here, DRAFT) == {"Bad"}


def test_what_lacks_something_waits_as_a_draft_until_the_source_says_it(
    here: Catalogue, portal: Portal
) -> None:
    provenance = portal.datasets["cohort-1"].pop("provenance")
    source = add(here, portal)
    done = run(here, source)
    assert done.counts["held"] == 1
    held = record(here, "cohort-1")
    assert held.state == DRAFT
    assert any("needed" in one["message"] for one in item(here, "cohort-1").problems or ())
    portal.datasets["cohort-1"]["provenance"] = provenance
    run(here, source)
    assert record(here, "cohort-1").state == PUBLISHED


def test_a_source_may_publish_what_lacks_something(here: Catalogue, portal: Portal) -> None:
    del portal.datasets["cohort-1"]["provenance"]
    run(here, add(here, portal, incomplete="publish"))
    assert record(here, "cohort-1").state == PUBLISHED


def test_a_draft_that_somebody_completes_here_is_theirs_to_publish(
    here: Catalogue, portal: Portal
) -> None:
    provenance = portal.datasets["cohort-1"].pop("provenance")
    source = add(here, portal)
    run(here, source)
    one = record(here, "cohort-1")
    with here.database.write() as session:
        said = {**(one.draft or {}), "count_note": {"en": "By us"}}
        here.records.save(session, "dataset", said, key=one.key, author="user:1")
    portal.datasets["cohort-1"]["provenance"] = provenance
    run(here, source)
    one = record(here, "cohort-1")
    assert one.state == DRAFT
    assert one.draft is not None
    assert one.draft["count_note"] == {"en": "By us"}
    assert one.draft["provenance"]


def test_our_own_records_that_come_back_to_us_are_left_alone(
    here: Catalogue, portal: Portal
) -> None:
    portal.base = here.settings.public_address
    with here.database.write() as session:
        here.records.put(session, "agent", portal.agents["ghent"], key="ghent", author="user:1")
        here.records.put(
            session, "dataset", portal.datasets["cohort-1"], key="cohort-1", author="user:1"
        )
    before = log_of(here)
    portal.datasets["cohort-1"]["title"] = {"en": "What they made of it"}
    done = run(here, add(here, portal))
    assert log_of(here)[1] - before[1] <= 1  # their catalogue itself
    assert done.counts["own"] == 11
    with here.database.read() as session:
        assert here.records.get(session, "dataset", "cohort-1").title == "Prostate cancer cohort 1"


def test_a_draft_that_was_deleted_here_stays_deleted_until_somebody_wants_it(
    here: Catalogue, portal: Portal
) -> None:
    del portal.datasets["cohort-1"]["provenance"]
    source = add(here, portal)
    run(here, source)
    with here.database.write() as session:
        held = here.records.get(session, "dataset", record(here, "cohort-1").key)
        here.workspace.delete(session, ADMINISTRATOR, held)
    portal.datasets["cohort-1"]["title"] = {"en": "Another title"}
    assert run(here, source).counts["excluded"] == 1
    assert titles(here, DRAFT) == set()
    with here.database.write() as session:
        one = session.get_one(Item, item(here, "cohort-1").id)
        here.sources.exclude(session, ADMINISTRATOR, one, excluded=False)
    run(here, source)
    assert titles(here, DRAFT) == {"Another title"}


# two sources ---------------------------------------------------------------------------


def test_one_address_from_two_sources_is_one_record_and_is_handed_over(
    here: Catalogue, portal: Portal, new_site: Callable[[], Site]
) -> None:
    mirror = Portal(new_site(), here.profile)
    mirror.datasets = {key: dict(one) for key, one in portal.datasets.items()}
    first, second = add(here, portal), add(here, mirror, title="A mirror")
    run(here, first)
    before = log_of(here)
    assert run(here, second).counts["own"] == 12
    assert log_of(here) == before
    del portal.datasets["cohort-1"]
    run(here, first)
    assert record(here, "cohort-1").state == PUBLISHED  # the mirror has it still
    mirror.datasets["cohort-1"]["title"] = {"en": "As the mirror tells it"}
    run(here, second)
    assert record(here, "cohort-1").title == "As the mirror tells it"


def test_a_mirror_that_drops_a_record_of_ours_takes_nothing_from_us(
    here: Catalogue, portal: Portal
) -> None:
    portal.base = here.settings.public_address
    with here.database.write() as session:
        here.records.put(session, "agent", portal.agents["ghent"], key="ghent", author="user:1")
        here.records.put(
            session, "dataset", portal.datasets["cohort-1"], key="cohort-1", author="user:1"
        )
    source = add(here, portal)
    run(here, source)
    del portal.datasets["cohort-1"]
    assert "withdrawn" not in run(here, source).counts
    with here.database.write() as session:
        here.sources.leave(session, ADMINISTRATOR, session.get_one(Source, source), "delete")
    here.tenders["harvest"](lambda: False)
    with here.database.read() as session:
        assert here.records.get(session, "dataset", "cohort-1").state == PUBLISHED


@pytest.mark.parametrize("way", ["keep", "withdraw", "delete"])
def test_a_source_that_is_given_up_hands_its_records_to_another_that_has_them(
    here: Catalogue, portal: Portal, new_site: Callable[[], Site], way: str
) -> None:
    mirror = Portal(new_site(), here.profile)
    mirror.datasets = {key: dict(one) for key, one in portal.datasets.items()}
    first, second = add(here, portal), add(here, mirror, title="A mirror")
    run(here, first)
    run(here, second)
    with here.database.write() as session:
        here.sources.leave(session, ADMINISTRATOR, session.get_one(Source, first), way)
    here.tenders["harvest"](lambda: False)
    assert len(titles(here)) == 10
    mirror.datasets["cohort-1"]["title"] = {"en": "As the mirror tells it"}
    run(here, second)
    assert record(here, "cohort-1").title == "As the mirror tells it"


# stopping, killing, undoing ------------------------------------------------------------


def test_a_run_stops_when_asked_and_goes_on_where_it_was(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    pages = portal.site.count("/catalogue.ttl")
    with here.database.write() as session:
        number = here.sources.ask(session, ADMINISTRATOR, session.get_one(Source, source)).id
    asked: list[int] = []

    def stopping() -> bool:
        asked.append(1)
        return len(asked) > 3

    here.tenders["harvest"](stopping)
    with here.database.write() as session:
        at = session.get_one(Run, number)
        assert 0 < at.pages < 3
        here.sources.stop(session, ADMINISTRATOR, at)
    assert work(here, number).state == STOPPED
    assert titles(here) == set()
    with here.database.write() as session:
        here.sources.resume(session, ADMINISTRATOR, session.get_one(Run, number))
    done = work(here, number)
    assert done.state == FINISHED
    assert len(titles(here)) == 10
    assert portal.site.count("/catalogue.ttl") - pages <= 5  # no page was walked again


@pytest.mark.parametrize("steps", range(1, 14))
def test_whoever_goes_on_after_a_crash_at_any_step_comes_to_the_same(
    here: Catalogue, portal: Portal, steps: int
) -> None:
    source = add(here, portal)
    run(here, source)
    del portal.datasets["cohort-1"]
    portal.datasets["cohort-2"]["title"] = {"en": "Another title"}
    portal.fill(11)
    del portal.datasets["cohort-1"]
    portal.datasets["cohort-2"]["title"] = {"en": "Another title"}
    with here.database.write() as session:
        number = here.sources.ask(session, ADMINISTRATOR, session.get_one(Source, source)).id
    asked: list[int] = []

    def stopping() -> bool:
        asked.append(1)
        return len(asked) > steps

    here.tenders["harvest"](stopping)
    with here.database.write() as session:  # as a worker leaves it that was killed
        session.execute(
            update(Run)
            .where(Run.id == number, Run.state.in_(("waiting", "reading", "writing")))
            .values(holder="elsewhere:1", lease=datetime.now(UTC) - timedelta(hours=1))
        )
    done = work(here, number)
    assert done.state == FINISHED
    assert (done.counts["created"], done.counts["updated"], done.counts["withdrawn"]) == (1, 1, 1)
    assert done.counts["unchanged"] == 10
    assert len(titles(here)) == 10
    assert "Another title" in titles(here)


def test_a_run_can_be_undone(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    edit(here, "cohort-3", number_of_unique_individuals=555)
    before = titles(here)
    del portal.datasets["cohort-1"]
    portal.datasets["cohort-2"]["title"] = {"en": "Another title"}
    portal.datasets["cohort-3"]["number_of_unique_individuals"] = 1
    portal.datasets["new"] = dict(portal.datasets["cohort-4"], identifier=["new"])
    done = run(here, source)
    with here.database.write() as session:
        here.sources.undo(session, ADMINISTRATOR, session.get_one(Run, done.id))
    assert work(here, done.id).state == UNDONE
    assert titles(here) == before
    assert record(here, "new").state == WITHDRAWN
    assert (record(here, "cohort-3").document or {})["number_of_unique_individuals"] == 555
    with here.database.read() as session:
        assert session.get_one(Source, source).state == "paused"
    again = run(here, source)  # and done again, if that is what one wants after all
    assert again.counts["returned"] == 1
    assert again.counts["withdrawn"] == 1
    assert record(here, "new").state == PUBLISHED
    assert record(here, "cohort-2").title == "Another title"


def test_a_preview_shows_the_first_twenty_and_writes_nothing(here: Catalogue, site: Site) -> None:
    portal = Portal(site, here.profile, size=15).fill(40)
    del portal.datasets["cohort-3"]["provenance"]
    source = add(here, portal)
    before = log_of(here)
    done = run(here, source, PREVIEW)
    assert done.state == FINISHED
    assert log_of(here) == before
    with here.database.read() as session:
        finds, _ = here.sources.finds(session, done)
        assert session.scalar(select(Item)) is None
        assert session.scalar(select(Record)) is None
    shown = [find for find in finds if find.kind == "dataset"]
    assert len(shown) == 20
    assert {find.outcome for find in shown} == {"created", "held"}
    assert all(find.title for find in shown)


def test_a_preview_of_what_is_here_already_looks_at_the_first_and_puts_nothing_off(
    here: Catalogue, site: Site
) -> None:
    portal = Portal(site, here.profile, size=15).fill(40)
    source = add(here, portal)
    run(here, source)
    with here.database.read() as session:
        due = session.get_one(Source, source).due
    portal.datasets["cohort-3"]["title"] = {"en": "Renamed"}
    done = run(here, source, PREVIEW)
    assert done.entries == 20
    assert (done.counts["updated"], done.counts["unchanged"]) == (
        1,
        21,
    )  # the portal and its organisation too
    with here.database.read() as session:
        assert session.get_one(Source, source).due == due


# giving a source up --------------------------------------------------------------------


@pytest.mark.parametrize("way", ["keep", "withdraw", "delete"])
def test_a_source_that_is_given_up_does_with_its_records_what_was_said(
    here: Catalogue, portal: Portal, way: str
) -> None:
    del portal.datasets["cohort-9"]["provenance"]  # a draft
    source = add(here, portal)
    run(here, source)
    one = record(here, "cohort-1")
    with here.database.write() as session:
        here.sources.leave(session, ADMINISTRATOR, session.get_one(Source, source), way)
    here.tenders["harvest"](lambda: False)
    with here.database.read() as session:
        assert session.get(Source, source) is None
        assert session.scalar(select(Item)) is None
        assert session.scalar(select(Run)) is None
        left = here.records.get(session, "dataset", one.key)
        said = [revision.document for revision in revisions.of(session, left)]
        drafts = session.scalar(select(Record).where(Record.state == DRAFT))
    if way == "keep":
        assert left.state == PUBLISHED
        assert drafts is not None
    else:
        assert left.state == WITHDRAWN
        assert drafts is None
    assert any(said) == (way != "delete")
    if way == "delete":
        assert left.document is None
        assert left.title == ""


def test_a_source_that_was_given_up_can_be_added_again(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    with here.database.write() as session:
        here.sources.leave(session, ADMINISTRATOR, session.get_one(Source, source), "delete")
    here.tenders["harvest"](lambda: False)
    run(here, add(here, portal))
    assert len(titles(here)) == 10


# the timetable -------------------------------------------------------------------------


def test_the_timetable_reads_a_source_when_its_time_has_come(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal, schedule="daily")
    here.tenders["harvest"](lambda: False)
    assert titles(here) == set()
    with here.database.write() as session:
        due = session.get_one(Source, source)
        assert due.due is not None
        due.due -= timedelta(days=2)
    here.tenders["harvest"](lambda: False)
    assert len(titles(here)) == 10
    with here.database.read() as session:
        after = session.get_one(Source, source).due
    assert after is not None
    here.tenders["harvest"](lambda: False)
    with here.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 1


def test_a_source_that_goes_down_is_left_after_a_few_pages(here: Catalogue, site: Site) -> None:
    portal = Portal(site, here.profile, size=1).fill(40)
    for number in range(3, 41):
        portal.spoiled[number] = Reply(b"no", "text/plain", 404)
    done = run(here, add(here, portal))
    assert (done.state, done.complete) == (FINISHED, False)
    assert len(titles(here)) == 2
    assert portal.site.count("/catalogue.ttl") < 12
