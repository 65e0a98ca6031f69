"""The views of variables that follow the change log: their table, and their index.

Neither asks the other, so they may follow in any order: both make the same numbers of what is
public.  A save that leaves the variables of a dataset as they were writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.records import Records
from catalogue.records.visibility import public
from catalogue.search.engine import Filter, Request, SearchEngine
from catalogue.search.entry import Entry
from catalogue.variables.describing import (
    FACETS,
    VARIABLE,
    Variable,
    entry_of,
    state_of,
    variables_of,
)
from catalogue.variables.models import SPAN, VariableRow

#: The kind of record that has variables.
_DATASET = "dataset"


class VariableFollower:
    """The ``variables`` follower: one row a variable, for pages and documents."""

    name = "variables"
    applied = None

    def __init__(self, records: Records) -> None:
        self.records = records
        self.version = _version(records)

    def beside(self) -> None:
        """A table is built anew in place, in one transaction a batch."""

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Write the variables of these records anew, where they are others."""
        for record in records:
            if record.kind != _DATASET:
                continue
            found = spared(record, partial(_public, self.records, record)) or []
            rows = [{"id": one.number, "name": one.name, "said": dict(one.said)} for one in found]
            mine = VariableRow.of(record.id)
            known = session.execute(
                select(VariableRow.id, VariableRow.said).where(mine).order_by(VariableRow.id)
            ).all()
            if [tuple(row) for row in known] == [(row["id"], row["said"]) for row in rows]:
                continue
            session.execute(delete(VariableRow).where(mine))
            if rows:
                session.execute(insert(VariableRow), rows)

    def clear(self, session: Session) -> None:
        """Forget every variable."""
        session.execute(delete(VariableRow))


class VariableSearchFollower:
    """The ``variable-search`` follower: the index of variables."""

    name = "variable-search"

    def __init__(self, records: Records, engine: SearchEngine) -> None:
        self.records, self.engine = records, engine

    @property
    def version(self) -> str:
        """The version of the index: it changes when an index is lost or its fields change."""
        return f"{self.engine.version}-{_version(self.records)}"

    @property
    def applied(self) -> int:
        """How far the log was read for what the index holds."""
        return self.engine.position

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Bring the index up to date with the variables of these records."""
        entries: list[Entry] = []
        gone: list[int] = []
        for record in records:
            if record.kind == _DATASET:
                found = spared(record, partial(_public, self.records, record)) or []
                new, old = self._changes(record, found)
                entries += new
                gone += old
        self.engine.update(entries, gone, position)

    def _changes(
        self, record: Record, found: Sequence[Variable]
    ) -> tuple[Sequence[Entry], Sequence[int]]:
        """What of a dataset's variables is to be indexed anew, and what to be forgotten."""
        reader = self.engine.reader()
        mine = Filter(frozenset({record.iri}))
        known = reader.find(Request(kind=VARIABLE, filters={"dataset": mine}, limit=SPAN)).records
        if not found and not known:
            return (), ()
        state = state_of(record.iri, found)
        if len(known) == len(found):
            same = {"dataset": mine, "state": Filter(frozenset({state}))}
            if reader.find(Request(kind=VARIABLE, filters=same, limit=0)).total == len(found):
                return (), ()
        new = {one.number for one in found}
        entries = list(_entries(self.records, record, found, state))
        return entries, [number for number in known if number not in new]

    def clear(self, session: Session) -> None:
        """Nothing is cleared: an index is built beside the one in use."""

    def beside(self) -> _Beside:
        """A new index, to be filled while this one answers."""
        return _Beside(self)


class _Beside:
    """An index of variables that is being built while another one answers."""

    def __init__(self, follower: VariableSearchFollower) -> None:
        self._in_use = follower.engine
        self._new = VariableSearchFollower(follower.records, follower.engine.beside())

    def fill(self, session: Session, records: Iterable[Record], position: int) -> None:
        """Take in the variables of every record as one segment."""
        self._new.engine.update(self._every(records), (), position)

    def _every(self, records: Iterable[Record]) -> Iterator[Entry]:
        for record in records:
            if record.kind == _DATASET:
                found = spared(record, partial(_public, self._new.records, record)) or []
                if found:
                    state = state_of(record.iri, found)
                    yield from _entries(self._new.records, record, found, state)

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Take in what changed meanwhile."""
        self._new.apply(session, records, position)

    def take_over(self) -> None:
        """Answer from the new index from now on."""
        self._in_use.take_over(self._new.engine)


def _public(records: Records, record: Record) -> list[Variable]:
    """The variables of a record that the world may see."""
    document = public(records.shape(record.kind), record)
    return variables_of(record.id, document) if document is not None else []


def _entries(
    records: Records, record: Record, found: Sequence[Variable], state: str
) -> Iterator[Entry]:
    vocabularies = records.profile.vocabularies
    for one in found:
        yield entry_of(one, record.iri, state, record.modified, vocabularies)


def _version(records: Records) -> str:
    """Changes with the property table, the vocabularies and what is indexed of a variable."""
    profile = records.profile
    said = f"1-{profile.version}-{profile.vocabularies.version}-{list(FACETS)}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]
