"""Pre-flight pages: what a European portal would report of a catalogue, holder or dataset.

A request never adds up: it asks for the report by a row, rings the worker, and shows what there
is.  Names and words of records are looked up anew, of what is public now, so a record that was
withdrawn since is only a number in a sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, jsonify, request
from sqlalchemy import select
from sqlalchemy.orm import defer

from catalogue.errors import BadRequest
from catalogue.preflight.assess import SEVERITIES, Assessed, Fault, is_local, measured
from catalogue.preflight.measures import MOST, UNKNOWN, YES, Score
from catalogue.preflight.preflight import MANY_CHANGES, Standing
from catalogue.preflight.rules import INSECURE, PUBLIC_ADDRESS, RULES, Rule
from catalogue.profile import Property, Shape
from catalogue.profile.form import ASKED_TIERS
from catalogue.profile.values import Nested
from catalogue.records.models import PUBLISHED, Record
from catalogue.tending import workers
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.paths import KINDS, path_of
from catalogue.web.spreadsheets import as_csv
from catalogue.web.views import page, pages
from catalogue.web.workspace.lacking import way_to

blueprint = pages("preflight", __name__)
_SCOPES = "any(catalogues,organisations):path"
#: So many records are named beside each problem on a page; the documents name more.
_SHOWN = 8
#: How each severity is called, and what it means.
SEVERITY_WORDS = {
    "violation": ("Breaks a rule", "A portal that checks refuses these."),
    "warning": ("Recommended", "A portal takes these and warns."),
    "ehds": (
        "Asked for by the European Health Data Space",
        "The regulation asks holders for these, though shapes do not.",
    ),
    "quality": ("Better still", "Our own advice."),
}


@dataclass(frozen=True)
class Concerned:
    """A record that has a problem: its name, its page, and where it is mended by who may."""

    record: Record
    way: str = ""
    messages: Sequence[str] = ()

    @property
    def title(self) -> str:
        """Its title."""
        return self.record.title or self.record.slug

    @property
    def path(self) -> str:
        """The path of its page."""
        return path_of(self.record)

    @property
    def address(self) -> str:
        """The full address of its page."""
        return catalogue.settings.public_address + self.path


@dataclass(frozen=True)
class Shown:
    """One kind of problem in words."""

    severity: str
    rule: str
    where: str
    label: str
    said: str
    fix: str
    records: int
    places: int
    concerned: Sequence[Concerned] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many records have it beside those that are named."""
        return max(self.records - len(self.concerned), 0)


@blueprint.get(f"/<{_SCOPES}>/<slug:slug>/pre-flight")
def show(path: str, slug: str) -> Response:
    """What a European portal would report of a catalogue or an organisation's datasets."""
    record, standing = _opened(path, slug)
    severity = _severity()
    return page("preflight/scope.html", severity=severity, **_told(record, standing, _SHOWN))


@blueprint.get(f"/<{_SCOPES}>/<slug:slug>/pre-flight.<any(json,csv):suffix>")
def document(path: str, slug: str, suffix: str) -> Response:
    """The same for programs; ``brief=yes`` tells only how far it is."""
    record, standing = _opened(path, slug)
    if suffix == "json" and request.args.get("brief"):
        return jsonify(_state(standing))
    told = _told(record, standing, None)
    if suffix == "csv":
        return _as_csv(told["problems"], record.slug)
    return jsonify(
        scope=catalogue.settings.public_address + path_of(record),
        **_state(standing),
        kinds=told["content"].get("kinds", {}),
        sound=told["content"].get("sound", {}),
        severities=told["content"].get("severities", {}),
        score=_score_as_json(told["score"]),
        problems=[_as_json(one) for one in told["problems"]],
    )


@blueprint.get("/datasets/<slug:slug>/pre-flight")
def dataset(slug: str) -> Response:
    """What a European portal would report of one dataset."""
    record = catalogue.records.by_slug(session, "dataset", slug)
    return page("preflight/dataset.html", severity=_severity(), **_told_of_one(record))


@blueprint.get("/datasets/<slug:slug>/pre-flight.json")
def dataset_document(slug: str) -> Response:
    """The same for programs."""
    told = _told_of_one(catalogue.records.by_slug(session, "dataset", slug))
    return jsonify(
        dataset=catalogue.settings.public_address + path_of(told["record"]),
        score=_score_as_json(told["score"]),
        problems=[_as_json(one) for one in told["problems"]],
    )


# what is told -------------------------------------------------------------------------


def _opened(path: str, slug: str) -> tuple[Record, Standing | None]:
    """The record whose report is asked for, and where it stands; the worker knows of it now."""
    record = catalogue.records.by_slug(session, KINDS[path], slug)
    catalogue.preflight.ask(record.iri)
    standing = catalogue.preflight.standing(session, record.iri)
    if standing is None or standing.due:
        current_app.extensions["jobs"].ring()
    return record, standing


def _told(record: Record, standing: Standing | None, most: int | None) -> dict[str, Any]:
    # What another version of the program found is not drawn with the measures of this one.
    valid = standing is not None and standing.report.version == catalogue.preflight.version
    content = (standing.report.content if standing and valid else None) or {}
    datasets = content.get("kinds", {}).get("dataset", 0)
    groups = content.get("groups", [])
    return {
        "record": record,
        "path": path_of(record),
        "title": record.title or record.slug,
        "standing": standing,
        "state": _state(standing),
        "many": MANY_CHANGES,
        "content": content,
        "score": Score.of(content["measures"], datasets) if datasets else None,
        "most": MOST,
        "problems": _problems(groups, most),
        "notices": list(_notices()),
        "severities": SEVERITY_WORDS,
        "made": _ago(standing.report.made) if standing and standing.report.made else "",
        "datasets": datasets,
        "sound": content.get("sound", {}).get("dataset", 0),
    }


def _told_of_one(record: Record) -> dict[str, Any]:
    assessed, faults = catalogue.preflight.assess(session, record) or (Assessed([]), [])
    sound = all(one.severity != "violation" for one in faults)
    letters = measured(assessed, sound=sound)
    counts = [(int(letter == YES), int(letter == UNKNOWN)) for letter in letters]
    shape = catalogue.records.shape(record.kind)
    may = _may_edit(record)
    problems: dict[tuple[str, str, str], list[Fault]] = {}
    for one in sorted(faults, key=lambda one: SEVERITIES.index(one.severity)):
        problems.setdefault((one.severity, one.rule, one.where), []).append(one)
    return {
        "record": record,
        "path": path_of(record),
        "title": record.title or record.slug,
        "score": Score.of(counts, 1),
        "most": MOST,
        "problems": [
            _shown(shape, *key, 1, len(found), [_concerned(shape, record, key[2], found, may=may)])
            for key, found in problems.items()
        ],
        "notices": list(_notices()),
        "severities": SEVERITY_WORDS,
        "sound": sound,
    }


def _problems(groups: Sequence[dict[str, Any]], most: int | None) -> list[Shown]:
    """The problems of a report, each with the first of its records that are public now."""
    numbers = {number for one in groups for number in one["first"][:most]}
    records = _records(numbers)
    kept = catalogue.preflight.kept(session, list(records)) if most is None else {}
    may = {number: _may_edit(record) for number, record in records.items()}
    found = []
    for one in groups:
        shape, where = catalogue.records.shape(one["kind"]), one["where"]
        concerned = []
        for number in one["first"][:most]:
            if number in records:
                known = kept.get(number)
                faults = [
                    fault
                    for fault in (known.faults if known else ())
                    if (fault.rule, fault.where) == (one["rule"], where)
                ]
                concerned.append(_concerned(shape, records[number], where, faults, may=may[number]))
        found.append(
            _shown(
                shape,
                one["severity"],
                one["rule"],
                where,
                one["records"],
                one["places"],
                concerned,
            )
        )
    return found


def _records(numbers: set[int]) -> dict[int, Record]:
    """The records of some numbers that everybody can see now, without what they say."""
    wanted = select(Record).where(Record.id.in_(numbers), Record.state == PUBLISHED)
    if not viewer.signed_in:  # whether somebody may edit depends on there being a working copy
        wanted = wanted.options(defer(Record.document), defer(Record.draft))
    return {record.id: record for record in session.scalars(wanted)}


def _may_edit(record: Record) -> bool:
    return viewer.signed_in and catalogue.workspace.may(session, viewer, "edit", record)


def _concerned(
    shape: Shape, record: Record, where: str, faults: Sequence[Fault], *, may: bool
) -> Concerned:
    one = shape.properties.get(where.partition(".")[0])
    way = way_to(record, one) if may and one is not None and one.tier in ASKED_TIERS else ""
    return Concerned(record, way, [fault.message for fault in faults if fault.message])


def _shown(
    shape: Shape,
    severity: str,
    rule: str,
    where: str,
    records: int,
    places: int,
    concerned: Sequence[Concerned],
) -> Shown:
    fields = list(_fields(shape, where))
    label = " › ".join(one.label for one in fields)
    words = RULES.get(rule) or Rule("{label}: " + rule, "{note}")
    note = fields[-1].note if fields else ""
    return Shown(
        severity,
        rule,
        where,
        label,
        words.said.format(label=label),
        words.fix.format(note=note, label=label).strip(),
        records,
        places,
        concerned,
    )


def _fields(shape: Shape | None, where: str) -> Iterator[Property]:
    """The properties along a path."""
    for name in where.split("."):
        if shape is None or name not in shape.properties:
            return
        one = shape[name]
        yield one
        shape = one.value.shape if isinstance(one.value, Nested) else None


def _notices() -> Iterator[Rule]:
    """What is wrong with the catalogue as a whole."""
    address = catalogue.settings.public_address
    rule = PUBLIC_ADDRESS if is_local(address) else INSECURE
    if rule is PUBLIC_ADDRESS or address.startswith("http:"):
        yield Rule(rule.said.format(address=address), rule.fix)


def _severity() -> str:
    wanted = request.args.get("severity", "")
    if wanted and wanted not in SEVERITIES:
        raise BadRequest(f"The severity must be one of {', '.join(SEVERITIES)}.")
    return wanted


def _state(standing: Standing | None) -> dict[str, Any]:
    """Where a report stands, for programs and for the page that waits."""
    row = standing.report if standing else None
    return {
        "state": row.state if row else None,
        "made": row.made.isoformat() if row and row.made else None,
        "behind": standing.behind if standing else 0,
        "due": standing.due if standing else True,
        "working": standing.working if standing else False,
        "done": row.done if row else 0,
        "total": row.total if row else 0,
        "worker": bool(workers(session)),
    }


def _ago(moment: datetime) -> str:
    """How long ago something was, in words."""
    minutes = int((datetime.now(UTC) - moment).total_seconds() // 60)
    for size, name in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {name}{'' if number == 1 else 's'} ago"
    return "just now"


# documents ----------------------------------------------------------------------------


def _as_json(one: Shown) -> dict[str, Any]:
    return {
        "severity": one.severity,
        "rule": one.rule,
        "field": one.where,
        "label": one.label,
        "said": one.said,
        "fix": one.fix,
        "records": one.records,
        "places": one.places,
        "first": [
            {"title": c.title, "address": c.address, "messages": c.messages} for c in one.concerned
        ],
    }


def _score_as_json(score: Score | None) -> dict[str, Any] | None:
    if score is None:
        return None
    return {
        **_points(score),
        "ratings": score.ratings,
        "dimensions": {name: _points(part) for name, part in score.by_dimension().items()},
        "measures": [
            {
                "name": one.measure.name,
                "dimension": one.measure.dimension,
                "properties": one.measure.properties,
                "datasets": one.of,
                "yes": one.yes,
                "unknown": one.unknown,
                "points": round(one.points, 1),
                "possible": round(one.possible, 1),
                "most": one.measure.points,
            }
            for one in score.lines
        ],
    }


def _points(score: Score) -> dict[str, float]:
    return {
        "points": round(score.points, 1),
        "possible": round(score.possible, 1),
        "most": score.most,
    }


_COLUMNS = ("severity", "rule", "field", "problem", "record", "address", "message", "fix")


def _as_csv(problems: Sequence[Shown], slug: str) -> Response:
    """One line for each record and problem, as far as a report names them."""
    lines = (
        (
            one.severity,
            one.rule,
            one.where,
            one.said,
            concerned.title,
            concerned.address,
            "; ".join(concerned.messages),
            one.fix,
        )
        for one in problems
        for concerned in one.concerned
    )
    return as_csv(f"pre-flight-{slug}", _COLUMNS, lines)
