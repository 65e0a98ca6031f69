"""What is listed where, and what is remembered of those that are no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import EHDS, agent, dataset, plant
from sqlalchemy import func, select, update

from catalogue.changes import head
from catalogue.errors import Unavailable
from catalogue.rdf.listing import EVERYTHING, NETWORK, Scope
from catalogue.records.models import Listing, Record, Tally

GHENT = "id/agent/ghent"


def listed(session, scope=NETWORK, since=None) -> list[str]:
    numbers = Scope(scope, since).after(session, 0, 1000)
    return [session.get_one(Record, number).key for number in numbers]


def gone(session, scope=NETWORK) -> list[str]:
    found = select(Record.key).join(Listing).where(Listing.scope == scope, Listing.gone)
    return list(session.scalars(found))


def agree(session) -> None:
    """Every tally is what counting would give."""
    counted = dict(
        session.execute(
            select(Listing.scope, func.count()).where(~Listing.gone).group_by(Listing.scope)
        ).all()
    )
    tallies = dict(session.execute(select(Tally.scope, Tally.number)).all())
    assert {scope: number for scope, number in tallies.items() if number} == counted


@pytest.fixture
def three(empty):
    plant(empty, *(dataset(title={"en": f"Registry {n} of Ghent"}) for n in range(3)))
    return empty


def withdraw(catalogue, key):
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", key)
        catalogue.records.withdraw(session, record, author="t")


def test_a_dataset_is_listed_in_the_network_and_at_its_holder(three):
    with three.database.read() as session:
        assert listed(session) == listed(session, GHENT) == ["hf", "hf-2", "hf-3"]
        assert set(listed(session, EVERYTHING)) == {"hf", "hf-2", "hf-3", "ghent"}
        agree(session)


def test_a_withdrawn_dataset_is_gone_from_every_scope_and_comes_back_when_restored(three):
    withdraw(three, "hf-2")
    with three.database.read() as session:
        for scope in (NETWORK, GHENT):
            assert listed(session, scope) == ["hf", "hf-3"]
            assert gone(session, scope) == ["hf-2"]
        agree(session)
    with three.changing() as session:
        record = three.records.get(session, "dataset", "hf-2")
        three.records.restore(session, record, author="t")
    with three.database.read() as session:
        assert listed(session) == ["hf", "hf-2", "hf-3"]
        assert gone(session) == []
        agree(session)


def test_a_dataset_that_moves_to_another_holder_leaves_the_first_one(three):
    with three.changing() as session:
        three.records.put(session, "agent", agent("Leuven"), key="leuven", author="t")
        moved = dataset(title={"en": "Registry 0 of Ghent"}, publisher="id/agent/leuven")
        three.records.put(session, "dataset", moved, key="hf", author="t")
    with three.database.read() as session:
        assert listed(session, "id/agent/leuven") == ["hf"]
        assert listed(session, GHENT) == ["hf-2", "hf-3"]
        assert gone(session, GHENT) == ["hf"]
        assert listed(session) == ["hf", "hf-2", "hf-3"]
        left = session.get_one(Listing, (GHENT, 2)).change
    # What happens to it later is no affair of the first one.
    withdraw(three, "hf")
    with three.database.read() as session:
        assert session.get_one(Listing, (GHENT, 2)).change == left
        assert session.get_one(Listing, (NETWORK, 2)).change == head(session)
        agree(session)


def test_a_withheld_holder_lists_nothing(empty):
    plant(empty, dataset(holder_withheld=True))
    with empty.database.read() as session:
        assert listed(session) == ["hf"]
        assert listed(session, GHENT) == []
        assert session.scalars(select(Listing).where(Listing.scope == GHENT)).all() == []


def test_a_draft_is_listed_nowhere(empty):
    with empty.changing() as session:
        empty.records.save(session, "dataset", dataset(), key="draft", author="t")
    with empty.database.read() as session:
        assert session.scalars(select(Listing)).all() == []


def test_since_a_moment_only_what_changed_is_listed_in_the_same_order(three):
    later = datetime.now(UTC) + timedelta(hours=1)
    for key in ("hf-3", "hf"):
        with three.changing() as session:
            changed = dataset(title={"en": f"Renamed {key}"})
            three.records.put(session, "dataset", changed, key=key, author="t", at=later)
    with three.database.read() as session:
        assert listed(session, NETWORK, later) == ["hf", "hf-3"]
        assert Scope(NETWORK, later).total(session) == 2
        assert listed(session, NETWORK, later + timedelta(seconds=1)) == []
        assert Scope(NETWORK, later).before(session, 10**6, 9) == [4, 2]


def test_building_the_view_anew_forgets_no_deletion(three):
    withdraw(three, "hf-2")
    three.follow.rebuild(three.followers["rdf"])
    with three.database.read() as session:
        assert listed(session) == ["hf", "hf-3"]
        assert gone(session) == ["hf-2"]
        agree(session)


def test_a_view_that_is_being_built_anew_is_not_shown_as_whole(three):
    follower = three.followers["rdf"]
    with three.database.write() as session:
        follower.clear(session)
        three.follow._put_position(session, follower, 0, whole_from=head(session))
    with three.database.read() as session, pytest.raises(Unavailable):
        three.whole(session)
    three.catch_up()
    with three.database.read() as session:
        assert three.whole(session) == head(session)
        agree(session)


def test_of_many_only_what_is_asked_for_is_read(three):
    """The database finds a page by an index: no scan, no sorting of everything."""
    with three.database.read() as session:
        for scope in (Scope(), Scope(NETWORK, datetime(2020, 1, 1, tzinfo=UTC))):
            asked = scope._live(session).order_by(scope._order(session)).limit(3)
            plan = session.execute(_explained(asked)).all()
            told = " ".join(str(row) for row in plan)
            assert "SCAN" not in told, told
            assert ("TEMP B-TREE" in told) == (scope.since is not None)


def _explained(asked):
    from sqlalchemy import text
    from sqlalchemy.dialects import sqlite

    compiled = asked.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    return text("EXPLAIN QUERY PLAN " + str(compiled).replace(":", r"\:"))


def test_a_holder_who_is_withheld_later_is_not_told_by_a_deletion_either(three):
    with three.changing() as session:
        three.records.put(session, "agent", agent("Leuven"), key="leuven", author="t")
    for holder, withheld in (("leuven", False), ("ghent", False), ("ghent", True)):
        with three.changing() as session:
            changed = dataset(
                title={"en": "Moved"},
                publisher=f"id/agent/{holder}",
                **({"holder_withheld": True} if withheld else {}),
            )
            three.records.put(session, "dataset", changed, key="hf", author="t")
    with three.database.read() as session:
        for scope in (GHENT, "id/agent/leuven"):
            assert session.get(Listing, (scope, 2)) is None
        assert "hf" in listed(session)
        agree(session)


def test_a_damaged_record_is_not_told_to_be_gone(three):
    with three.database.write() as session:
        damaged = {"title": "not a language map", "listed_in": 7}
        session.execute(update(Record).where(Record.key == "hf-2").values(document=damaged))
    three.follow.rebuild(three.followers["rdf"])
    with three.database.read() as session:
        assert gone(session) == []
        assert "hf-2" in listed(session)
        agree(session)


def test_a_damaged_record_that_is_withdrawn_is_gone(three):
    with three.database.write() as session:
        session.execute(
            update(Record).where(Record.key == "hf-2").values(document={"listed_in": [{}]})
        )
    withdraw(three, "hf-2")
    with three.database.read() as session:
        assert gone(session) == ["hf-2"]
        assert listed(session) == ["hf", "hf-3"]
        agree(session)


def test_who_leaves_a_catalogue_while_the_holder_is_withheld_is_told_to_have_left_it(three):
    with three.changing() as session:
        for key in ("one", "two"):
            three.records.put(
                session,
                "catalogue",
                {
                    "title": {"en": key},
                    "description": {"en": key},
                    "publisher": "id/agent/ghent",
                    "applicable_legislation": [EHDS],
                },
                key=key,
                author="t",
            )
    for catalogues in (["id/catalogue/one", "id/catalogue/two"], ["id/catalogue/two"]):
        with three.changing() as session:
            changed = dataset(title={"en": "Withheld"}, listed_in=catalogues, holder_withheld=True)
            three.records.put(session, "dataset", changed, key="hf", author="t")
    with three.database.read() as session:
        assert gone(session, "id/catalogue/one") == ["hf"]
        assert listed(session, "id/catalogue/two") == ["hf"]
        assert session.get(Listing, (GHENT, 2)) is None
