"""Putting back what a run changed, and giving a source up: find by find, item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from catalogue.errors import CatalogueError
from catalogue.harvest.models import UNDO, Find, Item, Named, Page, Run, Source, Unread
from catalogue.harvest.owning import hand_over
from catalogue.harvest.taking import AUTHOR
from catalogue.records import revisions
from catalogue.records.models import DRAFT, PUBLISHED, WITHDRAWN, Record, Revision
from catalogue.records.records import Records

_KEEP, _DELETE = "keep", "delete"


class Undoing:
    """Undoes runs and gives sources up, in batches that can be cut off anywhere."""

    def __init__(self, records: Records) -> None:
        self._records = records

    # a run -----------------------------------------------------------------------------

    def undo(self, session: Session, source: Source, run: Run, size: int) -> int:
        """Put back the next finds of a run, the last ones first; returns how many.

        What somebody changed here since the run is left as it is, and told on the find.
        """
        order = tuple_(Find.rank, Find.name)
        finds = select(Find).where(Find.run_id == run.id, Find.before.is_not(None))
        if place := (run.place or {}).get(UNDO):
            finds = finds.where(order < tuple(place))
        found = session.scalars(
            finds.order_by(Find.rank.desc(), Find.name.desc()).limit(size)
        ).all()
        for find in found:
            try:
                with session.begin_nested():
                    self._undo(session, source, find)
            except CatalogueError as error:
                self._tell(find, str(error))
            find.before = None
        if found:
            run.place = {UNDO: [found[-1].rank, found[-1].name]}
        session.flush()
        return len(found)

    def _undo(self, session: Session, source: Source, find: Find) -> None:
        before: Mapping[str, Any] = find.before or {}
        item = session.scalar(
            select(Item).where(Item.source_id == source.id, Item.name == find.name)
        )
        if item is None:
            return
        if "item" in before:
            record = session.get(Record, find.record_id) if find.record_id else None
            # A number may belong to another record by now.
            if record is not None and record.id == item.record_id and item.same_as is None:
                if record.revision != before.get("after"):
                    self._tell(find, "somebody changed it here since; it was left as it is")
                    return
                if before["record"] is None and hand_over(session, item):
                    item.hash, item.outcome, item.gone = "", "missing", _now()
                    return
                self._put_back(session, source, record, before["record"], item)
            self._put_item_back(item, before["item"])
        if "was" in before:
            item.name, item.remote_id, item.iri = before["was"]
            item.hash = ""

    @staticmethod
    def _tell(find: Find, words: str) -> None:
        problem = {"path": [], "message": words[:500], "severity": "warning", "rule": "undo"}
        find.problems = [*(find.problems or ()), problem]

    def _put_back(
        self,
        session: Session,
        source: Source,
        record: Record,
        before: Mapping[str, Any] | None,
        item: Item,
    ) -> None:
        author, note = AUTHOR + source.key, f"A run of {source.title} was undone"
        if before is None:  # it was not there
            if record.issued is None:
                self._records.delete(session, record)
                session.expire(item, ["record_id"])  # the database took the number out
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
        seen = revisions.of(session, record, public=True, below=number + 1, most=1)
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
            if record is not None and item.owner and not hand_over(session, item):
                self._part(session, source, record)
            session.execute(delete(Unread).where(Unread.item_id == item.id))
            session.delete(item)
            session.flush()
        return len(items)

    def _part(self, session: Session, source: Source, record: Record) -> None:
        if source.leaving == _KEEP:
            return
        author, note = AUTHOR + source.key, f"{source.title} is not harvested any more"
        if record.issued is None:
            # A draft that somebody is completing is that person's work.
            if source.leaving == _DELETE or not self._is_worked_at(session, record):
                self._records.delete(session, record)
        elif source.leaving == _DELETE:
            self._records.erase(session, record, author=author, note=note)
        elif record.state == PUBLISHED:
            self._records.withdraw(session, record, author=author, note=note)

    @staticmethod
    def _is_worked_at(session: Session, record: Record) -> bool:
        """Whether somebody here wrote at a record."""
        ours = Revision.author.startswith(AUTHOR, autoescape=True)
        found = select(Revision.number).where(Revision.record_id == record.id, ~ours).limit(1)
        return session.scalar(found) is not None

    def forget(self, session: Session, source: Source) -> bool:
        """Forget the runs of a source, then the source itself; true when nothing is left."""
        runs: Sequence[int] = session.scalars(
            select(Run.id).where(Run.source_id == source.id)
        ).all()
        for table in (Find, Named, Page):
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
