"""Pages as schema.org JSON-LD: what search engines read.

Only what everybody may see comes in here: the public document of a record.  Every property
is made by itself, and one that cannot be made is left out and logged: a page never fails
for the sake of what it says to machines.
Sources: https://schema.org/Dataset, and Google's guide for datasets (developers.google.com).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from flask import url_for
from markupsafe import Markup

from catalogue.profile import Document, Shape
from catalogue.records.models import Record
from catalogue.vocabulary import Concept, Vocabulary
from catalogue.web import words
from catalogue.web.current import catalogue
from catalogue.web.names import other_names, title, titles
from catalogue.web.paths import path_of
from catalogue.web.schema_data import Makers, Node, base, labels, of_data, organisation
from catalogue.web.sections import BROKEN

log = structlog.get_logger()
_NOTHING: tuple[Any, ...] = (None, "", [], {})
#: How long a description may be (Google: 50 to 5,000), and how many values a list has.
_SHORTEST, _LONGEST, _MOST = 50, 5_000, 200
_TYPES = {"agent": "Organization", "catalogue": "DataCatalog", "service": "WebAPI"}
_DATA = ("dataset", "series")


def script(*nodes: Node | None) -> Markup:
    """Nodes as a data block, which no browser runs; nothing in it can end the block."""
    graph = [node for node in nodes if node]
    if not graph:
        return Markup("")
    whole = graph[0] if len(graph) == 1 else {"@graph": graph}
    text = json.dumps({"@context": "https://schema.org/", **whole}, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 - escaped


def of_record(record: Record, shape: Shape, document: Document, iri: str) -> Node:
    """A record as a node of the type that fits its kind."""
    made: Makers = {
        "@id": lambda: iri,
        "name": lambda: title(shape, document, record).text,
        "alternateName": lambda: _names(shape, document, record),
        "description": lambda: _description(shape, document, record),
        "url": lambda: base() + path_of(record),
        "keywords": lambda: _texts(document.get("keyword")),
        "publisher": lambda: organisation(document.get("publisher")),
    }
    if record.kind == "agent":
        made["sameAs"] = lambda: document.get("homepage")
        made["address"] = lambda: _places(document, "PostalAddress", "addressCountry")
    else:
        made["spatialCoverage"] = lambda: _places(document, "Place", "name")
    if record.kind in _DATA:
        made |= of_data(document)
    node = {"@type": type_of(record.kind), **_told(made, record.iri)}
    if record.kind in _DATA:
        node["includedInDataCatalog"] = [_catalogue(), *node.get("includedInDataCatalog", [])]
    return node


def type_of(kind: str) -> str:
    """The type that fits a kind of record."""
    return _TYPES.get(kind, "Dataset")


def of_site() -> list[Node]:
    """The catalogue itself and its search, for the home page."""
    site, search = base(), url_for("datasets.search").lstrip("/")
    action = {
        "@type": "SearchAction",
        "target": {
            "@type": "EntryPoint",
            "urlTemplate": f"{site}{search}?q={{search_term_string}}",
        },
        "query-input": "required name=search_term_string",
    }
    return [
        {
            "@type": "WebSite",
            "@id": f"{site}#site",
            "name": catalogue.settings.title,
            "url": site,
            "potentialAction": action,
        },
        {
            **_catalogue(),
            "description": "Descriptions of health datasets: conditions, outcomes, people, access.",
        },
    ]


def of_vocabulary(vocabulary: Vocabulary) -> Node:
    """A vocabulary as a set of terms."""
    made: Makers = {
        "@id": lambda: vocabulary.iri,
        "name": lambda: vocabulary.title,
        "description": lambda: vocabulary.description,
        "url": lambda: _address("vocabularies.show", name=vocabulary.name),
        "version": lambda: vocabulary.version,
        "license": lambda: vocabulary.licence if words.is_web(vocabulary.licence) else None,
    }
    return {"@type": "DefinedTermSet", **_told(made, vocabulary.iri)}


def of_concept(vocabulary: Vocabulary, one: Concept) -> Node:
    """A concept as a term of its vocabulary; a collection as a set of its members."""
    known = map(catalogue.vocabularies.concept, one.members)
    made: Makers = {
        "@id": lambda: one.iri,
        "name": lambda: one.label(),
        "alternateName": lambda: [
            text for text in dict.fromkeys(one.texts()) if text != one.label()
        ],
        "description": lambda: one.definition.get("en"),
        "url": lambda: _address("vocabularies.concept", name=vocabulary.name, code=one.code),
    }
    if one.members:
        made["hasDefinedTerm"] = lambda: [
            {"@type": "DefinedTerm", "@id": member.iri, "name": member.label()}
            for member in known
            if member
        ]
        return {"@type": "DefinedTermSet", **_told(made, one.iri)}
    made["termCode"] = lambda: one.code
    made["inDefinedTermSet"] = lambda: {
        "@type": "DefinedTermSet",
        "@id": vocabulary.iri,
        "name": vocabulary.title,
    }
    return {"@type": "DefinedTerm", **_told(made, one.iri)}


def of_trail(trail: Iterable[tuple[str, str]], here: str) -> Node:
    """The way to a page: names and paths of the pages above it, and its own name."""
    steps: list[Node] = [
        {"name": str(name), "item": base() + path.lstrip("/")} for name, path in trail
    ]
    steps.append({"name": str(here)})
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, **step}
            for number, step in enumerate(steps, start=1)
        ],
    }


# ------------------------------------------------------------------------------------


def _told(made: Makers, name: str) -> Node:
    """The properties that can be made and say something."""
    node: Node = {}
    for key, make in made.items():
        try:
            value = make()
            if isinstance(value, list):
                value = [one for one in value if one not in _NOTHING][:_MOST]
            json.dumps(value)
        except BROKEN as error:
            log.warning("left out of schema.org", subject=name, property=key, error=repr(error))
            continue
        if value not in _NOTHING:
            node[key] = value
    return node


def _catalogue() -> Node:
    return {
        "@type": "DataCatalog",
        "@id": f"{base()}#catalogue",
        "name": catalogue.settings.title,
        "url": base(),
    }


def _address(endpoint: str, **values: Any) -> str:
    return base() + url_for(endpoint, **values).lstrip("/")


def _texts(texts: Any) -> list[str]:
    return list(dict.fromkeys(one.text for one in words.phrases(texts)))


def _places(document: Mapping[str, Any], type: str, key: str) -> list[Node]:
    return [{"@type": type, key: name} for name in labels(document, "spatial")]


def _names(shape: Shape, document: Document, record: Record) -> list[str]:
    own = title(shape, document, record).text
    found = [one.text for one in (*other_names(document, own), *titles(shape, document))]
    return [one for one in dict.fromkeys(found) if one != own]


def _description(shape: Shape, document: Document, record: Record) -> str:
    """The description in plain words; of data, one too short says title and kind as well."""
    said = words.excerpt(words.phrase(document.get("description")).text, _LONGEST - 10)
    if record.kind not in _DATA or len(said) >= _SHORTEST:
        return said
    kinds = ", ".join(labels(document, "source_type")) or shape.label
    said = f"{title(shape, document, record).text} ({kinds}). {said}".strip()
    return said if len(said) >= _SHORTEST else f"{said} Described in {catalogue.settings.title}."
