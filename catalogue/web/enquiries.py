"""Enquiries: one letter to the holders of several datasets, seen before it is sent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, request

from catalogue.accounts.models import User
from catalogue.errors import BadRequest, CatalogueError, Invalid, Problem
from catalogue.outcomes.enquiries import (
    LONGEST_PURPOSE,
    LONGEST_TEXT,
    MOST_ASKED,
    Reach,
    Written,
)
from catalogue.outcomes.received import too_many
from catalogue.web.compare import list_address
from catalogue.web.comparing import Column, Missing, asked_for, listed
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.guard import signed_in_only
from catalogue.web.limits import count
from catalogue.web.posted import again, go, said
from catalogue.web.sections import Row, picked
from catalogue.web.summaries import summaries
from catalogue.web.views import page, pages

blueprint = pages("enquiries", __name__)
#: What tells whom to ask outside the catalogue.
_CONTACTS = ("contact_point", "access_route", "landing_page")


@blueprint.before_request
def only_for_people() -> Response | None:
    """Who writes is somebody who can be answered."""
    return signed_in_only()


@dataclass(frozen=True)
class About:
    """One dataset of an enquiry: whether it reaches anybody, and what else the record says."""

    column: Column
    reach: Reach
    contacts: Sequence[Row]


@blueprint.get("/enquiries/new")
def new() -> Response:
    """The form to write to the holders of some datasets."""
    asked = request.args.get("asked", "")
    slugs = _slugs(request.args.getlist("dataset"))
    return page("enquiries/new.html", problems=[], **_form(slugs, Written("", "", asked)))


@blueprint.post("/enquiries/new")
def write() -> Response:
    """Show what would be sent and to whom, or send it."""
    slugs = _slugs(request.form.getlist("dataset"))
    written = Written(said("purpose"), said("text"), said("asked"))
    step = said("step")
    if step == "change":
        return page("enquiries/new.html", problems=[], **_form(slugs, written))
    try:
        written = catalogue.enquiries.check(written)
        if step == "send":
            return _send(slugs, written)
    except CatalogueError as error:
        return again("enquiries/new.html", error, **_form(slugs, written))
    return _preview(slugs, written)


@blueprint.get("/enquiries")
def every() -> Response:
    """The enquiries that one has sent."""
    sent = catalogue.enquiries.of(session, viewer.user or 0)
    return page("enquiries/list.html", sent=sent)


@blueprint.get("/enquiries/<int(max=2147483647):number>")
def show(number: int) -> Response:
    """An enquiry that one has sent, as it was sent."""
    enquiry, records = catalogue.enquiries.get(session, viewer.user or 0, number)
    found = summaries(records)
    return page(
        "enquiries/show.html", enquiry=enquiry, about=found, withdrawn=len(records) - len(found)
    )


def _slugs(values: Sequence[str]) -> list[str]:
    found = asked_for(values)
    if len(found) > MOST_ASKED:
        raise BadRequest(
            [
                Problem(
                    ("dataset",),
                    f"One enquiry is about at most {MOST_ASKED} datasets; there are {len(found)}. "
                    "Choose those that fit best.",
                )
            ]
        )
    return found


def _me() -> User:
    return catalogue.accounts.get(session, viewer.user or 0)


def _about(slugs: Sequence[str]) -> tuple[list[About], list[Missing]]:
    """Each dataset with whether it reaches anybody; nothing tells who that is."""
    columns, missing = listed(slugs)
    reached = catalogue.enquiries.reach(session, [one.record for one in columns], _me())
    shape = catalogue.records.shape("dataset")
    return [
        About(
            column, reach, [row for row in picked(shape, column.document, _CONTACTS) if row.values]
        )
        for column, reach in zip(columns, reached, strict=True)
    ], missing


def _form(slugs: Sequence[str], written: Written) -> Mapping[str, object]:
    about, missing = _about(slugs)
    return {
        "about": about,
        "reached": [one for one in about if one.reach.people],
        "missed": [one for one in about if not one.reach.people],
        "missing": missing,
        "written": written,
        "back": list_address(slugs, asked=written.asked),
        "longest": (LONGEST_PURPOSE, LONGEST_TEXT),
        "user": _me(),
    }


def _preview(slugs: Sequence[str], written: Written, note: str = "") -> Response:
    form = _form(slugs, written)
    reached: list[About] = form["reached"]  # type: ignore[assignment]
    if not reached:
        error: CatalogueError = Invalid("None of these datasets can be asked about from here.")
        if waits := [one.reach.until for one in form["about"] if one.reach.until]:  # type: ignore[attr-defined]
            error = too_many(min(waits))
        return again("enquiries/new.html", error, **form)
    named = _names(reached)
    letter = catalogue.enquiries.letter(_me(), written, list(named.values()))
    return page(
        "enquiries/preview.html",
        letter=letter,
        once=secrets.token_hex(16),
        seen=_seen(reached),
        note=note,
        **form,
    )


def _names(reached: Sequence[About]) -> dict[int, tuple[str, str]]:
    return {
        one.column.record.id: (one.column.title.text, f"datasets/{one.column.slug}")
        for one in reached
    }


def _seen(reached: Sequence[About]) -> str:
    return " ".join(sorted(one.column.slug for one in reached))


def _send(slugs: Sequence[str], written: Written) -> Response:
    about, _ = _about(slugs)
    reached = [one for one in about if one.reach.people]
    if not reached or _seen(reached) != said("seen"):
        return _preview(slugs, written, "Meanwhile it reaches others than you saw. Look again.")
    once = said("once")
    if not (len(once) == 32 and once.isalnum()):
        raise BadRequest("The form was not whole. Go back and try again.")
    count("enquiry", f"user:{viewer.user}")
    with catalogue.database.write() as writing:
        user = catalogue.accounts.get(writing, viewer.user or 0)
        sent = catalogue.enquiries.send(
            writing, user, written, [one.reach for one in reached], _names(reached), once
        )
        number = sent.id
    return go(f"/enquiries/{number}?sent=1")
