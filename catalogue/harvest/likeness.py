"""What datasets have in common that may be the same one: keys, kept by a follower.

A key is something two descriptions of one dataset are likely to share, written in one form
whoever wrote it: an address, a DOI, an identifier, title and holder.  Descriptions with a key
in common are *proposed* as the same dataset (``pairs.py``); a person decides.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import BigInteger, Index, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue.database import Base
from catalogue.harvest.models import Item
from catalogue.profile import Document, Names
from catalogue.profile.dates import end_of, start_of
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Facet, Record
from catalogue.records.records import Records
from catalogue.records.visibility import HOLDERS, keeps_back, public
from catalogue.terms import fault_of_iri, iri, iri_of, is_iri

#: The kinds of key, best evidence first.
DOI, IDENTIFIER, ADDRESS, TITLE = 1, 2, 3, 4
#: The kinds of record that are compared.
KINDS = ("dataset", "series")
#: A period without beginning or end reaches as far as this.
_EVER, _NEVER = date.min.toordinal(), date.max.toordinal()
_LONGEST = 240
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s?#\"<>]+", re.I)
#: Shorter ones are what everybody calls something: "dataset", "2024-01".
_SHORTEST, _SHORTEST_NUMBER = 6, 8
_SAME = (
    "http://www.w3.org/2002/07/owl#sameAs",
    "https://schema.org/sameAs",
    "http://schema.org/sameAs",
)
_SAID = re.compile(r"^(<[^>]*>) <([^>]*)> (<[^>]*>) \.$", re.M)
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "ð": "d"})


class Likeness(Base):
    """One key of a published record.

    ``rank`` is the kind of key.  ``begins`` and ``ends`` are the days that the record covers as
    far as it says so, for titles: a survey of other years is another dataset.
    """

    __tablename__ = "harvest_likeness"
    __table_args__ = (Index("harvest_likeness_by_key", "kind", "key", "record_id"),)

    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[str] = mapped_column(String(_LONGEST), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    rank: Mapped[int]
    begins: Mapped[int | None]
    ends: Mapped[int | None]


class LikenessFollower:
    """The ``likeness`` follower: the keys of every dataset and series that the world may see."""

    name = "likeness"
    applied = None

    def __init__(self, records: Records, base: str) -> None:
        self._records = records
        self._base = base
        #: Addresses of our own are keys as well.
        self.version = hashlib.sha256(f"1 {base}".encode()).hexdigest()[:16]

    def beside(self) -> None:
        """A table is built anew in place, in one transaction a batch."""

    def clear(self, session: Session) -> None:
        """Forget every key; what people decided stands in another table."""
        session.execute(delete(Likeness))

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Write the keys of these records anew, and of those whose holder has another name."""
        changed = {one.id: one for one in (*records, *_held_by(session, records))}
        session.execute(delete(Likeness).where(Likeness.record_id.in_(changed)))
        told = {
            record.id: (record, document)
            for record in changed.values()
            if record.kind in KINDS
            and (document := spared(record, partial(self._public, record))) is not None
        }
        names = self._names(session, [document for _, document in told.values()])
        others = _addresses(session, [record for record, _ in told.values()])
        rows: list[dict[str, Any]] = []
        for record, document in told.values():
            make = partial(self._rows, record, document, others[record.id], names)
            rows += spared(record, make) or ()
        if rows:
            session.execute(insert(Likeness), rows)

    def _public(self, record: Record) -> Document | None:
        return public(self._records.shape(record.kind), record)

    def _rows(
        self,
        record: Record,
        document: Document,
        others: Iterable[str],
        names: Mapping[str, Sequence[str]],
    ) -> list[dict[str, Any]]:
        begins, ends = covered(document)
        said = {"record_id": record.id, "kind": record.kind}
        own = Names(self._base).absolute(record.iri)
        return [
            {**said, "key": key, "rank": rank}
            | (
                {"begins": begins, "ends": ends}
                if rank == TITLE
                else {"begins": None, "ends": None}
            )
            for rank, key in sorted(set(keys_of(document, [own, *others], names)))
        ]

    def _names(self, session: Session, documents: Sequence[Document]) -> dict[str, Sequence[str]]:
        """What the holders are called that everybody may know, by reference."""
        wanted = sorted({one for document in documents for one in holders_of(document)})
        names: dict[str, Sequence[str]] = {one: [one] for one in wanted if not _is_own(one)}
        shape = self._records.shape("agent")
        for reference, record in self._records.named(session, wanted).items():
            document = spared(record, partial(public, shape, record))
            if said := (document or {}).get("name"):
                names[reference] = [str(text) for text in said.values()]
        return names


def keys_of(
    document: Document, addresses: Iterable[str], names: Mapping[str, Sequence[str]]
) -> Iterator[tuple[int, str]]:
    """The keys of a document with their ranks; ``names`` are those of holders by reference."""
    identifiers = [
        *document.get("identifier", ()),
        *(str(one.get("notation", "")) for one in document.get("other_identifier", ())),
    ]
    for text in (*identifiers, *document.get("landing_page", ()), *addresses):
        if doi := doi_in(text):
            yield DOI, f"doi:{doi}"[:_LONGEST]
    for text in (*identifiers, *addresses):
        if doi_in(text):
            continue
        if address := address_of(text):
            yield ADDRESS, f"iri:{address}"[:_LONGEST]
        elif identifier := identifier_of(text):
            yield IDENTIFIER, f"id:{identifier}"[:_LONGEST]
    titles = {folded(text) for text in (document.get("title") or {}).values()}
    for holder in holders_of(document):
        for name in names.get(holder, ()):
            for title in titles:
                if title and folded(name):
                    yield TITLE, _of_length(f"title:{title} | {folded(name)}")


def holders_of(document: Document) -> list[str]:
    """The references of who holds and publishes the data, as far as they are told."""
    return [document[one] for one in HOLDERS if isinstance(document.get(one), str)]


def folded(text: str) -> str:
    """A text without what people write differently: case, accents, punctuation, spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    return " ".join(re.findall(r"\w+", letters))


def doi_in(text: str) -> str:
    """The DOI in a text or address, however it is written; empty if there is none."""
    found = _DOI.search(unquote(text)) or _DOI.search(text)
    return found[0].lower().rstrip(".,;:)]/") if found else ""


def address_of(text: str) -> str:
    """A web address in the one form of those that lead to the same place; empty if it is none."""
    text = text.strip()
    if not re.match(r"https?://", text, re.I) or fault_of_iri(text):
        return ""
    try:
        parts = urlsplit(text)
        port = {None: "", 80: "", 443: ""}.get(parts.port, f":{parts.port}")
    except ValueError:
        return ""
    rest = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return f"{(parts.hostname or '')}{port}{rest}" + (
        f"#{parts.fragment}" if parts.fragment else ""
    )


def identifier_of(text: str) -> str:
    """An identifier in one form; empty if it is too short to tell anything from anything else."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip().removeprefix("urn:uuid:")
    plain = re.sub(r"\s+", " ", plain)
    if len(plain) < (_SHORTEST_NUMBER if plain.isdecimal() else _SHORTEST):
        return ""
    return plain


def covered(document: Document) -> tuple[int | None, int | None]:
    """The first and the last day that a document says it covers."""
    begins, ends = list[int](), list[int]()
    for period in document.get("temporal", ()):
        start, end = period.get("start_date"), period.get("end_date")
        try:
            if start:
                begins.append(start_of(start).date().toordinal())
            if end:
                ends.append(end_of(end).date().toordinal())
        except ValueError:
            continue
        if start or end:
            begins += [] if start else [_EVER]
            ends += [] if end else [_NEVER]
    return min(begins, default=None), max(ends, default=None)


def _of_length(key: str) -> str:
    """A key that the table can hold; long ones end in a digest."""
    if len(key) <= _LONGEST:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"{key[: _LONGEST - 34]}… {digest}"


def _is_own(reference: str) -> bool:
    return reference.startswith("id/")


def _addresses(session: Session, records: Sequence[Record]) -> Mapping[int, list[str]]:
    """The addresses that sources say lead to the same thing, by the number of the record.

    Of a record that keeps something back only the address itself: others might tell it.
    """
    found: dict[int, list[str]] = defaultdict(list)
    kept = {one.id for one in records if keeps_back(one)}
    wanted = [one.id for one in records]
    for number, address, form, raw in session.execute(
        select(Item.record_id, Item.iri, Item.form, Item.raw).where(Item.record_id.in_(wanted))
    ):
        if number is None:
            continue
        found[number] += [address] if is_web(address) else []
        if raw and form == "rdf" and number not in kept:
            found[number] += _same_as(gzip.decompress(raw).decode("utf-8", "replace"), address)
    return found


def is_web(text: str) -> bool:
    """Whether a text is an address on the web."""
    return text.startswith(("http://", "https://"))


def _same_as(statements: str, address: str) -> Iterator[str]:
    for subject, predicate, object_ in _SAID.findall(statements):
        if predicate in _SAME and subject == iri(address) and is_iri(object_):
            yield iri_of(object_)


def _held_by(session: Session, records: Sequence[Record]) -> Sequence[Record]:
    """The datasets of organisations among some records, whose name may be another now.

    One at its first revision had no other name; so a first load does nothing twice.
    """
    changed = [one.iri for one in records if one.kind == "agent" and one.revision > 1]
    if not changed:
        return ()
    held = select(Facet.record_id).where(Facet.field.in_(HOLDERS), Facet.value.in_(changed))
    return session.scalars(
        select(Record).where(Record.id.in_(held), Record.state == PUBLISHED)
    ).all()
