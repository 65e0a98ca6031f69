"""The JSON interface: the catalogue for programs that ask, or that look after records.

Everybody may read what is published; whoever looks after records says who they are with a
token.  ``/api/v1/openapi.json`` describes it, ``/api/docs`` is that to read.
"""

from __future__ import annotations

from flask import Flask, Response, request

from catalogue.api import (  # noqa: F401 - add views, in the order in which they are told
    account,
    bulk,
    comments,
    compare,
    cube,
    docs,
    fingerprints,
    harvest,
    harvest_items,
    harvest_pairs,
    harvest_runs,
    organisations,
    past,
    policies,
    questions,
    records,
    saved,
    search,
    statements,
    steps,
    suggest,
    upkeep,
    variables,
    vocabularies,
    workspace,
)
from catalogue.api.operations import PREFIX, blueprint
from catalogue.api.parameters import check_bytes
from catalogue.api.search import api_address

__all__ = ["api_address", "blueprint", "init_app"]


@blueprint.before_request
def admit() -> None:
    """Refuse what cannot be understood; how often one may ask will be decided here too."""
    check_bytes()


def init_app(app: Flask) -> None:
    """Add the interface to an application; templates may then call ``api_address(query)``."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["api_address"] = api_address
    app.after_request(_let_others_in)
    app.after_request(_keep_private)


def _let_others_in(response: Response) -> Response:
    """Let scripts of any page read what everybody may see, and act for whoever gave them a token.

    Cookies are neither asked for nor heeded here, so a page of others cannot act for somebody
    who is signed in: it would need the token itself, and whoever has that needs no browser.
    Therefore ``*`` is safe, also for changes, and credentials are never allowed.
    """
    if not request.path.startswith(PREFIX + "/"):
        return response
    headers = response.headers
    headers["X-Robots-Tag"] = "noindex"  # what search engines want is the pages
    if request.method in ("GET", "HEAD", "OPTIONS") or "Authorization" in request.headers:
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = (
            "ETag, Idempotency-Replayed, Link, Location, Memento-Datetime, X-Request-Id"
        )
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = ", ".join(sorted(response.allow, key=_METHODS))
        headers["Access-Control-Allow-Headers"] = (
            "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
        )
        headers["Access-Control-Max-Age"] = "86400"
    return response


_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE").index


#: What lies here is for one person.
_PERSONAL = ("workspace", "account", "harvest", "saved")


def _keep_private(response: Response) -> Response:
    """No cache keeps what is for one person, not even that it was refused."""
    if request.path.startswith(tuple(f"{PREFIX}/{one}" for one in _PERSONAL)):
        response.headers["Cache-Control"] = "private, no-store"
    return response
