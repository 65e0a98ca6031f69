"""A find becomes a record: begun, changed, brought back, held or left alone."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue.errors import CatalogueError, Invalid, Problem
from catalogue.harvest.interpreting import Interpreter, Read, Told, as_json, of_json, without
from catalogue.harvest.merge import lay
from catalogue.harvest.models import LOCAL, PUBLISH, Find, Item, Run, Source, Unread
from catalogue.harvest.owning import hand_over, others
from catalogue.harvest.reading import is_minted
from catalogue.profile import Document, Shape
from catalogue.profile.values import Reference
from catalogue.rdf.listing import LISTED
from catalogue.records import revisions
from catalogue.records.models import DRAFT, PUBLISHED, WITHDRAWN, Facet, Record
from catalogue.records.records import Records

log = structlog.get_logger()
#: How the author of a record that was taken in is written down, before the key of the source.
AUTHOR = "harvest:"
#: How a find says that the source itself says that something is gone.
GONE = "gone"
#: A value that keeps a record from being published is left out, so many times.
_MOST_ROUNDS = 20
_LONGEST_PREDICATE = 500
#: The rules that are broken by saying too little.
_LACKS = ("mandatory", "needed")


@dataclass
class _Taken:
    """What became of a find; without ``owner`` whoever looked after the record goes on."""

    outcome: str
    record: Record | None = None
    problems: list[Problem] = field(default_factory=list)
    kept: Sequence[str] = ()
    said: Document | None = None
    owner: bool | None = True
    unread: Sequence[str] = ()


@dataclass(frozen=True)
class _Known:
    """What is known of some finds: items by name, records by reference.

    ``ready`` are those that were read already, by name.
    """

    items: Mapping[str, Item]
    records: Mapping[str, Record]
    ready: Mapping[str, Read]

    @classmethod
    def of(
        cls,
        session: Session,
        source: Source,
        finds: Sequence[Find],
        interpreter: Interpreter,
        ready: Mapping[str, Read] = MappingProxyType({}),
    ) -> _Known:
        """Look it up, in one go for all."""
        names = [find.name for find in finds]
        items = session.scalars(
            select(Item).where(Item.source_id == source.id, Item.name.in_(names))
        )
        references = {interpreter.reference(find.iri) for find in finds if find.iri}
        records = session.scalars(select(Record).where(Record.iri.in_(references)))
        return cls(
            {item.name: item for item in items},
            {record.iri: record for record in records},
            ready,
        )


class Taking:
    """Takes finds in, one at a time, each whole or not at all."""

    def __init__(self, records: Records, interpreter: Interpreter) -> None:
        self._records = records
        self._interpreter = interpreter
        self._naming = [
            one.name
            for shape in records.profile.values()
            for one in shape
            if isinstance(one.value, Reference)
        ]

    def take_all(
        self,
        session: Session,
        source: Source,
        run: Run,
        finds: Sequence[Find],
        ready: Mapping[str, Read],
    ) -> None:
        """Make of some finds what they come to; ``ready`` are those that were read already.

        An error leaves the session spoilt: its transaction has to be given up, and the finds
        taken one by one.
        """
        known = _Known.of(session, source, finds, self._interpreter, ready)
        begun = self._begin(session, source, run, finds, known)
        for find in finds:
            if find.name not in begun:
                self._take(session, source, run, find, known)
        session.flush()

    def _begin(
        self,
        session: Session,
        source: Source,
        run: Run,
        finds: Sequence[Find],
        known: _Known,
    ) -> set[str]:
        """Begin the records of all finds that are wholly new, at once for each kind.

        Gives their names; those that cannot be published as they are are left to be taken one
        by one.
        """
        begun: dict[str, _Taken] = {}
        new = [find for find in finds if self._is_new(find, known)]
        for kind in dict.fromkeys(find.kind for find in new):
            several = [find for find in new if find.kind == kind]
            done = self._records.adopt_new(
                session,
                kind,
                [{**known.ready[find.name].document, "id": find.iri} for find in several],
                lacking=source.incomplete == PUBLISH or kind not in LISTED,
                organisation=source.organisation,
                author=AUTHOR + source.key,
                note=f"Taken in from {source.title}",
            )
            for find, one in zip(several, done, strict=True):
                if isinstance(one, Record):
                    read = known.ready[find.name]
                    problems = [*of_json(find.problems), *read.problems]
                    begun[find.name] = _Taken(
                        "created", one, problems, said=read.document, unread=read.unread
                    )
        told = [(find, _item(source, run, find)) for find in new if find.name in begun]
        session.add_all(item for _, item in told)
        for find, item in told:
            find.before = before(item, None)
            taken = begun[find.name]
            self._fill(item, find, taken)
            item.outcome = taken.outcome
            self._tell(find, taken)
        session.flush()
        for find, item in told:
            self._note_unread(session, source, item, begun[find.name].unread)
        return set(begun)

    def _is_new(self, find: Find, known: _Known) -> bool:
        """Whether nothing at all is known of a find but what it says, under its own address."""
        read = known.ready.get(find.name)
        reference = self._interpreter.reference(find.iri)
        return (
            bool(read and read.document and find.iri)
            and find.name not in known.items
            and reference not in known.records
            and not reference.startswith("id/")
        )

    def take(self, session: Session, source: Source, run: Run, find: Find) -> None:
        """Make of a find what it comes to; whatever is wrong with it stops nothing else."""
        try:
            with session.begin_nested():
                known = _Known.of(session, source, [find], self._interpreter)
                self._take(session, source, run, find, known)
                session.flush()
        except Exception as error:
            # One description must not stop the others, whatever it is.
            if not isinstance(error, CatalogueError):
                log.error("a find cannot be taken in", find=find.remote_id, error=repr(error))
            words = str(error) if isinstance(error, CatalogueError) else repr(error)
            self._failed(session, source, run, find, [Problem((), words[:500], rule="reading")])

    def _take(self, session: Session, source: Source, run: Run, find: Find, known: _Known) -> None:
        item = known.items.get(find.name) or _item(source, run, find)
        record = session.get(Record, item.record_id) if item.record_id else None
        problems = of_json(find.problems)
        if any(one.severity == "violation" for one in problems):
            self._failed(session, source, run, find, problems)
            return
        find.before = {**before(item, record), **(find.before or {})}
        if find.form == GONE:
            taken = self.let_go(session, source, item, record, "the source says it is gone")
        elif item.excluded or (item.owner and item.record_id is None):
            words = "" if item.excluded else "its draft was deleted here"
            why = [Problem((), words, "warning", "edits")] if words else []
            taken = _Taken("excluded", record, why)
        else:
            record = record or known.records.get(self._interpreter.reference(find.iri))
            ready = known.ready.get(find.name)
            taken = self._as_record(session, source, item, record, find, ready)
            self._remember(session, source, item, find, taken)
        item.outcome, item.seen = taken.outcome, run.id
        self._tell(find, taken)

    # gone ------------------------------------------------------------------------------

    def let_go(
        self, session: Session, source: Source, item: Item, record: Record | None, why: str
    ) -> _Taken:
        """Withdraw what is no longer at its source, unless it is still needed here."""
        item.gone, item.changed = item.gone or _now(), _now()
        if record is None or not item.owner:
            return _Taken("withdrawn" if record is None else "missing", record)
        if hand_over(session, item):
            return _Taken(
                "missing", record, [Problem((), "another source has it still", "warning")]
            )
        if record.state == DRAFT:
            return _Taken("missing", record, [Problem((), "is a draft here", "warning")])
        if record.kind not in LISTED and self._is_named(session, record):
            return _Taken("missing", record, [Problem((), "records name it still", "warning")])
        if record.state == PUBLISHED:
            self._records.withdraw(
                session, record, author=AUTHOR + source.key, note=f"{source.title}: {why}"[:500]
            )
        item.outcome = "withdrawn"
        return _Taken("withdrawn", record)

    def _is_named(self, session: Session, record: Record) -> bool:
        found = select(Facet.record_id).where(Facet.value == record.iri)
        found = found.where(Facet.field.in_(self._naming)).limit(1)  # the index begins with it
        return session.scalar(found) is not None

    # there -----------------------------------------------------------------------------

    def _as_record(
        self,
        session: Session,
        source: Source,
        item: Item,
        record: Record | None,
        find: Find,
        ready: Read | None,
    ) -> _Taken:
        read = ready or self._interpreter.read(
            Told(
                find.kind,
                find.iri,
                find.form,
                gzip.decompress(find.raw or b""),
                item.said,
                source.listed_in,
            )
        )
        if not read.document:
            raise Invalid(read.problems)
        reference = self._interpreter.reference(find.iri)
        if (theirs := self._not_ours(session, item, record, find, reference)) is not None:
            why, owner = theirs
            told = [*read.problems, Problem((), why, "warning", "own")]
            return _Taken("own", record, told, owner=owner)
        problems = [*of_json(find.problems), *read.problems]
        document = read.document
        taken = self._written(session, source, item, record, find, document, problems)
        if taken.outcome != "held" or taken.record is None or taken.record.state == DRAFT:
            taken.said = document  # else what is published is still what it said before
        taken.unread = read.unread
        return taken

    def _not_ours(
        self, session: Session, item: Item, record: Record | None, find: Find, reference: str
    ) -> tuple[str, bool | None] | None:
        """Why a description does not change anything here, and whether it looks after the record.

        None if it may change it.
        """
        if reference.startswith("id/") and not is_minted(reference) and record is None:
            return "its address is one of ours, but there is no such record", False
        if record is None:
            return None
        if item.same_as is not None:
            return "somebody said that another record here describes the same dataset", None
        if record.kind != find.kind:
            return f"is of the kind {record.kind} here", None
        if any(one.owner for one in others(session, record.id, item)):
            return "comes from another source already, which is left to look after it", False
        if item.owner:
            return None
        if record.state == WITHDRAWN and self._was_withdrawn_by_us(session, record):
            return None  # of a source that was given up, and is back
        return "is a record of our own", False

    def _was_withdrawn_by_us(self, session: Session, record: Record) -> bool:
        """Whether a run took a record out of sight, and no person did."""
        last = revisions.of(session, record, public=True, most=1)
        return bool(last and last[0].action == "withdrawn" and last[0].author.startswith(AUTHOR))

    def _written(
        self,
        session: Session,
        source: Source,
        item: Item,
        record: Record | None,
        find: Find,
        document: Document,
        problems: list[Problem],
    ) -> _Taken:
        """What the source says now laid over what stands here, and published."""
        if record is None:
            return self._published(session, source, None, find, document, None, problems, "created")
        if record.state == WITHDRAWN and not self._was_withdrawn_by_us(session, record):
            words = "was withdrawn here by a person, and stays so"
            return _Taken("kept", record, [*problems, Problem((), words, "warning", "edits")])
        shape = self._records.shape(record.kind)
        here = (record.draft if record.state == DRAFT else record.document) or {}
        # What comes from a source that was given up, and is back, holds no edits of ours.
        said = here if item.said is None else item.said
        laid = lay(source, shape, said, document, here)
        for name in laid.lost:
            words = f"an edit here gave way to the source; it is in revision {record.revision}"
            problems.append(Problem((name,), words, "warning", "edits"))
        for name in laid.kept:
            words = "the source says something else now; the edit here stands"
            problems.append(Problem((name,), words, "warning", "edits"))
        if record.state == DRAFT and here != said:
            words = "somebody here is completing it, and publishes it"
            problems.append(Problem((), words, "warning", "edits"))
            return self._held(session, source, record, find, laid.document, problems)
        draft, differing = self._draft(shape, record, laid.document)
        for name in differing:
            words = "the source says something else than the working copy that waits here"
            problems.append(Problem((name,), words, "warning", "edits"))
        was = "returned" if record.state == WITHDRAWN or item.gone else "updated"
        was = "created" if record.state == DRAFT else was
        taken = self._published(session, source, record, find, laid.document, draft, problems, was)
        taken.kept = laid.kept
        if taken.outcome == "unchanged" and laid.kept:
            taken.outcome = "kept"
        return taken

    def _draft(
        self, shape: Shape, record: Record, document: Document
    ) -> tuple[Document | None, Sequence[str]]:
        """The working copy of somebody who is at it just now, with what is new in it.

        And the fields where it says something else than the source does now.
        """
        if record.state == DRAFT or record.draft is None:
            return None, ()
        theirs = Source(edits=LOCAL, fields={})
        laid = lay(theirs, shape, record.document or {}, document, record.draft)
        return (laid.document, laid.kept) if laid.document != document else (None, ())

    def _published(
        self,
        session: Session,
        source: Source,
        record: Record | None,
        find: Find,
        document: Document,
        draft: Document | None,
        problems: list[Problem],
        outcome: str,
    ) -> _Taken:
        """The record published, or held where it lacks what publishing needs.

        An organisation that is only named is published with its name: who reads a dataset wants
        to know whose it is.
        """
        revision = record.revision if record is not None else 0
        key, data = self._key(record, find), document
        verb = "Taken in from" if record is None else "Changed at"
        author, note = AUTHOR + source.key, f"{verb} {source.title}"
        for _ in range(_MOST_ROUNDS):
            try:
                done = self._records.adopt(
                    session,
                    find.kind,
                    self._with_id(record, find, data),
                    key=key,
                    working_copy=draft,
                    lacking=source.incomplete == PUBLISH or find.kind not in LISTED,
                    organisation=source.organisation,
                    author=author,
                    note=note,
                )
            except Invalid as error:
                wrong = [one for one in error.problems if one.rule not in _LACKS]
                if not wrong:
                    lacks = list(error.problems)
                    return self._held(session, source, record, find, data, [*problems, *lacks])
                problems += [
                    Problem(one.path, f"left out: {one.message}", "warning", one.rule)
                    for one in wrong
                ]
                data = without(data, [one.path for one in wrong])
            else:
                changed = done.revision != revision
                return _Taken(outcome if changed else "unchanged", done, problems)
        raise Invalid(problems)

    def _held(
        self,
        session: Session,
        source: Source,
        record: Record | None,
        find: Find,
        document: Document,
        problems: list[Problem],
    ) -> _Taken:
        """Keep as a draft what cannot be published; what is published already stays as it is."""
        if record is not None and record.state != DRAFT:
            words = "lacks what publishing needs now; what is published here stays as it was"
            problems = [*problems, Problem((), words, "warning", "edits")]
            return _Taken("held", record, problems)
        done = self._records.save(
            session,
            find.kind,
            self._with_id(record, find, document),
            key=self._key(record, find),
            organisation=source.organisation,
            author=AUTHOR + source.key,
            note=f"From {source.title}; it lacks what publishing needs",
        )
        return _Taken("held", done, problems)

    def _key(self, record: Record | None, find: Find) -> str:
        if record is not None:
            return record.key
        reference = self._interpreter.reference(find.iri)
        return reference.rsplit("/", 1)[-1] if is_minted(reference) else ""

    def _with_id(self, record: Record | None, find: Find, document: Document) -> Document:
        """A new record is called as its source calls it, where that is an address."""
        foreign = find.iri and not is_minted(self._interpreter.reference(find.iri))
        return {**document, "id": find.iri} if record is None and foreign else document

    # remembering -----------------------------------------------------------------------

    def _remember(
        self, session: Session, source: Source, item: Item, find: Find, taken: _Taken
    ) -> None:
        self._fill(item, find, taken)
        if item.id is None:
            session.add(item)
        else:
            session.execute(delete(Unread).where(Unread.item_id == item.id))
        if taken.unread:
            session.flush()  # the item has a number then
        self._note_unread(session, source, item, taken.unread)

    @staticmethod
    def _fill(item: Item, find: Find, taken: _Taken) -> None:
        item.hash, item.raw, item.form = find.hash, find.raw, find.form
        item.iri, item.remote_id, item.kind = find.iri, find.remote_id, find.kind
        item.record_id = taken.record.id if taken.record is not None else None
        if taken.said is not None:
            item.said = taken.said
        if taken.outcome not in ("unchanged", "own"):
            item.changed = _now()
        item.gone, item.kept = None, list(taken.kept) or None
        if taken.owner is not None:
            item.owner = taken.owner
        item.problems = as_json(taken.problems)

    @staticmethod
    def _note_unread(
        session: Session, source: Source, item: Item, predicates: Sequence[str]
    ) -> None:
        session.add_all(
            Unread(source_id=source.id, predicate=one, item_id=item.id)
            for one in dict.fromkeys(one[:_LONGEST_PREDICATE] for one in predicates)
        )

    @staticmethod
    def _tell(find: Find, taken: _Taken) -> None:
        find.outcome, find.raw = taken.outcome, None
        find.problems = as_json(taken.problems)
        if taken.record is not None:
            find.record_id = taken.record.id
            find.title = taken.record.title or find.title
        before = find.before or {}
        if taken.outcome in ("unchanged", "own", "excluded"):  # nothing to put back but a name
            find.before = {"was": before["was"]} if "was" in before else None
        else:
            after = taken.record.revision if taken.record is not None else None
            find.before = {**before, "after": after}

    def _failed(
        self,
        session: Session,
        source: Source,
        run: Run,
        find: Find,
        problems: Sequence[Problem],
    ) -> None:
        """What is stored stays; the next run tries again."""
        found = select(Item).where(Item.source_id == source.id, Item.name == find.name)
        if (item := session.scalar(found)) is not None:
            item.hash, item.outcome, item.seen = "", "failed", run.id
            item.problems = as_json(problems)
        find.outcome, find.raw, find.before = "failed", None, None
        find.problems = as_json(problems)
        session.flush()


def _item(source: Source, run: Run, find: Find) -> Item:
    """What will be remembered of a description that was not met before."""
    return Item(
        source_id=source.id,
        name=find.name,
        remote_id=find.remote_id,
        kind=find.kind,
        iri=find.iri,
        hash="",
        seen=run.id,
        first=_now(),
        changed=_now(),
        outcome="",
    )


def before(item: Item, record: Record | None) -> dict[str, Any]:
    """What has to be put back to undo what is about to be done."""
    return {
        "item": None
        if item.id is None
        else {
            "said": item.said,
            "kept": item.kept,
            "outcome": item.outcome,
            "owner": item.owner,
            "gone": item.gone.isoformat() if item.gone else None,
        },
        "record": None if record is None else _standing(record),
    }


def _standing(record: Record) -> Mapping[str, Any]:
    return {"state": record.state, "revision": record.revision, "draft": record.draft}


def _now() -> datetime:
    return datetime.now(UTC)
