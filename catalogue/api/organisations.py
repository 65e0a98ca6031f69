"""Organisations: who belongs to them, and who is asked to.

They lie below the account and not in the workspace: there, ``organisations`` are the records
about organisations, which have keys of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from catalogue.accounts.models import Invitation, Organisation
from catalogue.accounts.organisations import is_manager
from catalogue.api.account import memberships
from catalogue.api.account_forms import NewInvitation, NewRole
from catalogue.api.acting import Acting, personal, told
from catalogue.api.answers import absolute
from catalogue.api.copies import moment, number
from catalogue.api.operations import PREFIX, Example, Operation
from catalogue.api.parameters import Parameter, path
from catalogue.errors import Forbidden, NotFound
from catalogue.profile import Profile
from catalogue.web.current import catalogue
from catalogue.web.limits import count

_TAG = "Account"
_RULE = "/account/organisations/<slug:key>"
_LARGEST = 2**31 - 1
_USER_RULE, _INVITATION_RULE = (f"<int(max={_LARGEST}):{name}>" for name in ("user", "invitation"))
_KEY = path("key", "The `key` of an organisation you belong to.", maxLength=64)
_USER = number("user", "The number of a member.")
_INVITATION = number("invitation", "The `id` of an invitation.")
_ONE = {"key": "university-hospital"}


def _of_one(_: Profile) -> Sequence[Parameter]:
    return (_KEY,)


@personal(
    "/account/organisations",
    Operation("list_memberships", _TAG, "List your organisations", "Memberships"),
)
def every(acting: Acting) -> Response:
    """The organisations you belong to, and what you are there."""
    found = catalogue.accounts.organisations.of(acting.session, acting.viewer.user or 0)
    links = {"self": absolute(f"{PREFIX}/account/organisations"), "page": absolute("account")}
    return told({"items": memberships(found), "links": links})


@personal(
    f"{_RULE}/members",
    Operation(
        "list_members",
        _TAG,
        "List who belongs to an organisation",
        "Members",
        _of_one,
        lambda: [Example("", _ONE)],
        missing=True,
    ),
)
def members(acting: Acting, key: str) -> Response:
    """Who belongs to an organisation; addresses are told to those who manage it."""
    organisation = _seen(acting, key)
    manages = _manages(acting, organisation)
    found = catalogue.accounts.organisations.members(acting.session, organisation)
    return told(
        {
            "items": [
                {
                    "user": one.user_id,
                    "name": one.user.name,
                    "email": one.user.email if manages else "",
                    "role": one.role,
                }
                for one in found
            ]
        }
    )


@personal(
    f"{_RULE}/members/{_USER_RULE}",
    Operation(
        "change_role",
        _TAG,
        "Change what a member is",
        "Member",
        lambda profile: (_KEY, _USER),
        lambda: [Example("", {**_ONE, "user": "7"}, sent={"role": "editor"})],
        method="PUT",
        body=NewRole,
        missing=True,
    ),
)
def change_role(acting: Acting, key: str, user: int) -> Response:
    """Change what a member is; an organisation always keeps a manager."""
    organisation, role = _managed(acting, key), acting.said["role"]
    catalogue.accounts.organisations.change_role(
        acting.session, organisation, acting.user, user, role
    )
    person = catalogue.accounts.get(acting.session, user)
    return told({"user": person.id, "name": person.name, "email": person.email, "role": role})


@personal(
    f"{_RULE}/members/{_USER_RULE}",
    Operation(
        "remove_member",
        _TAG,
        "Let a member go",
        "",
        lambda profile: (_KEY, _USER),
        lambda: [Example("", {**_ONE, "user": "7"})],
        method="DELETE",
        missing=True,
        status=204,
    ),
)
def remove(acting: Acting, key: str, user: int) -> Response:
    """Let a member go, or leave yourself; an organisation always keeps a manager."""
    leaves = user == acting.viewer.user
    organisation = _seen(acting, key) if leaves else _managed(acting, key)
    catalogue.accounts.organisations.remove(acting.session, organisation, acting.user, user)
    return told(None, 204)


@personal(
    f"{_RULE}/invitations",
    Operation(
        "list_invitations",
        _TAG,
        "List who is invited",
        "Invitations",
        _of_one,
        lambda: [Example("", _ONE)],
        missing=True,
    ),
)
def invitations(acting: Acting, key: str) -> Response:
    """Who was asked to join and has not answered; for those who manage the organisation."""
    organisation = _managed(acting, key)
    found = catalogue.accounts.organisations.open_invitations(acting.session, organisation)
    return told({"items": [_invitation(one) for one in found]})


@personal(
    f"{_RULE}/invitations",
    Operation(
        "invite",
        _TAG,
        "Invite somebody",
        "Invitation",
        _of_one,
        lambda: [
            Example("", _ONE, sent={"email": "colleague@hospital.example", "role": "contributor"})
        ],
        method="POST",
        body=NewInvitation,
        missing=True,
        status=201,
        located=True,
    ),
)
def invite(acting: Acting, key: str) -> Response:
    """Ask somebody to join, by a mail; an earlier invitation of the address ends."""
    organisation, said = _managed(acting, key), acting.said
    count("invite", str(acting.viewer.user))
    count("mail", said["email"].strip().casefold()[:254])
    organisations = catalogue.accounts.organisations
    organisations.invite(acting.session, organisation, acting.user, said["email"], said["role"])
    made = organisations.open_invitations(acting.session, organisation)[0]
    location = absolute(f"{PREFIX}/account/organisations/{organisation.key}/invitations")
    return told(_invitation(made), 201, location=location)


@personal(
    f"{_RULE}/invitations/{_INVITATION_RULE}",
    Operation(
        "cancel_invitation",
        _TAG,
        "Take an invitation back",
        "",
        lambda profile: (_KEY, _INVITATION),
        lambda: [Example("", {**_ONE, "invitation": "1"})],
        method="DELETE",
        missing=True,
        status=204,
    ),
)
def cancel(acting: Acting, key: str, invitation: int) -> Response:
    """Take an invitation back: the link in its mail works no more."""
    organisation = _managed(acting, key)
    catalogue.accounts.organisations.cancel(acting.session, organisation, acting.user, invitation)
    return told(None, 204)


def _seen(acting: Acting, key: str) -> Organisation:
    """An organisation the asker belongs to; others are not told that there is one."""
    found = catalogue.accounts.organisations.get(acting.session, key)
    if found.id not in acting.viewer.roles and acting.viewer.role != "administrator":
        raise NotFound(f'There is no organisation "{key[:80]}".')
    return found


def _managed(acting: Acting, key: str) -> Organisation:
    """An organisation the asker manages."""
    found = _seen(acting, key)
    if not _manages(acting, found):
        raise Forbidden(f"Only managers of {found.name} see and decide who is to belong to it.")
    return found


def _manages(acting: Acting, organisation: Organisation) -> bool:
    return is_manager(acting.viewer, organisation)


def _invitation(one: Invitation) -> dict[str, Any]:
    return {
        "id": one.id,
        "email": one.email,
        "role": one.role,
        "at": moment(one.at),
        "expires": moment(one.expires),
    }
