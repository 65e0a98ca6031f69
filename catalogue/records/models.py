"""The tables of records: the record, its revisions, and the two views kept in SQL.

A record *is* the ``dcat:CatalogRecord``; its ``document`` describes the primary topic.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Json, Moment, Serial

DRAFT, PUBLISHED, WITHDRAWN = "draft", "published", "withdrawn"


class Record(Base):
    """One record: a dataset, an organisation, a catalogue, a series or a service.

    ``document`` is what the world sees; ``draft`` the working copy, also of a published
    record; ``state`` draft, published or withdrawn.
    """

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        UniqueConstraint("kind", "slug"),
        Index("record_by_kind", "kind", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(64))
    iri: Mapped[str] = mapped_column(String(2000), unique=True)
    slug: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(16))
    revision: Mapped[int]
    document: Mapped[dict[str, Any] | None] = mapped_column(Json)
    draft: Mapped[dict[str, Any] | None] = mapped_column(Json)
    title: Mapped[str] = mapped_column(Text, default="")
    publisher: Mapped[str] = mapped_column(String(2000), default="")
    access_rights: Mapped[str] = mapped_column(String(2000), default="")
    created: Mapped[datetime] = mapped_column(Moment)
    issued: Mapped[datetime | None] = mapped_column(Moment)
    modified: Mapped[datetime] = mapped_column(Moment)

    @property
    def reference(self) -> str:
        """How documents refer to the record."""
        return self.iri

    def __repr__(self) -> str:
        return f"<Record {self.iri} revision {self.revision} {self.state}>"


class Revision(Base):
    """What a record said at one moment; rows are added, never changed."""

    __tablename__ = "revision"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    document: Mapped[dict[str, Any] | None] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


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

    ``turtle`` has no prefixes of its own, so fragments concatenate; ``ntriples`` is a
    gzip member, and gzip members concatenate too.
    """

    __tablename__ = "fragment"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    turtle: Mapped[bytes] = mapped_column(LargeBinary)
    ntriples: Mapped[bytes] = mapped_column(LargeBinary)
    fault: Mapped[str] = mapped_column(Text, default="")
