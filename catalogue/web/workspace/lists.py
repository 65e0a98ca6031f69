"""What somebody looks after, what waits for a review, and where to begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flask import Response, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from catalogue.accounts.models import Organisation
from catalogue.errors import BadRequest, NotFound
from catalogue.profile.form import ASKED_TIERS, progress
from catalogue.records.models import Record
from catalogue.records.permissions import may_in, may_over_all
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.people import persons
from catalogue.web.upkeep import Badge, badge_for_holders
from catalogue.web.views import Paged, page, page_number
from catalogue.web.workspace.frame import blueprint, opened
from catalogue.web.workspace.questions import way_of
from catalogue.web.workspace.words import LISTS, STAGES


@blueprint.get("/workspace")
def home() -> Response:
    """What somebody looks after, what waits for a review, and where to begin."""
    stage = request.args.get("stage", "")
    if stage not in LISTS:
        raise NotFound(f'There is no list "{stage[:40]}"; choose one of those on the page.')
    number = page_number()
    found, total = catalogue.workspace.mine(session, viewer, stage=stage, page=number)
    waiting, waits = catalogue.workspace.waiting(session, viewer)
    return page(
        "workspace/home.html",
        paged=Paged(found, total, number, 25),
        people=persons(one.author for one in (*found, *waiting)),
        badges=_badges(one.record for one in found),
        stage=stage,
        stages=LISTS,
        stage_words=STAGES,
        waiting=waiting,
        waits=waits,
        organisations=organisations(),
        kinds=_kinds(),
        reviews=may_over_all(viewer, "review"),
        wanted=catalogue.owners.open_for(session, viewer) if viewer.roles else [],
        way_of=way_of,
    )


def _badges(records: Iterable[Record]) -> Mapping[int, Badge | None]:
    """What waits of the yearly checks of some records."""
    standings = catalogue.checks.standings(session, [one.id for one in records])
    return {number: badge_for_holders(one) for number, one in standings.items()}


@blueprint.post("/workspace/new")
def new() -> AnyResponse:
    """Begin a record for an organisation."""
    kind, key = request.form.get("kind", "dataset"), request.form.get("organisation", "")
    own = organisations()
    chosen = next((one for one in own if one.key == key), own[0] if len(own) == 1 else None)
    if chosen is None:
        raise BadRequest("Choose the organisation whose data you describe.")
    with catalogue.changing() as writing:
        record = catalogue.workspace.create(writing, viewer, kind, chosen, {})
    return redirect(first_page(record), 303)


@blueprint.get("/workspace/<kind>/<key>/first")
def first(kind: str, key: str) -> AnyResponse:
    """Where to go on: the first page of the form on which something is left to say."""
    return redirect(first_page(opened(kind, key, "edit")), 303)


def first_page(record: Record) -> str:
    """The first page of the form on which something is left to say."""
    shape = catalogue.records.shape(record.kind)
    for one in progress(shape, record.working_copy, ASKED_TIERS[0]):
        if not one.done:
            return url_for(
                "workspace_form.show", kind=record.kind, key=record.key, section=one.section.slug
            )
    return url_for("workspace.show", kind=record.kind, key=record.key)


def organisations() -> Sequence[Organisation]:
    """The organisations for which somebody may describe data."""
    mine = [one for one in viewer.roles if may_in(viewer, "describe", one)]
    return session.scalars(
        select(Organisation).where(Organisation.id.in_(mine)).order_by(Organisation.name)
    ).all()


def _kinds() -> Sequence[tuple[str, str]]:
    """The kinds of record there are, with their names."""
    return [(kind, shape.label) for kind, shape in catalogue.profile.records.items()]
