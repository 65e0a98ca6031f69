"""The first half of a run: every page is read, and what is new or changed is put aside as finds.

Nothing of the catalogue changes meanwhile.  One page is one transaction with the place of the
next, so whoever goes on after a crash reads at most one page again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session, defer

from catalogue.errors import CatalogueError, Problem
from catalogue.harvest.interpreting import Interpreter, as_json
from catalogue.harvest.models import PREVIEW, WRITING, Find, Item, Named, Page, Run, Source
from catalogue.harvest.reading import Expired, Reader, Remote, Unreadable
from catalogue.harvest.reading import Page as Read
from catalogue.harvest.taking import GONE
from catalogue.rdf.listing import LISTED

log = structlog.get_logger()
#: How many finds a preview shows.
MOST_SHOWN = 20
#: A feed of more pages goes round, or is none that one should harvest page by page.
MOST_PAGES = 100_000
#: After so many pages in a row that cannot be read, the others are not asked for.
_MOST_FAILURES = 5
#: How often a source may forget where we were.
_MOST_BEGINNINGS = 3
#: A single document may describe a hundred thousand; so many are looked up in one go.
_CHUNK = 500
_LONGEST_ID = 2000
#: Organisations come before what names them.
_RANKS = ("agent", "catalogue", "series", "service", "dataset")


@dataclass(frozen=True)
class Turn:
    """A page that was read, or why it was not; ``place`` is where it is."""

    place: Mapping[str, Any] | None
    page: Read | None = None
    error: Unreadable | Expired | None = None

    @property
    def after(self) -> Mapping[str, Any] | None:
        """Where the next page is, as far as is known."""
        if self.page is not None:
            return self.page.next
        return self.error.after if isinstance(self.error, Unreadable) else None


def read(reader: Reader, place: Mapping[str, Any] | None) -> Turn:
    """Read the page at a place; no error stops a run by itself."""
    try:
        return Turn(place, page=reader.page(place))
    except (Unreadable, Expired) as error:
        return Turn(place, error=error)
    except Exception as error:
        if isinstance(error, CatalogueError):
            return Turn(place, error=Unreadable(str(error)))
        log.error("a page cannot be read", place=place, exc_info=error)
        return Turn(place, error=Unreadable(f"The page cannot be read: {error!r}"[:500]))


class Gathering:
    """Puts pages aside."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter

    def put(self, session: Session, source: Source, run: Run, turn: Turn) -> None:
        """Take one page into the run, and move on; after the last the run is to be written."""
        if isinstance(turn.error, Expired):
            self._begin_again(session, run, turn.error)
            return
        if turn.page is None:
            self._skip(session, run, turn)
            return
        page, loop = turn.page, self._goes_round(session, run, turn)
        problems = list(page.problems)
        if loop:
            problems.append(loop)
        found = () if loop else self._unique(page.found, problems)
        self._note(session, run, turn, page.address, len(found), problems)
        if not page.whole or loop:
            run.complete = False
        if page.total is not None:
            run.stated = page.total
        if run.mode == PREVIEW:
            found = self._first(found, MOST_SHOWN - self._shown(session, run))
        for start in range(0, len(found), _CHUNK):
            self._put_aside(session, source, run, found[start : start + _CHUNK])
        self._put_deleted(session, source, run, page.deleted)
        self._put_named(session, run, page.named)
        self._move(run, None if loop else page.next)
        if run.mode == PREVIEW and self._shown(session, run) >= MOST_SHOWN:
            self._move(run, None)

    # pages -----------------------------------------------------------------------------

    def _move(self, run: Run, after: Mapping[str, Any] | None) -> None:
        if after is not None and run.pages >= MOST_PAGES:
            run.complete, after = False, None
            run.error = f"The source has more than {MOST_PAGES} pages; the rest was not read."
        beginnings = (run.place or {}).get("beginnings", 0)
        run.place = {"at": dict(after), "beginnings": beginnings} if after is not None else None
        if after is None:
            run.state = WRITING

    def _begin_again(self, session: Session, run: Run, error: Expired) -> None:
        """The source forgot where we were; what was put aside stays, and is not read twice."""
        beginnings = (run.place or {}).get("beginnings", 0) + 1
        if beginnings > _MOST_BEGINNINGS:
            run.complete, run.error = False, str(error)
            self._move(run, None)
            return
        session.execute(delete(Page).where(Page.run_id == run.id))
        run.pages, run.place = 0, {"at": None, "beginnings": beginnings}

    def _skip(self, session: Session, run: Run, turn: Turn) -> None:
        """A page that cannot be read: the others are, and nothing counts as gone."""
        if run.pages == 0 and turn.after is None:
            raise turn.error or Unreadable("The first page cannot be read.")
        after = turn.after
        if self._goes_round(session, run, turn) or self._is_down(session, run):
            after = None
        self._note(session, run, turn, "", 0, [str(turn.error)])
        run.complete = False
        self._move(run, after)

    def _note(
        self,
        session: Session,
        run: Run,
        turn: Turn,
        address: str,
        found: int,
        problems: Sequence[str],
    ) -> None:
        run.pages += 1
        session.add(
            Page(
                run_id=run.id,
                number=run.pages,
                place=_digest(turn.place),
                content=turn.page.digest if turn.page else "",
                address=address[:2000],
                found=found,
                at=_now(),
                problems=[one[:1000] for one in problems[:50]] or None,
            )
        )

    def _goes_round(self, session: Session, run: Run, turn: Turn) -> str:
        """Why a page must be one that was read before; empty if it is not."""
        same = select(Page.number).where(Page.run_id == run.id).limit(1)
        if number := session.scalar(same.where(Page.place == _digest(turn.place))):
            return f"The feed goes round: this is page {number} again. The next page was not asked for."
        content = turn.page.digest if turn.page else ""
        if content and (number := session.scalar(same.where(Page.content == content))):
            return f"The feed goes round: this page says the same as page {number}."
        return ""

    def _is_down(self, session: Session, run: Run) -> bool:
        """Whether the last pages could not be read either."""
        last = select(Page.address, Page.problems).where(Page.run_id == run.id)
        last = last.order_by(Page.number.desc()).limit(_MOST_FAILURES - 1)
        rows = session.execute(last).all()
        return len(rows) == _MOST_FAILURES - 1 and not any(row.address for row in rows)

    # descriptions ----------------------------------------------------------------------

    def _unique(self, found: Sequence[Remote], problems: list[str]) -> Sequence[Remote]:
        """Each description once: what a page says twice is not two."""
        unique: dict[str, Remote] = {}
        for one in found:
            earlier = unique.setdefault(name_of(one.id), one)
            if earlier is not one and earlier.hash != one.hash:
                problems.append(f"{one.id[:300]} is on this page twice; the first was taken")
        return list(unique.values())

    def _first(self, found: Sequence[Remote], most: int) -> Sequence[Remote]:
        """The first so many entries, and the organisations that they may name."""
        entries = [one for one in found if one.kind in LISTED][: max(most, 0)]
        return [*(one for one in found if one.kind not in LISTED), *entries]

    def _put_aside(
        self, session: Session, source: Source, run: Run, found: Sequence[Remote]
    ) -> None:
        by_name = {name_of(one.id): one for one in found}
        if not by_name:
            return
        known = self._known(session, source, list(by_name))
        again = self._again(session, run, known, by_name)
        kinds = Counter(run.kinds)
        seen, finds, unchanged = [], [], 0
        for name, one in by_name.items():
            if name in again:
                continue
            kinds[one.kind] += 1
            item = known.get(name)
            if item is not None:
                seen.append(item.id)
            if item is not None and run.mode != PREVIEW and self._is_unchanged(source, item, one):
                unchanged += 1  # a preview shows it: it is among the first that were looked at
            else:
                finds.append(self._find(source, run, name, one))
        if seen and run.mode != PREVIEW:
            session.execute(update(Item).where(Item.id.in_(seen)).values(seen=run.id))
        if finds:
            session.execute(insert(Find), finds)
        run.kinds = dict(kinds)
        run.entries = sum(kinds[kind] for kind in LISTED)
        run.counts = dict(Counter(run.counts) + Counter(unchanged=unchanged))

    def _known(self, session: Session, source: Source, names: Sequence[str]) -> dict[str, Any]:
        found = session.execute(
            select(
                Item.id,
                Item.name,
                Item.hash,
                Item.seen,
                Item.gone,
                Item.excluded,
                Item.outcome,
            ).where(Item.source_id == source.id, Item.name.in_(names))
        )
        return {row.name: row for row in found}

    def _again(
        self, session: Session, run: Run, known: Mapping[str, Any], by_name: Mapping[str, Remote]
    ) -> set[str]:
        """The names that this run met before: on another page, or on this one before a crash."""
        there = Find.run_id == run.id, Find.name.in_(list(by_name))
        # What was said to be gone and is described on a later page is there.
        session.execute(delete(Find).where(*there, Find.form == GONE))
        put = select(Find.name).where(*there)
        return {
            *session.scalars(put),
            *(name for name, item in known.items() if item.seen == run.id),
        }

    def _is_unchanged(self, source: Source, item: Row[Any], one: Remote) -> bool:
        return bool(
            not any(problem.severity == "violation" for problem in one.problems)
            and item.gone is None
            and item.outcome != "held"  # what it lacks may have come by another record
            and (item.excluded or item.hash == self._digest_of(source, one))
        )

    def _digest_of(self, source: Source, one: Remote) -> str:
        return self._interpreter.digest(one.hash, source.listed_in)

    def _find(self, source: Source, run: Run, name: str, one: Remote) -> dict[str, Any]:
        problems = list(one.problems)
        if len(one.iri) > _LONGEST_ID:
            words = f"its address is longer than {_LONGEST_ID} characters"
            problems.append(Problem((), words, rule="reading"))
        failed = any(problem.severity == "violation" for problem in problems)
        rank = _RANKS.index(one.kind) if one.kind in _RANKS else len(_RANKS)
        return {
            "run_id": run.id,
            "name": name,
            "remote_id": one.id[:_LONGEST_ID],
            "kind": one.kind,
            "iri": one.iri[:_LONGEST_ID],
            "rank": rank,
            "hash": self._digest_of(source, one),
            "form": one.form,
            "raw": None if failed else gzip.compress(one.raw, 1, mtime=0),
            "title": one.title[:1000],
            "outcome": "",
            "problems": as_json(problems),
        }

    def _put_deleted(self, session: Session, source: Source, run: Run, ids: Sequence[str]) -> None:
        """What the source itself says is gone, as far as we have it."""
        if not ids:
            return
        names = [name_of(one) for one in dict.fromkeys(ids)]
        put = select(Find.name).where(Find.run_id == run.id)
        for start in range(0, len(names), _CHUNK):
            chunk = names[start : start + _CHUNK]
            for item in session.scalars(
                select(Item)
                .options(defer(Item.raw), defer(Item.said))
                .where(
                    Item.source_id == source.id,
                    Item.name.in_(chunk),
                    Item.gone.is_(None),
                    Item.excluded.is_(False),
                    Item.seen < run.id,
                    Item.name.not_in(put),
                )
            ):
                session.add(
                    Find(
                        run_id=run.id,
                        name=item.name,
                        remote_id=item.remote_id,
                        kind=item.kind,
                        iri=item.iri,
                        rank=len(_RANKS),
                        form=GONE,
                    )
                )

    def _put_named(self, session: Session, run: Run, ids: Sequence[str]) -> None:
        """What the source says it lists: at the end it has to be there."""
        by_name = {name_of(one): one for one in ids}
        names = list(by_name)
        for start in range(0, len(names), _CHUNK):
            chunk = names[start : start + _CHUNK]
            known = select(Named.name).where(Named.run_id == run.id, Named.name.in_(chunk))
            new = set(chunk) - set(session.scalars(known))
            session.add_all(
                Named(run_id=run.id, name=name, remote_id=by_name[name][:_LONGEST_ID])
                for name in sorted(new)
            )

    def _shown(self, session: Session, run: Run) -> int:
        return (
            session.scalar(
                select(func.count())
                .select_from(Find)
                .where(Find.run_id == run.id, Find.kind.in_(LISTED))
            )
            or 0
        )


def name_of(remote_id: str) -> str:
    """The name under which an item is remembered: a digest, for ids may be of any length."""
    return hashlib.sha256(remote_id.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(place: Mapping[str, Any] | None) -> str:
    return hashlib.sha256(json.dumps(place, sort_keys=True, default=str).encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
