"""The application factory."""

from __future__ import annotations

import gc
import logging
from typing import Any

import structlog
from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from catalogue import api, cli
from catalogue.config import Settings
from catalogue.export import blueprint as export
from catalogue.folders import folder
from catalogue.instance import Catalogue
from catalogue.jobs import Jobs
from catalogue.search.query import Query
from catalogue.web import (
    blueprints,
    errors,
    filters,
    guard,
    limits,
    login,
    oidc,
    rooms,
    security,
)
from catalogue.web.current import close_session


def create_app(settings: Settings | None = None, catalogue: Catalogue | None = None) -> Flask:
    """The web application of a catalogue; opens it from the settings unless it is given.

    Raises :class:`~catalogue.errors.FaultyTable` if a profile or vocabulary is wrong: an
    application that would misread its records does not start.
    """
    catalogue = catalogue or Catalogue(settings or Settings.read())
    settings = catalogue.settings
    _configure_logging(settings.log_level)
    app = Flask(
        "catalogue",
        template_folder=str(folder("templates")),
        static_folder="static",
        static_url_path="/static",
    )
    app.config.update(
        SECRET_KEY=settings.signing_key(),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_address.startswith("https:"),
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=86_400,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.templates:
        app.jinja_loader = ChoiceLoader(
            [FileSystemLoader(settings.templates), FileSystemLoader(str(folder("templates")))]
        )
    app.extensions["catalogue"] = catalogue
    app.extensions["jobs"] = Jobs(catalogue)
    for blueprint in (*blueprints, *rooms, export):
        app.register_blueprint(blueprint)
    api.init_app(app)
    app.teardown_appcontext(close_session)
    cli.init_app(app)
    errors.init_app(app)
    security.init_app(app)
    login.init_app(app)
    guard.init_app(app)
    limits.init_app(app)
    oidc.init_app(app)
    filters.init_app(app)
    # One proxy in front is the usual set-up; addresses are never built from its headers.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)  # type: ignore[method-assign]
    return app


def serve() -> Flask:
    """The application as a server runs it: everything that a request needs is open.

    The garbage collector need not look at it again: a full collection over vocabularies,
    profile and index takes a third of a second, and would come every few pages.
    """
    app = create_app()
    catalogue: Catalogue = app.extensions["catalogue"]
    _ = catalogue.profiles  # a faulty one is told at the start
    catalogue.finder.find(Query())
    _ = catalogue.suggester
    _ = catalogue.understanding
    _ready_for_questions(catalogue)
    catalogue.post.ring()  # mails that a process before this one did not send
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return app


def _ready_for_questions(catalogue: Catalogue) -> None:
    """Have what all datasets state in memory before somebody asks.

    That is a moment with the file that the worker keeps, and some seconds without it where there
    are very many; it is no thread, which a server that forks would lose in the middle.  Whatever
    is wrong here (no table yet, no disk) is told when somebody asks.
    """
    try:
        catalogue.facts.tend()
    except Exception as error:
        structlog.get_logger().warning("facts are read later", error=repr(error))


def _configure_logging(level: str) -> None:
    """One line a message: readable at a terminal, easily parsed elsewhere."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=False,
    )
