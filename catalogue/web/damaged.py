"""A record that cannot be read, on pages of those who look after it: told, not a fault of ours.

What is stored was checked; a database that was edited by hand or restored in part, or tables
that changed, may leave a document that is not what its shape says (``records/damage.py``).
"""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, request

from catalogue.errors import Invalid, Problem
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.errors import ours
from catalogue.web.sections import BROKEN

log = structlog.get_logger()


def tell_of_damage(blueprint: Blueprint) -> None:
    """Let the pages of a blueprint, which have ``kind`` and ``key`` in their addresses, say so."""
    for error in BROKEN:
        blueprint.register_error_handler(error, _tell)


def _tell(error: Exception) -> Response:
    """What is wrong with the record; an error that is not the record's goes on its way."""
    values: dict[str, Any] = request.view_args or {}
    if not {"kind", "key"} <= values.keys():
        raise error
    record = catalogue.workspace.open(session, viewer, values["kind"], values["key"])
    try:
        _, faults = catalogue.records.shape(record.kind).load(record.working_copy)
    except BROKEN as broken:
        faults = [Problem((), repr(broken))]
    if not faults:
        raise error
    log.error("damaged record", record=record.iri, error=repr(error))
    way_out = Problem(
        (),
        "This description is damaged and cannot be shown. An administrator can put it right by "
        "sending it anew through the interface for programs (PUT).",
        rule="type",
    )
    return ours(Invalid([way_out, *faults]))
