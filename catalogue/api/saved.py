"""The searches and questions that somebody follows, and what people want to know of owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import absolute
from catalogue.api.copies import KEY, NUMBER_RULE, PATH, RULE, address, moment, number
from catalogue.api.operations import PREFIX, Example, Operation
from catalogue.api.parameters import Parameter
from catalogue.api.saved_forms import NewSaved
from catalogue.outcomes.owners.owners import Wanted
from catalogue.outcomes.saved.models import Saved
from catalogue.outcomes.saved.saved import WEEKLY, Answers
from catalogue.profile import Profile
from catalogue.web.current import catalogue
from catalogue.web.limits import count
from catalogue.web.paths import KINDS
from catalogue.web.saved import feed_of
from catalogue.web.workspace.questions import way_of

_SAVED = "/saved"
_ONE = {"number": "1"}


def _of_one(_: Profile) -> Sequence[Parameter]:
    return (number("number", "The `id` of something you saved."),)


@personal(_SAVED, Operation("list_saved", "Saved", "List what you follow", "SavedList"))
def every(acting: Acting) -> Response:
    """The searches and questions that you follow, by name."""
    found = catalogue.saved.of(acting.session, acting.viewer.user or 0)
    return told(
        {
            "items": [_saved(one) for one in found if one.deleted is None],
            "links": {"self": absolute(PREFIX + _SAVED), "page": absolute("saved")},
        }
    )


def _answers(acting: Acting) -> Mapping[str, Any]:
    """What is to be followed, with the answers that it has now."""
    count("save", str(acting.viewer.user))
    return {"answers": catalogue.saved.answers(acting.session, acting.said["asked"])}


@personal(
    _SAVED,
    Operation(
        "save_search",
        "Saved",
        "Follow a search or question",
        "Saved",
        examples=lambda: [
            Example("", sent={"asked": "/datasets?q=heart+failure", "often": "weekly"})
        ],
        method="POST",
        body=NewSaved,
        ahead=_answers,
        status=201,
        located=True,
    ),
)
def save(acting: Acting) -> Response:
    """Follow a search or question: its digests tell what changes from now on."""
    said, user = acting.said, acting.viewer.user or 0
    answers: Answers = said["answers"]
    often = said.get("often", WEEKLY)
    made = catalogue.saved.save(acting.session, user, answers, said.get("title", ""), often)
    return told(_saved(made), 201, location=_address(made))


@personal(
    f"{_SAVED}/{NUMBER_RULE}",
    Operation(
        "read_saved",
        "Saved",
        "Read something you follow",
        "Saved",
        _of_one,
        lambda: [Example("", _ONE)],
        missing=True,
    ),
)
def show(acting: Acting, number: int) -> Response:
    """One search or question that you follow."""
    return told(_saved(catalogue.saved.get(acting.session, acting.viewer.user or 0, number)))


@personal(
    f"{_SAVED}/{NUMBER_RULE}",
    Operation(
        "delete_saved",
        "Saved",
        "Follow something no longer",
        "",
        _of_one,
        lambda: [Example("", _ONE)],
        method="DELETE",
        missing=True,
        status=204,
    ),
)
def delete(acting: Acting, number: int) -> Response:
    """Follow it no longer. For a day it can be taken back on the page of what you saved."""
    found = catalogue.saved.get(acting.session, acting.viewer.user or 0, number)
    catalogue.saved.delete(found)
    return told(None, 204)


def _saved(one: Saved) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "asked": one.address,
        "often": one.often,
        "paused": one.paused is not None,
        "count": one.number,
        "fault": one.fault,
        "created": moment(one.created),
        "looked": moment(one.looked),
        "told": moment(one.told),
        "links": {
            "self": _address(one),
            "page": absolute(f"saved/{one.id}"),
            "asked": absolute(one.address),
            "feed": feed_of(one),
        },
    }


def _address(one: Saved) -> str:
    return absolute(f"{PREFIX}{_SAVED}/{one.id}")


@personal(
    f"{RULE}/questions",
    Operation(
        "list_owner_questions",
        "Workspace",
        "List what people want to know of a record",
        "OwnerQuestions",
        lambda profile: (PATH, KEY),
        lambda: [Example("", {"path": "datasets", "key": "heart-failure"})],
        missing=True,
    ),
)
def questions(acting: Acting, path: str, key: str) -> Response:
    """What people who look for data want to know of a record. A published value answers it."""
    record = catalogue.workspace.open(acting.session, acting.viewer, KINDS[path], key)
    found = catalogue.owners.open_of(acting.session, record)
    links = {"self": address(record, "questions"), "record": address(record)}
    return told({"items": [_wanted(one) for one in found], "links": links})


def _wanted(one: Wanted) -> dict[str, Any]:
    return {
        "field": one.place.path,
        "label": one.label,
        "people": one.people,
        "since": moment(one.since),
        "notes": [{"text": text, "name": name} for text, name in one.notes],
        "links": {"page": absolute(way_of(one))},
    }
