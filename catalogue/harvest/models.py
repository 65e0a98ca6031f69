"""The tables of the harvester: sources, runs with their pages and finds, items."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base, Json, Moment, Serial

#: How a source is read, by the name it is known under, with words for people; the first finds
#: out by itself.
PROTOCOLS = {
    "auto": "Find out by itself",
    "dcat": "DCAT in RDF: a feed, a file, a FAIR Data Point",
    "sitemap": "A sitemap of pages or documents with RDF",
    "ckan": "CKAN API",
    "oai-pmh": "OAI-PMH",
    "csw": "CSW (ISO 19139)",
    "sparql": "SPARQL endpoint",
    "table": "CSV or Excel table",
}
#: How often a source is read.
SCHEDULES = {"manual": 0, "hourly": 1, "daily": 24, "weekly": 168, "monthly": 720}
#: Whose word counts where somebody here edited what the source has changed meanwhile.
LOCAL, SOURCE = "local", "source"
#: What becomes of a description that lacks what publishing needs: it waits as a draft, or is
#: published with what it has.
HOLD, PUBLISH = "hold", "publish"
#: A source at work, one that waits for somebody to start it again, and one that is being left.
ACTIVE, PAUSED, LEAVING = "active", "paused", "leaving"
#: What becomes of the records of a source that is left.
WAYS_TO_LEAVE = ("keep", "withdraw", "delete")

#: What a run is asked to do: all, or to show the first finds without a change.
FULL, PREVIEW = "full", "preview"
#: Where a run stands.  Those of the first line are for a worker to go on with.
WAITING, READING, WRITING, UNDOING = "waiting", "reading", "writing", "undoing"
ASKING, STOPPED, FAILED = "asking", "stopped", "failed"
FINISHED, UNDONE, SUPERSEDED = "finished", "undone", "superseded"
AT_WORK = (WAITING, READING, WRITING, UNDOING)
STATES = (*AT_WORK, ASKING, STOPPED, FAILED, FINISHED, UNDONE, SUPERSEDED)
#: Those that can be gone on with.
RESUMABLE = (STOPPED, FAILED)

#: What became of a find or item in a run.
OUTCOMES = {
    "created": "new",
    "updated": "changed",
    "unchanged": "unchanged",
    "returned": "is there again",
    "held": "held as a draft",
    "kept": "changed there, your edit was kept",
    "withdrawn": "withdrawn: no longer there",
    "missing": "no longer there; withdrawn later",
    "own": "ours already",
    "excluded": "left out on purpose",
    "failed": "could not be taken in",
}


class Source(Base):
    """Another catalogue, and how it is harvested.

    ``options`` depend on the protocol (a set, a query, a column for the identifier).
    ``organisation`` looks after the records, ``listed_in`` is the IRI of the catalogue here that
    lists them.  ``edits`` and, field by field, ``fields`` say whose word counts.  A record that
    is gone is withdrawn after ``grace`` days; a run that would withdraw more than ``brake``
    percent asks first.  ``due`` is when the timetable reads it next.
    """

    __tablename__ = "harvest_source"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(2000))
    protocol: Mapped[str] = mapped_column(String(16))
    options: Mapped[dict[str, Any]] = mapped_column(Json)
    organisation: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    listed_in: Mapped[str] = mapped_column(String(2000), default="")
    schedule: Mapped[str] = mapped_column(String(16))
    edits: Mapped[str] = mapped_column(String(8), default=LOCAL)
    fields: Mapped[dict[str, str]] = mapped_column(Json)
    incomplete: Mapped[str] = mapped_column(String(8), default=HOLD)
    grace: Mapped[int] = mapped_column(default=7)
    brake: Mapped[int] = mapped_column(default=20)
    state: Mapped[str] = mapped_column(String(16), default=ACTIVE)
    leaving: Mapped[str] = mapped_column(String(16), default="")
    due: Mapped[datetime | None] = mapped_column(Moment)
    created: Mapped[datetime] = mapped_column(Moment)
    author: Mapped[str] = mapped_column(String(200))


class Run(Base):
    """One reading of a source.

    ``place`` is where the next page is, in the words of the reader; None before the first and
    after the last.  ``holder`` is the worker at it, until ``lease`` unless it says more.
    ``stated`` is how many descriptions the source says it has, ``entries`` how many were read,
    by kind in ``kinds``; ``counts`` how many came to which outcome; ``missing`` some of those
    that the source lists and does not give.  ``complete`` is false if anything was left
    unread: then nothing counts as gone.  ``question`` is what a person has to decide.
    """

    __tablename__ = "harvest_run"
    __table_args__ = (
        Index("harvest_run_by_source", "source_id", "id"),
        Index("harvest_run_by_state", "state"),
        {"sqlite_autoincrement": True},  # items remember runs by number, for ever
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("harvest_source.id"))
    mode: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(200))
    asked: Mapped[datetime] = mapped_column(Moment)
    began: Mapped[datetime | None] = mapped_column(Moment)
    ended: Mapped[datetime | None] = mapped_column(Moment)
    holder: Mapped[str] = mapped_column(String(64), default="")
    lease: Mapped[datetime | None] = mapped_column(Moment)
    protocol: Mapped[str] = mapped_column(String(16), default="")
    place: Mapped[dict[str, Any] | None] = mapped_column(Json)
    pages: Mapped[int] = mapped_column(default=0)
    entries: Mapped[int] = mapped_column(BigInteger, default=0)
    stated: Mapped[int | None] = mapped_column(BigInteger)
    complete: Mapped[bool] = mapped_column(Boolean, default=True)
    kinds: Mapped[dict[str, int]] = mapped_column(Json)
    counts: Mapped[dict[str, int]] = mapped_column(Json)
    missing: Mapped[list[str] | None] = mapped_column(Json)
    question: Mapped[dict[str, Any] | None] = mapped_column(Json)
    answer: Mapped[str] = mapped_column(String(16), default="")
    wish: Mapped[str] = mapped_column(String(16), default="")
    error: Mapped[str] = mapped_column(Text, default="")


class Page(Base):
    """One page that a run read; ``place`` and ``content`` are digests, so that no feed goes round."""

    __tablename__ = "harvest_page"

    run_id: Mapped[int] = mapped_column(ForeignKey("harvest_run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(2000))
    found: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    problems: Mapped[list[str] | None] = mapped_column(Json)


class Find(Base):
    """A description that a run found new or changed, and what became of it.

    ``name`` is the digest of ``remote_id``.  ``outcome`` is empty until it is taken in; ``raw``
    (gzip) goes then, for the item has it.  ``before`` is what has to be put back to undo it.
    """

    __tablename__ = "harvest_find"
    __table_args__ = (Index("harvest_find_by_rank", "run_id", "outcome", "rank", "name"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("harvest_run.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    remote_id: Mapped[str] = mapped_column(String(2000))
    kind: Mapped[str] = mapped_column(String(32))
    iri: Mapped[str] = mapped_column(String(2000), default="")
    rank: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64), default="")
    form: Mapped[str] = mapped_column(String(8), default="rdf")
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    title: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str] = mapped_column(String(16), default="")
    record_id: Mapped[int | None] = mapped_column(BigInteger)
    problems: Mapped[list[Any] | None] = mapped_column(Json)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Item(Base):
    """What is remembered of one description of one source: one record, for good.

    ``raw`` (gzip) is what the source said last, N-Triples or JSON by ``form``; ``hash`` its
    canonical digest; ``said`` what that came to as a document, which local edits are told
    from.  ``owner`` tells that the record follows this item: of a record that others have as well
    one item is it, of one of our own none.  ``seen`` is the last run that met it, ``gone`` since when it is not there any more.
    ``kept`` are the fields where an edit of ours stands against the source.  ``same_as`` is the
    record that a person said describes the same dataset: this one stays withdrawn.
    """

    __tablename__ = "harvest_item"
    __table_args__ = (
        Index("harvest_item_by_name", "source_id", "name", unique=True),
        Index("harvest_item_by_record", "record_id"),
        Index("harvest_item_by_seen", "source_id", "seen"),
        Index("harvest_item_by_outcome", "source_id", "outcome", "id"),
        Index(
            "harvest_item_faulty",
            "source_id",
            "id",
            sqlite_where=text("problems IS NOT NULL"),
            postgresql_where=text("problems IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("harvest_source.id"))
    name: Mapped[str] = mapped_column(String(64))
    remote_id: Mapped[str] = mapped_column(String(2000))
    kind: Mapped[str] = mapped_column(String(32))
    iri: Mapped[str] = mapped_column(String(2000), default="")
    record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id", ondelete="SET NULL"))
    hash: Mapped[str] = mapped_column(String(64))
    form: Mapped[str] = mapped_column(String(8), default="rdf")
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    said: Mapped[dict[str, Any] | None] = mapped_column(Json)
    seen: Mapped[int] = mapped_column(BigInteger)
    first: Mapped[datetime] = mapped_column(Moment)
    changed: Mapped[datetime] = mapped_column(Moment)
    gone: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(String(16), default="")
    owner: Mapped[bool] = mapped_column(Boolean, default=False)
    excluded: Mapped[bool] = mapped_column(Boolean, default=False)
    same_as: Mapped[int | None] = mapped_column(BigInteger)
    kept: Mapped[list[str] | None] = mapped_column(Json)
    problems: Mapped[list[Any] | None] = mapped_column(Json)


class Unread(Base):
    """A property that an item uses and the profile has no row for."""

    __tablename__ = "harvest_unread"
    __table_args__ = (Index("harvest_unread_by_item", "item_id"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("harvest_source.id"), primary_key=True)
    predicate: Mapped[str] = mapped_column(String(500), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("harvest_item.id"), primary_key=True)
