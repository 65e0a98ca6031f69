"""The tables of records: the record, its revisions, and the two views kept in SQL.

A record *is* the ``dcat:CatalogRecord``; its ``document`` describes the primary topic.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Json, Moment, Serial

DRAFT, PUBLISHED, WITHDRAWN = "draft", "published", "withdrawn"
#: Where a working copy is on its way: with its editors, with a reviewer, or sent back by one.
SUBMITTED, RETURNED = "submitted", "returned"
#: The steps that change what the world sees; every other one concerns the working copy.
PUBLIC_ACTIONS = ("published", "updated", "confirmed", "withdrawn")

#: Where a record stands as a whole: what permissions and pages go by.
STAGES = (
    "draft",
    "submitted",
    "returned",
    "published",
    "revised",
    "revision-submitted",
    "revision-returned",
    "withdrawn",
)


class Record(Base):
    """One record: a dataset, an organisation, a catalogue, a series or a service.

    ``document`` is what the world sees; ``draft`` the working copy, also of a published
    record; ``state`` draft, published or withdrawn; ``review`` where the working copy is on
    its way: empty, submitted or returned.  ``organisation`` is the number of the one whose
    members look after the record; without one, only those over all organisations do.
    ``modified`` is when the world last saw a change, ``touched`` when anybody made one;
    ``last_change`` the number of that change in the log, nothing if the world never saw one.
    """

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        UniqueConstraint("kind", "slug"),
        Index("record_by_kind", "kind", "state", "id"),
        Index("record_by_organisation", "organisation", "touched"),
        Index("record_by_review", "review", "touched"),
        Index("record_by_change", "last_change"),
        Index("record_by_modified", "modified", "last_change"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(64))
    iri: Mapped[str] = mapped_column(String(2000), unique=True)
    slug: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(16))
    review: Mapped[str] = mapped_column(String(16), default="")
    organisation: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("organisation.id", name="record_organisation")
    )
    revision: Mapped[int]
    document: Mapped[dict[str, Any] | None] = mapped_column(Json)
    draft: Mapped[dict[str, Any] | None] = mapped_column(Json)
    title: Mapped[str] = mapped_column(Text, default="")
    publisher: Mapped[str] = mapped_column(String(2000), default="")
    access_rights: Mapped[str] = mapped_column(String(2000), default="")
    created: Mapped[datetime] = mapped_column(Moment)
    issued: Mapped[datetime | None] = mapped_column(Moment)
    modified: Mapped[datetime] = mapped_column(Moment)
    touched: Mapped[datetime] = mapped_column(Moment)
    last_change: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def reference(self) -> str:
        """How documents refer to the record."""
        return self.iri

    @property
    def stage(self) -> str:
        """Where the record stands, one of :data:`STAGES`."""
        if self.state == DRAFT:
            return self.review or "draft"
        if self.state == PUBLISHED and self.draft is not None:
            return f"revision-{self.review}" if self.review else "revised"
        return self.state

    @property
    def working_copy(self) -> dict[str, Any]:
        """What its editors work on: the working copy, or what is published."""
        return (self.draft if self.draft is not None else self.document) or {}

    @property
    def etag(self) -> str:
        """Names what the record says to its editors just now; another text is another name."""
        said = json.dumps(
            (self.revision, self.state, self.review, self.working_copy), sort_keys=True
        )
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:20]

    def __repr__(self) -> str:
        return f"<Record {self.iri} revision {self.revision} {self.state}>"


def is_new(record: Record | Row[*tuple[Any, ...]]) -> bool:
    """Whether the world saw no change of a record since it was first published."""
    return record.issued is None or record.modified <= record.issued


class Revision(Base):
    """What a record said at one moment.

    Rows are added, never changed; only the newest, while one author goes on saving a working
    copy, is one row and not a hundred.
    """

    __tablename__ = "revision"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    document: Mapped[dict[str, Any] | None] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class Comment(Base):
    """What somebody says about a field of a working copy, or about the whole (no field)."""

    __tablename__ = "comment"
    __table_args__ = (Index("comment_by_record", "record_id", "id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    field: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)
    resolved: Mapped[datetime | None] = mapped_column(Moment)
    resolved_by: Mapped[str] = mapped_column(String(200), default="")


class Policy(Base):
    """Whether what a network lists is reviewed before it is published; ``catalogue`` is its IRI."""

    __tablename__ = "policy"

    catalogue: Mapped[str] = mapped_column(String(2000), primary_key=True)
    review: Mapped[bool]


class Facet(Base):
    """One value of one facet of a published record, kept by the ``facets`` follower.

    References are facets too, so the same rows tell what links to a record or concept.
    """

    __tablename__ = "facet"
    __table_args__ = (Index("facet_by_value", "field", "value", "kind"),)

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(2000), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))


class Fragment(Base):
    """The RDF of a published record, kept by the ``rdf`` follower.

    A piece of a document in each format (:mod:`catalogue.rdf.writers`); all but ``turtle`` are
    members of gzip, and members concatenate too.
    """

    __tablename__ = "fragment"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    turtle: Mapped[bytes] = mapped_column(LargeBinary)
    ntriples: Mapped[bytes] = mapped_column(LargeBinary)
    rdf_xml: Mapped[bytes] = mapped_column(LargeBinary)
    json_ld: Mapped[bytes] = mapped_column(LargeBinary)
    fault: Mapped[str] = mapped_column(Text, default="")


class Listing(Base):
    """Where a record is listed, or was until a change; kept by the ``rdf`` follower.

    ``scope`` is one of :mod:`catalogue.rdf.listing`.  A record that was withdrawn, or left the
    scope, stays as ``gone``: who mirrors the scope learns so that it is to be forgotten.
    ``change`` is the change of the log by which the row became what it is.
    """

    __tablename__ = "listing"
    __table_args__ = (
        Index("listing_by_change", "scope", "change"),
        Index("listing_by_record", "record_id"),
    )

    scope: Mapped[str] = mapped_column(String(2000), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    change: Mapped[int] = mapped_column(BigInteger)
    gone: Mapped[bool]


class Tally(Base):
    """How many records a scope lists; kept with :class:`Listing`, so that nobody has to count."""

    __tablename__ = "tally"

    scope: Mapped[str] = mapped_column(String(2000), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
