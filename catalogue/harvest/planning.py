"""Between reading and writing: what is gone, and whether a person has to be asked first.

A feed that is broken at its own end looks like a catalogue whose records were all deleted, or
all given new ids.  So a run that would withdraw too much, or that finds the old ones gone
and as many new ones in their place, asks before anything is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased, defer

from catalogue.harvest.models import Find, Item, Named, Run, Source
from catalogue.harvest.taking import GONE
from catalogue.rdf.listing import LISTED
from catalogue.records.models import PUBLISHED, Record

#: New ids are suspected if so many of those that are gone have a namesake among the new ones.
_ALIKE = 0.5
_EXAMPLES = 10
#: So many of those that are missing are named.
_MOST_NAMED = 1000


def reconcile(session: Session, run: Run) -> None:
    """Compare what was read with what the source says it has; less is not all of it.

    Sources count different things: datasets only, or series and services as well.
    """
    run.missing = _still_missing(session, run)
    if run.missing:
        run.complete = False
    if run.stated is None:
        return
    datasets, series, services = (run.kinds.get(kind, 0) for kind in LISTED)
    counted = {datasets, datasets + series, datasets + services, datasets + series + services}
    if run.stated > max(counted) or (run.stated > datasets and run.stated not in counted):
        run.complete = False


def _still_missing(session: Session, run: Run) -> list[str] | None:
    """Some of those that the source lists, and that no page described."""
    found = exists().where(Find.run_id == run.id, Find.name == Named.name, Find.form != GONE)
    met = exists().where(
        Item.source_id == run.source_id, Item.name == Named.name, Item.seen == run.id
    )
    missing = select(Named.remote_id).where(Named.run_id == run.id, ~found, ~met)
    return list(session.scalars(missing.order_by(Named.name).limit(_MOST_NAMED))) or None


def question(session: Session, source: Source, run: Run) -> Mapping[str, Any] | None:
    """What has to be asked before a run is written; None if nothing has."""
    known = _count(session, _alive(source), Item.kind.in_(LISTED))
    if not known:
        return None
    share = known * source.brake / 100
    away = _away(source, run) if run.complete else _said_gone(run)
    newly = _count(session, _alive(source), Item.kind.in_(LISTED), away, Item.gone.is_(None))
    if newly > share and (alike := len(list(matches(session, source, run)))) >= newly * _ALIKE:
        return {"is": "new-ids", "count": newly, "of": known, "alike": alike}
    due = or_(_said_gone(run), and_(away, _is_due(source)))
    count = _count(session, _alive(source), Item.kind.in_(LISTED), due)
    if count <= share:
        return None
    titles = session.scalars(
        select(Record.title)
        .join(Item, Item.record_id == Record.id)
        .where(_alive(source), Item.kind.in_(LISTED), due)
        .order_by(Item.id)
        .limit(_EXAMPLES)
    )
    return {"is": "withdraw", "count": count, "of": known, "examples": list(titles)}


def matches(session: Session, source: Source, run: Run) -> Iterator[tuple[int, str]]:
    """The items that are gone and the finds that are the same by title, each the only ones."""
    gone: dict[tuple[str, str], list[int]] = {}
    for number, kind, title in session.execute(
        select(Item.id, Item.kind, Record.title)
        .join(Record, Record.id == Item.record_id)
        .where(_alive(source), _away(source, run), Item.kind.in_(LISTED))
    ):
        gone.setdefault((kind, _folded(title)), []).append(number)
    new: dict[tuple[str, str], list[str]] = {}
    for name, kind, title in session.execute(
        select(Find.name, Find.kind, Find.title).where(
            Find.run_id == run.id, Find.outcome == "", Find.form != GONE, ~_is_known(source)
        )
    ):
        if title:
            new.setdefault((kind, _folded(title)), []).append(name)
    for said, numbers in gone.items():
        if len(numbers) == 1 and len(new.get(said, ())) == 1:
            yield numbers[0], new[said][0]


def take_over_ids(session: Session, source: Source, run: Run) -> int:
    """Give the items that are gone the ids of the finds that are the same; returns how many."""
    pairs = list(matches(session, source, run))
    for number, name in pairs:
        find = session.get_one(Find, (run.id, name))
        item = session.get_one(Item, number)
        find.before = {"was": [item.name, item.remote_id, item.iri]}
        session.execute(
            update(Item)
            .where(Item.id == number)
            .values(name=name, remote_id=find.remote_id, iri=find.iri, seen=run.id, hash="")
        )
    return len(pairs)


def going(session: Session, source: Source, run: Run, after: int, size: int) -> Sequence[Item]:
    """The next items of a complete run that are no longer there, behind an item."""
    return session.scalars(
        select(Item)
        .options(defer(Item.raw))
        .where(
            Item.source_id == source.id,
            Item.id > after,
            Item.seen < run.id,
            Item.record_id.is_not(None),
            Item.outcome != "withdrawn",
            Item.excluded.is_(False),
        )
        .order_by(Item.id)
        .limit(size)
    ).all()


def is_due(source: Source, item: Item) -> bool:
    """Whether an item has been away long enough to be withdrawn."""
    if source.grace == 0:
        return True
    return item.gone is not None and item.gone <= _now() - timedelta(days=source.grace)


def _is_due(source: Source) -> ColumnElement[bool]:
    if source.grace == 0:
        return Item.id > 0
    return and_(Item.gone.is_not(None), Item.gone <= _now() - timedelta(days=source.grace))


def _alive(source: Source) -> ColumnElement[bool]:
    """Items of a source that look after records which the world sees."""
    seen = aliased(Record)
    published = exists().where(seen.id == Item.record_id, seen.state == PUBLISHED)
    return and_(Item.source_id == source.id, Item.owner, published)


def _away(source: Source, run: Run) -> ColumnElement[bool]:
    """Items that a run did not meet."""
    return and_(Item.seen < run.id, Item.excluded.is_(False))


def _said_gone(run: Run) -> ColumnElement[bool]:
    """Items that the source itself says are gone."""
    return exists().where(Find.run_id == run.id, Find.name == Item.name, Find.form == GONE)


def _is_known(source: Source) -> ColumnElement[bool]:
    return exists().where(Item.source_id == source.id, Item.name == Find.name)


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Item).where(*conditions)) or 0


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())


def _now() -> datetime:
    return datetime.now(UTC)
