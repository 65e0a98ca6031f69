"""Who wrote something, for those who may know: members of the same workspace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from catalogue.accounts.models import User
from catalogue.web.current import session

_PERSON = "user:"
#: What is taken in from elsewhere was written by nobody here.
_HARVEST = "harvest:"


def persons(authors: Iterable[str]) -> Mapping[str, str]:
    """Readable names of the authors of revisions and comments; others stand for themselves."""
    wanted = set(authors)
    numbers = {
        int(one.removeprefix(_PERSON))
        for one in wanted
        if one.startswith(_PERSON) and one.removeprefix(_PERSON).isdecimal()
    }
    found = dict(session.execute(select(User.id, User.name).where(User.id.in_(numbers))).all())
    return {
        one: found.get(int(number), "Somebody who left")
        if one.startswith(_PERSON) and (number := one.removeprefix(_PERSON)).isdecimal()
        else _elsewhere(one)
        for one in wanted
    }


def _elsewhere(author: str) -> str:
    if author.startswith(_HARVEST):
        return f"Harvest of {author.removeprefix(_HARVEST)}"
    return author
