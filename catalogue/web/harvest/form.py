"""The form of a source: what is said of it when it is added, and later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, flash, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from catalogue.accounts.models import Organisation
from catalogue.errors import Conflict, Invalid, Problem
from catalogue.harvest.checking import SAYS
from catalogue.harvest.models import LOCAL, PREVIEW, PROTOCOLS, SOURCE, Source
from catalogue.records.models import PUBLISHED, Record
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.harvest.frame import blueprint, opened, ring
from catalogue.web.harvest.options import ASKED_OPTIONS, OPTIONS, as_text
from catalogue.web.harvest.words import EDITS, INCOMPLETE, OFTEN
from catalogue.web.posted import again, go, said
from catalogue.web.views import page

#: How each question is called where something is wrong with its answer.
LABELS: Mapping[str, str] = {
    "title": "Name",
    "address": "Address",
    "protocol": "How it is read",
    "options": "More about how it is read",
    "organisation": "Who looks after the records",
    "listed_in": "Catalogue here",
    "schedule": "How often",
    "edits": "Whose word counts",
    "fields": "Fields with another rule",
    "incomplete": "What lacks something",
    "grace": "Days until what is gone is withdrawn",
    "brake": "Ask before more than so many percent are withdrawn",
}
#: So many empty lines for fields with another rule wait to be filled in.
_SPARE = 2
_BEGUN: Mapping[str, Any] = {
    "title": "",
    "address": "",
    "protocol": "auto",
    "options": {},
    "organisation": None,
    "listed_in": "",
    "schedule": "daily",
    "edits": LOCAL,
    "fields": {},
    "incomplete": "hold",
    "grace": 7,
    "brake": 20,
}


@blueprint.get("/harvest/new")
def new() -> Response:
    """The form to add a source."""
    catalogue.sources.allow(viewer)
    return page("harvest/form.html", problems=[], **_asked(None, _BEGUN))


@blueprint.post("/harvest/new")
def add() -> AnyResponse:
    """Add a source, and look at the first of what it has if that is wanted."""
    try:
        with catalogue.database.write() as writing:
            source = catalogue.sources.add(writing, viewer, _answers({}))
            key = source.key
            run = catalogue.sources.ask(writing, viewer, source, PREVIEW).id if _looks() else None
    except Invalid as error:
        return again("harvest/form.html", error, **_asked(None, _typed()))
    return _on(key, run, "It is here. Look at the first descriptions, or read it.")


@blueprint.get("/harvest/<slug:key>/change")
def change(key: str) -> Response:
    """The form to say something else of a source."""
    catalogue.sources.allow(viewer)
    source = opened(key)
    held = {name: getattr(source, name) for name in SAYS}
    return page("harvest/form.html", problems=[], **_asked(source, held))


@blueprint.post("/harvest/<slug:key>/change")
def keep(key: str) -> AnyResponse:
    """Keep what is said of a source now; it holds from the next run on."""
    told, run = "Saved. It holds from the next run on.", None
    try:
        with catalogue.database.write() as writing:
            source = catalogue.sources.get(writing, key)
            catalogue.sources.change(writing, viewer, source, _answers(source.options))
            if _looks() and (working := catalogue.sources.at_work(writing, source)) is not None:
                told = f"Saved. Run {working.id} is still at work, so there is no preview now."
            elif _looks():
                run = catalogue.sources.ask(writing, viewer, source, PREVIEW).id
    except (Invalid, Conflict) as error:
        return again("harvest/form.html", error, **_asked(opened(key), _typed()))
    return _on(key, run, told)


def _looks() -> bool:
    return said("do") == "preview"


def _on(key: str, run: int | None, told: str) -> AnyResponse:
    if run is not None:
        ring()
        return go(url_for("harvest.run", key=key, number=run))
    flash(told)
    return go(url_for("harvest.show", key=key))


# what was written ---------------------------------------------------------------------


def _answers(before: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the form says, as it is said of a source; options it does not ask for stay."""
    answers: dict[str, Any] = {name: said(name).strip() for name in SAYS}
    answers["organisation"] = _number(answers["organisation"]) if answers["organisation"] else None
    answers["grace"], answers["brake"] = _number(answers["grace"]), _number(answers["brake"])
    answers["fields"] = dict(_exceptions())
    protocol = answers["protocol"]
    answers["options"] = {
        **{name: value for name, value in before.items() if name not in ASKED_OPTIONS},
        **{
            one.name: _pairs(one.label, text) if one.kind == "pairs" else text
            for of, some in OPTIONS.items()
            for one in some
            if of == protocol or protocol == "auto"
            if (text := said(f"{of}-{one.name}").strip())
        },
    }
    return answers


def _pairs(label: str, text: str) -> Mapping[str, str]:
    """Lines of ``name = value``; a heading may have the sign in it, a field has not."""
    pairs = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, sign, value = line.rpartition("=")
        if not (sign and name.strip() and value.strip()):
            fault = f"{label}: “{line[:80]}” is no heading and field with “=” between them"
            raise Invalid([Problem(("options",), fault)])
        pairs[name.strip()] = value.strip()
    return pairs


def _typed() -> Mapping[str, Any]:
    """What the form held, whether it can be understood or not."""
    typed: dict[str, Any] = {name: said(name) for name in SAYS}
    return {**typed, "fields": dict(_exceptions()), "options": None}


def _exceptions() -> Sequence[tuple[str, str]]:
    pairs = zip(request.form.getlist("field"), request.form.getlist("word"), strict=False)
    return [(field, word) for field, word in pairs if field]


def _number(text: str) -> int | str:
    """A whole number; what is none stays as it is, for the source to say so."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


# what is asked ------------------------------------------------------------------------


def _asked(source: Source | None, held: Mapping[str, Any]) -> Mapping[str, Any]:
    options = held["options"]
    return {
        "source": source,
        "held": held,
        "labels": LABELS,
        "exceptions": [*held["fields"].items(), *[("", "")] * _SPARE],
        "groups": _groups(),
        "words": {LOCAL: EDITS[LOCAL][0], SOURCE: EDITS[SOURCE][0]},
        "options": OPTIONS,
        "option": lambda of, name: (
            said(f"{of}-{name}") if options is None else as_text(options.get(name, ""))
        ),
        "protocols": PROTOCOLS,
        "often": OFTEN,
        "edits": EDITS,
        "incomplete": INCOMPLETE,
        "organisations": session.scalars(select(Organisation).order_by(Organisation.name)).all(),
        "catalogues": session.scalars(
            select(Record)
            .where(Record.kind == "catalogue", Record.state == PUBLISHED)
            .order_by(Record.title)
        ).all(),
    }


def _groups() -> Mapping[str, Sequence[tuple[str, str]]]:
    """The fields of a dataset by section, with their names for people."""
    groups = {
        title: [(one.name, one.label) for one in members if one.tier != "automatic"]
        for title, members in catalogue.profile.records["dataset"].groups.items()
    }
    return {title: members for title, members in groups.items() if members}
