"""Accounts: how somebody becomes known, comes in, changes what is known, and leaves.

Whoever asks with an e-mail address learns nothing about it: the same work is done and the
same answer given, and the mail alone tells the owner of the address what is the case.
An account has no password before its address is confirmed, so nobody can lay one out for
the owner of an address to move into.
"""

from __future__ import annotations

import hmac
import re
import secrets
from types import MappingProxyType

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.accounts import audit, passwords
from catalogue.accounts.letters import Letter, Letters, post
from catalogue.accounts.links import Clock, DeadLink, Links, utc
from catalogue.accounts.models import Invitation, Mail, Membership, User, folded
from catalogue.accounts.organisations import Organisations
from catalogue.accounts.passwords import Passwords
from catalogue.accounts.rules import fault_of_email, fault_of_name
from catalogue.accounts.sessions import Sessions
from catalogue.accounts.tokens import Tokens
from catalogue.accounts.viewer import ROLES_OVER_ALL, Viewer
from catalogue.errors import Conflict, Invalid, NotFound, Problem

ADMINISTRATOR = "administrator"


class Accounts:
    """The accounts of a catalogue; its sessions, tokens and organisations beside them."""

    def __init__(self, links: Links, letters: Letters, clock: Clock = utc) -> None:
        self._links = links
        self._letters = letters
        self._now = clock
        self._passwords = Passwords()
        self.sessions = Sessions(clock)
        self.tokens = Tokens(clock)
        self.organisations = Organisations(links, letters, clock)

    # reading ------------------------------------------------------------------------

    def get(self, session: Session, number: int) -> User:
        """An account by its number; raises :class:`NotFound`."""
        found = session.get(User, number)
        if found is None:
            raise NotFound("There is no such account.")
        return found

    def by_email(self, session: Session, email: str) -> User | None:
        """An account by its address, in whatever case it is written."""
        return session.scalar(select(User).where(User.email_folded == folded(email)))

    def viewer_of(self, session: Session, user: User, *, reads_only: bool = False) -> Viewer:
        """The person as one who looks and acts."""
        roles = session.execute(
            select(Membership.organisation_id, Membership.role).where(Membership.user_id == user.id)
        )
        return Viewer(
            user.id,
            user.name,
            user.role,
            MappingProxyType({row.organisation_id: row.role for row in roles}),
            reads_only,
        )

    def search(self, words: str = "") -> Select[User]:
        """Accounts with some words in name or address, by name."""
        found = select(User).order_by(func.lower(User.name), User.id)
        for word in words.split()[:10]:
            pattern = "%" + re.sub(r"([\\%_])", r"\\\1", word.lower()) + "%"
            found = found.where(
                or_(
                    func.lower(User.name).like(pattern, escape="\\"),
                    User.email_folded.like(pattern, escape="\\"),
                )
            )
        return found

    # becoming known -----------------------------------------------------------------

    def register(self, session: Session, name: str, email: str) -> None:
        """Ask for an account: a mail goes to the address, which says how to go on."""
        problems = _problems(name=fault_of_name(name), email=fault_of_email(email))
        if problems:
            raise Invalid(problems)
        user = self._found_or_added(session, name, email)
        if user.confirmed is None:
            user.name = name.strip()  # nobody has shown yet that the account is theirs
        if user.blocked is None:
            post(
                session,
                user.email,
                self._letters.already() if user.confirmed else self._confirm(user),
            )
        audit.write(session, "registered", None, _subject(user), self._now())

    def _found_or_added(self, session: Session, name: str, email: str) -> User:
        found = self.by_email(session, email)
        if found is None:
            try:
                with session.begin_nested():
                    found = self._add(session, name, email)
            except IntegrityError:  # somebody was faster
                found = self.by_email(session, email)
                if found is None:
                    raise
        return found

    def _add(self, session: Session, name: str, email: str) -> User:
        user = User(
            email=email.strip(),
            email_folded=folded(email),
            name=name.strip(),
            password="",
            role="",
            stamp=_new_stamp(),
            created=self._now(),
        )
        session.add(user)
        session.flush()
        return user

    def _confirm(self, user: User) -> Letter:
        return self._letters.confirm(self._links.make("confirm", user=user.id, stamp=user.stamp))

    def to_confirm(self, session: Session, token: str) -> User:
        """Whose address a link confirms; raises :class:`DeadLink`."""
        return self._bound(session, "confirm", token)

    def confirm(self, session: Session, token: str, password: str) -> User:
        """Confirm an address by its link and set the first password."""
        user = self.to_confirm(session, token)
        self._set_password(user, password)
        user.confirmed = user.confirmed or self._now()
        audit.write(session, "confirmed", user, _subject(user), self._now())
        return user

    def join(self, session: Session, token: str, name: str, password: str) -> User:
        """Make the account that an invitation lacks: its link has shown whose address it is."""
        invitation = self.organisations.invitation(session, token)
        user = self.by_email(session, invitation.email)
        if user is not None and user.confirmed is not None:
            raise DeadLink
        if problems := _problems(name=fault_of_name(name)):
            raise Invalid([*problems, *passwords.faults(password, invitation.email, name)])
        user = user or self._add(session, name, invitation.email)
        user.name = name.strip()
        self._set_password(user, password)
        user.confirmed = self._now()
        audit.write(session, "confirmed", user, _subject(user), self._now(), how="invitation")
        self.organisations.accept(session, token, user)
        return user

    def add(self, session: Session, name: str, email: str, role: str = "") -> User:
        """Add an account without a mail, for an operator; its password comes by a reset link."""
        problems = _problems(name=fault_of_name(name), email=fault_of_email(email))
        if not problems and self.by_email(session, email):
            problems = [Problem(("email",), "There is an account with this address already.")]
        if problems:
            raise Invalid(problems)
        user = self._add(session, name, email)
        user.role = _known_role(role)
        audit.write(
            session, "account-added", audit.OPERATOR, _subject(user), self._now(), role=role
        )
        return user

    def vouched(self, session: Session, name: str, email: str) -> User:
        """The account of somebody whose address a provider vouches for: new, or begun anew."""
        user = self._found_or_added(session, name, email)
        user.name, user.stamp = name.strip(), _new_stamp()
        user.confirmed = self._now()
        audit.write(session, "confirmed", user, _subject(user), self._now(), how="provider")
        return user

    # coming in ----------------------------------------------------------------------

    def recognise(self, session: Session, email: str, password: str) -> User | None:
        """The person whom address and password belong to; None, after as long, for all others."""
        user = self.by_email(session, email)
        right = self._passwords.verify(user.password if user else "", password)
        return user if user and right and user.active else None

    def sign_in(
        self,
        session: Session,
        user: User,
        agent: str = "",
        password: str = "",
        how: str = "password",
    ) -> str:
        """Let in somebody who was recognised; returns the secret for the cookie."""
        user = self.get(session, user.id)
        if not user.active:
            raise NotFound("There is no such account.")
        if password and self._passwords.is_old(user.password):
            user.password = self._passwords.hash(password)
        return self.sessions.begin(session, user, agent, how)

    def refuse(self, session: Session, email: str) -> None:
        """Write down that somebody was not let in; the same work whether or not they exist."""
        user = self.by_email(session, email)
        subject = _subject(user) if user else ""
        audit.write(session, "sign-in-failed", None, subject, self._now())

    def forgotten(self, session: Session, email: str) -> None:
        """Send a link to set a new password, if the address has an account."""
        if fault := fault_of_email(email):
            raise Invalid([Problem(("email",), fault)])
        user = self.by_email(session, email)
        if user and user.blocked is None:
            link = self._links.make("reset", user=user.id, stamp=user.stamp)
            letter = self._letters.reset(link) if user.confirmed else self._confirm(user)
            post(session, user.email, letter)
        audit.write(session, "forgotten", None, _subject(user) if user else "", self._now())

    def reset_link(self, session: Session, user: User, by: Viewer = audit.OPERATOR) -> str:
        """A link to set a password, for an operator to hand over."""
        audit.write(session, "link-made", by, _subject(user), self._now())
        return self._links.make("reset", user=user.id, stamp=user.stamp)

    def to_reset(self, session: Session, token: str) -> User:
        """Whose password a link sets; raises :class:`DeadLink`."""
        return self._bound(session, "reset", token)

    def reset(self, session: Session, token: str, password: str) -> User:
        """Set a new password by a link.  Everybody else who is signed in is signed out."""
        user = self.to_reset(session, token)
        self._set_password(user, password)
        user.confirmed = user.confirmed or self._now()
        self.sessions.end_all(session, user.id)
        post(session, user.email, self._password_changed(session, user))
        audit.write(session, "password-reset", user, _subject(user), self._now())
        return user

    # changing -----------------------------------------------------------------------

    def change_name(self, session: Session, user: User, name: str) -> None:
        """Take another name."""
        if problems := _problems(name=fault_of_name(name)):
            raise Invalid(problems)
        user.name = name.strip()
        audit.write(session, "name-changed", user, _subject(user), self._now())

    def change_password(
        self, session: Session, user: User, old: str, new: str, keep: int | None = None
    ) -> None:
        """Take another password; sessions but ``keep`` end."""
        problems = self._wrong(user, old, "old_password")
        problems += passwords.faults(new, user.email, user.name, field="new_password")
        if problems:
            raise Invalid(problems)
        self._set_password(user, new)
        self.sessions.end_all(session, user.id, but=keep)
        post(session, user.email, self._password_changed(session, user))
        audit.write(session, "password-changed", user, _subject(user), self._now())

    def ask_email(self, session: Session, user: User, email: str, password: str) -> None:
        """Ask to move to another address: it must be confirmed first, by a mail to it."""
        problems = _problems(email=fault_of_email(email))
        if not problems and folded(email) == user.email_folded:
            problems = [Problem(("email",), "This is your address already.")]
        problems += self._wrong(user, password, "password")
        if problems:
            raise Invalid(problems)
        taken = self.by_email(session, email)
        if taken is None:
            link = self._links.make("email", user=user.id, stamp=user.stamp, email=email.strip())
            post(session, email.strip(), self._letters.confirm_email(link))
        elif taken.blocked is None:
            letter = self._letters.already() if taken.confirmed else self._confirm(taken)
            post(session, taken.email, letter)
        post(session, user.email, self._letters.email_asked())
        audit.write(session, "email-asked", user, _subject(user), self._now())

    def new_email(self, session: Session, token: str) -> tuple[User, str]:
        """Who moves to which address by a link; raises :class:`DeadLink`."""
        user = self._bound(session, "email", token)
        return user, str(self._links.read("email", token)["email"])

    def change_email(self, session: Session, token: str) -> User:
        """Move to another address by its link."""
        user, email = self.new_email(session, token)
        if self.by_email(session, email):
            raise DeadLink  # somebody took it meanwhile
        post(session, user.email, self._letters.email_changed())
        user.email, user.email_folded = email, folded(email)
        user.stamp = _new_stamp()
        audit.write(session, "email-changed", user, _subject(user), self._now())
        return user

    # leaving and keeping out --------------------------------------------------------

    def delete(self, session: Session, user: User, password: str) -> None:
        """Delete one's own account; revisions keep its number, and nothing keeps the rest."""
        if problems := self._wrong(user, password, "password"):
            raise Invalid(problems)
        self._keep_an_administrator(session, user)
        if alone := self.organisations.managed_alone(session, user.id):
            names = ", ".join(one.name for one in alone)
            raise Conflict(
                f"You are the only manager of {names}. Make somebody else a manager, or ask "
                "an administrator to, and then delete your account."
            )
        number, email = user.id, user.email
        own = (func.lower(one) == email.lower() for one in (Mail.recipient, Mail.reply_to))
        session.execute(delete(Mail).where(or_(*own)))
        session.execute(delete(Invitation).where(Invitation.email_folded == user.email_folded))
        session.execute(delete(User).where(User.id == number))
        audit.forget(session, number)
        audit.write(session, "account-deleted", Viewer(number), f"user:{number}", self._now())
        post(session, email, self._letters.deleted())

    def block(self, session: Session, user: User, by: Viewer) -> None:
        """Keep somebody out: sessions end, tokens and links stop working."""
        if user.blocked is None:
            self._keep_an_administrator(session, user)
            user.blocked = self._now()
            user.stamp = _new_stamp()
            self.sessions.end_all(session, user.id)
            audit.write(session, "blocked", by, _subject(user), self._now())

    def unblock(self, session: Session, user: User, by: Viewer) -> None:
        """Let somebody in again."""
        if user.blocked is not None:
            user.blocked = None
            audit.write(session, "unblocked", by, _subject(user), self._now())

    def give_role(self, session: Session, user: User, role: str, by: Viewer) -> None:
        """Make somebody a reviewer or administrator over all organisations, or neither."""
        role = _known_role(role)
        if user.role != role:
            self._keep_an_administrator(session, user)
            user.role = role
            audit.write(session, "role-given", by, _subject(user), self._now(), role=role)

    def _keep_an_administrator(self, session: Session, user: User) -> None:
        """Locks the administrators, so that no two of them leave at the same moment."""
        if user.role != ADMINISTRATOR:
            return
        others = session.scalars(
            select(User).where(User.role == ADMINISTRATOR).order_by(User.id).with_for_update()
        ).all()
        if not any(one.active for one in others if one.id != user.id):
            raise Conflict(
                "This is the last administrator. Make somebody else an administrator first."
            )

    # below --------------------------------------------------------------------------

    def _bound(self, session: Session, purpose: str, token: str) -> User:
        bound = self._links.read(purpose, token)
        user = session.get(User, bound["user"])
        if (
            user is None
            or user.blocked is not None
            or not hmac.compare_digest(user.stamp, bound["stamp"])
        ):
            raise DeadLink
        return user

    def _set_password(self, user: User, password: str) -> None:
        if problems := list(passwords.faults(password, user.email, user.name)):
            raise Invalid(problems)
        user.password = self._passwords.hash(password)
        user.stamp = _new_stamp()

    def _wrong(self, user: User, password: str, field: str) -> list[Problem]:
        """The problem of a password that is asked for again; somebody without one has none."""
        if not user.password or self._passwords.verify(user.password, password):
            return []
        return [Problem((field,), "This is not your password.")]

    def _password_changed(self, session: Session, user: User) -> Letter:
        return self._letters.password_changed(self.tokens.working(session, user.id))


def _problems(**faults: str) -> list[Problem]:
    return [Problem((name,), fault) for name, fault in faults.items() if fault]


def _known_role(role: str) -> str:
    if role and role not in ROLES_OVER_ALL:
        raise Invalid([Problem(("role",), f"A role is one of {', '.join(ROLES_OVER_ALL)}.")])
    return role


def _new_stamp() -> str:
    return secrets.token_urlsafe(16)


def _subject(user: User) -> str:
    return f"user:{user.id}"
