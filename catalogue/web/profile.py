"""The profile to read: every class and property, drawn from the tables."""

from __future__ import annotations

from flask import Response

from catalogue.web.current import catalogue
from catalogue.web.views import missing, page, pages

blueprint = pages("profile", __name__)


@blueprint.get("/profile")
def every() -> Response:
    """The profile: its parts, and its classes."""
    return page("profile/list.html", profile=catalogue.profile)


@blueprint.get("/profile/<slug:name>")
def show(name: str) -> Response:
    """One class with each of its properties."""
    if name not in catalogue.profile:
        raise missing(f'There is no class "{name[:80]}" in the profile.')
    shape = catalogue.profile[name]
    used = [
        (other, one)
        for other in catalogue.profile.values()
        for one in other
        if name in (*getattr(one.value, "targets", ()), one.value.values)
    ]
    return page("profile/show.html", profile=catalogue.profile, shape=shape, used=used)
