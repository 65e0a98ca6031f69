"""The address ``/oai``: what is answered to each verb, and to what cannot be answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from flask import Response, request
from sqlalchemy import select

from catalogue.changes import Change
from catalogue.export import blueprint, xml
from catalogue.export.oai import items, requests, tokens
from catalogue.export.oai.items import Item, Selection
from catalogue.export.oai.metadata import FORMS, Made
from catalogue.export.oai.requests import Asked, Refusal, understood
from catalogue.export.oai.tokens import Place
from catalogue.profile.dates import instant
from catalogue.web.current import catalogue, session

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_ROOT = {
    "xmlns": NAMESPACE,
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": f"{NAMESPACE} {NAMESPACE}OAI-PMH.xsd",
}
#: The form of headers and tokens: an item, or a set, as an element.
Told = tuple[int | str, str]


@blueprint.route("/oai", methods=["GET", "POST"])
def harvest() -> Response:
    """OAI-PMH 2.0: records and deletions for harvesters, in six verbs; POST asks as GET does."""
    asked: Asked | None = None
    try:
        asked = understood((*request.args.items(multi=True), *request.form.items(multi=True)))
        content = xml.element(asked.verb, _ANSWERS[asked.verb](asked))
    except Refusal as error:
        content = xml.text("error", error, {"code": error.code})
        if error.code in ("badVerb", "badArgument"):  # then what was said is not repeated
            asked = None
    attributes = {"verb": asked.verb, **asked.arguments} if asked else {}
    parts = (
        xml.text("responseDate", instant(datetime.now(UTC))),
        xml.text("request", _address(), attributes),
        content,
    )
    response = Response(xml.DECLARATION + xml.element("OAI-PMH", parts, _ROOT))
    response.content_type = "text/xml; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _address() -> str:
    return catalogue.settings.public_address + "oai"


# about the catalogue ----------------------------------------------------------------


def _identify(_: Asked) -> Iterator[str]:
    first = session.scalar(select(Change.at).order_by(Change.seq).limit(1))
    yield xml.text("repositoryName", catalogue.settings.title)
    yield xml.text("baseURL", _address())
    yield xml.text("protocolVersion", "2.0")
    yield xml.text("adminEmail", catalogue.settings.contact_address)
    yield xml.text("earliestDatestamp", instant(first or datetime.now(UTC)))
    yield xml.text("deletedRecord", "persistent")
    yield xml.text("granularity", "YYYY-MM-DDThh:mm:ssZ")


def _formats(asked: Asked) -> Iterator[str]:
    if asked["identifier"]:
        _item_of(asked)
    for prefix, form in FORMS.items():
        yield xml.element(
            "metadataFormat",
            (
                xml.text("metadataPrefix", prefix),
                xml.text("schema", form.schema),
                xml.text("metadataNamespace", form.namespace),
            ),
        )


def _sets(asked: Asked) -> Iterable[str]:
    place = tokens.place_of(asked)
    catalogue.whole(session)
    size = catalogue.settings.feed_page_size
    found = items.sets_after(session, str(place.after or ""), size + 1)
    if not found and not place.told:
        raise Refusal("noSetHierarchy", "Nothing is listed yet, so there are no sets.")
    return _page(
        place,
        [
            (
                one.scope,
                xml.element(
                    "set",
                    (xml.text("setSpec", one.spec), xml.text("setName", one.name or one.key)),
                ),
            )
            for one in found
        ],
    )


# records ----------------------------------------------------------------------------


def _record(asked: Asked) -> str:
    _form(asked["metadataPrefix"], "cannotDisseminateFormat")
    item = _item_of(asked)
    found = _records([item], asked["metadataPrefix"])
    if not found:
        raise Refusal("cannotDisseminateFormat", "This record cannot be told in that form now.")
    return found[0][1]


def _item_of(asked: Asked) -> Item:
    catalogue.whole(session)
    item = items.named(
        session, catalogue.records, asked["identifier"], catalogue.settings.public_address
    )
    if item is None:
        raise Refusal("idDoesNotExist", "There is no record of that identifier.")
    return item


def _list(asked: Asked) -> Iterable[str]:
    """A page of headers or records; the list goes on as long as there is one more to tell."""
    place = tokens.place_of(asked)
    begins = not asked[requests.TOKEN]
    _form(place.prefix, "cannotDisseminateFormat" if begins else "badResumptionToken")
    since, before = requests.span(place.from_, place.until)
    catalogue.whole(session)
    one = items.set_of(session, place.set) if place.set else None
    found: list[Told] = []
    if one is not None or not place.set:
        wanted = Selection(one, since, before)
        make = _headers if asked.verb == "ListIdentifiers" else _records
        size = catalogue.settings.feed_page_size
        last = int(place.after)
        while len(found) <= size:
            some, last = items.after(session, catalogue.records, wanted, last, size + 1)
            found += make(some, place.prefix)
            if not last:
                break
    # What was left of a list may have moved on: harvesters take an empty page for the end, an
    # error for a failure of the whole walk.
    if not found and begins:
        raise Refusal("noRecordsMatch", "Nothing fits these arguments.")
    return _page(place, found)


def _page(place: Place, found: Sequence[Told]) -> Iterator[str]:
    """As much of a list as a page holds, and the token by which it goes on; an empty one ends it."""
    size = catalogue.settings.feed_page_size
    told, more = found[:size], len(found) > size
    yield from (said for _, said in told)
    if more or place.told:
        token = tokens.written(place.moved(told[-1][0], len(told))) if more else ""
        yield xml.text(requests.TOKEN, token, {"cursor": str(place.told)})


def _form(prefix: str, code: str) -> None:
    if prefix not in FORMS:
        raise Refusal(code, f"Records are to be had as {', '.join(FORMS)}.")


def _headers(some: Sequence[Item], _: str) -> list[Told]:
    specs = items.specs(session, {scope for item in some for scope in item.scopes})
    address = catalogue.settings.public_address
    return [
        (
            item.change,
            xml.element(
                "header",
                (
                    xml.text("identifier", items.identifier_of(item.record, address)),
                    xml.text("datestamp", instant(item.at)),
                    *(
                        xml.text("setSpec", spec)
                        for spec in sorted(specs[one] for one in item.scopes if one in specs)
                    ),
                ),
                {"status": "deleted"} if item.gone else {},
            ),
        )
        for item in some
    ]


def _records(some: Sequence[Item], prefix: str) -> list[Told]:
    live = [item.record for item in some if not item.gone]
    made: Made = FORMS[prefix].make(catalogue, session, live) if live else {}
    return [
        (
            item.change,
            xml.element(
                "record",
                header if item.gone else (header, xml.element("metadata", made[item.record.id])),
            ),
        )
        for item, (_, header) in zip(some, _headers(some, prefix), strict=True)
        if item.gone or item.record.id in made
    ]


_ANSWERS: Mapping[str, Callable[[Asked], str | Iterable[str]]] = {
    "Identify": _identify,
    "ListMetadataFormats": _formats,
    "ListSets": _sets,
    "GetRecord": _record,
    "ListIdentifiers": _list,
    "ListRecords": _list,
}
