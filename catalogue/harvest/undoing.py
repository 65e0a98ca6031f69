"""Putting back what a run changed, and giving a source up: find by find, item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue.harvest.models import Find, Item, Page, Run, Source, Unread
from catalogue.harvest.taking import AUTHOR, hand_over
from catalogue.records.models import DRAFT, PUBLISHED, WITHDRAWN, Record
from catalogue.records.records import Records

_KEEP, _DELETE = "keep", "delete"


class Undoing:
    """Undoes runs and gives sources up, in batches that can be cut off anywhere."""

    def __init__(self, records: Records) -> None:
        self._records = records

    # a run -----------------------------------------------------------------------------

    def undo(self, session: Session, source: Source, run: Run, size: int) -> int:
        """Put back the next finds of a run, the last ones first; returns how many."""
        finds = session.scalars(
            select(Find)
            .where(Find.run_id == run.id, Find.before.is_not(None))
            .order_by(Find.rank.desc(), Find.name)
            .limit(size)
        ).all()
        for find in finds:
            before: Mapping[str, Any] = find.before or {}
            item = session.scalar(
                select(Item).where(Item.source_id == source.id, Item.name == find.name)
            )
            record = session.get(Record, find.record_id) if find.record_id else None
            united = item is not None and item.same_as is not None
            if record is not None and not united:  # a person decided on it since
                self._put_back(session, source, record, before.get("record"), item)
            if item is not None:
                self._put_item_back(item, before.get("item"))
            find.before = None
        session.flush()
        return len(finds)

    def _put_back(
        self,
        session: Session,
        source: Source,
        record: Record,
        before: Mapping[str, Any] | None,
        item: Item | None,
    ) -> None:
        author, note = AUTHOR + source.key, f"A run of {source.title} was undone"
        if before is None:  # it was not there
            if record.issued is None:
                if item is not None:
                    item.record_id = None
                    session.flush()
                self._records.delete(session, record)
            elif record.state == PUBLISHED:
                self._records.withdraw(session, record, author=author, note=note)
            return
        if before["state"] == WITHDRAWN and record.state == PUBLISHED:
            self._records.withdraw(session, record, author=author, note=note)
            return
        said = self._said(session, record, before["revision"])
        if before["state"] == PUBLISHED and said is not None:
            self._records.adopt(
                session,
                record.kind,
                said,
                key=record.key,
                working_copy=before.get("draft"),
                lacking=True,
                author=author,
                note=note,
            )
        elif before["state"] == DRAFT:
            if record.state == PUBLISHED:
                self._records.withdraw(session, record, author=author, note=note)
            elif before.get("draft"):
                self._records.save(
                    session, record.kind, before["draft"], key=record.key, author=author, note=note
                )

    def _said(self, session: Session, record: Record, number: int) -> dict[str, Any] | None:
        """What the world saw of a record after a revision."""
        seen = self._records.history(session, record, public=True, below=number + 1, most=1)
        return seen[0].document if seen else None

    @staticmethod
    def _put_item_back(item: Item, before: Mapping[str, Any] | None) -> None:
        """The next run reads it anew, whatever it says then."""
        item.hash, item.problems = "", None
        if before is None:
            item.outcome, item.gone, item.kept = "withdrawn", _now(), None
            item.owner = item.record_id is not None
            return
        item.said, item.kept, item.outcome = before["said"], before["kept"], before["outcome"]
        item.owner = before["owner"]
        item.gone = datetime.fromisoformat(before["gone"]) if before["gone"] else None

    # a source --------------------------------------------------------------------------

    def leave(self, session: Session, source: Source, size: int) -> int:
        """Do with the next items of a source what was said; returns how many there were."""
        items = session.scalars(
            select(Item).where(Item.source_id == source.id).order_by(Item.id).limit(size)
        ).all()
        for item in items:
            record = session.get(Record, item.record_id) if item.record_id else None
            if record is not None and item.owner and not self._hands_over(session, item, record):
                self._part(session, source, item, record)
            session.execute(delete(Unread).where(Unread.item_id == item.id))
            session.delete(item)
            session.flush()
        return len(items)

    def _part(self, session: Session, source: Source, item: Item, record: Record) -> None:
        if source.leaving == _KEEP:
            return
        author, note = AUTHOR + source.key, f"{source.title} is not harvested any more"
        item.record_id = None
        session.flush()
        if record.issued is None:
            self._records.delete(session, record)
        elif source.leaving == _DELETE:
            self._records.erase(session, record, author=author, note=note)
        elif record.state == PUBLISHED:
            self._records.withdraw(session, record, author=author, note=note)

    def _hands_over(self, session: Session, item: Item, record: Record) -> bool:
        """Whether another source has the record as well, which then looks after it."""
        heir = session.scalar(
            select(Item)
            .where(
                Item.record_id == record.id,
                Item.id != item.id,
                Item.gone.is_(None),
                Item.excluded.is_(False),
                Item.same_as.is_(None),
            )
            .order_by(Item.id)
            .limit(1)
        )
        if heir is not None:
            hand_over(item, heir)
        return heir is not None

    def forget(self, session: Session, source: Source) -> bool:
        """Forget the runs of a source, then the source itself; true when nothing is left."""
        runs: Sequence[int] = session.scalars(
            select(Run.id).where(Run.source_id == source.id)
        ).all()
        for table in (Find, Page):
            some = select(table.run_id).where(table.run_id.in_(runs)).limit(1)
            for run in session.scalars(some).all():
                session.execute(delete(table).where(table.run_id == run))
                return False
        session.execute(delete(Run).where(Run.source_id == source.id))
        session.delete(source)
        session.flush()
        return True


def _now() -> datetime:
    return datetime.now(UTC)
