"""The history of a record: its revisions, as its curators see them and as the world saw them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from catalogue.errors import Gone, NotFound
from catalogue.profile import Document
from catalogue.records.models import PUBLIC_ACTIONS, PUBLISHED, Record, Revision


def of(
    session: Session,
    record: Record,
    *,
    public: bool = False,
    below: int | None = None,
    skip: int = 0,
    most: int | None = None,
) -> Sequence[Revision]:
    """The revisions of a record, newest first; of them those the world saw, or some."""
    return session.scalars(
        select(Revision)
        .where(*_steps_of(record, public=public))
        .where(Revision.number < below if below is not None else true())
        .order_by(Revision.number.desc())
        .offset(skip)
        .limit(most)
    ).all()


def count(session: Session, record: Record, *, public: bool = False) -> int:
    """How many revisions a record has, or how many of them the world saw."""
    counted = select(func.count()).select_from(Revision)
    return session.scalar(counted.where(*_steps_of(record, public=public))) or 0


def get(session: Session, record: Record, number: int) -> Revision:
    """One revision of a record; raises :class:`NotFound`."""
    found = session.get(Revision, (record.id, number))
    if found is None:
        raise NotFound(f"“{record.slug}” has no revision {number}.")
    return found


def said(session: Session, record: Record, revision: Revision) -> Document:
    """What the editors had before them after a revision.

    One that dropped a working copy says nothing itself: it fell back to what the world saw.
    """
    if revision.document is not None:
        return revision.document
    seen_then = of(session, record, public=True, below=revision.number, most=1)
    return (seen_then[0].document if seen_then else None) or {}


def before(session: Session, record: Record, number: int) -> Revision | None:
    """The revision before one; None before the first."""
    return next(iter(of(session, record, below=number, most=1)), None)


def public_at(session: Session, record: Record, moment: datetime) -> Revision:
    """The revision that the world saw at a moment.

    Raises :class:`NotFound` before the first, :class:`Gone` while it was withdrawn.
    """
    found = session.scalar(
        select(Revision)
        .where(
            Revision.record_id == record.id,
            Revision.action.in_(PUBLIC_ACTIONS),
            Revision.at <= moment,
        )
        .order_by(Revision.number.desc())
        .limit(1)
    )
    when = f"{moment:%Y-%m-%d %H:%M} UTC"
    if found is None:
        raise NotFound(f"“{record.slug}” was not yet in the catalogue on {when}.")
    if found.state != PUBLISHED:
        raise Gone(f"“{record.slug}” was withdrawn on {when}.")
    return found


def _steps_of(record: Record, *, public: bool) -> Iterator[ColumnElement[bool]]:
    yield Revision.record_id == record.id
    if public:
        yield Revision.action.in_(PUBLIC_ACTIONS)
