"""Statements as text, in pieces that can be put together to one document.

A document is a head, pieces and a tail.  All writers are deterministic: the same statements
give the same bytes, so caches and hashes hold; and each keeps what is said of a subject in one
block, so that a block which several pieces share can be given once.
Sources: RDF 1.1 N-Triples, Turtle and XML Syntax; JSON-LD 1.1
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from catalogue.terms import RDF_TYPE, XSD, Statement, iri_of, is_blank, is_iri, parts_of

# A local name that needs no escaping in Turtle and is a name in XML.
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_SPLIT = re.compile(r"(.*[/#])([^/#]*)\Z")
_LAST_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
#: Terms whose short form is remembered: predicates and concepts come again and again.
_MOST_SHORT = 20_000
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

Subjects = Mapping[str, Mapping[str, Mapping[str, None]]]


def by_subject(statements: Iterable[Statement]) -> Subjects:
    """The objects of each subject and predicate, in the order they come, each once."""
    subjects: dict[str, dict[str, dict[str, None]]] = {}
    for subject, predicate, object_ in statements:
        subjects.setdefault(subject, {}).setdefault(predicate, {})[object_] = None
    return subjects


class Writer:
    """Writes one format with some prefixes.

    Pieces are put together by ``glue``; ``seam`` stands between the blocks of one, and after
    the last where there is no glue.
    """

    seam, glue, tail = "", "", ""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = prefixes
        self._names = {namespace: prefix for prefix, namespace in prefixes.items()}
        self._short: dict[str, str] = {}

    @property
    def head(self) -> str:
        """What a document begins with."""
        return ""

    def piece(self, statements: Iterable[Statement]) -> str:
        """Statements as a piece."""
        raise NotImplementedError

    def graph(self, name: str, piece: bytes) -> bytes:
        """A piece of the format that holds graphs: a piece as the graph of a name."""
        raise NotImplementedError

    def document(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Pieces as a document, in constant memory."""
        yield self.head.encode()
        between = b""
        for piece in pieces:
            if piece:
                yield between + piece
                between = self.glue.encode()
        yield self.tail.encode()

    def once(self, pieces: Iterable[bytes]) -> bytes:
        """Pieces as a document in which no block comes twice."""
        seam, glue = self.seam.encode(), self.glue.encode()
        blocks = dict.fromkeys(glue.join(filter(None, pieces)).split(seam))
        return self.head.encode() + seam.join(blocks) + self.tail.encode()

    def short(self, term: str) -> str:
        """``prefix:local`` for an IRI's term where that is safe; empty where not."""
        found = self._short.get(term)
        if found is None:
            found = self._shorten(iri_of(term))
            if len(self._short) < _MOST_SHORT:
                self._short[term] = found
        return found

    def _shorten(self, iri: str) -> str:
        if match := _SPLIT.match(iri):
            prefix = self._names.get(match[1])
            if prefix is not None and _LOCAL.match(match[2]):
                return f"{prefix}:{match[2]}"
        return ""


class NTriples(Writer):
    """N-Triples; as graphs, N-Quads."""

    seam = "\n"

    def piece(self, statements: Iterable[Statement]) -> str:
        """A line a statement, each once."""
        lines = dict.fromkeys(f"{s} {p} {o} ." for s, p, o in statements)
        return "\n".join(lines) + "\n" if lines else ""

    def graph(self, name: str, piece: bytes) -> bytes:
        """The lines with the name of their graph."""
        # A line break within a value is written \n, so " ." and a break end a statement only.
        return piece.replace(b" .\n", f" <{name}> .\n".encode())


class Turtle(Writer):
    """Turtle that people can read; as graphs, TriG."""

    seam = " .\n\n"

    @property
    def head(self) -> str:
        """The prefixes."""
        return "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in self.prefixes.items()) + "\n"

    def piece(self, statements: Iterable[Statement]) -> str:
        """A block a subject."""
        found = by_subject(statements)
        return "".join(self._subject(subject, about) for subject, about in found.items())

    def graph(self, name: str, piece: bytes) -> bytes:
        """A graph in braces."""
        return b"<%b> {\n%b}\n\n" % (name.encode(), piece)

    def _subject(self, subject: str, about: Mapping[str, Mapping[str, None]]) -> str:
        lines = []
        for predicate, objects in about.items():
            verb = "a" if predicate == RDF_TYPE else self.term(predicate)
            lines.append(f"{verb} " + " , ".join(self.term(object_) for object_ in objects))
        return f"{self.term(subject)} " + " ;\n    ".join(lines) + self.seam

    def term(self, term: str) -> str:
        """A term, shortened by a prefix where that is safe."""
        if is_iri(term):
            return self.short(term) or term
        if term.startswith('"') and term.endswith(">"):
            text, datatype, _ = parts_of(term)
            if datatype == XSD + "boolean" and text in ("true", "false"):
                return text
            return term[: term.rindex("^^") + 2] + self.term(f"<{datatype}>")
        return term


class RdfXml(Writer):
    """RDF/XML, a description a subject."""

    seam, tail = "</rdf:Description>\n", "</rdf:RDF>\n"

    @property
    def head(self) -> str:
        """The declaration and the root with its namespaces."""
        names = "".join(
            f"\n  xmlns:{prefix}={quoteattr(iri)}"
            for prefix, iri in {"rdf": _RDF, **self.prefixes}.items()
        )
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'

    def piece(self, statements: Iterable[Statement]) -> str:
        """A description a subject."""
        return "".join(
            f"<rdf:Description {_node(subject, 'about')}>\n"
            + "".join(
                self._property(predicate, object_)
                for predicate, objects in about.items()
                for object_ in objects
            )
            + self.seam
            for subject, about in by_subject(statements).items()
        )

    def _property(self, predicate: str, object_: str) -> str:
        name, declared = self.short(predicate), ""
        if not name:
            name, declared = _element(iri_of(predicate))
        if not object_.startswith('"'):
            return f"  <{name}{declared} {_node(object_, 'resource')}/>\n"
        text, datatype, language = parts_of(object_)
        kind = f" rdf:datatype={quoteattr(datatype)}" if datatype else ""
        kind += f' xml:lang="{language}"' if language else ""
        said = escape(text, {"\r": "&#13;"})
        return f"  <{name}{declared}{kind}>{said}</{name}>\n"


def _node(term: str, way: str) -> str:
    """The attribute that names a node; one without an IRI is local to its document."""
    return f'rdf:nodeID="{term[2:]}"' if is_blank(term) else f"rdf:{way}={quoteattr(iri_of(term))}"


def _element(predicate: str) -> tuple[str, str]:
    """The name of an element for a predicate without a prefix, and its declaration."""
    match = _LAST_NAME.search(predicate)
    if match is None:
        raise ValueError(f"{predicate} does not end in a name: RDF/XML cannot carry it")
    return f"own:{match[0]}", f" xmlns:own={quoteattr(predicate[: match.start()])}"


class JsonLd(Writer):
    """JSON-LD, a node a line under the prefixes as its context; graphs as nodes with a graph."""

    seam = glue = ",\n"
    tail = "\n]}\n"

    @property
    def head(self) -> str:
        """The context."""
        return f'{{"@context":{_json(dict(self.prefixes))},"@graph":[\n'

    def piece(self, statements: Iterable[Statement]) -> str:
        """A node a subject."""
        found = by_subject(statements)
        return self.glue.join(_json(self._node(subject, found[subject])) for subject in found)

    def graph(self, name: str, piece: bytes) -> bytes:
        """A node that is a graph."""
        return b'{"@id":%b,"@graph":[\n%b\n]}' % (_json(name).encode(), piece)

    def _node(self, subject: str, about: Mapping[str, Mapping[str, None]]) -> dict[str, Any]:
        node: dict[str, Any] = {"@id": _name(subject)}
        for predicate, objects in about.items():
            if predicate == RDF_TYPE:
                node["@type"] = [_name(one) for one in objects]
            else:
                key = self.short(predicate) or iri_of(predicate)
                node[key] = [self._value(one) for one in objects]
        return node

    def _value(self, term: str) -> dict[str, str]:
        if not term.startswith('"'):
            return {"@id": _name(term)}
        text, datatype, language = parts_of(term)
        if language:
            return {"@value": text, "@language": language}
        if datatype:
            return {"@value": text, "@type": self.short(f"<{datatype}>") or datatype}
        return {"@value": text}


def _name(term: str) -> str:
    return term if is_blank(term) else iri_of(term)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
