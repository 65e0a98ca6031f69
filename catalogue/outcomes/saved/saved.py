"""Saving searches and questions: whose they are, how often they are told, and by which feed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from catalogue.accounts.links import Clock, Links, utc
from catalogue.accounts.models import User
from catalogue.changes import Position
from catalogue.errors import Conflict, Invalid, NotFound, Problem
from catalogue.outcomes.asking import Asking
from catalogue.outcomes.saved.changed import Comparing, Listed, rows_of
from catalogue.outcomes.saved.models import LONGEST_TITLE, Digest, Saved
from catalogue.outcomes.saying import Saying
from catalogue.profile.dates import months_later
from catalogue.records.records import Records

#: How often a digest is made, with the words for it.  ``never`` is told by the feed alone.
OFTEN: Mapping[str, str] = {
    "daily": "Every day",
    "weekly": "Every week",
    "monthly": "Every month",
    "never": "No mails, only the feed",
}
DAILY, WEEKLY, MONTHLY, NEVER = OFTEN
#: The most that one person follows.
MOST = 100
#: How long a deleted one can be taken back.
UNDO = timedelta(days=1)
#: How many digests the page and the feed of one show, and how many are kept.
SHOWN, _KEPT = 20, 50


class SavedAlready(Conflict):
    """Somebody follows the same search or question already."""

    title = "You follow this already"

    def __init__(self, saved: Saved) -> None:
        super().__init__(
            f"You follow this already, as “{saved.title}” (number {saved.id}). "
            "Change that one, or delete it first."
        )
        self.number, self.named = saved.id, saved.title


@dataclass(frozen=True)
class Answers:
    """A search or question with what answers it just now, and a name for it."""

    address: str
    title: str
    listed: Listed
    position: int


class SavedSearches:
    """The searches and questions that people follow."""

    def __init__(
        self, records: Records, asking: Asking, saying: Saying, links: Links, clock: Clock = utc
    ) -> None:
        self._asking = asking
        self._saying = saying
        self._links = links
        self._now = clock
        self.comparing = Comparing(records)

    # reading ------------------------------------------------------------------------

    def of(self, session: Session, user: int) -> Sequence[Saved]:
        """Everything that somebody follows, by title; what was deleted just now comes last."""
        mine = select(Saved).where(Saved.user_id == user)
        found = session.scalars(mine.order_by(func.lower(Saved.title), Saved.id)).all()
        kept = [one for one in found if not self._is_over(one)]
        return sorted(kept, key=lambda one: one.deleted is not None)

    def get(self, session: Session, user: int, number: int, *, deleted: bool = False) -> Saved:
        """One that somebody follows; :class:`NotFound` also for one of somebody else."""
        found = session.get(Saved, number)
        if (
            found is None
            or found.user_id != user
            or (found.deleted is not None and (not deleted or self._is_over(found)))
        ):
            raise NotFound("There is no such saved search or question among yours.")
        return found

    @staticmethod
    def same(session: Session, user: int, address: str) -> Saved | None:
        """What somebody follows already that asks the same."""
        mine = select(Saved).where(Saved.user_id == user, Saved.deleted.is_(None))
        return session.scalar(mine.where(Saved.address == address).order_by(Saved.id).limit(1))

    def by_secret(self, session: Session, secret: str) -> Saved:
        """The one whose feed has this secret in its address."""
        found = session.scalar(select(Saved).where(Saved.secret == secret[:64]))
        if found is None or found.deleted is not None:
            raise NotFound("There is no such feed. What was saved here may have been deleted.")
        return found

    def by_link(self, session: Session, token: str) -> Saved | None:
        """The one that a link in a digest is about, None if it is gone; :class:`DeadLink`."""
        found = session.get(Saved, self._links.read("unsubscribe", token)["saved"])
        return None if found is None or found.deleted is not None else found

    @staticmethod
    def digests(session: Session, saved: Saved, most: int = SHOWN) -> Sequence[Digest]:
        """The digests of one, the newest first."""
        mine = select(Digest).where(Digest.saved_id == saved.id)
        return session.scalars(mine.order_by(Digest.id.desc()).limit(most)).all()

    def _is_over(self, one: Saved) -> bool:
        return one.deleted is not None and one.deleted < self._now() - UNDO

    # changing -----------------------------------------------------------------------

    def answers(self, session: Session, address: str) -> Answers:
        """What is to be followed, with the answers that it has now.

        Raises :class:`BadRequest` if the address asks nothing, or has too many answers.
        """
        asked, position = self._asking.read(address), seen(session)
        listed = self.comparing.now(session, asked.hits(session))
        return Answers(asked.address, self._saying.title_of(session, asked), listed, position)

    def save(
        self, session: Session, user: int, answers: Answers, title: str = "", often: str = WEEKLY
    ) -> Saved:
        """Follow a search or question from the answers on that were found.

        Raises :class:`SavedAlready` where they follow it.
        """
        title = " ".join(title.split()) or answers.title
        _check(title, often)
        self._check_new(session, user, answers.address)
        now = self._now()
        saved = Saved(
            user_id=user,
            title=title,
            address=answers.address,
            often=often,
            secret=secrets.token_urlsafe(24),
            created=now,
            looked=now,
            told=now,
            due=next_due(now, often, now),
            listed=rows_of(answers.listed),
            number=len(answers.listed),
            position=answers.position,
        )
        session.add(saved)
        session.flush()
        return saved

    def _check_new(self, session: Session, user: int, address: str) -> None:
        # Who presses twice is served by two processes at once: one waits for the other.
        session.execute(select(User.id).where(User.id == user).with_for_update())
        if found := self.same(session, user, address):
            raise SavedAlready(found)
        held = select(func.count()).where(Saved.user_id == user, Saved.deleted.is_(None))
        if (session.scalar(held) or 0) >= MOST:
            raise Conflict(f"You follow {MOST} searches and questions already; delete one first.")

    def change(self, session: Session, saved: Saved, title: str, often: str) -> None:
        """Call it something else, or tell of it more or less often."""
        title = " ".join(title.split())
        _check(title, often)
        saved.title = title
        if often != saved.often:
            saved.often = often
            saved.due = next_due(saved.looked, often, self._now())

    def pause(self, saved: Saved, paused: bool) -> None:
        """Tell nothing of it for a while, or go on: all that changed meanwhile is told at once."""
        if not paused:
            saved.paused = None
        elif saved.paused is None:
            saved.paused = self._now()

    def delete(self, saved: Saved) -> None:
        """Follow it no longer; for a day that can be taken back."""
        saved.deleted = self._now()

    def restore(self, session: Session, saved: Saved) -> None:
        """Follow it again; raises :class:`SavedAlready` where the same was saved anew."""
        if saved.deleted is not None:
            self._check_new(session, saved.user_id, saved.address)
            saved.deleted = None

    def unsubscribe(self, saved: Saved) -> None:
        """Send no more mails; the feed goes on."""
        saved.often = NEVER

    def clear(self, session: Session) -> None:
        """Forget what was deleted a while ago, and digests that nobody reads any more."""
        over = select(Saved.id).where(Saved.deleted < self._now() - UNDO)
        if gone := session.scalars(over).all():
            session.execute(delete(Digest).where(Digest.saved_id.in_(gone)))
            session.execute(delete(Saved).where(Saved.id.in_(gone)))


def prune(session: Session, saved: int) -> None:
    """Keep the newest digests of one."""
    mine = select(Digest.id).where(Digest.saved_id == saved).order_by(Digest.id.desc())
    oldest = session.scalar(mine.offset(_KEPT).limit(1))
    if oldest is not None:
        session.execute(delete(Digest).where(Digest.saved_id == saved, Digest.id <= oldest))


def seen(session: Session) -> int:
    """The change of the log up to which every view answers."""
    return session.scalar(select(func.min(Position.seq))) or 0


def next_due(last: datetime, often: str, now: datetime) -> datetime:
    """When one is looked at next: the first of its times after now, however many were missed."""
    if often == MONTHLY:
        months = 1
        while (due := months_later(last, months)) <= now:
            months += 1
        return due
    step = timedelta(days=7 if often == WEEKLY else 1)
    missed = max(0, (now - last) // step)
    return last + step * (missed + 1)


def _check(title: str, often: str) -> None:
    problems = []
    if not title or not title.isprintable():
        problems.append(Problem(("title",), "Give it a name that you will know it by."))
    elif len(title) > LONGEST_TITLE:
        problems.append(Problem(("title",), f"The name is longer than {LONGEST_TITLE} characters."))
    if often not in OFTEN:
        problems.append(Problem(("often",), f"How often is one of {', '.join(OFTEN)}."))
    if problems:
        raise Invalid(problems)
