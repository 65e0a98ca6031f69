"""Search statements: what was asked on a day and what it found, for a protocol, to be replayed.

A statement keeps numbers of records and of their revisions, never titles: what it shows is
looked up in the history, as far as the world may read it today.  So what was withdrawn since,
or is kept back now, does not stay readable here.
"""

from __future__ import annotations

import gzip
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from catalogue import __version__
from catalogue.accounts import audit
from catalogue.accounts.viewer import Viewer
from catalogue.changes import head, public_revisions
from catalogue.database import Base, Moment
from catalogue.errors import BadRequest, Forbidden, NotFound, Problem
from catalogue.memory import Memory
from catalogue.outcomes import wording
from catalogue.outcomes.asking import Asking
from catalogue.outcomes.steps import Account, account_of, named
from catalogue.profile import Document, Profile
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Record, Revision
from catalogue.records.visibility import HOLDERS, RESTRICTED, WITHHELD, past

#: The longest title and note of a statement.
LONGEST_TITLE, LONGEST_NOTE = 200, 2_000
#: What is told of a dataset beside what has a column, and what says who may see that.
_TOLD = frozenset({*HOLDERS, WITHHELD, RESTRICTED})
#: How many records are looked up at once.
_TOGETHER = 500
#: How many replays and contents are remembered.
_KEPT_REPLAYS, _KEPT_CONTENTS = 64, 16


class Statement(Base):
    """One statement; ``content`` is packed JSON: the account, and the list.

    The list has for each record its number, its public revision then, and how it fitted.
    ``position`` is the last change of the catalogue then; ``user_id`` who made it, if known.
    """

    __tablename__ = "statement"
    __table_args__ = (Index("statement_by_user", "user_id", "at"),)

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    note: Mapped[str] = mapped_column(Text)
    asked: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Drawn:
    """What a statement would keep, before it is kept."""

    asked: str
    account: Account
    listed: Sequence[tuple[int, int, str]]
    position: int


@dataclass(frozen=True)
class Entry:
    """One dataset of a statement's list, as the world may read it today.

    ``document`` is its title and holder as it said them then, None if it was withdrawn since (``withdrawn``) or the
    revision is no longer kept.  ``at`` is when that revision became public.
    """

    place: int
    record: Record
    revision: int
    fits: str
    document: Document | None
    at: datetime | None
    withdrawn: bool


@dataclass(frozen=True)
class Refit:
    """One dataset that fits otherwise now than it did then, by its number."""

    record: int
    then: str
    now: str


@dataclass(frozen=True)
class Replay:
    """Then and now: which datasets came, went, or say something else; numbers of records.

    ``gone`` no longer answer; ``withdrawn`` are no longer there.  ``changed`` have had
    another public revision since; ``fits`` are those that fit otherwise.  ``fault`` says why
    it cannot be replayed.
    """

    account: Account | None = None
    added: Sequence[int] = ()
    gone: Sequence[int] = ()
    withdrawn: Sequence[int] = ()
    changed: Sequence[int] = ()
    fits: Sequence[Refit] = ()
    fault: str = ""

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (
            self.fault or self.added or self.gone or self.withdrawn or self.changed or self.fits
        )


class Statements:
    """Makes, reads, replays and deletes the statements of a catalogue."""

    def __init__(
        self,
        profile: Profile,
        asking: Asking,
        version: Callable[[], str],
        generation: Callable[[], str],
    ) -> None:
        self._profile, self._asking = profile, asking
        self._version, self._generation = version, generation
        shape = profile.records["dataset"]
        self._told = [one.name for one in shape if one.column or one.name in _TOLD]
        self._replays, self._contents = Memory(_KEPT_REPLAYS), Memory(_KEPT_CONTENTS)

    # making --------------------------------------------------------------------------

    def draw(self, session: Session, address: str) -> Drawn:
        """What is asked and what it finds now; raises :class:`BadRequest` that says what is wrong."""
        asked = self._asking.read(address)
        found = asked.hits(session)
        states = public_revisions(session, list(found))
        # Whoever is in the index but no longer public was withdrawn this very moment.
        listed = [(one, states[one][0], fits) for one, fits in found.items() if one in states]
        account = account_of(session, self._profile, asked, len(listed))
        return Drawn(asked.address, account, listed, head(session))

    def make(
        self, session: Session, drawn: Drawn, viewer: Viewer, title: str = "", note: str = ""
    ) -> Statement:
        """Keep what was drawn; raises :class:`BadRequest` for a title or note that is too long."""
        title, note = " ".join(title.replace("\0", "").split()), note.replace("\0", "").strip()
        problems = [
            Problem((name,), f"This is longer than {most:,} characters; shorten it.")
            for name, text, most in (
                ("title", title, LONGEST_TITLE),
                ("note", note, LONGEST_NOTE),
            )
            if len(text) > most
        ]
        if problems:
            raise BadRequest(problems)
        content = {"account": drawn.account.plain(), "list": drawn.listed}
        made = Statement(
            key=secrets.token_urlsafe(16),
            title=title or title_of(drawn.account),
            note=note,
            asked=drawn.asked,
            position=drawn.position,
            version=f"{__version__} ({self._version()})",
            at=datetime.now(UTC),
            user_id=viewer.user,
            content=gzip.compress(json.dumps(content, ensure_ascii=False).encode(), mtime=0),
        )
        session.add(made)
        session.flush()
        return made

    # reading -------------------------------------------------------------------------

    @staticmethod
    def get(session: Session, key: str) -> Statement:
        """A statement by its key; raises :class:`NotFound`."""
        found = session.get(Statement, key) if key.isascii() and key.isprintable() else None
        if found is None:
            raise NotFound("There is no such search statement. It may have been deleted.")
        return found

    @staticmethod
    def of(session: Session, viewer: Viewer, most: int = 200) -> Sequence[Statement]:
        """The statements that somebody made, the newest first; without what they hold."""
        return session.scalars(
            select(Statement)
            .where(Statement.user_id == viewer.user)
            .order_by(Statement.at.desc(), Statement.key)
            .options(defer(Statement.content))
            .limit(most)
        ).all()

    def account(self, session: Session, statement: Statement) -> Account:
        """What was asked and how it came out then."""
        return named(session, self._content(statement)[0])

    def listed(self, statement: Statement) -> Sequence[tuple[int, int, str]]:
        """The list as it was: number of the record, its revision, how it fitted."""
        return self._content(statement)[1]

    def _content(self, statement: Statement) -> tuple[Account, Sequence[tuple[int, int, str]]]:
        """What a statement keeps; it never changes."""
        return self._contents(statement.key, lambda: _content(statement))

    def entries(
        self, session: Session, statement: Statement, first: int = 0, most: int | None = None
    ) -> Iterator[Entry]:
        """The datasets of the list from a place on, as far as the world may read of them today."""
        end = None if most is None else first + most
        listed = iter(enumerate(self.listed(statement)[first:end], start=first + 1))
        while some := list(islice(listed, _TOGETHER)):
            yield from self._entries(session, some)

    def _entries(
        self, session: Session, some: Sequence[tuple[int, tuple[int, int, str]]]
    ) -> Iterator[Entry]:
        ids = {one for _, (one, _, _) in some}
        records = {
            one.id: one
            for one in session.scalars(
                select(Record).where(Record.id.in_(ids)).options(defer(Record.draft))
            )
        }
        # Most of them still say what they said; only of the others is the history read.
        now = public_revisions(session, list(ids))
        then = {
            (number, revision): (now[number][1], records[number].document)
            for _, (number, revision, _) in some
            if number in now and now[number][0] == revision
        }
        older = {
            (number, revision)
            for _, (number, revision, _) in some
            if number in now and (number, revision) not in then
        }
        then |= {
            (one.record_id, one.number): (one.at, one.document)
            for one in session.scalars(
                select(Revision).where(
                    Revision.record_id.in_({number for number, _ in older}),
                    Revision.number.in_({revision for _, revision in older}),
                )
            )
            if (one.record_id, one.number) in older
        }
        for place, (number, revision, fits) in some:
            if (record := records.get(number)) is None:
                continue
            at, said = then.get((number, revision), (None, None))
            document = None if said is None else self._past(record, said)
            public = record.state == PUBLISHED
            yield Entry(place, record, revision, fits, document, at, withdrawn=not public)

    def _past(self, record: Record, document: Mapping[str, Any]) -> Document | None:
        shape = self._profile.records[record.kind]
        told = {name: document[name] for name in self._told if name in document}
        return spared(record, lambda: past(shape, record, told))

    # replaying -----------------------------------------------------------------------

    def replay(self, session: Session, statement: Statement) -> Replay:
        """Then and now; worked out once for each state of the catalogue."""
        state = (statement.key, head(session), self._generation())
        found = self._replays(state, lambda: self._replay(session, statement))
        if found.account is None:
            return found
        return replace(found, account=named(session, found.account))

    def _replay(self, session: Session, statement: Statement) -> Replay:
        try:
            drawn = self.draw(session, statement.asked)
        except BadRequest as error:
            return Replay(fault=str(error))
        then = {record: (revision, fits) for record, revision, fits in self.listed(statement)}
        now = {record: (revision, fits) for record, revision, fits in drawn.listed}
        left = [one for one in then if one not in now]
        there = public_revisions(session, left)
        both = [one for one in then if one in now]
        return Replay(
            drawn.account,
            [one for one in now if one not in then],
            [one for one in left if one in there],
            [one for one in left if one not in there],
            [one for one in both if then[one][0] != now[one][0]],
            [Refit(one, then[one][1], now[one][1]) for one in both if then[one][1] != now[one][1]],
        )

    # deleting ------------------------------------------------------------------------

    @staticmethod
    def may_delete(statement: Statement, viewer: Viewer) -> bool:
        """Whether somebody may delete a statement: who made it, and administrators."""
        if viewer.reads_only or not viewer.signed_in:
            return False
        return viewer.role == "administrator" or statement.user_id == viewer.user

    def delete(self, session: Session, viewer: Viewer, key: str) -> None:
        """Delete a statement; raises :class:`Forbidden` for others."""
        found = self.get(session, key)
        if not self.may_delete(found, viewer):
            raise Forbidden("Only who made a search statement, signed in, can delete it.")
        session.delete(found)
        audit.write(session, "statement-deleted", viewer, f"statement:{key}")


def title_of(account: Account) -> str:
    """What a statement is called where nobody says."""
    # A title is kept, and the title of a record may be withdrawn: it stays out.
    pairs = [(name, said) for name, said in account.criteria if "<" not in said]
    return wording.title_of(account.words, pairs)


def _content(statement: Statement) -> tuple[Account, Sequence[tuple[int, int, str]]]:
    found = json.loads(gzip.decompress(statement.content))
    listed = [(record, revision, fits) for record, revision, fits in found["list"]]
    return Account.of(found["account"]), listed
