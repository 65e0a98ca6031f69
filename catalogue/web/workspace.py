"""The workspace: where those who look after records write, review and publish them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from catalogue.accounts.models import Organisation
from catalogue.errors import BadRequest, Invalid, NotFound, Problem
from catalogue.profile import Document, Property, Shape
from catalogue.profile.form import ASKED_TIERS, Progress, Section, progress
from catalogue.profile.values import Reference
from catalogue.rdf.formats import FORMATS, write
from catalogue.records.differences import differences
from catalogue.records.models import PUBLISHED, Comment, Record, Revision
from catalogue.records.permissions import may_in, may_over_all
from catalogue.records.records import title_of
from catalogue.records.visibility import RESTRICTED, as_public
from catalogue.web import dataset, records
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.guard import signed_in_only
from catalogue.web.names import remember_own
from catalogue.web.paths import path_of
from catalogue.web.people import names_of
from catalogue.web.sections import sections
from catalogue.web.views import Paged, draw_record, page, page_number, pages

blueprint = pages("workspace", __name__)
blueprint.before_request(signed_in_only)

#: The tiers that owners fill in, with what each of them gains them.
TIER_WORDS: Mapping[str, tuple[str, str]] = {
    "minimum": ("To be published", "What it takes to be found: a few minutes."),
    "compliant": ("For the European Health Data Space", "What the regulation asks of a holder."),
    "outcome-rich": (
        "To be found by outcomes",
        "What researchers ask before they write to you.",
    ),
}
#: What lists can be narrowed to.
STAGES: Mapping[str, str] = {
    "": "All",
    "draft": "Drafts",
    "in-review": "In review",
    "returned": "Changes requested",
    "published": "Published",
    "withdrawn": "Withdrawn",
}
#: How a stage is called.
STAGE_WORDS: Mapping[str, str] = {
    "draft": "Draft",
    "submitted": "In review",
    "returned": "Changes requested",
    "published": "Published",
    "revised": "Published, with changes not yet published",
    "revision-submitted": "Published, changes in review",
    "revision-returned": "Published, changes sent back",
    "withdrawn": "Withdrawn",
}


@dataclass(frozen=True)
class StepWords:
    """How a step is offered, what it does, and how it is told once it is done."""

    button: str
    does: str
    done: str
    asks_why: bool = False


STEPS: Mapping[str, StepWords] = {
    "submit": StepWords(
        "Submit for review",
        "A reviewer reads it and publishes it or asks for changes. You will get a mail.",
        "Submitted. A reviewer will read it; you will get a mail.",
    ),
    "publish": StepWords(
        "Publish", "From now on everybody can find and read it.", "Published. Everybody can see it."
    ),
    "return": StepWords(
        "Ask for changes",
        "It goes back to its editors, with your comments.",
        "Sent back to its editors.",
        asks_why=True,
    ),
    "recall": StepWords(
        "Recall from review", "You can edit it again.", "Recalled. You can go on editing."
    ),
    "discard": StepWords(
        "Drop the changes",
        "The published description stays as it is. What you changed stays in the history.",
        "Dropped. The published description is as it was.",
    ),
    "withdraw": StepWords(
        "Withdraw",
        "Nobody finds it any longer; its address says that it was withdrawn. It can be restored.",
        "Withdrawn. Its address now says so.",
        asks_why=True,
    ),
    "restore": StepWords(
        "Restore", "It is published again as it was.", "Restored. Everybody can see it again."
    ),
}
#: The rules that a heading of the check tells of, so that its lines need not.
_SAID_BY_HEADING = ("mandatory", "recommended", "ehds")
_WITHHELD = "holder_withheld"
_STEP_RULE = "any(" + ",".join(STEPS) + ")"


# lists -----------------------------------------------------------------------------------


@blueprint.get("/workspace")
def home() -> Response:
    """What somebody looks after, what waits for a review, and where to begin."""
    stage = request.args.get("stage", "")
    if stage not in STAGES:
        raise NotFound(f'There is no list "{stage[:40]}"; choose one of those on the page.')
    number = page_number()
    found, total = catalogue.workspace.mine(session, viewer, stage=stage, page=number)
    waiting, waits = catalogue.workspace.waiting(session, viewer)
    return page(
        "workspace/home.html",
        paged=Paged(found, total, number, 25),
        people=names_of(one.author for one in (*found, *waiting)),
        stage=stage,
        stages=STAGES,
        stage_words=STAGE_WORDS,
        waiting=waiting,
        waits=waits,
        organisations=_organisations(),
        kinds=_kinds(),
        reviews=may_over_all(viewer, "review"),
    )


@blueprint.post("/workspace/new")
def new() -> AnyResponse:
    """Begin a record for an organisation."""
    kind, key = request.form.get("kind", "dataset"), request.form.get("organisation", "")
    own = _organisations()
    chosen = next((one for one in own if one.key == key), own[0] if len(own) == 1 else None)
    if chosen is None:
        raise BadRequest("Choose the organisation whose data you describe.")
    with catalogue.changing() as writing:
        record = catalogue.workspace.create(writing, viewer, kind, chosen, {})
    return redirect(_first_page(record), 303)


@blueprint.get("/workspace/<kind>/<key>/first")
def first(kind: str, key: str) -> AnyResponse:
    """Where to go on: the first page of the form on which something is left to say."""
    return redirect(_first_page(opened(kind, key, "edit")), 303)


def _first_page(record: Record) -> str:
    """The first page of the form on which something is left to say."""
    shape = catalogue.records.shape(record.kind)
    for one in progress(shape, record.working_copy, ASKED_TIERS[0]):
        if not one.done:
            return url_for(
                "workspace_form.show", kind=record.kind, key=record.key, section=one.section.slug
            )
    return url_for("workspace.show", kind=record.kind, key=record.key)


def _organisations() -> Sequence[Organisation]:
    """The organisations for which somebody may describe data."""
    mine = [one for one in viewer.roles if may_in(viewer, "describe", one)]
    return session.scalars(
        select(Organisation).where(Organisation.id.in_(mine)).order_by(Organisation.name)
    ).all()


def _kinds() -> Sequence[tuple[str, str]]:
    """The kinds of record there are, with their names."""
    return [(kind, shape.label) for kind, shape in catalogue.profile.records.items()]


# one record ------------------------------------------------------------------------------


def opened(kind: str, key: str, action: str = "view") -> Record:
    """A record of the workspace, to be read."""
    return catalogue.workspace.open(session, viewer, kind, key, action)


@blueprint.get("/workspace/<kind>/<key>")
def show(kind: str, key: str) -> Response:
    """The task list of a record: what is said, what is lacking, what can be done next."""
    record = opened(kind, key)
    shape = catalogue.records.shape(kind)
    document = record.working_copy
    comments = catalogue.workspace.comments(session, record)
    history = session.scalars(
        select(Revision)
        .where(Revision.record_id == record.id)
        .order_by(Revision.number.desc())
        .limit(5)
    ).all()
    return _page(
        "workspace/show.html",
        record,
        tiers=_tiers(shape, document),
        lacking=_violations(record),
        comments=[one for one in comments if one.resolved is None],
        history=history,
        is_member=record.organisation in viewer.roles,
        people=names_of([*(one.author for one in history), *(one.author for one in comments)]),
        organisation=_organisation_of(record),
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
    for name, (title, gain) in TIER_WORDS.items():
        sections_ = progress(shape, document, name)
        if found and sum(one.asked for one in sections_) == found[-1].asked:
            continue  # nothing more is asked of this kind of record
        done = all(one.done for one in sections_)
        begun = not done and not any(one.next for one in found)
        found.append(Tier(name, title, gain, sections_, begun))
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


@blueprint.get("/workspace/<kind>/<key>/check")
def check(kind: str, key: str) -> Response:
    """What keeps a record from being published, and what would make it better."""
    record = opened(kind, key)
    return _check_page(record, [])


def _check_page(record: Record, faults: Sequence[Problem], status: int = 200) -> Response:
    problems = catalogue.records.check(session, record.kind, record.working_copy, record.iri)
    response = _page(
        "workspace/check.html",
        record,
        problems=_by_severity(record, problems),
        faults=faults,
        note=request.form.get("note", ""),
    )
    response.status_code = status
    return response


@blueprint.get(f"/workspace/<kind>/<key>/<{_STEP_RULE}:step>")
def ask(kind: str, key: str, step: str) -> Response:
    """What a step does, before it is taken."""
    record = opened(kind, key, step)
    if step in ("submit", "publish") and record.stage != "submitted":
        return _check_page(record, [])
    return _page("workspace/step.html", record, step=step, words=STEPS[step], faults=[], note="")


@blueprint.post(f"/workspace/<kind>/<key>/<{_STEP_RULE}:step>")
def take(kind: str, key: str, step: str) -> AnyResponse:
    """Take a step with a record: submit, publish, ask for changes, withdraw …"""
    note = request.form.get("note", "")
    etag = request.form.get("etag", "")

    def act(writing: Session) -> Record:
        record = catalogue.workspace.open(writing, viewer, kind, key, step, etag=etag)
        return catalogue.workspace.take(writing, viewer, record, step, note)

    try:
        with catalogue.changing() as writing:
            record = act(writing)
    except Invalid as error:
        record = opened(kind, key)
        if any(problem.path == ("note",) for problem in error.problems):
            response = _page(
                "workspace/step.html",
                record,
                step=step,
                words=STEPS[step],
                faults=error.problems,
                note=note,
            )
            response.status_code = 422
            return response
        return _check_page(record, error.problems, 422)
    flash(STEPS[step].done)
    return redirect(url_for("workspace.show", kind=kind, key=record.key), 303)


@blueprint.get("/workspace/<kind>/<key>/delete")
def ask_to_delete(kind: str, key: str) -> Response:
    """Make sure that a draft is really to be deleted."""
    return _page("workspace/delete.html", opened(kind, key, "delete"))


@blueprint.post("/workspace/<kind>/<key>/delete")
def delete(kind: str, key: str) -> AnyResponse:
    """Delete a draft that was never published."""
    with catalogue.changing() as writing:
        record = catalogue.workspace.open(writing, viewer, kind, key, "delete")
        name = record.title or "The draft"
        catalogue.workspace.delete(writing, viewer, record)
    flash(f"{name} was deleted.")
    return redirect(url_for("workspace.home"), 303)


# what the world sees ---------------------------------------------------------------------


@blueprint.get("/workspace/<kind>/<key>/preview")
def preview(kind: str, key: str) -> Response:
    """The working copy as the world would see it."""
    record = opened(kind, key)
    shown = _as_published(record)
    own = {"preview_of": record, "history": (), "revision": None}
    if kind == "dataset":
        return draw_record(shown, "datasets/show.html", **own, **dataset.CONTEXT)
    return draw_record(shown, "records/show.html", **own, **records.context(record))


@blueprint.get(f"/workspace/<kind>/<key>/preview.<any({','.join(FORMATS)}):suffix>")
def preview_as_data(kind: str, key: str, suffix: str) -> Response:
    """The working copy as other portals would read it."""
    record = _as_published(opened(kind, key))
    format = FORMATS[suffix]
    statements = catalogue.graphs.self_contained(session, record)
    body = write(statements, format, catalogue.profile.prefixes)
    return Response(body, content_type=format.content_type)


def _as_published(record: Record) -> Record:
    """What the record would be, were its working copy published now; not stored."""
    shape = catalogue.records.shape(record.kind)
    return Record(
        id=record.id,
        kind=record.kind,
        key=record.key,
        iri=record.iri,
        slug=record.slug,
        state=PUBLISHED,
        review="",
        revision=record.revision,
        document=as_public(shape, record.working_copy),
        title=record.title,
        organisation=None,
        created=record.created,
        issued=record.issued or datetime.now(UTC),
        modified=datetime.now(UTC),
    )


# history ---------------------------------------------------------------------------------


@blueprint.get("/workspace/<kind>/<key>/history")
def history(kind: str, key: str) -> Response:
    """Every step of a record, who took it and what it changed."""
    record = opened(kind, key)
    number = page_number()
    found = list(catalogue.records.history(session, record))
    start = (number - 1) * 20
    shape = catalogue.records.shape(kind)
    steps = []
    for place in range(start, min(start + 20, len(found))):
        before = found[place + 1].document if place + 1 < len(found) else None
        after = found[place].document
        changed = differences(shape, before or {}, after) if before and after else ()
        steps.append((found[place], changed))
    _remember(record, *(one.document for one, _ in steps))
    return _page(
        "workspace/history.html",
        record,
        paged=Paged(steps, len(found), number, 20),
        people=names_of(one.author for one, _ in steps),
    )


@blueprint.get("/workspace/<kind>/<key>/history/<int:number>")
def past(kind: str, key: str, number: int) -> Response:
    """What a record said in an earlier revision, published or not."""
    record = opened(kind, key)
    revision = catalogue.records.revision(session, record, number)
    shape = catalogue.records.shape(kind)
    _remember(record, revision.document)
    return _page(
        "workspace/past.html",
        record,
        revision=revision,
        sections=sections(shape, revision.document or {}, ()),
        changed=differences(shape, revision.document or {}, record.working_copy),
        people=names_of([revision.author]),
    )


@blueprint.post("/workspace/<kind>/<key>/history/<int:number>")
def revert(kind: str, key: str, number: int) -> AnyResponse:
    """Take an earlier revision up as the working copy."""
    with catalogue.changing() as writing:
        record = catalogue.workspace.open(writing, viewer, kind, key, "edit")
        catalogue.workspace.revert(writing, viewer, record, number)
    flash(
        f"The working copy is as it was in revision {number}. Publish it to show it to the world."
    )
    return redirect(url_for("workspace.show", kind=kind, key=key), 303)


# who may see what ------------------------------------------------------------------------


@blueprint.get("/workspace/<kind>/<key>/audience")
def audience(kind: str, key: str) -> Response:
    """Who sees which field, and whether the holder is named."""
    return _audience_page(opened(kind, key), [])


@blueprint.post("/workspace/<kind>/<key>/audience")
def set_audience(kind: str, key: str) -> AnyResponse:
    """Say who sees which field; what must be public stays so."""
    with catalogue.changing() as writing:
        record = catalogue.workspace.open(
            writing, viewer, kind, key, "edit", etag=request.form.get("etag", "")
        )
        document = dict(record.working_copy)
        document[RESTRICTED] = [
            {"field": one.name, "audience": chosen}
            for one in _restrictable(record)
            if (chosen := request.form.get(f"audience-{one.name}", ""))
        ]
        if _WITHHELD in catalogue.records.shape(kind).properties:
            document[_WITHHELD] = request.form.get(_WITHHELD) == "yes"
        catalogue.workspace.save(writing, viewer, record, document, note="Who may see what")
    flash("Saved. It holds for the world once it is published.")
    return redirect(url_for("workspace.audience", kind=kind, key=key), 303)


def _audience_page(record: Record, faults: Sequence[Problem]) -> Response:
    said = {
        one.get("field"): one.get("audience") for one in record.working_copy.get(RESTRICTED, ())
    }
    return _page(
        "workspace/audience.html",
        record,
        fields=_restrictable(record),
        said=said,
        audiences=catalogue.vocabularies["audience"].concepts.values(),
        withheld=record.working_copy.get(_WITHHELD),
        can_withhold=_WITHHELD in catalogue.records.shape(record.kind).properties,
        hidden_with_holder=[
            one.label
            for one in catalogue.records.shape(record.kind).stored
            if one.visibility == "holder"
        ],
        faults=faults,
    )


def _restrictable(record: Record) -> Sequence[Property]:
    """The fields with something to see that need not be public."""
    shape, document = catalogue.records.shape(record.kind), record.working_copy
    if RESTRICTED not in shape.properties:
        return ()
    return [
        one
        for group in shape.groups.values()
        for one in group
        if one.visibility in ("public", "holder")
        and one.tier != "automatic"
        and one.name != _WITHHELD
        and one.values(document)
        and one.obligation_in(document, catalogue.profile) != "mandatory"
    ]


# review and comments ---------------------------------------------------------------------


@blueprint.get("/workspace/<kind>/<key>/review")
def review(kind: str, key: str) -> Response:
    """Everything a record says, with what others say about each field."""
    record = opened(kind, key)
    shape = catalogue.records.shape(kind)
    comments = catalogue.workspace.comments(session, record)
    _remember(record, record.working_copy, record.document)
    return _page(
        "workspace/review.html",
        record,
        sections=sections(shape, record.working_copy, ()),
        changed=differences(shape, record.document, record.working_copy)
        if record.document is not None
        else None,
        comments=by_field(comments),
        people=names_of(one.author for one in comments),
        organisation=_organisation_of(record),
        problems=_by_severity(
            record,
            catalogue.records.check(session, kind, record.working_copy, record.iri),
        ),
    )


@blueprint.post("/workspace/<kind>/<key>/comments")
def comment(kind: str, key: str) -> AnyResponse:
    """Say something about a field, or about the whole."""
    field = request.form.get("field", "")
    with catalogue.database.write() as writing:
        record = catalogue.workspace.open(writing, viewer, kind, key, "comment")
        catalogue.workspace.comment(writing, viewer, record, field, request.form.get("text", ""))
    return redirect(_back(kind, key, field), 303)


@blueprint.post("/workspace/<kind>/<key>/comments/<int:number>")
def resolve(kind: str, key: str, number: int) -> AnyResponse:
    """Say that a comment is dealt with, or open it again."""
    with catalogue.database.write() as writing:
        record = catalogue.workspace.open(writing, viewer, kind, key, "comment")
        done = catalogue.workspace.resolve(
            writing, viewer, record, number, open_=request.form.get("open") == "yes"
        )
    return redirect(_back(kind, key, done.field), 303)


def _back(kind: str, key: str, field: str) -> str:
    """The page a comment was made on: the review, or a page of the form."""
    section = request.form.get("section", "")
    anchor = f"field-{field}" if field else "comments"
    if section:
        return url_for("workspace_form.show", kind=kind, key=key, section=section, _anchor=anchor)
    return url_for("workspace.review", kind=kind, key=key, _anchor=anchor)


def by_field(comments: Sequence[Comment]) -> Mapping[str, list[Comment]]:
    """Comments by the field they are about; "" is the whole."""
    sorted_: dict[str, list[Comment]] = {}
    for one in comments:
        sorted_.setdefault(one.field, []).append(one)
    return sorted_


# ---------------------------------------------------------------------------------------


def _page(template: str, record: Record, **context: Any) -> Response:
    """A page about one record of the workspace."""
    shape = catalogue.records.shape(record.kind)
    return page(
        template,
        record=record,
        shape=shape,
        document=record.working_copy,
        actions=catalogue.workspace.actions(session, viewer, record),
        steps=STEPS,
        stage=STAGE_WORDS[record.stage],
        name=title_of(shape, record.working_copy) or f"New {shape.label.lower()}",
        etag=record.etag,
        public_path=path_of(record),
        published_with=catalogue.workspace.published_with(session, record),
        **context,
    )


def _organisation_of(record: Record) -> Organisation | None:
    return session.get(Organisation, record.organisation) if record.organisation else None


def _violations(record: Record) -> list[Problem]:
    problems = catalogue.records.check(session, record.kind, record.working_copy, record.iri)
    return [one for one in problems if one.severity == "violation"]


@dataclass(frozen=True)
class Lacking:
    """One thing that is said against a record: in words, with the way to where it is mended."""

    words: str
    way: str


def _by_severity(record: Record, problems: Sequence[Problem]) -> Mapping[str, list[Lacking]]:
    """Problems by how bad they are, each once, with the way to its field."""
    sorted_: dict[str, dict[Lacking, None]] = {}
    for one in problems:
        sorted_.setdefault(one.severity, {})[_lacking(record, one)] = None
    return {severity: list(found) for severity, found in sorted_.items()}


def _lacking(record: Record, problem: Problem) -> Lacking:
    shape = catalogue.records.shape(record.kind)
    field = shape.properties.get(str(problem.path[0])) if problem.path else None
    words = problem.message
    if problem.rule in _SAID_BY_HEADING:
        words = words.partition(":")[0]  # that it is lacking is said by the heading
    if field and len(problem.path) > 1 and field.label not in words:
        words = f"{field.label}: {words}"
    if field is None or field.tier not in ASKED_TIERS:
        return Lacking(words, "")
    if problem.rule == "reference" and (way := _way_into_own(record, field)):
        return Lacking(words, way)
    return Lacking(words, _way_to(record, field))


def _way_to(record: Record, field: Property) -> str:
    """The page of the form where a field is asked for."""
    return url_for(
        "workspace_form.show",
        kind=record.kind,
        key=record.key,
        section=Section(field.group, ()).slug,
        tier=field.tier,
        _anchor=f"field-{field.name}",
    )


def _way_into_own(record: Record, field: Property) -> str:
    """Where a record of one's own that a field names can be mended."""
    if not isinstance(field.value, Reference):
        return ""
    named = catalogue.records.named(session, field.values(record.working_copy))
    for target in named.values():
        if catalogue.workspace.may(session, viewer, "edit", target):
            needed = catalogue.records.shape(target.kind)[field.value.needed[0]]
            return _way_to(target, needed)
    return ""


def _remember(record: Record, *documents: Document | None) -> None:
    """Look up in one go what some documents refer to."""
    shape = catalogue.records.shape(record.kind)
    remember_own({ref for one in documents if one for _, ref in shape.references(one)})
