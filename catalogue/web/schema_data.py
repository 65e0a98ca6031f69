"""What schema.org says of data, property by property; ``schema_org`` puts them together.

A maker may meet anything a broken record holds and may raise: the property is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from catalogue.profile import Document
from catalogue.web import words
from catalogue.web.current import catalogue
from catalogue.web.names import target

Node = dict[str, Any]
#: A property of schema.org with what makes its value.
Makers = dict[str, Callable[[], Any]]


def of_data(document: Document) -> Makers:
    """What only datasets and series have.

    There is no ``isAccessibleForFree``: no property of the profiles states it, and what
    nobody stated is not said.
    """
    return {
        "identifier": lambda: [
            *document.get("identifier", []),
            *(part["notation"] for part in document.get("other_identifier", [])),
        ],
        "creator": lambda: [organisation(one) for one in document.get("creator", [])],
        "maintainer": lambda: organisation(document.get("custodian")),
        "temporalCoverage": lambda: _periods(document.get("temporal", [])),
        "variableMeasured": lambda: list(_variables(document)),
        "measurementTechnique": lambda: list(
            dict.fromkeys(
                name for one in _variables(document) for name in one.get("measurementTechnique", [])
            )
        ),
        "about": lambda: [
            {"@type": "MedicalCondition", "name": catalogue.vocabularies.label(part["condition"])}
            for part in document.get("studied_condition", [])
        ],
        "license": lambda: web(
            dict.fromkeys(
                one for part in document.get("distribution", []) for one in licences(part)
            )
        ),
        "conditionsOfAccess": lambda: _conditions(document),
        "includedInDataCatalog": lambda: [
            {"@type": "DataCatalog", "name": to.title.text, "url": base() + to.path}
            for to in map(target, document.get("listed_in", []))
            if to.path
        ],
        "distribution": lambda: list(_downloads(document)),
        "sameAs": lambda: web(document.get("landing_page", [])),
        "citation": lambda: web(document.get("is_referenced_by", [])),
        "datePublished": lambda: document.get("issued"),
        "dateModified": lambda: document.get("modified"),
        "version": lambda: document.get("version"),
    }


def base() -> str:
    """The public address."""
    return catalogue.settings.public_address


def labels(document: Mapping[str, Any], name: str) -> list[str]:
    """The labels of the concepts of a property."""
    return [catalogue.vocabularies.label(value) for value in document.get(name, [])]


def web(values: Iterable[Any]) -> list[str]:
    """Those of some values that are addresses of the web."""
    return [value for value in values if words.is_web(value)]


def organisation(reference: Any) -> Node | None:
    """An organisation by the name everybody may see."""
    if not isinstance(reference, str) or not (to := target(reference)).title.text:
        return None
    address = base() + to.path if to.path else to.address
    return {"@type": "Organization", "name": to.title.text, "url": address}


def _periods(periods: Iterable[Mapping[str, Any]]) -> str | list[str]:
    """ISO 8601 intervals; an end that is open is two dots."""
    ends = [(one.get("start_date"), one.get("end_date")) for one in periods]
    found = [f"{start or '..'}/{end or '..'}" for start, end in ends if start or end]
    return found[0] if len(found) == 1 else found


def _variables(document: Document) -> Iterator[Node]:
    """What is collected, with its instruments; of what is not, nothing is said."""
    for answers in catalogue.sets.lists.values():
        for part in answers.part.values(document):
            if answers.is_met(part):
                subject = part[answers.facet.name]
                node = {"@type": "PropertyValue", "name": catalogue.vocabularies.label(subject)}
                used = labels(part, "instrument")
                yield {**node, "propertyID": subject} | (
                    {"measurementTechnique": used} if used else {}
                )


def licences(part: Mapping[str, Any]) -> Iterator[str]:
    """Where the licence of a distribution can be read: its own address first."""
    licence = part.get("licence") or {}
    yield from (licence.get("id", ""), *licence.get("documentation", []))


def media_type(part: Mapping[str, Any]) -> str:
    """The media type of a distribution, or else that of its file format; empty if neither is."""
    format = catalogue.vocabularies.concept(part.get("format") or "")
    of_format = format.notes.get("mediaType", ()) if format else ()
    return next((one for one in map(_registered, (part.get("media_type"), *of_format)) if one), "")


def _registered(address: str | None) -> str:
    return (address or "").partition("/media-types/")[2]


def _conditions(document: Document) -> str:
    said = [
        catalogue.vocabularies.label(document.get("access_rights") or ""),
        *(words.phrase(document.get(n)).text for n in ("who_may_apply", "access_conditions")),
    ]
    return " ".join(one if one.endswith(".") else f"{one}." for one in said if one)


def _downloads(document: Document) -> Iterator[Node]:
    """Files one can fetch; a page where one asks for the data is no download."""
    for part in document.get("distribution", []):
        format = catalogue.vocabularies.label(part.get("format") or "")
        for address in web(part.get("download_url", [])):
            node = {"@type": "DataDownload", "contentUrl": address, "encodingFormat": format}
            yield {key: value for key, value in node.items() if value}
