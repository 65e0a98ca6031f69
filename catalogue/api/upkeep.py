"""Quality for programs: the label for everybody; score and confirmations for those concerned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import Response

from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import absolute, answer
from catalogue.api.changing import to_change
from catalogue.api.copies import KEY, address, moment
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import SLUG, Parameter, given
from catalogue.api.records import first
from catalogue.api.upkeep_forms import NewConfirmation
from catalogue.profile import Profile
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.records import CONFIRMED
from catalogue.records.visibility import public
from catalogue.upkeep.checks import OVERDUE, Standing
from catalogue.upkeep.label import Answered, Graded
from catalogue.upkeep.score import Line
from catalogue.web.current import catalogue, last_change, session
from catalogue.web.labels import label_of
from catalogue.web.paths import path_of

_RULE = "/workspace/datasets/<slug:key>"
_ONE = {"key": "heart-failure"}


def _of_one(_: Profile) -> Sequence[Parameter]:
    return (KEY,)


@get(
    "/datasets/<slug:slug>/quality",
    Operation(
        "read_quality",
        "Datasets",
        "Read the label of a dataset and when it was confirmed",
        "Quality",
        lambda profile: (SLUG,),
        partial(first, "dataset"),
        missing=True,
        gone=True,
    ),
)
def quality(slug: str) -> Response:
    """The label with its evidence, computed here and not official, and the yearly check."""
    given(())
    record = catalogue.records.by_slug(session, "dataset", slug)
    standing = catalogue.checks.standings(session, [record.id]).get(record.id)
    late = standing is not None and standing.state == OVERDUE
    return answer(
        partial(_quality, record, standing if late else None),
        "quality",
        record.id,
        record.revision,
        last_change(),
        late,
        catalogue.labelling.version,
    )


def _quality(record: Record, overdue: Standing | None) -> Mapping[str, Any]:
    shape = catalogue.records.shape(record.kind)
    document = spared(record, partial(public, shape, record)) or {}
    said, label, labelling = document.get(CONFIRMED), label_of(record), catalogue.labelling
    return {
        "confirmed": said if isinstance(said, str) else None,
        "overdue": overdue.overdue.date().isoformat() if overdue else None,
        "label": {
            "official": False,
            "version": labelling.version,
            "note": f"Computed by this catalogue, not an official label. {labelling.note}",
            **_graded(label.whole),
            "groups": [
                {
                    "key": one.key,
                    **_graded(one),
                    "dimensions": [_dimension(each) for each in one.answers],
                }
                for one in label.groups
            ],
        },
        "links": {
            "self": absolute(f"{PREFIX}/datasets/{record.slug}/quality"),
            "page": absolute(f"{path_of(record)}/label"),
            "turtle": absolute(f"{path_of(record)}/label.ttl"),
        },
    }


def _graded(one: Graded) -> dict[str, Any]:
    return {"label": one.label, "class": one.grade.name, "percent": one.percent}


def _dimension(one: Answered) -> dict[str, Any]:
    return {
        "key": one.dimension.key,
        "label": one.dimension.label,
        "weight": one.weight,
        "evidence": [
            {"field": each.name, "label": each.label, "stated": each.stated}
            for each in one.evidence
        ],
    }


@personal(
    f"{_RULE}/quality",
    Operation(
        "read_score",
        "Workspace",
        "Read the score of a dataset, line by line",
        "Score",
        _of_one,
        lambda: [Example("", _ONE)],
        missing=True,
    ),
)
def score(acting: Acting, key: str) -> Response:
    """How much the working copy says, field by field, and what each missing answer would bring."""
    record = catalogue.workspace.open(acting.session, acting.viewer, "dataset", key)
    shape = catalogue.records.shape(record.kind)
    found = spared(record, partial(catalogue.scoring.score, shape, record.working_copy))
    found = found or catalogue.scoring.score(shape, {})
    return told(
        {
            "percent": found.percent,
            "points": found.points,
            "most": found.most,
            "lines": [_line(one) for one in found.lines],
            "links": {"self": address(record, "quality"), "record": address(record)},
        }
    )


def _line(one: Line) -> dict[str, Any]:
    return {
        "field": one.field.name,
        "label": one.field.label,
        "state": one.state,
        "points": one.points,
        "most": one.most,
        "answers": list(one.answers),
        "missing": list(one.missing),
    }


@personal(
    f"{_RULE}/confirmations",
    Operation(
        "read_confirmations",
        "Workspace",
        "Read how the yearly check of a dataset stands",
        "Confirmations",
        _of_one,
        lambda: [Example("", _ONE)],
        missing=True,
    ),
)
def confirmations(acting: Acting, key: str) -> Response:
    """What is to be confirmed, and what was."""
    record = catalogue.workspace.open(acting.session, acting.viewer, "dataset", key)
    return told(_check(acting, record))


@personal(
    f"{_RULE}/confirmations",
    Operation(
        "confirm",
        "Workspace",
        "Say that a dataset is still correctly described",
        "Confirmations",
        _of_one,
        lambda: [Example("", _ONE, sent={"section": "people"})],
        method="POST",
        body=NewConfirmation,
        missing=True,
        matches="heeded",
    ),
)
def confirm(acting: Acting, key: str) -> Response:
    """Confirm one section, or all; with the last section all of it is confirmed.

    What is published is confirmed; a working copy stays as it is.
    """
    record = to_change(acting, "dataset", key, "confirm")
    section = acting.said.get("section", "")
    catalogue.confirming.confirm(acting.session, acting.viewer, record, section)
    # What was just said is told, though the view that lists checks reads it a moment later.
    return told(_check(acting, record))


def _check(acting: Acting, record: Record) -> dict[str, Any]:
    standing = catalogue.checks.standings(acting.session, [record.id]).get(record.id)
    said = (record.document or {}).get(CONFIRMED)
    done = catalogue.confirming.done(acting.session, record)
    if standing is not None and isinstance(said, str):
        standing = catalogue.checks.confirmed_on(standing, said)
    return {
        "state": standing.state if standing else None,
        "confirmed": said if isinstance(said, str) else None,
        "due": standing.due.date().isoformat() if standing else None,
        "overdue": standing.overdue.date().isoformat() if standing else None,
        "sections": [
            {
                "section": one.slug,
                "title": one.title,
                "confirmed": moment(done.get(one.slug)),
            }
            for one in spared(record, partial(catalogue.confirming.sections, record)) or ()
        ],
        "links": {"self": address(record, "confirmations"), "record": address(record)},
    }
