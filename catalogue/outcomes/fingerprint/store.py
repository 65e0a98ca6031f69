"""What people do with fingerprints: look, keep, release, take back; may they, and who did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue import changes
from catalogue.accounts import audit
from catalogue.accounts.viewer import Viewer
from catalogue.errors import Conflict, Forbidden, Invalid, NotFound
from catalogue.outcomes.fingerprint.making import Fingerprint, Made, make
from catalogue.outcomes.fingerprint.models import Kept
from catalogue.outcomes.fingerprint.network import is_shown
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.permissions import may_in, may_over_all

KIND = "dataset"


@dataclass(frozen=True)
class Released:
    """A fingerprint that the world sees, and when it was released."""

    fingerprint: Fingerprint
    at: datetime


class Fingerprints:
    """The fingerprints of datasets; ``minimum`` is the least count that is told."""

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum

    # looking --------------------------------------------------------------------------

    def of(self, session: Session, record: Record) -> Released | None:
        """The fingerprint of a record as far as the world sees it."""
        kept = session.get(Kept, record.id) if record.id is not None else None
        if kept is None or not is_shown(record, kept):
            return None
        assert kept.released is not None
        assert kept.released_at is not None
        return Released(kept.released, kept.released_at)

    def kept(self, session: Session, record: Record) -> Kept | None:
        """All that is kept of a record, for those who look after it."""
        return session.get(Kept, record.id)

    def may_release(self, viewer: Viewer, record: Record) -> bool:
        """Whether somebody may let the world see a fingerprint of a record, or take it back."""
        if record.organisation is None:
            return may_over_all(viewer, "administer")
        return may_in(viewer, "release", record.organisation)

    # doing ----------------------------------------------------------------------------

    def made_of(self, session: Session, record: Record, content: bytes) -> Made:
        """What would be kept of a file; nothing is."""
        kept = self.kept(session, record)
        return make(content, self.minimum, kept.released if kept else None)

    def release_of(self, session: Session, record: Record) -> str:
        """Names the release that a new fingerprint is held against."""
        kept = self.kept(session, record)
        return kept.release if kept else ""

    def keep(
        self, session: Session, viewer: Viewer, record: Record, fingerprint: Fingerprint, after: str
    ) -> Kept:
        """Keep a fingerprint as a draft; ``after`` names the release it was held against."""
        kept = self.kept(session, record)
        if kept is None:
            kept = Kept(record_id=record.id, drafted_by="", after="", released_by="", shown=False)
            session.add(kept)
        if kept.release != after:
            raise _other_release()
        kept.draft, kept.drafted, kept.drafted_by = fingerprint, datetime.now(UTC), viewer.author
        kept.after = after
        session.flush()
        audit.write(session, "fingerprint-kept", viewer, record.iri)
        return kept

    def release(self, session: Session, viewer: Viewer, record: Record) -> Kept:
        """Let the world see the draft, once the record is published."""
        kept = self._to_release(session, viewer, record)
        if kept.draft is None:
            raise Invalid("There is no fingerprint that waits for its release. Upload one first.")
        if kept.after != kept.release:
            raise _other_release()
        kept.released, kept.released_at = kept.draft, datetime.now(UTC)
        kept.released_by, kept.shown, kept.draft = viewer.author, True, None
        kept.drafted, kept.drafted_by, kept.after = None, "", ""
        return self._told(session, viewer, record, kept, "fingerprint-released")

    def take_back(self, session: Session, viewer: Viewer, record: Record) -> Kept:
        """Let the world no longer see the fingerprint.

        It is kept, for the next one must not tell who came between.
        """
        kept = self._to_release(session, viewer, record)
        if not kept.shown:
            raise Invalid("No fingerprint of this dataset is released.")
        kept.shown = False
        return self._told(session, viewer, record, kept, "fingerprint-taken-back")

    def discard(self, session: Session, viewer: Viewer, record: Record) -> None:
        """Drop the draft."""
        kept = self.kept(session, record)
        if kept is None or kept.draft is None:
            raise Invalid("There is no draft to drop.")
        kept.draft, kept.drafted, kept.drafted_by, kept.after = None, None, "", ""
        session.flush()
        audit.write(session, "fingerprint-dropped", viewer, record.iri)

    def _to_release(self, session: Session, viewer: Viewer, record: Record) -> Kept:
        if not self.may_release(viewer, record):
            raise Forbidden(
                "Editors and managers of its organisation release a fingerprint or take it back; "
                "ask one of them."
            )
        kept = session.scalar(select(Kept).where(Kept.record_id == record.id).with_for_update())
        if kept is None:
            raise NotFound("There is no fingerprint of this dataset.")
        return kept

    def _told(
        self, session: Session, viewer: Viewer, record: Record, kept: Kept, action: str
    ) -> Kept:
        session.flush()
        if record.state == PUBLISHED:  # views follow: the sums, and what questions are held against
            changes.append(session, record, "updated", datetime.now(UTC))
        audit.write(session, action, viewer, record.iri)
        return kept


def _other_release() -> Conflict:
    return Conflict(
        "Another fingerprint was released since the file was read. Upload the file again, so that "
        "it is held against that one."
    )
