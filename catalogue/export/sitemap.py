"""The site map and the rules for crawlers: which pages there are and when they changed.

A part lists the records whose numbers lie in one range, so a page never moves from one part
to another, and a part is found by its range without counting.  Part 0 lists the pages that
are no records.  Source: https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from flask import Response, current_app, request, stream_with_context, url_for
from sqlalchemy import func, select

from catalogue.changes import Change, head
from catalogue.errors import NotFound
from catalogue.export import blueprint
from catalogue.profile.dates import instant
from catalogue.records.models import PUBLISHED, Record
from catalogue.web import blueprints
from catalogue.web.current import catalogue, session
from catalogue.web.paths import PATHS

#: Addresses in a part (the protocol allows 50,000), and records read at a time.
_SIZE, _CHUNK = 5_000, 500
_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read: all but results of searches; and where the site map is."""
    base = catalogue.settings.public_address
    path = urlsplit(base).path
    search = url_for("datasets.search").lstrip("/")
    lines = (
        "User-agent: *",
        f"Disallow: {path}{search}?",
        f"Disallow: {path}{search}/by/",
        f"Disallow: {path}{search}.atom",
        f"Disallow: {path}oai",
        f"Disallow: {path}api/v1/",
        f"Disallow: {path}*/pre-flight",
        f"Disallow: {path}*/ask",
        f"Disallow: {path}saved",
        f"Disallow: {path}sparql?",
        f"Disallow: {path}compare",
        f"Disallow: {path}statements",
        f"Allow: {path}",
        "",
        f"Sitemap: {base}sitemap.xml",
    )
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The index of the site map: its parts, each with the time of its last change."""
    return _streamed(_index(), "index")


@blueprint.get("/sitemaps/<int:number>.xml")
def sitemap_part(number: int) -> Response:
    """A part of the site map: pages of records, or, in part 0, all other pages."""
    if number == 0:
        return _streamed(_other_pages(), "0")
    if number > _last_part():
        raise NotFound("There is no such part of the site map.")
    return _streamed(_records(number), str(number))


def _streamed(entries: Iterator[str], name: str) -> Response:
    """A document made while it is sent; not made at all for those who have it already."""
    tag = f"sitemap-{name}-{head(session)}-{catalogue.version}"
    response = Response(content_type="application/xml; charset=utf-8")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
    else:
        response.response = stream_with_context(_document(entries, name))
    return response


def _document(entries: Iterator[str], name: str) -> Iterator[str]:
    root = "sitemapindex" if name == "index" else "urlset"
    yield f"{_HEADER}<{root} {_NAMESPACE}>\n"
    yield from entries
    yield f"</{root}>\n"


def _entry(element: str, path: str, changed: datetime | None = None) -> str:
    address = escape(catalogue.settings.public_address + path.lstrip("/"))
    when = f"<lastmod>{instant(changed)}</lastmod>" if changed else ""
    return f"<{element}><loc>{address}</loc>{when}</{element}>\n"


# parts ------------------------------------------------------------------------------


def _last_part() -> int:
    last = session.scalar(select(func.max(Record.id))) or 0
    return -(-last // _SIZE)


def _index() -> Iterator[str]:
    """The parts there are; one whose records are all gone is left out."""
    yield _entry("sitemap", _path(0))
    part = (Change.record_id - 1) // _SIZE + 1
    changed = session.execute(select(part, func.max(Change.at)).group_by(part).order_by(part))
    for number, at in changed:
        first, last = _range(number)
        there = select(Record.id).where(Record.state == PUBLISHED, Record.id.between(first, last))
        if session.scalar(there.limit(1)) is not None:
            yield _entry("sitemap", _path(number), at)


def _path(number: int) -> str:
    return url_for("export.sitemap_part", number=number)


def _range(number: int) -> tuple[int, int]:
    return (number - 1) * _SIZE + 1, number * _SIZE


def _records(number: int) -> Iterator[str]:
    before, last = _range(number)[0] - 1, _range(number)[1]
    while True:
        found = session.execute(
            select(Record.id, Record.kind, Record.slug, Record.modified)
            .where(Record.state == PUBLISHED, Record.id > before, Record.id <= last)
            .order_by(Record.id)
            .limit(_CHUNK)
        ).all()
        for row in found:
            yield _entry("url", f"{PATHS[row.kind]}/{quote(row.slug)}", row.modified)
        if len(found) < _CHUNK:
            return
        before = found[-1].id


def _other_pages() -> Iterator[str]:
    """The pages that are no records: lists, vocabularies, core outcome sets, the profile."""
    for address in dict.fromkeys(_addresses()):
        yield _entry("url", address)


#: Pages that are nothing without what somebody asks there.
_ASKED = ("/questions/criterion", "/questions/from-search")


def _addresses() -> Iterator[str]:
    names = {blueprint.name for blueprint in blueprints}
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        page = rule.endpoint.partition(".")[0] in names or rule.endpoint == "api.docs"
        # Files are for programs, which find them by links; some pages answer only what is asked.
        if page and not rule.arguments and "." not in rule.rule and rule.rule not in _ASKED:
            yield url_for(rule.endpoint)
    for kind, path in PATHS.items():
        if kind != "dataset":
            yield url_for("records.every", path=path)
    for name, vocabulary in catalogue.vocabularies.items():
        yield url_for("vocabularies.show", name=name)
        for one in vocabulary.collections.values():
            yield url_for("vocabularies.concept", name=name, code=one.code)
    for name in catalogue.profile:
        yield url_for("profile.show", name=name)
