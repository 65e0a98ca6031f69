"""A record in a list: what it is called, what it says of everything one may search by.

The facts are the facets and ranges of the property table, so an item tells exactly what it
can be found by; what it does not tell is not stated, never “no”.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any
from urllib.parse import quote

import structlog
from flask import current_app
from sqlalchemy import inspect, select
from sqlalchemy.orm import defer

from catalogue.api import labels
from catalogue.api.answers import Written, absolute, dumps, object_of
from catalogue.api.operations import PREFIX
from catalogue.errors import NotFound
from catalogue.profile import Document, Shape
from catalogue.profile.values import NO_LANGUAGE, Reference
from catalogue.rdf.formats import FORMATS
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.naming import names_of
from catalogue.records.visibility import public
from catalogue.web.current import catalogue, session
from catalogue.web.paths import path_of
from catalogue.web.sections import BROKEN
from catalogue.web.views import readable

log = structlog.get_logger()


class Item(dict[str, Any]):
    """An item, with what of it is known already written as JSON: its members beside the facts."""

    said = ""

    def written(self) -> Written:
        """The item as JSON; labels bring theirs, and only what was added is written anew."""
        facts = self.get("facts")
        if not self.said or facts is None:
            return object_of(self)
        told = (
            f"{dumps(name)}:[{','.join(f'{{{one.members}}}' for one in values)}]"
            for name, values in facts.items()
        )
        more = "".join(f",{dumps(k)}:{dumps(v)}" for k, v in self.items() if k in _ADDED)
        return Written(f'{{{self.said},"facts":{{{",".join(told)}}}{more}}}')


#: What is added to an item on demand.
_ADDED = frozenset({"why", "document"})
#: The representations that are not made of RDF.
_JSON = "json"
#: How many items are kept.
_MOST_KEPT = 4_000


def records_of(ids: Sequence[int], *, whole: bool) -> list[Record]:
    """The records of some ids in their order; without ``whole``, what items need is read later."""
    found = session.scalars(
        select(Record)
        .where(Record.id.in_(set(ids)))
        .options(defer(Record.draft, raiseload=True), *([] if whole else [defer(Record.document)]))
    )
    known = {record.id: record for record in found}
    return [known[one] for one in ids if one in known]


def items(records: Sequence[Record], *, whole: bool = False) -> list[tuple[Record, Item]]:
    """Records as items, those that everybody may see; ``whole`` adds their documents.

    What does not depend on other records is kept for each revision.
    """
    kept, version = _kept(), catalogue.version
    keys = [(version, record.id, record.revision, record.state) for record in records]
    known = {key: kept.get(key) for key in keys}
    _read([r for r, key in zip(records, keys, strict=True) if known[key] is None])
    found: list[tuple[Record, Item]] = []
    for record, key in zip(records, keys, strict=True):
        item = known[key]
        if item is None:
            item = kept.put(key, _item(record))
        if item:
            copy = Item(item)
            copy.said = item.said
            found.append((record, copy))
    _name([item for _, item in found if "facts" in item])
    for record, item in found if whole else ():
        item["document"] = document_of(record)
    return found


def _read(records: Sequence[Record]) -> None:
    """Read the documents of records that came without, in one SELECT."""
    new = [record.id for record in records if "document" in inspect(record).unloaded]
    if new:
        session.scalars(
            select(Record).where(Record.id.in_(new)).options(defer(Record.draft, raiseload=True))
        ).all()


def _name(found: Sequence[Item]) -> None:
    """Give the facts of items their labels."""
    facets = catalogue.profile.facets
    references = {name for name, one in facets.items() if isinstance(one.value, Reference)}
    labels.remember(
        value
        for item in found
        for name in references & item["facts"].keys()
        for value in item["facts"][name]
    )
    label = {name: labels.labeller(one) for name, one in facets.items()}
    for item in found:
        item["facts"] = {
            name: list(map(label[name], values)) for name, values in item["facts"].items()
        }


def _item(record: Record) -> Item:
    """A record as an item whose facts are bare values yet; empty if the world may not see it.

    One that cannot be read keeps its title, as on the page of results.
    """
    shape = catalogue.records.shape(record.kind)
    try:
        document = public(shape, record)
        item = Item() if document is None else Item(_said(shape, record, document))
        item.said = dumps({name: value for name, value in item.items() if name != "facts"})[1:-1]
        return item
    except BROKEN as error:
        log.warning("record cannot be listed whole", record=record.iri, error=str(error))
        return Item(_bare(record) if record.state == PUBLISHED else {})


def _bare(record: Record) -> dict[str, Any]:
    return {
        "iri": names_of(record, catalogue.settings.public_address).absolute(record.iri),
        "slug": record.slug,
        "title": record.title or record.slug,
        "links": links_of(record),
        "modified": record.modified.isoformat(timespec="seconds"),
        "revision": record.revision,
    }


def _said(shape: Shape, record: Record, document: Document) -> dict[str, Any]:
    title, language = _text(next((document.get(p.name) for p in shape if p.column == "title"), {}))
    bare = _bare(record)
    item = {
        "iri": bare["iri"],
        "slug": record.slug,
        "title": title or record.slug,
        "language": language,
        "alternative": _texts(document.get("alternative")),
        "description": _text(document.get("description"))[0],
    }
    if record.kind == "dataset":
        item["facts"] = _facts(shape, document)
        item["ranges"] = _ranges(document)
    return {**item, **{name: value for name, value in bare.items() if name not in item}}


def links_of(record: Record) -> dict[str, str]:
    """The addresses of a record: in this interface, as a page, and as documents."""
    path = f"{path_of(record).rpartition('/')[0]}/{quote(record.slug)}"
    page = absolute(path)
    found = {"self": absolute(f"{PREFIX}/{path}"), "page": page}
    found.update((suffix, f"{page}.{suffix}") for suffix in (_JSON, *FORMATS))
    return found


def document_of(record: Record) -> dict[str, Any]:
    """What everybody may see of a published record as JSON-LD: what its ``.json`` says.

    What cannot be read in it is left out, as on its page.
    """
    shape = catalogue.records.shape(record.kind)
    document, _ = readable(shape, record)
    if document is None:
        raise NotFound("There is no such record.")
    names = names_of(record, catalogue.settings.public_address)
    return {
        "@context": absolute("profile/context.jsonld"),
        **shape.linked(document, names),
    }


def _facts(shape: Shape, document: Document) -> dict[str, list[Any]]:
    """The values of every facet, each once, in the order of the facets."""
    found: dict[str, dict[str, None]] = {}
    for name, value in shape.facets(document):
        found.setdefault(name, {})[value] = None
    return {name: list(found[name]) for name in catalogue.profile.facets if name in found}


def _ranges(document: Document) -> dict[str, dict[str, float | None]]:
    found = {name: one.interval(document) for name, one in catalogue.profile.ranges.items()}
    return {
        name: {"from": plain(interval[0]), "to": plain(interval[1])}
        for name, interval in found.items()
        if interval is not None
    }


def plain(number: float) -> float | None:
    """A number as JSON has it: whole where it is whole, null where there is no end."""
    if math.isinf(number):
        return None
    return int(number) if number == int(number) else number


def _text(texts: Any) -> tuple[str, str]:
    """The English text of a language map, or else the first, and its language."""
    if not isinstance(texts, Mapping) or not texts:
        return "", ""
    tag = "en" if "en" in texts else next(iter(texts))
    text = texts[tag]
    return str(text[0] if isinstance(text, list) else text), "" if tag == NO_LANGUAGE else tag


def _texts(texts: Any) -> list[str]:
    if not isinstance(texts, Mapping):
        return []
    some = (text if isinstance(text, list) else [text] for text in texts.values())
    return list(dict.fromkeys(str(one) for each in some for one in each))


# memory -----------------------------------------------------------------------------


class _Kept:
    """Items that were made lately; a new revision is another item.  Safe between threads."""

    def __init__(self) -> None:
        self._items: OrderedDict[object, Item] = OrderedDict()
        self._lock = Lock()

    def get(self, key: object) -> Item | None:
        """What is kept under a key; None if nothing is."""
        with self._lock:
            if (found := self._items.get(key)) is not None:
                self._items.move_to_end(key)
            return found

    def put(self, key: object, item: Item) -> Item:
        """Keep an item, and let go of the one that was not asked for the longest."""
        with self._lock:
            self._items[key] = item
            while len(self._items) > _MOST_KEPT:
                self._items.popitem(last=False)
        return item


def _kept() -> _Kept:
    kept: _Kept = current_app.extensions.setdefault("api items", _Kept())
    return kept
