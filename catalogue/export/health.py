"""Whether the catalogue lives, and whether it is ready."""

from __future__ import annotations

from flask import Response, jsonify

from catalogue.changes import head, lag
from catalogue.errors import CatalogueError
from catalogue.export import blueprint
from catalogue.tending import workers
from catalogue.web.current import catalogue, session


@blueprint.get("/health")
def health() -> Response:
    """Alive: the process answers."""
    return jsonify(status="ok")


@blueprint.get("/ready")
def ready() -> tuple[Response, int]:
    """Ready: the tables are there and every view has caught up; 503 otherwise.

    Without a background worker the catalogue is ready all the same: ``worker`` says whether one
    lives.
    """
    current = catalogue.database.is_current()
    behind = {name: count for name, count in lag(session).items() if count} if current else {}
    ok = current and not behind
    content = {
        "status": "ok" if ok else "behind",
        "position": head(session) if current else 0,
        "behind": behind,
        "worker": bool(current and workers(session)),
        # It follows when somebody asks, so being behind is no fault: null means not built.
        "sparql": {"behind": _sparql_behind()} if current and _is_here() else {},
    }
    return jsonify(content), 200 if ok else 503


def _is_here() -> bool:
    """Whether the store is ours; one elsewhere is asked by the doctor, not at every call."""
    return not catalogue.settings.sparql_store


def _sparql_behind() -> int | None:
    try:
        return catalogue.sparql.standing(session).behind
    except CatalogueError:  # a store elsewhere that is away
        return None
