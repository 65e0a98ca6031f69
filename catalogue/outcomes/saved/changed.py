"""What changed among the answers of a search or question, compared with what was told last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from catalogue.changes import Change, public_revisions
from catalogue.outcomes.material import material
from catalogue.outcomes.saying import Line, Saying
from catalogue.records.damage import spared
from catalogue.records.differences import Difference
from catalogue.records.models import PUBLISHED, Record, Revision
from catalogue.records.naming import title_of
from catalogue.records.records import Records
from catalogue.records.visibility import past

NEW, CHANGED, GONE, LEFT = "new", "changed", "withdrawn", "left"
#: What is told, in the order in which it is told, with its heading.
KINDS: Mapping[str, str] = {
    NEW: "New",
    CHANGED: "Changed",
    GONE: "Withdrawn",
    LEFT: "No longer among the answers",
}
#: How many records are looked at in one go.
_BATCH = 200
T = TypeVar("T")


@dataclass(frozen=True)
class Kept:
    """What is remembered of one answer: the revision that the world saw, and how it fitted."""

    revision: int
    fit: str = ""


Listed = Mapping[int, Kept]


@dataclass(frozen=True)
class Item:
    """One record of which something is told."""

    what: str
    record: int
    then: Kept | None = None
    now: Kept | None = None

    def row(self) -> list[Any]:
        """As it is stored."""
        then, now = self.then or Kept(0), self.now or Kept(0)
        return [self.what, self.record, then.revision, now.revision, then.fit, now.fit]

    @classmethod
    def of(cls, row: Sequence[Any]) -> Item:
        """As it was stored."""
        what, record, *revisions, fit_then, fit_now = row
        then, now = Kept(revisions[0], fit_then), Kept(revisions[1], fit_now)
        return cls(what, record, then if then.revision else None, now if now.revision else None)


def rows_of(listed: Listed) -> list[list[Any]]:
    """What is remembered, as it is stored."""
    return [
        [n, one.revision, one.fit] if one.fit else [n, one.revision] for n, one in listed.items()
    ]


def listed_of(rows: Iterable[Sequence[Any]]) -> dict[int, Kept]:
    """What is remembered, as it was stored."""
    return {row[0]: Kept(row[1], row[2] if len(row) > 2 else "") for row in rows}


class Comparing:
    """Compares what answers now with what was told last."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def now(
        self,
        session: Session,
        hits: Mapping[int, str],
        before: Listed | None = None,
        since: int = 0,
    ) -> dict[int, Kept]:
        """The answers with the revisions that the world sees.

        Those that were there ``before`` and did not change ``since`` are not looked up.
        """
        known = before or {}
        changed = self._changed(session, since) if known else set()
        unknown = [one for one in hits if one not in known or one in changed]
        found = public_revisions(session, unknown)
        revisions = {one: known[one].revision for one in hits if one in known}
        revisions |= {one: revision for one, (revision, _) in found.items()}
        return {one: Kept(revisions[one], fit) for one, fit in hits.items() if one in revisions}

    @staticmethod
    def _changed(session: Session, since: int) -> set[int]:
        return set(session.scalars(select(Change.record_id).where(Change.seq > since).distinct()))

    def compare(self, session: Session, before: Listed, after: Listed) -> list[Item]:
        """What is to be told, in the order of :data:`KINDS`; nothing if only prose changed."""
        new = [Item(NEW, one, None, kept) for one, kept in after.items() if one not in before]
        stayed = [
            Item(CHANGED, one, before[one], kept)
            for one, kept in after.items()
            if one in before and before[one] != kept
        ]
        gone = [Item(LEFT, one, kept) for one, kept in before.items() if one not in after]
        return [*new, *self._material(session, stayed), *self._left(session, gone)]

    def _material(self, session: Session, items: Sequence[Item]) -> Iterator[Item]:
        for some in _some(items):
            records = _records(session, (one.record for one in some))
            for one in some:
                record = records.get(one.record)
                if record is None or one.then is None or one.now is None:
                    continue
                if one.then.fit != one.now.fit or self.differences(session, record, one):
                    yield one

    def _left(self, session: Session, items: Sequence[Item]) -> list[Item]:
        """Those that answer no longer, as they are now: the withdrawn ones first."""
        found: dict[str, list[Item]] = {GONE: [], LEFT: []}
        published = public_revisions(session, [one.record for one in items])
        for one in items:
            now = Kept(published[one.record][0]) if one.record in published else None
            what = GONE if now is None else LEFT
            found[what].append(Item(what, one.record, one.then, now))
        return [*found[GONE], *found[LEFT]]

    def differences(self, session: Session, record: Record, item: Item) -> Sequence[Difference]:
        """How the two states differ, of what the world may see of them today."""
        if item.then is None or item.now is None or item.then.revision == item.now.revision:
            return ()
        shape = self._records.shape(record.kind)
        states = []
        for kept in (item.then, item.now):
            revision = session.get(Revision, (record.id, kept.revision))
            if revision is None or revision.document is None:
                return ()  # it was erased
            document = revision.document
            states.append(spared(record, partial(past, shape, record, document)))
        then, now = states
        if then is None or now is None:
            return ()
        return spared(record, lambda: material(shape, then, now)) or ()


@dataclass(frozen=True)
class Told:
    """One item in words; of what was withdrawn only its name is known, as of any tombstone."""

    what: str
    title: str
    slug: str
    lines: Sequence[Line] = ()
    fit_then: str = ""
    fit_now: str = ""

    @property
    def fits(self) -> str:
        """How the fit changed, in words; empty if it did not or nothing was asked."""
        if self.what == LEFT and self.fit_then:
            return f"Met {self.fit_then} before"
        if not self.fit_now or self.fit_now == self.fit_then:
            return ""
        was = f" (was {self.fit_then})" if self.fit_then else ""
        return f"{'Now meets' if self.fit_then else 'Meets'} {self.fit_now}{was}"


class Telling:
    """Puts items into words."""

    def __init__(self, records: Records, comparing: Comparing, saying: Saying) -> None:
        self._records = records
        self._comparing = comparing
        self._saying = saying

    def tell(self, session: Session, items: Iterable[Item]) -> list[Told]:
        """Some items in their order, as far as the world may know of them today."""
        items = list(items)
        records: dict[int, Record] = {}
        for some in _some([one.record for one in items]):
            records |= _records(session, some)
        return [
            told
            for one in items
            if (record := records.get(one.record)) is not None
            and (told := self._told(session, record, one)) is not None
        ]

    def _told(self, session: Session, record: Record, item: Item) -> Told | None:
        if record.state != PUBLISHED or record.document is None:
            # Whatever was to be told of it then: it is gone now.
            return Told(GONE, record.slug, record.slug)
        shape, document = self._records.shape(record.kind), record.document
        title = spared(record, lambda: title_of(shape, past(shape, record, document)))
        lines = self._saying.lines(session, self._comparing.differences(session, record, item))
        return Told(
            item.what,
            " ".join((title or record.slug).split()),
            record.slug,
            lines,
            item.then.fit if item.then else "",
            item.now.fit if item.now else "",
        )


def _records(session: Session, numbers: Iterable[int]) -> dict[int, Record]:
    wanted = select(Record).where(Record.id.in_(list(numbers))).options(defer(Record.draft))
    return {record.id: record for record in session.scalars(wanted)}


def _some(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
