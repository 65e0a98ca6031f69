"""Organisations for those who belong to them: members, what they are, invitations."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request

from catalogue.accounts.models import Organisation
from catalogue.accounts.organisations import is_manager
from catalogue.accounts.viewer import ROLES
from catalogue.errors import BadRequest, CatalogueError, Forbidden, Invalid, NotFound
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.guard import signed_in_only
from catalogue.web.limits import count
from catalogue.web.posted import again, go, number, said
from catalogue.web.views import page, pages

blueprint = pages("organisations", __name__)
blueprint.before_request(signed_in_only)
#: What each role means, in a sentence.
MEANINGS = {
    "reader": "sees drafts",
    "contributor": "writes drafts",
    "editor": "writes and publishes",
    "manager": "publishes, and decides who belongs to the organisation",
}


@blueprint.get("/account/organisations/new")
def new() -> Response:
    """The form to make an organisation."""
    return page("account/new_organisation.html", problems=[], name="")


@blueprint.post("/account/organisations/new")
def make() -> Response:
    """Make an organisation; who makes it manages it, and says next how people reach it."""
    try:
        with catalogue.database.write() as writing:
            user = catalogue.accounts.get(writing, viewer.user or 0)
            made = catalogue.accounts.organisations.make(writing, user, said("name"))
            holder = catalogue.workspace.holder(writing, viewer, made)
    except Invalid as error:
        return again("account/new_organisation.html", error, name=said("name"))
    flash(f"{made.name} is here. Say how people reach it; then describe its data.")
    return go(f"/workspace/{holder.removeprefix('id/')}/first")


@blueprint.get("/account/organisations/<slug:key>")
def show(key: str) -> Response:
    """Who belongs to an organisation, and who is invited."""
    return page("account/organisation.html", problems=[], email="", role="", **_all(key))


def _all(key: str) -> dict[str, Any]:
    organisations = catalogue.accounts.organisations
    found = organisations.get(session, key)
    if found.id not in viewer.roles and not is_manager(viewer, found):
        # Who belongs to what is not told to others; nor whether there is such an organisation.
        raise NotFound(f'There is no organisation "{key[:80]}".')
    return {
        "organisation": found,
        "members": organisations.members(session, found),
        "invitations": organisations.open_invitations(session, found),
        "manages": is_manager(viewer, found),
        "roles": {role: MEANINGS[role] for role in ROLES},
    }


@blueprint.post("/account/organisations/<slug:key>")
def change(key: str) -> Response:
    """Invite, take an invitation back, change what a member is, or let a member go."""
    shown = _all(key)
    organisation: Organisation = shown["organisation"]
    what = said("do")
    leaves = what == "remove" and said("user") == str(viewer.user)
    if not (shown["manages"] or leaves):
        raise Forbidden(f"Only managers of {organisation.name} may change who belongs to it.")
    try:
        _change(organisation, what)
    except CatalogueError as error:
        if isinstance(error, BadRequest):
            raise
        return again(
            "account/organisation.html", error, email=said("email"), role=said("role"), **shown
        )
    return go("/account" if leaves else request.path)


def _change(organisation: Organisation, what: str) -> None:
    organisations = catalogue.accounts.organisations
    if what == "invite":
        count("invite", str(viewer.user))
        count("mail", said("email").strip().casefold()[:254])
    with catalogue.database.write() as writing:
        by = catalogue.accounts.get(writing, viewer.user or 0)
        if what == "invite":
            organisations.invite(writing, organisation, by, said("email"), said("role"))
        elif what == "cancel":
            organisations.cancel(writing, organisation, by, number(said("invitation")))
        elif what == "role":
            organisations.change_role(writing, organisation, by, number(said("user")), said("role"))
        elif what == "remove":
            organisations.remove(writing, organisation, by, number(said("user")))
        else:
            raise BadRequest("The form was not whole. Go back and try again.")
