"""Answers in their formats, written row by row up to a limit.

The child process that answers queries reads this module, so it needs nothing but pyoxigraph.
Sources: SPARQL 1.1 Query Results JSON Format; … XML Format (Second Edition); … CSV and TSV Formats.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_ILLEGAL_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Row = Sequence[Any]


@dataclass(frozen=True)
class Written:
    """An answer: its bytes, how many rows or statements, and whether there were more."""

    body: bytes
    count: int
    truncated: bool


@dataclass(frozen=True)
class _Format:
    """How a table of results is written: before, each row, between rows, after."""

    head: Callable[[Sequence[str]], str]
    row: Callable[[Sequence[str], Row], str]
    between: str
    tail: str
    answer: Callable[[bool], str]


def solutions(found: Any, media_type: str, most: int, most_bytes: int) -> Written:
    """A table of results; the first ``most`` rows, and no more than ``most_bytes``."""
    format = _FORMATS[media_type]
    names = [one.value for one in found.variables]
    rows = (format.row(names, [row[name] for name in names]) for row in found)
    return _written(format.head(names), rows, format.between, format.tail, most, most_bytes)


def boolean(answer: bool, media_type: str) -> Written:
    """Yes or no."""
    return Written(_FORMATS[media_type].answer(answer).encode(), 1, False)


def statements(
    triples: Iterable[Any], media_type: str, prefixes: Mapping[str, str], most: int, most_bytes: int
) -> Written:
    """Statements in an RDF format, each once."""
    format = ox.RdfFormat.from_media_type(media_type)
    assert format is not None
    taken, truncated = _some(triples, most, most_bytes)
    if format == ox.RdfFormat.RDF_XML:
        taken = [_for_xml(one) for one in taken]
    used = _used(taken, prefixes)
    while True:
        body = bytes(ox.serialize(taken, format=format, prefixes=used) or b"")
        if len(body) <= most_bytes:
            return Written(body, len(taken), truncated)
        # The share that fits, and a little less: a format's overhead is not even.
        del taken[int(len(taken) * 0.9 * most_bytes / len(body)) :]
        truncated = True


def _some(triples: Iterable[Any], most: int, most_bytes: int) -> tuple[list[Any], bool]:
    """As many statements as may be given, and whether there are more; texts may be long."""
    taken, size = list[Any](), 0
    for one in _once(triples):
        if len(taken) == most or size > most_bytes:
            return taken, True
        taken.append(one)
        size += len(getattr(one.object, "value", ""))
    return taken, False


def _once(triples: Iterable[Any]) -> Iterator[Any]:
    """Each statement once; a template gives the same one for many rows."""
    seen: set[Any] = set()
    for one in triples:
        if one not in seen:
            seen.add(one)
            yield one


def _used(triples: Iterable[Any], prefixes: Mapping[str, str]) -> dict[str, str]:
    """The prefixes that make some address shorter."""
    spaces: set[str] = set()
    for one in triples:
        for term in (one.subject, one.predicate, one.object, getattr(one.object, "datatype", None)):
            if isinstance(term, ox.NamedNode):
                address = term.value
                spaces.add(address[: max(address.rfind("/"), address.rfind("#")) + 1])
    return {prefix: space for prefix, space in prefixes.items() if space in spaces}


def _written(
    head: str, rows: Iterator[str], between: str, tail: str, most: int, most_bytes: int
) -> Written:
    parts, size, count, truncated = [head.encode()], len(head) + len(tail), 0, False
    for text in rows:
        if count == most:
            truncated = True
            break
        part = (between + text if count else text).encode()
        size += len(part)
        if size > most_bytes:
            truncated = True
            break
        parts.append(part)
        count += 1
    parts.append(tail.encode())
    return Written(b"".join(parts), count, truncated)


# JSON --------------------------------------------------------------------------------


def _json_term(term: Any) -> dict[str, Any]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {name: _json_term(getattr(term, name)) for name in _PARTS}
        return {"type": "triple", "value": parts}
    said: dict[str, Any] = {"type": "literal", "value": term.value}
    if term.language:
        said["xml:lang"] = term.language
    elif term.datatype.value != _STRING:
        said["datatype"] = term.datatype.value
    return said


def _json_row(names: Sequence[str], row: Row) -> str:
    bound = {
        name: _json_term(term) for name, term in zip(names, row, strict=True) if term is not None
    }
    return json.dumps(bound, ensure_ascii=False, separators=(",", ":"))


def _json_head(names: Sequence[str]) -> str:
    return f'{{"head":{{"vars":{json.dumps(names)}}},"results":{{"bindings":[\n'


# XML ---------------------------------------------------------------------------------

_PARTS = ("subject", "predicate", "object")
_XML_BEGIN = '<?xml version="1.0"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">'


def _xml_text(text: str) -> str:
    return escape(_ILLEGAL_IN_XML.sub("�", text), {"\r": "&#13;"})


def _xml_term(term: Any) -> str:
    if isinstance(term, ox.NamedNode):
        return f"<uri>{_xml_text(term.value)}</uri>"
    if isinstance(term, ox.BlankNode):
        return f"<bnode>{_xml_text(term.value)}</bnode>"
    if isinstance(term, ox.Triple):
        parts = (f"<{name}>{_xml_term(getattr(term, name))}</{name}>" for name in _PARTS)
        return f"<triple>{''.join(parts)}</triple>"
    said = ""
    if term.language:
        said = f" xml:lang={quoteattr(term.language)}"
    elif term.datatype.value != _STRING:
        said = f" datatype={quoteattr(term.datatype.value)}"
    return f"<literal{said}>{_xml_text(term.value)}</literal>"


def _xml_row(names: Sequence[str], row: Row) -> str:
    bound = (
        f'<binding name="{name}">{_xml_term(term)}</binding>'
        for name, term in zip(names, row, strict=True)
        if term is not None
    )
    return f"<result>{''.join(bound)}</result>"


def _xml_head(names: Sequence[str]) -> str:
    variables = "".join(f'<variable name="{name}"/>' for name in names)
    return f"{_XML_BEGIN}<head>{variables}</head><results>\n"


def _for_xml(triple: Any) -> Any:
    """A statement whose text XML can carry: a query may have put anything together."""
    text = triple.object
    if not isinstance(text, ox.Literal) or not _ILLEGAL_IN_XML.search(text.value):
        return triple
    clean = _ILLEGAL_IN_XML.sub("�", text.value)
    if text.language:
        return ox.Triple(
            triple.subject, triple.predicate, ox.Literal(clean, language=text.language)
        )
    return ox.Triple(triple.subject, triple.predicate, ox.Literal(clean, datatype=text.datatype))


# CSV and TSV -------------------------------------------------------------------------


def _csv_row(_: Sequence[str], row: Row) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_csv_term(term) for term in row])
    return line.getvalue()


def _csv_term(term: Any) -> str:
    if term is None:
        return ""
    return str(term) if isinstance(term, ox.BlankNode | ox.Triple) else str(term.value)


def _csv_head(names: Sequence[str]) -> str:
    return ",".join(names) + "\r\n"


def _tsv_row(_: Sequence[str], row: Row) -> str:
    # The terms as in Turtle, where neither tab nor line break stands in a text unescaped.
    return "\t".join("" if one is None else str(one).replace("\t", "\\t") for one in row) + "\n"


def _tsv_head(names: Sequence[str]) -> str:
    return "\t".join(f"?{name}" for name in names) + "\n"


_FORMATS: Mapping[str, _Format] = {
    JSON: _Format(
        _json_head,
        _json_row,
        ",\n",
        "\n]}}\n",
        lambda said: json.dumps({"head": {}, "boolean": said}) + "\n",
    ),
    XML: _Format(
        _xml_head,
        _xml_row,
        "\n",
        "\n</results></sparql>\n",
        lambda said: f"{_XML_BEGIN}<head/><boolean>{str(said).lower()}</boolean></sparql>\n",
    ),
    # Neither format has a word for yes and no; this is what stores have agreed on.
    CSV: _Format(_csv_head, _csv_row, "", "", lambda said: f"{str(said).lower()}\r\n"),
    TSV: _Format(_tsv_head, _tsv_row, "", "", lambda said: f"{str(said).lower()}\n"),
}
