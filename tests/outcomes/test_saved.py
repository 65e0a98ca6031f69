"""Saved searches: what counts as a change, what a digest tells, and that none is lost or doubled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import EU, dataset, plant
from outbox import mails
from sqlalchemy import select

from catalogue.accounts.links import Links
from catalogue.accounts.models import User
from catalogue.errors import BadRequest, Conflict, Invalid, NotFound
from catalogue.mail import Message, SmtpMailer
from catalogue.outcomes.material import is_material, material
from catalogue.outcomes.saved import saved as saving
from catalogue.outcomes.saved.changed import CHANGED, GONE, LEFT, NEW, Item
from catalogue.outcomes.saved.models import Digest, Saved
from catalogue.outcomes.saved.saved import next_due
from catalogue.records.visibility import RESTRICTED

ASKED = "/datasets?spatial=BEL"
CONDITION = {"id": "#studied-condition-1", "condition": "prostate-cancer", "persons": 5000}


@pytest.fixture
def kept(empty):
    """A catalogue with two datasets of Belgium and somebody who follows them daily."""
    empty.post.close()  # mails stay in the outbox, to be read
    plant(empty, dataset(), dataset(title={"en": "Second"}, identifier=["ghent-2"]))
    with empty.database.write() as session:
        now = datetime.now(UTC)
        session.add(
            User(
                id=1,
                email="ada@example.org",
                email_folded="ada@example.org",
                name="Ada",
                stamp="x",
                created=now,
                confirmed=now,
            )
        )
        session.flush()
        address = ASKED.replace("BEL", EU + "country/BEL")
        answers = empty.saved.answers(session, address)
        empty.saved.save(session, 1, answers, often="daily")
    return empty


def publish(catalogue, key="hf", **changed):
    with catalogue.changing() as session:
        document = dataset(**changed)
        return catalogue.records.put(session, "dataset", document, key=key, author="test").id


def later(catalogue, **ago):
    """As if it had been due a while ago."""
    with catalogue.database.write() as session:
        for one in session.scalars(select(Saved)):
            one.due = datetime.now(UTC) - timedelta(**(ago or {"minutes": 1}))


def digest(catalogue, **ago):
    """Let the worker look; the items of the digests it made."""
    later(catalogue, **ago)
    with catalogue.database.read() as session:
        before = {one.id for one in session.scalars(select(Digest))}
    catalogue.tenders.only("digests")
    with catalogue.database.read() as session:
        made = [one for one in session.scalars(select(Digest)) if one.id not in before]
        return [(item.what, item.record) for one in made for item in map(Item.of, one.items)]


def posted(catalogue):
    with catalogue.database.read() as session:
        return mails(session)


# what counts as a change ----------------------------------------------------------------


def test_prose_is_no_change_and_numbers_dates_concepts_and_references_are(profile):
    shape = profile["Dataset"]
    told = {one.name for one in shape.stored if is_material(one)}
    assert told >= {
        "number_of_unique_individuals",
        "access_rights",
        "studied_condition",
        "outcome_statement",
        "temporal",
        "publisher",
        "omop_cdm_version",
        "structured_data",
        "distribution",
    }
    prose = {"title", "description", "count_note", "access_cost", "keyword", "landing_page"}
    record = {"modified", "issued", "last_confirmed", "demonstration", "checked_facts", "intake"}
    assert not told & (prose | record)


def test_a_part_counts_with_what_it_holds_that_counts(profile):
    shape = profile["Dataset"]

    def changed(before, after):
        return [one.field.name for one in material(shape, before, after)]

    said = {"studied_condition": [{**CONDITION, "condition_note": {"en": "Men with C61"}}]}
    typo = {"studied_condition": [{**CONDITION, "condition_note": {"en": "Man with C61"}}]}
    more = {"studied_condition": [{**CONDITION, "persons": 6000}]}
    renamed = {"studied_condition": [{**CONDITION, "id": "#studied-condition-9"}]}
    assert changed(said, typo) == []
    assert changed(said, more) == ["studied_condition"]
    assert changed(said, renamed) == []
    assert changed(said, {}) == ["studied_condition"]
    desk = {"contact_point": [{"id": "#c-1", "contact_name": "Desk", "email": "a@b.example"}]}
    assert changed({}, desk) == []
    label = {"provenance": [{"id": "#p-1", "label": {"en": "Collected."}}]}
    assert changed({}, label) == []


def test_a_reason_in_place_of_a_value_is_a_change(profile, vocabularies):
    reason = vocabularies["reason"].by_code["unknown"].iri
    said = {"not_stated": [{"id": "#n-1", "field": "lag_months", "reason": reason}]}
    found = material(profile["Dataset"], {}, said)
    assert [(one.field.name, one.reason_after) for one in found] == [("lag_months", reason)]
    prose = {"not_stated": [{"id": "#n-1", "field": "access_cost", "reason": reason}]}
    assert material(profile["Dataset"], {}, prose) == []


# what a digest tells --------------------------------------------------------------------


def test_nothing_changed_means_no_mail_and_a_typo_or_a_change_taken_back_is_nothing(kept):
    assert digest(kept) == []
    publish(kept, number_of_unique_individuals=15000)
    publish(kept, number_of_unique_individuals=12000)
    assert digest(kept) == []
    publish(kept, description={"en": "Everybody admitted with heart failure since 2009!"})
    assert digest(kept) == []
    assert posted(kept) == []


def test_a_digest_tells_what_is_new_changed_withdrawn_and_answers_no_longer(kept):
    new = publish(kept, "third", title={"en": "Third"}, identifier=["3"])
    changed = publish(kept, number_of_unique_individuals=15000)
    assert digest(kept) == [(NEW, new), (CHANGED, changed)]
    (mail,) = posted(kept)
    assert mail.recipient == "ada@example.org"
    assert mail.subject.startswith("2 changes: Countries and regions: Belgium")
    assert "NEW (1)\n\n* Third\n  https://catalogue.example.org/datasets/third\n" in mail.body
    assert "  People in the dataset: 12,000 → 15,000\n" in mail.body
    assert "datasets?spatial=" in mail.body
    with kept.changing() as session:
        second = kept.records.get(session, "dataset", "hf-2")
        kept.records.withdraw(session, second, author="test", note="Moved")
    publish(kept, spatial=[EU + "country/NLD"])
    assert digest(kept) == [(GONE, second.id), (LEFT, changed)]
    body = posted(kept)[-1].body
    assert "WITHDRAWN (1)\n\n* hf-2\n" in body
    assert "Second" not in body  # a tombstone gives no title
    assert "NO LONGER AMONG THE ANSWERS (1)" in body
    assert "  Countries and regions: Belgium → Netherlands\n" in body
    assert digest(kept) == []
    assert len(posted(kept)) == 2


def test_what_is_kept_from_the_world_is_in_no_digest(kept):
    curators = kept.vocabularies["audience"].by_code["curators"].iri
    hidden = {RESTRICTED: [{"field": "lag_months", "audience": curators}]}
    publish(kept, lag_months=3, **hidden)
    digest(kept)
    publish(kept, lag_months=7, **hidden)
    assert digest(kept) == []
    assert "7 months" not in "".join(one.body for one in posted(kept))


def test_what_was_told_and_is_hidden_since_is_told_no_longer(kept):
    publish(kept, lag_months=7)
    digest(kept)
    curators = kept.vocabularies["audience"].by_code["curators"].iri
    publish(kept, lag_months=7, **{RESTRICTED: [{"field": "lag_months", "audience": curators}]})
    with kept.database.read() as session:
        one = session.scalars(select(Digest)).one()
        told = kept.telling.tell(session, map(Item.of, one.items))
    (line,) = [line for one in told for line in one.lines]
    assert (line.label, line.then, line.now) == ("Lag", "not stated", "not stated: not disclosed")


def test_a_question_tells_how_a_dataset_fits_now(kept):
    asked = "/questions?condition=prostate-cancer;persons=5000..&lag_months=..6&spatial=BEL"
    said = {"studied_condition": [{"condition": "prostate-cancer", "persons": 6000}]}
    with kept.database.write() as session:
        session.scalars(select(Saved)).one().paused = datetime.now(UTC)
    first = publish(kept, **said)
    with kept.database.write() as session:
        answers = kept.saved.answers(session, asked)
        assert [(n, one.fit) for n, one in answers.listed.items()] == [
            (first, "2 of 3, 1 not stated")
        ]
        saved = kept.saved.save(session, 1, answers, often="daily")
        assert saved.title.startswith("Condition: Prostate cancer, at least 5,000 people; Lag:")
        assert saved.asks_question
    publish(kept, lag_months=3, **said)
    new = publish(kept, "hf-3", title={"en": "Third"}, identifier=["3"], **said)
    assert digest(kept) == [(NEW, new), (CHANGED, first)]
    body = posted(kept)[-1].body
    assert "  Now meets 3 of 3 (was 2 of 3, 1 not stated)\n  Lag: not stated → 3 months\n" in body
    assert "  Meets 2 of 3, 1 not stated\n" in body
    publish(kept, lag_months=20, studied_condition=[])
    assert digest(kept) == [(LEFT, first)]
    assert "  Met 3 of 3 before\n" in posted(kept)[-1].body


# when ---------------------------------------------------------------------------------


def test_after_a_long_stop_one_digest_comes_not_ten(kept):
    publish(kept, number_of_unique_individuals=15000)
    assert len(digest(kept, days=10)) == 1
    publish(kept, number_of_unique_individuals=16000)
    kept.tenders.only("digests")
    assert len(posted(kept)) == 1
    with kept.database.read() as session:
        assert session.scalars(select(Saved)).one().due > datetime.now(UTC)


@pytest.mark.parametrize(
    ("last", "often", "expected"),
    [
        ("2026-03-01", "daily", "2026-03-11"),
        ("2026-03-01", "never", "2026-03-11"),
        ("2026-03-01", "weekly", "2026-03-15"),
        ("2026-01-31", "monthly", "2026-03-31"),
        ("2025-12-05", "monthly", "2026-04-05"),
    ],
)
def test_the_next_time_is_the_first_after_now_on_the_same_day(last, often, expected):
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    day = lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)  # noqa: E731
    assert next_due(day(last), often, now) == day(expected)


def test_a_worker_that_was_killed_loses_and_doubles_nothing(kept, monkeypatch):
    publish(kept, number_of_unique_individuals=15000)
    later(kept)
    taken = kept.digests._take()  # and then it is killed
    assert taken is not None
    kept.tenders.only("digests")
    assert posted(kept) == []  # somebody else may still be at it
    with kept.database.write() as session:
        session.scalars(select(Saved)).one().lease = datetime.now(UTC) - timedelta(minutes=1)
    kept.tenders.only("digests")
    assert len(posted(kept)) == 1
    assert kept.digests._make(*taken) is None  # it was not dead after all, only slow
    assert len(posted(kept)) == 1


def test_one_that_cannot_be_told_keeps_no_other_from_being_told(kept, monkeypatch):
    with kept.database.write() as session:
        other = kept.saved.answers(session, "/datasets?q=heart")
        kept.saved.save(session, 1, other, "Hearts", "daily").address = "/questions?spatial=BEL"
    publish(kept, number_of_unique_individuals=15000)
    monkeypatch.setattr(type(kept.fitter), "listed", lambda *_: 1 / 0)
    digest(kept)
    assert len(posted(kept)) == 1
    with kept.database.read() as session:
        failed = session.scalar(select(Saved).where(Saved.title == "Hearts"))
    assert failed.due > datetime.now(UTC)
    assert failed.holder == ""


def test_one_that_can_be_asked_no_longer_says_so_once(kept):
    with kept.database.write() as session:
        session.scalars(select(Saved)).one().address = "/datasets?formerly=x"
    publish(kept, number_of_unique_individuals=15000)
    digest(kept)
    digest(kept)
    (mail,) = posted(kept)
    assert "“Countries and regions: Belgium”" in mail.body
    assert "formerly" in mail.body
    with kept.database.read() as session:
        assert "formerly" in session.scalars(select(Saved)).one().fault


def test_a_pause_keeps_what_changes_for_later_and_no_mails_leaves_it_to_the_feed(kept):
    with kept.database.write() as session:
        kept.saved.pause(session.scalars(select(Saved)).one(), True)
    publish(kept, number_of_unique_individuals=15000)
    assert digest(kept) == []
    with kept.database.write() as session:
        kept.saved.pause(session.scalars(select(Saved)).one(), False)
    assert [what for what, _ in digest(kept)] == [CHANGED]
    with kept.database.write() as session:
        one = session.scalars(select(Saved)).one()
        kept.saved.change(session, one, "Belgium", "never")
    publish(kept, number_of_unique_individuals=16000)
    assert [what for what, _ in digest(kept)] == [CHANGED]
    assert len(posted(kept)) == 1
    publish(kept, number_of_unique_individuals=17000)
    assert kept.digests.now(1)
    assert kept.digests.now(1) is None
    assert len(posted(kept)) == 1
    later(kept)
    kept.digests._take()
    with pytest.raises(Conflict):
        kept.digests.now(1)


# keeping ------------------------------------------------------------------------------


def test_a_saved_one_is_named_in_words_and_belongs_to_one_person(kept, monkeypatch):
    with kept.database.write() as session:
        saved = session.scalars(select(Saved)).one()
        assert saved.title == "Countries and regions: Belgium"
        words = kept.saved.answers(
            session, "/datasets?q=heart+failure&number_of_unique_individuals=5000.."
        )
        assert words.title == "“heart failure”; People in the dataset: at least 5,000 people"
        with pytest.raises(NotFound):
            kept.saved.get(session, 2, saved.id)
        for asked in ("/workspace?q=x", "https://elsewhere.example/datasets", "/datasets?x=1"):
            with pytest.raises(BadRequest):
                kept.saved.answers(session, asked)
        for title, often in (("", "hourly"), ("x" * 201, "daily")):
            with pytest.raises(Invalid):
                kept.saved.save(session, 1, words, title, often)
    monkeypatch.setattr(saving, "MOST", 1)
    with kept.database.write() as session, pytest.raises(Conflict):
        kept.saved.save(session, 1, kept.saved.answers(session, "/datasets"))


def test_a_deleted_one_can_be_taken_back_for_a_day(kept):
    with kept.database.write() as session:
        one = session.scalars(select(Saved)).one()
        kept.saved.delete(one)
        with pytest.raises(NotFound):
            kept.saved.by_secret(session, one.secret)
        kept.saved.restore(session, kept.saved.get(session, 1, one.id, deleted=True))
        assert kept.saved.by_secret(session, one.secret) is one
        one.deleted = datetime.now(UTC) - timedelta(days=2)
    publish(kept, number_of_unique_individuals=15000)
    assert digest(kept) == []
    with kept.database.read() as session:
        assert session.scalars(select(Saved)).all() == []


def test_the_way_out_is_in_the_mail_and_an_account_that_goes_takes_everything_along(kept):
    publish(kept, number_of_unique_individuals=15000)
    digest(kept)
    (mail,) = posted(kept)
    assert mail.unsubscribe in mail.body
    token = mail.unsubscribe.rpartition("/")[2]
    with kept.database.write() as session:
        one = kept.saved.by_link(session, token)
        kept.saved.unsubscribe(one)
        assert one.often == "never"
    message = Message("ada@example.org", "News", "Hello", mail.unsubscribe)
    letter = SmtpMailer("localhost", 25, "catalogue@example.org")._letter(message)
    assert letter["List-Unsubscribe"] == f"<{mail.unsubscribe}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    other = Links("another key", "https://c.example/").make("unsubscribe", saved=1)
    with kept.database.read() as session, pytest.raises(Exception, match="link"):
        kept.saved.by_link(session, other.rpartition("/")[2])
    with kept.database.write() as session:
        kept.accounts.delete(session, session.get(User, 1), "")
    with kept.database.read() as session:
        assert session.scalars(select(Saved)).all() == []
        assert session.scalars(select(Digest)).all() == []
