"""The audit log: who did what that bears on safety, in the transaction that did it.

It holds no secrets and no personal data but the name of who acted, which goes with the
account: subjects are numbers and keys, details are roles and reasons.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from catalogue.accounts.models import Audit, User
from catalogue.accounts.viewer import Viewer

#: Everything that is written down, in words.
ACTIONS = {
    "registered": "asked for an account",
    "confirmed": "confirmed the address",
    "signed-in": "signed in",
    "sign-in-failed": "failed to sign in",
    "signed-out": "signed out",
    "session-ended": "ended a session",
    "sessions-ended": "ended all other sessions",
    "forgotten": "asked for a new password",
    "password-reset": "set a new password by mail",
    "password-changed": "changed the password",
    "name-changed": "changed the name",
    "email-asked": "asked to change the address",
    "email-changed": "changed the address",
    "identity-added": "linked a sign-in elsewhere",
    "account-added": "added an account",
    "account-deleted": "deleted an account",
    "blocked": "blocked an account",
    "unblocked": "let an account in again",
    "role-given": "gave a role over all organisations",
    "link-made": "made a link to set a password",
    "fingerprint-kept": "uploaded a fingerprint",
    "fingerprint-released": "released a fingerprint",
    "fingerprint-taken-back": "took a fingerprint back",
    "fingerprint-dropped": "dropped a fingerprint",
    "organisation-made": "made an organisation",
    "invited": "invited somebody",
    "invitation-accepted": "accepted an invitation",
    "invitation-declined": "declined an invitation",
    "invitation-cancelled": "took an invitation back",
    "member-role-changed": "changed what a member is",
    "member-removed": "removed a member",
    "token-made": "made a token",
    "token-revoked": "revoked a token",
    "record-begun": "began a record",
    "submit": "submitted a record for review",
    "recall": "recalled a record from review",
    "return": "asked for changes to a record",
    "publish": "published a record",
    "discard": "dropped the changes to a record",
    "confirm": "confirmed that a record is still correct",
    "withdraw": "withdrew a record",
    "restore": "restored a record",
    "revert": "took an earlier revision up",
    "delete": "deleted a draft",
    "assign": "gave a record to an organisation",
    "policy": "said whether a network reviews",
    "source-added": "added a source to harvest",
    "source-changed": "changed a source",
    "source-paused": "took a source off the timetable",
    "source-resumed": "put a source on the timetable again",
    "source-left": "gave a source up",
    "harvest-stopped": "stopped a run",
    "harvest-answered": "answered what a run asked",
    "harvest-undone": "undid a run",
    "item-excluded": "left an item of a source out",
    "item-included": "took an item of a source in again",
    "pair-decided": "said whether two records describe the same dataset",
    "pair-undone": "took back what was said of two records",
    "enquiry-sent": "sent an enquiry about datasets",
    "statement-deleted": "deleted a search statement",
}
#: Who acts where an operator does it from a terminal.
OPERATOR = Viewer(name="operator")


def write(
    session: Session,
    action: str,
    by: User | Viewer | None,
    subject: str = "",
    at: datetime | None = None,
    **detail: object,
) -> None:
    """Write down one action; ``by`` is None for somebody unknown."""
    if action not in ACTIONS:
        raise KeyError(f'"{action}" is not in ACTIONS')
    user = by.id if isinstance(by, User) else by.user if by else None
    session.add(
        Audit(
            at=at or datetime.now(UTC),
            user_id=user,
            name=by.name if by else "",
            action=action,
            subject=subject,
            detail=detail or None,
        )
    )


def entries(user: int | None = None, action: str = "") -> Select[Audit]:
    """What was written down, newest first: of one person (also as subject), of one action."""
    found = select(Audit).order_by(Audit.id.desc())
    if user is not None:
        found = found.where(or_(Audit.user_id == user, Audit.subject == f"user:{user}"))
    return found.where(Audit.action == action) if action else found


def count(session: Session, entries: Select[Audit]) -> int:
    """How many entries there are."""
    return session.scalar(select(func.count()).select_from(entries.order_by(None).subquery())) or 0


def forget(session: Session, user: int) -> None:
    """Take somebody's name out; what was done stays, by number."""
    session.execute(update(Audit).where(Audit.user_id == user).values(name=""))
