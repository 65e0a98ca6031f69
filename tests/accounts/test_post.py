"""The outbox: nothing is lost, nothing is sent twice, nothing is sent that was not committed."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest
from outbox import mails

from catalogue.accounts import post as posting
from catalogue.accounts.letters import Letter, post
from catalogue.accounts.post import Post
from catalogue.mail import MemoryMailer, NotSent

LETTER = Letter("Subject", "Body with a link")


class Failing:
    """Somebody else's server: fails as long as told."""

    def __init__(self) -> None:
        self.fails, self.sent = True, []

    def send(self, message) -> None:
        if self.fails:
            raise NotSent("mail.example answers 451")
        self.sent.append(message)


@pytest.fixture
def catalogue(new_catalogue):
    return new_catalogue(mail="memory")


def wait(until, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def write(catalogue, number: int = 1) -> None:
    with catalogue.database.write() as session:
        for _ in range(number):
            post(session, "ada@example.org", LETTER)


def outbox(catalogue) -> list:
    with catalogue.database.read() as session:
        return mails(session)


def test_a_mail_goes_out_by_itself_after_the_commit_and_is_emptied(catalogue):
    write(catalogue)
    wait(lambda: outbox(catalogue)[0].sent)
    (mail,) = outbox(catalogue)
    assert (mail.body, mail.due, mail.attempts) == ("", None, 1)
    assert [one.body for one in catalogue.mailer.sent] == ["Body with a link"]


def test_a_mail_of_a_transaction_that_failed_is_never_sent(catalogue):
    with contextlib.suppress(ZeroDivisionError), catalogue.database.write() as session:
        post(session, "ada@example.org", LETTER)
        session.flush()
        raise ZeroDivisionError
    assert outbox(catalogue) == []
    assert catalogue.post.deliver() == (0, 0)


def test_a_savepoint_rings_no_bell(catalogue, monkeypatch):
    rung = []
    monkeypatch.setattr(catalogue.post, "ring", lambda: rung.append(1))
    with catalogue.database.write() as session:
        post(session, "ada@example.org", LETTER)
        with session.begin_nested():
            pass
        assert rung == []
    assert rung == [1]


def test_what_fails_is_tried_again_after_growing_pauses_until_it_is_given_up(
    catalogue, clock, monkeypatch
):
    catalogue.post.close()
    mailer = Failing()
    post_office = Post(catalogue.database, lambda: mailer, clock)
    post_office.close()  # no thread: the test is the clock
    monkeypatch.setattr("catalogue.accounts.letters.utc", clock)
    write(catalogue)
    pauses = []
    for _ in range(10):
        assert post_office.deliver() == (0, 1)
        assert post_office.deliver() == (0, 0)
        (mail,) = outbox(catalogue)
        pauses.append((mail.due - clock.now).total_seconds() / 60)
        clock.now = mail.due
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]
    assert mail.error == "mail.example answers 451"
    monkeypatch.setattr(posting, "MOST_ATTEMPTS", 11)
    assert post_office.deliver() == (0, 1)
    (mail,) = outbox(catalogue)
    assert (mail.due, mail.sent, mail.body) == (None, None, "")
    with catalogue.database.read() as session:
        assert posting.unsent(session) == (0, 1)


def test_an_operator_need_not_wait_for_the_pause(catalogue, clock, monkeypatch):
    catalogue.post.close()
    mailer = Failing()
    post_office = Post(catalogue.database, lambda: mailer, clock)
    post_office.close()
    monkeypatch.setattr("catalogue.accounts.letters.utc", clock)
    write(catalogue, 2)
    assert post_office.deliver() == (0, 2)
    mailer.fails = False
    assert post_office.deliver() == (0, 0)
    assert post_office.deliver(at_once=True) == (2, 0)


def test_an_operator_does_not_send_what_is_being_sent(catalogue, clock, monkeypatch):
    catalogue.post.close()
    monkeypatch.setattr("catalogue.accounts.letters.utc", clock)
    mailer = Failing()
    operator = Post(catalogue.database, lambda: mailer, clock)
    operator.close()
    meanwhile = []

    class Slow(Failing):
        def send(self, message):
            meanwhile.append(operator.deliver(at_once=True))
            super().send(message)

    post_office = Post(catalogue.database, Slow, clock)
    post_office.close()
    write(catalogue)
    assert post_office.deliver() == (0, 1)
    assert meanwhile == [(0, 0)]
    mailer.fails = False
    assert operator.deliver(at_once=True) == (1, 0)


def test_a_kill_between_commit_and_sending_loses_nothing(catalogue, new_catalogue):
    catalogue.post.close()  # as if the process had gone
    write(catalogue)
    assert outbox(catalogue)[0].sent is None
    again = new_catalogue(mail="memory")
    again.post.ring()
    wait(lambda: again.mailer.sent)


def test_several_processes_send_each_mail_once(catalogue, new_catalogue):
    catalogue.post.close()
    write(catalogue, 20)
    mailer = MemoryMailer()
    offices = [Post(new_catalogue(mail="memory").database, lambda: mailer) for _ in range(3)]
    threads = [threading.Thread(target=office.deliver) for office in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailer.sent) == 20
    assert all(mail.sent for mail in outbox(catalogue))


def test_sent_mails_are_forgotten_after_a_month(catalogue, clock):
    catalogue.post.close()
    write(catalogue)
    post_office = Post(catalogue.database, MemoryMailer)
    post_office.deliver()
    later = Post(catalogue.database, MemoryMailer, clock)
    clock.now = outbox(catalogue)[0].created
    clock.pass_(days=31)
    later.deliver()
    assert outbox(catalogue) == []
