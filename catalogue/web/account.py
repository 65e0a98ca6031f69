"""One's own account: name, address, password, sessions, tokens, organisations, and leaving."""

from __future__ import annotations

import flask
from flask import Response

from catalogue.accounts.models import User
from catalogue.errors import CatalogueError, Conflict, Invalid, Problem, TooOften
from catalogue.web import login
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.guard import signed_in_only
from catalogue.web.limits import check, count
from catalogue.web.posted import again, go, number, said
from catalogue.web.views import page, pages

blueprint = pages("account", __name__)


@blueprint.before_request
def only_for_people() -> Response | None:
    """All but the link of a mail is for those who are signed in."""
    return None if flask.request.endpoint in _BY_LINK else signed_in_only()


_BY_LINK = ("account.new_email", "account.move")


def me() -> User:
    """The account of whoever looks."""
    return catalogue.accounts.get(session, viewer.user or 0)


@blueprint.get("/account")
def account() -> Response:
    """Everything about one's own account, and the ways to change it."""
    return page("account/account.html", problems=[], **_all(), name="", days="", reads_only=False)


def _all() -> dict[str, object]:
    user, accounts = me(), catalogue.accounts
    found = login.browser()
    return {
        "user": user,
        "here": found.number if found else 0,
        "sessions": accounts.sessions.of(session, user.id),
        "tokens": accounts.tokens.of(session, user.id),
        "works": accounts.tokens.works,
        "memberships": accounts.organisations.of(session, user.id),
    }


# name, address, password ------------------------------------------------------------


@blueprint.get("/account/name")
def name() -> Response:
    """The form to take another name."""
    return page("account/name.html", problems=[], name=me().name)


@blueprint.post("/account/name")
def rename() -> Response:
    """Take another name."""
    try:
        with catalogue.database.write() as writing:
            user = catalogue.accounts.get(writing, viewer.user or 0)
            catalogue.accounts.change_name(writing, user, said("name"))
    except Invalid as error:
        return again("account/name.html", error, name=said("name"))
    return go("/account")


@blueprint.get("/account/email")
def email() -> Response:
    """The form to move to another e-mail address."""
    return page("account/email.html", problems=[], user=me(), email="")


@blueprint.post("/account/email")
def ask_to_move() -> Response:
    """Send a link to the new address; the answer is the same whoever has it."""
    user, wanted = me(), said("email")
    try:
        check("password", str(user.id))
        count("mail", wanted.strip().casefold()[:254])
        with catalogue.database.write() as writing:
            asking = catalogue.accounts.get(writing, user.id)
            catalogue.accounts.ask_email(writing, asking, wanted, said("password"))
    except (Invalid, TooOften) as error:
        _count_wrong_password(error)
        return again("account/email.html", error, user=user, email=wanted)
    return page("account/sent.html", title="Look into your mails", purpose="email")


@blueprint.get("/account/email/<token>")
def new_email(token: str) -> Response:
    """A button to confirm the new address."""
    user, address = catalogue.accounts.new_email(session, token)
    return page("account/new_email.html", user=user, email=address)


@blueprint.post("/account/email/<token>")
def move(token: str) -> Response:
    """Move to the new address."""
    with catalogue.database.write() as writing:
        catalogue.accounts.change_email(writing, token)
    return go("/account" if viewer.signed_in else "/sign-in")


@blueprint.get("/account/password")
def password() -> Response:
    """The form to take another password."""
    return page("account/new_password.html", problems=[], user=me())


@blueprint.post("/account/password")
def change_password() -> Response:
    """Take another password; every other browser is signed out."""
    user, found = me(), login.browser()
    try:
        check("password", str(user.id))
        if not user.password:
            raise Conflict("Your account has no password yet. Ask for a link to set one.")
        with catalogue.database.write() as writing:
            catalogue.accounts.change_password(
                writing,
                catalogue.accounts.get(writing, user.id),
                said("old_password"),
                said("new_password"),
                keep=found.number if found else None,
            )
    except CatalogueError as error:
        _count_wrong_password(error)
        return again("account/new_password.html", error, user=user)
    return go("/account")


def _count_wrong_password(error: CatalogueError) -> None:
    """A browser left open must not be a place to guess passwords."""
    fields = {one.path for one in error.problems} if isinstance(error, Invalid) else set()
    if fields & {("password",), ("old_password",)}:
        count("password", str(viewer.user))


# sessions and tokens ----------------------------------------------------------------


@blueprint.post("/account/sessions")
def end_sessions() -> Response:
    """End one session, or all but this one."""
    sessions, found = catalogue.accounts.sessions, login.browser()
    with catalogue.database.write() as writing:
        user = catalogue.accounts.get(writing, viewer.user or 0)
        if said("which") == "others":
            sessions.end_others(writing, user, found.number if found else 0)
        else:
            sessions.end(writing, user, number(said("which")))
    return go("/account#sessions")


@blueprint.post("/account/tokens")
def make_token() -> Response:
    """Make a token, and show it this once."""
    days, reads_only = said("days").strip(), bool(said("reads_only"))
    try:
        if days and not (days.isascii() and days.isdigit() and len(days) < 6):
            raise Invalid([Problem(("days",), "Give a whole number of days, or nothing.")])
        with catalogue.database.write() as writing:
            user = catalogue.accounts.get(writing, viewer.user or 0)
            token, text = catalogue.accounts.tokens.make(
                writing,
                user,
                said("name"),
                days=int(days) if days else None,
                reads_only=reads_only,
            )
    except Invalid as error:
        return again(
            "account/account.html",
            error,
            **_all(),
            name=said("name"),
            days=days,
            reads_only=reads_only,
        )
    return page("account/token.html", token=token, text=text)


@blueprint.post("/account/tokens/revoke")
def revoke_token() -> Response:
    """Revoke a token."""
    with catalogue.database.write() as writing:
        user = catalogue.accounts.get(writing, viewer.user or 0)
        catalogue.accounts.tokens.revoke(writing, user, number(said("token")))
    return go("/account#tokens")


# leaving ----------------------------------------------------------------------------


@blueprint.get("/account/delete")
def leave() -> Response:
    """What deleting the account means, and the button."""
    return page("account/delete.html", problems=[], user=me())


@blueprint.post("/account/delete")
def delete() -> Response:
    """Delete the account, and sign out everywhere."""
    user = me()
    try:
        check("password", str(user.id))
        with catalogue.database.write() as writing:
            catalogue.accounts.delete(
                writing, catalogue.accounts.get(writing, user.id), said("password")
            )
    except CatalogueError as error:
        _count_wrong_password(error)
        return again("account/delete.html", error, user=user)
    flask.session.clear()
    flask.g.pop("viewer", None)
    return page("account/deleted.html")
