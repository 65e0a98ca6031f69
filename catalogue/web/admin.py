"""For administrators: the accounts, and what was done."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy import func, select

from catalogue.accounts import audit
from catalogue.accounts.accounts import ADMINISTRATOR
from catalogue.accounts.models import User
from catalogue.accounts.viewer import ROLES_OVER_ALL
from catalogue.errors import BadRequest, CatalogueError, Forbidden
from catalogue.records.models import PUBLISHED, Record
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.guard import own_path, signed_in_only
from catalogue.web.posted import again, go, number, said
from catalogue.web.views import Paged, page, page_number, pages

blueprint = pages("admin", __name__)
_SIZE = 50


@blueprint.before_request
def only_for_administrators() -> Response | None:
    """Others are told so; those who are nobody yet sign in."""
    if response := signed_in_only():
        return response
    if viewer.role != ADMINISTRATOR:
        raise Forbidden("Only administrators may see this.")
    return None


@blueprint.get("/admin/users")
def users() -> Response:
    """Accounts, found by words in name or address."""
    return page("account/users.html", problems=[], **_found())


def _found() -> dict[str, object]:
    words, at = request.args.get("q", "").replace("\0", "")[:200], page_number()
    found = catalogue.accounts.search(words)
    total = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    items = session.scalars(found.limit(_SIZE).offset((at - 1) * _SIZE)).all()
    return {
        "q": words,
        "roles": ROLES_OVER_ALL,
        "paged": Paged(items, total, at, _SIZE),
        "here": request.full_path.rstrip("?"),
    }


@blueprint.post("/admin/users")
def change_user() -> Response:
    """Give a role, block or unblock."""
    accounts, what = catalogue.accounts, said("do")
    try:
        with catalogue.database.write() as writing:
            user: User = accounts.get(writing, number(said("user")))
            if what == "role":
                accounts.give_role(writing, user, said("role"), viewer)
            elif what == "block":
                accounts.block(writing, user, viewer)
            elif what == "unblock":
                accounts.unblock(writing, user, viewer)
            else:
                raise BadRequest("The form was not whole. Go back and try again.")
    except BadRequest:
        raise
    except CatalogueError as error:
        return again("account/users.html", error, **_found())
    return go(own_path(request.full_path.rstrip("?")) or "/admin/users")


@blueprint.get("/admin/audit")
def log() -> Response:
    """What was done that bears on safety, newest first; of one person, of one action."""
    at, action = page_number(), request.args.get("action", "")
    about = request.args.get("user", "")
    found = audit.entries(
        number(about) if about else None, action if action in audit.ACTIONS else ""
    )
    items = session.scalars(found.limit(_SIZE).offset((at - 1) * _SIZE)).all()
    return page(
        "account/audit.html",
        paged=Paged(items, audit.count(session, found), at, _SIZE),
        actions=audit.ACTIONS,
        action=action,
        user=about,
    )


@blueprint.get("/admin/networks")
def networks() -> Response:
    """Which networks review records before they are published."""
    listed = session.scalars(
        select(Record)
        .where(Record.kind == "catalogue", Record.state == PUBLISHED)
        .order_by(Record.title)
    ).all()
    return page(
        "account/networks.html",
        networks=listed,
        policies={
            one.catalogue: one.review for one in catalogue.workspace.policies(session, viewer)
        },
        default=catalogue.settings.review,
    )


@blueprint.post("/admin/networks")
def change_network() -> Response:
    """Say whether a network reviews; nothing said leaves it to the setting."""
    with catalogue.database.write() as writing:
        network = catalogue.records.get(writing, "catalogue", said("network"))
        review = {"yes": True, "no": False}.get(said("review"))
        catalogue.workspace.set_policy(writing, viewer, network.iri, review)
    return go("/admin/networks")
