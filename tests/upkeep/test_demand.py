"""What is asked for: at least five people, one criterion missed, nobody known."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from conftest import signed_in
from factories import EU, OWN
from sqlalchemy import select

from catalogue.upkeep.counting import BUCKETS, Counting, people_in
from catalogue.upkeep.models import DayOfViews, Demand, NearMiss
from catalogue.upkeep.nearly import Nearly

HEART = f"{OWN}condition/heart-failure"
CODED = f"condition={HEART}&source_type={OWN}source-type/disease-registry"


def agent_of(number):
    return {"User-Agent": f"Mozilla/5.0 (X11; Linux x86_64) Firefox/{number}.0"}


def ask(tended, address, people):
    """So many different people ask; two of them may fall into one bucket, so some ask more."""
    client, asked = tended.app.test_client(), 0
    for number in range(people):
        response = client.get(address, headers=agent_of(number), follow_redirects=True)
        assert response.status_code == 200
        asked += 1
    tended.catalogue.counting.write()
    return asked


def published(tended):
    heart = [{"condition": "heart-failure", "persons": 12000}]
    registry = [OWN + "source-type/disease-registry"]
    tended.publish("whole", "leuven", studied_condition=heart, source_type=registry)
    tended.publish("silent", studied_condition=heart)
    tended.publish("other", studied_condition=heart, source_type=[OWN + "source-type/trial"])
    tended.publish("far", source_type=[OWN + "source-type/trial"])


def test_a_dataset_that_missed_by_one_criterion_is_told_which_and_whether_it_says_otherwise(tended):
    published(tended)
    ask(tended, f"/datasets?{CODED}", 12)
    tended.catalogue.tenders.only("demand")
    with tended.catalogue.database.read() as session:
        found = {
            (one.record_id, one.field, one.stated) for one in session.scalars(select(NearMiss))
        }
    assert found == {
        (tended.record("silent").id, "source_type", False),
        (tended.record("other").id, "source_type", True),
    }
    page = signed_in(tended.app, "nora@example.org").get("/workspace/organisations/ghent").text
    assert "yours does not say: Kind of source" in page
    assert "yours says something else" in page
    assert "#field-source_type" in page
    assert "Condition: Heart failure" in page
    page = signed_in(tended.app, "els@example.org").get("/workspace/organisations/leuven").text
    assert "None in this month or the last" in page


def test_nothing_is_told_of_fewer_than_five_people_however_often_they_ask(tended):
    published(tended)
    client = tended.app.test_client()
    for _ in range(10):
        for number in range(4):
            client.get(f"/datasets?{CODED}", headers=agent_of(number))
    tended.catalogue.counting.write()
    tended.catalogue.nearly.look()
    with tended.catalogue.database.read() as session:
        one = session.scalars(select(Demand)).one()
        assert one.times == 40
        assert people_in(one.people) <= 4
        assert session.scalars(select(NearMiss)).all() == []


def test_nothing_of_who_asked_is_kept_but_one_of_sixty_buckets(tended):
    published(tended)
    ask(tended, f"/datasets?{CODED}", 6)
    with tended.catalogue.database.read() as session:
        one = session.scalars(select(Demand)).one()
    kept = {name: value for name, value in vars(one).items() if not name.startswith("_")}
    assert set(kept) == {"month", "digest", "address", "people", "times", "found"}
    assert 0 < kept["people"] < 2**BUCKETS


def test_machines_and_later_pages_and_empty_searches_are_not_counted(tended):
    published(tended)
    client = tended.app.test_client()
    client.get(f"/datasets?{CODED}", headers={"User-Agent": "curl/8"})
    client.get(f"/datasets?{CODED}&page=2", headers=agent_of(1))
    client.get("/datasets", headers=agent_of(1))
    tended.catalogue.counting.write()
    with tended.catalogue.database.read() as session:
        assert session.scalars(select(Demand)).all() == []


def test_administrators_see_what_many_looked_for_in_vain_and_nobody_else_does(tended):
    published(tended)
    ask(tended, f"/datasets?spatial={EU}country/FRA&condition={HEART}", 14)
    ask(tended, "/datasets?q=leprosy", 1)
    page = signed_in(tended.app, "ada@example.org", "administrator").get("/admin/demand").text
    assert "Country: France" in page or "France" in page
    assert "leprosy" not in page
    unmet = page.partition("Topics that nothing meets")[2]
    assert "France" in unmet
    assert signed_in(tended.app, "nora@example.org").get("/admin/demand").status_code == 403


def test_a_search_that_cannot_be_read_any_more_stops_nothing(tended):
    published(tended)
    month = f"{datetime.now(UTC):%Y-%m}"
    with tended.catalogue.database.write() as session:
        for number, address in enumerate(
            (
                "/datasets?colour=red&year=1",
                "/elsewhere?x=1",
                "/questions?condition=heart-failure&omop_status=mapped",
            )
        ):
            session.add(
                Demand(
                    month=month, digest=str(number), address=address, people=63, times=9, found=1
                )
            )
    tended.catalogue.nearly.look()


def test_what_was_asked_in_earlier_months_is_forgotten(tended):
    tended.publish("hf")
    with tended.catalogue.database.write() as session:
        session.add(
            Demand(month="2020-01", digest="x", address="/datasets?q=x", people=1, times=1, found=0)
        )
        session.add(
            NearMiss(record_id=1, month="2020-01", digest="x", field="f", asked="", stated=True)
        )
        session.add(DayOfViews(record_id=1, day="2020-01-01", views=3))
    tended.catalogue.nearly.forget()
    with tended.catalogue.database.read() as session:
        for table in (Demand, NearMiss, DayOfViews):
            assert session.scalars(select(table)).all() == []


def test_it_looks_once_an_hour(tended):
    catalogue = tended.catalogue
    now = datetime(2026, 5, 5, tzinfo=UTC)
    nearly = Nearly(
        catalogue.database,
        catalogue.profile,
        lambda: catalogue.asking,
        lambda: catalogue.finder,
        clock=lambda: now,
    )
    looked = []
    nearly.look = lambda stopping: looked.append(now)
    nearly.tend()
    nearly.tend()
    assert len(looked) == 1


def test_numbers_of_many_threads_add_up_and_are_kept_when_it_closes(tended):
    catalogue = tended.catalogue
    counting = Counting(catalogue.database, lambda: "key", pause=60)

    def look():
        for _ in range(50):
            counting.viewed(7)
            counting.asked("/datasets?q=a", threading.current_thread().name, 3)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    counting.close()
    with catalogue.database.read() as session:
        assert [one.views for one in session.scalars(select(DayOfViews))] == [200]
        demand = session.scalars(select(Demand)).one()
        assert demand.times == 200
        assert 1 <= people_in(demand.people) <= 4


def test_a_write_that_fails_is_made_up_for_by_the_next(tended, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from catalogue.upkeep import counting as module

    counting = Counting(tended.catalogue.database, lambda: "key", pause=60)
    counting.viewed(7)
    counting.asked("/datasets?q=a", "x", 3)

    def busy(*_):
        raise OperationalError("busy", {}, Exception())

    monkeypatch.setattr(module, "_write_asked", busy)
    with pytest.raises(OperationalError):
        counting.write()
    monkeypatch.undo()
    counting.viewed(7)
    counting.close()
    with tended.catalogue.database.read() as session:
        assert [one.views for one in session.scalars(select(DayOfViews))] == [2]
        assert session.scalars(select(Demand)).one().times == 1
