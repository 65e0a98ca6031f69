"""Errors as an answer: a page for people, ``application/problem+json`` for programs (RFC 9457)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app, g, redirect, render_template, request
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, NotFound

from catalogue.accounts.viewer import ANYBODY
from catalogue.errors import CatalogueError, Conflict, Invalid, NotSignedIn, TooOften, Unavailable

log = structlog.get_logger()

#: What somebody is told who did the same as somebody else at the same moment.
_MEANWHILE = "Somebody did the same at the same moment. Look at what there is now and try again."

#: How PostgreSQL (by code) and SQLite say that a key is there already, or that it is not.
_OF_KEYS = ("23505", "23503", "UNIQUE", "FOREIGN")

_WORDS = {
    400: "The request cannot be understood.",
    404: "There is nothing at this address.",
    405: "This address does not answer that kind of request.",
    413: "What was sent is too large.",
    415: "What was sent is in a form that is not read here.",
    429: "Too many requests; wait a moment and try again.",
}


def init_app(app: Flask) -> None:
    """Let an application answer errors in our words."""
    app.register_error_handler(CatalogueError, ours)
    app.register_error_handler(HTTPException, theirs)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(DataError, unfit)
    app.register_error_handler(IntegrityError, outrun)
    app.register_error_handler(Exception, unexpected)


def ours(error: CatalogueError) -> Response:
    """An error of ours: its status, its words, its problems."""
    problems = (
        [
            {"path": list(p.path), "message": p.message, "severity": p.severity, "rule": p.rule}
            for p in error.problems
        ]
        if isinstance(error, Invalid)
        else []
    )
    response = _answer(error.status, error.title, str(error), problems)
    if isinstance(error, TooOften | Unavailable) and error.wait:
        response.headers["Retry-After"] = str(error.wait)
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = 'Bearer realm="catalogue"'
    return response


def theirs(error: HTTPException) -> Response:
    """An error of the framework, in our words where we have some."""
    if isinstance(error, NotFound) and (place := _without_slash()):
        return redirect(place, 308)  # type: ignore[return-value]
    status = error.code or 500
    response = _answer(status, _title(error.name), _WORDS.get(status, error.description or ""), [])
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    if location := getattr(error, "new_url", None):  # a redirect by the router
        response.headers["Location"] = location
    return response


def _without_slash() -> str:
    """The address without a slash at its end, if something answers there."""
    path = request.path.rstrip("/")
    if request.method not in ("GET", "HEAD") or path == request.path or path[:2] in ("", "//"):
        return ""
    if path.startswith("/api/v"):  # programs are told, and mend it once
        return ""
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return ""
    query = request.query_string.decode("latin-1")
    return quote(request.script_root + path) + (f"?{query}" if query else "")


def _title(name: str) -> str:
    """The framework's name of an error, written as ours are (*Not found*)."""
    first, *rest = name.split()
    return " ".join((first, *map(str.lower, rest)))


def database_away(error: OperationalError) -> Response:
    """The database does not answer."""
    log.error("database not available", error=str(error.orig))
    g.viewer = ANYBODY  # the page must not ask the database who looks
    response = _answer(
        503,
        "Not available now",
        "The database does not answer just now. Try again in a minute.",
        [],
    )
    response.headers["Retry-After"] = "60"
    return response


def unfit(error: DataError) -> Response:
    """Something that no column can hold, such as a NUL; some databases say so only when asked."""
    log.warning("unfit for the database", path=_told_path(), error=type(error.orig).__name__)
    g.viewer = ANYBODY  # the transaction cannot go on, not even to tell who looks
    return _answer(
        400,
        "Bad request",
        "The request holds a character or number that nothing here can hold; take it out.",
        [],
    )


def outrun(error: IntegrityError) -> Response:
    """Somebody did the same at the same moment, as PostgreSQL lets them: one of both is refused.

    Only a key that is there already, or is there no more, tells of somebody else; a value that
    is missing or wrong is a mistake of ours.
    """
    said = getattr(error.orig, "sqlstate", None) or str(error.orig).partition(" ")[0]
    if said not in _OF_KEYS:
        return unexpected(error)
    log.warning("outrun by another writer", path=_told_path(), error=said)
    g.viewer = ANYBODY  # the transaction cannot go on
    return _answer(409, Conflict.title, _MEANWHILE, [])


def unexpected(error: Exception) -> Response:
    """A mistake of ours: a number for the asker, the rest for the log."""
    log.error("unexpected error", path=_told_path(), exc_info=error)
    g.viewer = ANYBODY
    return _answer(
        500,
        "Something went wrong",
        "The mistake is ours and was written down. If it comes again, tell us the number "
        f"{g.get('request_id', '')}.",
        [],
    )


def _answer(status: int, title: str, detail: str, problems: list[dict[str, Any]]) -> Response:
    if wants_page():
        body = render_template(
            "errors/error.html", status=status, title=title, detail=detail, problems=problems
        )
        return Response(body, status)
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if problems:
        content["problems"] = problems
    return Response(
        json.dumps(content, ensure_ascii=False), status, mimetype="application/problem+json"
    )


def _told_path() -> str:
    """The path for the log; links of mails are secrets."""
    is_secret = request.url_rule and "token" in (request.view_args or ())
    return request.url_rule.rule if request.url_rule and is_secret else request.path


def wants_page() -> bool:
    """Whether a page is wanted: browsers say so, programs rarely do."""
    if (said := g.get("wants_page")) is not None:  # a view that knows better
        return bool(said)
    if request.path.rsplit(".", 1)[-1] in ("ttl", "rdf", "nt", "jsonld", "json", "gz"):
        return False
    if request.path.startswith("/api/v"):  # every version of the interface for programs
        return False
    if request.is_json:  # who writes JSON reads it
        return False
    accepted = request.accept_mimetypes
    return "text/html" in accepted.values() or not accepted
