"""The tender that makes digests: finds what is due, compares, and tells what changed.

Whoever makes one holds its row by a lease.  The mail and what is remembered from now on are
written in one transaction, and only by who still holds the row: a worker that is killed
loses and doubles nothing.  After a long stop one digest tells of all of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from catalogue.accounts.letters import Letter, Letters, post
from catalogue.accounts.links import Clock, Links, utc
from catalogue.accounts.models import User
from catalogue.changes import Change
from catalogue.database import Database
from catalogue.errors import BadRequest, Conflict
from catalogue.outcomes.asking import Asking
from catalogue.outcomes.saved import letters as mails
from catalogue.outcomes.saved.changed import (
    Comparing,
    Item,
    Kept,
    Telling,
    Told,
    listed_of,
    rows_of,
)
from catalogue.outcomes.saved.models import Digest, Saved
from catalogue.outcomes.saved.saved import (
    NEVER,
    UNDO,
    SavedSearches,
    next_due,
    prune,
    seen,
)
from catalogue.tending import Stopping

log = structlog.get_logger()
#: How long one worker may take over one of them.
_LEASE = timedelta(minutes=5)
#: After a failure it is tried again after so long.
_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Found:
    """What was found of one that was due."""

    position: int
    listed: dict[int, Kept] | None = None
    items: Sequence[Item] = ()
    #: The first of the items in words, for the mail.
    told: Sequence[Told] = ()
    fault: str = ""


class Digests:
    """Makes the digests of everything that people follow."""

    def __init__(
        self,
        database: Database,
        asking: Asking,
        searches: SavedSearches,
        telling: Telling,
        letters: Letters,
        links: Links,
        clock: Clock = utc,
    ) -> None:
        self._database = database
        self._asking = asking
        self._searches = searches
        self._comparing: Comparing = searches.comparing
        self._telling = telling
        self._letters = letters
        self._links = links
        self._now = clock

    def tend(self, stopping: Stopping) -> int:
        """Make every digest that is due; returns how many had something to tell."""
        made = 0
        while not stopping() and (taken := self._take()) is not None:
            number, holder = taken
            try:
                made += self._make(number, holder) is not None
            except Exception as error:
                # One that fails must not keep the others from being told.
                log.error("a digest failed", saved=number, exc_info=error)
                self._put_off(number, holder)
        self._clear()
        return made

    def now(self, number: int) -> int | None:
        """Make one at once, without a mail; the number of its digest, None if nothing changed.

        Raises :class:`Conflict` if a worker makes it just now.
        """
        holder = secrets.token_hex(16)
        with self._database.write() as session:
            saved = session.get_one(Saved, number, with_for_update=True)
            if saved.lease is not None and saved.lease > self._now():
                raise Conflict("It is being looked at just now. Reload the page in a moment.")
            saved.holder, saved.lease = holder, self._now() + _LEASE
        try:
            return self._make(number, holder, at_once=True)
        except Exception:
            self._let_go(number, holder)
            raise

    # taking and letting go ------------------------------------------------------------

    def _take(self) -> tuple[int, str] | None:
        """One that is due, held from now on."""
        now = self._now()
        waiting = (
            select(Saved.id)
            .where(Saved.due <= now, Saved.paused.is_(None), Saved.deleted.is_(None))
            .where(or_(Saved.lease.is_(None), Saved.lease <= now))
            .order_by(Saved.due, Saved.id)
            .limit(1)
        )
        with self._database.read() as session:
            if session.scalar(waiting) is None:
                return None  # the usual case, and no reason to hold up writers
        with self._database.write() as session:
            number = session.scalar(waiting.with_for_update(skip_locked=True))
            if number is None:
                return None
            saved = session.get_one(Saved, number)
            saved.holder, saved.lease = secrets.token_hex(16), now + _LEASE
            return number, saved.holder

    def _held(self, session: Session, number: int, holder: str) -> Saved | None:
        """The row, if it is still ours to write."""
        saved = session.get(Saved, number, with_for_update=True)
        return saved if saved is not None and saved.holder == holder else None

    def _let_go(self, number: int, holder: str) -> None:
        with self._database.write() as session:
            if (saved := self._held(session, number, holder)) is not None:
                saved.holder, saved.lease = "", None

    def _put_off(self, number: int, holder: str) -> None:
        with self._database.write() as session:
            if (saved := self._held(session, number, holder)) is not None:
                saved.holder, saved.lease, saved.due = "", None, self._now() + _PAUSE

    def _clear(self) -> None:
        over = select(Saved.id).where(Saved.deleted < self._now() - UNDO).limit(1)
        with self._database.read() as session:
            if session.scalar(over) is None:
                return
        with self._database.write() as session:
            self._searches.clear(session)

    # making -----------------------------------------------------------------------------

    def _make(self, number: int, holder: str, *, at_once: bool = False) -> int | None:
        with self._database.read() as session:
            saved = session.get(Saved, number, options=[undefer(Saved.listed)])
            if saved is None:
                return None  # the account was deleted meanwhile
            found = self._look(session, saved)
        with self._database.write() as session:
            row = self._held(session, number, holder)
            if row is None:
                return None
            return self._write(session, row, found, at_once=at_once)

    def _look(self, session: Session, saved: Saved) -> Found:
        """What changed; cheap where the log did not go on."""
        position = seen(session)
        if not saved.fault and not _is_further(session, saved.position, position):
            return Found(position)
        before = listed_of(saved.listed)
        try:
            hits = self._asking.read(saved.address).hits(session)
        except BadRequest as error:
            return Found(position, fault=str(error))
        after = self._comparing.now(session, hits, before, saved.position)
        if after == before:
            return Found(position, before)
        items = self._comparing.compare(session, before, after)
        told = self._telling.tell(session, items[: mails.MOST_TOLD])
        return Found(position, after, items, told)

    def _write(self, session: Session, saved: Saved, found: Found, *, at_once: bool) -> int | None:
        now = self._now()
        saved.holder, saved.lease = "", None
        if saved.deleted is not None:
            return None
        saved.looked = now
        if not at_once or saved.due <= now:
            saved.due = next_due(saved.due, saved.often, now)
        if found.fault:
            if not saved.fault:
                saved.fault = found.fault
                self._post(session, saved, mails.unanswerable(self._letters, saved), at_once)
            return None
        saved.fault, saved.position = "", found.position
        if found.listed is None:
            return None
        saved.listed, saved.number = rows_of(found.listed), len(found.listed)
        if not found.items:
            return None  # only prose changed
        since, saved.told = saved.told, now
        digest = Digest(
            saved_id=saved.id, since=since, at=now, items=[one.row() for one in found.items]
        )
        session.add(digest)
        session.flush()
        prune(session, saved.id)
        link = self._links.make("unsubscribe", saved=saved.id)
        letter = mails.digest(self._letters, saved, found.told, found.items, since, link)
        self._post(session, saved, letter, at_once, link)
        return digest.id

    @staticmethod
    def _post(
        session: Session, saved: Saved, letter: Letter, at_once: bool, link: str = ""
    ) -> None:
        """Send a mail, to who wants mails and may still come in."""
        if at_once or saved.often == NEVER:
            return
        user = session.get(User, saved.user_id)
        if user is not None and user.active:
            post(session, user.email, letter, unsubscribe=link)


def _is_further(session: Session, told: int, now: int) -> bool:
    """Whether the log went on since: an older copy of an index may also have been put back."""
    later = select(Change.seq).where(Change.seq > told).limit(1)
    return told != now or session.scalar(later) is not None
