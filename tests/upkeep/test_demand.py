"""What is asked for: at least five people, one criterion missed, nobody known."""

from __future__ import annotations

import hashlib
import html
import threading
from datetime import UTC, datetime

import pytest
from conftest import signed_in
from factories import EU, OWN
from sqlalchemy import select

from catalogue.upkeep import counting as module
from catalogue.upkeep.counting import BUCKETS, Counting, people_in
from catalogue.upkeep.models import DayOfViews, Demand, NearMiss
from catalogue.upkeep.nearly import Nearly, told_of
from catalogue.web.upkeep import network_of

HEART = f"{OWN}condition/heart-failure"
CODED = f"condition={HEART}&source_type={OWN}source-type/disease-registry"


PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


def place_of(number):
    return {"REMOTE_ADDR": f"192.0.2.{number}"}


def ask(tended, address, people):
    """So many different people ask; two of them may fall into one bucket, so some ask more."""
    client, asked = tended.app.test_client(), 0
    for number in range(people):
        response = client.get(
            address, headers=PERSON, environ_overrides=place_of(number), follow_redirects=True
        )
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
            client.get(
                f"/datasets?{CODED}",
                headers={"User-Agent": f"Mozilla/5.0 {_}"},
                environ_overrides=place_of(number),
            )
    tended.catalogue.counting.write()
    tended.catalogue.nearly.look()
    with tended.catalogue.database.read() as session:
        one = session.scalars(select(Demand)).one()
        assert one.times == 40
        assert people_in(one.people) <= 4
        assert one.address == ""
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
    client.get(f"/datasets?{CODED}&page=2", headers=PERSON)
    client.get("/datasets", headers=PERSON)
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


def asked(tended):
    tended.catalogue.counting.write()
    with tended.catalogue.database.read() as session:
        return session.scalars(select(Demand)).all()


def test_words_are_kept_only_once_five_people_asked_them_and_cannot_be_guessed_before(tended):
    published(tended)
    text = "/datasets?q=jane+doe+of+ghent"
    ask(tended, text, 3)
    for one in asked(tended):
        assert one.address == ""
        assert hashlib.sha256(text.encode()).hexdigest()[:32] != one.digest
    ask(tended, text, 14)
    assert {one.address for one in asked(tended)} >= {text}


def test_one_person_is_one_whatever_the_browser_calls_itself_or_the_network_hands_out(tended):
    published(tended)
    client = tended.app.test_client()
    for number in range(30):
        client.get(
            "/datasets?q=heart",
            headers={"User-Agent": f"Mozilla/5.0 Firefox/{number}"},
            environ_overrides={"REMOTE_ADDR": f"2001:db8:0:a{number % 10}::{number}"},
        )
    nora = signed_in(tended.app, "nora@example.org")
    for number in range(30):
        nora.get("/datasets?q=heart", headers=PERSON, environ_overrides=place_of(number))
    (one,) = asked(tended)
    assert one.times == 60
    assert people_in(one.people) <= 2
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7")
    assert network_of("nowhere") == "nowhere"


def test_a_month_that_is_full_forgets_what_few_asked_and_keeps_what_many_did(tended, monkeypatch):
    monkeypatch.setattr(module, "_MOST_A_MONTH", 3)
    counting = tended.catalogue.counting
    for number in range(20):
        counting.asked("/datasets?q=heart", f"person {number}", 1)
    counting.write()
    for number in range(9):
        counting.asked(f"/datasets?q={number}", "somebody who fills it", 0)
        counting.write()
    found = asked(tended)
    assert len(found) <= 3
    assert "/datasets?q=heart" in {one.address for one in found}
    for number in range(20):
        counting.asked("/datasets?q=lungs", f"person {number}", 1)
    assert "/datasets?q=lungs" in {one.address for one in asked(tended)}


def test_how_many_people_asked_is_told_in_fives_so_that_nobody_can_be_waited_for():
    assert [told_of(one) for one in (4, 5, 9, 10, 14)] == [4, 5, 5, 10, 10]


def test_a_question_is_counted_and_its_near_misses_are_told_in_words(tended):
    published(tended)
    question = "/questions?condition=heart-failure&source_type=disease-registry"
    ask(tended, question, 14)
    ask(tended, f"{question}&page=2", 1)
    assert [one.times for one in asked(tended) if "source_type" in one.address] == [14]
    tended.catalogue.nearly.look()
    page = signed_in(tended.app, "nora@example.org").get("/workspace/organisations/ghent").text
    assert "Condition: Heart failure; Kind of source: Disease registry" in html.unescape(page)
    assert "yours does not say: Kind of source" in page
    assert "yours says something else" in page


def test_the_filters_of_a_search_are_told_as_people_say_them(tended):
    published(tended)
    ask(tended, f"/datasets?condition={HEART}&number_of_unique_individuals=50000..", 12)
    tended.catalogue.nearly.look()
    page = signed_in(tended.app, "nora@example.org").get("/workspace/organisations/ghent").text
    wording = tended.catalogue.wording
    label, said = wording.chosen("number_of_unique_individuals", ["50000.."])
    assert "50,000" in said
    assert f"{label}: {said}: " in page
    assert f"; {label}: {said}" in html.unescape(page)


def test_shortlists_are_counted_for_each_dataset_on_them_but_not_its_own_people(tended):
    published(tended)
    client, nora = tended.app.test_client(), signed_in(tended.app, "nora@example.org")
    for one in (client, client, nora):
        one.get("/compare?dataset=silent&dataset=whole", headers=PERSON)
    client.get("/compare?dataset=silent", headers={"User-Agent": "curl/8"})
    client.get("/compare?dataset=silent&find=heart", headers=PERSON)
    client.get("/datasets/silent", headers=PERSON)
    tended.catalogue.counting.write()
    with tended.catalogue.database.read() as session:
        found = {
            one.record_id: (one.views, one.shortlists)
            for one in session.scalars(select(DayOfViews))
        }
    assert found == {tended.record("silent").id: (1, 2), tended.record("whole").id: (0, 3)}
    page = nora.get("/workspace/organisations/ghent").text
    assert 'data-label="On shortlists" class="figure">2<' in page


def test_it_looks_once_an_hour(tended):
    catalogue = tended.catalogue
    now = datetime(2026, 5, 5, tzinfo=UTC)
    nearly = Nearly(
        catalogue.database,
        catalogue.wording,
        catalogue.asking,
        clock=lambda: now,
    )
    looked = []
    nearly.look = lambda stopping: looked.append(now)
    nearly.tend()
    nearly.tend()
    assert len(looked) == 1


def test_numbers_of_many_threads_add_up_and_are_kept_when_it_closes(tended):
    catalogue = tended.catalogue
    counting = Counting(catalogue.database, "key", pause=60)

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

    counting = Counting(tended.catalogue.database, "key", pause=60)
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
