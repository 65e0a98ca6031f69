"""What a view works with: the open catalogue, a session for the request, and who looks."""

from __future__ import annotations

from contextlib import ExitStack

from flask import current_app, g
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from catalogue.accounts.viewer import Viewer
from catalogue.changes import head
from catalogue.instance import Catalogue

catalogue: Catalogue = LocalProxy(lambda: current_app.extensions["catalogue"])  # type: ignore[assignment]


def _session() -> Session:
    if "session" not in g:
        g.closing = ExitStack()
        g.session = g.closing.enter_context(catalogue.database.read())
    return g.session  # type: ignore[no-any-return]


#: A session for reading: one state of the catalogue from the beginning of a request to its end.
session: Session = LocalProxy(_session)  # type: ignore[assignment]


def _viewer() -> Viewer:
    if "viewer" not in g:
        g.viewer = current_app.extensions["catalogue.viewer"]()
    return g.viewer  # type: ignore[no-any-return]


#: Who looks: a person who signed in, a program with a token, or anybody.
viewer: Viewer = LocalProxy(_viewer)  # type: ignore[assignment]


def absolute(path: str) -> str:
    """The address of a path of this catalogue, whatever host was asked."""
    return catalogue.settings.public_address + path.lstrip("/")


def last_change() -> int:
    """The state of the records that the request sees: the number of their last change."""
    if "head" not in g:
        g.head = head(session)
    return int(g.head)


def close_session(_: BaseException | None = None) -> None:
    """End the request's session, if it had one."""
    if (closing := g.pop("closing", None)) is not None:
        g.pop("session", None)
        g.pop("head", None)
        g.pop("viewer", None)
        closing.close()
