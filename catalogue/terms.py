"""RDF terms as N-Triples text, and statements as triples of them.

Everything proportional to the catalogue handles terms as plain strings in N-Triples
syntax: ``<https://…>``, ``"text"@en``, ``"8"^^<…#integer>``, ``_:b0``.  A line of
N-Triples is then a join, a comparison is ``==``, and rdflib or pyoxigraph are needed
only at the edges (parsing, other syntaxes, SHACL).

Source: RDF 1.1 N-Triples, https://www.w3.org/TR/n-triples/
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

Statement = tuple[str, str, str]

#: The longest address in bytes: PostgreSQL indexes no text of more than some 2,700.
LONGEST_IRI = 2_000

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
XSD = "http://www.w3.org/2001/XMLSchema#"

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_TO_ESCAPE = re.compile(r'[\\"\n\r\t]')
_TO_UNESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.S)
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?\Z', re.S)

# RFC 3987 without the characters that N-Triples, Turtle or XML cannot carry.
_ILLEGAL_IN_IRI = re.compile(
    r'[\x00-\x20<>"{}|\\^`\x7f-\x9f\ufffe\uffff]|[\ud800-\udfff]|%(?![0-9A-Fa-f]{2})'
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
_HOST = re.compile(r"(?:[^@\[\]]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^\[\]:@/?#]+)(?::[0-9]*)?\Z")
_SCRIPT = re.compile(r"(?:javascript|data|vbscript|file|blob):", re.I)
# XML 1.0 production 2: what RDF/XML cannot carry must not be stored at all.
_ILLEGAL_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")


def iri(value: str) -> str:
    """The term of an IRI."""
    return f"<{value}>"


def literal(value: str, datatype: str = "", language: str = "") -> str:
    """The term of a literal; ``datatype`` is a full IRI."""
    quoted = '"' + _TO_ESCAPE.sub(lambda match: _ESCAPES[match[0]], value) + '"'
    if language:
        return f"{quoted}@{language}"
    return f"{quoted}^^<{datatype}>" if datatype else quoted


def is_iri(term: str) -> bool:
    """Whether a term is an IRI."""
    return term.startswith("<")


def is_node(term: str) -> bool:
    """Whether a term is an IRI or a blank node."""
    return term.startswith(("<", "_:"))


def is_blank(term: str) -> bool:
    """Whether a term is a blank node."""
    return term.startswith("_:")


def iri_of(term: str) -> str:
    """The IRI in a term."""
    return term[1:-1]


def parts_of(term: str) -> tuple[str, str, str]:
    """The text, datatype IRI and language of a literal term; a node has neither."""
    match = _LITERAL.match(term)
    if match is None:
        return (iri_of(term) if is_iri(term) else term), "", ""
    return _TO_UNESCAPE.sub(_unescape, match[1]), match[3] or "", match[2] or ""


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _UNESCAPES.get(match[3], match[3])


def fault_of_iri(value: str) -> str:
    """What is wrong with an absolute IRI; empty if nothing is."""
    if not value:
        return "is empty"
    if found := _ILLEGAL_IN_IRI.search(value):
        return f"contains {found[0]!r}, which no web address may contain"
    if not _SCHEME.match(value):
        return "is not a full address; it should begin with https://"
    if _SCRIPT.match(value):
        return "is not an address of a thing on the web"
    if (authority := _AUTHORITY.match(value)) and not _HOST.match(authority[1]):
        return "has no proper host name"
    if value.startswith(("http:", "https:")) and not authority:
        return "has no host name"
    return ""


def fault_of_length(value: str) -> str:
    """What is wrong with the length of an address; empty if nothing is.

    It is counted in bytes, for so do the indexes of databases.
    """
    if len(value) * 4 > LONGEST_IRI and len(value.encode("utf-8", "surrogatepass")) > LONGEST_IRI:
        return f"is longer than {LONGEST_IRI:,} bytes"
    return ""


def fault_of_text(value: str) -> str:
    """What is wrong with a text; empty if nothing is."""
    if found := _ILLEGAL_IN_TEXT.search(value):
        return f"contains the control character {found[0]!r}, which XML cannot carry"
    return ""


def fault_of_language(tag: str) -> str:
    """What is wrong with a language tag (BCP 47); empty if nothing is."""
    return "" if _LANGUAGE.match(tag) else f"{tag!r} is not a language tag such as en or pt-BR"


class Statements:
    """Statements indexed by subject and predicate, for reading records out of them."""

    def __init__(self, statements: Iterable[Statement] = ()) -> None:
        self._index: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._types: dict[str, list[str]] = defaultdict(list)
        for statement in statements:
            self.add(*statement)

    def add(self, subject: str, predicate: str, object_: str) -> None:
        """Take in a statement; a repeated one counts once."""
        objects = self._index[subject][predicate]
        if object_ not in objects:
            objects.append(object_)
            if predicate == RDF_TYPE:
                self._types[object_].append(subject)

    def objects(self, subject: str, predicate: str) -> list[str]:
        """The objects of a subject and predicate, in the order given."""
        about = self._index.get(subject)
        return about.get(predicate, []) if about else []

    def subjects(self) -> Iterable[str]:
        """Everything that something is said of."""
        return self._index.keys()

    def predicates(self, subject: str) -> Iterable[str]:
        """The predicates a subject has."""
        return self._index.get(subject, {}).keys()

    def of_type(self, class_: str) -> list[str]:
        """The subjects stated to be of a class (given as a term)."""
        return self._types.get(class_, [])

    def __iter__(self) -> Iterator[Statement]:
        for subject, about in self._index.items():
            for predicate, objects in about.items():
                for object_ in objects:
                    yield subject, predicate, object_

    def __contains__(self, statement: Statement) -> bool:
        return statement[2] in self.objects(statement[0], statement[1])
