"""What every change of a record shares: for whom, from which state, where the problems are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.accounts.models import Organisation
from catalogue.api import preconditions
from catalogue.api.acting import Acting
from catalogue.api.answers import absolute
from catalogue.api.operations import PREFIX
from catalogue.errors import Invalid, NotFound, Problem
from catalogue.profile import Document, Names
from catalogue.records.identifiers import fault_of_key
from catalogue.records.models import Record
from catalogue.records.permissions import may_in
from catalogue.web.current import catalogue


def organisation(acting: Acting, key: str) -> Organisation:
    """An organisation to describe something for, if the asker may know of it."""
    try:
        found = catalogue.accounts.organisations.get(acting.session, key)
    except NotFound:
        found = None
    if found is None or not may_in(acting.viewer, "see", found.id):
        raise Invalid(
            [
                Problem(
                    ("organisation",),
                    f"There is no organisation “{key[:80]}” that you belong to; "
                    f"{absolute(f'{PREFIX}/account/organisations')} lists yours.",
                    rule="reference",
                )
            ]
        )
    return found


def to_change(acting: Acting, kind: str, key: str, action: str) -> Record:
    """A record to do something with, if it is what the asker holds."""
    record = catalogue.workspace.open(acting.session, acting.viewer, kind, key, action)
    preconditions.hold(record.etag)
    return record


def check_key(key: str) -> None:
    """Refuse what can be no key."""
    if fault := fault_of_key(key):
        raise Invalid([Problem(("key",), fault, rule="key")])


def named(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A new document, if it does not take a name that is ours to give.

    One that is described elsewhere already keeps the IRI it has there.
    """
    given = document.get("id")
    if given and isinstance(given, str):
        base = catalogue.settings.public_address
        if Names(base).relative(given) != given or given.startswith(("id/", base)):
            message = "is of this catalogue, which gives its names itself; say `key` instead"
            raise Invalid([Problem(("id",), message, rule="reference")])
    return document


def own(document: Mapping[str, Any], record: Record) -> Mapping[str, Any]:
    """A document for a record, if it does not say that it is another one."""
    given = document.get("id")
    if given and isinstance(given, str):
        names = Names(catalogue.settings.public_address)
        if names.relative(given) != record.iri:
            message = f"This is {record.iri}, and its name never changes; leave `id` out"
            raise Invalid([Problem(("id",), message, rule="reference")])
    return document


def merged(target: Mapping[str, Any], patch: Mapping[str, Any]) -> Document:
    """A document after a JSON Merge Patch (RFC 7396, section 2)."""
    found = dict(target)
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, Mapping):
            before = found.get(name)
            found[name] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            found[name] = value
    return found
