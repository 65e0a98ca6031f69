"""From what is found elsewhere to drafts, and what of them nobody has confirmed yet."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue.accounts.models import Organisation
from catalogue.accounts.viewer import Viewer
from catalogue.beginning.finding import KIND, Found
from catalogue.beginning.models import LONGEST_SOURCE, Prefilled, Tray
from catalogue.errors import BadRequest, NotFound
from catalogue.records.models import Record
from catalogue.workspace import Workspace

#: How long what was found waits to be begun with.
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Beginnings:
    """Puts aside what was found, begins drafts with it, and knows what is to be confirmed."""

    workspace: Workspace

    def put_aside(self, session: Session, viewer: Viewer, found: Found) -> str:
        """Keep what somebody found for a day; returns its key."""
        assert viewer.user is not None
        now = datetime.now(UTC)
        session.execute(delete(Tray).where(Tray.at < now - KEPT))
        key = secrets.token_urlsafe(16)
        session.add(Tray(key=key, user_id=viewer.user, found=found.packed(), at=now))
        return key

    def look(self, session: Session, viewer: Viewer, key: str) -> Found:
        """What somebody put aside; raises :class:`NotFound`, also for what is another's."""
        tray = session.get(Tray, key) if "\x00" not in key else None
        if tray is None or tray.user_id != viewer.user or tray.at < datetime.now(UTC) - KEPT:
            raise NotFound("What was found is kept for a day; look it up again.")
        return Found.unpacked(tray.found)

    def begin(
        self,
        session: Session,
        viewer: Viewer,
        organisation: Organisation,
        found: Found,
        chosen: Iterable[int],
    ) -> list[Record]:
        """Begin a draft with each description chosen, every answer of it to be confirmed.

        Raises :class:`BadRequest` if none is chosen that there is.
        """
        several = [found.several[n] for n in dict.fromkeys(chosen) if n < len(found.several)]
        if not several:
            raise BadRequest("Choose at least one description to begin with.")
        begun = []
        for one in several:
            record = self.workspace.create(
                session, viewer, KIND, organisation, one.answers, note=f"From {found.source}"[:200]
            )
            begun.append(record)
            now = datetime.now(UTC)
            session.add_all(
                Prefilled(
                    record_id=record.id, field=name, source=found.source[:LONGEST_SOURCE], at=now
                )
                for name in one.answers
            )
        session.flush()
        return begun

    def of(self, session: Session, record: Record) -> Mapping[str, str]:
        """The fields of a working copy that wait to be confirmed, with whose word they are.

        What the working copy no longer says waits for nothing.
        """
        said = record.working_copy or {}
        found = session.scalars(select(Prefilled).where(Prefilled.record_id == record.id))
        return {one.field: one.source for one in found if one.field in said}

    def confirm(self, session: Session, record: Record, fields: Sequence[str]) -> None:
        """Take note that somebody who may edit a record stands for some of its fields."""
        session.execute(
            delete(Prefilled).where(
                Prefilled.record_id == record.id, Prefilled.field.in_(list(fields))
            )
        )
