"""What all datasets state, ready to be asked: a row each in SQL, and arrays in every process.

The ``facts`` follower writes the rows.  A process lays what changed since its arrays were made
beside them, and folds it in when it has become much; the arrays lie in a file too, so that a
new process need not read every row.  The file is a cache: it may be missing, damaged or old.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import BigInteger, Index, Text, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue import arrayfile, changes
from catalogue.database import Base, Database
from catalogue.errors import Unavailable
from catalogue.locks import alone
from catalogue.outcomes.columns import Columns
from catalogue.outcomes.fingerprint.released import Counted, counted
from catalogue.outcomes.judging import Judge
from catalogue.outcomes.scope import Scope
from catalogue.outcomes.stated import Plan, Stated
from catalogue.outcomes.table import Table
from catalogue.records.damage import WRONG_FORM, spared
from catalogue.records.models import Record
from catalogue.records.records import Records
from catalogue.records.visibility import public

log = structlog.get_logger()

#: The kind of record that questions are about.
KIND = "dataset"
#: How many datasets may have changed before they are folded into the arrays.
MOST_BESIDE = 500
#: How many rows are read at a time where the arrays are made from nothing.
_BATCH = 10_000
_MAGIC = b"facts001"
#: What reading a damaged file or row raises.
_DAMAGED = (OSError, *WRONG_FORM, IndexError, OverflowError)


class Fact(Base):
    """What a published dataset states, as JSON (:class:`~catalogue.outcomes.stated.Stated`).

    ``change`` is the change of the log by which it was read; ``stated`` is nothing where the
    world may no longer see the dataset.
    """

    __tablename__ = "fact"
    __table_args__ = (Index("fact_by_change", "change"),)

    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    change: Mapped[int] = mapped_column(BigInteger)
    stated: Mapped[str | None] = mapped_column(Text)


class FactFollower:
    """The ``facts`` follower: what every dataset states that the world may see."""

    name = "facts"
    applied = None

    def __init__(self, records: Records, plan: Plan) -> None:
        self.plan, self._records = plan, records
        profile = records.profile
        said = f"3 {profile.version} {profile.vocabularies.version}"
        self.version = hashlib.sha256(said.encode()).hexdigest()[:16]

    def beside(self) -> None:
        """A table is built anew in place, in one transaction a batch."""

    def clear(self, session: Session) -> None:
        """Forget every row."""
        session.execute(delete(Fact))

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Write anew what these datasets state."""
        datasets = [record for record in records if record.kind == KIND]
        told = counted(session, datasets)
        rows = [
            {
                "record_id": record.id,
                "change": position,
                "stated": self._stated(record, told.get(record.id)),
            }
            for record in datasets
        ]
        session.execute(delete(Fact).where(Fact.record_id.in_([row["record_id"] for row in rows])))
        if rows:
            session.execute(insert(Fact), rows)

    def _stated(self, record: Record, told: Counted | None) -> str | None:
        found = spared(record, partial(self._read, record, told))
        return None if found is None else json.dumps(found.plain(), separators=(",", ":"))

    def _read(self, record: Record, told: Counted | None) -> Stated | None:
        document = public(self._records.shape(KIND), record)
        return None if document is None else self.plan.read(document, told)


class Facts:
    """The arrays of this process, up to date with every request.  Safe between threads."""

    def __init__(self, database: Database, follower: FactFollower, folder: Path) -> None:
        self.plan, self.scope = follower.plan, Scope(follower.plan)
        self._database, self._follower, self._folder = database, follower, folder
        self._file = folder / "facts.columns"
        self._lock = Lock()
        self._kept: _Kept | None = None

    def table(self, session: Session) -> Table:
        """What every dataset states, in one state that never changes.

        Raises :class:`~catalogue.errors.Unavailable` while the facts are read anew.
        """
        position = changes.whole(session, self._follower)
        with self._lock:
            kept = self._kept
            if kept is None or self._is_of_another_past(kept, position):
                kept = self._begun(session, position)
            if kept.position < position:
                kept = self._read_on(session, kept, position)
            self._kept = kept
            return kept.table

    def tend(self) -> None:
        """Have the file ready for the next process that starts."""
        with self._database.read() as session, suppress(Unavailable):
            self.table(session)

    # states -------------------------------------------------------------------------

    def _is_of_another_past(self, kept: _Kept, position: int) -> bool:
        """Whether what is kept is further than the catalogue is: an older one was put back."""
        if kept.position <= position:
            return False
        with self._database.read() as session:  # or the asking session is an old one
            return changes.position(session, self._follower.name) < kept.position

    def _begun(self, session: Session, position: int) -> _Kept:
        """What the file holds if it is of this catalogue; else every row."""
        try:
            arrays, header = arrayfile.load(self._file, _MAGIC)
            at = int(header["position"])
            if (
                header["version"] == self._follower.version
                and at <= position
                and header["mark"] == changes.mark(session, at)
                and header["checksum"] == arrayfile.checksum(arrays)
            ):
                columns = Columns(self.plan, arrays, header["names"])
                return _Kept(Judge(columns, self.scope), at, {}, at)
        except FileNotFoundError:
            pass
        except _DAMAGED as error:
            log.warning("facts are read again", file=str(self._file), error=repr(error))
        return _Kept(Judge(Columns.of(self.plan, ()), self.scope), -1, {}, -1)

    def _read_on(self, session: Session, kept: _Kept, position: int) -> _Kept:
        """Lay beside the arrays what changed; fold it in, a batch at a time, if it is much."""
        rows = session.execute(
            select(Fact.record_id, Fact.stated)
            .where(Fact.change > kept.position)
            .order_by(Fact.record_id)
            .execution_options(yield_per=_BATCH)
        )
        base, beside = kept.base.columns, dict(kept.beside)
        for some in rows.partitions():
            beside.update((row.record_id, row.stated) for row in some)
            if len(beside) > MOST_BESIDE:
                base, beside = _folded(base, beside), {}
        if base is kept.base.columns and kept.base_position >= 0:
            return _Kept(kept.base, kept.base_position, beside, position)
        base = _folded(base, beside)
        self._save(base, position, changes.mark(session, position))
        return _Kept(Judge(base, self.scope), position, {}, position)

    def _save(self, base: Columns, position: int, mark: str) -> None:
        """Lay arrays into the file, unless somebody else is about it."""
        header = {
            "version": self._follower.version,
            "position": position,
            "mark": mark,
            "names": list(base.names),
            "checksum": arrayfile.checksum(base.arrays),
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with alone(self._folder, "facts-columns", wait=False) as mine:
                if mine:
                    arrayfile.save(self._file, _MAGIC, base.arrays, header)
        except OSError as error:  # a full disk costs time, not the answer
            log.warning("facts could not be kept", file=str(self._file), error=repr(error))


class _Kept:
    """Arrays up to one change, and what changed beside them up to another."""

    def __init__(
        self,
        base: Judge,
        base_position: int,
        beside: Mapping[int, str | None],
        position: int,
    ) -> None:
        self.base, self.base_position = base, base_position
        self.beside, self.position = beside, position

    @cached_property
    def table(self) -> Table:
        """The same as a table, made once."""
        changed = Columns.of(self.base.plan, _stated(self.beside.items()))
        return Table(self.base, changed, list(self.beside), self.position)


def _folded(base: Columns, beside: Mapping[int, str | None]) -> Columns:
    """The arrays with what changed."""
    changed = Columns.of(base.plan, _stated(beside.items()))
    return Table.folded(base, changed, list(beside))


def _stated(rows: Iterable[tuple[int, str | None]]) -> list[tuple[int, Stated]]:
    there = [(record, stated) for record, stated in rows if stated is not None]
    try:
        plain: list[Any] = json.loads(f"[{','.join(stated for _, stated in there)}]")
        return [(record, Stated.of(one)) for (record, _), one in zip(there, plain, strict=True)]
    except _DAMAGED:
        return [(record, one) for record, stated in there if (one := _one(record, stated))]


def _one(record: int, stated: str) -> Stated | None:
    """What one row says; None, and a line in the log, if it is damaged."""
    try:
        return Stated.of(json.loads(stated))
    except _DAMAGED as error:
        log.error("damaged facts", record=record, error=repr(error))
        return None
