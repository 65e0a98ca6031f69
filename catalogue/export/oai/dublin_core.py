"""What a record says, in the fifteen elements that every harvester reads (``oai_dc``).

The property table tells nearly all: ``dct:title`` says ``dc:title``.  What is named otherwise
stands in one small table.  Source: DCMI Metadata Terms, https://www.dublincore.org/specifications/dublin-core/dcmi-terms/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from catalogue.export import xml
from catalogue.profile import Document, Names, Shape
from catalogue.profile.shape import Property
from catalogue.profile.values import NO_LANGUAGE, ConceptValue, Nested, Node, Reference, Text

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_DC, _XSI = "http://purl.org/dc/elements/1.1/", "http://www.w3.org/2001/XMLSchema-instance"

ELEMENTS = (
    "title",
    "creator",
    "subject",
    "description",
    "publisher",
    "contributor",
    "date",
    "type",
    "format",
    "identifier",
    "source",
    "language",
    "relation",
    "coverage",
    "rights",
)
#: The element of properties with another name: what DCMI calls refinements, and the few of
#: other namespaces that mean one of the elements.
_OTHERS: Mapping[str, str] = {
    "dct:alternative": "title",
    "dct:issued": "date",
    "dct:modified": "date",
    "dct:spatial": "coverage",
    "dct:temporal": "coverage",
    "dct:accessRights": "rights",
    "dct:license": "rights",
    "dct:conformsTo": "relation",
    "dct:hasVersion": "relation",
    "dct:isPartOf": "relation",
    "dct:isReferencedBy": "relation",
    "dct:references": "relation",
    "dcat:inSeries": "relation",
    "dcat:servesDataset": "relation",
    "dcat:landingPage": "relation",
    "foaf:page": "relation",
    "dcat:endpointURL": "identifier",
    "adms:identifier": "identifier",
    "dcat:keyword": "subject",
    "dcat:theme": "subject",
    "healthdcatap:healthCategory": "subject",
    "healthdcatap:healthTheme": "subject",
    "outcome:studiedCondition": "subject",
    "geodcatap:custodian": "contributor",
    "prov:qualifiedAttribution": "contributor",
}


def element_of(one: Property) -> str:
    """The element that says what a property says; empty if none does."""
    prefix, _, name = one.property_id.partition(":")
    return name if prefix == "dct" and name in ELEMENTS else _OTHERS.get(one.property_id, "")


@lru_cache(maxsize=64)
def _told(shape: Shape) -> Sequence[tuple[str, Property]]:
    """The properties of a class that have an element, in the order of elements."""
    found = [(element_of(one), one) for one in shape.stored if element_of(one)]
    return sorted(found, key=lambda pair: ELEMENTS.index(pair[0]))


def references(shape: Shape, document: Document) -> Iterator[str]:
    """The records that are told by their names."""
    for _, one in _told(shape):
        for said in one.values(document):
            value = one.value
            if isinstance(value, Nested):
                one_of = value.shape.stored[0]
                if isinstance(one_of.value, Reference):
                    yield from one_of.values(said)
            elif isinstance(value, Reference):
                yield said


def write(shape: Shape, document: Document, names: Names, titles: Mapping[str, str]) -> str:
    """A document as ``oai_dc``; ``titles`` are the names of records it refers to."""
    address = names.absolute(names.record)
    found = dict.fromkeys(
        (
            *_elements(shape, document, names, titles),
            xml.text("dc:type", shape.label, {"xml:lang": "en"}),
            xml.text("dc:identifier", address),
        )
    )
    return xml.element(
        "oai_dc:dc",
        found,
        {
            "xmlns:oai_dc": NAMESPACE,
            "xmlns:dc": _DC,
            "xmlns:xsi": _XSI,
            "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
        },
    )


def _elements(
    shape: Shape, document: Document, names: Names, titles: Mapping[str, str]
) -> Iterator[str]:
    for element, one in _told(shape):
        for value in one.values(document):
            for text, language in _texts(one, value, names, titles):
                yield xml.text(f"dc:{element}", text, {"xml:lang": language})


def _texts(
    one: Property, value: Any, names: Names, titles: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """A value as texts with their languages: names and addresses of what it refers to."""
    kind = one.value
    if isinstance(kind, Nested):
        yield from _of_part(kind.shape, value, names, titles)
    elif isinstance(kind, Text):
        for language, said in value.items():
            for text in said if isinstance(said, list) else [said]:
                yield text, "" if language == NO_LANGUAGE else language
    elif isinstance(kind, ConceptValue):
        concept = kind.profile.vocabularies.concept(str(value))
        if concept is not None:
            yield concept.label(), "en" if "en" in concept.labels else ""
        yield str(value), ""
    elif isinstance(kind, Node):
        yield titles.get(str(value)) or names.absolute(str(value)), ""
    else:
        yield str(value), ""


def _of_part(
    shape: Shape, part: Mapping[str, Any], names: Names, titles: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """A part by its first property, which tells what it is; a period by its two ends."""
    first = shape.stored[0]
    if first.value.kind == "date":
        ends = [str(part.get(one.name, "..")) for one in shape.stored if one.value.kind == "date"]
        if set(ends) != {".."}:
            yield "/".join(ends), ""
        return
    for value in first.values(part):
        yield from _texts(first, value, names, titles)
