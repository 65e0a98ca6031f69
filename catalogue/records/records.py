"""Reading and changing records: every way of storing goes through here.

One change is one transaction: record, revision and change log together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue import changes
from catalogue.errors import Conflict, Gone, Invalid, NotFound, Problem
from catalogue.profile import Document, Names, Profile, Shape
from catalogue.profile.shape import reasons_in
from catalogue.profile.values import Reference
from catalogue.records.identifiers import is_key, new_key, slug_of
from catalogue.records.models import DRAFT, PUBLISHED, WITHDRAWN, Record, Revision
from catalogue.terms import fault_of_iri

_OWN_REFERENCE = re.compile(r"id/([a-z]+)/([^/#]+)\Z")


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
        found = session.scalar(select(Record).where(Record.kind == kind, column == value))
        if found is None:
            raise NotFound(f'There is no {self.shape(kind).label.lower()} "{value[:80]}".')
        return found

    def named(self, session: Session, references: Sequence[str]) -> dict[str, Record]:
        """The records of some references, by reference; those not here are left out."""
        if not references:
            return {}
        found = session.scalars(select(Record).where(Record.iri.in_(set(references))))
        return {record.iri: record for record in found}

    def history(self, session: Session, record: Record) -> Sequence[Revision]:
        """The revisions of a record, newest first."""
        return session.scalars(
            select(Revision).where(Revision.record_id == record.id).order_by(Revision.number.desc())
        ).all()

    # checking -----------------------------------------------------------------------

    def check(
        self, session: Session, kind: str, document: Mapping[str, Any], reference: str = ""
    ) -> list[Problem]:
        """Everything that can be said against publishing a well-typed document."""
        shape = self.shape(kind)
        problems = list(shape.problems(document))
        problems += _contradictions(shape, document)
        problems += self._dangling(session, shape, document, reference)
        return problems

    def _dangling(
        self, session: Session, shape: Shape, document: Mapping[str, Any], own: str
    ) -> list[Problem]:
        """References to records that are not here, or that lack what is asked of them."""
        problems = []
        used = list(shape.references(document))
        known = self.named(session, [reference for _, reference in used])
        for one, reference in used:
            assert isinstance(one.value, Reference)
            target = known.get(reference)
            if target is None:
                if _OWN_REFERENCE.match(reference) and reference != own:
                    problems.append(
                        Problem((one.name,), f"there is no record {reference}", rule="reference")
                    )
                continue
            if self.shape(target.kind).name not in one.value.targets:
                kind, wanted = self.shape(target.kind), self.profile[one.value.targets[0]]
                problems.append(
                    Problem(
                        (one.name,),
                        f"{reference} is of the kind {kind.label.lower()}; "
                        f"{wanted.label.lower()} is needed here",
                        rule="reference",
                    )
                )
                continue
            for needed in one.value.needed:
                if not (target.document or target.draft or {}).get(needed):
                    label = self.shape(target.kind)[needed].label
                    problems.append(
                        Problem(
                            (one.name,),
                            f"{target.title}: “{label}” is needed there",
                            rule="reference",
                        )
                    )
        return problems

    # changing -----------------------------------------------------------------------

    def save(
        self,
        session: Session,
        kind: str,
        data: Mapping[str, Any],
        *,
        key: str = "",
        author: str,
        note: str = "",
        expected: int | None = None,
        at: datetime | None = None,
    ) -> Record:
        """Save a draft: anything well typed.

        ``key`` names an existing record or the key a new one is to have.  ``expected`` is
        the revision the author began from; another one there is a :class:`Conflict`.
        """
        record, document = self._prepare(session, kind, data, key, expected, at)
        record.draft = document
        return self._commit(session, record, "saved", author, note, at)

    def publish(
        self,
        session: Session,
        record: Record,
        *,
        author: str,
        note: str = "",
        expected: int | None = None,
        at: datetime | None = None,
    ) -> Record:
        """Publish the working copy; raises :class:`Invalid` with what it still lacks."""
        _expect(record, expected)
        document = record.draft if record.draft is not None else record.document
        if document is None:
            raise Invalid("There is nothing to publish.")
        return self._publish(session, record, document, author, note, at)

    def put(
        self,
        session: Session,
        kind: str,
        data: Mapping[str, Any],
        *,
        key: str,
        author: str,
        note: str = "",
        expected: int | None = None,
        at: datetime | None = None,
    ) -> Record:
        """Save and publish in one step; the same document again changes nothing."""
        record, document = self._prepare(session, kind, data, key, expected, at)
        shape = self.shape(kind)
        if (
            record.state == PUBLISHED
            and record.draft is None
            and record.document is not None
            and shape.canonical(document) == shape.canonical(record.document)
        ):
            return record
        return self._publish(session, record, document, author, note, at)

    def withdraw(
        self,
        session: Session,
        record: Record,
        *,
        author: str,
        note: str = "",
        expected: int | None = None,
        at: datetime | None = None,
    ) -> Record:
        """Take a record out of the world's sight; its address answers 410 from now on."""
        _expect(record, expected)
        if record.state != PUBLISHED:
            raise Invalid("Only a published record can be withdrawn.")
        record.state = WITHDRAWN
        return self._commit(session, record, "withdrawn", author, note, at)

    def restore(
        self,
        session: Session,
        record: Record,
        number: int,
        *,
        author: str,
        note: str = "",
        at: datetime | None = None,
    ) -> Record:
        """Publish what a record said in an earlier revision."""
        revision = session.get(Revision, (record.id, number))
        if revision is None or revision.document is None:
            raise NotFound(f"There is no revision {number} to restore.")
        return self._publish(session, record, deepcopy(revision.document), author, note, at)

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
        shape = self.shape(kind)
        document, problems = shape.load(data)
        if problems:
            raise Invalid(problems)
        foreign = document.pop("id", "")
        shape.identify(document)
        if twice := _named_twice(shape, document):
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
            if foreign and (fault := fault_of_iri(foreign)) and foreign != f"id/{kind}/{key}":
                raise Invalid([Problem(("id",), fault)])
            now = at or datetime.now(UTC)
            record = Record(
                kind=kind,
                key=key,
                iri=foreign or f"id/{kind}/{key}",
                state=DRAFT,
                revision=0,
                slug=self._slug(session, kind, key, document, shape),
                created=now,
                modified=now,
            )
        _expect(record, expected)
        return record, document

    def _slug(self, session: Session, kind: str, key: str, document: Document, shape: Shape) -> str:
        # A key somebody chose is the best slug; a random one says nothing.
        readable = (
            key if not re.fullmatch(r"[0-9a-hj-km-np-tv-z]{12}", key) else title_of(shape, document)
        )
        return slug_of(
            readable,
            lambda slug: (
                session.scalar(select(Record.id).where(Record.kind == kind, Record.slug == slug))
                is not None
            ),
        )

    def _publish(
        self,
        session: Session,
        record: Record,
        document: Document,
        author: str,
        note: str,
        at: datetime | None,
    ) -> Record:
        problems = self.check(session, record.kind, document, record.iri)
        if violations := [one for one in problems if one.severity == "violation"]:
            raise Invalid(violations)
        first = record.state != PUBLISHED
        record.document, record.draft, record.state = document, None, PUBLISHED
        record.issued = record.issued or at or datetime.now(UTC)
        return self._commit(session, record, "published" if first else "updated", author, note, at)

    def _commit(
        self,
        session: Session,
        record: Record,
        action: str,
        author: str,
        note: str,
        at: datetime | None,
    ) -> Record:
        """Write record, revision and change: all of it or nothing."""
        now = at or datetime.now(UTC)
        session.add(record)
        shape = self.shape(record.kind)
        document = record.draft if action == "saved" else record.document
        for one in shape:
            if one.column and (shown := record.document or record.draft) is not None:
                setattr(record, one.column, _column(shown.get(one.name)))
        record.revision += 1
        if action != "saved":
            record.modified = now
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
        changes.append(session, record, action, now)
        session.flush()
        return record


def seen(record: Record) -> Record:
    """The record if the world may see it; :class:`Gone` or :class:`NotFound` otherwise."""
    if record.state == WITHDRAWN:
        raise Gone(f"“{record.slug}” was withdrawn from the catalogue.")
    if record.state != PUBLISHED:
        raise NotFound(f'There is no {record.kind} "{record.slug}".')
    return record


def names_of(record: Record, base: str) -> Names:
    """The names inside a record."""
    return Names(base, record.iri)


def title_of(shape: Shape, document: Mapping[str, Any], *languages: str) -> str:
    """The title of a record in the first language there is."""
    for one in shape:
        if one.column == "title":
            return text_in(document.get(one.name) or {}, *languages)
    return ""


def text_in(texts: Mapping[str, Any], *languages: str) -> str:
    """The text of a language map in the first language there is; English, then any, at last."""
    for language in (*languages, "en"):
        if language in texts:
            return str(texts[language])
    return str(next(iter(texts.values()), ""))


def _expect(record: Record, expected: int | None) -> None:
    if expected is not None and record.revision != expected:
        raise Conflict(
            f"The record is at revision {record.revision} now; you began from {expected}. "
            "Look at what changed and save again."
        )


def _column(value: Any) -> str:
    """What an SQL column keeps of a value."""
    return text_in(value) if isinstance(value, Mapping) else str(value or "")


def _named_twice(shape: Shape, document: Document) -> list[Problem]:
    """Parts of one name with different contents: RDF would melt them into one."""
    seen_parts: dict[str, Document] = {}
    problems = []
    for part_shape, name, part in shape.parts(document):
        canonical = part_shape.canonical(part)
        if seen_parts.setdefault(part["id"], canonical) != canonical:
            problems.append(Problem((name,), f"two different parts are called {part['id']}"))
    return problems


def _contradictions(shape: Shape, document: Mapping[str, Any]) -> list[Problem]:
    """Reasons that stand beside a value, or for a field that takes none."""
    problems = []
    for name in reasons_in(document):
        if name not in shape.properties or not shape[name].reasons:
            problems.append(Problem(("not_stated",), f"“{name}” takes no reason", rule="reason"))
        elif shape[name].values(document):
            label = shape[name].label
            problems.append(
                Problem(
                    ("not_stated",),
                    f"“{label}” has a value and a reason for having none",
                    rule="reason",
                )
            )
    return problems
