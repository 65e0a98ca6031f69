"""A dataset with described variables as Croissant, which tools for machine learning read.

Tables become record sets and variables their fields.  The data are not here, and mostly not
public: the source of a field is the table's example file, else the only file there is, else
the page where one asks for the data.
Source: Croissant 1.0, https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from typing import Any

from catalogue.profile import Document
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.records.naming import names_of
from catalogue.records.visibility import public
from catalogue.variables.describing import tables_of
from catalogue.web import schema_org, words
from catalogue.web.current import catalogue
from catalogue.web.paths import path_of
from catalogue.web.schema_data import Node, base, media_type, web

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
MEDIA_TYPE = "application/ld+json"
SUFFIX = "croissant.json"
#: The datatypes of columns (CSVW) as those of Croissant; any other is read as text.
_DATATYPES: Mapping[str, str] = {
    code: datatype
    for datatype, codes in {
        "sc:Boolean": "boolean",
        "sc:Integer": "integer long int short byte nonNegativeInteger positiveInteger unsignedLong "
        "unsignedInt unsignedShort unsignedByte nonPositiveInteger negativeInteger",
        "sc:Float": "decimal double float number",
        "sc:Date": "date",
        "sc:DateTime": "dateTime dateTimeStamp datetime",
        "sc:Time": "time",
        "sc:URL": "anyURI",
    }.items()
    for code in codes.split()
}
#: The context that the specification recommends (appendix 1); validators compare its keys.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "equivalentProperty": "cr:equivalentProperty",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_PAGE = "text/html"
_CHECKSUMS = {"checksumAlgorithm_sha256": "sha256", "checksumAlgorithm_md5": "md5"}
_NO_PART: Mapping[str, Any] = {}
#: What schema.org says of the same dataset that Croissant asks for too.
_SHARED = (
    "name",
    "alternateName",
    "description",
    "url",
    "keywords",
    "creator",
    "publisher",
    "license",
    "datePublished",
    "dateModified",
    "version",
    "sameAs",
    "identifier",
    "temporalCoverage",
    "spatialCoverage",
    "conditionsOfAccess",
)


def path_to(record: Record) -> str:
    """The path of a record's Croissant; empty if none of its variables are described."""
    document = spared(record, lambda: public(catalogue.records.shape(record.kind), record))
    if not document or not spared(record, lambda: list(_tables(document))):
        return ""
    return f"{path_of(record)}.{SUFFIX}"


def of_dataset(record: Record, document: Document) -> Node:
    """A dataset as Croissant; its public document must describe variables."""
    shape = catalogue.records.shape(record.kind)
    iri = names_of(record, base()).absolute(record.iri)
    told = schema_org.of_record(record, shape, document, iri)
    files, source = _sources(document, iri)
    sets = [_record_set(table, source, iri) for table in _tables(document)]
    node: Node = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "@id": iri,
        "conformsTo": CONFORMS_TO,
        **{key: told[key] for key in _SHARED if key in told},
        "citeAs": _citation(told, iri),
        "distribution": files,
        "recordSet": sets,
    }
    # Who made the data, or else who holds or publishes them.
    if maker := told.get("creator") or told.get("maintainer") or told.get("publisher"):
        node["creator"] = maker
    if not all("sha256" in one or "md5" in one for one in files):
        # A file without a checksum may change; the specification calls that live.
        node["isLiveDataset"] = True
    return node


def _tables(document: Document) -> Iterator[Document]:
    """The tables of which at least one variable is described."""
    return (table for table in tables_of(document) if table.get("column"))


def _record_set(table: Document, source: str, iri: str) -> Node:
    if words.is_web(table.get("table_url")):
        source = _example(table, iri)
    fields = []
    for column in table["column"]:
        name = column.get("column_name") or words.phrase(column.get("column_title")).text
        field: Node = {
            "@type": "cr:Field",
            "@id": _id(column, iri),
            "name": name,
            "description": _described(column),
            "dataType": _DATATYPES.get(column.get("datatype", ""), "sc:Text"),
            "equivalentProperty": column.get("property_url"),
            "source": {"fileObject": {"@id": source}, "extract": {"column": name}},
        }
        fields.append({key: value for key, value in field.items() if value})
    node = {
        "@type": "cr:RecordSet",
        "@id": _id(table, iri),
        "name": words.phrase(table.get("title")).text or _id(table, iri),
        "keywords": [one.text for one in words.phrases(table.get("keyword"))],
        "field": fields,
    }
    return {key: value for key, value in node.items() if value}


def _described(column: Document) -> str:
    """A variable in words: its label, then what it means."""
    said = [words.phrase(column.get(name)).text for name in ("column_title", "description")]
    return ". ".join(one.rstrip(".") for one in dict.fromkeys(said) if one)


def _sources(document: Document, iri: str) -> tuple[list[Node], str]:
    """The files and pages that lead to the data, and the id of what stands for all tables.

    That is the only file; where there are several, nobody stated which one holds a table, and
    the page where the data are to be had stands for them.
    """
    files, pages = list[Node](), list[Node]()
    for part in document.get("distribution", ()):
        addresses = web(part.get("download_url", ()))
        name = words.phrase(part.get("title")).text
        for number, address in enumerate(addresses, start=1):
            key = _id(part, iri) + (f"-{number}" if number > 1 else "")
            kind = media_type(part) or _guessed(address)
            alone = part if len(addresses) == 1 else {}
            files.append(_file(key, name or words.address(address), address, kind, alone))
        if not addresses:
            for address in web(part.get("access_url", ()))[:1]:
                pages.append(_file(_id(part, iri), name or words.address(address), address, _PAGE))
    if not pages and len(files) != 1:
        pages.append(_file(f"{iri}#page", "Page of the dataset", iri, _PAGE))
    common = files[0] if len(files) == 1 else pages[0]
    examples = [
        _file(_example(table, iri), words.address(address), address, _guessed(address))
        for table in _tables(document)
        for address in web([table.get("table_url")])
    ]
    return [*files, *pages, *examples], str(common["@id"])


def _file(key: str, name: str, address: str, type: str, part: Mapping[str, Any] = _NO_PART) -> Node:
    node: Node = {
        "@type": "cr:FileObject",
        "@id": key,
        "name": name,
        "description": words.phrase(part.get("description")).text,
        "contentUrl": address,
        "encodingFormat": type,
    }
    if size := part.get("byte_size"):
        node["contentSize"] = f"{size} B"
    checksum = part.get("checksum") or {}
    algorithm = catalogue.vocabularies.code(checksum.get("algorithm", ""))
    if (key := _CHECKSUMS.get(algorithm, "")) and checksum.get("checksum_value"):
        node[key] = checksum["checksum_value"].lower()
    return {key: value for key, value in node.items() if value}


def _guessed(address: str) -> str:
    """The media type that a file's name tells; tables are mostly text with commas."""
    return mimetypes.guess_type(address)[0] or "text/csv"


def _example(table: Document, iri: str) -> str:
    """The id of a table's example file."""
    return f"{_id(table, iri)}-file"


def _id(part: Document, iri: str) -> str:
    """The IRI of a part: the same as in RDF."""
    key = str(part["id"])
    return iri + key if key.startswith("#") else key


def _citation(told: Node, iri: str) -> str:
    """The dataset in one line, as its page gives it."""
    maker = told.get("maintainer") or told.get("publisher") or {}
    said = [told.get("name", ""), maker.get("name", ""), iri]
    return ". ".join(one for one in said if one)
