"""What people do with records: may they, then the change, then who did it, in one transaction.

Pages and the interface for programs come through here; seeds and commands, which answer to
nobody, use :class:`~catalogue.records.records.Records` directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true, update
from sqlalchemy.orm import Session

from catalogue.accounts import audit
from catalogue.accounts.caretakers import MOST_TOLD, caretakers
from catalogue.accounts.letters import TOLD_STEPS, Letters, post
from catalogue.accounts.models import Organisation, User
from catalogue.accounts.viewer import ROLES_OVER_ALL, Viewer
from catalogue.database import writes
from catalogue.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from catalogue.profile import Document
from catalogue.profile.defaults import Places
from catalogue.records.identifiers import fault_of_key, new_key
from catalogue.records.models import (
    DRAFT,
    PUBLISHED,
    RETURNED,
    SUBMITTED,
    WITHDRAWN,
    Comment,
    Policy,
    Record,
    Revision,
)
from catalogue.records.permissions import ACTIONS, may, may_in, may_over_all
from catalogue.records.records import Records

#: The kind of record that tells of organisations.
_AGENT = "agent"
#: The property by which a record says in which networks it is listed.
_LISTED_IN = "listed_in"
_LONGEST_NOTE = 2_000
#: Where a record stands in a list: when it was last touched, and its number.
Place = tuple[datetime, int]
#: What lists are narrowed by.
LISTS: Mapping[str, ColumnElement[bool]] = {
    "draft": and_(Record.state == DRAFT, Record.review != SUBMITTED),
    "in-review": Record.review == SUBMITTED,
    "returned": Record.review == RETURNED,
    "published": Record.state == PUBLISHED,
    "withdrawn": Record.state == WITHDRAWN,
}
#: The steps that ask for a reason: others must learn why.
WITH_A_REASON = ("return", "withdraw")


@dataclass(frozen=True)
class Listed:
    """A record in somebody's list, with when it was last worked on and by whom."""

    record: Record
    organisation: str
    at: datetime
    author: str
    open_comments: int


class Workspace:
    """The records of a catalogue as the people see them who look after them.

    ``review`` is whether a record is reviewed of which no network says so.
    """

    def __init__(self, records: Records, letters: Letters, *, review: bool) -> None:
        self.records = records
        self._letters = letters
        self._review = review
        self._steps: Mapping[str, Callable[..., Record]] = {
            "submit": records.submit,
            "recall": records.recall,
            "return": records.return_,
            "publish": records.publish,
            "discard": records.discard,
            "withdraw": records.withdraw,
            "restore": records.restore,
        }

    @property
    def steps(self) -> Sequence[str]:
        """What can be done with a whole record, beside editing it, in the order offered."""
        return [action for action in ACTIONS if action in self._steps]

    # may they -------------------------------------------------------------------------

    def is_reviewed(self, session: Session, record: Record) -> bool:
        """Whether a network that lists the record asks for a review before publication."""
        listed = record.working_copy.get(_LISTED_IN) or []
        said = session.scalars(select(Policy.review).where(Policy.catalogue.in_(listed))).all()
        return any(said) if said else self._review

    def may(self, session: Session, viewer: Viewer, action: str, record: Record) -> bool:
        """Whether somebody may do something with a record as it stands."""
        return may(
            viewer,
            action,
            record.organisation,
            record.stage,
            reviewed=self.is_reviewed(session, record),
        )

    @staticmethod
    def known_to(viewer: Viewer) -> ColumnElement[bool]:
        """The records that somebody may know by name: public ones and one's own.

        Those over all know every name, for they review what names it.
        """
        if viewer.role:
            return true()
        return or_(Record.state == PUBLISHED, Record.organisation.in_(list(viewer.roles)))

    def actions(self, session: Session, viewer: Viewer, record: Record) -> list[str]:
        """What somebody may do with a record as it stands."""
        reviewed = self.is_reviewed(session, record)
        return [
            action
            for action in ACTIONS
            if may(viewer, action, record.organisation, record.stage, reviewed=reviewed)
        ]

    def open(
        self,
        session: Session,
        viewer: Viewer,
        kind: str,
        key: str,
        action: str = "view",
        *,
        etag: str = "",
    ) -> Record:
        """A record to do something with.

        Raises :class:`NotFound` also for one that the viewer may not know of,
        :class:`Forbidden` where the stage or role does not allow the action, and
        :class:`Conflict` if ``etag`` is given and the record says something else by now.
        """
        shape = self.records.shape(kind)
        query = select(Record).where(Record.kind == kind, Record.key == key)
        if action != "view" and writes(session):
            query = query.with_for_update()  # who else would change it waits
        record = session.scalar(query.execution_options(populate_existing=True))
        if record is None or not self.may(session, viewer, "view", record):
            raise NotFound(f'There is no {shape.label.lower()} "{key[:80]}" that you look after.')
        if not self.may(session, viewer, action, record):
            raise Forbidden(self._refusal(session, viewer, action, record))
        if etag and etag != record.etag:
            raise Conflict(
                "Somebody changed the record since you read it. Read it again and repeat your change."
            )
        return record

    def _refusal(self, session: Session, viewer: Viewer, action: str, record: Record) -> str:
        """Why somebody may not, and what would help."""
        words = record.stage.replace("revision-", "").replace("revised", "being revised")
        if viewer.reads_only:
            return f"This token only reads; to {action} a record, make one that may also write."
        if action == "publish" and record.stage in ("draft", "returned", "revised"):
            return "This network reviews records before they are published: submit it instead."
        if action == "edit" and record.review == SUBMITTED:
            return "The record is in review. Recall it to go on editing."
        return f"The record is {words}; your role does not allow you to {action} it now."

    # what they do ---------------------------------------------------------------------

    def create(
        self,
        session: Session,
        viewer: Viewer,
        kind: str,
        organisation: Organisation,
        answers: Mapping[str, Any],
        *,
        key: str = "",
        note: str = "",
    ) -> Record:
        """Begin a record for an organisation, with what the profile says it begins with."""
        if not may_in(viewer, "describe", organisation.id):
            raise Forbidden(f"Your role in {organisation.name} does not let you describe its data.")
        shape = self.records.shape(kind)
        key = key or new_key()
        if fault := fault_of_key(key):
            raise Invalid([Problem(("key",), fault)])
        taken = select(Record.id).where(Record.kind == kind, Record.key == key)
        if session.scalar(taken) is not None:
            raise Conflict(f'There is a {shape.label.lower()} "{key}" already; choose another key.')
        agent = self.holder(session, viewer, organisation)
        record = self.records.save(
            session,
            kind,
            {**self.begun(kind, key, agent), **answers},
            key=key,
            author=viewer.author,
            note=_note(note),
            organisation=organisation.id,
        )
        audit.write(session, "record-begun", viewer, record.iri, organisation=organisation.key)
        return record

    def begun(self, kind: str, key: str, agent: str) -> Document:
        """What the profile says that a record begins with; ``agent`` describes its holder."""
        reference = f"id/{kind}/{key}"
        places = Places(
            record=reference, organisation=agent, address=self._letters.address + reference
        )
        return self.records.shape(kind).begun(places)

    def holder(self, session: Session, viewer: Viewer, organisation: Organisation) -> str:
        """The reference of the record about an organisation; begun if there is none yet."""
        if not organisation.agent:
            shape = self.records.shape(_AGENT)
            titled = next(one.name for one in shape if one.column == "title")
            agent = self.records.save(
                session,
                _AGENT,
                {**shape.begun(Places()), titled: {"en": organisation.name}},
                author=viewer.author,
                organisation=organisation.id,
            )
            organisation.agent = agent.iri
            audit.write(session, "record-begun", viewer, agent.iri, organisation=organisation.key)
        return organisation.agent

    def add_beside(
        self,
        session: Session,
        viewer: Viewer,
        record: Record,
        kind: str,
        answers: Mapping[str, Any],
    ) -> Record:
        """Begin a record that another one names and that is not in the catalogue yet.

        It belongs to the same organisation; for a record of none, to none.
        """
        if record.organisation is not None:
            holder = session.get_one(Organisation, record.organisation)
            return self.create(session, viewer, kind, holder, answers)
        key = new_key()
        begun = {**self.begun(kind, key, ""), **answers}
        return self.records.save(session, kind, begun, key=key, author=viewer.author)

    def save(
        self,
        session: Session,
        viewer: Viewer,
        record: Record,
        document: Mapping[str, Any],
        *,
        note: str = "",
    ) -> Record:
        """Save a working copy of a record opened for ``edit``."""
        return self.records.save(
            session,
            record.kind,
            document,
            key=record.key,
            author=viewer.author,
            note=_note(note),
        )

    def take(
        self,
        session: Session,
        viewer: Viewer,
        record: Record,
        step: str,
        note: str = "",
        *,
        tell: bool = True,
    ) -> Record:
        """Take one of the :attr:`steps` with a record opened for it.

        With a record its organisation's own description is published, if it never was: a
        dataset must not name a holder that the world cannot read of.
        """
        if step in WITH_A_REASON and not note.strip():
            raise Invalid([Problem(("note",), "Say why, for those who look after it")])
        if step == "publish":
            self._publish_holder(session, viewer, record)
        done = self._steps[step](session, record, author=viewer.author, note=_note(note))
        audit.write(session, step, viewer, record.iri, revision=done.revision)
        if tell:
            self._tell(session, viewer, done, step, _note(note))
        return done

    def _tell(self, session: Session, viewer: Viewer, record: Record, step: str, note: str) -> None:
        """Write to reviewers what waits for them, and to its editors what others did with it."""
        if step not in TOLD_STEPS:
            return
        to_review = step == "submit"
        concerned = (
            session.scalars(select(User).where(User.role.in_(ROLES_OVER_ALL)).order_by(User.id))
            if to_review
            else caretakers(session, [record.organisation]).get(record.organisation or 0, ())
        )
        others = [one for one in concerned if one.active and one.id != viewer.user]
        page = "/review" if to_review or step == "return" else ""
        path = f"workspace/{record.kind}/{record.key}{page}"
        letter = self._letters.step(step, record.title, viewer.name or "Somebody", note, path)
        for one in others[:MOST_TOLD]:
            post(session, one.email, letter)

    def published_with(self, session: Session, record: Record) -> Sequence[Record]:
        """The descriptions of organisations that are published with a record: its holder's own."""
        if record.organisation is None:
            return ()
        shape = self.records.shape(record.kind)
        named = {reference for _, reference in shape.references(record.working_copy)}
        return session.scalars(
            select(Record).where(
                Record.iri.in_(named),
                Record.kind == _AGENT,
                Record.state == DRAFT,
                Record.organisation == record.organisation,
                Record.id != record.id,
            )
        ).all()

    def _publish_holder(self, session: Session, viewer: Viewer, record: Record) -> None:
        for holder in self.published_with(session, record):
            self.records.publish(
                session, holder, author=viewer.author, note=f"Published with {record.title}"[:200]
            )
            audit.write(session, "publish", viewer, holder.iri, revision=holder.revision)

    def revert(
        self, session: Session, viewer: Viewer, record: Record, number: int, note: str = ""
    ) -> Record:
        """Take up what an earlier revision said as the working copy."""
        done = self.records.revert(session, record, number, author=viewer.author, note=_note(note))
        audit.write(session, "revert", viewer, record.iri, to=number)
        return done

    def delete(self, session: Session, viewer: Viewer, record: Record) -> None:
        """Delete a record that the world never saw."""
        audit.write(session, "delete", viewer, record.iri, title=record.title)
        told_of = update(Organisation).where(Organisation.agent == record.iri)
        session.execute(told_of.values(agent=""))  # another description may be begun
        self.records.delete(session, record)

    def assign(
        self, session: Session, viewer: Viewer, record: Record, organisation: Organisation | None
    ) -> None:
        """Give a record opened for ``assign`` to an organisation, or to none."""
        record.organisation = organisation.id if organisation else None
        audit.write(
            session,
            "assign",
            viewer,
            record.iri,
            organisation=organisation.key if organisation else "",
        )

    def policies(self, session: Session, viewer: Viewer) -> Sequence[Policy]:
        """What the networks say of reviews, for administrators."""
        if not may_over_all(viewer, "see policies"):
            raise Forbidden("Only administrators say which networks review.")
        return session.scalars(select(Policy).order_by(Policy.catalogue)).all()

    def set_policy(
        self, session: Session, viewer: Viewer, catalogue: str, review: bool | None
    ) -> None:
        """Say whether a network's records are reviewed before they are published.

        None takes back what was said.
        """
        if not may_over_all(viewer, "administer"):
            raise Forbidden("Only administrators say which networks review.")
        if review is None:
            session.execute(delete(Policy).where(Policy.catalogue == catalogue))
        else:
            session.merge(Policy(catalogue=catalogue, review=review))
        audit.write(session, "policy", viewer, catalogue, review=review)

    # comments -------------------------------------------------------------------------

    def comment(
        self, session: Session, viewer: Viewer, record: Record, field: str, text: str
    ) -> Comment:
        """Say something about a field of a record opened for ``comment``; "" is the whole."""
        if field and field not in self.records.shape(record.kind).properties:
            raise Invalid([Problem(("field",), f'there is no field "{field[:64]}"')])
        if not text.strip():
            raise Invalid([Problem(("text",), "Write what you want to say")])
        comment = Comment(
            record_id=record.id,
            field=field,
            text=_note(text),
            author=viewer.author,
            at=datetime.now(UTC),
        )
        session.add(comment)
        session.flush()
        return comment

    def resolve(
        self, session: Session, viewer: Viewer, record: Record, number: int, *, open_: bool = False
    ) -> Comment:
        """Say that a comment is dealt with, or that it is not after all."""
        comment = session.get(Comment, number)
        if comment is None or comment.record_id != record.id:
            raise NotFound(f"There is no comment {number} on this record.")
        comment.resolved = None if open_ else datetime.now(UTC)
        comment.resolved_by = "" if open_ else viewer.author
        session.flush()
        return comment

    def comments(
        self, session: Session, record: Record, *, after: int = 0, size: int | None = None
    ) -> Sequence[Comment]:
        """The comments on a record, oldest first; all, or some after one of them."""
        return session.scalars(
            select(Comment)
            .where(Comment.record_id == record.id, Comment.id > after)
            .order_by(Comment.id)
            .limit(size)
        ).all()

    # lists ----------------------------------------------------------------------------

    def mine(
        self,
        session: Session,
        viewer: Viewer,
        *,
        stage: str = "",
        page: int = 1,
        size: int = 25,
        after: Place | None = None,
    ) -> tuple[Sequence[Listed], int]:
        """The records of the organisations somebody belongs to, last touched first; how many.

        ``stage`` is one of :data:`LISTS` or empty.  ``after`` goes on behind the place of a record rather than by the number of a page.
        """
        held = Record.organisation.in_(list(viewer.roles))
        listed = and_(held, LISTS[stage]) if stage else held
        return self._listed(session, listed, page, size, after)

    def waiting(
        self,
        session: Session,
        viewer: Viewer,
        *,
        page: int = 1,
        size: int = 25,
        after: Place | None = None,
    ) -> tuple[Sequence[Listed], int]:
        """The records that wait for a review, for those who review."""
        if not may_over_all(viewer, "see waiting"):
            return (), 0
        return self._listed(session, LISTS["in-review"], page, size, after)

    def _listed(
        self,
        session: Session,
        condition: ColumnElement[bool],
        page: int,
        size: int,
        after: Place | None,
    ) -> tuple[Sequence[Listed], int]:
        total = session.scalar(select(func.count()).select_from(Record).where(condition)) or 0
        if after is not None:
            at, id = after
            behind = and_(Record.touched == at, Record.id > id)
            condition = and_(condition, or_(Record.touched < at, behind))
        talk = (
            select(func.count())
            .where(Comment.record_id == Record.id, Comment.resolved.is_(None))
            .correlate(Record)
            .scalar_subquery()
        )
        found = session.execute(
            select(Record, Organisation.name, Record.touched, Revision.author, talk)
            .join(
                Revision,
                and_(Revision.record_id == Record.id, Revision.number == Record.revision),
            )
            .outerjoin(Organisation, Organisation.id == Record.organisation)
            .where(condition)
            .order_by(Record.touched.desc(), Record.id)
            .limit(size)
            .offset((page - 1) * size)
        )
        return [Listed(record, name or "", *rest) for record, name, *rest in found], total


def _note(text: str) -> str:
    """What somebody wrote, without what no text may hold, cut to a sane length."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable()).strip()[:_LONGEST_NOTE]
