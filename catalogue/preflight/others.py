"""What a record's references come to: records of ours are looked up as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.preflight.assess import Fault, Named
from catalogue.profile.names import is_record
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.records import Records
from catalogue.records.visibility import public

#: So many records that others name are remembered at a time; most are organisations.
_MOST = 20_000


@dataclass(frozen=True)
class Target:
    """A record that others name: whether the world may see it, and the fields it states."""

    public: bool
    states: frozenset[str] = frozenset()


class Others:
    """The records that some records name; each is looked up once a report."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: dict[str, Target | None] = {}

    def look_up(self, session: Session, named: Iterable[Named]) -> None:
        """Look up what is named, in one question."""
        wanted = {one.iri for one in named} - self._known.keys()
        if not wanted:
            return
        if len(self._known) > _MOST:
            self._known.clear()
        self._known.update(dict.fromkeys(wanted))
        for record in session.scalars(select(Record).where(Record.iri.in_(wanted))):
            self._known[record.iri] = self._target(record)
            session.expunge(record)

    def _target(self, record: Record) -> Target:
        if record.state != PUBLISHED:
            return Target(public=False)
        shape = self._records.shape(record.kind)
        document = spared(record, lambda: public(shape, record))
        if document is None:
            return Target(public=False)
        return Target(True, frozenset(name for name, value in document.items() if value))

    def faults(self, named: Iterable[Named]) -> Iterator[Fault]:
        """What is wrong with what a record names; all of it must have been looked up."""
        for one in named:
            target = self._known.get(one.iri)
            if target is None and not is_record(one.iri):
                if one.inlined:
                    yield Fault("violation", "not-here", one.path)
            elif target is None or not target.public:
                yield Fault("violation", "not-public", one.path)
            elif lacking := [name for name in one.needed if name not in target.states]:
                shape = self._records.profile
                label = next(
                    s[n].label for s in shape.values() for n in lacking if n in s.properties
                )
                yield Fault("violation", "lacks", one.path, f"“{label}” is needed there")
