"""The JSON interface: the catalogue for programs that ask rather than harvest.

It only reads.  ``/api/v1/openapi.json`` describes it, ``/api/docs`` is that to read.
"""

from __future__ import annotations

from flask import Flask, Response, request

from catalogue.api import docs, records, search, suggest, vocabularies  # noqa: F401 - add views
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
    app.after_request(_let_others_read)


def _let_others_read(response: Response) -> Response:
    """Scripts of any page may read what everybody may see; no cookie is asked for or heeded."""
    if not request.path.startswith(PREFIX + "/"):
        return response
    headers = response.headers
    headers["X-Robots-Tag"] = "noindex"  # what search engines want is the pages
    if request.method in ("GET", "HEAD", "OPTIONS"):
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = "ETag, Link, X-Request-Id"
        if request.method == "OPTIONS":
            headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
            headers["Access-Control-Max-Age"] = "86400"
    return response
