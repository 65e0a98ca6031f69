"""Sources, and what people do with them and their runs; the work itself is done by a worker.

Every step is a row that a worker finds: nothing here waits, and nothing is lost when the
process ends.  Who may: administrators; reviewers see (``records/permissions.py``).
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, defer

from catalogue.accounts import audit
from catalogue.accounts.models import Organisation
from catalogue.accounts.viewer import Viewer
from catalogue.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from catalogue.harvest.models import (
    ACTIVE,
    ASKING,
    AT_WORK,
    FAILED,
    FINISHED,
    FULL,
    HOLD,
    LEAVING,
    LOCAL,
    PAUSED,
    PREVIEW,
    PROTOCOLS,
    PUBLISH,
    RESUMABLE,
    SCHEDULES,
    SOURCE,
    STOPPED,
    SUPERSEDED,
    UNDO,
    UNDOING,
    WAITING,
    WAYS_TO_LEAVE,
    Find,
    Item,
    Page,
    Run,
    Source,
    Unread,
)
from catalogue.harvest.owning import hand_over
from catalogue.profile import Profile
from catalogue.records.identifiers import fault_of_key, slug_of
from catalogue.records.models import Record
from catalogue.records.permissions import may_over_all
from catalogue.terms import fault_of_iri

#: What a source may be told, by the name it has here, in forms, JSON and the table.
SAYS = (
    "title",
    "address",
    "protocol",
    "options",
    "organisation",
    "listed_in",
    "schedule",
    "edits",
    "fields",
    "incomplete",
    "grace",
    "brake",
)
#: How many days something may be away, and how many percent may go unasked.
LONGEST_GRACE, _ALL = 365, 100
#: What of it a run that was begun depends on.
_OF_READING = ("address", "protocol", "options")
#: What a run that asks can be answered.
ANSWERS = ("go-on", "match", "stop")
#: Keys no source can have, for they are addresses of pages beside those of the sources.
RESERVED = ("new", "pairs")


@dataclass(frozen=True)
class Standing:
    """How a source stands: its last full run, and the run that is at work or asks, if any."""

    source: Source
    last: Run | None
    now: Run | None


class Sources:
    """The sources of a catalogue under its profile."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    # who may ---------------------------------------------------------------------------

    def allow(self, viewer: Viewer, action: str = "harvest") -> None:
        """Raises :class:`Forbidden` for who may not ``harvest``, or ``see harvest``."""
        if not may_over_all(viewer, action):
            raise Forbidden("Only administrators look after what is harvested.")

    # sources ---------------------------------------------------------------------------

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

    def add(
        self, session: Session, viewer: Viewer, said: Mapping[str, Any], *, key: str = ""
    ) -> Source:
        """A new source; raises :class:`Invalid` with every problem of what was said."""
        self.allow(viewer)
        values = self._checked(session, said)
        if key and (fault := fault_of_key(key)):
            raise Invalid([Problem(("key",), fault)])
        if key in RESERVED:
            raise Invalid([Problem(("key",), "is the address of another page; choose another")])

        def is_taken(slug: str) -> bool:
            return (
                slug in RESERVED
                or session.scalar(select(Source.id).where(Source.key == slug)) is not None
            )

        if key and is_taken(key):
            raise Conflict(f'There is a source "{key}" already; choose another key.')
        source = Source(
            key=key or slug_of(values["title"][:60], is_taken),
            created=_now(),
            author=viewer.author,
            state=ACTIVE,
            leaving="",
            **values,
        )
        source.due = self.next(source)
        session.add(source)
        session.flush()
        audit.write(session, "source-added", viewer, source.key)
        return source

    def change(
        self, session: Session, viewer: Viewer, source: Source, said: Mapping[str, Any]
    ) -> Source:
        """Say something else of a source; what is not said stays."""
        self.allow(viewer)
        _still_there(source)
        before = {name: getattr(source, name) for name in SAYS}
        for name, value in self._checked(session, {**before, **said}).items():
            setattr(source, name, value)
        self._read_otherwise(session, source, before)
        if source.schedule != before["schedule"]:
            source.due = self.next(source)
        session.flush()
        audit.write(session, "source-changed", viewer, source.key)
        return source

    def _read_otherwise(self, session: Session, source: Source, before: Mapping[str, Any]) -> None:
        """Put aside what was begun under other words; raises :class:`Conflict` while it is at work."""
        if any(getattr(source, name) != before[name] for name in _OF_READING):
            if (working := self.at_work(session, source)) is not None:
                raise Conflict(f"Run {working.id} reads it just now; stop it first.")
            session.execute(
                update(Run)
                .where(Run.source_id == source.id, Run.state.in_((ASKING, *RESUMABLE)))
                .values(state=SUPERSEDED)
            )

    def pause(
        self, session: Session, viewer: Viewer, source: Source, *, paused: bool = True
    ) -> None:
        """Take a source off the timetable, or put it on again."""
        self.allow(viewer)
        _still_there(source)
        source.state = PAUSED if paused else ACTIVE
        source.due = None if paused else self.next(source)
        audit.write(session, "source-paused" if paused else "source-resumed", viewer, source.key)

    def leave(self, session: Session, viewer: Viewer, source: Source, way: str) -> None:
        """Give a source up; a worker does with its records what ``way`` says, then forgets it.

        ``keep`` leaves them as records of our own, ``withdraw`` takes them out of sight,
        ``delete`` erases what they said as well.
        """
        self.allow(viewer)
        if way not in WAYS_TO_LEAVE:
            raise Invalid([Problem(("way",), f"is none of {', '.join(WAYS_TO_LEAVE)}")])
        source.state, source.leaving, source.due = LEAVING, way, None
        for run in session.scalars(
            select(Run).where(Run.source_id == source.id, Run.state.in_((*AT_WORK, ASKING)))
        ):
            run.wish = STOPPED
        audit.write(session, "source-left", viewer, source.key, way=way)

    def next(self, source: Source) -> datetime | None:
        """When the timetable reads a source next."""
        hours = SCHEDULES[source.schedule]
        return _now() + timedelta(hours=hours) if hours and source.state == ACTIVE else None

    def _checked(self, session: Session, said: Mapping[str, Any]) -> dict[str, Any]:
        """What was said of a source, typed; raises :class:`Invalid` with every problem."""
        problems: list[Problem] = []

        def wrong(name: str, message: str) -> None:
            problems.append(Problem((name,), message, rule="values"))

        def one_of(name: str, known: Sequence[str], default: str) -> str:
            value = said.get(name) or default
            if value not in known:
                wrong(name, f"is none of {', '.join(known)}")
                return default
            return str(value)

        def number(name: str, default: int, most: int) -> int:
            value = said.get(name, default)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
                wrong(name, f"is no whole number from 0 to {most}")
                return default
            return value

        if unknown := [name for name in said if name not in SAYS]:
            for name in unknown:
                wrong(str(name)[:64], f"is not known; there are {', '.join(SAYS)}")
        title = str(said.get("title") or "").strip()
        if not title or len(title) > 200 or not title.isprintable():
            wrong("title", "Give it a name of at most 200 characters")
        address = str(said.get("address") or "").strip()
        if fault := fault_of_address(address):
            wrong("address", fault)
        fields = said.get("fields") or {}
        shape = self.profile.records["dataset"]
        if not isinstance(fields, Mapping):
            wrong("fields", "is no object of fields with whose word counts")
            fields = {}
        for name, word in fields.items():
            if name not in shape.properties:
                wrong("fields", f'there is no field "{str(name)[:64]}"')
            if word not in (LOCAL, SOURCE):
                wrong("fields", f"{str(name)[:64]}: is neither {LOCAL} nor {SOURCE}")
        options = said.get("options") or {}
        if not isinstance(options, Mapping) or len(repr(options)) > 20_000:
            wrong("options", "is no object, or too long")
            options = {}
        organisation = said.get("organisation")
        if organisation is not None and (
            isinstance(organisation, bool)
            or not isinstance(organisation, int)
            or session.get(Organisation, organisation) is None
        ):
            wrong("organisation", "There is no such organisation")
            organisation = None
        listed_in = str(said.get("listed_in") or "")
        if (
            listed_in
            and session.scalar(
                select(Record.id).where(Record.iri == listed_in, Record.kind == "catalogue")
            )
            is None
        ):
            wrong("listed_in", "There is no such catalogue")
        values = {
            "title": title,
            "address": address,
            "protocol": one_of("protocol", tuple(PROTOCOLS), "auto"),
            "options": dict(options),
            "organisation": organisation,
            "listed_in": listed_in,
            "schedule": one_of("schedule", tuple(SCHEDULES), "manual"),
            "edits": one_of("edits", (LOCAL, SOURCE), LOCAL),
            "fields": dict(fields),
            "incomplete": one_of("incomplete", (HOLD, PUBLISH), HOLD),
            "grace": number("grace", 7, LONGEST_GRACE),
            "brake": number("brake", 20, _ALL),
        }
        if problems:
            raise Invalid(problems)
        return values

    # runs ------------------------------------------------------------------------------

    def ask(self, session: Session, viewer: Viewer | None, source: Source, mode: str = FULL) -> Run:
        """Ask for a run; a worker begins it.  The timetable asks without a viewer.

        Raises :class:`Conflict` while one is at work.  One that waits for an answer gives way.
        """
        if viewer is not None:
            self.allow(viewer)
        self._free(session, source)
        if mode not in (FULL, PREVIEW):
            raise Invalid([Problem(("mode",), f"is neither {FULL} nor {PREVIEW}")])
        if mode == FULL:
            for run in session.scalars(
                select(Run).where(
                    Run.source_id == source.id,
                    Run.mode == FULL,
                    Run.state.in_((ASKING, *RESUMABLE)),
                )
            ):
                run.state, run.ended = SUPERSEDED, run.ended or _now()
        run = Run(
            source_id=source.id,
            mode=mode,
            state=WAITING,
            author=viewer.author if viewer else "",
            asked=_now(),
            kinds={},
            counts={},
        )
        session.add(run)
        if mode == FULL:  # a look takes the place of no reading
            source.due = self.next(source)
        session.flush()
        return run

    def _free(self, session: Session, source: Source) -> None:
        """Raises :class:`Conflict` unless a run may begin; whoever asks meanwhile waits for us."""
        _still_there(source)
        session.execute(select(Source.id).where(Source.id == source.id).with_for_update())
        if (working := self.at_work(session, source)) is not None:
            raise Conflict(f"Run {working.id} of this source is still at work; stop it first.")

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

    def stop(self, session: Session, viewer: Viewer, run: Run) -> None:
        """Have a run stop after the page or batch it is at; it can be gone on with."""
        self.allow(viewer)
        if run.state in (WAITING, ASKING):
            run.state, run.ended = STOPPED, _now()
        elif run.state in AT_WORK:
            run.wish = STOPPED
        else:
            raise Conflict("The run is not at work.")
        audit.write(session, "harvest-stopped", viewer, f"run:{run.id}")

    def resume(self, session: Session, viewer: Viewer, run: Run) -> None:
        """Have a run that stopped or failed go on where it was."""
        self.allow(viewer)
        if run.state not in RESUMABLE:
            raise Conflict("Only a run that stopped or failed can go on.")
        self._free(session, session.get_one(Source, run.source_id))
        last = session.scalar(
            select(func.max(Run.id)).where(Run.source_id == run.source_id, Run.mode == FULL)
        )
        if run.mode == FULL and run.id != last:
            raise Conflict("A later run has begun since; this one cannot go on.")
        if run.answer == "stop" or not run.question:  # it is to be asked anew
            run.answer, run.question = "", None
        run.state = UNDOING if UNDO in (run.place or {}) else WAITING
        run.wish, run.error, run.ended = "", "", None
        run.holder, run.lease, run.began = "", None, None

    def answer(self, session: Session, viewer: Viewer, run: Run, answer: str) -> None:
        """Answer what a run asks: ``go-on``, ``match`` (take new ids over) or ``stop``."""
        self.allow(viewer)
        if run.state != ASKING:
            raise Conflict("The run asks nothing just now.")
        if answer not in ANSWERS or (
            answer == "match" and (run.question or {}).get("is") != "new-ids"
        ):
            raise Invalid([Problem(("answer",), f"is none of {', '.join(ANSWERS)}")])
        self._free(session, session.get_one(Source, run.source_id))
        run.answer, run.began = answer, None  # how long people thought does not count
        if answer == "stop":
            run.state, run.ended = STOPPED, _now()
        else:
            run.state = WAITING
        audit.write(session, "harvest-answered", viewer, f"run:{run.id}", answer=answer)

    def undo(self, session: Session, viewer: Viewer, run: Run) -> None:
        """Have everything a run changed put back as it was before; only the last one can be.

        The timetable leaves the source alone from then on, or it would do the same again.
        """
        self.allow(viewer)
        if run.mode != FULL or run.state not in (FINISHED, STOPPED, FAILED):
            raise Conflict("Only a run that has ended can be undone.")
        source = session.get_one(Source, run.source_id)
        self._free(session, source)
        last = self.last(session, source)
        if last is None or last.id != run.id:
            raise Conflict("Only the last run can be undone; undo the later ones first.")
        run.state, run.wish, run.holder, run.lease = UNDOING, "", "", None
        run.place, run.began, run.ended = {UNDO: None}, None, None
        source.state, source.due = PAUSED, None
        audit.write(session, "harvest-undone", viewer, f"run:{run.id}")

    # what a run found --------------------------------------------------------------------

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

    # items -------------------------------------------------------------------------------

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

    def exclude(
        self, session: Session, viewer: Viewer, item: Item, *, excluded: bool = True
    ) -> None:
        """Leave an item out of every run from now on, or take it in again at the next."""
        self.allow(viewer)
        if excluded:
            hand_over(session, item)
        item.excluded = excluded
        # A draft that was deleted here begins anew.
        item.owner = item.owner and item.record_id is not None
        item.hash = ""  # whatever it says at the next run is news
        audit.write(
            session, "item-excluded" if excluded else "item-included", viewer, item.remote_id[:200]
        )

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

    def every_find(self, session: Session, run: Run) -> Iterator[tuple[Find, Record | None]]:
        """All that a run found new, changed or wrong, with its record, as it is read."""
        found = (
            _with_records(Find)
            .where(Find.run_id == run.id)
            .order_by(Find.outcome, Find.rank, Find.name)
            .execution_options(yield_per=500)
        )
        yield from session.execute(found)

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

    def unread_in(self, session: Session, item: Item) -> Sequence[str]:
        """The properties of one item that no row of the profile reads."""
        return session.scalars(
            select(Unread.predicate).where(Unread.item_id == item.id).order_by(Unread.predicate)
        ).all()

    def tally(self, session: Session, source: Source) -> dict[str, int]:
        """How many items of a source stand at which outcome; "" is all of them."""
        found = session.execute(
            select(Item.outcome, func.count().label("number"))
            .where(Item.source_id == source.id)
            .group_by(Item.outcome)
        )
        counted = {row.outcome: row.number for row in found}
        return {**counted, "": sum(counted.values())}

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


def _with_records(of: type[Item] | type[Find]) -> Select[Any, Record | None]:
    """Items or finds beside their records, without what any of them says: for lists."""
    without = (Item.raw, Item.said) if of is Item else (Find.raw, Find.before)
    return (
        select(of, Record)
        .outerjoin(Record, Record.id == of.record_id)
        .options(*map(defer, (*without, Record.document, Record.draft)))
    )


def etag_of(source: Source) -> str:
    """Names what is said of a source just now, and whether it is at work."""
    said = json.dumps([getattr(source, one) for one in (*SAYS, "state", "leaving")], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def raw_of(found: Item | Find) -> str:
    """What a source said, as text: N-Triples or JSON."""
    return gzip.decompress(found.raw).decode("utf-8") if found.raw else ""


def fault_of_address(address: str) -> str:
    """What is wrong with the address of a source; empty if nothing is."""
    if len(address) > 2000:
        return "is longer than 2000 characters"
    if fault := fault_of_iri(address):
        return fault
    try:
        parts = urlsplit(address)
    except ValueError:  # an IPv6 address that is none, letters that turn into a slash
        return "has no proper host name"
    if parts.scheme not in ("http", "https"):
        return "should begin with https:// or http://"
    if parts.username or parts.password:
        return "holds a name or password; these would be shown to everybody who sees the source"
    return ""


def _still_there(source: Source) -> None:
    if source.state == LEAVING:
        raise Conflict("The source is being given up.")


def _now() -> datetime:
    return datetime.now(UTC)
