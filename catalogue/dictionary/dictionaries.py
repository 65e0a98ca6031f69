"""Data dictionaries of records: read from files, kept until somebody takes them in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from catalogue.accounts.viewer import Viewer
from catalogue.dictionary.models import WaitingDictionary
from catalogue.dictionary.reading import MOST_VARIABLES, Dictionary, Reading
from catalogue.dictionary.suggesting import Suggesting
from catalogue.dictionary.taking import REPLACE, Offer, offers, taken
from catalogue.dictionary.words import Words
from catalogue.errors import BadRequest, Conflict, Invalid, NotFound
from catalogue.harvest.sheets import Sheet
from catalogue.harvest.workbooks import read_apart
from catalogue.profile import Document
from catalogue.records.models import Record
from catalogue.records.records import Records
from catalogue.search.thesaurus import Thesaurus
from catalogue.workspace import Workspace

#: How long a dictionary waits to be taken in.
_WAITS = timedelta(days=7)
_LONGEST_FILE = 16_000_000
#: The most rows that are read: all variables that there may be, and some that are none.
_MOST_ROWS = 2 * MOST_VARIABLES


@dataclass(frozen=True)
class Ready:
    """A document with what waited taken in, of which dictionary, and of which state it was made."""

    document: Document
    name: str
    at: datetime
    etag: str


class Dictionaries:
    """Reads dictionaries, suggests what they tell of, and takes them into working copies."""

    def __init__(
        self, records: Records, workspace: Workspace, tables: Path, thesaurus: Thesaurus
    ) -> None:
        self._workspace, self._tables, self._thesaurus = workspace, tables, thesaurus
        self._vocabularies = records.profile.vocabularies
        self._shape = records.shape("dataset")

    @cached_property
    def _reading(self) -> Reading:
        return Reading(Words.read(self._tables), self._vocabularies)

    @cached_property
    def _suggesting(self) -> Suggesting:
        return Suggesting(self._vocabularies, self._thesaurus)

    def read(self, content: bytes, name: str, *, sheet: str = "", language: str = "") -> Dictionary:
        """A file as a dictionary, with all that is wrong with it.

        Raises :class:`~catalogue.harvest.sheets.NoTable` for what is no table and
        :class:`~catalogue.dictionary.reading.LooksLikePersons` for data about persons.
        """
        if len(content) > _LONGEST_FILE:
            raise BadRequest(f"The file is larger than {_LONGEST_FILE:,} bytes.")
        title = sheet or Path(name.replace("\\", "/")).stem[:100].strip() or "Variables"
        return self.read_sheet(read_apart(content, sheet, _MOST_ROWS), title, language)

    def read_sheet(self, sheet: Sheet, title: str, language: str = "") -> Dictionary:
        """A table that was read already as a dictionary."""
        return self._reading.read(sheet, title, language)

    def offers(self, tables: Sequence[Mapping[str, Any]], document: Document) -> list[Offer]:
        """What the variables seem to measure, beside what a document states."""
        return offers(self._suggesting.suggest(tables), document, self._vocabularies)

    def taken(
        self,
        document: Document,
        tables: Sequence[Mapping[str, Any]],
        confirmed: Collection[str] = (),
        way: str = REPLACE,
    ) -> Document:
        """A document with some tables, and with what was confirmed of their offers.

        Raises :class:`BadRequest` for something confirmed that was not offered.
        """
        offers = self.offers(tables, document) if confirmed else ()
        offered = {one.value: one for one in offers if one.value}
        if unknown := sorted(set(confirmed) - offered.keys()):
            raise BadRequest(
                f"“{unknown[0][:80]}” is not suggested by this dictionary; read it again."
            )
        chosen = [one for value, one in offered.items() if value in confirmed]
        new = taken(document, tables, chosen, self._vocabularies, way=way)
        loaded, problems = self._shape.load(new)
        if problems:
            raise Invalid(problems)
        return self._shape.identify(loaded)

    # waiting --------------------------------------------------------------------------

    def wait(
        self, session: Session, viewer: Viewer, record: Record, found: Dictionary, name: str
    ) -> None:
        """Keep what was read until somebody takes it in; what waited before is forgotten."""
        now = datetime.now(UTC)
        old = WaitingDictionary.at < now - _WAITS
        mine = WaitingDictionary.record_id == record.id
        session.execute(delete(WaitingDictionary).where(old | mine))
        said = [[one.row, one.column, one.message, one.severity] for one in found.said]
        session.add(
            WaitingDictionary(
                record_id=record.id,
                author=viewer.author,
                name=name[:200],
                content={"tables": found.tables, "said": said},
                at=now,
            )
        )

    def waiting(self, session: Session, record: Record) -> WaitingDictionary | None:
        """What waits for a record, if anything does."""
        return session.get(WaitingDictionary, record.id)

    def forget(self, session: Session, record: Record) -> None:
        """Forget what waits."""
        session.execute(delete(WaitingDictionary).where(WaitingDictionary.record_id == record.id))

    def ready(
        self,
        session: Session,
        record: Record,
        confirmed: Collection[str] = (),
        way: str = REPLACE,
    ) -> Ready:
        """What waits, as it would be taken in: made before the turn to write, for it takes long."""
        waiting = self.waiting(session, record)
        if waiting is None:
            raise NotFound("No dictionary waits to be taken in; upload it again.")
        document = self.taken(record.working_copy, waiting.content["tables"], confirmed, way)
        return Ready(document, waiting.name, waiting.at, record.etag)

    def take(self, session: Session, viewer: Viewer, record: Record, ready: Ready) -> Record:
        """Take what was made ready into the working copy of a record opened for ``edit``.

        Raises :class:`Conflict` if the record or what waits is another one by now.
        """
        waiting = self.waiting(session, record)
        if waiting is None or waiting.at != ready.at or record.etag != ready.etag:
            raise Conflict("The record or its dictionary was changed meanwhile. Look at it again.")
        note = f"Data dictionary “{ready.name}” taken in"
        self.forget(session, record)
        return self._workspace.save(session, viewer, record, ready.document, note=note)
