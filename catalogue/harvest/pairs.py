"""Pairs of records that are probably the same dataset, and what people decided of them.

Nothing is ever done by itself.  A decision is remembered whatever is harvested or built anew
later, and can be undone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Select,
    String,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from catalogue.accounts import audit
from catalogue.accounts.viewer import Viewer
from catalogue.changes import Position
from catalogue.database import Base, Json, Moment, Serial
from catalogue.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from catalogue.harvest.likeness import (
    ADDRESS,
    DOI,
    IDENTIFIER,
    KINDS,
    TITLE,
    Likeness,
    LikenessFollower,
)
from catalogue.harvest.models import Item, Source
from catalogue.records.models import PUBLISHED, WITHDRAWN, Record
from catalogue.records.permissions import may_over_all
from catalogue.records.records import Records

SAME, DIFFERENT = "same", "different"
#: What more records than this share says nothing of any two of them.
MOST_SHARING = 50
#: Two periods contradict each other if they share less than this part of the shorter one.
_SHARED_PART = 0.5
_WORDS = {
    DOI: "the same DOI: {}",
    IDENTIFIER: "the same identifier: {}",
    ADDRESS: "the same address: {}",
    TITLE: "the same title and the same holder: {}",
}


class Decision(Base):
    """What somebody decided of two records: ``low`` is the one with the lower number.

    ``stays`` is the one that is kept where they are the same.  ``reasons`` are those of that
    time.  One that was undone stays as a memory of it.
    """

    __tablename__ = "harvest_pair"
    __table_args__ = (Index("harvest_pair_by_records", "low", "high"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    low: Mapped[int] = mapped_column(BigInteger)
    high: Mapped[int] = mapped_column(BigInteger)
    decision: Mapped[str] = mapped_column(String(16))
    stays: Mapped[int | None] = mapped_column(BigInteger)
    reasons: Mapped[list[str]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)
    undone: Mapped[datetime | None] = mapped_column(Moment)
    undone_by: Mapped[str] = mapped_column(String(200), default="")


@dataclass(frozen=True)
class Origin:
    """Where a description comes from: a source, and what that calls it."""

    source: Source
    remote_id: str


@dataclass(frozen=True)
class Pair:
    """Two records with what speaks for their being one; the lower number is on the left."""

    left: Record
    right: Record
    reasons: Sequence[str]
    origins: Mapping[int, Sequence[Origin]]
    decision: Decision | None = None
    #: Where it stands in the list that it was found in.
    place: Sequence[int] = ()

    def of(self, record: Record) -> Sequence[Origin]:
        """Where one of the two comes from; nothing for one described here."""
        return self.origins.get(record.id, ())


@dataclass(frozen=True)
class Crowd:
    """What so many records share that no pairs are made of it."""

    words: str
    number: int


class Pairs:
    """Finds the pairs and keeps what was decided of them."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._counted: tuple[Sequence[Any], int] | None = None

    def allow(self, viewer: Viewer, action: str = "harvest") -> None:
        """Raises :class:`Forbidden` for who may not ``harvest``, or ``see harvest``."""
        if not may_over_all(viewer, action):
            raise Forbidden("Only administrators look after what is harvested.")

    # reading ---------------------------------------------------------------------------

    def open(
        self, session: Session, page: int, size: int, *, after: Sequence[int] | None = None
    ) -> tuple[list[Pair], int]:
        """The pairs nobody has decided, best evidence first, and how many there are.

        ``after`` is the place of the last one that is known already.
        """
        # One walk over the keys both finds the pairs and counts them.
        every = _open().add_columns(func.count().over().label("total")).subquery()
        place = (every.c.rank, every.c.fewer, every.c.low, every.c.high)
        found = select(*place, every.c.total).order_by(*place)
        if after:
            found = found.where(tuple_(*place) > tuple(after))
        rows = session.execute(found.limit(size).offset((page - 1) * size)).all()
        begins = page == 1 and not after
        total = rows[0].total if rows else 0 if begins else _count(session, _open())
        places = {(row.low, row.high): tuple(row)[:4] for row in rows}
        return self._placed(self._pairs(session, list(places)), places), total

    def count(self, session: Session) -> int:
        """How many pairs nobody has decided; counted anew only where that may have changed."""
        followed = (Position.seq, Position.at, Position.version)
        at = session.execute(select(*followed).where(Position.name == LikenessFollower.name))
        decided = select(func.max(Decision.id), func.count(Decision.undone))
        mark = [tuple(row) for row in (*at, *session.execute(decided))]
        counted = self._counted
        if counted is None or counted[0] != mark:
            self._counted = counted = (mark, _count(session, _open()))
        return counted[1]

    def decided(
        self, session: Session, page: int, size: int, *, after: Sequence[int] | None = None
    ) -> tuple[list[Pair], int]:
        """What was decided and stands, of records that are still here, and how much that is.

        First what asks for another look, because the one that was kept is not published any
        more; then the newest.  ``after`` is the place of the last one that is known already.
        """
        standing = (
            select(Decision)
            .where(Decision.undone.is_(None))
            .where(_is_there(Decision.low), _is_there(Decision.high))
        )
        total = _count(session, standing)
        lost = and_(
            Decision.stays.is_not(None),
            ~exists().where(Record.id == Decision.stays, Record.state == PUBLISHED),
        )
        place = (case((lost, 0), else_=1), -Decision.id)
        found = standing.add_columns(place[0].label("look")).order_by(*place)
        if after:
            found = found.where(tuple_(*place) > tuple(after))
        rows = session.execute(found.limit(size).offset((page - 1) * size)).all()
        by = {(one.low, one.high): one for one, _ in rows}
        places = {(one.low, one.high): (look, -one.id) for one, look in rows}
        return self._placed(self._pairs(session, list(by), by), places), total

    @staticmethod
    def _placed(
        pairs: Sequence[Pair], places: Mapping[tuple[int, int], Sequence[int]]
    ) -> list[Pair]:
        return [replace(one, place=places[one.left.id, one.right.id]) for one in pairs]

    def crowds(self, session: Session, most: int = 20) -> list[Crowd]:
        """What is shared by too many, the largest first."""
        crowded = (
            select(Likeness.kind, Likeness.key, func.count().label("number"))
            .group_by(Likeness.kind, Likeness.key)
            .having(func.count() > MOST_SHARING)
            .order_by(func.count().desc(), Likeness.key)
            .limit(most)
            .subquery()
        )
        rows = session.execute(
            select(crowded.c.key, crowded.c.number, func.min(Likeness.rank))
            .join(
                Likeness,
                and_(Likeness.kind == crowded.c.kind, Likeness.key == crowded.c.key),
            )
            .group_by(crowded.c.kind, crowded.c.key, crowded.c.number)
            .order_by(crowded.c.number.desc(), crowded.c.key)
        )
        return [Crowd(_words(rank, key), number) for key, number, rank in rows]

    def pair(self, session: Session, a: int, b: int) -> Pair:
        """Two records, whether or not anything speaks for it; :class:`NotFound` if one is missing."""
        low, high = sorted((a, b))
        decision = self._standing(session, low, high)
        found = self._pairs(session, [(low, high)], {(low, high): decision} if decision else {})
        if low == high or not found or {found[0].left.kind, found[0].right.kind} - {*KINDS}:
            raise NotFound("There are no two such datasets.")
        if found[0].left.kind != found[0].right.kind:
            raise NotFound("A dataset and a series are never the same.")
        return found[0]

    def _standing(self, session: Session, low: int, high: int) -> Decision | None:
        return session.scalar(
            select(Decision)
            .where(Decision.low == low, Decision.high == high, Decision.undone.is_(None))
            .order_by(Decision.id.desc())
            .limit(1)
        )

    def _pairs(
        self,
        session: Session,
        numbers: Sequence[tuple[int, int]],
        decisions: Mapping[tuple[int, int], Decision] | None = None,
    ) -> list[Pair]:
        """Pairs of some numbers, with all that is told of them; those without record are left out."""
        wanted = {one for pair in numbers for one in pair}
        records = {
            one.id: one for one in session.scalars(select(Record).where(Record.id.in_(wanted)))
        }
        shared, origins = _shared(session, wanted), _origins(session, wanted)
        pairs = []
        for low, high in numbers:
            if low not in records or high not in records:
                continue
            decision = (decisions or {}).get((low, high))
            reasons = decision.reasons if decision else shared(low, high)
            pairs.append(Pair(records[low], records[high], reasons, origins, decision))
        return pairs

    # deciding --------------------------------------------------------------------------

    def decide(
        self,
        session: Session,
        viewer: Viewer,
        a: int,
        b: int,
        decision: str,
        stays: int | None = None,
        seen: str = "",
    ) -> Decision:
        """Remember that two records are the ``same``, or ``different``.

        Of the same the one that does not stay is withdrawn, and no later run brings it back.
        ``seen`` is the mark of what the person had before them; raises :class:`Conflict` if
        that has changed meanwhile.
        """
        self.allow(viewer)
        if decision not in (SAME, DIFFERENT):
            raise Invalid([Problem(("decision",), f"is neither {SAME} nor {DIFFERENT}")])
        pair = self.pair(session, a, b)
        if pair.decision is not None:
            raise Conflict("Somebody has decided this already; undo that first.")
        if seen and seen != mark(pair):
            raise Conflict("One of the two has changed meanwhile. Look at them again.")
        if decision == SAME:
            self._unite(session, viewer, pair, stays)
        made = Decision(
            low=pair.left.id,
            high=pair.right.id,
            decision=decision,
            stays=stays if decision == SAME else None,
            reasons=list(pair.reasons),
            author=viewer.author,
            at=datetime.now(UTC),
        )
        session.add(made)
        session.flush()
        audit.write(session, "pair-decided", viewer, _subject(pair), decision=decision)
        return made

    def _unite(self, session: Session, viewer: Viewer, pair: Pair, stays: int | None) -> None:
        if stays not in (pair.left.id, pair.right.id):
            raise Invalid([Problem(("stays",), "Say which of the two stays.")])
        kept, other = (pair.left, pair.right) if stays == pair.left.id else (pair.right, pair.left)
        if kept.state != PUBLISHED or other.state != PUBLISHED:
            raise Conflict("One of the two is not published any more; there is nothing to decide.")
        note = f"The same dataset as {kept.title or kept.key} ({kept.iri}), which stays"
        self._records.withdraw(session, other, author=viewer.author, note=note[:500])
        session.execute(update(Item).where(Item.record_id == other.id).values(same_as=kept.id))

    def undo(self, session: Session, viewer: Viewer, a: int, b: int) -> Decision:
        """Take a decision back: what was withdrawn by it is there again, the pair open again.

        Raises :class:`Invalid` if what was withdrawn may not be published as it is.
        """
        self.allow(viewer)
        pair = self.pair(session, a, b)
        made = pair.decision
        if made is None:
            raise NotFound("Nothing is decided of these two.")
        if made.decision == SAME:
            self._part(session, viewer, pair, made)
        made.undone, made.undone_by = datetime.now(UTC), viewer.author
        session.flush()
        audit.write(session, "pair-undone", viewer, _subject(pair))
        return made

    def _part(self, session: Session, viewer: Viewer, pair: Pair, made: Decision) -> None:
        """Bring back what was withdrawn; its sources are read anew, for they may say more now."""
        other = pair.right if made.stays == pair.left.id else pair.left
        session.execute(
            update(Item)
            .where(Item.record_id == other.id, Item.same_as == made.stays)
            .values(same_as=None, hash="", gone=None, outcome="returned")
        )
        if other.state != WITHDRAWN:
            return
        author, note = viewer.author, "Not the same dataset after all"
        if pair.of(other) and other.document is not None:
            # It may lack what we ask of our own, as it did before.
            self._records.adopt(
                session,
                other.kind,
                other.document,
                key=other.key,
                working_copy=other.draft,
                lacking=True,
                author=author,
                note=note,
            )
        else:
            self._records.restore(session, other, author=author, note=note)


def mark(pair: Pair) -> str:
    """Changes when anything in either record does."""
    return f"{pair.left.etag}{pair.right.etag}"


def etag_of(pair: Pair) -> str:
    """Names what both records say and what is decided of them."""
    said = f"{mark(pair)} {pair.decision.id if pair.decision else ''}"
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def _subject(pair: Pair) -> str:
    return f"{pair.left.id} {pair.right.id}"


def _count(session: Session, found: Select[*tuple[Any, ...]]) -> int:
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


# finding ----------------------------------------------------------------------------------


def _open() -> Select[int, int, int, int]:
    """Low, high, the best rank and how much is shared (below zero) of every pair nobody decided."""
    shared = (
        select(Likeness.kind, Likeness.key)
        .group_by(Likeness.kind, Likeness.key)
        .having(func.count().between(2, MOST_SHARING))
        .subquery()
    )
    one, other = aliased(Likeness), aliased(Likeness)
    return (
        select(
            one.record_id.label("low"),
            other.record_id.label("high"),
            func.min(one.rank).label("rank"),
            (-func.count()).label("fewer"),
        )
        .select_from(shared)
        .join(one, and_(one.kind == shared.c.kind, one.key == shared.c.key))
        .join(
            other,
            and_(
                other.kind == shared.c.kind,
                other.key == shared.c.key,
                one.record_id < other.record_id,
            ),
        )
        .where(or_(one.rank != TITLE, _agree(one, other)))
        .where(~_is_decided(one, other))
        .group_by(one.record_id, other.record_id)
    )


def _is_decided(one: type[Likeness], other: type[Likeness]) -> ColumnElement[bool]:
    return exists().where(
        Decision.low == one.record_id,
        Decision.high == other.record_id,
        Decision.undone.is_(None),
    )


def _agree(one: type[Likeness], other: type[Likeness]) -> ColumnElement[bool]:
    """Whether two periods can be of one dataset: unstated ones can."""
    begin = case((one.begins > other.begins, one.begins), else_=other.begins)
    end = case((one.ends < other.ends, one.ends), else_=other.ends)
    days, others = one.ends - one.begins, other.ends - other.begins
    shorter = case((days < others, days), else_=others)
    return or_(
        one.begins.is_(None),
        other.begins.is_(None),
        end - begin + 1 >= _SHARED_PART * (shorter + 1),
    )


def _is_there(number: ColumnElement[int] | Mapped[int]) -> ColumnElement[bool]:
    return exists().where(Record.id == number)


class _Shared:
    """What some records have in common, in words, for any two of them."""

    def __init__(self, keys: Mapping[int, Mapping[str, Likeness]]) -> None:
        self._keys = keys

    def __call__(self, low: int, high: int) -> list[str]:
        one, other = self._keys.get(low, {}), self._keys.get(high, {})
        both = sorted((one[key].rank, key) for key in one.keys() & other.keys())
        return [
            _words(rank, key)
            for rank, key in both
            if rank != TITLE or _can_be_one(one[key], other[key])
        ]


def _can_be_one(one: Likeness, other: Likeness) -> bool:
    """As :func:`_agree`, of rows at hand."""
    if one.begins is None or other.begins is None or one.ends is None or other.ends is None:
        return True
    shared = min(one.ends, other.ends) - max(one.begins, other.begins) + 1
    shorter = min(one.ends - one.begins, other.ends - other.begins) + 1
    return shared >= _SHARED_PART * shorter


def _shared(session: Session, numbers: set[int]) -> _Shared:
    keys: dict[int, dict[str, Likeness]] = {}
    for one in session.scalars(select(Likeness).where(Likeness.record_id.in_(numbers))):
        keys.setdefault(one.record_id, {})[one.key] = one
    return _Shared(keys)


def _origins(session: Session, numbers: set[int]) -> Mapping[int, Sequence[Origin]]:
    found: dict[int, list[Origin]] = {}
    for number, remote_id, source in session.execute(
        select(Item.record_id, Item.remote_id, Source)
        .join(Source, Source.id == Item.source_id)
        .where(Item.record_id.in_(numbers))
        .order_by(Item.id)
    ):
        found.setdefault(int(number or 0), []).append(Origin(source, remote_id))
    return found


def _words(rank: int, key: str) -> str:
    said = key.partition(":")[2]
    return _WORDS[rank].format(said.replace(" | ", ", ") if rank == TITLE else said)
