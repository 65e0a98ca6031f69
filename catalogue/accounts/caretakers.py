"""Who looks after the descriptions of organisations: mails about them go there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.accounts.models import Membership, User
from catalogue.accounts.viewer import EDITORS

#: How many people one organisation's mail about a description goes to.
MOST_TOLD = 50


def caretakers(
    session: Session, organisations: Iterable[int | None]
) -> Mapping[int, Sequence[User]]:
    """Who may answer for the descriptions of some organisations, and may come in."""
    found = session.execute(
        select(Membership.organisation_id, User)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organisation_id.in_({one for one in organisations if one is not None}),
            Membership.role.in_(EDITORS),
            User.confirmed.is_not(None),
            User.blocked.is_(None),
        )
        .order_by(User.id)
    )
    people: dict[int, list[User]] = {}
    for organisation, user in found:
        people.setdefault(organisation, []).append(user)
    return people
