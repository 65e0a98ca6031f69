"""What the workspace tells of a record: in a list, as a whole, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from catalogue.accounts.models import Organisation
from catalogue.api.acting import Acting
from catalogue.api.answers import absolute
from catalogue.api.operations import PREFIX
from catalogue.api.parameters import path
from catalogue.errors import Problem, Severity
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.naming import names_of
from catalogue.web import people
from catalogue.web.current import catalogue
from catalogue.web.paths import KINDS, PATHS, path_of
from catalogue.workspace import Listed

#: How the addresses of one record begin, and the parameters in them.
RULE = f"/workspace/<any({','.join(KINDS)}):path>/<slug:key>"
PATH = path("path", "The kind of record, as its pages are addressed.", enum=list(KINDS))
KEY = path("key", "The key of the record.", maxLength=64)
#: The largest number that is asked for in an address: what every database can take.
LARGEST = 2**31 - 1
NUMBER_RULE = f"<int(max={LARGEST}):number>"


def number(name: str, description: str) -> Any:
    """A number in an address."""
    return path(name, description, type="integer", minimum=0, maximum=LARGEST)


def address(record: Record, *steps: str) -> str:
    """The address of a record in the workspace here, or of something below it."""
    return absolute("/".join((f"{PREFIX}/workspace", PATHS[record.kind], record.key, *steps)))


def moment(at: datetime | None) -> str | None:
    """A moment as JSON has it."""
    return None if at is None else at.isoformat(timespec="seconds")


def persons(authors: Iterable[str]) -> Mapping[str, dict[str, str]]:
    """Authors with what they are called now."""
    return {one: {"id": one, "name": name} for one, name in people.persons(authors).items()}


def item(acting: Acting, one: Listed, author: Mapping[str, str]) -> dict[str, Any]:
    """A record in a list."""
    return {
        **_about(one.record, holder_of(acting, one.record)),
        "author": author,
        "open_comments": one.open_comments,
    }


def holder_of(acting: Acting, record: Record) -> Organisation | None:
    """The organisation that looks after a record."""
    number = record.organisation
    return None if number is None else acting.session.get(Organisation, number)


def working_copy(acting: Acting, record: Record) -> dict[str, Any]:
    """A record as its editors have it before them."""
    workspace = catalogue.workspace
    return {
        **_about(record, holder_of(acting, record)),
        "slug": record.slug,
        "review": record.review,
        "reviewed": workspace.is_reviewed(acting.session, record),
        "revision": record.revision,
        "etag": record.etag,
        "created": moment(record.created),
        "issued": moment(record.issued),
        "modified": moment(record.modified),
        "document": record.working_copy,
        "actions": workspace.actions(acting.session, acting.viewer, record),
        "problems": by_severity(problems(acting, record)),
    }


def problems(acting: Acting, record: Record) -> Sequence[Problem]:
    """Everything to be said against publishing a working copy."""
    found = spared(
        record,
        lambda: catalogue.records.check(
            acting.session, record.kind, record.working_copy, record.iri
        ),
    )
    unreadable = Problem((), "The working copy cannot be read; save it anew.", rule="type")
    return [unreadable] if found is None else found


def by_severity(found: Iterable[Problem]) -> dict[str, list[dict[str, Any]]]:
    """Problems by how grave they are."""
    told: dict[str, list[dict[str, Any]]] = {severity: [] for severity in get_args(Severity)}
    for one in found:
        told[one.severity].append(broken_rule(one))
    return told


def broken_rule(one: Problem) -> dict[str, Any]:
    """One problem as JSON."""
    return {
        "path": list(one.path),
        "message": one.message,
        "severity": one.severity,
        "rule": one.rule,
    }


def _about(record: Record, holder: Organisation | None) -> dict[str, Any]:
    base = catalogue.settings.public_address
    return {
        "kind": record.kind,
        "key": record.key,
        "iri": names_of(record, base).absolute(record.iri),
        "title": record.title,
        "stage": record.stage,
        "organisation": holder and {"key": holder.key, "name": holder.name},
        "touched": moment(record.touched),
        "links": _links(record),
    }


def _links(record: Record) -> dict[str, str]:
    links = {
        "self": address(record),
        "page": absolute(f"workspace/{record.kind}/{record.key}"),
        **{name: address(record, name) for name in ("check", "history", "comments")},
    }
    if record.state == PUBLISHED:
        links["public"] = absolute(f"{PREFIX}/{path_of(record)}")
    return links
