"""Who looks, as the request tells: by the cookie of a browser, or the token of a program.

Pages go by the cookie, the JSON interface by ``Authorization: Bearer cat_…``; neither heeds
the other.  Somebody without either is anybody, and costs no look into the database.

Flask-Login keeps the secret of the session in the cookie; who that is, and whether the
session still lasts, is in our own rows, so that a session can be ended from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import flask
import flask_login
import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from catalogue.accounts.models import User
from catalogue.accounts.viewer import ANYBODY, Viewer
from catalogue.errors import NotSignedIn
from catalogue.instance import Catalogue
from catalogue.web.current import catalogue, session
from catalogue.web.limits import count, here

log = structlog.get_logger()
#: Where tokens are heeded.
INTERFACE = "/api/v"


class Browser(flask_login.UserMixin):  # type: ignore[misc]
    """A browser in which somebody is signed in."""

    def __init__(self, secret: str, number: int, viewer: Viewer) -> None:
        self.secret = secret
        self.number = number
        self.viewer = viewer

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.secret


def init_app(app: Flask) -> None:
    """Let an application know who looks."""
    manager = flask_login.LoginManager()
    # An address changes between the ward and home, and that ends no session: ours end by row.
    manager.session_protection = None
    manager.user_loader(_browser)
    # Not init_app(): it would look into the cookie at every answer, to renew a "remember me"
    # that we do not have, and so tell caches that dumps and pictures differ by cookie.
    app.login_manager = manager  # type: ignore[attr-defined]
    app.extensions["catalogue.viewer"] = _viewer
    app.before_request(_check_token)
    app.after_request(_note_use)


def sign_in(user: User, how: str = "password", password: str = "") -> None:
    """Let somebody in, in this browser."""
    agent = request.headers.get("User-Agent", "")
    with catalogue.database.write() as writing:
        secret = catalogue.accounts.sign_in(writing, user, agent, password, how)
    flask.session.clear()  # what was there before belongs to nobody
    flask_login.login_user(Browser(secret, 0, ANYBODY), force=True)


def sign_out() -> None:
    """Let nobody be in, in this browser."""
    if (left := browser()) is not None:
        with catalogue.database.write() as writing:
            user = catalogue.accounts.get(writing, left.viewer.user or 0)
            catalogue.accounts.sessions.end(writing, user, left.number, "signed-out")
    flask.session.clear()
    flask_login.logout_user()
    flask.session.clear()  # so that the cookie goes


def browser() -> Browser | None:
    """The browser that asks, if somebody is signed in there."""
    # Looking into the cookie marks the answer as one that differs by it.
    if "_user_id" not in flask.session:
        return None
    found = flask_login.current_user
    return cast(Browser, found) if found.is_authenticated else None


def _viewer() -> Viewer:
    if request.path.startswith(INTERFACE):
        return _by_token() if "Authorization" in request.headers else ANYBODY
    asking = browser()
    return asking.viewer if asking else ANYBODY


def _browser(secret: str) -> Browser | None:
    """The browser of a cookie; the cookie goes where the session is over."""
    accounts = catalogue.accounts
    found = accounts.sessions.find(session, secret)
    if found is None:
        flask.session.clear()
        return None
    row, user = found
    if accounts.sessions.is_stale(row):
        g.used = (accounts.sessions.note, row.id)
    return Browser(secret, row.id, accounts.viewer_of(session, user))


def _by_token() -> Viewer:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    accounts = catalogue.accounts
    found = accounts.tokens.find(session, text.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        count("token", here())
        raise NotSignedIn(
            "This token does not work: it is mistyped, was revoked, or its time is over. "
            "Send “Authorization: Bearer cat_…”, or nothing to read what everybody may read."
        )
    token, user = found
    if accounts.tokens.is_stale(token):
        g.used = (accounts.tokens.note, token.id)
    return accounts.viewer_of(session, user, reads_only=token.reads_only)


def _check_token() -> None:
    """A token that does not work is told at once, also where nobody asks who looks."""
    if request.path.startswith(INTERFACE) and "Authorization" in request.headers:
        g.viewer = _by_token()


def _note_use(response: Response) -> Response:
    """Write down that a session or token is in use, after the answer has gone out.

    Whoever reads need not wait for whoever writes.
    """
    used: tuple[Callable[[Session, int], None], int] | None = g.pop("used", None)
    if used:
        opened: Catalogue = current_app.extensions["catalogue"]
        note, number = used

        def write() -> None:
            try:
                with opened.database.write() as writing:
                    note(writing, number)
            except OperationalError as error:
                log.warning("use not noted", error=type(error.orig).__name__)

        response.call_on_close(write)
    if request.path.startswith(INTERFACE) and "Authorization" in request.headers:
        response.vary.add("Authorization")
        response.cache_control.private = True
    return response
