"""Sources, and what people do with them and their runs; the work itself is done by a worker.

Every step is a row that a worker finds: nothing here waits, and nothing is lost when the
process ends.  Who may: administrators; reviewers see (``records/permissions.py``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from catalogue.accounts import audit
from catalogue.accounts.viewer import Viewer
from catalogue.errors import Conflict, Forbidden, Invalid, Problem
from catalogue.harvest.checking import SAYS, checked
from catalogue.harvest.models import (
    ACTIVE,
    ASKING,
    AT_WORK,
    FAILED,
    FINISHED,
    FULL,
    LEAVING,
    PAUSED,
    PREVIEW,
    RESUMABLE,
    SCHEDULES,
    STOPPED,
    SUPERSEDED,
    UNDO,
    UNDOING,
    WAITING,
    WAYS_TO_LEAVE,
    Item,
    Run,
    Source,
)
from catalogue.harvest.owning import hand_over
from catalogue.harvest.seen import Seen
from catalogue.profile import Profile
from catalogue.records.identifiers import fault_of_key, slug_of
from catalogue.records.permissions import may_over_all

#: What of it a run that was begun depends on.
_OF_READING = ("address", "protocol", "options")
#: What a run that asks can be answered.
ANSWERS = ("go-on", "match", "stop")
#: Keys no source can have, for they are addresses of pages beside those of the sources.
RESERVED = ("new", "pairs")


class Sources(Seen):
    """The sources of a catalogue under its profile: what one sees of them, and does with them."""

    def __init__(self, profile: Profile) -> None:
        self._shape = profile.records["dataset"]

    # who may ------------------------------------------------------------------------

    def allow(self, viewer: Viewer, action: str = "harvest") -> None:
        """Raises :class:`Forbidden` for who may not ``harvest``, or ``see harvest``."""
        if not may_over_all(viewer, action):
            raise Forbidden("Only administrators look after what is harvested.")

    # sources ------------------------------------------------------------------------

    def add(
        self, session: Session, viewer: Viewer, said: Mapping[str, Any], *, key: str = ""
    ) -> Source:
        """A new source; raises :class:`Invalid` with every problem of what was said."""
        self.allow(viewer)
        values = checked(session, self._shape, said)
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
        for name, value in checked(session, self._shape, {**before, **said}).items():
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

    # runs ---------------------------------------------------------------------------

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

    # items --------------------------------------------------------------------------

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


def etag_of(source: Source) -> str:
    """Names what is said of a source just now, and whether it is at work."""
    said = json.dumps([getattr(source, one) for one in (*SAYS, "state", "leaving")], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _still_there(source: Source) -> None:
    if source.state == LEAVING:
        raise Conflict("The source is being given up.")


def _now() -> datetime:
    return datetime.now(UTC)
