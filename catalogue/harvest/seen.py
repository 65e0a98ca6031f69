"""What there is to see of sources: how they stand, their runs, what these found, their items.

Everything here only reads.  Lists come in pages, and without what the sources said, which is
long; what people do with a source is in ``sources``.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session, defer

from catalogue.errors import NotFound
from catalogue.harvest.models import (
    ASKING,
    AT_WORK,
    FULL,
    Find,
    Item,
    Page,
    Run,
    Source,
    Unread,
)
from catalogue.records.models import Record


@dataclass(frozen=True)
class Standing:
    """How a source stands: its last full run, and the run that is at work or asks, if any."""

    source: Source
    last: Run | None
    now: Run | None


class Seen:
    """The sources of a catalogue, as one looks at them."""

    # sources ------------------------------------------------------------------------

    def every(self, session: Session) -> Sequence[Source]:
        """All sources, by title."""
        return session.scalars(select(Source).order_by(Source.title, Source.id)).all()

    def standings(self, session: Session) -> Sequence[Standing]:
        """How every source stands, by title; in two queries, however many there are."""
        return self._standings(session, self.every(session))

    def standing(self, session: Session, source: Source) -> Standing:
        """How one source stands."""
        return self._standings(session, [source])[0]

    def _standings(self, session: Session, sources: Sequence[Source]) -> Sequence[Standing]:
        of_them = Run.source_id.in_([one.id for one in sources])
        newest = select(func.max(Run.id)).where(Run.mode == FULL, of_them).group_by(Run.source_id)
        last: dict[int, Run] = {}
        now: dict[int, Run] = {}
        for run in session.scalars(
            select(Run)
            .where(of_them, or_(Run.id.in_(newest), Run.state.in_((*AT_WORK, ASKING))))
            .order_by(Run.id)
        ):
            if run.mode == FULL:
                last[run.source_id] = run
            if run.state in (*AT_WORK, ASKING):
                now[run.source_id] = run
        return [Standing(one, last.get(one.id), now.get(one.id)) for one in sources]

    def get(self, session: Session, key: str) -> Source:
        """A source; raises :class:`NotFound`."""
        found = None
        if "\x00" not in key:
            found = session.scalar(select(Source).where(Source.key == key))
        if found is None:
            raise NotFound(f'There is no source "{key[:80]}".')
        return found

    # runs ---------------------------------------------------------------------------

    def at_work(self, session: Session, source: Source) -> Run | None:
        """The run of a source that is for a worker to go on with; there is at most one."""
        return session.scalar(
            select(Run).where(Run.source_id == source.id, Run.state.in_(AT_WORK)).limit(1)
        )

    def last(self, session: Session, source: Source) -> Run | None:
        """The last full run of a source."""
        return session.scalar(
            select(Run)
            .where(Run.source_id == source.id, Run.mode == FULL)
            .order_by(Run.id.desc())
            .limit(1)
        )

    def run(self, session: Session, source: Source, number: int) -> Run:
        """A run of a source; raises :class:`NotFound`."""
        run = session.get(Run, number) if number < 2**62 else None
        if run is None or run.source_id != source.id:
            raise NotFound(f"{source.title} has no run {number}.")
        return run

    def runs(
        self, session: Session, source: Source, *, page: int = 1, size: int = 20, below: int = 0
    ) -> tuple[Sequence[Run], int]:
        """The runs of a source, newest first, and how many there are; those before ``below``."""
        of_it = Run.source_id == source.id
        total = session.scalar(select(func.count()).select_from(Run).where(of_it)) or 0
        found = select(Run).where(of_it).order_by(Run.id.desc())
        if below:
            found = found.where(Run.id < below)
        return session.scalars(found.limit(size).offset((page - 1) * size)).all(), total

    # what a run found ---------------------------------------------------------------

    def finds(
        self,
        session: Session,
        run: Run,
        *,
        outcome: str | None = None,
        page: int = 1,
        size: int = 50,
        after: tuple[str, int, str] | None = None,
        entries_first: bool = False,
    ) -> tuple[Sequence[Find], int]:
        """What a run found new, changed or wrong, without the raw text; and how many.

        ``outcome`` is one of them; "" is what waits to be taken in.  ``after`` is the place of
        the last one that is known already: its outcome, rank and name.  ``entries_first`` puts
        what failed before all, datasets before the organisations that they name, and each by
        title: for a preview, which is short.
        """
        wanted = [Find.run_id == run.id]
        if outcome is not None:
            wanted.append(Find.outcome == outcome)
        total = session.scalar(select(func.count()).select_from(Find).where(*wanted)) or 0
        found = (
            select(Find)
            .options(defer(Find.raw), defer(Find.before))
            .where(*wanted)
            .order_by(
                *(
                    (Find.outcome != "failed", Find.rank.desc(), func.lower(Find.title), Find.name)
                    if entries_first
                    else (Find.outcome, Find.rank, Find.name)
                )
            )
        )
        if after:
            found = found.where(tuple_(Find.outcome, Find.rank, Find.name) > after)
        return session.scalars(found.limit(size).offset((page - 1) * size)).all(), total

    def outcomes(self, session: Session, run: Run) -> dict[str, int]:
        """How many finds of a run came to which outcome; "" is what waits to be taken in."""
        found = session.execute(
            select(Find.outcome, func.count().label("number"))
            .where(Find.run_id == run.id)
            .group_by(Find.outcome)
        )
        return {row.outcome: row.number for row in found}

    def pages(
        self,
        session: Session,
        run: Run,
        *,
        page: int = 1,
        size: int = 50,
        faulty: bool = False,
        after: int | None = None,
    ) -> tuple[Sequence[Page], int]:
        """The pages a run read, in their order; only those with problems if ``faulty``.

        ``after`` is the number of the last one that is known already.
        """
        wanted = [Page.run_id == run.id]
        if faulty:
            wanted.append(Page.problems.is_not(None))
        total = session.scalar(select(func.count()).select_from(Page).where(*wanted)) or 0
        found = select(Page).where(*wanted).order_by(Page.number)
        if after is not None:
            found = found.where(Page.number > after)
        return session.scalars(found.limit(size).offset((page - 1) * size)).all(), total

    def every_find(self, session: Session, run: Run) -> Iterator[tuple[Find, Record | None]]:
        """All that a run found new, changed or wrong, with its record, as it is read."""
        found = (
            _with_records(Find)
            .where(Find.run_id == run.id)
            .order_by(Find.outcome, Find.rank, Find.name)
            .execution_options(yield_per=500)
        )
        yield from session.execute(found)

    # items --------------------------------------------------------------------------

    def items(
        self,
        session: Session,
        source: Source,
        *,
        words: str = "",
        outcome: str = "",
        page: int = 1,
        size: int = 50,
        after: int = 0,
    ) -> tuple[Sequence[tuple[Item, Record | None]], int]:
        """The items of a source with their records, without raw text; and how many.

        ``words`` is part of a remote id or title; ``outcome`` one of ``OUTCOMES``, or
        ``problems`` for those with any.  ``after`` is the last one that is known already.
        """
        wanted: list[ColumnElement[bool]] = [Item.source_id == source.id]
        if words:
            wanted.append(
                or_(
                    Item.remote_id.icontains(words, autoescape=True),
                    Record.title.icontains(words, autoescape=True),
                )
            )
        if outcome == "problems":
            wanted.append(Item.problems.is_not(None))
        elif outcome:
            wanted.append(Item.outcome == outcome)
        # Numbers first, which stand in an index; the rows are large, and only a page is read.
        numbers = select(Item.id).where(*wanted)
        if words:
            numbers = numbers.outerjoin(Record, Record.id == Item.record_id)
        total = session.scalar(select(func.count()).select_from(numbers.subquery())) or 0
        if after:
            numbers = numbers.where(Item.id > after)
        shown = session.scalars(
            numbers.order_by(Item.id).limit(size).offset((page - 1) * size)
        ).all()
        rows = session.execute(_with_records(Item).where(Item.id.in_(shown)).order_by(Item.id))
        return [(item, record) for item, record in rows], total

    def item(self, session: Session, source: Source, number: int) -> Item:
        """One item of a source; raises :class:`NotFound`."""
        item = session.get(Item, number) if number < 2**62 else None
        if item is None or item.source_id != source.id:
            raise NotFound(f"{source.title} has no item {number}.")
        return item

    def of_record(self, session: Session, record: Record) -> Sequence[tuple[Item, Source]]:
        """Where a record comes from; empty for one of our own."""
        found = (
            select(Item, Source)
            .join(Source, Source.id == Item.source_id)
            .options(defer(Item.raw), defer(Item.said))
            .where(Item.record_id == record.id)
            .order_by(Item.id)
        )
        return [(item, source) for item, source in session.execute(found)]

    def every_faulty(
        self, session: Session, source: Source
    ) -> Iterator[tuple[Item, Record | None]]:
        """All items of a source that have problems, with their records, as they are read."""
        found = (
            _with_records(Item)
            .where(Item.source_id == source.id, Item.problems.is_not(None))
            .order_by(Item.id)
            .execution_options(yield_per=500)
        )
        yield from session.execute(found)

    def numbers(self, session: Session, source: Source, names: Sequence[str]) -> Mapping[str, int]:
        """The numbers of some items of a source, by the names that finds share with them."""
        found = session.execute(
            select(Item.name, Item.id).where(Item.source_id == source.id, Item.name.in_(names))
        )
        return dict(found.all())

    def seen(self, session: Session, numbers: Iterable[int]) -> Mapping[int, datetime]:
        """When some runs read, by number; runs that were thrown away are missing."""
        at = func.coalesce(Run.ended, Run.began, Run.asked)
        found = session.execute(select(Run.id, at).where(Run.id.in_(set(numbers))))
        return dict(found.all())

    def states(self, session: Session, source: Source) -> Mapping[str, int]:
        """How many records that came from a source are in which state."""
        found = session.execute(
            select(Record.state, func.count())
            .join(Item, Item.record_id == Record.id)
            .where(Item.source_id == source.id)
            .group_by(Record.state)
        )
        return dict(found.all())

    def tally(self, session: Session, source: Source) -> dict[str, int]:
        """How many items of a source stand at which outcome; "" is all of them."""
        found = session.execute(
            select(Item.outcome, func.count().label("number"))
            .where(Item.source_id == source.id)
            .group_by(Item.outcome)
        )
        counted = {row.outcome: row.number for row in found}
        return {**counted, "": sum(counted.values())}

    def unread_in(self, session: Session, item: Item) -> Sequence[str]:
        """The properties of one item that no row of the profile reads."""
        return session.scalars(
            select(Unread.predicate).where(Unread.item_id == item.id).order_by(Unread.predicate)
        ).all()

    def unread(
        self, session: Session, source: Source, most: int = 200
    ) -> Sequence[tuple[str, int, int]]:
        """The properties that no row of the profile reads: which, in how many items, in one such."""
        found = (
            select(Unread.predicate, func.count(), func.min(Unread.item_id))
            .where(Unread.source_id == source.id)
            .group_by(Unread.predicate)
            .order_by(func.count().desc(), Unread.predicate)
            .limit(most)
        )
        return [(predicate, number, item) for predicate, number, item in session.execute(found)]


def raw_of(found: Item | Find) -> str:
    """What a source said, as text: N-Triples or JSON."""
    return gzip.decompress(found.raw).decode("utf-8") if found.raw else ""


def _with_records(of: type[Item] | type[Find]) -> Select[Any, Record | None]:
    """Items or finds beside their records, without what any of them says: for lists."""
    without = (Item.raw, Item.said) if of is Item else (Find.raw, Find.before)
    return (
        select(of, Record)
        .outerjoin(Record, Record.id == of.record_id)
        .options(*map(defer, (*without, Record.document, Record.draft)))
    )
