"""Organisations and who belongs to them.  An organisation always keeps a manager."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from catalogue.accounts import audit
from catalogue.accounts.letters import Letters, post
from catalogue.accounts.links import LIFETIMES, Clock, DeadLink, Links, utc
from catalogue.accounts.models import Invitation, Membership, Organisation, User, folded
from catalogue.accounts.rules import fault_of_email, fault_of_name
from catalogue.accounts.viewer import ROLES, Viewer
from catalogue.errors import Conflict, Forbidden, Invalid, NotFound, Problem

MANAGER = "manager"
_KEY = re.compile(r"[a-z0-9-]{1,64}\Z")
#: The most open invitations of one organisation, so that nobody sends mails by the thousand.
_MOST_OPEN = 100


def is_manager(viewer: Viewer, organisation: Organisation) -> bool:
    """Whether somebody may change who belongs to an organisation."""
    return viewer.role == "administrator" or viewer.roles.get(organisation.id) == MANAGER


class Organisations:
    """The organisations of a catalogue."""

    def __init__(self, links: Links, letters: Letters, clock: Clock = utc) -> None:
        self._links = links
        self._letters = letters
        self._now = clock

    # reading ------------------------------------------------------------------------

    def get(self, session: Session, key: str) -> Organisation:
        """An organisation by its key; raises :class:`NotFound`."""
        found = (
            session.scalar(select(Organisation).where(Organisation.key == key))
            if _KEY.match(key)
            else None
        )
        if found is None:
            raise NotFound(f'There is no organisation "{key[:80]}".')
        return found

    def of(self, session: Session, user: int) -> Sequence[Membership]:
        """What a person is, organisation by organisation."""
        return session.scalars(
            select(Membership)
            .join(Organisation)
            .where(Membership.user_id == user)
            .options(joinedload(Membership.organisation))
            .order_by(Organisation.name)
        ).all()

    def members(self, session: Session, organisation: Organisation) -> Sequence[Membership]:
        """Who belongs to an organisation, by name."""
        return session.scalars(
            select(Membership)
            .join(User)
            .where(Membership.organisation_id == organisation.id)
            .options(joinedload(Membership.user))
            .order_by(func.lower(User.name), User.id)
        ).all()

    def open_invitations(
        self, session: Session, organisation: Organisation
    ) -> Sequence[Invitation]:
        """Who was asked and has not answered, the last asked first."""
        return session.scalars(
            select(Invitation)
            .where(
                Invitation.organisation_id == organisation.id,
                Invitation.accepted.is_(None),
                Invitation.expires > self._now(),
            )
            .order_by(Invitation.id.desc())
        ).all()

    # making -------------------------------------------------------------------------

    def make(self, session: Session, by: User, name: str, agent: str = "") -> Organisation:
        """A new organisation; who makes it is its manager."""
        if fault := fault_of_name(name, 200):
            raise Invalid([Problem(("name",), fault)])
        organisation = Organisation(
            key=self._new_key(session, name),
            name=name.strip(),
            agent=agent,
            created=self._now(),
            created_by=by.id,
        )
        session.add(organisation)
        session.flush()
        session.add(Membership(user_id=by.id, organisation_id=organisation.id, role=MANAGER))
        audit.write(session, "organisation-made", by, _subject(organisation), self._now())
        return organisation

    def _new_key(self, session: Session, name: str) -> str:
        plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].strip("-") or "organisation"
        if stem == "new":  # an address of its own
            stem = "new-organisation"
        key, number = stem, 1
        while session.scalar(select(Organisation.id).where(Organisation.key == key)):
            number += 1
            key = f"{stem}-{number}"
        return key

    # invitations --------------------------------------------------------------------

    def invite(
        self, session: Session, organisation: Organisation, by: User, email: str, role: str
    ) -> None:
        """Ask somebody to join; the same happens whether or not the address has an account."""
        problems = [Problem(("email",), fault)] if (fault := fault_of_email(email)) else []
        if role not in ROLES:
            problems.append(Problem(("role",), "Choose what the person will be."))
        if not problems and len(self.open_invitations(session, organisation)) >= _MOST_OPEN:
            problems.append(
                Problem(("email",), f"There are {_MOST_OPEN} open invitations already.")
            )
        if not problems and self._is_member(session, organisation, email):
            problems.append(Problem(("email",), "This person is a member already."))
        if problems:
            raise Invalid(problems)
        now = self._now()
        # An older invitation of the same address goes, and its link with it.
        session.execute(
            delete(Invitation).where(
                Invitation.organisation_id == organisation.id,
                Invitation.email_folded == folded(email),
            )
        )
        invitation = Invitation(
            email=email.strip(),
            email_folded=folded(email),
            organisation_id=organisation.id,
            role=role,
            invited_by=by.id,
            at=now,
            expires=now + LIFETIMES["invitation"],
        )
        session.add(invitation)
        session.flush()
        link = self._links.make("invitation", invitation=invitation.id)
        post(session, invitation.email, self._letters.invitation(organisation.name, role, link))
        audit.write(session, "invited", by, _subject(organisation), now, role=role)

    def _is_member(self, session: Session, organisation: Organisation, email: str) -> bool:
        """A member's address is known to the managers: nothing is told that they cannot see."""
        return (
            session.scalar(
                select(User.id)
                .join(Membership, Membership.user_id == User.id)
                .where(
                    Membership.organisation_id == organisation.id,
                    User.email_folded == folded(email),
                )
            )
            is not None
        )

    def invitation(self, session: Session, token: str) -> Invitation:
        """The invitation a link stands for; :class:`DeadLink` if it was answered or taken back."""
        found = session.get(Invitation, self._links.read("invitation", token)["invitation"])
        if found is None or found.accepted is not None or found.expires <= self._now():
            raise DeadLink
        return found

    def accept(self, session: Session, token: str, user: User) -> Organisation:
        """Join; only the person whose address was invited can."""
        invitation = self.invitation(session, token)
        if user.email_folded != invitation.email_folded:
            raise Forbidden(
                "This invitation was sent to another e-mail address than that of your account. "
                "Sign in with that address, or ask for an invitation to yours."
            )
        organisation = self._locked(session, invitation.organisation_id)
        membership = session.get(Membership, (user.id, organisation.id))
        if membership is None:
            session.add(
                Membership(user_id=user.id, organisation_id=organisation.id, role=invitation.role)
            )
        invitation.accepted = self._now()
        audit.write(
            session,
            "invitation-accepted",
            user,
            _subject(organisation),
            invitation.accepted,
            role=invitation.role,
        )
        return organisation

    def decline(self, session: Session, token: str) -> None:
        """Do not join; whoever has the link may say so."""
        invitation = self.invitation(session, token)
        audit.write(session, "invitation-declined", None, _subject(invitation.organisation))
        session.delete(invitation)

    def cancel(
        self, session: Session, organisation: Organisation, by: User, invitation: int
    ) -> None:
        """Take an invitation back: its link works no more."""
        found = session.get(Invitation, invitation)
        if found is None or found.organisation_id != organisation.id or found.accepted:
            raise NotFound("There is no such invitation.")
        session.delete(found)
        audit.write(session, "invitation-cancelled", by, _subject(organisation), self._now())

    # members ------------------------------------------------------------------------

    def change_role(
        self, session: Session, organisation: Organisation, by: User, user: int, role: str
    ) -> None:
        """Change what a member is."""
        if role not in ROLES:
            raise Invalid([Problem(("role",), "Choose what the person will be.")])
        membership = self._membership(session, organisation, user)
        if membership.role == role:
            return
        if membership.role == MANAGER:
            self._keep_a_manager(session, organisation, user)
        membership.role = role
        audit.write(
            session,
            "member-role-changed",
            by,
            _subject(organisation),
            self._now(),
            user=user,
            role=role,
        )

    def remove(self, session: Session, organisation: Organisation, by: User, user: int) -> None:
        """Let a member go."""
        membership = self._membership(session, organisation, user)
        if membership.role == MANAGER:
            self._keep_a_manager(session, organisation, user)
        session.delete(membership)
        audit.write(session, "member-removed", by, _subject(organisation), self._now(), user=user)

    def _membership(self, session: Session, organisation: Organisation, user: int) -> Membership:
        self._locked(session, organisation.id)
        found = session.get(Membership, (user, organisation.id))
        if found is None:
            raise NotFound("There is no such member.")
        return found

    def _keep_a_manager(self, session: Session, organisation: Organisation, user: int) -> None:
        others = select(func.count()).where(
            Membership.organisation_id == organisation.id,
            Membership.role == MANAGER,
            Membership.user_id != user,
        )
        if not session.scalar(others):
            raise Conflict(
                f"{organisation.name} must keep a manager. Make somebody else a manager first."
            )

    def managed_alone(self, session: Session, user: int) -> Sequence[Organisation]:
        """The organisations whose only manager somebody is, locked as they are now."""
        managed = select(Membership.organisation_id).where(
            Membership.user_id == user, Membership.role == MANAGER
        )
        found = session.scalars(
            select(Organisation)
            .where(Organisation.id.in_(managed))
            .order_by(Organisation.id)
            .with_for_update()
        ).all()
        shared = set(
            session.scalars(
                select(Membership.organisation_id).where(
                    Membership.organisation_id.in_([one.id for one in found]),
                    Membership.role == MANAGER,
                    Membership.user_id != user,
                )
            )
        )
        return [one for one in found if one.id not in shared]

    @staticmethod
    def _locked(session: Session, number: int) -> Organisation:
        """The organisation, so that no two managers leave at the same moment."""
        return session.scalars(
            select(Organisation).where(Organisation.id == number).with_for_update()
        ).one()


def _subject(organisation: Organisation) -> str:
    return f"organisation:{organisation.key}"
