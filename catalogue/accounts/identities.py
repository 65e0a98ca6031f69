"""People who sign in elsewhere: whose account an OpenID identity belongs to.

The provider is one that the operator chose and trusts to know its people.  Even so:

- ``iss`` and ``sub`` together are the person; the address is only asked the first time, since
  addresses are given to others when people leave.
- The first time, an address counts only if the provider says it verified it.  Whoever has
  the mailbox of a confirmed account can set its password anyway, so linking it gives nothing
  that a mail would not.
- An account over all organisations is never linked by its address: a careless provider must
  not make administrators.  Link first, give the role then.
- An account that nobody confirmed has no password and is nobody's: its address was typed by
  somebody.  It is begun anew for the person whom the provider vouches for, under the name the
  provider gives, and the links that were sent for it stop working.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from catalogue.accounts import audit
from catalogue.accounts.accounts import Accounts
from catalogue.accounts.links import utc
from catalogue.accounts.models import Identity, User
from catalogue.accounts.rules import fault_of_email, fault_of_name
from catalogue.errors import Forbidden

_LONGEST_SUBJECT = 255


def user_of(accounts: Accounts, session: Session, claims: Mapping[str, Any]) -> User:
    """The account of somebody with checked claims; made if there is none.

    Raises :class:`Forbidden` with the reason.
    """
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    if len(subject) > _LONGEST_SUBJECT:
        raise Forbidden("The provider names you by more characters than OpenID allows.")
    known = session.get(Identity, (issuer, subject))
    user = session.get(User, known.user_id) if known else _by_address(accounts, session, claims)
    if user is None or not user.active:
        raise Forbidden("This account is blocked. Ask those who run the catalogue.")
    if known is None:
        session.add(Identity(issuer=issuer, subject=subject, user_id=user.id, created=utc()))
        audit.write(session, "identity-added", user, f"user:{user.id}", issuer=issuer)
    return user


def _by_address(accounts: Accounts, session: Session, claims: Mapping[str, Any]) -> User:
    email = str(claims.get("email") or "")
    if fault_of_email(email) or claims.get("email_verified") is not True:
        raise Forbidden(
            "The provider does not say that your e-mail address is verified, so it cannot be "
            "told which account is yours. Verify it there, or sign in with a password."
        )
    user = accounts.by_email(session, email)
    if user is None or (user.confirmed is None and user.blocked is None and not user.role):
        return accounts.vouched(session, _name(claims, email), email)
    if user.role or user.confirmed is None:
        raise Forbidden(
            "This account has a role over all organisations and was never used with this "
            "provider. Sign in with your password."
        )
    return user


def _name(claims: Mapping[str, Any], email: str) -> str:
    name = str(claims.get("name") or "").strip()
    return email.partition("@")[0] if fault_of_name(name) else name
