"""The yearly check: when it is due, what a confirmation changes and what it leaves alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from factories import dataset
from sqlalchemy import select
from upkeep.conftest import BEGAN

from catalogue.accounts.models import Audit, Membership
from catalogue.errors import Forbidden, Gone, Invalid
from catalogue.harvest.models import Item, Source
from catalogue.profile.dates import months_later
from catalogue.records import revisions
from catalogue.upkeep.models import Upkeep


def test_a_dataset_is_due_a_year_after_its_publication_and_overdue_after_the_grace_period(tended):
    tended.publish("hf")
    assert tended.standing("hf").state == "current"
    tended.later(12, days=-1)
    assert tended.standing("hf").state == "current"
    tended.later(12)
    assert tended.standing("hf").state == "due"
    tended.later(12, days=60)
    assert tended.standing("hf").state == "overdue"


def test_a_year_is_counted_from_the_last_confirmation_however_exact_its_date_is(tended):
    tended.publish("month", last_confirmed="2025-02")
    assert tended.standing("month").due == datetime(2026, 2, 1, tzinfo=UTC)
    tended.publish("future", last_confirmed="2031")
    assert tended.standing("future").confirmed <= datetime.now(UTC)


def test_what_a_year_is_does_not_fall_over_a_leap_day():
    assert months_later(datetime(2024, 2, 29, tzinfo=UTC), 12) == datetime(2025, 2, 28, tzinfo=UTC)
    assert months_later(datetime(2026, 1, 31, tzinfo=UTC), -2) == datetime(2025, 11, 30, tzinfo=UTC)


def test_demonstrations_drafts_harvested_ones_and_those_of_nobody_are_not_checked(tended):
    tended.publish("demo", demonstration=True)
    tended.publish("nobody", organisation="")
    number = tended.publish("taken")
    catalogue = tended.catalogue
    with catalogue.changing() as session:
        source = Source(
            key="elsewhere",
            title="Elsewhere",
            address="https://elsewhere.example/",
            protocol="dcat",
            options={},
            schedule="daily",
            fields={},
            created=BEGAN,
            author="seed",
        )
        session.add(source)
        session.flush()
        session.add(
            Item(
                source_id=source.id,
                name="taken",
                remote_id="https://elsewhere.example/1",
                kind="dataset",
                record_id=number,
                hash="",
                seen=1,
                first=BEGAN,
                changed=BEGAN,
                owner=True,
            )
        )
        catalogue.records.save(session, "dataset", dataset(), key="draft", author="user:1")
    for key in ("demo", "nobody", "taken", "draft"):
        assert tended.standing(key) is None
    with pytest.raises(Invalid, match="follows its source"):
        tended.confirm("taken")


def test_a_confirmation_changes_the_day_and_nothing_else_and_a_working_copy_survives(tended):
    tended.publish("hf")
    catalogue = tended.catalogue
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", "hf")
        changed = {**record.document, "title": {"en": "Hearts of Ghent"}}
        catalogue.records.save(session, "dataset", changed, key="hf", author="user:1")
    before = tended.record("hf")
    tended.later(12, days=5)
    assert tended.confirm("hf") is True
    after = tended.record("hf")
    assert after.document == {**before.document, "last_confirmed": "2026-03-19"}
    assert after.draft == {**before.draft, "last_confirmed": "2026-03-19"}
    assert after.draft["title"] == {"en": "Hearts of Ghent"}
    assert after.modified == tended.now
    assert after.issued == before.issued
    assert tended.standing("hf").state == "current"
    with catalogue.database.read() as session:
        step = revisions.of(session, after, public=True)[0]
        nora = catalogue.accounts.by_email(session, "nora@example.org").id
        assert (step.action, step.author) == ("confirmed", f"user:{nora}")
        entry = session.scalars(select(Audit).where(Audit.action == "confirm")).one()
        assert (entry.user_id, entry.subject) == (nora, "id/dataset/hf")


def test_a_confirmation_is_told_in_rdf_and_the_dataset_is_not_said_to_have_changed(tended):
    tended.publish("hf", modified="2024-05-01")
    tended.later(13)
    tended.confirm("hf")
    turtle = tended.app.test_client().get("/datasets/hf.ttl").get_data(as_text=True)
    assert 'outcome:lastConfirmed "2026-04-14"^^xsd:date' in turtle
    assert 'dct:modified "2024-05-01"^^xsd:date' in turtle  # the data
    assert 'dct:modified "2026-04-14T09:00:00Z"^^xsd:dateTime' in turtle  # the record of them
    feed = tended.app.test_client().get("/datasets.atom").get_data(as_text=True)
    assert "2026-04-14T09:00:00Z" in feed


def test_the_same_day_twice_is_one_step(tended):
    tended.publish("hf")
    tended.later(12)
    tended.confirm("hf")
    revision = tended.record("hf").revision
    tended.confirm("hf")
    assert tended.record("hf").revision == revision


def test_with_the_last_section_all_of_it_is_confirmed_and_the_next_year_begins_with_none(tended):
    tended.publish("hf")
    tended.later(12)
    catalogue = tended.catalogue
    sections = [one.slug for one in catalogue.confirming.sections(tended.record("hf"))]
    assert len(sections) > 4
    assert "administration" not in sections
    for one in sections[:-1]:
        assert tended.confirm("hf", one) is False
    assert "last_confirmed" not in tended.record("hf").document
    assert tended.confirm("hf", sections[-1]) is True
    assert tended.record("hf").document["last_confirmed"] == "2026-03-14"
    with catalogue.database.read() as session:
        record = catalogue.records.get(session, "dataset", "hf")
        assert catalogue.confirming.done(session, record) == {}
        kept = catalogue.confirming.kept(session, record)
        assert len(kept) == len(sections) + 1
        assert kept[0].section == ""
    with pytest.raises(Invalid, match="no section"):
        tended.confirm("hf", "feelings")


def test_a_second_click_adds_nothing_and_a_section_of_long_ago_is_asked_again(tended):
    tended.publish("hf")
    tended.later(8)
    catalogue = tended.catalogue

    def kept():
        with catalogue.database.read() as session:
            record = catalogue.records.get(session, "dataset", "hf")
            return len(catalogue.confirming.kept(session, record)), set(
                catalogue.confirming.done(session, record)
            )

    tended.confirm("hf", "people")
    tended.confirm("hf", "people")
    assert kept() == (1, {"people"})
    tended.later(12)
    assert kept() == (1, set())
    tended.confirm("hf")
    tended.confirm("hf")
    assert tended.confirm("hf", "people") is True
    assert kept()[0] == 2


def test_only_editors_and_managers_of_its_organisation_confirm(tended):
    tended.publish("hf")
    for email in ("rea@example.org", "els@example.org", "rita@example.org"):
        with pytest.raises(Forbidden):
            tended.confirm("hf", email=email)
    assert tended.confirm("hf", email="ed@example.org")


def test_a_link_dies_with_the_membership_with_the_password_and_for_other_records(tended):
    number, other = tended.publish("hf"), tended.publish("els", "leuven")
    catalogue = tended.catalogue
    confirming = catalogue.confirming

    def opened(token):
        with catalogue.database.read() as session:
            return [one.key for one in confirming.opened(session, token)[1]]

    with catalogue.database.write() as session:
        ed = catalogue.accounts.by_email(session, "ed@example.org")
        token = confirming.link(ed, [number, other]).rpartition("/")[2]
    assert opened(token) == ["hf"]  # a link never gives more than the person has
    with pytest.raises(Gone):
        opened(token[:-2])
    with catalogue.database.write() as session:
        session.get(type(ed), ed.id).stamp = "another"
    with pytest.raises(Gone):
        opened(token)
    with catalogue.database.write() as session:
        token = confirming.link(session.get(type(ed), ed.id), [number]).rpartition("/")[2]
        session.delete(session.scalars(select(Membership).filter_by(user_id=ed.id)).one())
    with pytest.raises(Gone):
        opened(token)


def test_a_view_built_anew_knows_the_same(tended):
    tended.publish("hf", last_confirmed="2025-01-01")
    before = tended.standing("hf")
    tended.catalogue.follow.rebuild(tended.catalogue.followers["upkeep"])
    assert tended.standing("hf") == before


def test_a_damaged_record_stops_no_view(tended):
    number = tended.publish("hf")
    catalogue = tended.catalogue
    with catalogue.database.write() as session:
        record = session.get(type(tended.record("hf")), number)
        record.document = {**record.document, "last_confirmed": ["never"]}
    catalogue.follow.rebuild(catalogue.followers["upkeep"])
    assert tended.standing("hf") is None
    tended.publish("other")
    assert tended.standing("other").state == "current"


def test_a_profile_without_a_place_for_the_day_asks_nobody_and_still_labels(new_catalogue):
    from factories import plant

    catalogue = new_catalogue(profile="healthdcat-ap")
    plant(catalogue)
    with catalogue.database.read() as session:
        assert session.scalars(select(Upkeep)).all() == []
        document = catalogue.records.by_slug(session, "dataset", "hf").document
    assert catalogue.labelling.label(document).whole.percent > 0
    shape = catalogue.profile.records["dataset"]
    assert 0 < catalogue.scoring.score(shape, document).percent < 100
