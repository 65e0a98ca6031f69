"""What people and sources do to one another in unusual orders: nothing is lost or taken by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from factories import agent
from harvest.portals import BASE, Portal
from harvest.sites import Site
from harvest.test_runs import (
    ADMINISTRATOR,
    add,
    answer,
    edit,
    here,
    item,
    portal,
    record,
    run,
    titles,
    work,
)
from sqlalchemy import select

from catalogue.errors import Conflict, Problem
from catalogue.harvest import run as working
from catalogue.harvest.models import (
    ASKING,
    FAILED,
    FINISHED,
    PREVIEW,
    STOPPED,
    UNDONE,
    Item,
    Run,
    Source,
)
from catalogue.harvest.reading import Page as Read
from catalogue.instance import Catalogue
from catalogue.records.models import DRAFT, PUBLISHED, WITHDRAWN, Record

__all__ = ["here", "portal"]  # fixtures


@pytest.fixture
def mirror(here: Catalogue, portal: Portal, new_site: Callable[[], Site]) -> Portal:
    """Another portal with the same datasets under the same addresses."""
    other = Portal(new_site(), here.profile)
    other.datasets = {key: dict(one) for key, one in portal.datasets.items()}
    return other


def save(here: Catalogue, key: str, **said: Any) -> None:
    """Save a working copy of somebody here."""
    one = record(here, key)
    with here.database.write() as session:
        said = {**one.working_copy, **said}
        here.records.save(session, "dataset", said, key=one.key, author="user:1")


def undo(here: Catalogue, number: int) -> Run:
    """Have a run undone."""
    with here.database.write() as session:
        here.sources.undo(session, ADMINISTRATOR, session.get_one(Run, number))
    return work(here, number)


def leave(here: Catalogue, source: int, way: str) -> None:
    """Give a source up."""
    with here.database.write() as session:
        here.sources.leave(session, ADMINISTRATOR, session.get_one(Source, source), way)
    here.tenders["harvest"](lambda: False)


def change(here: Catalogue, source: int, **said: Any) -> None:
    """Say something else of a source."""
    with here.database.write() as session:
        here.sources.change(session, ADMINISTRATOR, session.get_one(Source, source), said)


def same(here: Catalogue, stays: str, goes: str) -> tuple[int, int]:
    """Say that two datasets of the portal are the same."""
    one, other = record(here, stays), record(here, goes)
    with here.database.write() as session:
        here.pairs.decide(session, ADMINISTRATOR, one.id, other.id, "same", one.id)
    return one.id, other.id


def reading(here: Catalogue, of: Callable[[Read], Read]) -> None:
    """Let every page come otherwise than its reader gives it."""
    opening = here.harvester._opening

    class Other:
        def __init__(self, reader: Any) -> None:
            self._reader = reader

        def page(self, place: Any) -> Read:
            return of(self._reader.page(place))

    def opened(protocol: str, asked: Any, key: str) -> Any:
        protocol, reader, close = opening(protocol, asked, key)
        return protocol, Other(reader), close

    here.harvester._opening = opened


# sources beside one another ------------------------------------------------------------


def test_sources_that_are_read_in_turn_are_not_mixed_up(
    here: Catalogue, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "_SLICE", 0.001)

    def table(word: str) -> str:
        lines = (f"{n},{word} {n},About {word} {n}\n" for n in range(1000, 1350))
        return "identifier,title,description\n" + "".join(lines)

    words = {}
    with here.database.write() as session:
        for word in ("Stroke", "Asthma"):
            address = site.put(f"/{word}.csv", table(word), "text/csv")
            said = {"title": word, "address": address, "incomplete": "publish"}
            source = here.sources.add(session, ADMINISTRATOR, said)
            here.sources.ask(session, ADMINISTRATOR, source)
            words[source.id] = word
    here.tenders["harvest"](lambda: False)
    with here.database.read() as session:
        found = session.execute(
            select(Item.source_id, Record.title).join(Record, Record.id == Item.record_id)
        ).all()
    assert len(found) == 700
    assert [title for source, title in found if not title.startswith(words[source])] == []


def test_an_edit_here_outlives_a_change_of_the_source(
    here: Catalogue, portal: Portal, mirror: Portal
) -> None:
    first, second = add(here, portal), add(here, mirror, title="A mirror")
    run(here, first)
    run(here, second)
    edit(here, "cohort-1", count_note={"en": "Counted by us"})
    leave(here, first, "keep")
    run(here, second)
    assert (record(here, "cohort-1").document or {})["count_note"] == {"en": "Counted by us"}


def test_undoing_a_source_takes_nothing_from_a_mirror(
    here: Catalogue, portal: Portal, mirror: Portal
) -> None:
    done = run(here, add(here, portal))
    second = add(here, mirror, title="A mirror")
    run(here, second)
    undo(here, done.id)
    run(here, second)
    assert len(titles(here)) == 10


def test_an_item_that_is_left_out_hands_its_record_over(
    here: Catalogue, portal: Portal, mirror: Portal
) -> None:
    first, second = add(here, portal), add(here, mirror, title="A mirror")
    run(here, first)
    run(here, second)
    with here.database.write() as session:
        iri = f"{BASE}id/dataset/cohort-1"
        found = select(Item).where(Item.remote_id == iri, Item.source_id == first)
        here.sources.exclude(session, ADMINISTRATOR, session.scalars(found).one())
    mirror.datasets["cohort-1"]["title"] = {"en": "As the mirror tells it"}
    run(here, second)
    assert record(here, "cohort-1").title == "As the mirror tells it"


@pytest.mark.parametrize("way", ["withdraw", "delete"])
def test_a_draft_that_another_source_had_is_in_nobodys_way(
    here: Catalogue, portal: Portal, mirror: Portal, way: str
) -> None:
    del portal.datasets["cohort-1"]["provenance"]
    first, second = add(here, portal), add(here, mirror, title="A mirror", grace=7)
    run(here, first)
    run(here, second)
    del mirror.datasets["cohort-1"]
    run(here, second)
    leave(here, first, way)
    with here.database.read() as session:
        assert session.get(Source, first) is None


# drafts and what lacks something -------------------------------------------------------


def test_what_lacks_something_now_touches_no_working_copy(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    save(here, "cohort-1", count_note={"en": "Being written"})
    del portal.datasets["cohort-1"]["provenance"]
    assert run(here, source).counts["held"] == 1
    assert (record(here, "cohort-1").draft or {})["count_note"] == {"en": "Being written"}


def test_a_working_copy_that_says_something_else_than_the_source_is_told(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    save(here, "cohort-1", number_of_unique_individuals=555)
    portal.datasets["cohort-1"]["number_of_unique_individuals"] = 9000
    run(here, source)
    (problem,) = item(here, "cohort-1").problems or ()
    assert problem["path"] == ["number_of_unique_individuals"]
    assert "working copy" in problem["message"]


def test_what_lacked_something_for_a_while_leaves_nothing_behind(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    provenance = portal.datasets["cohort-1"].pop("provenance")
    run(here, source)
    portal.datasets["cohort-1"]["title"] = {"en": "Another title"}
    assert run(here, source).counts["held"] == 1  # the old provenance is no edit of ours
    portal.datasets["cohort-1"]["provenance"] = provenance
    run(here, source)
    assert record(here, "cohort-1").draft is None
    assert record(here, "cohort-1").title == "Another title"


def test_another_policy_counts_for_what_waits(here: Catalogue, portal: Portal) -> None:
    del portal.datasets["cohort-1"]["provenance"]
    source = add(here, portal)
    run(here, source)
    change(here, source, incomplete="publish")
    run(here, source)
    assert record(here, "cohort-1").state == PUBLISHED


def test_another_catalogue_lists_what_did_not_change(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    listing = {
        "title": {"en": "A network"},
        "description": {"en": "Of cohorts."},
        "publisher": f"{BASE}id/agent/ghent",
    }
    with here.database.write() as session:
        network = here.records.save(session, "catalogue", listing, key="network", author="user:1")
    change(here, source, listed_in=network.iri)
    run(here, source)
    assert network.iri in (record(here, "cohort-1").document or {})["listed_in"]
    assert "updated" not in run(here, source).counts


def test_what_waits_for_its_publisher_is_looked_at_again(here: Catalogue, portal: Portal) -> None:
    portal.agents["ghent"] = {"name": {"en": "Hospital of Ghent"}}  # no page to contact it by
    source = add(here, portal)
    assert run(here, source).counts["held"] == 10
    portal.agents["ghent"] = agent()
    run(here, source)
    assert len(titles(here)) == 10


# people ---------------------------------------------------------------------------------


def test_what_is_done_here_after_a_run_outlives_its_undoing(
    here: Catalogue, portal: Portal
) -> None:
    del portal.datasets["cohort-3"]["provenance"]
    source = add(here, portal, grace=7)
    run(here, source)
    portal.datasets["cohort-1"]["title"] = {"en": "Another title"}
    portal.datasets["cohort-4"]["title"] = {"en": "A fourth title"}
    del portal.datasets["cohort-2"]
    done = run(here, source)
    edit(here, "cohort-1", count_note={"en": "By us"})
    edit(here, "cohort-2", count_note={"en": "By us"})
    save(here, "cohort-4", count_note={"en": "By us"})
    assert undo(here, done.id).state == UNDONE
    for key in ("cohort-1", "cohort-2"):
        assert (record(here, key).document or {})["count_note"] == {"en": "By us"}
    assert (record(here, "cohort-4").draft or {})["count_note"] == {"en": "By us"}
    with here.database.read() as session:
        finds, _ = here.sources.finds(session, done, outcome="updated")
    assert all("left as it is" in str(find.problems) for find in finds)


def test_a_draft_that_somebody_completes_outlives_undoing_and_leaving(
    here: Catalogue, portal: Portal
) -> None:
    del portal.datasets["cohort-1"]["provenance"]
    source = add(here, portal)
    done = run(here, source)
    save(here, "cohort-1", count_note={"en": "By us"})
    undo(here, done.id)
    assert (record(here, "cohort-1").draft or {})["count_note"] == {"en": "By us"}
    leave(here, source, "withdraw")
    assert record(here, "cohort-1").state == DRAFT


def test_two_records_that_are_one_stay_one_whatever_sources_do(
    here: Catalogue, portal: Portal, mirror: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    pair = same(here, "cohort-1", "cohort-2")
    run(here, add(here, mirror, title="A mirror"))
    assert record(here, "cohort-2").state == WITHDRAWN
    portal.datasets["cohort-2"]["title"] = {"en": "Meanwhile"}
    run(here, source)
    with here.database.write() as session:
        here.pairs.undo(session, ADMINISTRATOR, *pair)
    portal.datasets["cohort-2"]["title"] = {"en": "At last"}
    run(here, source)
    assert record(here, "cohort-2").title == "At last"


def test_what_a_person_withdrew_stays_so_when_the_source_is_added_again(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    with here.database.write() as session:
        one = here.records.get(session, "dataset", record(here, "cohort-1").key)
        here.records.withdraw(session, one, author="user:1", note="Asked for by the holder")
    leave(here, source, "keep")
    run(here, add(here, portal))
    assert record(here, "cohort-1").state == WITHDRAWN


# steps of runs --------------------------------------------------------------------------


def test_a_question_may_wait_over_the_weekend(here: Catalogue, portal: Portal) -> None:
    portal.fill(300)
    source = add(here, portal)
    run(here, source)
    portal.datasets = dict(list(portal.datasets.items())[:50])
    asking = run(here, source)
    assert asking.state == ASKING
    with here.database.write() as session:
        begun = session.get_one(Run, asking.id)
        assert begun.began is not None
        begun.began -= timedelta(hours=60)
    assert answer(here, asking.id, "go-on").state == FINISHED
    assert len(titles(here)) == 50


def test_what_was_held_published_and_undone_can_be_published_again(
    here: Catalogue, portal: Portal
) -> None:
    provenance = portal.datasets["cohort-1"].pop("provenance")
    source = add(here, portal)
    run(here, source)
    portal.datasets["cohort-1"]["provenance"] = provenance
    undo(here, run(here, source).id)
    run(here, source)
    assert record(here, "cohort-1").state == PUBLISHED


@pytest.mark.parametrize("stopped", [True, False])
def test_an_undoing_that_was_cut_off_goes_on_as_one(
    here: Catalogue, portal: Portal, stopped: bool
) -> None:
    done = run(here, add(here, portal))
    with here.database.write() as session:
        at = session.get_one(Run, done.id)
        here.sources.undo(session, ADMINISTRATOR, at)
        if stopped:
            here.sources.stop(session, ADMINISTRATOR, at)
    if stopped:
        assert work(here, done.id).state == STOPPED
    with here.database.write() as session:
        at = session.get_one(Run, done.id)
        at.state = STOPPED if stopped else FAILED
        here.sources.resume(session, ADMINISTRATOR, at)
    assert work(here, done.id).state == UNDONE
    assert titles(here) == set()


def test_taking_new_ids_over_can_be_undone(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    before = portal.datasets
    portal.datasets = {f"new-{key}": one for key, one in before.items()}
    done = answer(here, run(here, source).id, "match")
    undo(here, done.id)
    portal.datasets = before
    assert run(here, source).state == FINISHED
    assert len(titles(here)) == 10


def test_one_run_of_a_source_is_at_work_at_a_time(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    with here.database.write() as session:
        first = here.sources.ask(session, ADMINISTRATOR, session.get_one(Source, source))
        here.sources.stop(session, ADMINISTRATOR, first)
        here.sources.ask(session, ADMINISTRATOR, session.get_one(Source, source), PREVIEW)
        with pytest.raises(Conflict):
            here.sources.resume(session, ADMINISTRATOR, first)
        with pytest.raises(Conflict):
            here.sources.change(
                session,
                ADMINISTRATOR,
                session.get_one(Source, source),
                {"address": "https://elsewhere.example/feed.ttl"},
            )


def test_a_preview_of_what_is_known_reads_no_more_than_it_shows(
    here: Catalogue, site: Site
) -> None:
    portal = Portal(site, here.profile, size=5).fill(60)
    source = add(here, portal)
    run(here, source)
    asked = site.count("/catalogue.ttl")
    done = run(here, source, PREVIEW)
    assert done.counts["unchanged"] >= 20
    assert site.count("/catalogue.ttl") - asked <= 6


# strange pages --------------------------------------------------------------------------


def test_what_is_deleted_and_described_again_in_one_run_is_there(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal, brake=100)
    run(here, source)
    gone = portal.iri("cohort-9")
    reading(
        here, lambda page: replace(page, deleted=[gone]) if "page=" not in page.address else page
    )
    portal.datasets["cohort-9"]["title"] = {"en": "There again"}
    run(here, source)
    assert record(here, "cohort-9").title == "There again"
    assert record(here, "cohort-9").state == PUBLISHED


def test_what_was_left_out_is_not_withdrawn_when_its_source_deletes_it(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal, brake=100)
    run(here, source)
    with here.database.write() as session:
        here.sources.exclude(
            session, ADMINISTRATOR, session.get_one(Item, item(here, "cohort-1").id)
        )
    del portal.datasets["cohort-1"]
    reading(here, lambda page: replace(page, deleted=[portal.iri("cohort-1")]))
    run(here, source)
    assert record(here, "cohort-1").state == PUBLISHED


def test_a_fault_of_ours_on_one_page_costs_that_page(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)

    def faulty(page: Read) -> Read:
        if "page=2" in page.address:
            raise RecursionError("too deep")
        return page

    reading(here, faulty)
    done = run(here, source)
    assert (done.state, done.complete) == (FINISHED, False)
    assert len(titles(here)) == 10


def test_a_description_that_cannot_be_read_any_more_is_told_on_its_item(
    here: Catalogue, portal: Portal
) -> None:
    source = add(here, portal)
    run(here, source)
    broken = Problem((), "It cannot be read.", rule="broken-off")

    def spoilt(page: Read) -> Read:
        found = [
            replace(one, raw=b"", problems=(broken,)) if one.id.endswith("cohort-1") else one
            for one in page.found
        ]
        return replace(page, found=found)

    reading(here, spoilt)
    assert run(here, source).counts["failed"] == 1
    assert item(here, "cohort-1").outcome == "failed"
    assert "cannot be read" in str(item(here, "cohort-1").problems)
    assert record(here, "cohort-1").state == PUBLISHED


def test_all_that_a_source_lists_has_to_be_there(here: Catalogue, site: Site) -> None:
    portal = Portal(site, here.profile, size=100).fill(10)
    portal.stated = 10
    many = [f"{BASE}id/dataset/else-{n}" for n in range(1200)]
    catalogue = f"<{BASE}catalogue> <http://www.w3.org/ns/dcat#dataset>"
    portal.more = [f"{catalogue} <{one}> ." for one in many]
    done = run(here, add(here, portal))
    assert not done.complete
    assert len(done.missing or ()) == 1000
