"""Saved searches and questions: what one follows, what changed in it, and the way out of mails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, request, url_for

from catalogue.errors import BadRequest, CatalogueError, Invalid, TooOften
from catalogue.outcomes.asking import QUESTION
from catalogue.outcomes.saved.changed import KINDS, Item, Told
from catalogue.outcomes.saved.models import Digest, Saved
from catalogue.outcomes.saved.saved import OFTEN, WEEKLY, SavedAlready
from catalogue.web.current import catalogue, close_session, session, viewer
from catalogue.web.guard import signed_in_only
from catalogue.web.limits import check, count, here
from catalogue.web.posted import again, go, said
from catalogue.web.views import page, pages

blueprint = pages("saved", __name__)
#: How many items of one digest the page tells at once.
_MOST_ITEMS = 100


@blueprint.before_request
def only_for_people() -> Response | None:
    """All but the links of mails is for those who are signed in."""
    return None if request.endpoint in _BY_LINK else signed_in_only()


_BY_LINK = ("saved.leave", "saved.unsubscribe")


@blueprint.get("/saved")
def every() -> Response:
    """The searches and questions that one follows."""
    found = catalogue.saved.of(session, viewer.user or 0)
    kept = [one for one in found if one.deleted is None]
    return page("saved/list.html", kept=kept, deleted=found[len(kept) :], often=OFTEN)


@blueprint.get("/saved/new")
def new() -> Response:
    """The form to save a search or question: its name in words, and how often to tell of it."""
    answers = catalogue.saved.answers(session, _asked(request.args.get("asked", "")))
    if held := catalogue.saved.same(session, viewer.user or 0, answers.address):
        return _there_is(held.id, held.title)
    return page("saved/new.html", problems=[], **_form(answers, answers.title, WEEKLY))


@blueprint.post("/saved/new")
def save() -> Response:
    """Save a search or question, from the answers on that it has now."""
    answers = catalogue.saved.answers(session, _asked(said("asked")))
    title, often = said("title"), said("often")
    try:
        count("save", str(viewer.user))
        with catalogue.database.write() as writing:
            made = catalogue.saved.save(writing, viewer.user or 0, answers, title, often)
    except SavedAlready as there:
        return _there_is(there.number, there.named)
    except CatalogueError as error:
        return again("saved/new.html", error, **_form(answers, title, often))
    flash(f"Saved. {_WHEN[made.often]}")
    return go(url_for("saved.show", number=made.id))


def _there_is(number: int, title: str) -> Response:
    """Lead to what asks the same; nothing is saved twice."""
    flash(f"You follow this already, as “{title}”: here it is. Nothing was saved twice.")
    return go(url_for("saved.show", number=number))


_WHEN = {
    "daily": "You will get a mail on every day on which something changed.",
    "weekly": "You will get a mail in every week in which something changed.",
    "monthly": "You will get a mail in every month in which something changed.",
    "never": "Its feed tells what changes.",
}


def _asked(address: str) -> str:
    if not address:
        raise BadRequest("Say what to save: open a search or question and choose “Save”.")
    return address


def _form(answers: Any, title: str, often: str) -> dict[str, Any]:
    return {
        "answers": answers,
        "title": title,
        "chosen": often,
        "often": OFTEN,
        "is_question": answers.address.startswith(QUESTION),
    }


@blueprint.get("/saved/<int(max=2147483647):number>")
def show(number: int) -> Response:
    """One that is followed: what changed in it, how often it is told, and its feed."""
    return _page(_mine(number))


def _mine(number: int) -> Saved:
    return catalogue.saved.get(session, viewer.user or 0, number)


def _page(saved: Saved, error: CatalogueError | None = None, **given: str) -> Response:
    context = {
        "saved": saved,
        "often": OFTEN,
        "title": given.get("title", saved.title),
        "chosen": given.get("often", saved.often),
        "digests": [(one, told(one)) for one in catalogue.saved.digests(session, saved)],
        "kinds": KINDS,
        "feed": feed_of(saved),
    }
    if error is not None:
        return again("saved/show.html", error, **context)
    return page("saved/show.html", problems=[], **context)


def told(digest: Digest, most: int = _MOST_ITEMS) -> Sequence[Told]:
    """What a digest says, as far as the world may know of it today."""
    items = [Item.of(row) for row in digest.items[:most]]
    return catalogue.telling.tell(session, items)


def feed_of(saved: Saved) -> str:
    """The whole address of a feed; whoever has it can read it."""
    return f"{catalogue.settings.public_address}saved/{saved.secret}.atom"


@blueprint.post("/saved/<int(max=2147483647):number>")
def change(number: int) -> Response:
    """Call one something else, or tell of it more or less often."""
    title, often = said("title"), said("often")
    try:
        with catalogue.database.write() as writing:
            found = catalogue.saved.get(writing, viewer.user or 0, number)
            catalogue.saved.change(writing, found, title, often)
    except Invalid as error:
        return _page(_mine(number), error, title=title, often=often)
    flash("Changed.")
    return go(url_for("saved.show", number=number))


@blueprint.post("/saved/<int(max=2147483647):number>/pause")
def pause(number: int) -> Response:
    """Tell nothing of one for a while, or go on."""
    paused = said("paused") == "yes"
    with catalogue.database.write() as writing:
        catalogue.saved.pause(catalogue.saved.get(writing, viewer.user or 0, number), paused)
    flash(
        "Paused. What changes meanwhile is told at once when you go on."
        if paused
        else "It goes on."
    )
    return go(url_for("saved.show", number=number))


@blueprint.post("/saved/<int(max=2147483647):number>/run")
def run(number: int) -> Response:
    """Look now for what changed since the last digest; no mail is sent."""
    saved = _mine(number)
    try:
        count("look", str(viewer.user))
        close_session(None)
        made = catalogue.digests.now(saved.id)
    except (Invalid, TooOften) as error:
        return _page(_mine(number), error)
    close_session(None)
    flash("Looked just now: this changed." if made else "Looked just now: nothing has changed.")
    return go(url_for("saved.show", number=number))


@blueprint.post("/saved/<int(max=2147483647):number>/delete")
def delete(number: int) -> Response:
    """Follow one no longer; that can be taken back for a day."""
    with catalogue.database.write() as writing:
        found = catalogue.saved.get(writing, viewer.user or 0, number)
        catalogue.saved.delete(found)
        title = found.title
    flash(f"“{title}” was deleted. You can take that back until tomorrow.")
    return go(url_for("saved.every"))


@blueprint.post("/saved/<int(max=2147483647):number>/undo")
def undo(number: int) -> Response:
    """Follow one again that was deleted."""
    with catalogue.database.write() as writing:
        found = catalogue.saved.get(writing, viewer.user or 0, number, deleted=True)
        try:
            catalogue.saved.restore(writing, found)
        except SavedAlready as there:
            return _there_is(there.number, there.named)
    flash("It is there again.")
    return go(url_for("saved.show", number=number))


# the way out of mails -------------------------------------------------------------------


@blueprint.get("/unsubscribe/<token>")
def leave(token: str) -> Response:
    """A button to get no more mails: programs that look through mails follow links."""
    return page("saved/unsubscribe.html", saved=_linked(token), done=False)


@blueprint.post("/unsubscribe/<token>")
def unsubscribe(token: str) -> Response:
    """Send no more mails of one thing saved; also asked by mail programs (RFC 8058)."""
    found = _linked(token)
    if found is not None:
        with catalogue.database.write() as writing:
            kept = catalogue.saved.by_link(writing, token)
            if kept is not None:
                catalogue.saved.unsubscribe(kept)
    return page("saved/unsubscribe.html", saved=found, done=True)


def _linked(token: str) -> Saved | None:
    check("token", here())
    try:
        return catalogue.saved.by_link(session, token)
    except CatalogueError:
        count("token", here())  # somebody who guesses
        raise
