"""The post: takes mails out of the outbox and sends them, after what caused them is committed.

A background thread waits for a doorbell.  A mail that cannot be sent is tried again after
growing pauses; since it lies in the database, a process that is killed loses none.  Two
processes do not send the same mail: each takes it first, by moving when it is due.  One that
was killed between sending and saying so sends it again; that is the smaller evil.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from catalogue.accounts.letters import POSTED
from catalogue.accounts.links import Clock, utc
from catalogue.accounts.models import Mail
from catalogue.database import Database
from catalogue.mail import Mailer, Message, NotSent

log = structlog.get_logger()
#: The first pause after a failure, and the longest; each is twice the one before.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
#: After so many attempts (some three days) a mail is given up.
MOST_ATTEMPTS = 20
#: How long one process may take over one mail before another may try.
_LEASE = timedelta(minutes=5)
#: How long it is kept that a mail was sent, or was given up.
_KEPT = timedelta(days=30)
#: The longest sleep: mails of other processes that were killed are looked for so often.
_NAP = timedelta(minutes=10)


class Post:
    """Sends what lies in the outbox of a database."""

    def __init__(
        self, database: Database, mailer: Callable[[], Mailer], clock: Clock = utc
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._now = clock
        self._bell = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        database.after_commit(self._committed)

    def _committed(self, session: Session) -> None:
        if session.info.pop(POSTED, False):
            self.ring()

    def ring(self) -> None:
        """Say that there may be something to send; returns at once."""
        with self._lock:
            if self._closed:
                return
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="post", daemon=True)
                self._thread.start()
        self._bell.set()

    def close(self) -> None:
        """Let the thread end; what is not sent stays in the outbox."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._bell.set()
        if thread:
            thread.join(timeout=5)

    def _work(self) -> None:
        pause = _NAP
        while True:
            self._bell.wait(pause.total_seconds())
            self._bell.clear()
            if self._closed:
                return
            try:
                self.deliver()
                pause = self._pause()
            except SQLAlchemyError as error:
                log.error("the outbox cannot be read", error=type(error).__name__)
                pause = FIRST_PAUSE

    def _pause(self) -> timedelta:
        with self._database.read() as session:
            due = session.scalar(select(func.min(Mail.due)))
        return max(min(due - self._now(), _NAP), timedelta(seconds=1)) if due else _NAP

    def deliver(self, *, at_once: bool = False) -> tuple[int, int]:
        """Send what is due (``at_once``: also what waits for its pause to end).

        Returns how many mails were sent and how many were not.
        """
        sent = failed = last = 0
        while mail := self._take(last, at_once=at_once):
            last = mail.id
            try:
                self._mailer().send(
                    Message(
                        mail.recipient, mail.subject, mail.body, mail.unsubscribe, mail.reply_to
                    )
                )
            except NotSent as error:
                failed += 1
                self._put_back(mail, str(error))
            else:
                sent += 1
                self._tick_off(mail)
        self._clear()
        return sent, failed

    def _take(self, after: int, *, at_once: bool) -> Mail | None:
        """The next mail that is due, taken so that no other process sends it."""
        now = self._now()
        waiting = select(Mail).where(Mail.id > after, Mail.due.is_not(None)).order_by(Mail.id)
        # What another process has just taken is not due either, but has no error.
        failed = Mail.error != ""
        waiting = waiting.where(or_(Mail.due <= now, failed) if at_once else Mail.due <= now)
        with self._database.read() as session:
            if session.scalar(waiting.limit(1)) is None:
                return None  # the usual case, and no reason to hold up writers
        with self._database.write() as session:
            mail = session.scalar(waiting.limit(1).with_for_update(skip_locked=True))
            if mail is not None:
                mail.due, mail.error = now + _LEASE, ""
                mail.attempts += 1
            return mail

    def _tick_off(self, mail: Mail) -> None:
        gone = {"body": "", "unsubscribe": "", "reply_to": "", "error": ""}
        self._change(mail, sent=self._now(), due=None, **gone)
        log.info("mail sent", mail=mail.id)

    def _put_back(self, mail: Mail, error: str) -> None:
        if mail.attempts >= MOST_ATTEMPTS:
            # The body goes: a link that was never used should not lie about.
            gone = {"body": "", "unsubscribe": "", "reply_to": ""}
            self._change(mail, due=None, error=error, **gone)
            log.error("mail given up", mail=mail.id, error=error)
        else:
            due = self._now() + min(FIRST_PAUSE * 2 ** (mail.attempts - 1), LONGEST_PAUSE)
            self._change(mail, due=due, error=error)
            log.warning("mail not sent", mail=mail.id, attempts=mail.attempts, error=error)

    def _change(self, mail: Mail, **values: datetime | str | None) -> None:
        with self._database.write() as session:
            session.execute(update(Mail).where(Mail.id == mail.id).values(**values))

    def _clear(self) -> None:
        """Forget the mails that are long done with: a recipient is a person."""
        done = (Mail.due.is_(None), Mail.created < self._now() - _KEPT)
        with self._database.read() as session:
            if session.scalar(select(Mail.id).where(*done).limit(1)) is None:
                return
        with self._database.write() as session:
            session.execute(delete(Mail).where(*done))


def unsent(session: Session) -> tuple[int, int]:
    """How many mails wait after a failure, and how many were given up."""
    failed = select(func.count()).where(Mail.sent.is_(None), Mail.error != "")
    waiting = session.scalar(failed.where(Mail.due.is_not(None))) or 0
    given_up = session.scalar(failed.where(Mail.due.is_(None))) or 0
    return waiting, given_up
