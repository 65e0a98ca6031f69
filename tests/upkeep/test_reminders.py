"""Reminders: at due, then monthly, bundled for each person, each stage once."""

from __future__ import annotations

import re

import pytest
from outbox import mails
from sqlalchemy import select

from catalogue.accounts.models import Membership
from catalogue.upkeep.models import Reminder, Upkeep


def written(tended):
    with tended.catalogue.database.read() as session:
        return [(mail.recipient, mail.body) for mail in mails(session)]


def test_nobody_is_written_to_before_it_is_due(tended):
    tended.publish("hf")
    tended.later(12, days=-1)
    assert tended.catalogue.reminding.tend() == 0
    assert written(tended) == []


def test_everybody_who_may_confirm_gets_one_mail_about_all_that_is_due(tended):
    for key in ("hf", "copd", "als"):
        tended.publish(key)
    tended.publish("gout", "leuven")
    tended.later(12)
    assert tended.catalogue.reminding.tend() == 3
    found = dict(written(tended))
    assert set(found) == {"nora@example.org", "ed@example.org", "els@example.org"}
    assert "3 descriptions are due" in found["ed@example.org"]
    for key in ("hf", "copd", "als"):
        assert f"- Registry {key}" in found["ed@example.org"]
    assert "Registry hf" not in found["els@example.org"]
    assert re.search(r"https://catalogue\.example\.org/checks/\S+", found["ed@example.org"])


def test_what_is_due_within_a_week_comes_in_the_same_mail_and_not_again(tended):
    tended.publish("hf", last_confirmed="2025-03-10")
    tended.publish("copd", last_confirmed="2025-03-14")
    tended.later(12, days=-4)
    assert tended.catalogue.reminding.tend() == 2
    assert "2 descriptions are due" in written(tended)[0][1]
    tended.later(12, days=3)
    assert tended.catalogue.reminding.tend() == 0


def test_it_comes_again_each_month_up_to_the_limit_and_ends_with_a_confirmation(tended):
    tended.publish("hf")
    for month in range(12, 24):
        tended.later(month, hours=1)
        tended.catalogue.reminding.tend()
        tended.catalogue.reminding.tend()
    assert len(written(tended)) == 2 * tended.catalogue.settings.check_reminders
    assert "It is overdue" in written(tended)[-1][1]
    tended.confirm("hf")
    with tended.catalogue.database.read() as session:
        stages = session.scalars(select(Reminder.stage).order_by(Reminder.stage)).all()
        assert stages == list(range(6))
        assert session.scalars(select(Upkeep)).one().next_reminder.year == 2028


def test_a_worker_that_was_away_for_months_writes_once(tended):
    tended.publish("hf")
    tended.later(16)
    tended.catalogue.reminding.tend()
    tended.catalogue.reminding.tend()
    assert len(written(tended)) == 2


def test_a_worker_killed_in_the_middle_of_a_batch_has_written_all_or_nothing(tended, monkeypatch):
    for key in ("hf", "copd"):
        tended.publish(key)
    tended.later(12)
    reminding = tended.catalogue.reminding
    write, calls = type(reminding)._write, []

    def killed(self, session, person, due, records):
        write(self, session, person, due, records)
        calls.append(person)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(type(reminding), "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        reminding.tend()
    assert written(tended) == []
    monkeypatch.undo()
    assert reminding.tend() == 2
    assert reminding.tend() == 0


def test_a_view_built_anew_sends_no_stage_again(tended):
    tended.publish("hf")
    tended.later(12)
    tended.catalogue.reminding.tend()
    tended.catalogue.follow.rebuild(tended.catalogue.followers["upkeep"])
    assert tended.catalogue.reminding.tend() == 0


def test_what_is_harvested_a_demonstration_or_of_nobody_is_never_written_about(tended):
    tended.publish("demo", demonstration=True)
    tended.publish("nobody", organisation="")
    tended.later(14)
    assert tended.catalogue.reminding.tend() == 0
    assert written(tended) == []


def test_where_nobody_can_confirm_no_stage_is_used_up_until_somebody_can(tended):
    tended.publish("hf", "leuven")
    catalogue = tended.catalogue

    def now_is(role):
        with catalogue.database.write() as session:
            els = catalogue.accounts.by_email(session, "els@example.org")
            session.scalars(select(Membership).filter_by(user_id=els.id)).one().role = role

    now_is("reader")
    tended.later(12)
    assert catalogue.reminding.tend() == 0
    with catalogue.database.read() as session:
        assert session.scalars(select(Reminder)).all() == []
    now_is("editor")
    tended.later(13, hours=1)
    assert catalogue.reminding.tend() == 1


def test_the_tender_that_reminds_is_among_those_of_the_worker(tended):
    tended.publish("hf")
    tended.later(12)
    assert tended.catalogue.tenders.only("reminders")
    assert len(written(tended)) == 2


def test_whoever_looks_after_very_many_gets_several_links_that_hold_for_all(tended, monkeypatch):
    from catalogue.upkeep import reminding

    monkeypatch.setattr(reminding, "MOST_LINKED", 2)
    keys = ("hf", "copd", "als")
    for key in keys:
        tended.publish(key, "leuven")
    tended.later(12)
    assert tended.catalogue.reminding.tend() == 2
    found = [re.search(r"/checks/(\S+)", body)[1] for _, body in written(tended)]
    with tended.catalogue.database.read() as session:
        confirming = tended.catalogue.confirming
        opened = [one.key for token in found for one in confirming.opened(session, token)[1]]
    assert sorted(opened) == sorted(keys)
