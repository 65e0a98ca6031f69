"""Descriptions that are elsewhere already: at an address, in a file, behind a DOI, beside this one.

What is found is not stored as a record: it is shown first, and begun with if somebody says so.
Addresses are fetched and foreign documents parsed as the harvester does it, with its guards.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from catalogue.beginning.citations import MEDIA_TYPE, document_of, doi_in
from catalogue.errors import BadRequest
from catalogue.harvest.columns import Columns
from catalogue.harvest.fetch import Fetcher, FetchError, Limits, agent_of
from catalogue.harvest.interpreting import Interpreter, Told, typed, without
from catalogue.harvest.opening import Opening
from catalogue.harvest.parsing import Parser, SourceDocument
from catalogue.harvest.reading import Asked, Expired, Remote, Unreadable
from catalogue.harvest.sheets import NoTable, is_workbook
from catalogue.harvest.workbooks import read_apart
from catalogue.profile import Document, Property, Shape
from catalogue.profile.form import fields_of
from catalogue.profile.values import Nested, Reference
from catalogue.records.models import Record
from catalogue.records.naming import title_of
from catalogue.records.records import Records
from catalogue.records.visibility import RESTRICTED

KIND = "dataset"
#: The most descriptions that are shown of one file or page, and the largest file.
MOST_FOUND, LARGEST = 200, 5_000_000
#: Somebody waits for the answer, who looks after data and not after this catalogue.
_PATIENCE = Limits(
    wire=LARGEST,
    size=4 * LARGEST,
    seconds=20,
    silence=10,
    tries=1,
    altogether=40,
    way_out="If what is there is yours, save it and upload the file instead, or have whoever runs "
    "this catalogue allow that machine.",
)
_MOST_PROBLEMS = 30
#: So many rows of a table are counted; the descriptions of the first are shown.
_MOST_ROWS = 5_000
#: What a copy does not take over: it is said of the one record only.
_OWN = ("identifier", "last_confirmed", "issued", "modified", "intake", "sample")
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class Beginning:
    """One description that could be begun with.

    ``answers`` are typed; ``problems`` say in words what of it was left out.
    """

    title: str
    answers: Document
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class Found:
    """What was found: whose word it is (“zorgregister.example”), and the descriptions."""

    source: str
    several: Sequence[Beginning] = ()
    problems: Sequence[str] = ()

    def packed(self) -> bytes:
        """As it is kept for a day."""
        return gzip.compress(json.dumps(asdict(self), ensure_ascii=False).encode(), mtime=0)

    @classmethod
    def unpacked(cls, kept: bytes) -> Found:
        """What was kept."""
        said = json.loads(gzip.decompress(kept))
        several = [Beginning(**one) for one in said["several"]]
        return cls(said["source"], several, said["problems"])


@dataclass(frozen=True)
class Elsewhere:
    """Looks descriptions up; ``resolver`` is where DOIs are asked for."""

    records: Records
    interpreter: Interpreter
    opening: Opening
    base: str
    allow: Sequence[str]
    resolver: str
    limits: Limits = field(default=_PATIENCE)

    @property
    def shape(self) -> Shape:
        """The shape of what is begun."""
        return self.records.shape(KIND)

    def at(self, session: Session, address: str) -> Found:
        """The datasets that are described at an address, whatever protocol it speaks.

        Raises :class:`BadRequest` if nothing there can be read.
        """
        address = address.strip()
        try:
            _, reader, close = self.opening("auto", Asked(address), "beginning", self.limits)
            try:
                read = reader.page(None)
            finally:
                close()
        except (Unreadable, Expired, FetchError) as error:
            raise BadRequest(str(error)) from None
        host = address.partition("://")[2].partition("/")[0].rpartition("@")[2]
        return self._of_remotes(session, host, read.found, read.problems)

    def in_file(self, session: Session, content: bytes, name: str, media_type: str) -> Found:
        """The datasets that a file describes: RDF in any syntax, or our table.

        Raises :class:`BadRequest` if nothing in it can be read.
        """
        if not content:
            raise BadRequest("The file is empty; choose one that describes a dataset.")
        if len(content) > LARGEST:
            raise BadRequest(
                f"The file is larger than {LARGEST // 1_000_000} MB. Whole catalogues are better "
                "harvested; ask whoever runs this one."
            )
        if name.lower().endswith(_TABLES) or is_workbook(content):
            return self._of_table(session, content, name)
        address = f"{self.base}workspace/begin/{name[:80] or 'file'}"
        parser = Parser(self.records.profile, self.base, "beginning", seconds=self.limits.seconds)
        try:
            parsed = parser.read([SourceDocument(content, media_type, address)])[0]
        finally:
            parser.close()
        return self._of_remotes(session, name or "the file", parsed.found, parsed.problems)

    def by_doi(self, session: Session, text: str) -> Found:
        """What a DOI says of itself; raises :class:`BadRequest`."""
        doi = doi_in(text)
        fetcher = Fetcher(self.allow, agent_of(self.base), self.limits)
        try:
            answer = fetcher.get(self.resolver + doi, accept=MEDIA_TYPE)
        except FetchError as error:
            raise BadRequest(f"{doi} cannot be looked up: {error}") from None
        finally:
            fetcher.close()
        document, problems = typed(self.shape, document_of(doi, answer.content))
        return Found(doi, [self._beginning(session, document, [str(one) for one in problems])])

    def copy(self, session: Session, record: Record, document: Document) -> Found:
        """What another record of ours says, without what is its own or kept from the world.

        The copy would have the answer without the restriction.
        """
        hidden = {one.get("field") for one in document.get(RESTRICTED) or ()}
        kept = {name: value for name, value in document.items() if name not in {*_OWN, *hidden}}
        left = [
            f"{one.label}: not everybody may see it there, so it is not copied"
            for one in self.shape.stored
            if one.name in hidden and one.name in document
        ]
        name = title_of(self.shape, document)
        return Found(name[:200], [self._beginning(session, kept, left)])

    # ---------------------------------------------------------------------------------

    def _of_remotes(
        self, session: Session, source: str, found: Sequence[Remote], problems: Sequence[str]
    ) -> Found:
        datasets = [one for one in found if one.kind == KIND]
        several = [self._of_remote(session, one) for one in datasets[:MOST_FOUND]]
        several = [one for one in several if one.answers]
        said = [*problems]
        if len(datasets) > MOST_FOUND:
            said.append(
                f"It describes {len(datasets):,} datasets; only the first {MOST_FOUND} are shown."
            )
        if not several:
            raise BadRequest(
                f"No dataset is described in {source}."
                + (f" {' '.join(said[:3])}" if said else " It should hold DCAT or a table.")
            )
        return Found(source[:200], several, said[:_MOST_PROBLEMS])

    def _of_remote(self, session: Session, one: Remote) -> Beginning:
        read = (
            self.interpreter.read(Told(one.kind, one.iri, one.form, one.raw)) if one.raw else None
        )
        document = read.document if read else {}
        problems = [str(each) for each in (*one.problems, *(read.problems if read else ()))]
        if read:
            problems += [f"{each}: no field here takes it" for each in read.unread]
        return self._beginning(session, document, problems, one.title)

    def _of_table(self, session: Session, content: bytes, name: str) -> Found:
        try:
            sheet = read_apart(content, most=_MOST_ROWS)
        except NoTable as error:
            raise BadRequest(str(error)) from None
        columns = Columns.of(self.shape, sheet.header, language="en")
        if not columns.known:
            raise BadRequest(
                "No column is known. The first row should name fields, as our template does, not "
                f"“{', '.join(sheet.header)[:200]}”."
            )
        several = []
        for number, row in sheet.rows[:MOST_FOUND]:
            document, problems = columns.document(number, row)
            several.append(
                self._beginning(
                    session, document, [one.message for one in problems], f"Row {number}"
                )
            )
        said = [*sheet.problems, *columns.problems]
        if len(sheet.rows) > MOST_FOUND:
            said.append(f"It has {len(sheet.rows):,} rows; only the first {MOST_FOUND} are read.")
        if not several:
            raise BadRequest("The table has no rows; describe one dataset in each.")
        return Found(name or "the table", several, said[:_MOST_PROBLEMS])

    def _beginning(
        self, session: Session, document: Document, problems: Sequence[str], title: str = ""
    ) -> Beginning:
        """A document as far as somebody could have typed it here."""
        asked = {one.name for one in fields_of(self.shape)}
        said = {name: value for name, value in document.items() if name in asked}
        strange = [*self._strange(session, said)]
        left = [
            f"{one.label}: “{value[:80]}” is not in this catalogue" for one, value, _ in strange
        ]
        answers = without(said, [path for _, _, path in strange])
        return Beginning(
            title_of(self.shape, answers) or title or "Without a title",
            answers,
            [*problems, *left][:_MOST_PROBLEMS],
        )

    def _strange(
        self, session: Session, document: Document
    ) -> Iterator[tuple[Property, str, tuple[str | int, ...]]]:
        """The records that a document names and that are not here, with where it does."""
        named = [*_named(self.shape, document, ())]
        known = self.records.named(session, [value for _, value, _ in named])
        for one, value, path in named:
            if value not in known:
                yield one, value, path


def _named(
    shape: Shape, document: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[tuple[Property, str, tuple[str | int, ...]]]:
    """The references in a document, each with its property and its place."""
    for one in shape.stored:
        if one.name not in document or not isinstance(one.value, Reference | Nested):
            continue
        found = document[one.name]
        placed = (
            [((*path, one.name, n), value) for n, value in enumerate(found)]
            if isinstance(found, list)
            else [((*path, one.name), found)]
        )
        for place, value in placed:
            if isinstance(one.value, Nested):
                if isinstance(value, Mapping):
                    yield from _named(one.value.shape, value, place)
            elif isinstance(value, str):
                yield one, value, place
