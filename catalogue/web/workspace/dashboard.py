"""How an organisation's descriptions are doing: what is due, what is asked, what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Response
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from catalogue.accounts.models import Organisation
from catalogue.errors import NotFound
from catalogue.outcomes.wording import titled
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.permissions import may_in
from catalogue.upkeep.checks import DUE, OVERDUE, Standing
from catalogue.upkeep.counting import LEAST_PEOPLE
from catalogue.upkeep.models import DayOfViews
from catalogue.upkeep.nearly import NearSearch
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.demand import words_of
from catalogue.web.upkeep import badge_for_holders
from catalogue.web.views import Paged, page, page_number
from catalogue.web.workspace.frame import blueprint
from catalogue.web.workspace.lacking import way_to
from catalogue.workspace import LISTS

_SIZE, _MOST_DUE = 25, 10
#: Over so many days views are added up.
_DAYS = 30


@dataclass(frozen=True)
class Held:
    """A dataset of the organisation, with how it is doing."""

    record: Record
    standing: Standing | None
    percent: int | None
    views: int
    shortlists: int


@dataclass(frozen=True)
class Missed:
    """A search that a dataset nearly matched, in words, with the way to what would help."""

    near: NearSearch
    title: str
    words: str
    asked: str
    field: str
    way: str


@blueprint.get("/workspace/organisations/<slug:key>")
def dashboard(key: str) -> Response:
    """What is due, drafts, the score and views of each dataset, searches nearly matched."""
    organisation = catalogue.accounts.organisations.get(session, key)
    if not may_in(viewer, "see inside", organisation.id):
        raise NotFound(f'There is no organisation "{key[:80]}".')
    own = Record.organisation == organisation.id
    counts = catalogue.checks.counts(session, own)
    due = catalogue.checks.condition(DUE) | catalogue.checks.condition(OVERDUE)
    held = _held(organisation, page_number())
    return page(
        "workspace/dashboard.html",
        organisation=organisation,
        counts=counts,
        due=list(catalogue.checks.listed(session, "", own, due, most=_MOST_DUE)),
        drafts={
            name: session.scalar(select(func.count(Record.id)).where(own, LISTS[name])) or 0
            for name in ("draft", "returned", "in-review")
        },
        paged=held,
        badges={one.record.id: badge_for_holders(one.standing) for one in held.items},
        days=_DAYS,
        least=LEAST_PEOPLE,
        missed=_missed(organisation),
        member=organisation.id in viewer.roles,
    )


def _held(organisation: Organisation, number: int) -> Paged:
    """One page of the datasets, by title."""
    held = (Record.organisation == organisation.id, Record.kind == "dataset")
    total = session.scalar(select(func.count(Record.id)).where(*held)) or 0
    records = session.scalars(
        select(Record)
        .where(*held)
        .order_by(Record.title, Record.id)
        .offset((number - 1) * _SIZE)
        .limit(_SIZE)
    ).all()
    numbers = [one.id for one in records]
    standings = catalogue.checks.standings(session, numbers)
    views = _views(numbers)
    return Paged(
        [
            Held(one, standings.get(one.id), _percent(one), *views.get(one.id, (0, 0)))
            for one in records
        ],
        total,
        number,
        _SIZE,
    )


def _percent(record: Record) -> int | None:
    """The score of a working copy; none of a damaged one."""
    shape = catalogue.records.shape(record.kind)
    return spared(record, lambda: catalogue.scoring.score(shape, record.working_copy).percent)


def _views(records: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How often the pages of some datasets, and shortlists with them, were opened lately."""
    since = (datetime.now(UTC) - timedelta(days=_DAYS)).date().isoformat()
    found = session.execute(
        select(DayOfViews.record_id, func.sum(DayOfViews.views), func.sum(DayOfViews.shortlists))
        .where(DayOfViews.record_id.in_(records), DayOfViews.day >= since)
        .group_by(DayOfViews.record_id)
    )
    return {record: (int(views), int(shortlists)) for record, views, shortlists in found}


def _missed(organisation: Organisation) -> Sequence[Missed]:
    """The searches that the organisation's datasets nearly matched."""
    found = catalogue.nearly.of_organisation(session, organisation.id)
    records = {
        one.id: one
        for one in session.scalars(
            select(Record)
            .where(Record.id.in_({one.record for one in found}))
            .options(defer(Record.draft))
        )
    }
    shape = catalogue.records.shape("dataset")
    read = titled(session, [one.asked for one in found])
    told = []
    for one in found:
        record = records[one.record]
        name = _property_of(one.field)
        field = shape.properties.get(name)
        told.append(
            Missed(
                one,
                record.title or record.slug,
                words_of(one.address),
                read(one.asked),
                field.label if field else one.field,
                way_to(record, field)
                if field and field.tier not in ("automatic", "derived")
                else "",
            )
        )
    return told


def _property_of(name: str) -> str:
    """The property of a dataset that answers a facet, a range or a criterion."""
    profile = catalogue.profile
    if name in profile.ranges:
        return profile.ranges[name].first[0]
    dataset = profile.records["dataset"]
    if name in dataset.properties:
        return name
    for one in dataset.stored:
        inner = getattr(one.value, "shape", None)
        if inner is not None and name in inner.properties:
            return one.name
    return name
