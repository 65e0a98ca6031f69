"""The feed of something saved: what its digests tell, the newest first.

Its address holds a secret and is for one reader.  Source: RFC 4287 (Atom).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from flask import Response

from catalogue.export import blueprint, xml
from catalogue.outcomes.saved.changed import KINDS, Told
from catalogue.outcomes.saved.models import Digest, Saved
from catalogue.profile.dates import instant
from catalogue.web.current import catalogue, last_change, session
from catalogue.web.linked import answer, digest
from catalogue.web.saved import feed_of, told
from catalogue.web.views import unlisted

_TYPE = "application/atom+xml"
#: How many items of one digest are entries.
_MOST = 50


@blueprint.get("/saved/<secret>.atom")
def saved_feed(secret: str) -> Response:
    """What changed in something saved, as an Atom feed; its address is the secret of one reader."""
    saved = catalogue.saved.by_secret(session, secret)
    state = digest((saved.id, saved.title, saved.told, last_change(), catalogue.version))
    response = answer(lambda: _feed(saved), f"{_TYPE}; charset=utf-8", f"saved-{state}")
    response.headers["Cache-Control"] = "private, no-cache"
    return unlisted(response)


def _feed(saved: Saved) -> str:
    base = catalogue.settings.public_address
    digests = catalogue.saved.digests(session, saved)
    content = (
        xml.text("id", _name(saved)),
        xml.text("title", f"{saved.title} – {catalogue.settings.title}"),
        xml.text("updated", instant(digests[0].at if digests else saved.created)),
        xml.element("link", "", {"rel": "self", "type": _TYPE, "href": feed_of(saved)}),
        xml.element(
            "link",
            "",
            {"rel": "alternate", "type": "text/html", "href": base + saved.address.lstrip("/")},
        ),
        xml.element("author", xml.text("name", catalogue.settings.title)),
        *(entry for one in digests for entry in _entries(saved, one)),
    )
    root = {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"}
    return xml.DECLARATION + xml.element("feed", content, root)


def _entries(saved: Saved, one: Digest) -> Iterator[str]:
    for place, each in enumerate(told(one, _MOST), start=1):
        yield _entry(f"{_name(saved)}/{one.id}/{place}", one.at, each)


def _entry(name: str, at: datetime, each: Told) -> str:
    page = f"{catalogue.settings.public_address}datasets/{each.slug}"
    return xml.element(
        "entry",
        (
            xml.text("id", name),
            xml.text("title", f"{KINDS[each.what]}: {each.title}"),
            xml.text("updated", instant(at)),
            xml.element("link", "", {"rel": "alternate", "type": "text/html", "href": page}),
            xml.element("category", "", {"term": each.what, "label": KINDS[each.what]}),
            xml.text("content", _content(each), {"type": "text"}),
        ),
    )


def _content(each: Told) -> str:
    lines = [each.fits] if each.fits else []
    lines += [
        f"{one.label}: {one.then} → {one.now}" if one.then else one.label for one in each.lines
    ]
    return "\n".join(lines) or KINDS[each.what]


def _name(saved: Saved) -> str:
    """A name that lasts and gives the secret away to nobody (RFC 4151)."""
    host = urlsplit(catalogue.settings.public_address).hostname or "localhost"
    return f"tag:{host},{saved.created:%Y-%m-%d}:saved/{saved.id}"
