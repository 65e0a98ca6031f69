"""Reading and changing records: every way of storing goes through here.

One change is one transaction: record, revision and change log together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Any, Required, TypedDict, Unpack

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from catalogue import changes
from catalogue.errors import Conflict, Invalid, NotFound, Problem
from catalogue.profile import Document, Profile, Shape
from catalogue.records import revisions
from catalogue.records.checking import named_twice, objections
from catalogue.records.identifiers import is_key, new_key, slug_of
from catalogue.records.models import (
    DRAFT,
    PUBLIC_ACTIONS,
    PUBLISHED,
    RETURNED,
    SUBMITTED,
    WITHDRAWN,
    Comment,
    Record,
    Revision,
)
from catalogue.records.naming import text_in, title_of
from catalogue.records.visibility import seen
from catalogue.terms import fault_of_iri

#: While one author goes on saving a working copy this long after the last time, it is one step.
_ONE_SITTING = timedelta(minutes=30)
#: The rules that somebody else's description may break: it says too little, or more than we know.
LACKING = ("mandatory", "needed", "values")
#: The property that tells when the holder last said that a description is right.
CONFIRMED = "last_confirmed"
_OWN_REFERENCE = re.compile(r"id/([a-z]+)/([^/#]+)\Z")


class Said(TypedDict, total=False):
    """What is said of a step: who took it, why, and when if not now."""

    author: Required[str]
    note: str
    at: datetime | None


class Records:
    """The records of a catalogue under its profile."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def shape(self, kind: str) -> Shape:
        """The shape of a kind of record; raises :class:`NotFound` for an unknown kind."""
        try:
            return self.profile.records[kind]
        except KeyError:
            kinds = ", ".join(self.profile.records)
            raise NotFound(f'There is no kind of record "{kind}"; the kinds are {kinds}.') from None

    # reading ------------------------------------------------------------------------

    def get(self, session: Session, kind: str, key: str) -> Record:
        """A record by its key; raises :class:`NotFound`."""
        return self._one(session, kind, key, Record.key)

    def by_slug(self, session: Session, kind: str, slug: str) -> Record:
        """A published record by its slug; :class:`Gone` if withdrawn, else :class:`NotFound`."""
        return seen(self._one(session, kind, slug, Record.slug))

    def _one(self, session: Session, kind: str, value: str, column: Any) -> Record:
        self.shape(kind)
        found = None
        if "\x00" not in value:  # no key holds it, and PostgreSQL takes it for no text
            found = session.scalar(select(Record).where(Record.kind == kind, column == value))
        if found is None:
            raise NotFound(f'There is no {self.shape(kind).label.lower()} "{value[:80]}".')
        return found

    def iri_of(self, session: Session, kind: str, slug: str) -> str:
        """The IRI of the published record that has a slug; empty if there is none."""
        published = select(Record.iri).where(Record.kind == kind, Record.slug == slug)
        return session.scalar(published.where(Record.state == PUBLISHED)) or ""

    def named(self, session: Session, references: Sequence[str]) -> dict[str, Record]:
        """The records of some references, by reference; those not here are left out."""
        if not references:
            return {}
        found = session.scalars(select(Record).where(Record.iri.in_(set(references))))
        return {record.iri: record for record in found}

    # checking -----------------------------------------------------------------------

    def check(
        self,
        session: Session,
        kind: str,
        document: Mapping[str, Any],
        reference: str = "",
        known: Mapping[str, Record] | None = None,
    ) -> list[Problem]:
        """Everything that can be said against publishing a well-typed document.

        ``known`` are the records it refers to, where somebody looked them up already.
        """
        shape = self.shape(kind)
        if known is None:
            known = self.named(session, [named for _, named in shape.references(document)])
        return objections(shape, document, known, reference)

    def says(self, record: Record, data: Mapping[str, Any]) -> bool:
        """Whether a working copy says already what some JSON says."""
        shape = self.shape(record.kind)
        document, problems = shape.load(data)
        document.pop("id", None)
        return not problems and shape.identify(document) == record.working_copy

    # changing -----------------------------------------------------------------------

    def save(
        self,
        session: Session,
        kind: str,
        data: Mapping[str, Any],
        *,
        key: str = "",
        expected: int | None = None,
        organisation: int | None = None,
        **said: Unpack[Said],
    ) -> Record:
        """Save a working copy: anything well typed.

        ``key`` names an existing record or the key a new one is to have.  ``expected`` is
        the revision the author began from; another one there is a :class:`Conflict`.  What
        the world sees stays as it is.  ``organisation`` is the holder of a new record.
        """
        record, document = self._prepare(session, kind, data, key, expected, said.get("at"))
        if record.id is None:
            record.organisation = organisation
        return self._save(session, record, document, "saved", **said)

    def _save(
        self,
        session: Session,
        record: Record,
        document: Document,
        action: str,
        **said: Unpack[Said],
    ) -> Record:
        if document == record.draft or (record.draft is None and document == record.document):
            return record  # opening a record and saving it is no change
        record.draft = document
        return self._commit(session, record, action, **said)

    def submit(self, session: Session, record: Record, **said: Unpack[Said]) -> Record:
        """Hand the working copy to a reviewer; raises :class:`Invalid` with what it lacks."""
        if record.draft is None:
            raise Invalid("There is no working copy to be reviewed.")
        self._publishable(session, record, record.draft)
        record.review = SUBMITTED
        return self._commit(session, record, "submitted", **said)

    def recall(self, session: Session, record: Record, **said: Unpack[Said]) -> Record:
        """Take a working copy back from review."""
        return self._send_back(session, record, "", "recalled", **said)

    def return_(self, session: Session, record: Record, **said: Unpack[Said]) -> Record:
        """Send a working copy back to its editors with a request for changes."""
        return self._send_back(session, record, RETURNED, "returned", **said)

    def _send_back(
        self, session: Session, record: Record, review: str, action: str, **said: Unpack[Said]
    ) -> Record:
        if record.review != SUBMITTED:
            raise Invalid("It is not in review.")
        record.review = review
        return self._commit(session, record, action, **said)

    def discard(self, session: Session, record: Record, **said: Unpack[Said]) -> Record:
        """Drop the working copy of a record that the world sees; its last state is in the history."""
        if record.document is None or record.draft is None:
            raise Invalid("There is no working copy beside what is published.")
        record.draft, record.review = None, ""
        return self._commit(session, record, "discarded", **said)

    def delete(self, session: Session, record: Record) -> None:
        """Delete a record that the world never saw, with its history and comments."""
        if record.document is not None:
            raise Invalid("What was once published can be withdrawn, but not deleted.")
        for table in (Comment, Revision):
            session.execute(delete(table).where(table.record_id == record.id))
        session.delete(record)
        session.flush()

    def publish(
        self,
        session: Session,
        record: Record,
        *,
        expected: int | None = None,
        **said: Unpack[Said],
    ) -> Record:
        """Publish the working copy; raises :class:`Invalid` with what it still lacks."""
        _expect(record, expected)
        document = record.draft if record.draft is not None else record.document
        if document is None:
            raise Invalid("There is nothing to publish.")
        return self._publish(session, record, document, **said)

    def put(
        self,
        session: Session,
        kind: str,
        data: Mapping[str, Any],
        *,
        key: str,
        expected: int | None = None,
        **said: Unpack[Said],
    ) -> Record:
        """Save and publish in one step; the same document again changes nothing."""
        record, document = self._prepare(session, kind, data, key, expected, said.get("at"))
        shape = self.shape(kind)
        if (
            record.state == PUBLISHED
            and record.draft is None
            and record.document is not None
            and shape.canonical(document) == shape.canonical(record.document)
        ):
            return record
        return self._publish(session, record, document, **said)

    def adopt(
        self,
        session: Session,
        kind: str,
        data: Mapping[str, Any],
        *,
        key: str = "",
        working_copy: Mapping[str, Any] | None = None,
        lacking: bool = False,
        organisation: int | None = None,
        **said: Unpack[Said],
    ) -> Record:
        """Publish what another catalogue says of a record, beside a working copy of ours.

        ``data`` and ``working_copy`` are typed and their parts named (:meth:`Shape.load`,
        :meth:`Shape.identify`).  Raises :class:`Invalid` with what keeps it from being published; if it may be ``lacking``,
        that is only what would make it point to nothing.  The same document again changes
        nothing, and a withdrawn record comes back.
        """
        document = dict(data)
        record = self._begun(session, kind, document, key, None, said.get("at"))
        if record.id is None:
            record.organisation = organisation
        draft = None if working_copy is None else dict(working_copy)
        shape = self.shape(kind)
        if (
            record.state == PUBLISHED
            and record.document is not None
            and record.draft == draft
            and shape.canonical(document) == shape.canonical(record.document)
        ):
            return record
        self._adoptable(session, record, document, lacking=lacking)
        first = record.state != PUBLISHED
        review = record.review if draft is not None else ""
        record.document, record.draft, record.state = document, draft, PUBLISHED
        record.review = review
        return self._commit(session, record, "published" if first else "updated", **said)

    def adopt_new(
        self,
        session: Session,
        kind: str,
        several: Sequence[Document],
        *,
        lacking: bool = False,
        organisation: int | None = None,
        **said: Unpack[Said],
    ) -> list[Record | Invalid]:
        """Publish what another catalogue says of records that nobody has here yet, in one go.

        As :meth:`adopt`, for typed documents that each give the ``id`` they have there; where
        one cannot be published, its place holds why.
        """
        shape, now = self.shape(kind), said.get("at") or datetime.now(UTC)
        named = [reference for one in several for _, reference in shape.references(one)]
        known = self.named(session, [*named, *(one["id"] for one in several)])
        slugs = self._free_slugs(session, kind, shape, several)
        done: list[Record | Invalid] = []
        for document, slug in zip(several, slugs, strict=True):
            iri = document.pop("id")
            record = _new(kind, new_key(), iri, slug, now)
            record.organisation = organisation
            try:
                if iri in known or (fault := fault_of_iri(iri)):
                    raise Invalid([Problem(("id",), fault if iri not in known else "is here")])
                if twice := named_twice(shape, document):
                    raise Invalid(twice)
                self._adoptable(session, record, document, lacking=lacking, known=known)
            except Invalid as error:
                done.append(error)
                continue
            record.document, record.state = document, PUBLISHED
            done.append(record)
        self._commit_new(session, [one for one in done if isinstance(one, Record)], now, **said)
        return done

    def _free_slugs(
        self, session: Session, kind: str, shape: Shape, several: Sequence[Document]
    ) -> list[str]:
        """A slug for each of some new records; most are free, so all are looked up at once."""
        stems = [slug_of(title_of(shape, one), lambda _: False) for one in several]
        taken = set(
            session.scalars(
                select(Record.slug).where(Record.kind == kind, Record.slug.in_(set(stems)))
            )
        )
        free = []
        for stem, document in zip(stems, several, strict=True):
            slug = stem
            if slug in taken:
                slug = self._slug(session, kind, new_key(), document, shape, taken=taken)
            taken.add(slug)
            free.append(slug)
        return free

    def _commit_new(
        self, session: Session, records: Sequence[Record], now: datetime, **said: Unpack[Said]
    ) -> None:
        """Write new published records as :meth:`_commit` writes one."""
        if not records:
            return
        for record in records:
            self._fill_columns(record)
            record.issued, record.revision = now, 1
        session.add_all(records)
        session.flush()
        session.add_all(
            Revision(
                record_id=record.id,
                number=1,
                action="published",
                state=record.state,
                document=record.document,
                author=said["author"],
                note=said.get("note", ""),
                at=now,
            )
            for record in records
        )
        changes.append_all(session, records, "published", now)
        session.flush()

    def _adoptable(
        self,
        session: Session,
        record: Record,
        document: Document,
        *,
        lacking: bool,
        known: Mapping[str, Record] | None = None,
    ) -> None:
        """Raises :class:`Invalid` with what keeps a description of others from being published."""
        problems = self.check(session, record.kind, document, record.iri, known)
        if stopping := [
            one
            for one in problems
            if one.severity == "violation" and not (lacking and one.rule in LACKING)
        ]:
            raise Invalid(stopping)

    def erase(self, session: Session, record: Record, **said: Unpack[Said]) -> None:
        """Forget all that a record ever said; of one that the world saw, the tombstone stays."""
        if record.state == PUBLISHED:
            self.withdraw(session, record, **said)
        if record.issued is None:
            self.delete(session, record)
            return
        session.execute(delete(Comment).where(Comment.record_id == record.id))
        session.execute(
            update(Revision).where(Revision.record_id == record.id).values(document=None, note="")
        )
        record.document = record.draft = None
        record.title = record.publisher = record.access_rights = record.review = ""
        session.flush()

    def confirm(self, session: Session, record: Record, day: str, **said: Unpack[Said]) -> Record:
        """Write down that a published record was found right on a day.

        The world sees the day, and nothing else of it changes; a working copy goes on beside
        it.  The same day again changes nothing.
        """
        if record.state != PUBLISHED or record.document is None:
            raise Invalid("Only a published record can be confirmed.")
        if CONFIRMED not in self.shape(record.kind).properties:
            raise Invalid("The profile in force has no place for when a record was confirmed.")
        if record.document.get(CONFIRMED) == day:
            return record
        record.document = {**record.document, CONFIRMED: day}
        if record.draft is not None:
            record.draft = {**record.draft, CONFIRMED: day}
        return self._commit(session, record, "confirmed", **said)

    def withdraw(
        self,
        session: Session,
        record: Record,
        *,
        expected: int | None = None,
        **said: Unpack[Said],
    ) -> Record:
        """Take a record out of the world's sight; its address answers 410 from now on."""
        _expect(record, expected)
        if record.state != PUBLISHED:
            raise Invalid("Only a published record can be withdrawn.")
        record.state, record.review = WITHDRAWN, ""
        return self._commit(session, record, "withdrawn", **said)

    def restore(self, session: Session, record: Record, **said: Unpack[Said]) -> Record:
        """Bring a withdrawn record back into the world's sight, as it was."""
        if record.state != WITHDRAWN or record.document is None:
            raise Invalid("Only a withdrawn record can be restored.")
        self._publishable(session, record, record.document)
        record.state = PUBLISHED  # a working copy from before waits as it was
        return self._commit(session, record, "published", **said)

    def revert(self, session: Session, record: Record, number: int, **said: Unpack[Said]) -> Record:
        """Make what a record said in an earlier revision its working copy.

        That is a step of its own, never part of a sitting: what was written until then stays
        in the history.
        """
        earlier = revisions.get(session, record, number)
        if earlier.document is None:
            raise Invalid(f"Revision {number} says nothing that could be taken up again.")
        said["note"] = said.get("note") or f"As in revision {number}"
        _, document = self._prepare(session, record.kind, earlier.document, record.key, None, None)
        return self._save(session, record, document, "reverted", **said)

    # ---------------------------------------------------------------------------------

    def _prepare(
        self,
        session: Session,
        kind: str,
        data: Mapping[str, Any],
        key: str,
        expected: int | None,
        at: datetime | None,
    ) -> tuple[Record, Document]:
        """The record (new or found) and its document, typed, with names for its parts."""
        document, problems = self.shape(kind).load(data)
        if problems:
            raise Invalid(problems)
        self.shape(kind).identify(document)
        return self._begun(session, kind, document, key, expected, at), document

    def _begun(
        self,
        session: Session,
        kind: str,
        document: Document,
        key: str,
        expected: int | None,
        at: datetime | None,
    ) -> Record:
        """The record of a typed document, new or found; takes the ``id`` out of the document."""
        shape = self.shape(kind)
        foreign = document.pop("id", "")
        if twice := named_twice(shape, document):
            raise Invalid(twice)
        record = (
            session.scalar(select(Record).where(Record.kind == kind, Record.key == key))
            if key
            else None
        )
        if record is None:
            key = key or new_key()
            if not is_key(key):
                raise Invalid(
                    f'the key "{key}" may hold lower case letters, digits and hyphens only'
                )
            own = f"id/{kind}/{key}"
            if foreign and (fault := fault_of_iri(foreign)) and foreign != own:
                raise Invalid([Problem(("id",), fault)])
            if self.named(session, [foreign or own]):
                raise Conflict(f"There is a record {foreign or own} already.")
            slug = self._slug(session, kind, key, document, shape)
            record = _new(kind, key, foreign or own, slug, at or datetime.now(UTC))
        _expect(record, expected)
        return record

    def _slug(
        self,
        session: Session,
        kind: str,
        key: str,
        document: Document,
        shape: Shape,
        record: Record | None = None,
        taken: AbstractSet[str] = frozenset(),
    ) -> str:
        # A key somebody chose is the best slug; a random one says nothing.
        readable = (
            key if not re.fullmatch(r"[0-9a-hj-km-np-tv-z]{12}", key) else title_of(shape, document)
        )
        own = record.id if record else None

        def is_taken(slug: str) -> bool:
            has_it = select(Record.id).where(Record.kind == kind, Record.slug == slug)
            return slug in taken or session.scalar(has_it) not in (None, own)

        return slug_of(readable, is_taken)

    def _publish(
        self, session: Session, record: Record, document: Document, **said: Unpack[Said]
    ) -> Record:
        self._publishable(session, record, document)
        first = record.state != PUBLISHED
        if record.document is None and record.id is not None:
            # Nobody knows the address yet, and a title worth reading came after the first save.
            shape = self.shape(record.kind)
            record.slug = self._slug(session, record.kind, record.key, document, shape, record)
        record.document, record.draft, record.state = document, None, PUBLISHED
        record.review = ""
        return self._commit(session, record, "published" if first else "updated", **said)

    def _publishable(self, session: Session, record: Record, document: Document) -> None:
        """Raises :class:`Invalid` with all that keeps a document from being published."""
        problems = self.check(session, record.kind, document, record.iri)
        if violations := [one for one in problems if one.severity == "violation"]:
            raise Invalid(violations)

    def _commit(
        self, session: Session, record: Record, action: str, **said: Unpack[Said]
    ) -> Record:
        """Write record, revision and, if the world sees another, the change: all or nothing."""
        author, note = said["author"], said.get("note", "")
        now = said.get("at") or datetime.now(UTC)
        session.add(record)
        public = action in PUBLIC_ACTIONS
        self._fill_columns(record)
        record.touched = now
        if public:
            record.modified, record.issued = now, record.issued or now
        document = record.document if public else record.draft
        going_on = action == "saved" and not note
        if going_on and (open_ := self._sitting(session, record, author, now)):
            open_.document, open_.at = document, now
            session.flush()
            return record
        record.revision += 1
        session.flush()
        session.add(
            Revision(
                record_id=record.id,
                number=record.revision,
                action=action,
                state=record.state,
                document=document,
                author=author,
                note=note,
                at=now,
            )
        )
        if public:
            changes.append(session, record, action, now)
        session.flush()
        return record

    def _fill_columns(self, record: Record) -> None:
        """Write what SQL has columns for."""
        if (shown := record.document or record.draft) is not None:
            for one in self.shape(record.kind):
                if one.column:
                    setattr(record, one.column, _column(shown.get(one.name)))

    @staticmethod
    def _sitting(session: Session, record: Record, author: str, now: datetime) -> Revision | None:
        """The last revision, if its author is still at it: a form saves every few seconds.

        A save with a note was meant as a step of its own.
        """
        if record.id is None:
            return None
        last = session.get(Revision, (record.id, record.revision))
        going_on = (
            last is not None
            and last.action == "saved"
            and last.author == author
            and not last.note
            and timedelta() <= now - last.at < _ONE_SITTING
        )
        return last if going_on else None


def _new(kind: str, key: str, iri: str, slug: str, now: datetime) -> Record:
    """A record that nothing is said of yet."""
    return Record(
        kind=kind,
        key=key,
        iri=iri,
        state=DRAFT,
        revision=0,
        slug=slug,
        created=now,
        modified=now,
        touched=now,
        review="",
    )


def _expect(record: Record, expected: int | None) -> None:
    if expected is not None and record.revision != expected:
        raise Conflict(
            f"The record is at revision {record.revision} now; you began from {expected}. "
            "Look at what changed and save again."
        )


def _column(value: Any) -> str:
    """What an SQL column keeps of a value."""
    return text_in(value) if isinstance(value, Mapping) else str(value or "")
