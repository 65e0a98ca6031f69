"""Asking owners for what their records do not state, and telling those who asked.

A question stands beside its field in the owner's form until what is published answers it; the
``answers`` follower (``answering.py``) sees to that, by whatever way the answer came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from catalogue.accounts.caretakers import MOST_TOLD, caretakers
from catalogue.accounts.letters import Letters, post
from catalogue.accounts.links import Clock, utc
from catalogue.accounts.viewer import Viewer
from catalogue.database import Database
from catalogue.errors import BadRequest, Conflict, Forbidden, Invalid, Problem
from catalogue.outcomes.asking import SEARCH, parted
from catalogue.outcomes.owners import letters as mails
from catalogue.outcomes.owners.models import LONGEST_NOTE, OwnerQuestion
from catalogue.outcomes.owners.stated import Place, Places, Stated
from catalogue.outcomes.questions import Question, Questions
from catalogue.outcomes.saying import Saying
from catalogue.profile import Document
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.permissions import may_over_all
from catalogue.records.records import Records
from catalogue.records.visibility import public
from catalogue.tending import Stopping

#: The kind of record that owners are asked about.
KIND = "dataset"
#: An owner has one mail a record in so long, whatever is asked meanwhile.
REST = timedelta(days=1)
#: The most questions that one person has open.
_MOST_OPEN = 200


@dataclass
class Wanted:
    """What people want to know at one place of a record: how many since when, and their notes.

    ``notes`` are texts with the name of who wrote it, where that person said so.
    """

    record: Record
    place: Place
    label: str
    since: datetime
    people: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Standing:
    """How a place of a record stands: what is stated, and whether somebody may be asked."""

    record: Record
    place: Place
    label: str
    stated: Stated
    said: str
    looked_after: bool

    @property
    def is_answered(self) -> bool:
        """Whether nothing is left to ask."""
        return self.stated.anything and not self.place.partial


class Owners:
    """The questions to owners."""

    def __init__(
        self,
        database: Database,
        records: Records,
        questions: Questions,
        saying: Saying,
        letters: Letters,
        clock: Clock = utc,
    ) -> None:
        self._database = database
        self._records = records
        self._questions = questions
        self._saying = saying
        self._letters = letters
        self._now = clock
        self.places = Places(records.profile, records.shape(KIND))

    # asking ---------------------------------------------------------------------------

    def standing(self, session: Session, record: Record, path: str, asked: str = "") -> Standing:
        """How the place stands that somebody asks about, as everybody may see it.

        ``asked`` is the address of the question that led there.  Raises :class:`BadRequest`
        for what is no field.
        """
        document = self._public(record)
        place = self.places.read(path, self._question(asked))
        place = self.places.silent(place, document)
        stated = self.places.stated(place, document)
        said = self._saying.said(session, place.asked, stated.values)
        if not said and stated.reason:
            said = self._saying.silence(stated.reason)
        label = self.label(place)
        return Standing(record, place, label, stated, said, is_looked_after(record))

    def silent_fields(self, record: Record) -> Sequence[Place]:
        """Every field that can be asked for and says nothing, in the order of the sections."""
        document, shape = self._public(record), self._records.shape(KIND)
        order = [one.name for group in shape.groups.values() for one in group]
        places = (Place(one) for one in self.places.every())
        silent = [one for one in places if not self.places.stated(one, document).anything]
        return sorted(silent, key=lambda one: order.index(one.whole.name))

    def mine(self, session: Session, viewer: Viewer, standing: Standing) -> OwnerQuestion | None:
        """The question that somebody has open at a place."""
        found = session.scalar(self._same(viewer.user or 0, standing))
        return found if found is not None and found.closed is None else None

    def ask(
        self,
        session: Session,
        viewer: Viewer,
        standing: Standing,
        note: str = "",
        *,
        named: bool = False,
        asked: str = "",
    ) -> OwnerQuestion:
        """Ask for what a place does not state; once a person and place."""
        if viewer.user is None or viewer.reads_only:
            raise Forbidden("Sign in to ask an owner.")
        if standing.is_answered:
            raise Conflict(f"{standing.label} is stated by now: {standing.said}")
        note = "".join(c for c in note if c in "\n\t" or c.isprintable()).strip()
        if len(note) > LONGEST_NOTE:
            raise Invalid(
                [Problem(("note",), f"The note is longer than {LONGEST_NOTE} characters.")]
            )
        mine = and_(OwnerQuestion.user_id == viewer.user, OwnerQuestion.closed.is_(None))
        if (session.scalar(select(func.count()).where(mine)) or 0) >= _MOST_OPEN:
            raise Conflict(f"{_MOST_OPEN} of your questions are open; wait for some answers first.")
        found = session.scalar(self._same(viewer.user, standing))
        if found is not None and found.closed is None:
            raise Conflict("You have asked this already. You will get a mail when it is answered.")
        if found is None:
            found = OwnerQuestion(
                user_id=viewer.user,
                record_id=standing.record.id,
                field=standing.place.path,
                about=self.places.about(standing.place),
            )
            session.add(found)
        found.note, found.named, found.asked = note, named, asked
        found.at, found.told, found.closed = self._now(), None, None
        found.outcome, found.revision = "", None
        found.before = standing.stated.digest if standing.place.partial else ""
        session.flush()
        self._tell(session, standing.record)
        return found

    def _same(self, user: int, standing: Standing) -> Select[OwnerQuestion]:
        return select(OwnerQuestion).where(
            OwnerQuestion.user_id == user,
            OwnerQuestion.record_id == standing.record.id,
            OwnerQuestion.field == standing.place.path,
            OwnerQuestion.about == self.places.about(standing.place),
        )

    def _question(self, address: str) -> Question | None:
        """The question of an address; a search asks for no more than the field itself."""
        if not address:
            return None
        path, said = parted(address)
        if path == SEARCH:
            return None
        try:
            return self._questions.parse(said, also=("page",))
        except BadRequest as error:
            raise BadRequest(f"The question cannot be understood: {error}") from None

    def _public(self, record: Record) -> Document:
        shape = self._records.shape(record.kind)
        return spared(record, partial(public, shape, record)) or {}

    def label(self, place: Place) -> str:
        """What a place is called, with its subjects."""
        names = [self._records.profile.vocabularies.label(one) for one in place.subjects]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"{place.label} ({', '.join(names[:3])}{more})" if names else place.label

    # what is open -----------------------------------------------------------------------

    def open_of(self, session: Session, record: Record) -> list[Wanted]:
        """What people want to know of a record, the longest wait first."""
        return self._wanted(session, OwnerQuestion.record_id == record.id)

    def open_for(self, session: Session, viewer: Viewer, most: int = 50) -> list[Wanted]:
        """What people want to know of the records of somebody's organisations."""
        return self._wanted(session, Record.organisation.in_(list(viewer.roles)), most)

    def orphaned(self, session: Session, viewer: Viewer, most: int = 200) -> list[Wanted]:
        """What people want to know of records that nobody looks after, for the coordinator."""
        if not may_over_all(viewer, "see waiting"):
            raise Forbidden("Only reviewers and administrators see every question.")
        return self._wanted(session, None, most)

    def _wanted(
        self, session: Session, which: ColumnElement[bool] | None, most: int | None = None
    ) -> list[Wanted]:
        rows = (
            select(OwnerQuestion)
            .join(OwnerQuestion.record)
            .options(contains_eager(OwnerQuestion.record), joinedload(OwnerQuestion.user))
            .where(OwnerQuestion.closed.is_(None))
            .order_by(OwnerQuestion.at, OwnerQuestion.id)
        )
        if which is not None:
            rows = rows.where(which)
        found: dict[tuple[int, str, str], Wanted] = {}
        for row in session.scalars(rows.limit(_MOST_ROWS)):
            if which is None and is_looked_after(row.record):
                continue
            key = (row.record_id, row.field, row.about)
            if key not in found:
                place = self.place_of(row)
                if place is None or (most is not None and len(found) >= most):
                    continue
                found[key] = Wanted(row.record, place, self.label(place), row.at)
            found[key].people += 1
            if row.note:
                found[key].notes.append((row.note, row.user.name if row.named else ""))
        return list(found.values())

    def place_of(self, row: OwnerQuestion) -> Place | None:
        """Where a question asks; None if the profile has no such place any longer."""
        return self.places.stored(row.field, row.about, partial=bool(row.before))

    def answered_by(
        self, session: Session, record: Record, revisions: Iterable[int]
    ) -> Mapping[int, Sequence[tuple[str, str]]]:
        """The questions that revisions of a record answered: what was asked, and by whom."""
        found: dict[int, dict[str, list[str]]] = {}
        rows = session.scalars(
            select(OwnerQuestion)
            .options(joinedload(OwnerQuestion.user))
            .where(
                OwnerQuestion.record_id == record.id, OwnerQuestion.revision.in_(list(revisions))
            )
            .order_by(OwnerQuestion.id)
        )
        for row in rows:
            place = self.place_of(row)
            label = self.label(place) if place else row.field
            asked = found.setdefault(row.revision or 0, {}).setdefault(label, [])
            asked.append(row.user.name if row.named else "")
        return {
            revision: [(label, _people(names)) for label, names in asked.items()]
            for revision, asked in found.items()
        }

    # telling owners ---------------------------------------------------------------------

    def tend(self, stopping: Stopping) -> None:
        """Write to owners of whom something was asked since their last mail."""
        with self._database.read() as session:
            waiting = session.scalars(
                select(OwnerQuestion.record_id).where(_UNTOLD).distinct().limit(_MOST_ROWS)
            ).all()
        for number in waiting:
            if stopping():
                return
            with self._database.write() as session:
                self._tell(session, session.get_one(Record, number))

    def _tell(self, session: Session, record: Record) -> None:
        """Write to those who look after a record, unless they had a mail of it lately."""
        if not is_looked_after(record):
            return
        now = self._now()
        mine = OwnerQuestion.record_id == record.id
        last = session.scalar(select(func.max(OwnerQuestion.told)).where(mine))
        if last is not None and last > now - REST:
            return
        wanted = self._wanted(session, and_(mine, OwnerQuestion.told.is_(None)))
        for row in session.scalars(select(OwnerQuestion).where(mine, _UNTOLD)):
            row.told = now
        if wanted:
            people = caretakers(session, [record.organisation]).get(record.organisation or 0, ())
            path = f"workspace/{record.kind}/{record.key}"
            labels = [one.label for one in wanted]
            letter = mails.asked(self._letters, record.title or record.slug, labels, path)
            for one in people[:MOST_TOLD]:
                post(session, one.email, letter)


#: How many rows are looked through at the most.
_MOST_ROWS = 2_000
_UNTOLD = and_(OwnerQuestion.closed.is_(None), OwnerQuestion.told.is_(None))


def is_looked_after(record: Record) -> bool:
    """Whether there is somebody to ask: an organisation here, and no mere demonstration."""
    document = record.document or {}
    return record.organisation is not None and document.get("demonstration") is not True


def _people(names: Sequence[str]) -> str:
    """Who asked, as far as they want to be named: ``Ada and 2 others``."""
    named, others = [name for name in names if name], sum(not name for name in names)
    more = (
        f"{others} {'reader' if others == 1 else 'readers'}"
        if not named
        else (f"{others} {'other' if others == 1 else 'others'}")
    )
    return " and ".join([*([", ".join(named)] if named else []), *([more] if others else [])])
