"""Signing in elsewhere: OpenID Connect, authorization code with PKCE, state and nonce.

Authlib speaks the protocol; it is an extra, and this module does nothing without the setting.
Which account an identity belongs to is decided in ``accounts/identities.py``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import flask
import structlog
from flask import Flask, Response, current_app, request

from catalogue.accounts import identities
from catalogue.errors import CatalogueError, FaultyTable, Forbidden, NotFound, Unavailable
from catalogue.web import login
from catalogue.web.current import catalogue
from catalogue.web.guard import own_path
from catalogue.web.limits import count, here
from catalogue.web.posted import go
from catalogue.web.views import page, pages

log = structlog.get_logger()
blueprint = pages("oidc", __name__)
_PATIENCE = 10
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: Signatures that only the provider can make; with others the client could.
_ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)


def init_app(app: Flask) -> None:
    """Set an application up for the provider of the settings, if there is one."""
    settings = app.extensions["catalogue"].settings
    issuer = settings.oidc_issuer
    if not issuer:
        return
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise FaultyTable(f"CATALOGUE_OIDC_ISSUER: {issuer!r} must begin with https://")
    if not settings.oidc_client_id:
        raise FaultyTable("CATALOGUE_OIDC_CLIENT_ID: is needed with CATALOGUE_OIDC_ISSUER")
    try:
        from authlib.integrations.flask_client import OAuth
    except ImportError:
        raise FaultyTable(
            "CATALOGUE_OIDC_ISSUER: needs the extra oidc: pip install '.[oidc]'"
        ) from None
    app.extensions["catalogue.oidc"] = OAuth(app).register(
        "oidc",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret or None,
        server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": _PATIENCE,
            **({} if settings.oidc_client_secret else {"token_endpoint_auth_method": "none"}),
        },
    )


def is_on() -> bool:
    """Whether one can sign in elsewhere."""
    return "catalogue.oidc" in current_app.extensions


@blueprint.get("/sign-in/elsewhere")
def leave() -> Response:
    """Go to the provider, to sign in there."""
    client = _client()
    for name in [name for name in flask.session if name.startswith("_state_oidc_")]:
        flask.session.pop(name)  # one attempt at a time: a cookie holds little
    flask.session["next"] = own_path(request.args.get("next", ""))
    try:
        _read_metadata(client)
        return client.authorize_redirect(_way_back())  # type: ignore[no-any-return]
    except Exception as error:  # whatever goes wrong there, one can sign in here
        return _failed(error)


@blueprint.get("/sign-in/answer")
def come_back() -> Response:
    """Come back from the provider, signed in or not."""
    client = _client()
    try:
        count("sign-in from an address", here())
        claims = _claims(client)
        with catalogue.database.write() as writing:
            user = identities.user_of(catalogue.accounts, writing, claims)
        path = own_path(str(flask.session.get("next") or ""))
        login.sign_in(user, "provider")
    except Exception as error:
        return _failed(error)
    return go(path or "/workspace")


def _client() -> Any:
    if not is_on():
        raise NotFound("One cannot sign in elsewhere here.")
    return current_app.extensions["catalogue.oidc"]


def _way_back() -> str:
    return catalogue.settings.public_address + "sign-in/answer"


def _read_metadata(client: Any) -> dict[str, Any]:
    """What the provider says of itself; it must be the one that was asked (Discovery, 4.3)."""
    metadata: dict[str, Any] = client.load_server_metadata()
    wanted = catalogue.settings.oidc_issuer
    if str(metadata.get("issuer", "")).rstrip("/") != wanted.rstrip("/"):
        client.server_metadata.clear()
        raise Forbidden("The provider calls itself by another name than the one set up here.")
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [
        one for one in offered if one in _ALGORITHMS
    ]
    return metadata


def _claims(client: Any) -> dict[str, Any]:
    """The checked claims: signature, issuer, audience, nonce, times; then what is known of them."""
    metadata = _read_metadata(client)
    # Whose answer this is (RFC 9207); of another provider it must not be redeemed here.
    if request.args.get("iss", metadata["issuer"]) != metadata["issuer"]:
        raise Forbidden("The answer came from another provider than the one that was asked.")
    token = client.authorize_access_token()
    claims = dict(token.get("userinfo") or {})
    if not claims.get("sub"):
        raise Forbidden("The provider did not say who you are.")
    if "email" not in claims and metadata.get("userinfo_endpoint"):
        more = client.userinfo(token=token)
        if more.get("sub") != claims["sub"]:  # Core, 5.3.2
            raise Forbidden("The provider gave two different answers to who you are.")
        claims = {**more, **claims}
    return claims


def _failed(error: Exception) -> Response:
    """A page for what went wrong.  What the provider says of it goes to the log only."""
    if not isinstance(error, CatalogueError):
        error = _in_our_words(error)
    response = page("account/elsewhere.html", title=error.title, detail=str(error))
    response.status_code = error.status
    return response


def _in_our_words(error: Exception) -> CatalogueError:
    import requests
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    log.warning("sign-in elsewhere failed", kind=type(error).__name__, error=_short(error))
    if isinstance(error, requests.RequestException):
        return Unavailable("The provider does not answer just now. Try again in a few minutes.")
    if getattr(error, "error", "") == "access_denied":
        return Forbidden("You did not sign in there, or did not let it tell us who you are.")
    if getattr(error, "error", "") == "mismatching_state":
        return Forbidden(
            "This answer is not to a question of this browser, or is too old. Try again."
        )
    if isinstance(error, AuthlibBaseError | JoseError):
        return Forbidden("The answer of the provider could not be checked. Try again.")
    raise error


def _short(error: Exception) -> str:
    return str(getattr(error, "error", "") or type(error).__name__)[:80]
