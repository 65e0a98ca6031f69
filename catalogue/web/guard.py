"""Who may come through the door: requests of our own pages, and those who signed in.

Against forged requests there are no tokens in forms, which would make every page a page of
its own: browsers say where a request comes from, and what changes something must come from
us.  A program says who it is with a token, which no browser sends by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from flask import Flask, Response, redirect, request

from catalogue.errors import Forbidden, NotSignedIn
from catalogue.web.current import catalogue, viewer
from catalogue.web.errors import wants_page
from catalogue.web.login import INTERFACE
from catalogue.web.views import page

#: Pages that are for one person: no cache keeps them, not even the browser's.
PRIVATE = (
    "/workspace",
    "/account",
    "/admin",
    "/harvest",
    "/sign-in",
    "/register",
    "/confirm",
    "/forgotten",
    "/reset",
    "/invitation",
    "/enquiries",
    "/saved",
    "/unsubscribe",
    "/checks",
)
_SAFE = ("GET", "HEAD", "OPTIONS")
#: Where POST only asks, because a question is long or a protocol wants it: it changes nothing,
#: and what it answers is the same for everybody.
_QUESTIONS = ("/oai", "/sparql")
#: Where a signed link is all that is needed: mail programs ask by POST from anywhere (RFC 8058).
_BY_LINK = ("/unsubscribe/",)
#: What a form that waits for its writer to sign in again is kept under.
_KEPT, KEPT_FOR = "kept:", "kept-for"


def init_app(app: Flask) -> None:
    """Guard an application."""
    app.before_request(_refuse_what_is_forged)
    app.after_request(_keep_private)


# forged requests --------------------------------------------------------------------


def _refuse_what_is_forged() -> None:
    if request.method in _SAFE or request.routing_exception is not None:
        return
    if request.path in _QUESTIONS or request.path.startswith(_BY_LINK):
        return
    if request.path.startswith(INTERFACE):
        return  # cookies are not heeded there, and no browser sends a token by itself
    if not _is_ours():
        raise Forbidden(
            "This request did not come from a page of this catalogue, so nothing was changed. "
            "Open the page here and try again; if your browser hides where requests come from, "
            "allow it to tell this site."
        )


def _is_ours() -> bool:
    """Whether a request comes from a page of ours, or from the address bar.

    Browsers that say so in ``Sec-Fetch-Site`` are believed, whatever else they say.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return _origin(said) in (_origin(catalogue.settings.public_address), _origin(request.host_url))


def _origin(address: str) -> tuple[str, str] | None:
    parts = urlsplit(address)
    ports = {"http": ":80", "https": ":443"}
    if parts.scheme not in ports or not parts.netloc:
        return ("", address)  # of nobody; never equal to one of ours
    return parts.scheme, parts.netloc.lower().removesuffix(ports[parts.scheme])


# signed in only ---------------------------------------------------------------------


def signed_in_only() -> Response | None:
    """For ``before_request`` of a blueprint: who is not signed in does that first.

    What somebody wrote is not lost when the session ends meanwhile: the form comes along
    through the sign-in.
    """
    if viewer.signed_in:
        return None
    if not wants_page():
        raise NotSignedIn("Your session has ended. Sign in again.")
    if request.method in _SAFE:
        return redirect(f"/sign-in?next={quote(_asked(), safe='/')}", 303)  # type: ignore[return-value]
    return sign_in_again(
        [
            (f"{_KEPT}{name}", value)
            for name, value in request.form.items(multi=True)
            if _keeps(name)
        ],
        _asked(),
        lost=[file.filename for file in request.files.values() if file.filename],
    )


def sign_in_again(
    kept: Sequence[tuple[str, str]], path: str, lost: Sequence[str | None] = (), **context: object
) -> Response:
    """The sign-in form, with what somebody wrote kept in it."""
    response = page(
        "account/sign_in.html",
        kept=[*kept, (KEPT_FOR, path)],
        lost=lost,
        next="",
        **{"problems": [], "email": "", **context},
    )
    response.status_code = 401
    response.headers["WWW-Authenticate"] = 'Form realm="catalogue"'
    return response


def kept() -> tuple[Sequence[tuple[str, str]], str]:
    """What was kept in a sign-in form, under the names it has there, and where it was going."""
    fields = [one for one in request.form.items(multi=True) if one[0].startswith(_KEPT)]
    return fields, own_path(request.form.get(KEPT_FOR, ""))


def unpacked(fields: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The kept fields under the names they had."""
    return [(name.removeprefix(_KEPT), value) for name, value in fields]


def own_path(said: str) -> str:
    """A path of ours; empty if what was said would lead elsewhere."""
    if not said.startswith("/") or said.startswith("//") or "\\" in said or not said.isprintable():
        return ""
    return said


def _keeps(name: str) -> bool:
    """Passwords are not written into pages."""
    return "password" not in name


def _asked() -> str:
    """The path that was asked for with its query, as an address holds them."""
    query = quote(request.query_string, safe="%=&+;/?:@,!$'()*~")
    return quote(request.path) + (f"?{query}" if query else "")


# caches -----------------------------------------------------------------------------


def _keep_private(response: Response) -> Response:
    if request.path.startswith(PRIVATE):
        response.headers["Cache-Control"] = "private, no-store"
        if "token" in (request.view_args or ()):
            response.headers["Referrer-Policy"] = "same-origin"  # the address is the secret
    return response
