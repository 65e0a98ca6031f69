"""Where each kind of record has its pages: the only place that says so."""

from __future__ import annotations

from collections.abc import Mapping

from catalogue.records.models import Record

#: The first part of the address of a kind of record.
PATHS: Mapping[str, str] = {
    "dataset": "datasets",
    "agent": "organisations",
    "catalogue": "catalogues",
    "series": "series",
    "service": "services",
    "asset": "assets",
}
KINDS: Mapping[str, str] = {path: kind for kind, path in PATHS.items()}


def path(kind: str, slug: str) -> str:
    """The path of a record's page by its kind and slug, without a slash at its beginning."""
    return f"{PATHS[kind]}/{slug}"


def path_of(record: Record) -> str:
    """The path of a record's page, without a slash at its beginning."""
    return path(record.kind, record.slug)
