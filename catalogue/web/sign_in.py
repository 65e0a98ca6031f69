"""Coming in: sign in and out, register, forgotten passwords, and the links of our mails.

A link of a mail shows a page with a button: programs that look through mails follow links,
and must not use them up.
"""

from __future__ import annotations

from flask import Response, request

from catalogue.accounts.models import User, folded
from catalogue.accounts.viewer import Viewer
from catalogue.errors import CatalogueError, Forbidden, Invalid, Problem, TooOften
from catalogue.web import login
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.guard import kept, own_path, sign_in_again, unpacked
from catalogue.web.limits import check, count, forgive, here
from catalogue.web.oidc import is_on
from catalogue.web.posted import again, go, said
from catalogue.web.views import page, pages

blueprint = pages("sign_in", __name__)
#: Where somebody goes who wanted to go nowhere else.
WORKSPACE = "/workspace"


@blueprint.app_context_processor
def _elsewhere() -> dict[str, object]:
    """Templates know whether one can sign in elsewhere."""
    return {"signs_in_elsewhere": is_on()}


@blueprint.get("/sign-in")
def sign_in() -> Response:
    """The form to sign in; who is in already goes on."""
    path = own_path(request.args.get("next", ""))
    if viewer.signed_in:
        return go(path or WORKSPACE)
    return page("account/sign_in.html", problems=[], email="", next=path, kept=[], lost=[])


@blueprint.post("/sign-in")
def enter() -> Response:
    """Sign in, and go on to where one wanted to go, with what one wrote."""
    email, password = said("email"), said("password")
    fields, path = kept()
    if not (viewer.signed_in and fields):  # else: signed in meanwhile, in another window
        try:
            _recognise(email, password)
        except CatalogueError as error:
            return _refused(error, email)
    if fields and path:
        return page("account/kept.html", fields=unpacked(fields), path=path)
    return go(own_path(said("next")) or path or WORKSPACE)


def _recognise(email: str, password: str) -> None:
    """Sign somebody in; the same time, words and entries for addresses with and without account."""
    attempts = (("sign-in from an address", here()), ("sign-in to an account", folded(email)[:254]))
    for what, whose in attempts:
        check(what, whose)
    user = catalogue.accounts.recognise(session, email, password)
    if user is None:
        for what, whose in attempts:
            count(what, whose)
        with catalogue.database.write() as writing:
            catalogue.accounts.refuse(writing, email)
        raise Invalid([Problem(("email",), "E-mail address or password is not right.")])
    forgive(*attempts[1])
    login.sign_in(user, password=password)


def _refused(error: CatalogueError, email: str) -> Response:
    fields, path = kept()
    if not fields:
        return again(
            "account/sign_in.html",
            error,
            email=email,
            next=own_path(said("next")),
            kept=[],
            lost=[],
        )
    problems = error.problems if isinstance(error, Invalid) else [Problem((), str(error))]
    response = sign_in_again(fields, path, email=email, problems=problems)
    if isinstance(error, TooOften):
        response.status_code = error.status
        response.headers["Retry-After"] = str(error.wait)
    return response


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Sign out, in this browser."""
    login.sign_out()
    return go("/")


# registering ------------------------------------------------------------------------


@blueprint.get("/register")
def register() -> Response:
    """The form to ask for an account."""
    return page("account/register.html", problems=[], name="", email="")


@blueprint.post("/register")
def ask_for_account() -> Response:
    """Send a mail to the address; the answer is the same whether or not it has an account."""
    name, email = said("name"), said("email")
    try:
        count("register", here())
        count("mail", folded(email)[:254])
        with catalogue.database.write() as writing:
            catalogue.accounts.register(writing, name, email)
    except (Invalid, TooOften) as error:
        return again("account/register.html", error, name=name, email=email)
    return page("account/sent.html", title="Look into your mails", purpose="confirm")


@blueprint.get("/confirm/<token>")
def confirm(token: str) -> Response:
    """The form to confirm an address and choose a password."""
    user = catalogue.accounts.to_confirm(session, token)
    return page("account/password.html", problems=[], user=user, purpose="confirm")


@blueprint.post("/confirm/<token>")
def confirmed(token: str) -> Response:
    """Confirm the address and set the first password; who does that is in."""
    try:
        with catalogue.database.write() as writing:
            user = catalogue.accounts.confirm(writing, token, said("password"))
    except Invalid as error:
        user = catalogue.accounts.to_confirm(session, token)
        return again("account/password.html", error, user=user, purpose="confirm")
    return _in(user, "confirm")


def _in(user: User, how: str, path: str = WORKSPACE) -> Response:
    login.sign_in(user, how)
    return go(path)


# forgotten --------------------------------------------------------------------------


@blueprint.get("/forgotten")
def forgotten() -> Response:
    """The form to ask for a new password."""
    return page("account/forgotten.html", problems=[], email="")


@blueprint.post("/forgotten")
def ask_for_password() -> Response:
    """Send a link, if there is an account; the answer is the same if there is none."""
    email = said("email")
    try:
        count("forgotten", here())
        count("mail", folded(email)[:254])
        with catalogue.database.write() as writing:
            catalogue.accounts.forgotten(writing, email)
    except (Invalid, TooOften) as error:
        return again("account/forgotten.html", error, email=email)
    return page("account/sent.html", title="Look into your mails", purpose="reset")


@blueprint.get("/reset/<token>")
def reset(token: str) -> Response:
    """The form to choose a new password."""
    user = catalogue.accounts.to_reset(session, token)
    return page("account/password.html", problems=[], user=user, purpose="reset")


@blueprint.post("/reset/<token>")
def set_password(token: str) -> Response:
    """Set the new password; who does that is in, and everybody else is out."""
    try:
        with catalogue.database.write() as writing:
            user = catalogue.accounts.reset(writing, token, said("password"))
    except Invalid as error:
        user = catalogue.accounts.to_reset(session, token)
        return again("account/password.html", error, user=user, purpose="reset")
    return _in(user, "reset")


# invitations ------------------------------------------------------------------------


@blueprint.get("/invitation/<token>")
def invitation(token: str) -> Response:
    """An invitation to an organisation: to accept or to decline."""
    return page("account/invitation.html", problems=[], name="", **_invited(token))


def _invited(token: str) -> dict[str, object]:
    """The invitation, and whether it is for whoever looks, another account, or somebody new."""
    found = catalogue.accounts.organisations.invitation(session, token)
    there = catalogue.accounts.by_email(session, found.email)
    return {
        "invitation": found,
        "is_mine": _is(viewer, there),
        "has_account": there is not None and there.confirmed is not None,
        "path": request.path,
    }


def _is(viewer: Viewer, user: User | None) -> bool:
    return user is not None and viewer.user == user.id


@blueprint.post("/invitation/<token>")
def answer(token: str) -> Response:
    """Accept an invitation, by an account that is made if need be, or decline it."""
    accounts = catalogue.accounts
    if said("answer") == "decline":
        with catalogue.database.write() as writing:
            accounts.organisations.decline(writing, token)
        return page("account/declined.html")
    invited = _invited(token)
    if not invited["is_mine"] and (viewer.signed_in or invited["has_account"]):
        raise Forbidden(
            "This invitation was sent to another e-mail address than that of your account. "
            "Sign in with that address first, or ask for an invitation to yours."
        )
    if invited["is_mine"]:
        with catalogue.database.write() as writing:
            user = accounts.get(writing, viewer.user or 0)
            key = accounts.organisations.accept(writing, token, user).key
        return go(f"/account/organisations/{key}")
    try:
        with catalogue.database.write() as writing:
            key = accounts.organisations.invitation(writing, token).organisation.key
            user = accounts.join(writing, token, said("name"), said("password"))
    except Invalid as error:
        return again("account/invitation.html", error, name=said("name"), **invited)
    return _in(user, "invitation", f"/account/organisations/{key}")
