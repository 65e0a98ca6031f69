"""What lies in the outbox, as tests read it."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.accounts.models import Mail

ADDRESS = "https://catalogue.example.org/"
#: The password of everybody in tests.
PASSWORD = "seven grey herons"


def mails(session: Session) -> list[Mail]:
    """The mails in the outbox, oldest first."""
    return list(session.scalars(select(Mail).order_by(Mail.id)))


def token(session: Session, purpose: str) -> str:
    """What the last mail with a link for a purpose has to offer."""
    path = {"email": "account/email"}.get(purpose, purpose)
    found = [
        match[1]
        for mail in mails(session)
        if (match := re.search(rf"{re.escape(ADDRESS)}{path}/(\S+)", mail.body))
    ]
    return found[-1]
