"""Who asks, and the tokens by which programs ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response

from catalogue.accounts.models import Membership, Token
from catalogue.api.account_forms import NewToken
from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import absolute
from catalogue.api.copies import NUMBER_RULE, moment, number
from catalogue.api.operations import PREFIX, Example, Operation
from catalogue.web.current import catalogue

_TAG = "Account"


@personal("/account", Operation("read_account", _TAG, "Read who you are", "Account"))
def show(acting: Acting) -> Response:
    """Who you are, what you may do, and the organisations you belong to."""
    user, viewer = acting.user, acting.viewer
    return told(
        {
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "role": user.role,
            "reads_only": viewer.reads_only,
            "organisations": memberships(
                catalogue.accounts.organisations.of(acting.session, user.id)
            ),
            "links": {
                "self": absolute(f"{PREFIX}/account"),
                "page": absolute("account"),
                "workspace": absolute(f"{PREFIX}/workspace"),
            },
        }
    )


def memberships(found: Iterable[Membership]) -> list[dict[str, Any]]:
    """The organisations somebody belongs to."""
    return [
        {
            "key": one.organisation.key,
            "name": one.organisation.name,
            "role": one.role,
            "agent": one.organisation.agent,
            "links": {
                name: absolute(f"{PREFIX}/account/organisations/{one.organisation.key}/{name}")
                for name in ("members", "invitations")
            },
        }
        for one in found
    ]


@personal("/account/tokens", Operation("list_tokens", _TAG, "List your tokens", "Tokens"))
def tokens(acting: Acting) -> Response:
    """Your tokens that were not revoked, without their texts, which nobody can show again."""
    found = catalogue.accounts.tokens.of(acting.session, acting.viewer.user or 0)
    return told({"items": [_token(one) for one in found]})


@personal(
    "/account/tokens",
    Operation(
        "make_token",
        _TAG,
        "Make a token",
        "MadeToken",
        examples=lambda: [Example("", sent={"name": "Nightly export", "days": 90})],
        method="POST",
        body=NewToken,
        status=201,
        located=True,
    ),
    secret="token",  # noqa: S106 - the name of a member
)
def make(acting: Acting) -> Response:
    """Make a token. Its text is in this answer and in no other, also not in a repeated one."""
    said = acting.said
    token, text = catalogue.accounts.tokens.make(
        acting.session,
        acting.user,
        said["name"],
        days=said.get("days"),
        reads_only=said.get("reads_only", False),
    )
    location = absolute(f"{PREFIX}/account/tokens")
    return told({**_token(token), "token": text}, 201, location=location)


@personal(
    f"/account/tokens/{NUMBER_RULE}",
    Operation(
        "revoke_token",
        _TAG,
        "Revoke a token",
        "",
        lambda profile: (number("number", "The `id` of a token."),),
        lambda: [Example("", {"number": "1"})],
        method="DELETE",
        missing=True,
        status=204,
    ),
)
def revoke(acting: Acting, number: int) -> Response:
    """Make a token worthless, at once and for ever."""
    catalogue.accounts.tokens.revoke(acting.session, acting.user, number)
    return told(None, 204)


def _token(one: Token) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "ending": one.ending,
        "reads_only": one.reads_only,
        "created": moment(one.created),
        "expires": moment(one.expires),
        "used": moment(one.used),
    }
