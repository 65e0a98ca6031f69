"""Saying that a description is still correct: section by section, or all of it at once.

A link in a mail lets a person do so without signing in.  It holds for the records that it was
made for, as long as that person may confirm them, and shows nothing that is not public.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue.accounts import audit
from catalogue.accounts.accounts import Accounts
from catalogue.accounts.links import DeadLink, Links
from catalogue.accounts.models import User
from catalogue.accounts.viewer import Viewer
from catalogue.errors import Forbidden, Invalid, NotFound, Problem
from catalogue.harvest.models import Item
from catalogue.profile import Document, Shape
from catalogue.profile.form import Section, form
from catalogue.profile.shape import reasons_in
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.records import CONFIRMED
from catalogue.records.visibility import public
from catalogue.upkeep.checks import Checks
from catalogue.upkeep.models import Confirmation, Upkeep
from catalogue.workspace import Workspace

#: The most records of one link; whoever looks after more signs in for the others.
MOST_LINKED = 50
_PURPOSE = "check"
#: Sections that were confirmed longer ago are asked again with the others.
_SECTION_HOLDS = timedelta(days=90)


class Confirming:
    """Takes confirmations of people who signed in or hold a link."""

    def __init__(
        self, workspace: Workspace, accounts: Accounts, links: Links, checks: Checks
    ) -> None:
        self._workspace, self._accounts = workspace, accounts
        self._links, self._checks = links, checks

    # links ------------------------------------------------------------------------------

    def link(self, user: User, records: Sequence[int]) -> str:
        """The address at which a person confirms some records without signing in."""
        return self._links.make(
            _PURPOSE, user=user.id, stamp=user.stamp, records=list(records[:MOST_LINKED])
        )

    def opened(self, session: Session, token: str) -> tuple[Viewer, Sequence[Record]]:
        """Who confirms by a link, and what: the records of it that the person may confirm now.

        Raises :class:`DeadLink` where there is nothing left, as when somebody left.
        """
        bound = self._links.read(_PURPOSE, token)
        user = session.get(User, bound["user"])
        if (
            user is None
            or not user.active
            or not hmac.compare_digest(user.stamp, str(bound["stamp"]))
        ):
            raise DeadLink
        viewer = self._accounts.viewer_of(session, user)
        found = session.scalars(
            select(Record).where(Record.id.in_(bound["records"])).order_by(Record.id)
        )
        may = [one for one in found if self._workspace.may(session, viewer, "confirm", one)]
        if not may:
            raise DeadLink
        return viewer, may

    # confirming -------------------------------------------------------------------------

    def sections(self, record: Record, *, public_only: bool = True) -> Sequence[Section]:
        """The sections of the form in which a record says something that everybody may see."""
        shape = self._workspace.records.shape(record.kind)
        document = public(shape, record) if public_only else record.document
        return said_in(shape, document or {})

    def done(self, session: Session, record: Record) -> Mapping[str, datetime]:
        """The sections that were confirmed lately and since all of it last was, with when."""
        row = session.get(Upkeep, record.id)
        whole = session.scalar(
            select(func.max(Confirmation.id)).where(
                Confirmation.record_id == record.id, Confirmation.section == ""
            )
        )
        found = session.scalars(
            select(Confirmation)
            .where(Confirmation.record_id == record.id, Confirmation.id > (whole or 0))
            .order_by(Confirmation.id)
        )
        begun = self._checks.now() - _SECTION_HOLDS
        if row is not None:
            begun = max(begun, row.counted_from)
        return {one.section: one.at for one in found if one.at >= begun}

    def confirm(
        self,
        session: Session,
        viewer: Viewer,
        record: Record,
        section: str = "",
        *,
        by_link: bool = False,
    ) -> bool:
        """Write down that a section, or all of a record, is still correct.

        Returns whether all of it is confirmed now: with the last section it is.
        """
        if not self._workspace.may(session, viewer, "confirm", record):
            raise Forbidden(
                "Only editors and managers of the organisation that looks after a published "
                "dataset say that it is still correct."
            )
        if session.scalar(
            select(Item.id).where(Item.record_id == record.id, Item.owner.is_(True)).limit(1)
        ):
            raise Invalid("This description follows its source; it is confirmed there.")
        known = [one.slug for one in self._sections_of(record)]
        if section and section not in known:
            raise Invalid(
                [Problem(("section",), f'there is no section "{section[:60]}" to confirm')]
            )
        now = self._checks.now()
        day = now.date().isoformat()
        if record.document is not None and record.document.get(CONFIRMED) == day:
            return True  # a second click says nothing new
        done = set(self.done(session, record))
        if section not in done:
            self._add(session, record, section, viewer, now)
            done.add(section)
        if section and set(known) - done:
            return False
        if section:
            self._add(session, record, "", viewer, now)
        how = "by a link" if by_link else ""
        self._workspace.records.confirm(
            session, record, day, author=viewer.author, note="Found to be still correct", at=now
        )
        audit.write(session, "confirm", viewer, record.iri, now, revision=record.revision, how=how)
        return True

    def _sections_of(self, record: Record) -> Sequence[Section]:
        return spared(record, partial(self.sections, record)) or ()

    @staticmethod
    def _add(session: Session, record: Record, section: str, viewer: Viewer, now: datetime) -> None:
        session.add(
            Confirmation(
                record_id=record.id,
                section=section,
                revision=record.revision,
                author=viewer.author,
                at=now,
            )
        )
        session.flush()

    def kept(self, session: Session, record: Record, most: int = 50) -> Sequence[Confirmation]:
        """What was confirmed of a record, the newest first."""
        return session.scalars(
            select(Confirmation)
            .where(Confirmation.record_id == record.id)
            .order_by(Confirmation.id.desc())
            .limit(most)
        ).all()

    def to_confirm(self, session: Session, viewer: Viewer, kind: str, key: str) -> Record:
        """A record to confirm; raises :class:`NotFound` if it is not one's own, or ``Forbidden``."""
        return self._workspace.open(session, viewer, kind, key, "confirm")

    @staticmethod
    def among(records: Sequence[Record], key: str) -> Record:
        """One of the records of a link, by its key."""
        for one in records:
            if one.key == key:
                return one
        raise NotFound("This link does not hold for that description.")


def said_in(shape: Shape, document: Document) -> Sequence[Section]:
    """The sections of the form in which a document says something; the day itself is none."""
    reasons = reasons_in(document)
    return [
        section
        for section in form(shape, "outcome-rich", document)
        if any(
            (field.property.values(document) or field.name in reasons) and field.name != CONFIRMED
            for field in section.every
        )
    ]
