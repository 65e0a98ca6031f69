"""Tokens: what lets a program in for a person.

A token is ``cat_`` and 256 random bits.  It is shown once; kept is its SHA-256, which needs
no salt for something so random, and is found by one look into an index, whatever was sent.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalogue.accounts import audit
from catalogue.accounts.links import Clock, utc
from catalogue.accounts.models import Token, User
from catalogue.accounts.rules import fault_of_name
from catalogue.errors import Invalid, NotFound, Problem

#: What every token begins with, so that scanners for lost secrets know it.
PREFIX = "cat_"
#: The most tokens of one person that work at one time, and the longest life in days.
MOST, LONGEST_LIFE = 20, 3 * 365
_NOTED_EVERY = timedelta(minutes=5)


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def sha256(secret: str) -> str:
    """What is kept of something random."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Tokens:
    """Makes, finds and revokes tokens."""

    def __init__(self, clock: Clock = utc) -> None:
        self._now = clock

    def make(
        self,
        session: Session,
        user: User,
        name: str,
        *,
        days: int | None = None,
        reads_only: bool = False,
    ) -> tuple[Token, str]:
        """A new token and its text, which nobody can show again."""
        self._check(session, user, name, days)
        text, now = PREFIX + new_secret(), self._now()
        token = Token(
            user_id=user.id,
            name=name.strip(),
            hash=sha256(text),
            ending=text[-4:],
            reads_only=reads_only,
            created=now,
            expires=now + timedelta(days=days) if days else None,
        )
        session.add(token)
        session.flush()
        audit.write(
            session, "token-made", user, f"token:{token.id}", now, days=days, reads_only=reads_only
        )
        return token, text

    def _check(self, session: Session, user: User, name: str, days: int | None) -> None:
        problems = []
        if fault := fault_of_name(name):
            problems.append(Problem(("name",), fault))
        if days is not None and not 0 < days <= LONGEST_LIFE:
            problems.append(
                Problem(("days",), f"Give a number of days from 1 to {LONGEST_LIFE}, or nothing.")
            )
        if self.working(session, user.id) >= MOST:
            problems.append(
                Problem(("name",), f"You have {MOST} tokens that work. Revoke one you do not use.")
            )
        if problems:
            raise Invalid(problems)

    def find(self, session: Session, text: str) -> tuple[Token, User] | None:
        """The token and its person; None if it is not one, was revoked, or its time is over."""
        found = session.execute(
            select(Token, User)
            .join(User, User.id == Token.user_id)
            .where(Token.hash == sha256(text))
        ).one_or_none()
        if found is None or not self.works(found[0]) or not found[1].active:
            return None
        return found[0], found[1]

    def works(self, token: Token) -> bool:
        """Whether a token lets anybody in."""
        return token.revoked is None and (token.expires is None or token.expires > self._now())

    def is_stale(self, token: Token) -> bool:
        """Whether it should be written down that a token is in use."""
        return token.used is None or self._now() - token.used >= _NOTED_EVERY

    def note(self, session: Session, number: int) -> None:
        """Write down that a token is in use."""
        session.execute(update(Token).where(Token.id == number).values(used=self._now()))

    def of(self, session: Session, user: int) -> Sequence[Token]:
        """The tokens of a person that were not revoked, the newest first."""
        return session.scalars(
            select(Token)
            .where(Token.user_id == user, Token.revoked.is_(None))
            .order_by(Token.id.desc())
        ).all()

    def working(self, session: Session, user: int) -> int:
        """How many tokens of a person let somebody in."""
        return sum(map(self.works, self.of(session, user)))

    def revoke(self, session: Session, user: User, number: int) -> None:
        """Make a token worthless; raises :class:`NotFound` if the person has no such token."""
        token = session.get(Token, number)
        if token is None or token.user_id != user.id:
            raise NotFound("You have no such token.")
        if token.revoked is None:
            token.revoked = self._now()
            audit.write(session, "token-revoked", user, f"token:{token.id}", token.revoked)
