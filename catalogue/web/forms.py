"""The form by which data owners describe a record, one section a page.

Every save takes what can be taken: what is well typed is stored, what is not comes back
beside its input, and what somebody else changed meanwhile is asked about.  The same address
answers programs, so that the page can save by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, request, url_for

from catalogue.errors import Conflict as Changed
from catalogue.errors import NotFound
from catalogue.profile import Document, Shape
from catalogue.profile.defaults import Places
from catalogue.profile.folding import Candidate, Fault, Folded, candidates, fold, too_many, unfold
from catalogue.profile.form import (
    ASKED_TIERS,
    TIER_LABELS,
    Field,
    Section,
    fields_of,
    form,
    progress,
)
from catalogue.profile.inputs import (
    ADD,
    DO,
    KEEP,
    REASON,
    THEIRS,
    WAS,
    Data,
    about,
    below,
    read,
    rearranged,
)
from catalogue.profile.merging import Conflict, merge, state
from catalogue.records.models import Record
from catalogue.records.naming import title_of
from catalogue.web.current import catalogue, close_session, session, viewer
from catalogue.web.damaged import tell_of_damage
from catalogue.web.guard import signed_in_only
from catalogue.web.lookups import RecordLookup
from catalogue.web.people import persons
from catalogue.web.questions import Draughtsman, added, field_at, with_blanks
from catalogue.web.views import page
from catalogue.web.workspace.questions import wanted_by_field

blueprint = Blueprint("workspace_form", __name__)
blueprint.before_request(signed_in_only)
tell_of_damage(blueprint)
#: How many suggestions a list of typing help has.
_MOST_SUGGESTED = 10
#: How often a save is tried again when another one came between.
_TRIES = 4
CONTINUE, BACK, SURE = "continue", "back", "sure"
#: What an input begins with that says that an answer from elsewhere is right.
CONFIRM = "confirm-"


# access to records, for whoever decides who may do what ------------------------------


def _working_copy(kind: str, key: str) -> tuple[Record, Document]:
    """A record that the viewer may edit, and what its working copy says."""
    record = catalogue.workspace.open(session, viewer, kind, key, "edit")
    return record, record.working_copy


def _store(record: Record, document: Document) -> Record:
    """Save the working copy of a record; :class:`Changed` if somebody was quicker.

    No view of the public changes by it, so none has to follow at once.
    """
    with catalogue.database.write() as writing:
        current = catalogue.workspace.open(
            writing, viewer, record.kind, record.key, "edit", etag=record.etag
        )
        return catalogue.workspace.save(writing, viewer, current, document)


def _add_record(record: Record, shape: Shape, title: str) -> str:
    """A new record of which only the title is known, kept by who keeps another; its reference."""
    titled = next(one.name for one in shape if one.column == "title")
    with catalogue.database.write() as writing:
        return catalogue.workspace.add_beside(
            writing, viewer, record, shape.path, {titled: {"en": title}}
        ).iri


# pages -------------------------------------------------------------------------------


@blueprint.get("/workspace/<kind>/<key>/<section>")
def show(kind: str, key: str, section: str) -> Response:
    """One section of the form in which a record is described."""
    record, document = _working_copy(kind, key)
    shape = catalogue.records.shape(kind)
    chosen = _section(shape, document, section)
    shown = _Shown(record, document, _stated(shape, chosen.every, document))
    return _draw(shown, section)


@blueprint.post("/workspace/<kind>/<key>/<section>")
def save(kind: str, key: str, section: str) -> Response:
    """Save the answers of a section, or tell what cannot be taken; JSON for programs."""
    # Large variable dictionaries are long forms; the application's own limit still holds.
    request.max_form_memory_size = current_app.config["MAX_CONTENT_LENGTH"]
    sent = read(request.form.items(multi=True))
    action = next(iter(sent.pop(DO, [])), "")
    confirmed = [name for name in sent if name.startswith(CONFIRM)]
    for name in confirmed:
        del sent[name]
    sent = rearranged(sent, action)
    shown = _saved(kind, key, section, sent)
    _confirm(shown, section, [name.removeprefix(CONFIRM) for name in confirmed], action)
    if request.accept_mimetypes.best == "application/json":
        return _told(shown, section)
    if action in ("", CONTINUE, BACK, SURE) and not shown.faults and not shown.conflicts:
        return _onward(shown, section, action)
    if action.startswith(ADD + " "):
        shown = _with_added(shown, section, action.removeprefix(ADD + " "), sent)
    return _draw(shown, section, 422 if shown.faults or shown.conflicts else 200)


def _confirm(shown: _Shown, section: str, ticked: Sequence[str], action: str) -> None:
    """Take note of the answers from elsewhere that somebody ticked, wrote anew or is sure of."""
    waiting = catalogue.beginnings.of(session, shown.record)
    if not waiting:
        return
    shape = catalogue.records.shape(shown.record.kind)
    sure = {one.name for one in _fields(shape, section)} if action == SURE else set()
    done = [name for name in waiting if name in sure or name in ticked or name in shown.changed]
    if done:
        with catalogue.database.write() as writing:
            catalogue.beginnings.confirm(writing, shown.record, done)


@dataclass(frozen=True)
class _Shown:
    """A record with the inputs to be shown of it, and what is wrong with them."""

    record: Record
    document: Document
    data: Data
    faults: Sequence[Fault] = ()
    conflicts: Sequence[Conflict] = ()
    folded: Folded = field(default_factory=Folded)
    focus: str = ""
    changed: frozenset[str] = frozenset()


def _saved(kind: str, key: str, section: str, sent: Data) -> _Shown:
    """Store what was sent, over whatever anybody else stored meanwhile."""
    for _ in range(_TRIES):
        try:
            return _try(kind, key, section, sent)
        except Changed:
            close_session(None)
    raise Changed("Others are changing this record all the time; try again in a moment.")


def _try(kind: str, key: str, section: str, sent: Data) -> _Shown:
    record, before = _working_copy(kind, key)
    shape = catalogue.records.shape(kind)
    places = _places(record)
    fields = [one for one in _fields(shape, section) if not too_many(one, before)]
    folded, sent = _folded(record, fields, sent, before, places)
    merged = merge(shape, before, folded, _was(sent), _kept(shape, sent, before))
    document = shape.identify(shape.settled(before, merged.document, places))
    if document != before:
        record = _store(record, document)
    data = _stated(shape, _section(shape, document, section).every, document)
    faulty = {about(fault.name) for fault in folded.faults}
    for name in faulty | {conflict.field for conflict in merged.conflicts}:
        sent_again = _of_field(sent, name)
        data = {kept: values for kept, values in data.items() if kept not in _of_field(data, name)}
        data |= sent_again | {f"{WAS}-{name}": [state(shape[name], document)]}
    for conflict in merged.conflicts:
        data[f"{WAS}-{conflict.field}"] = sent.get(f"{WAS}-{conflict.field}", [""])
    for group, part in folded.fresh.items():
        if part.get("id") and group in {name.rpartition("-")[0] for name in data}:
            data[f"{group}-id"] = [part["id"]]
    changed = {name for name in {*before, *document} if before.get(name) != document.get(name)}
    return _Shown(
        record,
        document,
        data,
        folded.faults,
        merged.conflicts,
        folded,
        changed=frozenset(changed),
    )


def _folded(
    record: Record, fields: Sequence[Field], sent: Data, before: Document, places: Places
) -> tuple[Folded, Data]:
    """What was sent as values; records that are wished for are added first."""
    shape = catalogue.records.shape(record.kind)
    lookup = RecordLookup(catalogue, session, viewer)
    folded = fold(shape, fields, sent, base=before, lookup=lookup, places=places)
    if not folded.wishes:
        return folded, sent
    added_records: dict[tuple[str, str], str] = {}
    for wish in folded.wishes:
        kind = (wish.kinds[0], wish.text)
        if kind not in added_records:
            shape_of = catalogue.profile[wish.kinds[0]]
            added_records[kind] = _add_record(record, shape_of, wish.text)
        others = [text for text in sent.get(wish.name, ()) if text.strip() != wish.text]
        sent = {**sent, wish.name: [*others, added_records[kind]]}
    close_session(None)  # it would not see what was added
    lookup = RecordLookup(catalogue, session, viewer)
    return fold(shape, fields, sent, base=before, lookup=lookup, places=places), sent


def _was(sent: Data) -> dict[str, str]:
    """The states that the page was drawn with, by field."""
    start = WAS + "-"
    return {name[len(start) :]: some[0] for name, some in sent.items() if name.startswith(start)}


def _kept(shape: Shape, sent: Data, document: Document) -> dict[str, str]:
    """The choices between mine and theirs; one that was made of something older is none."""
    start = KEEP + "-"
    return {
        field: values[0]
        for name, values in sent.items()
        if name.startswith(start)
        and (field := name[len(start) :]) in shape.properties
        and sent.get(f"{THEIRS}-{field}") == [state(shape[field], document)]
    }


def _stated(shape: Shape, fields: Sequence[Field], document: Document) -> Data:
    """The inputs of a document, each field with its state."""
    fields = [one for one in fields if not too_many(one, document)]
    data = unfold(shape, fields, document)
    for one in fields:
        data[f"{WAS}-{one.name}"] = [state(one.property, document)]
    return data


def _of_field(data: Data, name: str) -> Data:
    """The inputs of a field, its reason among them."""
    names = (*below(data, name), *below(data, f"{REASON}-{name}"))
    return {one: data[one] for one in names}


def _with_added(shown: _Shown, section: str, path: str, sent: Data) -> _Shown:
    """The page with an empty part or language more, to be filled in."""
    one = field_at(_fields(catalogue.records.shape(shown.record.kind), section), path)
    if one is None or path not in shown.data:
        return shown
    if one.widget == "part":
        data, focus = added(one, path, shown.data, _places(shown.record))
    elif one.widget == "languages" and (tag := next(iter(sent.get(f"{ADD}-{path}", [])), "")):
        focus = f"{path}-{tag[:35].lower()}"
        data = {**shown.data, focus: shown.data.get(focus, [""])}
    else:
        return shown
    return replace(shown, data=data, focus=focus)


# what a page needs -------------------------------------------------------------------


def _fields(shape: Shape, section: str) -> list[Field]:
    """Every field that a section may ask for."""
    slugs = {Section(title, ()).slug: title for title in shape.groups}
    if section not in slugs:
        raise NotFound(f'The form has no section "{section[:80]}".')
    return [one for one in fields_of(shape) if one.property.group == slugs[section]]


def _section(shape: Shape, document: Document, slug: str) -> Section:
    """A section as it is asked of a document."""
    for section in form(shape, _tier(), document):
        if section.slug == slug:
            return section
    raise NotFound(f'The form has no section "{slug[:80]}".')


def _tier() -> str:
    """The tier that somebody works on."""
    tier = request.args.get("tier", "")
    return tier if tier in ASKED_TIERS else ASKED_TIERS[0]


def _places(record: Record) -> Places:
    address = catalogue.settings.public_address + record.iri
    return Places(record=record.iri, address=address)


def _draw(shown: _Shown, slug: str, status: int = 200) -> Response:
    """The page of a section."""
    record, document = shown.record, shown.document
    shape, tier = catalogue.records.shape(record.kind), _tier()
    section = _section(shape, document, slug)
    lookup = RecordLookup(catalogue, session, viewer)
    lookup.remember({reference for _, reference in shape.references(document)})
    data = with_blanks(section.every, shown.data, _places(record))
    draughtsman = Draughtsman(
        data,
        vocabularies=catalogue.vocabularies,
        lookup=lookup,
        tier=tier,
        document=document,
        faults=shown.faults,
        conflicts=shown.conflicts,
        focus=shown.focus,
    )
    steps = progress(shape, document, tier)
    comments = [
        one for one in catalogue.workspace.comments(session, record) if one.resolved is None
    ]
    response = page(
        "workspace/section.html",
        name=title_of(shape, document) or f"{shape.label} without a title",
        comments=comments,
        wanted=wanted_by_field(record),
        people=persons(one.author for one in comments),
        record=record,
        shape=shape,
        document=document,
        section=section,
        questions=draughtsman.questions(section.fields),
        more=draughtsman.questions(section.more),
        long=[one for one in section.every if too_many(one, document)],
        steps=steps,
        tier=tier,
        tiers=TIER_LABELS,
        faults=shown.faults,
        conflicts=shown.conflicts,
        labels={one.name: one.label for one in section.every},
        following=_following(steps, slug),
        overview=_overview(record),
        prefilled=catalogue.beginnings.of(session, record),
    )
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _following(steps: Sequence[Any], slug: str) -> Section | None:
    """The section after this one that asks for something."""
    slugs = [step.section.slug for step in steps]
    later = steps[slugs.index(slug) + 1 :] if slug in slugs else steps
    return next((step.section for step in later if step.asked), None)


def _overview(record: Record) -> str:
    """The page of a record in the workspace, where its sections are listed."""
    return f"/workspace/{record.kind}/{record.key}"


def _onward(shown: _Shown, slug: str, action: str) -> Response:
    shape = catalogue.records.shape(shown.record.kind)
    steps = progress(shape, shown.document, _tier())
    following = _following(steps, slug)
    if action == BACK or following is None:
        return redirect(_overview(shown.record), 303)  # type: ignore[return-value]
    address = url_for(
        ".show",
        kind=shown.record.kind,
        key=shown.record.key,
        section=following.slug,
        tier=_tier(),
    )
    return redirect(address, 303)  # type: ignore[return-value]


# answers for programs ----------------------------------------------------------------


def _told(shown: _Shown, slug: str) -> Response:
    """What became of a save: when, what is wrong where, and what the page must know now."""
    shape = catalogue.records.shape(shown.record.kind)
    fresh = {group: one["id"] for group, one in shown.folded.fresh.items() if one.get("id")}
    lookup = RecordLookup(catalogue, session, viewer)
    tier = _tier()
    answer = jsonify(
        saved=True,
        at=datetime.now().astimezone().strftime("%H:%M"),
        revision=shown.record.revision,
        errors=[
            {
                "name": fault.name,
                "message": fault.message,
                "text": fault.text,
                "candidates": [_suggested(one) for one in fault.candidates],
            }
            for fault in shown.faults
        ],
        conflicts=[
            {"field": one.field, "label": shape[one.field].label} for one in shown.conflicts
        ],
        was={
            name.removeprefix(WAS + "-"): values[0]
            for name, values in shown.data.items()
            if name.startswith(WAS + "-")
        },
        understood=[
            {
                "name": name,
                "text": text,
                "value": value,
                "label": lookup.label(value) or catalogue.vocabularies.label(value),
                "note": "",
            }
            for name, text, value in shown.folded.understood
        ],
        parts=fresh,
        sections={
            step.section.slug: {"answered": step.answered, "asked": step.asked}
            for step in progress(shape, shown.document, tier)
        },
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/workspace/pick/<vocabulary>")
def pick(vocabulary: str) -> Response:
    """Entries of a list whose names fit what is typed, as JSON."""
    if vocabulary not in catalogue.vocabularies:
        raise NotFound(f'There is no list "{vocabulary[:80]}".')
    found = candidates(catalogue.vocabularies[vocabulary], _typed(), _MOST_SUGGESTED)
    return jsonify(items=[_suggested(one) for one in found])


@blueprint.get("/workspace/pick/records/<kind>")
def pick_record(kind: str) -> Response:
    """Records of a kind whose names fit what is typed, as JSON."""
    shape = catalogue.records.shape(kind)
    found = (
        RecordLookup(catalogue, session, viewer).find((shape.name,), _typed()) if _typed() else []
    )
    return jsonify(items=[_suggested(one) for one in found[:_MOST_SUGGESTED]])


def _typed() -> str:
    return " ".join(request.args.get("q", "")[:100].split())


def _suggested(one: Candidate) -> dict[str, str]:
    return {"value": one.value, "label": one.label, "note": one.note}
