"""What people do through the interface: who it is, what was sent, the change and its answer.

A view says what is done; that somebody is signed in, that the request can be understood,
that change and answer are one transaction and that no cache keeps either is seen to here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, TypeVar

from flask import Response
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.accounts.models import User
from catalogue.accounts.viewer import Viewer
from catalogue.api import bodies, idempotency, preconditions
from catalogue.api.answers import JSON, dumps, wanted
from catalogue.api.operations import Operation, add
from catalogue.api.parameters import given
from catalogue.errors import Conflict, Forbidden, NotSignedIn
from catalogue.web.current import catalogue, session, viewer

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Acting:
    """Somebody who asks or changes something: the session it is done in, what was asked and sent."""

    session: Session
    viewer: Viewer
    asked: list[tuple[str, str]]
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def user(self) -> User:
        """The account of who acts."""
        return catalogue.accounts.get(self.session, self.viewer.user or 0)


class Undone(Exception):
    """Takes a change back and answers nevertheless."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__()


def personal(rule: str, operation: Operation, *, secret: str = "") -> Callable[[View], View]:
    """Let a view answer an operation for people who say who they are.

    The view is called with an :class:`Acting` and the arguments of the address.  ``secret``
    is the member of the answer that is shown once.
    """
    operation = replace(operation, personal=True)

    def add_(view: View) -> View:
        @wraps(view)
        def answering(**arguments: Any) -> Response:
            asked = _asked(operation)
            wanted((JSON,))
            if not operation.changes:
                response = view(Acting(session, viewer, asked), **arguments)
            else:
                response = _change(operation, view, arguments, asked, secret)
            assert isinstance(response, Response)
            return response

        add(rule, operation, answering)
        return view

    return add_


def told(
    content: Mapping[str, Any] | None, status: int = 200, *, etag: str = "", location: str = ""
) -> Response:
    """An answer for one person."""
    response = Response(None if content is None else dumps(content), status, content_type=JSON)
    response.headers["Cache-Control"] = "private, no-store"
    if content is None:
        del response.headers["Content-Type"]
    elif content.get("next"):
        response.headers["Link"] = f'<{content["next"]}>; rel="next"'
    if etag:
        response.set_etag(etag)
    if location:
        response.headers["Location"] = location
    return response


def _asked(operation: Operation) -> list[tuple[str, str]]:
    """The parameters of somebody who is known."""
    if not viewer.signed_in:
        raise NotSignedIn(
            "This is for people with an account. Make a token on the page of your account and "
            "send it as “Authorization: Bearer cat_…”."
        )
    if operation.changes and viewer.reads_only:
        raise Forbidden("This token only reads. Make one that may also write.")
    return given(operation.parameters(catalogue.profile))


def _change(
    operation: Operation,
    view: Callable[..., Response],
    arguments: Mapping[str, Any],
    asked: list[tuple[str, str]],
    secret: str,
) -> Response:
    key = idempotency.key() if operation.method == "POST" else ""
    if operation.matches == "needed":
        preconditions.ask()
    said: dict[str, Any] = {}
    if operation.body:
        said = bodies.read(operation.body, operation.accepts, operation.most)
    elif operation.sends:
        said = {"content": bodies.file(operation.sends, operation.most)}
    if operation.ahead is not None:
        said = {**said, **operation.ahead(Acting(session, viewer, asked, said), **arguments)}
    user = viewer.user or 0
    with idempotency.alone(user, key):
        try:
            with _writing() as writing:
                response = idempotency.repeated(writing, user, key) if key else None
                if response is not None:
                    return response
                who = _known(writing)
                response = view(Acting(writing, who, asked, said), **arguments)
                if key:
                    idempotency.keep(writing, user, key, response, secret)
        except Undone as undone:
            return undone.response
    catalogue.catch_up()
    return response


def _known(writing: Session) -> Viewer:
    """Who acts, as the transaction sees it: roles may have gone while it waited for its turn."""
    user = catalogue.accounts.get(writing, viewer.user or 0)
    if not user.active:
        raise NotSignedIn("This account was blocked.")
    return catalogue.accounts.viewer_of(writing, user, reads_only=viewer.reads_only)


@contextmanager
def _writing() -> Iterator[Session]:
    """One transaction; two of the same at the same moment are told so."""
    try:
        with catalogue.database.write() as writing:
            yield writing
    except IntegrityError:
        raise Conflict(
            "Somebody did the same at the same moment. Look at what there is now and try again."
        ) from None
