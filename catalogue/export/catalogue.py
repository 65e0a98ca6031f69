"""The catalogue for other portals, page by page: the network, each catalogue, each organisation."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from catalogue.changes import mark
from catalogue.errors import BadRequest, Problem
from catalogue.export import blueprint
from catalogue.profile.dates import start_of
from catalogue.rdf.listing import NETWORK, Scope
from catalogue.rdf.pages import Address, Pages, page_of
from catalogue.web.current import catalogue, session
from catalogue.web.linked import SUFFIX, answer, digest, profile_wanted, wanted
from catalogue.web.paths import KINDS, path_of

_LISTING = "any(catalogues,organisations)"


@blueprint.get("/catalogue")
@blueprint.get(f"/catalogue.<{SUFFIX}:suffix>")
def feed(suffix: str = "") -> Response:
    """A page of the feed of the whole network; the next one is in ``hydra:next`` and ``Link``."""
    return _feed(NETWORK, "catalogue", suffix)


@blueprint.get(f"/<{_LISTING}:path>/<slug:slug>/feed")
@blueprint.get(f"/<{_LISTING}:path>/<slug:slug>/feed.<{SUFFIX}:suffix>")
def feed_of(path: str, slug: str, suffix: str = "") -> Response:
    """A page of the feed of one catalogue or organisation."""
    record = catalogue.records.by_slug(session, KINDS[path], slug)
    return _feed(catalogue.graphs.scope_of(record), f"{path_of(record)}/feed", suffix)


def _feed(scope: str, path: str, suffix: str) -> Response:
    format = wanted(suffix or None, html=False)
    assert format is not None
    telling = profile_wanted(self_contained=False)
    since, after = _since(), after_asked_for()
    ending = f".{suffix}" if suffix else ""
    filtered = {n: request.args[n] for n in ("modified_since",) if n in request.args}
    asked = {**filtered, **telling.query}
    base = f"{catalogue.settings.public_address}{path}{ending}"
    address = Address(base, tuple(asked.items()))
    size, links = catalogue.settings.feed_page_size, list[str]()
    position, beside = catalogue.whole(session), catalogue.whole(session, "facets")

    def make() -> bytes:
        page = page_of(session, Scope(scope, since), after, size, position)
        links.extend(link(relation, address.page(at)) for relation, at in page.links.items())
        pages = Pages(
            telling.graphs, catalogue.settings.title, self_contained=telling.self_contained
        )
        return pages.write(session, page, address, format)

    said = (scope, asked, after, size, ending, format.suffix, catalogue.version)
    tag = f"{position}-{beside}-{digest((mark(session, position), said))}"
    response = answer(make, format.content_type, tag, telling=telling)
    here = {**filtered, **({"after": str(after)} if after else {})}
    for one in (*links, *telling.links(base, format, here)):
        response.headers.add("Link", one)
    response.headers["Catalogue-Position"] = str(position)
    return response


def link(relation: str, address: str) -> str:
    """A value of the ``Link`` header, of which HTTP says ``prev`` where Hydra says ``previous``."""
    return f'<{address}>; rel="{"prev" if relation == "previous" else relation}"'


def _since() -> datetime | None:
    if not (said := request.args.get("modified_since", "")):
        return None
    try:
        return start_of(said[:40].replace(" ", "+"))  # a plus sign in an address means a space
    except ValueError as error:
        raise BadRequest([Problem(("modified_since",), str(error))]) from None


def after_asked_for() -> int:
    """What a page begins after; raises :class:`BadRequest` for what no page linked to."""
    said = request.args.get("after", "0")
    if not (said.isascii() and said.isdigit() and len(said) < 19):
        raise BadRequest(
            [Problem(("after",), "Begin without it, and follow the links to the next page.")]
        )
    return int(said)
