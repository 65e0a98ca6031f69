"""Browsers in which somebody is signed in: a row for each, so that each can be ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, not_, select, update
from sqlalchemy.orm import Session

from catalogue.accounts import audit
from catalogue.accounts.links import Clock, utc
from catalogue.accounts.models import SignedIn, User
from catalogue.accounts.tokens import new_secret, sha256

#: A session ends when nobody used it for so long, and in any case after so long.
IDLE, LONGEST = timedelta(days=14), timedelta(days=30)
#: That a session was used is written down no more often than this.
_NOTED_EVERY = timedelta(minutes=5)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class Sessions:
    """Begins, finds and ends sessions.  The cookie holds a secret, the row its hash."""

    def __init__(self, clock: Clock = utc) -> None:
        self._now = clock

    def begin(self, session: Session, user: User, agent: str = "", how: str = "password") -> str:
        """Let somebody in; returns the secret for the cookie."""
        now = self._now()
        session.execute(delete(SignedIn).where(not_(self._alive())))
        secret = new_secret()
        session.add(
            SignedIn(
                selector=sha256(secret),
                user_id=user.id,
                started=now,
                seen=now,
                agent=browser(agent),
            )
        )
        audit.write(session, "signed-in", user, at=now, how=how)
        return secret

    def find(self, session: Session, secret: str) -> tuple[SignedIn, User] | None:
        """The session and the person of a cookie; None if it ended or the person is blocked."""
        found = session.execute(
            select(SignedIn, User)
            .join(User, User.id == SignedIn.user_id)
            .where(SignedIn.selector == sha256(secret), self._alive())
        ).one_or_none()
        return (found[0], found[1]) if found and found[1].active else None

    def is_stale(self, row: SignedIn) -> bool:
        """Whether it should be written down that a session is in use."""
        return self._now() - row.seen >= _NOTED_EVERY

    def note(self, session: Session, number: int) -> None:
        """Write down that a session is in use."""
        session.execute(update(SignedIn).where(SignedIn.id == number).values(seen=self._now()))

    def of(self, session: Session, user: int) -> Sequence[SignedIn]:
        """Every session of a person, the last used first."""
        return session.scalars(
            select(SignedIn)
            .where(SignedIn.user_id == user, self._alive())
            .order_by(SignedIn.seen.desc(), SignedIn.id.desc())
        ).all()

    def end(self, session: Session, user: User, number: int, action: str = "session-ended") -> None:
        """End one session of a person; nothing happens if it is somebody else's."""
        session.execute(delete(SignedIn).where(SignedIn.id == number, SignedIn.user_id == user.id))
        audit.write(session, action, user, at=self._now())

    def end_others(self, session: Session, user: User, but: int) -> None:
        """End every session of a person but the one in use."""
        self.end_all(session, user.id, but)
        audit.write(session, "sessions-ended", user, at=self._now())

    def end_all(self, session: Session, user: int, but: int | None = None) -> None:
        """End every session of a person, perhaps but the one in use."""
        session.execute(delete(SignedIn).where(SignedIn.user_id == user, SignedIn.id != (but or 0)))

    def _alive(self) -> ColumnElement[bool]:
        now = self._now()
        return and_(SignedIn.seen > now - IDLE, SignedIn.started > now - LONGEST)


def browser(agent: str) -> str:
    """A browser in words people know, “Firefox on Windows”; the rest of it identifies."""
    name = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    if not name:
        return re.sub(r"[^\w./ -]", "", agent.partition(" ")[0])[:40] or "unknown"
    return f"{name} on {system}" if system else name
