"""The tables of people: accounts, organisations, what lets somebody in, and what was done.

Secrets are never here: passwords as Argon2 hashes, the rest (sessions, tokens) as SHA-256 of
something random and long, which needs no salt and can be looked up.  The one exception is
the body of a mail that waits to be sent; it is emptied once it has gone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.accounts.viewer import ROLES, ROLES_OVER_ALL
from catalogue.database import Base, Json, Moment, Serial

#: The longest e-mail address there can be (RFC 5321, 4.5.3.1.3, less the brackets).
LONGEST_EMAIL = 254
LONGEST_NAME = 120


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The rule of SQL that a column holds one of some words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def folded(email: str) -> str:
    """The form in which e-mail addresses are compared."""
    return email.strip().casefold()


class User(Base):
    """A person with an account.

    ``stamp`` is random and part of every link in a mail; it changes with the password and
    the address, so that a link works once.  Numbers are never used again (on SQLite by
    AUTOINCREMENT): revisions say ``user:<id>`` also when the account is gone.
    """

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint(one_of("role", ("", *ROLES_OVER_ALL)), name="user_role"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    email_folded: Mapped[str] = mapped_column(String(2 * LONGEST_EMAIL), unique=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    password: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(16), default="")
    confirmed: Mapped[datetime | None] = mapped_column(Moment)
    stamp: Mapped[str] = mapped_column(String(32))
    created: Mapped[datetime] = mapped_column(Moment)
    blocked: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def active(self) -> bool:
        """Whether the person may come in: the address is confirmed and nobody blocked it."""
        return self.confirmed is not None and self.blocked is None

    def __repr__(self) -> str:
        return f"<User {self.id}>"  # no address: this may end up in a log


class Organisation(Base):
    """Those who keep descriptions together; ``agent`` refers to the record about them, if any."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    agent: Mapped[str] = mapped_column(String(2000), default="")
    created: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class Membership(Base):
    """What a person is in an organisation."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint(one_of("role", ROLES), name="membership_role"),
        Index("membership_by_organisation", "organisation_id"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(16))
    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()


class Invitation(Base):
    """Somebody was asked to join an organisation; one open invitation an address."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("organisation_id", "email_folded"),
        CheckConstraint(one_of("role", ROLES), name="invitation_role"),
        {"sqlite_autoincrement": True},  # a link must never fit a later invitation
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    email_folded: Mapped[str] = mapped_column(String(2 * LONGEST_EMAIL))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(16))
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime] = mapped_column(Moment)
    accepted: Mapped[datetime | None] = mapped_column(Moment)
    organisation: Mapped[Organisation] = relationship()


class SignedIn(Base):
    """One browser in which somebody is signed in; without the row its cookie is worth nothing."""

    __tablename__ = "signed_in"
    __table_args__ = (Index("signed_in_by_user", "user_id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    selector: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    started: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment)
    agent: Mapped[str] = mapped_column(String(60), default="")


class Token(Base):
    """What lets a program in for a person; the token itself was shown once."""

    __tablename__ = "token"
    __table_args__ = (Index("token_by_user", "user_id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    ending: Mapped[str] = mapped_column(String(4))
    reads_only: Mapped[bool]
    created: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime | None] = mapped_column(Moment)
    used: Mapped[datetime | None] = mapped_column(Moment)
    revoked: Mapped[datetime | None] = mapped_column(Moment)


class Identity(Base):
    """Who a person is to an OpenID provider: its ``iss`` and ``sub`` never mean anybody else."""

    __tablename__ = "identity"
    __table_args__ = (Index("identity_by_user", "user_id"),)

    issuer: Mapped[str] = mapped_column(String(500), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    created: Mapped[datetime] = mapped_column(Moment)


class Audit(Base):
    """One thing somebody did that bears on safety; rows are added, never changed.

    ``user_id`` is no foreign key: what was done stays when the account goes (only the name
    is taken out then).
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_by_user", "user_id"),
        Index("audit_by_action", "action"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200), default="")
    detail: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Answered(Base):
    """What a change under an ``Idempotency-Key`` was answered: whoever repeats it hears it again.

    The row is written with the change, so that there are both or neither.  Secrets that an
    answer showed once are not in it.
    """

    __tablename__ = "answered"
    __table_args__ = (Index("answered_at", "at"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(Json)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class Mail(Base):
    """A mail to be sent: written with what causes it, sent after, emptied then.

    ``due`` is when it is to be tried (again); empty once it was sent or given up.
    ``reply_to`` is whose answer it asks for, where it is not the catalogue's own.
    ``unsubscribe`` is the address, if there is one, at which no more of its kind are wished.
    """

    __tablename__ = "mail"
    __table_args__ = (Index("mail_due", "due"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    recipient: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    reply_to: Mapped[str] = mapped_column(String(LONGEST_EMAIL), default="", server_default="")
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    unsubscribe: Mapped[str] = mapped_column(Text, default="", server_default="")
    created: Mapped[datetime] = mapped_column(Moment)
    due: Mapped[datetime | None] = mapped_column(Moment)
    sent: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
