"""The task list of a record: what is said, what is lacking, what can be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.profile import Document, Shape
from catalogue.profile.form import TIER_LABELS, Progress, progress
from catalogue.records import revisions
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.origins import origins
from catalogue.web.people import persons
from catalogue.web.workspace.beginning import unconfirmed
from catalogue.web.workspace.frame import blueprint, opened, organisation_of, record_page
from catalogue.web.workspace.lacking import problems_by_severity
from catalogue.web.workspace.words import GAINS

#: How many of its last steps are told.
_LATELY = 5


@blueprint.get("/workspace/<kind>/<key>")
def show(kind: str, key: str) -> Response:
    """The task list of a record: what is said, what is lacking, what can be done next."""
    record = opened(kind, key)
    shape = catalogue.records.shape(kind)
    document = record.working_copy
    comments = catalogue.workspace.comments(session, record)
    history = revisions.of(session, record, most=_LATELY)
    return record_page(
        "workspace/show.html",
        record,
        tiers=_tiers(shape, document),
        lacking=problems_by_severity(record).get("violation", []),
        comments=[one for one in comments if one.resolved is None],
        history=history,
        is_member=record.organisation in viewer.roles,
        people=persons([*(one.author for one in history), *(one.author for one in comments)]),
        organisation=organisation_of(record),
        origins=origins(record),
        prefilled=unconfirmed(record),
    )


@dataclass(frozen=True)
class Tier:
    """How far a record is up to a tier; ``next`` is the first that is not done."""

    name: str
    title: str
    gain: str
    sections: Sequence[Progress]
    next: bool

    @property
    def asked(self) -> int:
        """How many questions there are."""
        return sum(one.asked for one in self.sections)

    @property
    def answered(self) -> int:
        """How many are answered."""
        return sum(one.answered for one in self.sections)


def _tiers(shape: Shape, document: Document) -> Sequence[Tier]:
    """The tiers, each with what is left to do."""
    found: list[Tier] = []
    for name, title in TIER_LABELS.items():
        sections_ = progress(shape, document, name)
        if found and sum(one.asked for one in sections_) == found[-1].asked:
            continue  # nothing more is asked of this kind of record
        done = all(one.done for one in sections_)
        begun = not done and not any(one.next for one in found)
        found.append(Tier(name, title, GAINS[name], sections_, begun))
    return found


@blueprint.post("/workspace/<kind>/<key>/assign")
def assign(kind: str, key: str) -> AnyResponse:
    """Give a record to another organisation, or to none."""
    with catalogue.database.write() as writing:
        record = catalogue.workspace.open(writing, viewer, kind, key, "assign")
        chosen = request.form.get("organisation", "")
        organisation = catalogue.accounts.organisations.get(writing, chosen) if chosen else None
        catalogue.workspace.assign(writing, viewer, record, organisation)
    flash(f"It is looked after by {organisation.name if organisation else 'nobody'} now.")
    return redirect(url_for("workspace.show", kind=kind, key=key), 303)
