"""Which item a record follows, where several sources have it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.harvest.models import Item


def others(session: Session, record: int, item: Item) -> Sequence[Item]:
    """Items of other sources that are the same record and still there, the first one first."""
    return session.scalars(
        select(Item)
        .where(
            Item.record_id == record,
            Item.id != (item.id or 0),
            Item.gone.is_(None),
            Item.excluded.is_(False),
            Item.same_as.is_(None),
        )
        .order_by(Item.id)
    ).all()


def hand_over(session: Session, item: Item) -> bool:
    """Let the record of an item follow another one that has it; false if there is none.

    The next run of that source reads it anew; edits made here are told from what was said last.
    """
    heirs = others(session, item.record_id, item) if item.record_id and item.owner else ()
    if not heirs:
        return False
    heir = heirs[0]
    item.owner, heir.owner, heir.hash, heir.said = False, True, "", item.said
    return True
